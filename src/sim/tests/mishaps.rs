//! Faults that hit single requests and messages, replicas that stop, and faults that are healed.

use super::traces::fault;
use super::*;
use crate::schema::Key;

fn all(station: u32) -> ElementSet {
    ElementSet { stations: vec![StationId(station)], replicas: None, any: None }
}

fn none() -> ElementSet {
    ElementSet { stations: Vec::new(), replicas: None, any: None }
}

fn links(calls: &[u32]) -> LinkSet {
    LinkSet { links: calls.iter().map(|n| (CallId(*n), true, true)).collect(), half: false }
}

fn heal(stations: ElementSet, sources: &[u32], calls: &[u32]) -> ChaosAction {
    let sources = sources.iter().map(|n| SourceId(*n)).collect();
    ChaosAction::Heal(Some(Healed { stations, sources, links: links(calls) }))
}

fn one_at_a_time(times: &[f64], entry: CallBehavior) -> Architecture {
    single_by(station(Dist::Constant(1.0), 1), trace(times), entry)
}

/// Stopped at 0.5: the first, in service, and the second, waiting, end at 1 and 2; the third, at 0.6, is refused; the
/// fourth waits behind a grace of 1.2 s and is killed at 1.7 together with the second.
#[test]
fn what_is_stopped_ends_what_it_has() {
    let model = one_at_a_time(&[0.0, 0.1, 0.6, 5.0], CallBehavior::default());
    let mut config = run_for(0.0, 10.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Stop(all(0), s(30.0)), 0.5, Some(4.0))];
    assert_eq!(log_of(&model, &config), [(0.0, 1.0, true), (0.1, 2.0, true), (0.6, 0.6, false), (5.0, 6.0, true)]);
    config.chaos = vec![fault(ChaosAction::Stop(all(0), s(1.2)), 0.5, Some(4.0))];
    assert_eq!(log_of(&model, &config), [(0.0, 1.0, true), (0.1, 1.7, false), (0.6, 0.6, false), (5.0, 6.0, true)]);
    // Killed, it needs its startup; still draining, it does not.
    let b = StationBehavior { startup: s(2.0), ..station(Dist::Constant(1.0), 1) };
    let slow = single_by(b, trace(&[0.0, 5.0]), CallBehavior::default());
    assert_eq!(log_of(&slow, &config)[1], (5.0, 5.0, false));
    config.chaos = vec![fault(ChaosAction::Stop(all(0), s(30.0)), 0.5, Some(4.0))];
    assert_eq!(log_of(&slow, &config)[1], (5.0, 6.0, true));
}

/// Of two replicas one stops: the other takes everything.
#[test]
fn one_replica_stops_and_nobody_notices() {
    let b = StationBehavior { replicas: 2, ..station(Dist::Constant(0.01), 1) };
    let model = single(b, Arrivals::Constant);
    let mut config = run_for(50.0, 10.0, 0.0);
    let one = ElementSet { replicas: Some(crate::model::Part::Count(1)), ..all(0) };
    config.chaos = vec![fault(ChaosAction::Stop(one, s(1.0)), 5.0, None)];
    let measures = simulate(&model, &config);
    assert_eq!((measures.metrics.failed, measures.metrics.succeeded), (0, 500));
    near("replicas", element(&measures, "A").replicas_mean, 1.5, 1e-9);
}

/// It hangs from 0.5 to 4. The first is in service, the second waits, the third comes: without a timeout all fail at 4,
/// with one of 2 s they give up at 2, 2.1 and 2.6. The fourth is served.
#[test]
fn what_hangs_never_answers() {
    let mut config = run_for(0.0, 10.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Hang(all(0)), 0.5, Some(3.5))];
    let model = one_at_a_time(&[0.0, 0.1, 0.6, 5.0], CallBehavior::default());
    assert_eq!(log_of(&model, &config), [(0.0, 4.0, false), (0.1, 4.0, false), (0.6, 4.0, false), (5.0, 6.0, true)]);
    let entry = CallBehavior { timeout: Some(s(2.0)), ..CallBehavior::default() };
    let model = one_at_a_time(&[0.0, 0.1, 0.6, 5.0], entry);
    let measures = simulate(&model, &config);
    assert_eq!(log_of(&model, &config), [(0.0, 2.0, false), (0.1, 2.1, false), (0.6, 2.6, false), (5.0, 6.0, true)]);
    assert_eq!((measures.metrics.timed_out, measures.metrics.succeeded), (3, 1));
    // Never healed, they are in flight for ever.
    config.chaos = vec![fault(ChaosAction::Hang(all(0)), 0.5, None)];
    let model = one_at_a_time(&[0.0, 0.1, 0.6, 5.0], CallBehavior::default());
    assert_eq!(simulate(&model, &config).metrics.in_flight_at_end, 4);
}

