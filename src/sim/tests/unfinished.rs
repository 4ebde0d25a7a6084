//! Requests that never end, loads that nothing can carry, and other models at the edge.

use super::*;

fn chain(tiers: usize, retries: u32, errors: f64, service: Dist) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Constant);
    let policy = RetryPolicy { count: retries, ..RetryPolicy::default() };
    let call = CallBehavior { retry: (retries > 0).then_some(policy), ..CallBehavior::default() };
    let tier = |errors| StationBehavior { concurrency: Limit::Unbounded, errors, ..station(service.clone(), 1) };
    let mut above = b.station("T0", tier(if tiers == 1 { errors } else { 0.0 }));
    b.request(source, above, 1.0, call.clone());
    for n in 1..tiers {
        let below = b.station(&format!("T{n}"), tier(if n + 1 == tiers { errors } else { 0.0 }));
        b.call(above, below, call.clone());
        above = below;
    }
    b.architecture
}

fn asks(metric: Metric) -> Expectation {
    Expectation {
        text: "it".into(),
        condition: Condition::Compare(Term::Metric(metric, MetricScope::All), Comparison::Less, Term::Value(1e-3)),
        window: Window::Whole,
        origin: ExpectationOrigin::Scenario,
        period: None,
    }
}

/// Ten tries in each of eight tiers: a request takes a hundred million of 1 ms. None ends; that is no success.
#[test]
fn a_storm_in_which_nothing_ends_has_failed() {
    let model = chain(8, 9, 1.0, Dist::Constant(0.001));
    let mut config = run_for(1.0, 5.0, 0.0);
    config.expectations = vec![asks(Metric::ErrorRate), asks(Metric::Quantile(0.95)), asks(Metric::Availability)];
    let measures = simulate(&model, &config);
    let m = &measures.metrics;
    assert_eq!((m.requests, m.in_flight_at_end, m.error_rate, m.availability), (0, m.offered, 1.0, 0.0));
    assert!(measures.partial.unwrap().contains("requests had not ended"));
    assert_eq!(measures.request_types["U->T0"].error_rate, 1.0);
    let values: Vec<f64> = measures.probes.iter().map(|probe| probe.value).collect();
    assert_eq!(values, [1.0, f64::INFINITY, 0.0]);
}

/// A million a second on a worker that takes 1 s: it ends with its budget, and what waits is no success.
#[test]
fn a_flood_ends_partially_with_what_was_measured() {
    let model = single(station(Dist::Constant(1.0), 1), Arrivals::Constant);
    let mut config = run_for(1e6, 3600.0, 0.0);
    config.max_in_flight = 100_000;
    config.expectations = vec![asks(Metric::ErrorRate), asks(Metric::Quantile(0.95))];
    let measures = simulate(&model, &config);
    assert!(measures.partial.as_ref().unwrap().contains("in flight"));
    assert!(measures.metrics.offered >= 100_000 && measures.metrics.error_rate == 1.0);
    near("measured", measures.measured, 0.1, 0.001);
    assert_eq!(measures.probes[0].value, 1.0);
    assert!(measures.probes[1].value.is_nan(), "nobody knows how long they would have taken");
}

#[test]
fn models_at_the_edge_have_their_obvious_answers() {
    // No service time at all; 500 calls deep.
    let measures = simulate(&chain(40, 0, 0.0, Dist::ZERO), &run_for(100.0, 5.0, 0.0));
    assert_eq!((measures.metrics.availability, measures.metrics.latency.max), (1.0, 0.0));
    let measures = simulate(&chain(500, 0, 0.0, Dist::Constant(0.001)), &run_for(100.0, 5.0, 0.0));
    // 0.499 s after they came: those before 4.501 s are there in time to be counted.
    assert_eq!((element(&measures, "T499").arrivals, measures.metrics.succeeded), (451, 500));
    near("500 deep", measures.metrics.latency.mean, 0.5, 1e-9);
    // No load.
    let measures = simulate(&chain(2, 0, 0.0, exp(0.01)), &run_for(0.0, 5.0, 0.0));
    assert_eq!((measures.metrics.offered, measures.metrics.availability, measures.partial), (0, 1.0, None));
    // A call that is never, or always made.
    for (probability, calls) in [(0.0, 0), (1.0, 500)] {
        let mut model = chain(2, 0, 0.0, Dist::Constant(0.001));
        model.calls[1].behavior.probability = probability;
        let measures = simulate(&model, &run_for(100.0, 5.0, 0.0));
        assert_eq!((element(&measures, "T1").arrivals, measures.metrics.succeeded), (calls, 500));
    }
}
