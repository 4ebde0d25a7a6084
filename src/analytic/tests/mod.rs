//! The companion against exact answers and against the engine.
//!
//! Names of cases are those of `validation/public_cases.json`, whose references stand here as numbers.

mod cases;
mod engine;
mod limits;
mod properties;

use super::*;
use crate::model::*;
use crate::quantity::{Duration, SimTime};
use crate::sim::reference::{Builder, station};

impl<T> std::ops::Index<&str> for Named<T> {
    type Output = T;

    fn index(&self, name: &str) -> &T {
        self.get(name).unwrap_or_else(|| panic!("nothing is called {name}"))
    }
}

fn exp(mean: f64) -> Dist {
    Dist::Exponential { mean }
}

fn h2() -> Dist {
    Dist::Hyperexponential(vec![(0.9, 0.005), (0.1, 0.055)])
}

fn free(service: Dist) -> StationBehavior {
    StationBehavior { concurrency: Limit::Unbounded, ..station(service, 1) }
}

/// One station behind one source.
fn single(behavior: StationBehavior, arrivals: Arrivals) -> Architecture {
    single_by(behavior, arrivals, CallBehavior::default())
}

fn single_by(behavior: StationBehavior, arrivals: Arrivals, entry: CallBehavior) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", arrivals);
    let a = b.station("A", behavior);
    b.request(source, a, 1.0, entry);
    b.architecture
}

/// A station that asks others, each by the given call.
fn fan(root: StationBehavior, below: &[(StationBehavior, CallBehavior)]) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let root = b.station("Root", root);
    b.request(source, root, 1.0, CallBehavior::default());
    for (n, (behavior, call)) in below.iter().enumerate() {
        let to = b.station(&format!("S{n}"), behavior.clone());
        b.call(root, to, call.clone());
    }
    b.architecture
}

/// Stations one behind the other, each asking the next.
fn chain(stations: &[StationBehavior], call: &CallBehavior) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let ids: Vec<StationId> =
        stations.iter().enumerate().map(|(n, s)| b.station(&format!("S{n}"), s.clone())).collect();
    b.request(source, ids[0], 1.0, CallBehavior::default());
    ids.windows(2).for_each(|pair| {
        b.call(pair[0], pair[1], call.clone());
    });
    b.architecture
}

fn at_load(load: f64) -> RunConfig {
    RunConfig {
        workload: Workload { load: LoadProfile::constant(load), users: None, mix: Vec::new() },
        ..RunConfig::default()
    }
}

fn users(n: u32, think: Dist) -> RunConfig {
    let mut config = at_load(0.0);
    config.workload.users = Some((n, think));
    config
}

#[track_caller]
fn known(what: &str, answer: &Answer) -> f64 {
    answer.value().unwrap_or_else(|| panic!("{what}: {answer:?}"))
}

#[track_caller]
fn near(what: &str, answer: &Answer, exact: f64, tolerance: f64) {
    let value = known(what, answer);
    assert!((value - exact).abs() <= tolerance * exact.abs().max(1e-9), "{what}: {value} is not {exact}");
}

#[track_caller]
fn refused(answer: &Answer, word: &str) {
    let reason = answer.reason().unwrap_or_else(|| panic!("there is an answer: {answer:?}"));
    assert!(reason.contains(word), "`{reason}` says nothing of {word}");
}

fn is_exact(answer: &Answer) -> bool {
    answer.figure().is_some_and(|figure| figure.exactness == Exactness::Exact)
}
