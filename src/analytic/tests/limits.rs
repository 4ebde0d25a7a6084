//! What has no answer says so, and why.

use super::*;

#[test]
fn overload_is_said_with_its_growth() {
    let found = evaluate(&single(station(exp(0.01), 1), Arrivals::Poisson), &at_load(120.0));
    let a = &found.elements["A"];
    refused(&a.wait_mean, "offered 120.0000/s, serves 100.0000/s, so what waits grows by 20.0000/s");
    refused(&found.all.mean, "A is saturated");
    assert_eq!(known("offered", &a.offered), 120.0);
    let open = |mean| StationBehavior { blocking: false, ..station(exp(mean), 1) };
    let found = evaluate(&chain(&[open(0.01), open(0.001)], &CallBehavior::default()), &at_load(120.0));
    refused(&found.elements["S1"].offered, "behind S0");
}

#[test]
fn a_whole_run_may_have_no_answer() {
    let model = single(station(exp(0.01), 1), Arrivals::Poisson);
    let mut faulty = at_load(50.0);
    let timing = Timing { trigger: Trigger::At(SimTime(1)), length: None, every: None, ramp: Duration::ZERO };
    faulty.chaos.push(ChaosEvent {
        text: "surge".into(),
        action: ChaosAction::Surge(2.0),
        timing,
        manner: Manner::default(),
    });
    refused(&evaluate(&model, &faulty).all.mean, "faults");
    let mut varying = at_load(50.0);
    varying.workload.load.points.push(LoadSegment { at: SimTime(5), rate: 60.0 });
    refused(&evaluate(&model, &varying).all.mean, "load changes");
    refused(&evaluate(&model, &at_load(0.0)).all.mean, "no load");
    let traced = single(station(exp(0.01), 1), Arrivals::Trace(vec![0.1, 0.2].into()));
    refused(&evaluate(&traced, &at_load(50.0)).all.mean, "trace");
    let mut round = chain(&[free(exp(0.01)), free(exp(0.01))], &CallBehavior::default());
    let back =
        Call { path: "S1->S0".into(), from: Entry::Station(StationId(1)), to: StationId(0), ..round.calls[1].clone() };
    round.calls.push(back);
    refused(&evaluate(&round, &at_load(50.0)).all.mean, "circle");
}

#[test]
fn mechanisms_without_a_formula_name_themselves() {
    let s = s_of(0.1);
    let keys = KeyPopularity { exponent: 1.0, keys: 10 };
    let lru = CachePolicy { mode: CacheMode::Lru { entries: 3, keys, ttl: None }, hit_time: exp(0.001) };
    for (behavior, word) in [
        (
            StationBehavior { failures: Some(Failures { mttf: s, mttr: s, repair_crews: 0 }), ..station(exp(0.01), 1) },
            "fail",
        ),
        (StationBehavior { slowdown: Some(Slowdown::Linear(0.001)), ..station(exp(0.01), 1) }, "slows down"),
        (StationBehavior { cache: Some(lru.clone()), errors: 0.1, ..station(exp(0.01), 1) }, "nothing in its cache"),
        (StationBehavior { cache: Some(lru), coalesce: true, ..station(exp(0.01), 1) }, "share a fetch"),
        (StationBehavior { discipline: Discipline::Codel, ..station(exp(0.01), 1) }, "CoDel"),
        (
            StationBehavior { rate_limit: Some(RateLimit { rate: 55.0, burst: 5.0 }), ..station(exp(0.01), 1) },
            "rate limit",
        ),
        (StationBehavior { queue: Limit::At(3), ..station(Dist::Constant(0.01), 1) }, "bounded"),
        (StationBehavior { patience: Some(Dist::Constant(0.1)), ..station(Dist::Constant(0.01), 1) }, "give up"),
        (station(Dist::Pareto { min: 0.001, alpha: 1.5 }, 1), "variance"),
    ] {
        refused(&evaluate(&single(behavior, Arrivals::Poisson), &at_load(50.0)).elements["A"].wait_mean, word);
    }
}

