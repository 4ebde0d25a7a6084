//! Chaos: what faults do, when they begin and end, how they overlap.

use super::traces::fault;
use super::*;
use crate::schema::Key;

fn all(station: u32) -> ElementSet {
    ElementSet { stations: vec![StationId(station)], replicas: None, any: None }
}

fn link(call: u32) -> LinkSet {
    LinkSet { links: vec![(CallId(call), true, false)], half: false }
}

#[test]
fn d10_kill_drops_and_pause_keeps() {
    // X starts at 4 with 3 s of work, Y and Z wait with 1 s each: here all three take what they must.
    let model = single(station(Dist::Constant(1.0), 1), trace(&[4.0, 4.0, 4.0]));
    let mut config = run_for(0.0, 20.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Kill(all(0)), 4.5, Some(3.0))];
    let measures = simulate(&model, &config);
    assert_eq!((measures.metrics.failed, measures.metrics.succeeded), (3, 0));
    config.chaos = vec![fault(ChaosAction::Pause(all(0)), 4.5, Some(3.0))];
    let ends: Vec<f64> = log_of(&model, &config).iter().map(|e| e.1).collect();
    assert_eq!(ends, [8.0, 9.0, 10.0]);
    let shared = StationBehavior { discipline: Discipline::ProcessorSharing, ..station(Dist::Constant(1.0), 1) };
    let ends: Vec<f64> = log_of(&single(shared, trace(&[4.0, 4.0])), &config).iter().map(|e| e.1).collect();
    assert_eq!(ends, [9.0, 9.0]);
}

#[test]
fn a_killed_element_is_back_after_its_startup() {
    let b = StationBehavior { startup: s(2.0), ..station(Dist::Constant(0.001), 1) };
    let model = single(b, Arrivals::Constant);
    let mut config = run_for(10.0, 20.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Kill(all(0)), 5.0, Some(3.0))];
    let log = log_of(&model, &config);
    let failed: Vec<f64> = log.iter().filter(|e| !e.2).map(|e| e.0).collect();
    assert_eq!((failed.len(), failed[0], *failed.last().unwrap()), (50, 5.0, 9.9));
    let up = element(&simulate(&model, &config), "A").up_share;
    near("up", up, 0.75, 1e-9);
    config.chaos = vec![fault(ChaosAction::Restart(all(0), s(1.0)), 5.0, None)];
    assert_eq!(simulate(&model, &config).metrics.failed, 30);
}

#[test]
fn one_replica_killed_leaves_the_others() {
    let b = StationBehavior { replicas: 3, ..station(Dist::Constant(0.001), 1) };
    let model = single(b, Arrivals::Constant);
    let mut config = run_for(10.0, 10.0, 0.0);
    let one = ElementSet { replicas: Some(crate::model::Part::Count(1)), ..all(0) };
    config.chaos = vec![fault(ChaosAction::Kill(one), 5.0, None)];
    let measures = simulate(&model, &config);
    assert_eq!(measures.metrics.failed, 0);
    near("replicas", element(&measures, "A").replicas_mean, 2.5, 1e-9);
}

#[test]
fn a07_partition_and_delay() {
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.02), 1) };
    let model = single(b, Arrivals::Poisson);
    let mut config = run_for(100.0, 600.0, 0.0);
    config.chaos = vec![
        fault(ChaosAction::Cut(link(0), 1.0), 100.0, Some(30.0)),
        fault(ChaosAction::Delay(link(0), 0.1, 0.0), 300.0, Some(120.0)),
    ];
    let measures = simulate(&model, &config);
    near("A07 failed", measures.metrics.error_rate, 0.05, 0.0039);
    near("A07 mean", measures.metrics.latency.mean, 0.041_053, 0.000_67);
    near("A07 p95", measures.metrics.latency.p95, 0.12, 1e-9);
}

#[test]
fn overlaps_add_multiply_and_combine() {
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.01), 1) };
    let model = single(b, trace(&[0.5, 1.5, 2.5, 3.5]));
    let mut config = run_for(0.0, 5.0, 0.0);
    let slow = |factor, add| ChaosAction::Slow(all(0), Strength { factor, add });
    config.chaos = vec![
        fault(slow(2.0, 0.0), 1.0, Some(2.0)),
        fault(slow(3.0, 0.0), 2.0, Some(1.0)),
        fault(slow(1.0, 0.1), 3.0, Some(2.0)),
        fault(ChaosAction::Delay(link(0), 0.2, 0.0), 3.0, Some(1.0)),
        fault(ChaosAction::Delay(link(0), 0.3, 0.0), 3.0, Some(1.0)),
    ];
    assert_eq!(responses(&model, &config), [0.01, 0.02, 0.06, 0.61]);
}

#[test]
fn attributes_are_set_and_set_back() {
    let model = single(station(Dist::Constant(0.01), 1), trace(&[0.5, 1.5, 2.5, 3.5]));
    let mut config = run_for(0.0, 5.0, 0.0);
    let place = Place::Station(StationId(0));
    config.chaos = vec![
        fault(ChaosAction::Set(place, Key::ServiceTime, Value::Duration(s(0.1))), 1.0, Some(2.0)),
        fault(ChaosAction::Multiply(place, Key::ServiceTime, 3.0), 2.0, Some(1.0)),
    ];
    assert_eq!(responses(&model, &config), [0.01, 0.1, 0.3, 0.01]);
}