/// Every request twice: the second keeps the worker busy for nobody.
#[test]
fn duplicates_are_worked_on() {
    let mut config = run_for(0.0, 10.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Duplicate(links(&[0]), 1.0), 0.0, Some(1.0))];
    let model = one_at_a_time(&[0.0, 0.5, 6.0], CallBehavior::default());
    // The copy of a request arrives behind it: served 0–1, 2–3, their copies 1–2, 3–4.
    assert_eq!(log_of(&model, &config), [(0.0, 1.0, true), (0.5, 3.0, true), (6.0, 7.0, true)]);
    let measures = simulate(&model, &config);
    assert_eq!((element(&measures, "A").arrivals, measures.relations["U->A"].attempts), (5, 3));
    near("busy", element(&measures, "A").busy * 10.0, 5.0, 1e-9);
    near("wasted", element(&measures, "A").wasted, 2.0, 1e-9);
    config.chaos = vec![fault(ChaosAction::Duplicate(links(&[0]), 0.3), 0.0, None)];
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.001), 1) };
    let many = run_for(1000.0, 100.0, 0.0);
    config = RunConfig { chaos: config.chaos, ..many };
    let measures = simulate(&single(b, Arrivals::Constant), &config);
    near("share", element(&measures, "A").arrivals as f64 / 100_000.0, 1.3, 0.006);
    assert_eq!(measures.metrics.amplification, 1.0);
}

/// The first is late by 0.3 s: the second overtakes it.
#[test]
fn late_requests_are_overtaken() {
    let mut config = run_for(0.0, 10.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Reorder(links(&[0]), 1.0, 0.3), 0.0, Some(0.1))];
    let model = one_at_a_time(&[0.0, 0.2], CallBehavior::default());
    assert_eq!(log_of(&model, &config), [(0.0, 2.2, true), (0.2, 1.2, true)]);
}

/// U -> Q -> W: a message each 0.1 s, a worker that needs 10 ms.
fn queue(max_deliveries: u32) -> (Architecture, RunConfig) {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Constant);
    let rules = StationBehavior::default().queue_behavior;
    let q = b.queue(
        "Q",
        "queue",
        StationBehavior { queue_behavior: QueueBehavior { max_deliveries, ..rules }, ..StationBehavior::default() },
    );
    let w = b.station("W", station(Dist::Constant(0.01), 1));
    b.request(source, q, 1.0, CallBehavior::default());
    b.call(q, w, CallBehavior::default());
    (b.architecture, run_for(10.0, 10.0, 0.0))
}

#[test]
fn consumers_stop_and_producers_go_on() {
    let (model, mut config) = queue(5);
    config.chaos = vec![fault(ChaosAction::StopConsumers(all(0)), 2.05, Some(3.0))];
    let measures = simulate(&model, &config);
    assert_eq!((measures.metrics.succeeded, measures.metrics.failed), (100, 0));
    // Messages at 2.1, 2.2 … 5.0 wait; at 5.05 the queue is worked off.
    assert_eq!(element(&measures, "Q").queue_max, 30);
    assert_eq!(element(&measures, "W").arrivals, 100);
}

#[test]
fn poison_fails_until_it_is_dead() {
    let (model, mut config) = queue(3);
    config.chaos = vec![fault(ChaosAction::Poison(all(0), 1.0), 1.95, Some(1.0))];
    let measures = simulate(&model, &config);
    // Ten messages are delivered three times each.
    let (q, w) = (element(&measures, "Q"), element(&measures, "W"));
    assert_eq!((q.dead_letters, w.arrivals, w.errors), (10, 120, 30));
    assert_eq!(measures.metrics.succeeded, 100);
}

