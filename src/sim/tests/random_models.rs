//! Random models with random policies and faults: whatever they do, the laws hold and runs repeat.

use super::traces::fault;
use super::*;
use crate::sim::rng::{Rng, Streams};

fn maybe<T>(rng: &mut Rng, share: f64, value: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    rng.chance(share).then(|| value(rng))
}

pub(super) fn random_station(rng: &mut Rng) -> StationBehavior {
    let disciplines =
        [Discipline::Fifo, Discipline::Lifo, Discipline::ProcessorSharing, Discipline::Priority, Discipline::Codel];
    let balances =
        [Balance::RoundRobin, Balance::Random, Balance::LeastConnections, Balance::PowerOfTwo, Balance::ConsistentHash];
    let works = [Dist::ZERO, Dist::Constant(0.01), exp(0.01), h2()];
    StationBehavior {
        service_time: works[rng.below(works.len())].clone(),
        replicas: 1 + rng.below(3) as u32,
        concurrency: maybe(rng, 0.8, |r| Limit::At(1 + r.below(4) as u32)).unwrap_or(Limit::Unbounded),
        queue: maybe(rng, 0.5, |r| Limit::At(r.below(10) as u32)).unwrap_or(Limit::Unbounded),
        discipline: disciplines[rng.below(disciplines.len())],
        blocking: rng.chance(0.5),
        errors: if rng.chance(0.5) { 0.1 } else { 0.0 },
        failures: maybe(rng, 0.2, |_| Failures { mttf: s(5.0), mttr: s(1.0), repair_crews: 1 }),
        startup: if rng.chance(0.3) { s(0.5) } else { Duration::ZERO },
        cache: maybe(rng, 0.3, |r| CachePolicy { mode: random_cache(r), hit_time: Dist::ZERO }),
        coalesce: rng.chance(0.5),
        rate_limit: maybe(rng, 0.2, |_| RateLimit { rate: 80.0, burst: 5.0 }),
        shed: maybe(rng, 0.2, |_| ShedRule::QueueLength(5)),
        balance: balances[rng.below(balances.len())],
        patience: maybe(rng, 0.3, |_| exp(0.05)),
        slowdown: maybe(rng, 0.2, |_| Slowdown::Linear(0.001)),
        deadline_propagation: rng.chance(0.3),
        warmup: if rng.chance(0.2) { s(2.0) } else { Duration::ZERO },
        discovery: maybe(rng, 0.2, |_| Discovery { interval: s(0.5), ttl: s(1.2) }),
        replication: maybe(rng, 0.2, |r| Replication { sync: r.below(3) as u32, lag: s(0.02) }),
        shards: maybe(rng, 0.1, |_| Shards { count: 3, keys: KeyPopularity { exponent: 1.0, keys: 20 } }),
        autoscale: maybe(rng, 0.2, |_| Autoscale { min: 1, max: 4, target: 0.5, interval: s(1.0), cooldown: s(3.0) }),
        queue_behavior: QueueBehavior {
            delivery: if rng.chance(0.8) { Delivery::AtLeastOnce } else { Delivery::AtMostOnce },
            visibility: if rng.chance(0.5) { s(0.05) } else { s(30.0) },
            max_deliveries: 1 + rng.below(4) as u32,
            dead_letter: None,
            capacity: maybe(rng, 0.3, |_| Limit::At(20)).unwrap_or(Limit::Unbounded),
            lag: if rng.chance(0.3) { s(0.02) } else { Duration::ZERO },
        },
        ..StationBehavior::default()
    }
}

fn random_cache(rng: &mut Rng) -> CacheMode {
    let keys = KeyPopularity { exponent: 1.0, keys: 20 };
    let lru = CacheMode::Lru { entries: 5, keys, ttl: Some(s(1.0)) };
    if rng.chance(0.5) { lru } else { CacheMode::HitRatio(0.5) }
}

