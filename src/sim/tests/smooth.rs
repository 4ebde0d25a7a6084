//! Runs in which no call fails give what the events give, to the last bit, or are left to them.

use super::feedforward::{by_events, conditions, differences, work};
use super::random_models::{random_call, random_faults, random_station};
use super::*;
use crate::sim::Replication;
use crate::sim::rng::{Rng, Streams};
use crate::sim::world::World;

/// The replication without anything that only failures ask for, if none fails.
fn smoothly(model: &Architecture, config: &RunConfig) -> Option<Replication> {
    World::at_start(model, config, 0).finish_smoothly(&|_| {}).ok()
}

fn pick<T: Clone>(rng: &mut Rng, values: &[T]) -> T {
    values[rng.below(values.len())].clone()
}

/// A station that asks for nothing but to be called. Some are rarely idle, some work on a grid of times.
fn plain_station(rng: &mut Rng, grid: bool) -> StationBehavior {
    let works = if grid { 0..10 } else { 0..7 };
    let balances = [Balance::Random, Balance::RoundRobin, Balance::LeastConnections, Balance::PowerOfTwo];
    StationBehavior {
        replicas: 1 + rng.below(3) as u32,
        concurrency: pick(rng, &[Limit::At(1), Limit::At(2), Limit::At(30), Limit::Unbounded]),
        service_time: work(works.start + rng.below(works.len()) as u8),
        balance: pick(rng, &balances),
        blocking: rng.chance(0.5),
        queue: if rng.chance(0.8) { Limit::Unbounded } else { Limit::At(20) },
        ..StationBehavior::default()
    }
}

/// A call that is guarded in every way that never acts, or hardly ever.
fn guarded_call(rng: &mut Rng, stations: usize) -> CallBehavior {
    let networks = [Dist::ZERO, Dist::ZERO, Dist::ZERO, Dist::Constant(0.001), exp(0.002), work(4)];
    let trip = BreakerTrip::ErrorShare { share: 0.5, window: s(1.0), min_calls: 5 };
    let chance = |rng: &mut Rng, share: f64| rng.chance(share).then_some(());
    CallBehavior {
        latency: pick(rng, &networks),
        probability: pick(rng, &[1.0, 1.0, 0.5, 0.0]),
        calls: pick(rng, &[1, 1, 1, 2, 3, 0]),
        parallel: rng.chance(0.3),
        asynchronous: rng.chance(0.15),
        timeout: pick(rng, &[None, Some(s(30.0)), Some(s(30.0)), Some(s(0.1))]),
        retry: chance(rng, 0.5).map(|()| RetryPolicy { count: 2, budget: Some(0.1), ..RetryPolicy::default() }),
        breaker: chance(rng, 0.3).map(|()| Breaker { trip, open: s(1.0), half_open: 1 }),
        pool: chance(rng, 0.3).map(|()| Pool { size: if rng.chance(0.9) { 1000 } else { 3 }, wait: None }),
        bulkhead: chance(rng, 0.2).map(|()| if rng.chance(0.9) { 1000 } else { 5 }),
        fallback: chance(rng, 0.1).map(|()| StationId(rng.below(stations) as u32)),
        ..CallBehavior::default()
    }
}

/// Stations in a row, each called by up to three of those before it: in sequence, twice, side by side, by others too.
fn graph(rng: &mut Rng, grid: bool) -> Architecture {
    let mut b = Builder::default();
    let stations = 1 + rng.below(6);
    let ids: Vec<StationId> = (0..stations).map(|n| b.station(&format!("S{n}"), plain_station(rng, grid))).collect();
    for n in 1..stations {
        for _ in 0..1 + rng.below(3) {
            let call = guarded_call(rng, stations);
            b.call(ids[rng.below(n)], ids[n], call);
        }
    }
    let processes =
        [Arrivals::Poisson, Arrivals::Erlang(3), Arrivals::Hyperexponential { cv: 2.0 }, Arrivals::Constant];
    for n in 0..1 + rng.below(2) {
        let source = b.source(&format!("U{n}"), pick(rng, &processes));
        let call = guarded_call(rng, stations);
        let entry = CallBehavior { calls: 1, probability: 1.0, parallel: false, asynchronous: false, ..call };
        b.request(source, ids[rng.below(stations)], 1.0 + n as f64, entry);
    }
    b.architecture
}

