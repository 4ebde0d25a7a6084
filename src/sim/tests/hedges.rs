//! Hedged calls: two copies, one answer.

use super::*;

fn hedged(hedge: Hedge, cancel: bool) -> CallBehavior {
    CallBehavior { hedge: Some(hedge), cancel, ..CallBehavior::default() }
}

fn unlimited(service: Dist) -> StationBehavior {
    StationBehavior { concurrency: Limit::Unbounded, ..station(service, 1) }
}

/// Case F07: the minimum of X and d + Y. The mean is (1 - e^-μd (1 - 1/2)) / μ; beyond d the rate is 2μ.
#[test]
fn f07_hedged_after_p95() {
    let d = 0.01 * 20f64.ln();
    for (hedge, extra) in [(Hedge::After(s(d)), 0.0), (Hedge::AfterQuantile(0.95), 0.003)] {
        let model = single_by(unlimited(exp(0.01)), Arrivals::Poisson, hedged(hedge, true));
        let measures = simulate(&model, &run_for(1000.0, 400.0, 20.0));
        let r = &measures.relations["U->A"];
        near("F07 extra calls", r.hedges as f64 / r.calls as f64, 0.05, 0.001_3 + extra);
        near("F07 amplification", measures.metrics.amplification, 1.05, 0.001_3 + extra);
        near("F07 mean", measures.metrics.latency.mean, 0.009_75, 5.4e-5);
        near("F07 p99", measures.metrics.latency.p99, 0.038_004_5, 4e-4 + extra / 2.0);
        near("F07 p99.9", measures.metrics.latency.p999, 0.049_517_4, 1.2e-3);
        assert_eq!((r.retries, r.attempts), (0, r.calls + r.hedges));
        assert_eq!(measures.metrics.failed, 0);
    }
}

/// At once: two exponentials side by side end at twice the rate.
#[test]
fn hedged_at_once_is_the_minimum_of_two() {
    let model = single_by(unlimited(exp(0.01)), Arrivals::Poisson, hedged(Hedge::After(s(0.0)), true));
    let measures = simulate(&model, &run_for(500.0, 400.0, 0.0));
    near("minimum", measures.metrics.latency.mean, 0.005, 5e-5);
    near("workers, both stopped", element(&measures, "A").busy, 500.0 * 2.0 * 0.005, 0.06);
    let model = single_by(unlimited(exp(0.01)), Arrivals::Poisson, hedged(Hedge::After(s(0.0)), false));
    let measures = simulate(&model, &run_for(500.0, 400.0, 0.0));
    near("workers, the loser goes on", element(&measures, "A").busy, 500.0 * 2.0 * 0.01, 0.12);
    near("wasted", element(&measures, "A").wasted, 500.0 * 400.0 * 0.015, 20.0);
}

/// Two replicas of one worker and 1 s of work. The first request begins on the first replica at 0. The second, at 0.1,
/// is on the other; at 0.5 the copy of the first waits there, at 0.6 that of the second here. At 1 the first is
/// answered, its copy is called off; the second at 1.1.
#[test]
fn a_copy_goes_to_another_replica() {
    let b = StationBehavior { replicas: 2, ..station(Dist::Constant(1.0), 1) };
    for (cancel, busy) in [(true, 2.1), (false, 4.0)] {
        let model = single_by(b.clone(), trace(&[0.0, 0.1]), hedged(Hedge::After(s(0.5)), cancel));
        let config = run_for(0.0, 10.0, 0.0);
        assert_eq!(log_of(&model, &config), [(0.0, 1.0, true), (0.1, 1.1, true)]);
        let measures = simulate(&model, &config);
        // Called off in the queue at 1.0 the one, after 0.1 s of service the other.
        near("busy", element(&measures, "A").busy * 10.0, busy, 1e-9);
        assert_eq!((measures.relations["U->A"].hedges, element(&measures, "A").arrivals), (2, 4));
    }
}

#[test]
fn the_first_answer_wins() {
    let slow_first = CallBehavior { latency: Dist::Constant(0.25), ..hedged(Hedge::After(s(1.0)), true) };
    let b = StationBehavior { replicas: 2, ..station(Dist::Constant(0.5), 1) };
    let mut config = run_for(0.0, 10.0, 0.0);
    // Only the first replica stands still: the copy, sent at 1, is answered at 2.
    let first = ElementSet { stations: vec![StationId(0)], replicas: Some(crate::model::Part::Count(1)), any: None };
    config.chaos = vec![super::traces::fault(ChaosAction::Pause(first), 0.0, Some(5.0))];
    let model = single_by(b, trace(&[0.0]), slow_first);
    assert_eq!(log_of(&model, &config), [(0.0, 2.0, true)]);
}

/// A copy that fails leaves the call to the other; when both have failed the call is tried again.
#[test]
fn one_failure_does_not_fail_the_call() {
    let entry = CallBehavior { timeout: Some(s(1.0)), ..hedged(Hedge::After(s(0.5)), true) };
    // The first gives up at 1, its copy is answered at 1.2: after 0.7 s of work on a free replica.
    let b = StationBehavior { replicas: 2, ..station(Dist::Constant(0.7), 1) };
    let mut config = run_for(0.0, 10.0, 0.0);
    let first = ElementSet { stations: vec![StationId(0)], replicas: Some(crate::model::Part::Count(1)), any: None };
    config.chaos = vec![super::traces::fault(ChaosAction::Pause(first), 0.0, Some(5.0))];
    let model = single_by(b, trace(&[0.0]), entry.clone());
    assert_eq!(log_of(&model, &config), [(0.0, 1.2, true)]);
    assert_eq!(simulate(&model, &config).relations["U->A"].timeouts, 1);
    // Both stand still: the copy gives up at 1.5, and the call with it.
    let both = ElementSet { stations: vec![StationId(0)], replicas: None, any: None };
    config.chaos = vec![super::traces::fault(ChaosAction::Pause(both), 0.0, Some(5.0))];
    assert_eq!(log_of(&model, &config), [(0.0, 1.5, false)]);
}
