//! The load of a model before it is run: what the closed forms say of its first scenario, how many runs each scenario
//! has and how long they take.

use super::world::Analysis;
use crate::analytic::{self, ElementAnswers, Evaluation};
use crate::model::{Architecture, Entry, LoadProfile, RunConfig};
use crate::plan::{Plan, PlanError, PlanOptions};
use crate::sema::{Amplification, amplification};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of a model's load.
#[derive(Debug, Default)]
pub struct Capacity {
    /// Of the first scenario that can be evaluated.
    pub load: Option<Load>,
    /// Of each scenario, by its name.
    scenarios: BTreeMap<Arc<str>, Cost>,
    /// Of each relation that retries, by its path.
    pub retries: BTreeMap<Arc<str>, Retry>,
}

/// The closed forms of one run.
#[derive(Debug)]
pub struct Load {
    /// Its scenario.
    pub scenario: Arc<str>,
    /// External requests, 1/s, at the peak.
    pub rate: f64,
    /// The answers by element.
    pub elements: BTreeMap<Arc<str>, ElementAnswers>,
}

/// How many runs there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// So many.
    Some(u64),
    /// More than the limit of `run`.
    TooMany,
}

/// What a scenario costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Its runs, over all versions.
    pub runs: Runs,
    /// Repetitions of each.
    pub replications: u32,
    /// Estimated processor time of all, s; absent where it is unknown.
    pub seconds: Option<f64>,
}

/// What retries make of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Most attempts for one request.
    pub factor: f64,
    /// The way there.
    pub way: String,
}

impl Capacity {
    /// What a scenario costs; absent where it is a template, a picture or broken.
    pub fn scenario(&self, name: &str) -> Option<&Cost> {
        self.scenarios.get(name)
    }
}

/// What is known of an analysis's model; computed when it is first asked for.
pub fn of(analysis: &Analysis) -> Arc<Capacity> {
    Arc::clone(analysis.capacity.get_or_init(|| Arc::new(compute(analysis))))
}

fn compute(analysis: &Analysis) -> Capacity {
    let retries = analysis.meaning().map(|meaning| retries(&meaning.architecture)).unwrap_or_default();
    let Some(project) = &analysis.checked.project else { return Capacity { retries, ..Capacity::default() } };
    let mut names: Vec<Arc<str>> = Vec::new();
    for case in &project.cases {
        if !names.contains(&case.scenario.name) {
            names.push(Arc::clone(&case.scenario.name));
        }
    }
    let mut load = None;
    let mut scenarios = BTreeMap::new();
    for name in names {
        let options = PlanOptions { scenarios: vec![name.to_string()], ..PlanOptions::default() };
        match Plan::new(project, &options) {
            Ok(plan) => {
                if load.is_none() {
                    load = loaded(&plan, &name);
                }
                scenarios.insert(name, cost(&plan));
            }
            Err(PlanError::TooLarge { .. }) => {
                scenarios.insert(name, Cost { runs: Runs::TooMany, replications: 0, seconds: None });
            }
            Err(_) => {}
        }
    }
    Capacity { load, scenarios, retries }
}

/// Runs that are looked at for the one with the highest load: more of them would take longer than a hint may.
const LOOKED_AT: usize = 2_000;

/// The closed forms of the run with the highest load, its other values those that come first; without its faults and at
/// the peak of its load. Of the file's own model, where the scenario runs on it.
fn loaded(plan: &Plan, name: &Arc<str>) -> Option<Load> {
    let own = |run: &crate::plan::PlannedRun| &*run.info.version == "working";
    let prefers_own = plan.iter().take(LOOKED_AT).any(|run| own(&run));
    let candidates = plan.iter().take(LOOKED_AT).filter(|run| own(run) || !prefers_own);
    let peak = |run: &crate::plan::PlannedRun| {
        let load = run.info.params.iter().find(|(param, _)| &**param == "load");
        match load {
            Some((_, crate::plan::ParamValue::Number(load))) => *load,
            _ => 0.0,
        }
    };
    let others = |run: &crate::plan::PlannedRun| run.point.iter().sum::<u64>();
    let better = |a: &crate::plan::PlannedRun, b: &crate::plan::PlannedRun| {
        peak(b).total_cmp(&peak(a)).then_with(|| others(a).cmp(&others(b)))
    };
    let run = candidates.min_by(better)?;
    let (model, config) = plan.materialise(&run).ok()?;
    let config = at_peak(config);
    let found = analytic::evaluate(&model, &config);
    let rate = found.rate.value()?;
    Some(Load { scenario: Arc::clone(name), rate, elements: by_path(found) })
}

