//! Evaluation without events gives what events give, to the last bit, or leaves the run to them.

use super::*;
use crate::sim::Replication;
use crate::sim::world::World;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;

/// Everything that a replication yields, to the last bit.
fn bits(run: &Replication) -> Vec<u8> {
    postcard::to_stdvec(run).unwrap()
}

/// A run that was stepped goes on by events.
fn by_events(model: &Architecture, config: &RunConfig) -> Replication {
    let mut run = Simulation::new(model, config, 0);
    run.run_until(SimTime(u64::MAX));
    run.finish(&|_| {})
}

/// The replication without events, if it is possible.
fn without_events(model: &Architecture, config: &RunConfig) -> Option<Replication> {
    World::at_start(model, config, 0).finish_feedforward(&|_| {}).ok()
}

/// The first lines in which two replications differ, as they are kept.
fn differences(one: &Replication, other: &Replication) -> String {
    if bits(one) == bits(other) {
        return String::new();
    }
    let [one, other] = [one, other].map(|run| serde_json::to_string_pretty(run).unwrap());
    let pairs = one.lines().zip(other.lines()).enumerate().filter(|(_, (a, b))| a != b);
    pairs.take(8).map(|(n, (a, b))| format!("{n}: {a} instead of {b}\n")).collect::<String>() + "bits differ"
}

/// A station of a random model, and how it is called by the one before.
#[derive(Debug, Clone)]
struct Place {
    /// Who calls it: the station this far before, counted round.
    caller: usize,
    replicas: u32,
    workers: Option<u32>,
    work: u8,
    balance: u8,
    blocking: bool,
    chance: f64,
    network: u8,
}

fn places() -> impl Strategy<Value = Vec<Place>> {
    let workers = prop_oneof![3 => (1..5_u32).prop_map(Some), 1 => Just(None)];
    let chance = prop_oneof![Just(1.0), Just(0.5), Just(0.0)];
    let place = (0..6_usize, 1..4_u32, workers, 0..7_u8, 0..4_u8, any::<bool>(), chance, 0..3_u8);
    let named = place.prop_map(|(caller, replicas, workers, work, balance, blocking, chance, network)| Place {
        caller,
        replicas,
        workers,
        work,
        balance,
        blocking,
        chance,
        network,
    });
    prop::collection::vec(named, 1..7)
}

fn work(n: u8) -> Dist {
    match n {
        0 => Dist::ZERO,
        1 => Dist::Constant(0.004),
        2 => h2(),
        3 => Dist::lognormal_mean_cv(0.006, 1.5),
        // Mostly nothing at all.
        4 => Dist::Mixture(vec![(0.7, Dist::ZERO), (0.3, exp(0.01))]),
        _ => exp(0.005),
    }
}

fn behavior(place: &Place, calls: bool) -> StationBehavior {
    let balances = [Balance::Random, Balance::RoundRobin, Balance::LeastConnections, Balance::PowerOfTwo];
    StationBehavior {
        replicas: place.replicas,
        concurrency: place.workers.map_or(Limit::Unbounded, Limit::At),
        service_time: work(place.work),
        balance: balances[usize::from(place.balance % if calls { 2 } else { 4 })],
        blocking: place.blocking && (!calls || place.workers.is_none()),
        ..StationBehavior::default()
    }
}

/// A tree of calls, entered at its root and by another source somewhere.
fn tree(places: &[Place], arrivals: [u8; 2], second: usize) -> Architecture {
    let callers: Vec<Option<usize>> = (0..places.len()).map(|n| n.checked_sub(1 + places[n].caller % n.max(1))).collect();
    let mut b = Builder::default();
    let is_caller = |n: usize| callers.contains(&Some(n));
    let ids: Vec<StationId> =
        places.iter().enumerate().map(|(n, place)| b.station(&format!("S{n}"), behavior(place, is_caller(n)))).collect();
    for (n, caller) in callers.iter().enumerate() {
        let networks = [Dist::ZERO, Dist::ZERO, Dist::Constant(0.0007)];
        let latency = networks[usize::from(places[n].network)].clone();
        let call = CallBehavior { probability: places[n].chance, latency, ..CallBehavior::default() };
        caller.map(|caller| b.call(ids[caller], ids[n], call));
    }
    let processes =
        [Arrivals::Poisson, Arrivals::Erlang(3), Arrivals::Hyperexponential { cv: 2.0 }, Arrivals::Constant];
    for (n, entry) in [0, second % ids.len()].into_iter().enumerate() {
        let source = b.source(&format!("U{n}"), processes[usize::from(arrivals[n] % 4)].clone());
        b.request(source, ids[entry], 1.0 + n as f64, CallBehavior::default());
    }
    b.architecture
}

fn conditions(load: f64, seconds: f64, warmup: u8) -> RunConfig {
    let mut config = run_for(load, seconds, 0.0);
    config.warmup = [None, Some(s(0.0)), Some(s(1.0)), Some(s(seconds / 3.0))][usize::from(warmup % 4)];
    let term = |metric, scope| Condition::Compare(Term::Metric(metric, scope), Comparison::Less, Term::Value(0.01));
    let expect = |metric, scope| Expectation {
        text: "e".into(),
        condition: term(metric, scope),
        window: Window::Always,
        origin: ExpectationOrigin::Scenario,
        period: None,
    };
    if warmup >= 4 {
        let station = MetricScope::Station(StationId(0));
        config.expectations = vec![
            expect(Metric::Quantile(0.9), MetricScope::All),
            expect(Metric::Mean, station),
            expect(Metric::Utilization, station),
            expect(Metric::Mean, MetricScope::Call(CallId(0))),
        ];
    }
    config
}

/// A model and its conditions.
fn runs() -> impl Strategy<Value = (Architecture, RunConfig)> {
    let sources = (any::<[u8; 2]>(), any::<usize>());
    (places(), sources, 20.0..400.0_f64, 2.0..6.0_f64, 0..8_u8, any::<u64>()).prop_map(
        |(places, (arrivals, second), load, seconds, warmup, seed)| {
            let config = RunConfig { seed, ..conditions(load, seconds, warmup) };
            (tree(&places, arrivals, second), config)
        },
    )
}

#[test]
fn without_events_nothing_changes() {
    let (taken, all) = (Cell::new(0), 400);
    let config = ProptestConfig { cases: all, failure_persistence: None, ..ProptestConfig::default() };
    let same = |(model, config): (Architecture, RunConfig)| {
        let events = by_events(&model, &config);
        if let Some(run) = without_events(&model, &config) {
            taken.set(taken.get() + 1);
            prop_assert_eq!(differences(&run, &events), "");
        }
        prop_assert_eq!(differences(&replicate(&model, &config, 0, &|_| {}), &events), "");
        Ok(())
    };
    TestRunner::new(config).run(&runs(), same).unwrap();
    println!("{} of {all}", taken.get());
    assert!(taken.get() > all / 3, "{} of {all} took no events", taken.get());
}

#[test]
fn the_reference_model_takes_no_events() {
    let (model, config) = (reference::model(), reference::config(60));
    let run = without_events(&model, &config).expect("nothing feeds back in it");
    assert!(bits(&run) == bits(&by_events(&model, &config)));
}