pub(super) fn random_call(rng: &mut Rng, stations: u32) -> CallBehavior {
    let backoff = Backoff::Exponential { base: s(0.01), factor_milli: 2000, max: s(0.1) };
    CallBehavior {
        latency: if rng.chance(0.5) { exp(0.002) } else { Dist::ZERO },
        loss: if rng.chance(0.3) { 0.05 } else { 0.0 },
        timeout: maybe(rng, 0.5, |r| s(0.01 + 0.05 * r.uniform())),
        cancel: rng.chance(0.3),
        calls: 1 + rng.below(2) as u32,
        write: rng.chance(0.3),
        probability: if rng.chance(0.3) { 0.5 } else { 1.0 },
        parallel: rng.chance(0.3),
        asynchronous: rng.chance(0.15),
        retry: maybe(rng, 0.5, |r| RetryPolicy {
            count: r.below(4) as u32,
            backoff: if r.chance(0.5) { backoff } else { Backoff::None },
            jitter: [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated][r.below(4)],
            budget: maybe(r, 0.3, |_| 0.2),
            on: RetryOn::default(),
        }),
        breaker: maybe(rng, 0.3, |r| Breaker {
            trip: BreakerTrip::Consecutive(3),
            open: s(0.5),
            half_open: 1 + r.below(3) as u32,
        }),
        pool: maybe(rng, 0.3, |r| Pool { size: 1 + r.below(3) as u32, wait: maybe(r, 0.5, |_| s(0.02)) }),
        bulkhead: maybe(rng, 0.2, |_| 3),
        hedge: maybe(rng, 0.25, |r| {
            if r.chance(0.5) { Hedge::After(s(0.02 * r.uniform())) } else { Hedge::AfterQuantile(0.9) }
        }),
        fallback: maybe(rng, 0.2, |r| StationId(r.below(stations as usize) as u32)),
        ..CallBehavior::default()
    }
}

pub(super) fn random_faults(rng: &mut Rng, stations: u32, calls: u32) -> Vec<ChaosEvent> {
    let event = |rng: &mut Rng| {
        let n = rng.below(stations as usize) as u32;
        let replicas = maybe(rng, 0.4, |_| crate::model::Part::Count(1));
        let set = ElementSet { stations: vec![StationId(n)], replicas, any: None };
        let links = LinkSet { links: vec![(CallId(rng.below(calls as usize) as u32), true, true)], half: false };
        let action = match rng.below(25) {
            0 => ChaosAction::Kill(set),
            1 => ChaosAction::Pause(set),
            2 => ChaosAction::Slow(set, Strength { factor: 3.0, add: 0.01 }),
            3 => ChaosAction::Restart(set, s(1.0)),
            4 => ChaosAction::Cut(links, 0.7),
            5 => ChaosAction::Delay(links, 0.02, 0.01),
            6 => ChaosAction::Surge(3.0),
            7 => ChaosAction::Scale(set, rng.below(5) as u32),
            8 => ChaosAction::Stop(set, s(0.5)),
            9 => ChaosAction::Hang(set),
            10 => ChaosAction::Duplicate(links, 0.5),
            11 => ChaosAction::Reorder(links, 0.5, 0.02),
            12 => ChaosAction::StopConsumers(set),
            13 => ChaosAction::Poison(set, 0.3),
            14 => ChaosAction::Quota(set),
            15 => ChaosAction::Heal(Some(Healed { stations: set, sources: vec![SourceId(0)], links })),
            16 => ChaosAction::ClearCache(set),
            17 => ChaosAction::Failover(set),
            18 => ChaosAction::HotKey(set, 0.7),
            19 => ChaosAction::DrainPool(links),
            20 => ChaosAction::FillMemory(set),
            21 => ChaosAction::FillDisk(set),
            22 => ChaosAction::Leak(set, 0.5),
            23 => {
                let workers = Value::Number(1.0 + rng.below(6) as f64);
                let place = Place::Station(StationId(n));
                ChaosAction::Deploy(set, vec![(place, crate::schema::Key::Concurrency, workers)])
            }
            _ => {
                let workers = Value::Number(1.0 + rng.below(6) as f64);
                ChaosAction::Set(Place::Station(StationId(n)), crate::schema::Key::Concurrency, workers)
            }
        };
        let length = maybe(rng, 0.9, |r| 0.2 + 3.0 * r.uniform());
        fault(action, 10.0 * rng.uniform(), length)
    };
    (0..rng.below(5)).map(|_| event(rng)).collect()
}