fn by_path(found: Evaluation) -> BTreeMap<Arc<str>, ElementAnswers> {
    found.elements.0.into_iter().collect()
}

/// The conditions without faults, at the peak of the load.
fn at_peak(config: RunConfig) -> RunConfig {
    let mut config = config;
    let peak = config.workload.load.peak();
    config.workload.load = LoadProfile::constant(peak);
    config.chaos.clear();
    config
}

/// Processor time that the engine takes for one visit of a station, s: 17 s for the 100 runs of the example shop with
/// their 75 million visits.
const VISIT: f64 = 0.23e-6;

/// How many runs a plan has, and how long they take: the mean of the first and the last, for each.
fn cost(plan: &Plan) -> Cost {
    let ends = [0, plan.len().saturating_sub(1)].map(|n| plan.run(n).and_then(|run| plan.materialise(&run).ok()));
    let replications = ends[0].as_ref().map_or(1, |(_, config)| config.first_replications());
    let seconds = ends.iter().flatten().map(|(model, config)| one_run(model, config));
    let known: Vec<f64> = seconds.collect();
    let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
    let seconds = mean.map(|mean| mean * plan.len() as f64 * f64::from(replications));
    Cost { runs: Runs::Some(plan.len()), replications, seconds }
}

/// Processor time of one replication, s: requests times the stations that each visits when nothing fails.
fn one_run(model: &Architecture, config: &RunConfig) -> f64 {
    let users = config.workload.users.as_ref().map(|(users, think)| f64::from(*users) / think.mean().max(0.01));
    let rate = users.unwrap_or_else(|| config.workload.load.mean(config.duration));
    rate * config.duration.seconds() * visits(model) * VISIT
}

/// Stations that a request visits on average: every call of a source, and what it calls, at their probabilities.
fn visits(model: &Architecture) -> f64 {
    let entries = model.calls.iter().filter(|call| matches!(call.from, Entry::Source(_)));
    let starts: Vec<_> = entries.map(|call| call.to).collect();
    if starts.is_empty() {
        return 1.0;
    }
    // The flow through each station, spread from the entries; rounds are bounded, so circles end.
    const ROUNDS: usize = 24;
    let mut outgoing = vec![Vec::new(); model.stations.len()];
    for call in &model.calls {
        if let Entry::Station(from) = call.from {
            outgoing[from.index()].push((call.to.index(), call.behavior.probability * f64::from(call.behavior.calls)));
        }
    }
    let mut level = BTreeMap::new();
    for start in &starts {
        *level.entry(start.index()).or_insert(0.0) += 1.0 / starts.len() as f64;
    }
    let mut all = 0.0;
    for _ in 0..ROUNDS {
        all += level.values().sum::<f64>();
        let mut next = BTreeMap::new();
        for (at, flow) in &level {
            for (to, share) in &outgoing[*at] {
                *next.entry(*to).or_insert(0.0) += flow * share;
            }
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    all
}

fn retries(model: &Architecture) -> BTreeMap<Arc<str>, Retry> {
    let retry = |found: Amplification| {
        let first = found.chain.first().map(|call| match model.call(*call).from {
            Entry::Station(id) => Arc::clone(&model.station(id).path),
            Entry::Source(id) => Arc::clone(&model.sources[id.index()].path),
        });
        let stations = found.chain.iter().map(|call| Arc::clone(&model.station(model.call(*call).to).path));
        let way: Vec<Arc<str>> = first.into_iter().chain(stations).collect();
        let path = Arc::clone(&model.call(found.call).path);
        (path, Retry { factor: found.factor, way: way.join(" → ") })
    };
    amplification(model).into_iter().map(retry).collect()
}
