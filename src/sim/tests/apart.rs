//! Faults that hit some replicas only, canaries, cold starts, and chances of calls that change.

use super::traces::fault;
use super::*;
use crate::schema::Key;

fn all(station: u32) -> ElementSet {
    ElementSet { stations: vec![StationId(station)], replicas: None, any: None }
}

fn first(count: u32) -> ElementSet {
    ElementSet { replicas: Some(crate::model::Part::Count(count)), ..all(0) }
}

/// Four replicas in turn, each with workers enough.
fn four() -> StationBehavior {
    let b = station(Dist::Constant(0.01), 1);
    StationBehavior { replicas: 4, concurrency: Limit::Unbounded, balance: Balance::RoundRobin, ..b }
}

/// One replica of four leaks: its service takes up to 20 times as long, then it is killed and the leak begins anew.
#[test]
fn memory_is_lost_at_one_replica() {
    let model = single(four(), Arrivals::Constant);
    let mut config = run_for(100.0, 100.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Leak(all(0), 0.1), 0.0, None)];
    let whole = simulate(&model, &config).metrics;
    config.chaos = vec![fault(ChaosAction::Leak(first(1), 0.1), 0.0, None)];
    let one = simulate(&model, &config).metrics;
    near("slower", one.latency.mean - 0.01, (whole.latency.mean - 0.01) / 4.0, 4e-4);
    near("killed", one.failed as f64, whole.failed as f64 / 4.0, 12.0);
    let mut full = fault(ChaosAction::FillMemory(first(1)), 0.0, None);
    full.timing.ramp = s(10.0);
    config.chaos = vec![full];
    near("up", element(&simulate(&model, &config), "A").replicas_mean, 3.1, 1e-9);
}

/// Every fourth request goes to the replica that fails, half of the time.
#[test]
fn one_replica_of_four_fails() {
    let model = single(four(), Arrivals::Constant);
    let mut config = run_for(100.0, 20.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Fail(first(1), 1.0), 10.005, None)];
    assert_eq!(simulate(&model, &config).metrics.failed, 250);
    config.chaos.push(fault(ChaosAction::Fail(all(0), 1.0), 15.005, None));
    assert_eq!(simulate(&model, &config).metrics.failed, 125 + 500);
    // Shares combine, and two faults hit the same replica.
    config.chaos = vec![0.5, 0.5].into_iter().map(|p| fault(ChaosAction::Fail(first(1), p), 0.0, None)).collect();
    near("failed", simulate(&model, &config).metrics.failed as f64, 375.0, 35.0);
}

/// Each of two replicas gets 25/s and takes 12.5/s, the others have no limit.
#[test]
fn each_throttled_replica_has_a_limit_of_its_own() {
    let model = single(four(), Arrivals::Constant);
    let mut config = run_for(100.0, 100.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Throttle(first(2), 12.5), 0.0, None)];
    near("shed", simulate(&model, &config).metrics.shed as f64, 2.0 * 1250.0, 4.0);
    // The lowest counts, and it ends.
    config.chaos.push(fault(ChaosAction::Throttle(first(1), 5.0), 50.0, Some(10.0)));
    near("shed", simulate(&model, &config).metrics.shed as f64, 2575.0, 6.0);
}

/// One of four replicas runs a version that takes longer, fails, and has one worker.
#[test]
fn a_canary_is_one_replica_of_another_version() {
    let model = single(StationBehavior { startup: s(1.0), ..four() }, Arrivals::Constant);
    let mut config = run_for(100.0, 20.0, 0.0);
    let place = Place::Station(StationId(0));
    let deploy = |settings: Vec<(Key, Value)>| {
        let settings = settings.into_iter().map(|(key, value)| (place, key, value)).collect();
        vec![fault(ChaosAction::Deploy(first(1), settings), 9.0, Some(6.0))]
    };
    // Down for 1 s, then it has a quarter of 100/s for 5 s.
    config.chaos = deploy(vec![(Key::Errors, Value::Number(1.0))]);
    assert_eq!(simulate(&model, &config).metrics.failed, 125);
    config.chaos = deploy(vec![(Key::ServiceTime, Value::Dist(Dist::Constant(0.03)))]);
    let latency = simulate(&model, &config).metrics.latency;
    near("mean", latency.mean, 0.01 + 0.02 * 125.0 / 2000.0, 1e-6);
    // With one worker of 50 ms only 20 of 25 in each second are served: what waits is served by the end.
    let slow = vec![(Key::ServiceTime, Value::Dist(Dist::Constant(0.05))), (Key::Concurrency, Value::Number(1.0))];
    config.chaos = deploy(slow);
    let measures = simulate(&model, &config);
    assert!(measures.metrics.latency.max > 1.0, "{}", measures.metrics.latency.max);
    assert_eq!(measures.metrics.failed, 0);
}