/// Faults with a stream of their own, so that other models stay what they are: another discipline, other chances of calls,
/// some replicas only, cold and graceful starts, canaries.
fn add_corners(rng: &mut Rng, chaos: &mut Vec<ChaosEvent>, stations: u32, calls: u32) {
    use crate::schema::Key;
    for event in chaos.iter_mut() {
        event.manner = Manner { graceful: rng.chance(0.5), cold: rng.chance(0.5) };
    }
    for _ in 0..rng.below(4) {
        let id = StationId(rng.below(stations as usize) as u32);
        let some = ElementSet { stations: vec![id], replicas: Some(crate::model::Part::Count(1)), any: None };
        let (place, call) = (Place::Station(id), CallId(rng.below(calls as usize) as u32));
        let word = ["fifo", "lifo", "ps", "priority", "codel"][rng.below(5)];
        let canary = vec![
            (place, Key::ServiceTime, Value::Dist(exp(0.03))),
            (place, Key::Errors, Value::Number(0.3)),
            (place, Key::Concurrency, Value::Number(1.0)),
        ];
        let action = match rng.below(9) {
            0..4 => ChaosAction::Set(place, Key::Discipline, Value::Word(word.into())),
            4 => ChaosAction::Set(Place::Call(call), Key::Probability, Value::Number(rng.uniform())),
            5 => ChaosAction::Fail(some, 0.5),
            6 => ChaosAction::Throttle(some, 20.0),
            7 => ChaosAction::Leak(some, 0.5),
            _ => ChaosAction::Deploy(some, canary),
        };
        let length = maybe(rng, 0.8, |r| 0.2 + 4.0 * r.uniform());
        let mut event = fault(action, 10.0 * rng.uniform(), length);
        event.manner.cold = rng.chance(0.5);
        chaos.push(event);
    }
}

/// Changes of settings, with a stream of their own for the same reason.
fn add_settings(rng: &mut Rng, chaos: &mut Vec<ChaosEvent>, model: &Architecture) {
    for _ in 0..rng.below(4) {
        let (place, key, value) = random_setting(rng, model);
        let action = match value {
            None => ChaosAction::Multiply(place, key, 0.2 + 3.0 * rng.uniform()),
            Some(value) => ChaosAction::Set(place, key, value),
        };
        let mut event = fault(action, 10.0 * rng.uniform(), maybe(rng, 0.8, |r| 0.2 + 4.0 * r.uniform()));
        event.timing.ramp = if rng.chance(0.2) { s(2.0) } else { Duration::ZERO };
        event.timing.every = maybe(rng, 0.2, |_| s(4.0));
        chaos.push(event);
    }
}

/// A setting and what it becomes; none: by so many times.
fn random_setting(rng: &mut Rng, model: &Architecture) -> (Place, crate::schema::Key, Option<Value>) {
    use crate::schema::Key;
    let station = StationId(rng.below(model.stations.len()) as u32);
    let (at, call) = (Place::Station(station), Place::Call(CallId(rng.below(model.calls.len()) as u32)));
    let (request, source) = (Place::Request(RequestTypeId(rng.below(2) as u32)), Place::Source(SourceId(0)));
    let flag = |rng: &mut Rng| Some(Value::Flag(rng.chance(0.5)));
    let keys = |rng: &mut Rng| Some(Value::Keys(KeyPopularity { exponent: 1.0, keys: 1 + rng.below(40) as u32 }));
    let other = maybe(rng, 0.8, |r| StationId(r.below(model.stations.len()) as u32));
    let times: Vec<f64> = (0..300).map(|n| f64::from(n / 3) / 8.0).collect();
    let mmpp = Arrivals::Mmpp { low: 5.0, high: 80.0, switch: 2.0 };
    let processes = [Arrivals::Constant, trace(&times), mmpp, Arrivals::BatchFixed(4), Arrivals::Erlang(3)];
    match rng.below(21) {
        0 => (at, Key::Mttf, maybe(rng, 0.7, |r| Value::Duration(s(0.3 + 4.0 * r.uniform()))).or(Some(Value::None))),
        1 => (at, Key::Mttr, Some(Value::Duration(s(0.1 + rng.uniform())))),
        2 => (at, Key::Availability, Some(Value::Number(0.2 + 0.8 * rng.uniform()))),
        3 => (at, Key::RepairCrews, Some(Value::Number(rng.below(3) as f64))),
        4 => (at, Key::Scale, flag(rng)),
        5 => (at, Key::ScaleMin, Some(Value::Number(1.0 + rng.below(4) as f64))),
        6 => (at, Key::ScaleInterval, Some(Value::Duration(s(0.2 + rng.uniform())))),
        7 => (at, Key::Cost, Some(Value::CostPerCall(0.1))),
        8 => (at, Key::CacheKey, keys(rng)),
        9 => (at, Key::ShardsKey, keys(rng).filter(|_| model.station(station).behavior.shards.is_some())),
        10 => (at, Key::DeadLetter, Some(Value::Station(other))),
        11 => (at, Key::Replicas, None),
        12 => (call, Key::Write, flag(rng)),
        13 => (call, Key::Parallel, flag(rng)),
        14 => (call, Key::Async, flag(rng)),
        15 => (call, Key::Fallback, Some(Value::Station(other))),
        16 => (call, Key::Weight, Some(Value::Number(rng.below(4) as f64))),
        17 => (request, Key::Priority, Some(Value::Number(rng.below(3) as f64))),
        18 => (request, Key::Preempt, flag(rng)),
        19 => (call, Key::Latency, Some(Value::Dist(exp(0.01)))),
        _ => (source, Key::Arrivals, Some(Value::Arrivals(processes[rng.below(processes.len())].clone()))),
    }
}

