mod answer;
mod law;
mod moments;
mod queue;
