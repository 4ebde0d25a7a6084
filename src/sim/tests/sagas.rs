//! Sagas: what was done is undone, in reverse order.

use super::traces::fault;
use super::*;

/// U -> A; A calls B (1 s), C (2 s) and D (3 s); B calls E (0 s). X (0.5 s) undoes B, Y (0.25 s) C, Z (0.125 s) E.
fn saga(errors_of_d: f64) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0]));
    let mut part = |name: &str, work: f64, errors: f64| {
        b.station(name, StationBehavior { errors, ..station(Dist::Constant(work), 1) })
    };
    let [a, b1, c, d, e] = [
        part("A", 0.0, 0.0),
        part("B", 1.0, 0.0),
        part("C", 2.0, 0.0),
        part("D", 3.0, errors_of_d),
        part("E", 0.0, 0.0),
    ];
    let [x, y, z] = [part("X", 0.5, 0.0), part("Y", 0.25, 0.0), part("Z", 0.125, 0.0)];
    b.request(source, a, 1.0, CallBehavior::default());
    let mut call = |from, to| b.call(from, to, CallBehavior::default());
    let [to_b, to_e, to_c, to_d] = [call(a, b1), call(b1, e), call(a, c), call(a, d)];
    let [undo_b, undo_e, undo_c] = [call(a, x), call(a, z), call(a, y)];
    let step = |call, parent, compensate| Step { compensate, ..Step::plain(call, parent) };
    let steps = vec![
        step(to_b, None, Some(undo_b)),
        step(to_e, Some(0), Some(undo_e)),
        step(to_c, None, Some(undo_c)),
        step(to_d, None, None),
    ];
    let mut model = b.architecture;
    model.request_types[0].path = Path::Flow { steps, from_source: false };
    model
}

#[test]
fn completed_steps_are_undone_last_first() {
    let mut config = run_for(0.0, 20.0, 0.0);
    assert_eq!(log_of(&saga(0.0), &config), [(0.0, 6.0, true)]);
    assert_eq!(simulate(&saga(0.0), &config).request_types["U->A"].compensations, 0);
    // D fails at 6; then Y until 6.25, X until 6.75, Z until 6.875: E was completed before B.
    let model = saga(1.0);
    assert_eq!(log_of(&model, &config), [(0.0, 6.875, false)]);
    let measures = simulate(&model, &config);
    assert_eq!((measures.request_types["U->A"].compensations, measures.metrics.failed), (3, 1));
    for undone in ["X", "Y", "Z"] {
        assert_eq!(element(&measures, undone).arrivals, 1);
    }
    // X is there from 6.2 on: in time for its turn. Where it is gone until 6.3 it fails, and Z follows at once.
    let x = ElementSet { stations: vec![StationId(5)], replicas: None, any: None };
    config.chaos = vec![fault(ChaosAction::Kill(x.clone()), 1.0, Some(5.2))];
    assert_eq!(log_of(&model, &config), [(0.0, 6.875, false)]);
    config.chaos = vec![fault(ChaosAction::Kill(x), 1.0, Some(5.3))];
    assert_eq!(log_of(&model, &config), [(0.0, 6.375, false)]);
}

/// A retry that succeeds leaves nothing to undo; what was completed in the failed attempt is done twice and undone never.
#[test]
fn a_step_that_recovers_undoes_nothing() {
    let mut model = saga(0.0);
    let policy = RetryPolicy { count: 1, ..RetryPolicy::default() };
    model.calls[4].behavior.retry = Some(policy);
    let mut config = run_for(0.0, 20.0, 0.0);
    let d = ElementSet { stations: vec![StationId(3)], replicas: None, any: None };
    config.chaos = vec![fault(ChaosAction::Fail(d, 1.0), 5.0, Some(2.0))];
    assert_eq!(log_of(&model, &config), [(0.0, 9.0, true)]);
    assert_eq!(simulate(&model, &config).request_types["U->A"].compensations, 0);
}

#[test]
fn a_request_that_dies_with_its_first_station_undoes_nothing() {
    let mut config = run_for(0.0, 20.0, 0.0);
    let a = ElementSet { stations: vec![StationId(0)], replicas: None, any: None };
    config.chaos = vec![fault(ChaosAction::Kill(a), 4.0, None)];
    let measures = simulate(&saga(1.0), &config);
    assert_eq!((measures.metrics.failed, measures.request_types["U->A"].compensations), (1, 0));
}
