//! Evaluation without events gives what events give, to the last bit, or leaves the run to them.

use super::random_models::{random_call, random_faults, random_station};
use super::*;
use crate::sim::Replication;
use crate::sim::rng::{Rng, Streams};
use crate::sim::world::World;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::ops::Range;

/// Everything that a replication yields, to the last bit.
pub(super) fn bits(run: &Replication) -> Vec<u8> {
    postcard::to_stdvec(run).unwrap()
}

/// A run that was stepped goes on by events.
pub(super) fn by_events(model: &Architecture, config: &RunConfig) -> Replication {
    let mut run = Simulation::new(model, config, 0);
    run.run_until(SimTime(u64::MAX));
    run.finish(&|_| {})
}

/// The replication without events, if it is possible.
fn without_events(model: &Architecture, config: &RunConfig) -> Option<Replication> {
    World::at_start(model, config, 0).finish_feedforward(&|_| {}).ok()
}

/// The first lines in which two replications differ, as they are kept.
pub(super) fn differences(one: &Replication, other: &Replication) -> String {
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
    timeout: Option<f64>,
}

fn places(works: Range<u8>) -> impl Strategy<Value = Vec<Place>> {
    let workers = prop_oneof![3 => (1..5_u32).prop_map(Some), 1 => (10..60_u32).prop_map(Some), 1 => Just(None)];
    let chance = prop_oneof![Just(1.0), Just(0.5), Just(0.0)];
    let timeout = prop_oneof![4 => Just(None), 1 => Just(Some(5.0)), 1 => Just(Some(0.05))];
    let place = (0..6_usize, 1..4_u32, workers, works, 0..4_u8, any::<bool>(), (chance, timeout), 0..5_u8);
    let named = place.prop_map(|(caller, replicas, workers, work, balance, blocking, (chance, timeout), network)| {
        Place { caller, replicas, workers, work, balance, blocking, chance, network, timeout }
    });
    prop::collection::vec(named, 1..7)
}

pub(super) fn work(n: u8) -> Dist {
    match n {
        // On a grid: much happens at one instant.
        7.. => Dist::Empirical([1.0, 2.0, 3.0, 5.0].map(|n| n / 1000.0).into()),
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
        blocking: place.blocking,
        queue: if place.network.is_multiple_of(2) { Limit::Unbounded } else { Limit::At(8 * place.replicas) },
        ..StationBehavior::default()
    }
}