#[test]
fn surge_scale_throttle_every_and_ramp() {
    let model = single(station(Dist::Constant(0.001), 1), Arrivals::Constant);
    let mut config = run_for(100.0, 10.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Surge(3.0), 2.0, Some(2.0))];
    let measures = simulate(&model, &config);
    near("surge", measures.metrics.offered as f64, 1400.0, 2.0);
    near("surge in its second", measures.windows[3].offered, 300.0, 1.0);
    config.chaos = vec![fault(ChaosAction::Throttle(all(0), 50.0), 5.0, None)];
    near("throttle", simulate(&model, &config).metrics.shed as f64, 246.0, 5.0);
    config.chaos = vec![fault(ChaosAction::Scale(all(0), 4), 5.0, Some(2.5))];
    near("scale", element(&simulate(&model, &config), "A").replicas_mean, 1.75, 1e-9);
    let mut every = fault(ChaosAction::Fail(all(0), 1.0), 1.0, Some(0.5));
    every.timing.every = Some(s(2.0));
    config.chaos = vec![every];
    let measures = simulate(&model, &config);
    assert_eq!((measures.faults.len(), measures.metrics.failed), (5, 250));
    let mut ramp = fault(ChaosAction::Fail(all(0), 1.0), 0.0, None);
    ramp.timing.ramp = s(10.0);
    config.chaos = vec![ramp];
    near("ramp", simulate(&model, &config).metrics.error_rate, 0.475, 0.06);
}

#[test]
fn a05_random_kills() {
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(exp(0.2), 1) };
    let model = single(b, Arrivals::Poisson);
    let mut config = run_for(100.0, 10_000.0, 0.0);
    let mut random = fault(ChaosAction::Kill(all(0)), 0.0, None);
    random.timing.trigger = Trigger::Random { mttf: s(10.0), mttr: s(2.0) };
    config.chaos = vec![random];
    near("A05 success", simulate(&model, &config).metrics.availability, 0.816_993, 0.028);
    let mut failing = model.clone();
    failing.stations[0].behavior.failures = Some(Failures { mttf: s(10.0), mttr: s(2.0), repair_crews: 0 });
    config.chaos.clear();
    near("A05 by mttf", simulate(&failing, &config).metrics.availability, 0.816_993, 0.028);
}

#[test]
fn triggers_fire_on_a_condition() {
    let model = single(station(Dist::Constant(0.01), 1), Arrivals::Constant);
    let mut config = run_for(200.0, 10.0, 0.0);
    let queue = Term::Metric(Metric::Queue, MetricScope::Station(StationId(0)));
    let condition = Condition::Compare(queue, Comparison::Greater, Term::Value(100.0));
    let mut when = fault(ChaosAction::Scale(all(0), 4), 0.0, None);
    when.timing.trigger = Trigger::When { condition, hold: s(2.0), every_time: false };
    config.chaos = vec![when];
    let measures = simulate(&model, &config);
    // The queue grows by 100 a second: its mean is above 100 in the second second, and held in the third.
    assert_eq!((measures.faults.len(), measures.faults[0].at), (1, 3.0));
}

#[test]
fn chance_is_drawn_by_the_seed_and_shown() {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Constant);
    for n in 0..4 {
        let id = b.station(&format!("S{n}"), station(Dist::Constant(0.001), 1));
        b.request(source, id, 1.0, CallBehavior::default());
    }
    let mut config = run_for(40.0, 10.0, 0.0);
    let stations = (0..4).map(StationId).collect();
    let any = ElementSet { stations, replicas: None, any: Some(crate::model::Part::Count(1)) };
    config.chaos = vec![fault(ChaosAction::Kill(any), 5.0, None)];
    let measures = simulate(&b.architecture, &config);
    assert_eq!(measures.metrics.failed, 50);
    assert!(measures.faults[0].text.starts_with("fault (drawn: S"));
}

#[test]
fn r13_a_retry_storm_outlives_its_trigger() {
    let entry = CallBehavior {
        timeout: Some(s(1.0)),
        retry: Some(RetryPolicy { count: 1, ..RetryPolicy::default() }),
        ..CallBehavior::default()
    };
    let model = single_by(station(exp(1.0 / 300.0), 1), Arrivals::Poisson, entry);
    let mut config = run_for(280.0, 120.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Pause(all(0)), 20.0, Some(10.0))];
    let measures = simulate(&model, &config);
    let offered: f64 = measures.windows[60..120].iter().map(|w| w.calls[0][1]).sum::<f64>() / 60.0;
    near("R13 offered", offered, 560.0, 12.0);
    let goodput: f64 = measures.windows[60..120].iter().map(|w| w.succeeded).sum::<f64>() / 60.0;
    near("R13 goodput", goodput, 0.0, 0.5);
    config.chaos.clear();
    near("R13 calm", simulate(&model, &config).metrics.goodput, 280.0, 6.0);
}

#[test]
fn autoscaling_follows_the_load() {
    let autoscale = Some(Autoscale { min: 1, max: 10, target: 0.5, interval: s(5.0), cooldown: s(10.0) });
    let b = StationBehavior { autoscale, startup: s(1.0), ..station(Dist::Constant(0.01), 1) };
    let measures = simulate(&single(b, Arrivals::Constant), &run_for(200.0, 100.0, 50.0));
    near("autoscaled", element(&measures, "A").replicas_mean, 4.0, 0.5);
    near("its utilisation", element(&measures, "A").utilization, 0.5, 0.06);
}