#[test]
fn bursts_that_meet_what_has_no_formula() {
    let mmpp = || Arrivals::Mmpp { low: 50.0, high: 170.0, switch: 5.0 };
    let plain = || station(exp(1.0 / 150.0), 1);
    for (behavior, word) in [
        (StationBehavior { discipline: Discipline::ProcessorSharing, ..plain() }, "bursts"),
        (StationBehavior { queue: Limit::At(10), ..plain() }, "bounded"),
        (StationBehavior { replicas: 20, balance: Balance::PowerOfTwo, ..plain() }, "better of two"),
    ] {
        let found = evaluate(&single(behavior, mmpp()), &at_load(1.0));
        refused(&found.all.mean, word);
        assert_eq!(known("offered", &found.elements["A"].offered), 110.0);
        assert_eq!(known("rate", &found.rate), 110.0);
    }
    let open = |mean| StationBehavior { blocking: false, ..station(exp(mean), 1) };
    let mut b = Builder::default();
    let source = b.source("U", mmpp());
    let ids = [open(1.0 / 150.0), open(0.005)].map(|behavior| b.station("S", behavior));
    b.request(source, ids[0], 1.0, CallBehavior::default());
    b.call(ids[0], ids[1], CallBehavior::default());
    refused(&evaluate(&b.architecture, &at_load(1.0)).all.mean, "bursts");
    let found = evaluate(&single(station(exp(0.01), 1), Arrivals::BatchFixed(3)), &at_load(50.0));
    assert!(found.all.mean.value().is_some());
    let replicas = StationBehavior { replicas: 2, ..station(exp(0.01), 1) };
    refused(&evaluate(&single(replicas, Arrivals::BatchFixed(3)), &at_load(50.0)).all.mean, "several replicas");
}

fn s_of(seconds: f64) -> Duration {
    Duration::from_seconds(seconds).unwrap()
}

#[test]
fn what_protects_a_relation_matters_only_where_it_acts() {
    let breaker = Breaker { trip: BreakerTrip::Consecutive(5), open: s_of(1.0), half_open: 1 };
    let guarded = CallBehavior { breaker: Some(breaker), ..CallBehavior::default() };
    let well = chain(&[free(exp(0.001)), station(exp(0.01), 2)], &guarded);
    assert!(evaluate(&well, &at_load(100.0)).all.mean.value().is_some(), "it never opens");
    let failing = StationBehavior { errors: 0.1, ..station(exp(0.01), 2) };
    let found = evaluate(&chain(&[free(exp(0.001)), failing], &guarded), &at_load(100.0));
    refused(&found.all.mean, "breaker");
    refused(&found.elements["S1"].offered, "breaker");
    let pooled = |size| CallBehavior { pool: Some(Pool { size, wait: None }), ..CallBehavior::default() };
    let of = |size| evaluate(&chain(&[free(exp(0.001)), station(exp(0.01), 2)], &pooled(size)), &at_load(150.0));
    for size in [64, 3] {
        assert!(is_exact(&of(size).all.mean), "{size}: {:?}", of(size).all.mean);
    }
    refused(&of(1).all.mean, "the connections of S0->S1 are saturated: asked for 150.0000/s, they carry 100.0000/s");
    let narrow = saturation(&chain(&[free(exp(0.001)), station(exp(0.01), 2)], &pooled(1)), &at_load(1.0)).unwrap();
    assert!(&*narrow.element == "S1" && (narrow.load - 100.0).abs() < 0.01, "{narrow:?}");
    let hedged = CallBehavior { hedge: Some(Hedge::After(s_of(0.1))), ..CallBehavior::default() };
    refused(&evaluate(&chain(&[free(exp(0.001)), free(exp(0.01))], &hedged), &at_load(100.0)).all.mean, "hedged");
    let hurried = CallBehavior { timeout: Some(s_of(0.005)), ..CallBehavior::default() };
    refused(&evaluate(&chain(&[free(exp(0.001)), free(exp(0.01))], &hurried), &at_load(100.0)).all.mean, "late");
}

#[test]
fn a_retry_storm_is_not_answered_by_its_calm() {
    let retry = Some(RetryPolicy { count: 2, ..RetryPolicy::default() });
    let timed = CallBehavior { timeout: Some(s_of(0.06)), retry, ..CallBehavior::default() };
    let model = chain(&[free(exp(0.001)), StationBehavior { blocking: false, ..station(exp(0.01), 1) }], &timed);
    // At 50/s the engine falls into the storm within minutes; at 20/s three attempts each are still served.
    refused(&evaluate(&model, &at_load(50.0)).all.mean, "feed on each other");
    assert!(evaluate(&model, &at_load(20.0)).all.mean.value().is_some());
}