/// A tree of calls, entered at its root and by another source somewhere.
fn tree(places: &[Place], arrivals: [u8; 2], second: usize) -> Architecture {
    let callers: Vec<Option<usize>> =
        (0..places.len()).map(|n| n.checked_sub(1 + places[n].caller % n.max(1))).collect();
    let mut b = Builder::default();
    let is_caller = |n: usize| callers.contains(&Some(n));
    let ids: Vec<StationId> = places
        .iter()
        .enumerate()
        .map(|(n, place)| b.station(&format!("S{n}"), behavior(place, is_caller(n))))
        .collect();
    for (n, caller) in callers.iter().enumerate() {
        let rarely = Dist::Mixture(vec![(0.9, Dist::ZERO), (0.1, exp(0.01))]);
        let networks = [Dist::ZERO, Dist::ZERO, Dist::Constant(0.001), exp(0.002), rarely];
        let latency = networks[usize::from(places[n].network)].clone();
        let (probability, timeout) = (places[n].chance, places[n].timeout.map(s));
        let retry = timeout.map(|_| RetryPolicy { count: 2, ..RetryPolicy::default() });
        let call = CallBehavior { probability, latency, timeout, retry, ..CallBehavior::default() };
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

pub(super) fn conditions(load: f64, seconds: f64, warmup: u8) -> RunConfig {
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

/// A model with such works, and a run of it for so many seconds.
fn runs(works: Range<u8>, seconds: Range<f64>) -> impl Strategy<Value = (Architecture, RunConfig)> {
    let sources = (any::<[u8; 2]>(), any::<usize>());
    (places(works), sources, 20.0..400.0_f64, seconds, 0..8_u8, any::<u64>()).prop_map(
        |(places, (arrivals, second), load, seconds, warmup, seed)| {
            let config = RunConfig { seed, ..conditions(load, seconds, warmup) };
            (tree(&places, arrivals, second), config)
        },
    )
}

/// Holds runs to what events give; returns how many of so many took none.
fn taken(cases: u32, runs: impl Strategy<Value = (Architecture, RunConfig)>) -> u32 {
    let taken = Cell::new(0);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let same = |(model, config): (Architecture, RunConfig)| {
        let events = by_events(&model, &config);
        if let Some(run) = without_events(&model, &config) {
            taken.set(taken.get() + 1);
            prop_assert_eq!(differences(&run, &events), "");
        }
        prop_assert_eq!(differences(&replicate(&model, &config, 0, &|_| {}), &events), "");
        Ok(())
    };
    TestRunner::new(config).run(&runs, same).unwrap();
    println!("{} of {cases}", taken.get());
    taken.get()
}

#[test]
fn without_events_nothing_changes() {
    assert!(taken(400, runs(0..7, 2.0..6.0)) > 200);
}

#[test]
fn where_much_happens_at_one_instant_it_is_the_same_or_left_to_events() {
    assert!(taken(2000, runs(1..10, 0.02..0.3)) > 100);
}

/// Request types enter by the same relation, or take steps of their own from where they enter.
fn share_steps(model: &mut Architecture, rng: &mut Rng) {
    let from = |id: StationId| move |call: &Call| call.from == Entry::Station(id);
    let below = |model: &Architecture, id: StationId| model.calls.iter().position(from(id)).map(|n| CallId(n as u32));
    let entry = model.request_types[0].entry;
    for n in 0..model.request_types.len() {
        if rng.chance(0.5) {
            model.request_types[n].entry = entry;
        }
        if rng.chance(0.5) {
            continue;
        }
        let call = below(model, model.call(model.request_types[n].entry).to);
        let steps: Vec<Step> = call.map(|call| Step::plain(call, None)).into_iter().collect();
        model.request_types[n].path = Path::Flow { steps, from_source: false };
    }
}

/// Changes one thing of a run into something that may need events.
fn disturb((model, config): &mut (Architecture, RunConfig), what: u64, seed: u64) {
    config.max_events = 300_000;
    let mut rng = Streams::new(seed, 0).of("feedforward", "disturbance");
    let (stations, calls) = (model.stations.len(), model.calls.len());
    match what {
        0 => model.stations[rng.below(stations)].behavior = random_station(&mut rng),
        1 => {
            let behavior = random_call(&mut rng, stations as u32);
            model.calls[rng.below(calls)].behavior = CallBehavior { asynchronous: false, ..behavior };
        }
        2 => config.chaos = random_faults(&mut rng, stations as u32, calls as u32),
        3 => {
            let processes = [
                Arrivals::BatchFixed(2),
                Arrivals::BatchGeometric(2.0),
                Arrivals::Mmpp { low: 10.0, high: 100.0, switch: 2.0 },
                trace(&[0.1, 0.1, 0.5, 0.7]),
            ];
            model.sources[0].arrivals = processes[rng.below(4)].clone();
        }
        4 => config.workload.users = Some((5, exp(0.05))),
        5 => (config.max_events, config.max_in_flight) = (1 + rng.below(2000) as u64, 1 + rng.below(20) as u64),
        6 => model.calls[rng.below(calls)].behavior.calls = 2,
        7 => model.request_types[0].behavior = RequestBehavior { priority: 1, preempt: true },
        8 => config.failures = 0.01,
        9 => share_steps(model, &mut rng),
        10 => model.calls[rng.below(calls)].to = StationId(rng.below(stations) as u32),
        _ => config.latency = s(0.001),
    }
}

#[test]
fn whatever_is_added_the_result_is_that_of_the_events() {
    let disturbed = (runs(0..10, 0.5..2.0), 0..12_u64, any::<u64>()).prop_map(|(mut run, what, seed)| {
        disturb(&mut run, what, seed);
        run
    });
    assert!(taken(1500, disturbed) > 100);
}

#[test]
fn the_reference_model_takes_no_events() {
    let (model, config) = (reference::model(), reference::config(60));
    let run = without_events(&model, &config).expect("nothing feeds back in it");
    assert!(bits(&run) == bits(&by_events(&model, &config)));
}
