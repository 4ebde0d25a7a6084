//! Tests of the whole engine: hand-computed traces, exact results of queueing theory, invariants.
//!
//! Names of cases are those of `validation/public_cases.json`. Runs are shorter than the stated ones;
//! tolerances grow by the root of the ratio.

mod apart;
mod faults;
mod feedforward;
mod groups;
mod hedges;
mod invariants;
mod mishaps;
mod networks;
mod numerics;
mod pulling;
mod queueing;
mod queues;
mod random_models;
mod relining;
mod resilience;
mod resume;
mod sagas;
mod settings;
mod smooth;
mod stations;
mod statistics;
mod traces;
mod unfinished;

use super::reference::{self, Builder, station};
use super::*;
use crate::measure::ElementMeasures;
use crate::model::Replication;
use crate::model::*;
use crate::quantity::{Duration, SimTime};

pub(crate) fn s(seconds: f64) -> Duration {
    Duration::from_seconds(seconds).unwrap()
}

pub(crate) fn at(seconds: f64) -> SimTime {
    SimTime(s(seconds).0)
}

pub(crate) fn exp(mean: f64) -> Dist {
    Dist::Exponential { mean }
}

pub(crate) fn h2() -> Dist {
    Dist::Hyperexponential(vec![(0.9, 0.005), (0.1, 0.055)])
}

/// One station behind one source.
pub(crate) fn single(behavior: StationBehavior, arrivals: Arrivals) -> Architecture {
    single_by(behavior, arrivals, CallBehavior::default())
}

/// The same, entered by a relation that behaves so.
pub(crate) fn single_by(behavior: StationBehavior, arrivals: Arrivals, entry: CallBehavior) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", arrivals);
    let a = b.station("A", behavior);
    b.request(source, a, 1.0, entry);
    b.architecture
}

pub(crate) fn trace(times: &[f64]) -> Arrivals {
    Arrivals::Trace(times.into())
}

pub(crate) fn run_for(load: f64, seconds: f64, warmup: f64) -> RunConfig {
    RunConfig {
        duration: s(seconds),
        warmup: Some(s(warmup)),
        workload: Workload { load: LoadProfile::constant(load), users: None, mix: Vec::new() },
        ..RunConfig::default()
    }
}

/// `requests` measured after `requests / 10` of warm-up.
pub(crate) fn requests_at(load: f64, requests: f64) -> RunConfig {
    run_for(load, 1.1 * requests / load, 0.1 * requests / load)
}

pub(crate) fn users(n: u32, think: Dist, seconds: f64) -> RunConfig {
    let mut config = run_for(0.0, seconds, seconds / 10.0);
    config.workload.users = Some((n, think));
    config
}

/// (arrival, end, succeeded) of every request in seconds, in order of arrival.
pub(crate) fn log_of(architecture: &Architecture, config: &RunConfig) -> Vec<(f64, f64, bool)> {
    let mut log = replicate(architecture, config, 0, &|_| {}).log;
    log.sort_by_key(|entry| entry.0);
    log.into_iter().map(|(a, b, ok)| (a as f64 / 1e9, b as f64 / 1e9, ok)).collect()
}

pub(crate) fn responses(architecture: &Architecture, config: &RunConfig) -> Vec<f64> {
    log_of(architecture, config).into_iter().map(|(a, b, _)| ((b - a) * 1e9).round() / 1e9).collect()
}

pub(crate) fn element<'a>(measures: &'a RunMeasures, path: &str) -> &'a ElementMeasures {
    measures.elements.iter().find(|(p, _)| &***p == path).map(|(_, e)| e).unwrap()
}

#[track_caller]
pub(crate) fn near(what: &str, value: f64, exact: f64, tolerance: f64) {
    println!("{what}: exact {exact:.6}, simulated {value:.6}, tolerance {tolerance:.6}");
    assert!((value - exact).abs() <= tolerance, "{what}: {value} is not {exact} ± {tolerance}");
}

#[test]
fn reference_model_has_its_exact_answer() {
    let measures = simulate(&reference::model(), &reference::config(200));
    let latency = measures.metrics.latency;
    near("reference mean", latency.mean, 0.013_133_5, 0.0006);
    near("reference p50", latency.p50, 0.010_630, 0.0005);
    near("reference p99", latency.p99, 0.047_557, 0.005);
}