/// Two calls of one station of which one is enough; a source that calls for one of two, and may begin again.
fn add_groups(rng: &mut Rng, model: &mut Architecture) {
    let quorum = Some(Quorum { members: 2, needed: 1 });
    let is_plain = |entry| matches!(entry, Entry::Station(id) if !model.station(id).is_queue);
    let is_pair = |n: &usize| model.calls[*n].from == model.calls[n + 1].from && is_plain(model.calls[*n].from);
    let pair = (0..model.calls.len() - 1).find(is_pair).filter(|_| rng.chance(0.4));
    if let Some(n) = pair {
        model.calls[n].quorum = quorum;
    }
    if rng.chance(0.4) {
        let entry = |call| Step::plain(call, None);
        let own = model.request_types[0].entry;
        let again = Step { probability: 0.3, goto: Some(0), ..entry(own) };
        model.request_types[0].path =
            Path::Flow { steps: vec![Step { quorum, ..entry(own) }, entry(own), again], from_source: true };
    }
}

pub(super) fn random_model(seed: u64) -> (Architecture, RunConfig) {
    let mut rng = Streams::new(seed, 0).of("random", "model");
    let mut b = Builder::default();
    let n = 2 + rng.below(5) as u32;
    let ids: Vec<StationId> = (0..n)
        .map(|k| match rng.below(5) {
            0 if k > 0 => {
                b.queue(&format!("Q{k}"), if k % 2 == 0 { "queue" } else { "topic" }, random_station(&mut rng))
            }
            _ => b.station(&format!("S{k}"), random_station(&mut rng)),
        })
        .collect();
    for (k, arrivals) in [Arrivals::Poisson, Arrivals::BatchGeometric(3.0)].into_iter().enumerate() {
        let source = b.source(&format!("U{k}"), arrivals);
        let entry = CallBehavior { asynchronous: false, ..random_call(&mut rng, n) };
        b.request(source, ids[k.min(1)], 1.0 + k as f64, entry);
        b.architecture.request_types[k].behavior = RequestBehavior { priority: k as i32, preempt: rng.chance(0.3) };
    }
    // Mostly downwards; now and then back, so that there are cycles.
    for from in 0..n as usize {
        for to in 0..n as usize {
            let share = if to > from { 0.5 } else { 0.06 };
            if rng.chance(share) {
                let mut behavior = random_call(&mut rng, n);
                if to <= from {
                    behavior.probability = 0.3;
                }
                b.call(ids[from], ids[to], behavior);
            }
        }
    }
    add_groups(&mut rng, &mut b.architecture);
    let calls = b.architecture.calls.len() as u32;
    let mut config = run_for(60.0, 12.0, 1.0);
    (config.seed, config.max_events, config.max_in_flight) = (seed, 300_000, 20_000);
    config.chaos = random_faults(&mut rng, n, calls);
    let mut corners = Streams::new(seed, 0).of("random", "corners");
    add_corners(&mut corners, &mut config.chaos, n, calls);
    if corners.chance(0.3) {
        b.architecture.calls[1].quorum = Some(Quorum { members: 1, needed: 1 });
    }
    if rng.chance(0.2) {
        config.workload.users = Some((10, exp(0.1)));
    }
    add_settings(&mut Streams::new(seed, 0).of("random", "settings"), &mut config.chaos, &b.architecture);
    (b.architecture, config)
}

#[test]
fn laws_hold_in_random_models() {
    for seed in (0..300).chain([1587]) {
        let (model, config) = random_model(seed);
        println!("seed {seed}");
        let measures = simulate(&model, &config);
        let t = &measures.metrics;
        assert_eq!(t.offered, t.succeeded + t.failed + t.timed_out + t.shed + t.in_flight_at_end, "seed {seed}");
        for (path, r) in &measures.relations {
            assert_eq!(r.attempts, r.calls + r.retries + r.hedges, "seed {seed}: {path}");
        }
        if seed % 10 == 0 {
            let again = serde_json::to_string(&simulate(&model, &config)).unwrap();
            assert_eq!(serde_json::to_string(&measures).unwrap(), again, "seed {seed}");
        }
    }
}
