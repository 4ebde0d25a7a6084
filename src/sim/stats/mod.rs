//! Accumulators: histograms, areas under a count, intervals of confidence.

mod area;
mod histogram;
mod interval;
mod levels;

pub(crate) use area::Area;
pub(crate) use histogram::{Histogram, Sparse};
pub(crate) use interval::half_width;
pub(crate) use levels::Levels;