/// A run of such a model, or of one into which something else was put.
fn random_run(seed: u64, grid: bool, disturbed: bool) -> (Architecture, RunConfig) {
    let mut rng = Streams::new(seed, 0).of("smooth", "model");
    let mut model = graph(&mut rng, grid);
    let seconds = if grid { 0.02 + 0.3 * rng.uniform() } else { 1.0 + 3.0 * rng.uniform() };
    let config = conditions(20.0 + 300.0 * rng.uniform(), seconds, rng.below(8) as u8);
    let mut config = RunConfig { seed, max_events: 2_000_000, ..config };
    if disturbed {
        disturb(&mut model, &mut config, &mut rng);
    }
    (model, config)
}

fn disturb(model: &mut Architecture, config: &mut RunConfig, rng: &mut Rng) {
    let (stations, calls) = (model.stations.len(), model.calls.len());
    config.max_events = 300_000;
    match rng.below(9) {
        0 => model.stations[rng.below(stations)].behavior = random_station(rng),
        1 => model.calls[rng.below(calls)].behavior = random_call(rng, stations as u32),
        2 => config.chaos = random_faults(rng, stations as u32, calls as u32),
        3 => model.sources[0].arrivals = Arrivals::BatchFixed(2),
        4 => config.workload.users = Some((5, exp(0.05))),
        5 => (config.max_events, config.max_in_flight) = (1 + rng.below(2000) as u64, 1 + rng.below(20) as u64),
        6 => model.calls[rng.below(calls)].to = StationId(rng.below(stations) as u32),
        7 => model.request_types[0].behavior = RequestBehavior { priority: 1, preempt: true },
        _ => config.latency = s(0.001),
    }
}

/// Holds runs to what the events give; returns how many of them were told smoothly.
fn taken(runs: impl Iterator<Item = (Architecture, RunConfig)>) -> usize {
    let mut taken = 0;
    for (n, (model, config)) in runs.enumerate() {
        let events = by_events(&model, &config);
        if let Some(run) = smoothly(&model, &config) {
            taken += 1;
            assert_eq!(differences(&run, &events), "", "run {n}");
        }
        assert_eq!(differences(&replicate(&model, &config, 0, &|_| {}), &events), "", "run {n}, by any way");
    }
    println!("{taken} taken");
    taken
}

#[test]
fn as_long_as_nothing_fails_nothing_changes() {
    assert!(taken((0..500).map(|seed| random_run(seed, false, false))) > 200);
}

#[test]
fn where_much_happens_at_one_instant_it_is_in_the_same_order() {
    assert!(taken((0..2000).map(|seed| random_run(seed, true, false))) > 1000);
}

#[test]
fn whatever_else_is_put_in_the_result_is_that_of_the_events() {
    assert!(taken((0..1000).map(|seed| random_run(seed, false, true))) > 100);
}

#[test]
fn a_call_that_times_out_is_left_to_the_events() {
    let mut b = Builder::default();
    let (source, a) = (b.source("U", Arrivals::Poisson), b.station("A", station(exp(0.01), 4)));
    let long = CallBehavior { timeout: Some(s(30.0)), ..CallBehavior::default() };
    b.request(source, a, 1.0, long);
    assert!(smoothly(&b.architecture, &run_for(100.0, 10.0, 0.0)).is_some());
    b.architecture.calls[0].behavior.timeout = Some(s(0.05));
    assert!(smoothly(&b.architecture, &run_for(100.0, 10.0, 0.0)).is_none(), "one in 150 gives up");
}
