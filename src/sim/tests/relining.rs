//! Another discipline during a run.

use super::traces::fault;
use super::*;
use crate::schema::Key;

fn discipline(word: &str, start: f64, length: Option<f64>) -> ChaosEvent {
    let value = Value::Word(word.into());
    fault(ChaosAction::Set(Place::Station(StationId(0)), Key::Discipline, value), start, length)
}

/// Work of 1 s on one worker; when each ends.
fn ends(discipline: Discipline, arrivals: &[f64], chaos: Vec<ChaosEvent>) -> Vec<f64> {
    let b = StationBehavior { discipline, ..station(Dist::Constant(1.0), 1) };
    let config = RunConfig { chaos, ..run_for(0.0, 10.0, 0.0) };
    let log = log_of(&single_by(b, trace(arrivals), CallBehavior::default()), &config);
    log.into_iter().map(|(_, end, _)| (end * 1e6).round() / 1e6).collect()
}

/// At 0.5 the first has half of its work left, the second all of it, and they share from then on.
#[test]
fn who_waits_is_served_when_workers_are_shared() {
    let to = |length| vec![discipline("ps", 0.5, length)];
    assert_eq!(ends(Discipline::Fifo, &[0.0, 0.1], to(None)), [1.5, 2.0]);
    // Until 0.9 each of three gets a third of 0.4 s; then the first has 0.366667 left.
    assert_eq!(ends(Discipline::Fifo, &[0.0, 0.1, 0.2], to(Some(0.4))), [1.266667, 2.133333, 3.0]);
    assert_eq!(ends(Discipline::Priority, &[0.0, 0.1], to(None)), [1.5, 2.0]);
}

/// At 1 s the first has 0.4 s left and the second 0.6.
#[test]
fn whoever_shared_keeps_what_is_left() {
    let to = |word: &str| vec![discipline(word, 1.0, None)];
    assert_eq!(ends(Discipline::ProcessorSharing, &[0.0, 0.2], to("fifo")), [1.4, 2.0]);
    assert_eq!(ends(Discipline::ProcessorSharing, &[0.0, 0.2], to("lifo")), [2.0, 1.6]);
    assert_eq!(ends(Discipline::ProcessorSharing, &[0.0, 0.2], to("codel")), [1.4, 2.0]);
    assert_eq!(ends(Discipline::ProcessorSharing, &[0.0, 0.2, 1.2], to("priority")), [1.4, 2.0, 3.0]);
}

/// A replica that stands still goes on as the new discipline has it.
#[test]
fn a_replica_that_is_paused_changes_as_well() {
    let paused = |word| vec![fault(ChaosAction::Pause(all()), 0.5, Some(1.0)), discipline(word, 1.0, None)];
    assert_eq!(ends(Discipline::Fifo, &[0.0, 0.1], paused("ps")), [2.5, 3.0]);
    // Each has 0.7 or 0.8 left at 0.5.
    assert_eq!(ends(Discipline::ProcessorSharing, &[0.0, 0.1], paused("fifo")), [2.2, 3.0]);
}

fn all() -> ElementSet {
    ElementSet { stations: vec![StationId(0)], replicas: None, any: None }
}

/// Three ordinary requests and an important one that came last: when each ends.
fn important(discipline: Discipline, preempt: bool, chaos: Vec<ChaosEvent>) -> Vec<f64> {
    let mut b = Builder::default();
    let (slow, quick) = (b.source("U", trace(&[0.0, 0.1, 0.2])), b.source("V", trace(&[0.3])));
    let a = b.station("A", StationBehavior { discipline, ..station(Dist::Constant(1.0), 1) });
    b.request(slow, a, 1.0, CallBehavior::default());
    b.request(quick, a, 1.0, CallBehavior::default());
    b.architecture.request_types[1].behavior = RequestBehavior { priority: 1, preempt };
    let config = RunConfig { chaos, ..run_for(0.0, 10.0, 0.0) };
    log_of(&b.architecture, &config).into_iter().map(|(_, end, _)| (end * 1e6).round() / 1e6).collect()
}

#[test]
fn those_who_wait_are_lined_up_by_priority_and_back() {
    assert_eq!(important(Discipline::Fifo, false, vec![]), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(important(Discipline::Fifo, false, vec![discipline("priority", 0.5, None)]), [1.0, 3.0, 4.0, 2.0]);
    assert_eq!(important(Discipline::Fifo, false, vec![discipline("priority", 0.5, Some(0.4))]), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(important(Discipline::Priority, false, vec![discipline("lifo", 0.5, None)]), [1.0, 4.0, 3.0, 2.0]);
    // Interrupted at 0.3 with 0.7 left, the first is the first in line again.
    assert_eq!(important(Discipline::Priority, true, vec![discipline("fifo", 0.5, None)]), [2.0, 3.0, 4.0, 1.3]);
    // Shared by four from 0.5 to 0.9: 0.1 each.
    let shared = vec![discipline("ps", 0.5, Some(0.4))];
    assert_eq!(important(Discipline::Priority, false, shared), [2.2, 3.1, 4.0, 1.8]);
}

/// A worker that is held during a call is given back when workers are shared.
#[test]
fn whoever_waits_for_a_call_holds_no_worker_any_more() {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0, 0.1]));
    let a = b.station("A", station(Dist::Constant(0.5), 1));
    let slow = b.station("B", StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(2.0), 1) });
    b.request(source, a, 1.0, CallBehavior::default());
    b.call(a, slow, CallBehavior::default());
    let log = |chaos| log_of(&b.architecture, &RunConfig { chaos, ..run_for(0.0, 10.0, 0.0) });
    assert_eq!(log(vec![]), [(0.0, 2.5, true), (0.1, 5.0, true)]);
    assert_eq!(log(vec![discipline("ps", 1.0, None)]), [(0.0, 2.5, true), (0.1, 3.5, true)]);
    assert_eq!(log(vec![discipline("ps", 1.0, Some(0.2))]), [(0.0, 2.5, true), (0.1, 3.5, true)]);
}