#[test]
fn scaling_is_frozen_or_has_no_quota() {
    let rule = Autoscale { min: 1, max: 10, target: 0.5, interval: s(1.0), cooldown: s(100.0) };
    let b = StationBehavior { autoscale: Some(rule), ..station(Dist::Constant(0.1), 1) };
    let model = single(b, Arrivals::Constant);
    let mut config = run_for(20.0, 20.0, 0.0);
    let replicas = |config: &RunConfig| element(&simulate(&model, config), "A").replicas_mean;
    assert!(replicas(&config) > 2.5);
    for action in [ChaosAction::FreezeScaling(all(0)), ChaosAction::Quota(all(0))] {
        config.chaos = vec![fault(action, 0.0, None)];
        near("replicas", replicas(&config), 1.0, 1e-9);
    }
    // `scale` gets its replicas as soon as there are any to be had.
    let model = single(station(Dist::Constant(0.001), 1), Arrivals::Constant);
    config.chaos =
        vec![fault(ChaosAction::Quota(all(0)), 0.0, Some(10.0)), fault(ChaosAction::Scale(all(0), 3), 5.0, None)];
    near("replicas", element(&simulate(&model, &config), "A").replicas_mean, 2.0, 1e-9);
}

#[test]
fn healing_ends_what_it_names() {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Constant);
    let a = b.station("A", StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.01), 1) });
    let c = b.station("B", StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.01), 1) });
    b.request(source, a, 1.0, CallBehavior::default());
    b.call(a, c, CallBehavior::default());
    let model = b.architecture;
    let mut config = run_for(10.0, 10.0, 0.0);
    let faults =
        || vec![fault(ChaosAction::Kill(all(0)), 2.0, None), fault(ChaosAction::Cut(links(&[1]), 1.0), 1.0, None)];
    // (what is healed at 5, requests that fail): the kill hits A, the cut the relation of both.
    let cases = [
        (ChaosAction::Heal(None), 40),
        (heal(all(0), &[], &[]), 40),
        (heal(all(1), &[], &[]), 90),
        (heal(none(), &[], &[0]), 90),
        // Named, and there is nothing of it.
        (heal(none(), &[], &[]), 90),
    ];
    for (heal, failed) in cases {
        config.chaos = faults();
        config.chaos.push(fault(heal.clone(), 4.95, None));
        let measures = simulate(&model, &config);
        assert!(measures.metrics.failed.abs_diff(failed) <= 1, "{heal:?}: {}", measures.metrics.failed);
        assert_eq!(measures.faults.len(), 3);
    }
}

/// Of a source: changes of its own, of its requests and of its relations, and more load for everybody. Nothing else.
#[test]
fn healing_a_source_ends_what_hits_it() {
    let mut b = Builder::default();
    let sources = ["U", "V"].map(|name| b.source(name, Arrivals::Constant));
    let a = b.station("A", station(Dist::Constant(0.001), 1));
    for source in sources {
        b.request(source, a, 1.0, CallBehavior::default());
    }
    let model = b.architecture;
    let set = |place, key, value| ChaosAction::Set(place, key, value);
    let arrivals = |n| set(Place::Source(SourceId(n)), Key::Arrivals, Value::Arrivals(Arrivals::Poisson));
    let priority = |n| set(Place::Request(RequestTypeId(n)), Key::Priority, Value::Number(2.0));
    let actions = [
        (arrivals(0), true),
        (arrivals(1), false),
        (priority(0), true),
        (priority(1), false),
        (ChaosAction::Cut(links(&[0]), 1.0), true),
        (ChaosAction::Cut(links(&[1]), 1.0), false),
        (ChaosAction::Surge(2.0), true),
        (ChaosAction::Fail(all(0), 1.0), false),
    ];
    let mut config = run_for(10.0, 10.0, 0.0);
    config.chaos = actions.iter().map(|(action, _)| fault(action.clone(), 1.0, None)).collect();
    config.chaos.push(fault(heal(none(), &[0], &[]), 5.0, None));
    let records = simulate(&model, &config).faults;
    for (record, (action, is_healed)) in records.iter().zip(&actions) {
        assert_eq!(record.until, if *is_healed { 5.0 } else { 10.0 }, "{action:?}");
    }
}

