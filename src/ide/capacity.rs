//! The load of a model before it is run: what the closed forms say of each scenario or of the load that the model
//! declares, how many runs each scenario has and how long they take.

use super::world::Analysis;
use crate::analytic::{self, ElementAnswers, Evaluation};
use crate::model::{
    Architecture, Comparison, Condition, Entry, LoadProfile, Metric, MetricScope, Project, RunConfig, Term, Workload,
};
use crate::plan::{Plan, PlanError, PlanOptions};
use crate::sema::{Amplification, amplification};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// What is known of a model's load.
#[derive(Debug, Default)]
pub struct Capacity {
    /// The names of those that are run, in their order.
    names: Vec<Arc<str>>,
    /// Of each scenario, by its name.
    scenarios: BTreeMap<Arc<str>, Scene>,
    /// The load that the model itself declares.
    declared: OnceLock<Option<Load>>,
    /// Of each relation that retries, by its path.
    pub retries: BTreeMap<Arc<str>, Retry>,
}

/// What is known of a scenario.
#[derive(Debug)]
struct Scene {
    cost: Cost,
    /// At its highest load; computed when it is first asked for.
    load: OnceLock<Option<Load>>,
}

/// The closed forms of one run.
#[derive(Debug)]
pub struct Load {
    /// Where the load comes from, in a reader's words.
    pub of: String,
    /// External requests, 1/s.
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
        self.scenarios.get(name).map(|scene| &scene.cost)
    }

    /// The load of the first scenario that has closed forms.
    pub fn first_load(&self, analysis: &Analysis) -> Option<&Load> {
        self.names.iter().find_map(|name| self.load(analysis, name))
    }

    /// The load of a scenario; absent where it has no closed form.
    pub fn load(&self, analysis: &Analysis, name: &str) -> Option<&Load> {
        let scene = self.scenarios.get(name)?;
        match &analysis.checked.project {
            Some(project) => scene.load.get_or_init(|| loaded(&plan(project, name).ok()?, name)).as_ref(),
            // A broken text keeps what was known before.
            None => scene.load.get()?.as_ref(),
        }
    }

    /// The load that the model promises to bear, where no scenario says another.
    pub fn declared_load(&self, analysis: &Analysis) -> Option<&Load> {
        match analysis.meaning() {
            Some(meaning) => self.declared.get_or_init(|| declared(&meaning.architecture)).as_ref(),
            None => self.declared.get()?.as_ref(),
        }
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
    let scene = |name: &Arc<str>| {
        let cost = match plan(project, name) {
            Ok(plan) => cost(&plan),
            Err(PlanError::TooLarge { .. }) => Cost { runs: Runs::TooMany, replications: 0, seconds: None },
            Err(_) => return None,
        };
        Some((Arc::clone(name), Scene { cost, load: OnceLock::new() }))
    };
    let scenarios = names.iter().filter_map(scene).collect();
    Capacity { names, scenarios, retries, ..Capacity::default() }
}

/// The runs of one scenario.
fn plan(project: &Project, name: &str) -> Result<Plan, PlanError> {
    Plan::new(project, &PlanOptions { scenarios: vec![name.to_owned()], ..PlanOptions::default() })
}

/// The load at which every `slo { throughput … }` of a model is reached: the rate of external requests that brings the
/// promised one to where it is promised, the highest of all.
fn declared(model: &Architecture) -> Option<Load> {
    const PROBE: f64 = 1e-3;
    let at = |rate| RunConfig {
        workload: Workload { load: LoadProfile::constant(rate), users: None, mix: Vec::new() },
        ..RunConfig::default()
    };
    let probe = analytic::evaluate(model, &at(PROBE));
    let visits = |scope| match scope {
        MetricScope::All => Some(1.0),
        MetricScope::Station(id) => {
            let path = &model.station(id).path;
            let (_, answers) = probe.elements.0.iter().find(|(known, _)| known == path)?;
            answers.offered.value().filter(|offered| *offered > 0.0).map(|offered| offered / PROBE)
        }
        _ => None,
    };
    let promises = model.slos.iter().filter_map(|slo| promised(&slo.condition));
    let rate = promises.filter_map(|(scope, rate)| Some(rate / visits(scope)?)).max_by(f64::total_cmp)?;
    let elements = by_path(analytic::evaluate(model, &at(rate)));
    Some(Load { of: "the throughput that `slo` promises".into(), rate, elements })
}

/// Of whom a condition wants how much throughput, 1/s.
fn promised(condition: &Condition) -> Option<(MetricScope, f64)> {
    match condition {
        Condition::Compare(Term::Metric(Metric::Goodput, scope), Comparison::GreaterOrEqual, Term::Value(rate)) => {
            Some((*scope, *rate))
        }
        Condition::Or(a, b) | Condition::And(a, b) => promised(a).or_else(|| promised(b)),
        _ => None,
    }
}

/// Runs that are looked at for the one with the highest load: more of them would take longer than a hint may.
const LOOKED_AT: usize = 2_000;

/// The closed forms of the run with the highest load, its other values those that come first; without its faults and at
/// the peak of its load. Of the file's own model, where the scenario runs on it.
fn loaded(plan: &Plan, name: &str) -> Option<Load> {
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
    Some(Load {
        of: format!("scenario `{name}`, its highest load, without its faults"),
        rate,
        elements: by_path(found),
    })
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