/// A hit ratio of one replica of two rises from 0 again over a minute; of an LRU half is forgotten.
#[test]
fn what_starts_cold_has_nothing_in_its_caches() {
    let ratio = CachePolicy { mode: CacheMode::HitRatio(0.8), hit_time: Dist::ZERO };
    let b = StationBehavior { replicas: 2, cache: Some(ratio), ..four() };
    let model = single(b.clone(), Arrivals::Constant);
    let mut config = run_for(100.0, 120.0, 0.0);
    let mut event = fault(ChaosAction::Restart(first(1), s(0.0)), 30.0, None);
    config.chaos = vec![event.clone()];
    let hits = |model: &Architecture, config: &RunConfig| element(&simulate(model, config), "A").hit_ratio;
    near("warm", hits(&model, &config), 0.8, 0.01);
    event.manner.cold = true;
    config.chaos = vec![event.clone()];
    // Half of the requests, for half of the time, half of the hits.
    near("cold", hits(&model, &config), 0.8 * (1.0 - 0.5 * 0.5 * 0.5), 0.01);
    let keys = KeyPopularity { exponent: 0.0, keys: 1000 };
    let lru = CachePolicy { mode: CacheMode::Lru { entries: 1000, keys, ttl: None }, hit_time: Dist::ZERO };
    let model = single(StationBehavior { cache: Some(lru), ..b }, Arrivals::Constant);
    let misses = |config: &RunConfig| (1.0 - hits(&model, config)) * 12_000.0;
    let cold = misses(&config);
    config.chaos[0].manner.cold = false;
    // Of 1000 keys 950 are there by then.
    near("forgotten", cold - misses(&config), 475.0, 40.0);
}

/// What is restarted gracefully ends what it has, and takes nothing new until it is back.
#[test]
fn a_graceful_restart_loses_nothing_that_it_has() {
    let b = StationBehavior { startup: s(1.0), ..station(Dist::Constant(1.0), 1) };
    let model = single_by(b, trace(&[0.0, 0.1, 0.6, 2.4, 2.6]), CallBehavior::default());
    let mut config = run_for(0.0, 10.0, 0.0);
    let mut event = fault(ChaosAction::Restart(all(0), s(1.0)), 0.5, None);
    config.chaos = vec![event.clone()];
    let ends = |config: &RunConfig| log_of(&model, config).into_iter().collect::<Vec<_>>();
    let lost = [(0.0, 0.5, false), (0.1, 0.5, false), (0.6, 0.6, false), (2.4, 2.4, false), (2.6, 3.6, true)];
    assert_eq!(ends(&config), lost);
    event.manner.graceful = true;
    config.chaos = vec![event];
    let kept = [(0.0, 1.0, true), (0.1, 2.0, true), (0.6, 0.6, false), (2.4, 2.4, false), (2.6, 3.6, true)];
    assert_eq!(ends(&config), kept);
}

/// U -> A -> B by chance.
fn by_chance(probability: f64) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Constant);
    let a = b.station("A", StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) });
    let c = b.station("B", StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.01), 1) });
    b.request(source, a, 1.0, CallBehavior::default());
    b.call(a, c, CallBehavior { probability, ..CallBehavior::default() });
    b.architecture
}

fn chance(probability: f64, start: f64, length: Option<f64>) -> ChaosEvent {
    fault(ChaosAction::Set(Place::Call(CallId(1)), Key::Probability, Value::Number(probability)), start, length)
}

#[test]
fn the_chance_of_a_call_changes_while_it_is_set() {
    let mut config = run_for(1000.0, 20.0, 0.0);
    let calls = |model: &Architecture, config: &RunConfig| element(&simulate(model, config), "B").arrivals as f64;
    config.chaos = vec![chance(0.3, 5.0, Some(10.0))];
    near("calls", calls(&by_chance(1.0), &config), 13_000.0, 200.0);
    near("calls", calls(&by_chance(0.0), &config), 3_000.0, 200.0);
    // A step's own chance stays, and the first call is made whatever its relation says.
    let mut model = by_chance(1.0);
    let step = Step { probability: 0.5, ..Step::plain(CallId(1), None) };
    model.request_types[0].path = Path::Flow { steps: vec![step], from_source: false };
    near("calls", calls(&model, &config), 6_500.0, 200.0);
    config.chaos =
        vec![fault(ChaosAction::Set(Place::Call(CallId(0)), Key::Probability, Value::Number(0.0)), 0.0, None)];
    near("calls", calls(&by_chance(1.0), &config), 20_000.0, 0.0);
}

/// A call back to the caller that was impossible is made, and ends: A is asked again by every second B.
#[test]
fn a_cycle_that_becomes_possible_is_one() {
    let mut model = by_chance(1.0);
    let back =
        Call { behavior: CallBehavior { probability: 0.0, ..CallBehavior::default() }, ..model.calls[1].clone() };
    model.calls.push(Call { from: Entry::Station(StationId(1)), to: StationId(0), path: "B->A".into(), ..back });
    let mut config = run_for(100.0, 100.0, 0.0);
    let half = Value::Number(0.5);
    config.chaos = vec![fault(ChaosAction::Set(Place::Call(CallId(2)), Key::Probability, half), 50.0, None)];
    near("arrivals", element(&simulate(&model, &config), "A").arrivals as f64, 5_000.0 + 10_000.0, 300.0);
}