#[test]
fn a_bounded_queue_that_is_never_full_has_no_effect() {
    let behavior = StationBehavior { queue: Limit::At(100), ..station(Dist::lognormal_mean_cv(0.01, 1.0), 4) };
    let found = evaluate(&single(behavior, Arrivals::Poisson), &at_load(200.0));
    assert!(found.all.mean.value().is_some() && known("blocking", &found.elements["A"].blocking) == 0.0);
}

#[test]
fn held_workers_saturate_before_their_callee_does() {
    let model = chain(&[station(exp(0.05), 4), station(exp(1.0 / 60.0), 1)], &CallBehavior::default());
    let first = saturation(&model, &at_load(1.0)).unwrap();
    // Case N08 has 47.6/s with work always waiting; callee alone would take 60.
    assert_eq!(&*first.element, "S0");
    assert!((35.0..50.0).contains(&first.load), "{first:?}");
}

#[test]
fn nothing_is_too_large_to_be_refused_at_once() {
    let huge = StationBehavior { replicas: 1, ..station(exp(1.0), u32::MAX) };
    let found = evaluate(&single(huge, Arrivals::Poisson), &at_load(4e9));
    refused(&found.elements["A"].wait_mean, "one by one");
    let deep = StationBehavior { queue: Limit::At(u32::MAX), ..station(exp(0.01), 1) };
    refused(&evaluate(&single(deep, Arrivals::Poisson), &at_load(120.0)).elements["A"].wait_mean, "one by one");
    let found = evaluate(&single(free(exp(0.01)), Arrivals::Poisson), &users(u32::MAX, exp(1.0)));
    near("users without a queue", &found.rate, f64::from(u32::MAX) / 1.01, 1e-9);
    // Ten layers of eight stations, everybody asking everybody in the next: a billion paths.
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let layers: Vec<Vec<StationId>> =
        (0..10).map(|l| (0..8).map(|n| b.station(&format!("L{l}N{n}"), free(exp(0.001)))).collect()).collect();
    b.request(source, layers[0][0], 1.0, CallBehavior::default());
    for pair in layers.windows(2) {
        for (from, to) in pair[0].iter().flat_map(|from| pair[1].iter().map(move |to| (*from, *to))) {
            b.call(from, to, CallBehavior { probability: 0.125, parallel: to.0 % 2 == 0, ..CallBehavior::default() });
        }
    }
    let found = evaluate(&b.architecture, &at_load(10.0));
    near("one call a layer", &found.elements["L9N3"].offered, 10.0 / 8.0, 1e-6);
    assert!(found.all.p99.value().is_some());
}

#[test]
fn nothing_behind_a_cache_of_the_latest_keys_is_exact() {
    let keys = KeyPopularity { exponent: 1.0, keys: 1000 };
    let cache = CachePolicy { mode: CacheMode::Lru { entries: 100, keys, ttl: None }, hit_time: Dist::ZERO };
    let front = StationBehavior { cache: Some(cache), ..free(exp(0.001)) };
    let back = |discipline| StationBehavior { discipline, blocking: false, ..station(exp(0.01), 4) };
    let call = |size| CallBehavior { pool: Some(Pool { size, wait: None }), ..CallBehavior::default() };
    for (behavior, size) in [
        (back(Discipline::Fifo), 6),
        (back(Discipline::Fifo), 3),
        (back(Discipline::Fifo), 500),
        (back(Discipline::ProcessorSharing), 500),
    ] {
        let found = evaluate(&fan(front.clone(), &[(behavior, call(size))]), &at_load(500.0));
        assert!(found.all.mean.value().is_some(), "{size}: {:?}", found.all.mean);
        for answer in [&found.all.mean, &found.elements["Root"].response_mean, &found.elements["S0"].utilization] {
            assert!(!is_exact(answer), "{size}: {answer:?}");
        }
        let own = &found.elements["S0"];
        assert!(!is_exact(&own.wait_mean) || known("wait", &own.wait_mean) == 0.0, "{size}: {:?}", own.wait_mean);
    }
}
