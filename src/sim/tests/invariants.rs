//! What must hold in every run: determinism, common random numbers, conservation.

use super::*;

/// A model with a bit of everything.
fn rich() -> (Architecture, RunConfig) {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let api = StationBehavior { replicas: 2, queue: Limit::At(20), errors: 0.01, ..station(exp(0.005), 4) };
    let api = b.station("Api", api);
    let db = b.station("Db", station(Dist::lognormal_mean_cv(0.01, 1.5), 3));
    let queue = b.queue("Q", "queue", StationBehavior::default());
    let worker = b.station("Worker", StationBehavior { errors: 0.1, ..station(exp(0.01), 2) });
    b.request(source, api, 1.0, CallBehavior { timeout: Some(s(0.2)), ..CallBehavior::default() });
    let backoff = Backoff::Exponential { base: s(0.01), factor_milli: 2000, max: s(0.1) };
    let trip = BreakerTrip::ErrorShare { share: 0.5, window: s(2.0), min_calls: 20 };
    let guarded = CallBehavior {
        latency: exp(0.001),
        loss: 0.01,
        timeout: Some(s(0.08)),
        retry: Some(RetryPolicy { count: 2, backoff, jitter: Jitter::Full, budget: Some(0.2), on: RetryOn::default() }),
        breaker: Some(Breaker { trip, open: s(1.0), half_open: 2 }),
        pool: Some(Pool { size: 6, wait: Some(s(0.05)) }),
        ..CallBehavior::default()
    };
    b.call(api, db, guarded);
    b.call(api, queue, CallBehavior::default());
    b.call(queue, worker, CallBehavior::default());
    let mut config = run_for(220.0, 60.0, 5.0);
    config.replications = 2;
    let db = ElementSet { stations: vec![db], replicas: None, any: None };
    config.chaos = vec![super::traces::fault(ChaosAction::Kill(db), 20.0, Some(5.0))];
    let term = |metric| {
        Condition::Compare(Term::Metric(metric, MetricScope::Station(api)), Comparison::Less, Term::Value(0.2))
    };
    let expect = |metric, window| Expectation {
        text: "e".into(),
        condition: term(metric),
        window,
        origin: ExpectationOrigin::Scenario,
        period: None,
    };
    config.expectations = vec![
        expect(Metric::Quantile(0.95), Window::Whole),
        expect(Metric::ErrorRate, Window::DuringChaos),
        expect(Metric::Mean, Window::Always),
    ];
    (b.architecture, config)
}

#[test]
fn the_same_seed_gives_the_same_result() {
    let (model, config) = rich();
    let json = |m: &RunMeasures| serde_json::to_string(m).unwrap();
    let first = simulate(&model, &config);
    assert_eq!(json(&first), json(&simulate(&model, &config)));
    let other = simulate(&model, &RunConfig { seed: 2, ..config.clone() });
    assert_ne!(json(&first), json(&other));
    let runs = [1, 0].map(|n| replicate(&model, &config, n, &|_| {}));
    let [second, zero] = runs;
    assert_eq!(json(&first), json(&merge(&model, &config, vec![zero, second])));
}

#[test]
fn requests_and_attempts_are_conserved() {
    let (model, config) = rich();
    let m = simulate(&model, &config);
    let t = &m.metrics;
    assert_eq!(t.offered, t.succeeded + t.failed + t.timed_out + t.shed + t.in_flight_at_end);
    assert_eq!(t.in_flight_at_end, 0);
    assert!(t.failed > 0 && t.timed_out > 0, "the model was meant to fail: {t:?}");
    for (path, r) in &m.relations {
        assert_eq!(r.attempts, r.calls + r.retries, "{path}");
    }
    assert_eq!(m.windows.len(), 60);
    assert_eq!(m.probes.len(), 3);
    assert!(m.probes[0].value > 0.0 && m.probes[1].value > 0.1 && m.probes[2].series.len() == 60);
    let offered: f64 = m.windows[5..].iter().map(|w| w.offered).sum();
    assert_eq!(offered * 2.0, t.offered as f64);
}

#[test]
fn an_unconnected_station_changes_no_other_number() {
    let (model, config) = rich();
    let mut b = Builder { architecture: model.clone() };
    let alone = b.station("Alone", station(exp(0.01), 1));
    b.call(alone, alone, CallBehavior::default());
    let (before, mut after) = (simulate(&model, &config), simulate(&b.architecture, &config));
    after.elements.remove("Alone");
    after.relations.remove("Alone->Alone");
    for window in &mut after.windows {
        window.stations.pop();
        window.calls.pop();
    }
    assert_eq!(serde_json::to_string(&before).unwrap(), serde_json::to_string(&after).unwrap());
}

/// Case I06, and NUMERICS 5: the same arrivals, and every wait at most as long.
#[test]
fn a_faster_or_larger_station_delays_nobody() {
    let of = |mean: f64, workers: u32| {
        log_of(&single(station(exp(mean), workers), Arrivals::Poisson), &run_for(80.0, 250.0, 0.0))
    };
    let slow = of(0.01, 1);
    for better in [of(0.0098, 1), of(0.01, 2)] {
        assert_eq!(slow.len(), better.len());
        for (a, b) in slow.iter().zip(&better) {
            assert_eq!(a.0, b.0, "arrivals differ");
            assert!(b.1 <= a.1 + 1.5e-9, "delayed: {a:?} {b:?}");
        }
    }
}

#[test]
fn arrivals_scale_with_the_load() {
    let model = single(station(exp(0.0001), 1), Arrivals::Poisson);
    let of = |load: f64| log_of(&model, &run_for(load, 1000.0 / load, 0.0));
    let (once, twice) = (of(10.0), of(20.0));
    assert_eq!(once.len(), twice.len());
    assert!(once.iter().zip(&twice).all(|(a, b)| (a.0 - 2.0 * b.0).abs() < 1e-6));
}

#[test]
fn overload_ends_in_bounded_memory() {
    let model = single(station(exp(1.0), 1), Arrivals::Poisson);
    let config = RunConfig { max_in_flight: 50_000, ..run_for(1e6, 60.0, 1.0) };
    let measures = simulate(&model, &config);
    assert!(measures.partial.unwrap().contains("50000 requests in flight"));
    let bounded = RunConfig { max_events: 10_000, ..run_for(100.0, 600.0, 1.0) };
    let measures = simulate(&single(station(exp(0.001), 1), Arrivals::Poisson), &bounded);
    assert!(measures.partial.unwrap().contains("events") && measures.metrics.offered > 1000);
}

#[test]
fn a_frame_is_small() {
    assert!(std::mem::size_of::<super::super::world::Frame>() <= 104);
}

#[test]
fn long_horizons_neither_overflow_nor_drift() {
    for days in [30.0, 120.0, 300.0 * 365.25] {
        let hours = days * 24.0;
        let model = single(station(Dist::Constant(1.0), 1), Arrivals::Constant);
        let mut config = run_for(1.0 / 3600.0, 1.0, 0.0);
        config.duration = Duration(86_400_000_000_000 * days as u64);
        let measures = simulate(&model, &config);
        near("hours", measures.metrics.offered as f64, hours, 24.0);
        assert_eq!(measures.metrics.latency.mean, 1.0);
        if hours > 1e5 {
            break;
        }
    }
}