/// `every 2s for 2s` is always, `every 2s for 3s` as well; `for 1s` is half of the time.
#[test]
fn a_fault_that_comes_again_while_it_lasts_goes_on() {
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.01), 1) };
    let model = single(b, Arrivals::Constant);
    let mut config = run_for(100.0, 10.0, 0.0);
    let actions = [
        ChaosAction::Fail(all(0), 1.0),
        ChaosAction::Kill(all(0)),
        ChaosAction::Cut(links(&[0]), 1.0),
        ChaosAction::Throttle(all(0), 0.0),
        ChaosAction::Hang(all(0)),
        ChaosAction::Set(Place::Station(StationId(0)), crate::schema::Key::Errors, Value::Number(1.0)),
    ];
    for action in actions {
        for (length, bad) in [(1.0, 500), (2.0, 1000), (3.0, 1000)] {
            let mut event = fault(action.clone(), 0.0, Some(length));
            event.timing.every = Some(s(2.0));
            config.chaos = vec![event];
            let measures = simulate(&model, &config);
            let m = measures.metrics;
            let failed = m.offered - m.succeeded;
            assert!(failed.abs_diff(bad) <= 15, "{action:?} every 2 s for {length} s: {failed}");
        }
    }
}

/// Along a ramp of 10 s half of everything is hit.
#[test]
fn strength_grows_along_a_ramp() {
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.01), 1) };
    let model = single(b, Arrivals::Constant);
    let mut config = run_for(1000.0, 10.0, 0.0);
    let ramped = |action| {
        let mut event = fault(action, 0.0, None);
        event.timing.ramp = s(10.0);
        event
    };
    // A cut both ways hits 1 - (1 - k/20)² in part k: 1 - 2870/8000 of all.
    for (action, share) in [(ChaosAction::Fail(all(0), 1.0), 0.475), (ChaosAction::Cut(links(&[0]), 1.0), 0.641)] {
        config.chaos = vec![ramped(action)];
        near("part", simulate(&model, &config).metrics.error_rate, share, 0.02);
    }
    config.chaos = vec![ramped(ChaosAction::Duplicate(links(&[0]), 1.0))];
    near("half", element(&simulate(&model, &config), "A").arrivals as f64, 14_750.0, 200.0);
    // A limit comes down from none: 1000/s are reached at its end only.
    config.chaos = vec![ramped(ChaosAction::Throttle(all(0), 1000.0))];
    assert_eq!(simulate(&model, &config).metrics.shed, 0);
}

/// Failing for 1 s in the mean after 4 s in the mean: a fifth of the time; whatever the verb.
#[test]
fn faults_come_and_go_at_random() {
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.001), 1) };
    let model = single(b, Arrivals::Constant);
    let mut config = run_for(20.0, 20_000.0, 0.0);
    let actions = [
        ChaosAction::Fail(all(0), 1.0),
        ChaosAction::Kill(all(0)),
        ChaosAction::Hang(all(0)),
        ChaosAction::Cut(links(&[0]), 1.0),
        ChaosAction::Set(Place::Station(StationId(0)), crate::schema::Key::Errors, Value::Number(1.0)),
    ];
    for action in actions {
        let mut event = fault(action.clone(), 0.0, None);
        event.timing.trigger = Trigger::Random { mttf: s(4.0), mttr: s(1.0) };
        config.chaos = vec![event];
        let measures = simulate(&model, &config);
        // About 4000 cycles: the share has a standard deviation of 0.0036.
        near("share of time", measures.metrics.error_rate, 0.2, 0.0145);
    }
}

/// Slow as soon as half of the requests fail: each of the three times that they do.
#[test]
fn a_condition_that_comes_again_strikes_again() {
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.001), 1) };
    let model = single(b, Arrivals::Constant);
    let mut config = run_for(100.0, 30.0, 0.0);
    let mut failing = fault(ChaosAction::Fail(all(0), 1.0), 5.0, Some(2.0));
    failing.timing.every = Some(s(8.0));
    let condition =
        Condition::Compare(Term::Metric(Metric::ErrorRate, MetricScope::All), Comparison::Greater, Term::Value(0.5));
    for (action, every_time, faults) in [
        (ChaosAction::Slow(all(0), Strength { factor: 2.0, add: 0.0 }), true, 3),
        (ChaosAction::Duplicate(links(&[0]), 1.0), true, 3),
        (heal(all(0), &[], &[]), true, 3),
        (heal(all(0), &[], &[]), false, 1),
    ] {
        let mut event = fault(action, 0.0, Some(1.0));
        event.timing.trigger = Trigger::When { condition: condition.clone(), hold: s(0.0), every_time };
        config.chaos = vec![failing.clone(), event];
        // At 5, 13, 21 and 29; what happens in the last second is seen when the run is over.
        assert_eq!(simulate(&model, &config).faults.len(), 4 + faults);
    }
}
