//! Traces computed by hand: no tolerance but a nanosecond.

use super::*;

fn two(server: Dist, entry: CallBehavior) -> Architecture {
    let unlimited = StationBehavior { concurrency: Limit::Unbounded, ..station(server, 1) };
    single_by(unlimited, trace(&[0.0]), entry)
}

#[test]
fn d01_overload() {
    let times: Vec<f64> = (0..100).map(|k| f64::from(k) * 0.1).collect();
    let model = single(station(Dist::Constant(0.15), 1), trace(&times));
    let measures = simulate(&model, &run_for(0.0, 15.0, 0.0));
    let a = element(&measures, "A");
    near("D01 mean wait", a.wait_mean, 2.475, 1e-9);
    near("D01 number in system", a.in_system, 17.5, 1e-9);
    near("D01 utilisation", a.utilization, 1.0, 1e-9);
    let last = *log_of(&model, &run_for(0.0, 15.0, 0.0)).last().unwrap();
    near("D01 makespan", last.1, 15.0, 1e-9);
    near("D01 last wait", last.1 - last.0 - 0.15, 4.95, 1e-9);
}

#[test]
fn d02_two_servers() {
    let mut b = Builder::default();
    let a = b.station("A", station(Dist::ZERO, 2));
    for (n, (at, size)) in [(0.0, 4.0), (0.5, 3.0), (1.0, 2.0), (1.5, 1.0)].into_iter().enumerate() {
        let source = b.source(&format!("U{n}"), trace(&[at]));
        b.request(source, a, 1.0, CallBehavior::default());
        sized(&mut b, size);
    }
    assert_eq!(responses(&b.architecture, &run_for(0.0, 20.0, 0.0)), [4.0, 3.0, 4.5, 3.5]);
}

/// Gives the last request type work of this size, by way of an empirical distribution for its own station.
fn sized(b: &mut Builder, size: f64) {
    // Only steps carry a service time of their own: enter through a gate that costs nothing.
    let request = b.architecture.request_types.len() - 1;
    let call = b.architecture.request_types[request].entry;
    let target = b.architecture.calls[call.index()].to;
    let gate = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
    let gate = b.station(&format!("Gate{request}"), gate);
    b.architecture.calls[call.index()].to = gate;
    let inner = b.call(gate, target, CallBehavior::default());
    let steps = vec![Step { service_time: Some(Dist::Constant(size)), ..Step::plain(inner, None) }];
    b.architecture.request_types[request].path = Path::Flow { steps, from_source: false };
}

#[test]
fn d03_processor_sharing() {
    let mut b = Builder::default();
    let shared = StationBehavior { discipline: Discipline::ProcessorSharing, ..station(Dist::ZERO, 1) };
    let a = b.station("A", shared);
    for (n, (at, size)) in [(0.0, 3.0), (1.0, 1.0), (1.5, 0.5)].into_iter().enumerate() {
        let source = b.source(&format!("U{n}"), trace(&[at]));
        b.request(source, a, 1.0, CallBehavior::default());
        sized(&mut b, size);
    }
    assert_eq!(responses(&b.architecture, &run_for(0.0, 20.0, 0.0)), [4.5, 2.5, 1.5]);
}

#[test]
fn d04_priority() {
    let mut b = Builder::default();
    let a = b.station("A", StationBehavior { discipline: Discipline::Priority, ..station(Dist::ZERO, 1) });
    let jobs = [(0.0, 2.0, 0), (0.5, 1.0, 1), (0.6, 1.0, 0), (2.5, 1.0, 1)];
    for (n, (at, size, priority)) in jobs.into_iter().enumerate() {
        let source = b.source(&format!("U{n}"), trace(&[at]));
        b.request(source, a, 1.0, CallBehavior::default());
        sized(&mut b, size);
        b.architecture.request_types[n].behavior.priority = priority;
    }
    assert_eq!(responses(&b.architecture, &run_for(0.0, 20.0, 0.0)), [2.0, 2.5, 4.4, 1.5]);
}

#[test]
fn d05_finite_queue() {
    let b = StationBehavior { queue: Limit::At(1), ..station(Dist::Constant(1.0), 1) };
    let model = single(b, trace(&[0.0, 0.1, 0.2, 0.3, 1.05]));
    let log = log_of(&model, &run_for(0.0, 5.0, 0.0));
    let accepted: Vec<bool> = log.iter().map(|e| e.2).collect();
    assert_eq!(accepted, [true, true, false, false, true]);
    near("D05 second", log[1].1 - log[1].0, 1.9, 1e-9);
    near("D05 last", log[4].1 - log[4].0, 1.95, 1e-9);
    let measures = simulate(&model, &run_for(0.0, 5.0, 0.0));
    assert_eq!((measures.metrics.shed, element(&measures, "A").rejected), (2, 2));
}

#[test]
fn d06_token_bucket() {
    let limited = StationBehavior {
        rate_limit: Some(RateLimit { rate: 10.0, burst: 5.0 }),
        concurrency: Limit::Unbounded,
        ..station(Dist::ZERO, 1)
    };
    let times: Vec<f64> = [vec![0.0; 8], vec![0.25; 3], vec![0.30]].concat();
    let log = log_of(&single(limited, trace(&times)), &run_for(0.0, 1.0, 0.0));
    let admitted = |at: f64| log.iter().filter(|e| e.0 == at && e.2).count();
    assert_eq!([admitted(0.0), admitted(0.25), admitted(0.3)], [5, 2, 1]);
}

#[test]
fn d07_backoff_timeline() {
    let backoff = Backoff::Exponential { base: s(0.1), factor_milli: 2000, max: s(10.0) };
    let entry = CallBehavior {
        retry: Some(RetryPolicy { count: 3, backoff, ..RetryPolicy::default() }),
        ..CallBehavior::default()
    };
    let mut model = two(Dist::Constant(0.05), entry);
    model.stations[0].behavior.errors = 1.0;
    let config = run_for(0.0, 5.0, 0.0);
    assert_eq!(responses(&model, &config), [0.9]);
    let measures = simulate(&model, &config);
    assert_eq!((measures.relations["U->A"].attempts, measures.relations["U->A"].retries), (4, 3));
}

#[test]
fn d08_timeout_leaves_zombie_work() {
    let entry = CallBehavior {
        timeout: Some(s(0.1)),
        retry: Some(RetryPolicy { count: 2, ..RetryPolicy::default() }),
        ..CallBehavior::default()
    };
    let model = two(Dist::Constant(0.3), entry);
    let config = run_for(0.0, 1.0, 0.0);
    assert_eq!(log_of(&model, &config), [(0.0, 0.3, false)]);
    let measures = simulate(&model, &config);
    near("D08 busy", element(&measures, "A").busy, 0.9, 1e-9);
    // The first ends at the instant at which its last caller gives up; the caller's timer was set later.
    near("D08 wasted", element(&measures, "A").wasted, 0.9, 1e-9);
    assert_eq!(measures.relations["U->A"].timeouts, 3);
    assert_eq!(measures.metrics.timed_out, 1);
    let mut cancelling = model.clone();
    cancelling.calls[0].behavior.cancel = true;
    near("cancelled busy", element(&simulate(&cancelling, &config), "A").busy, 0.3, 1e-9);
}

#[test]
fn d09_breaker_timeline() {
    let times: Vec<f64> = (0..30).map(f64::from).collect();
    let trip = BreakerTrip::Consecutive(3);
    let entry =
        CallBehavior { breaker: Some(Breaker { trip, open: s(10.0), half_open: 1 }), ..CallBehavior::default() };
    let unlimited = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
    let model = single_by(unlimited, trace(&times), entry);
    let mut config = run_for(0.0, 30.0, 0.0);
    let everything = ElementSet { stations: vec![StationId(0)], replicas: None, any: None };
    config.chaos = vec![fault(ChaosAction::Fail(everything, 1.0), 0.0, Some(15.0))];
    let log = log_of(&model, &config);
    let passed: Vec<f64> = log.iter().filter(|e| e.2).map(|e| e.0).collect();
    assert_eq!(passed, [22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0]);
    let relation = &simulate(&model, &config).relations["U->A"];
    assert_eq!((relation.refused, relation.errors), (18, 4));
}

pub(super) fn fault(action: ChaosAction, start: f64, length: Option<f64>) -> ChaosEvent {
    let timing = Timing { trigger: Trigger::At(at(start)), length: length.map(s), every: None, ramp: Duration::ZERO };
    ChaosEvent { text: "fault".into(), action, timing, manner: Manner::default() }
}

#[test]
fn d12_fan_out_and_sequence() {
    for (parallel, exact) in [(true, 0.3), (false, 0.6)] {
        let mut b = Builder::default();
        let source = b.source("U", trace(&[0.0]));
        let root = b.station("Root", station(Dist::ZERO, 1));
        b.request(source, root, 1.0, CallBehavior::default());
        for (n, time) in [0.1, 0.2, 0.3].into_iter().enumerate() {
            let leaf = b.station(&format!("Leaf{n}"), station(Dist::Constant(time), 1));
            b.call(root, leaf, CallBehavior { parallel, ..CallBehavior::default() });
        }
        assert_eq!(responses(&b.architecture, &run_for(0.0, 2.0, 0.0)), [exact]);
    }
}

#[test]
fn d13_partition_window_is_half_open() {
    let times: Vec<f64> = (0..300).map(|k| f64::from(k) / 10.0).collect();
    let model = single(station(Dist::Constant(0.01), 1), trace(&times));
    let mut config = run_for(0.0, 30.0, 0.0);
    let links = LinkSet { links: vec![(CallId(0), true, true)], half: false };
    config.chaos = vec![fault(ChaosAction::Cut(links, 1.0), 10.0, Some(2.0))];
    let failed: Vec<usize> = log_of(&model, &config).iter().enumerate().filter(|(_, e)| !e.2).map(|(k, _)| k).collect();
    assert_eq!(failed, (100..120).collect::<Vec<_>>());
    let measures = simulate(&model, &config);
    assert_eq!((measures.faults.len(), measures.faults[0].at, measures.faults[0].until), (1, 10.0, 12.0));
    assert_eq!(measures.windows.iter().filter(|w| w.disturbed).count(), 2);
}

#[test]
fn simultaneous_arrivals_are_served_in_order() {
    let n = 20_000;
    let model = single(station(Dist::Constant(0.001), 1), trace(&vec![0.0; n]));
    let mut config = run_for(0.0, 1.0, 0.0);
    let log = replicate(&model, &config, 0, &|_| {}).log;
    assert!(log.iter().enumerate().all(|(k, e)| e.1 == (k as u64 + 1) * 1_000_000));
    config.max_in_flight = 1000;
    let partial = simulate(&model, &config);
    assert!(partial.partial.is_some());
}

#[test]
fn evenly_spaced_requests_that_just_fit_never_wait() {
    for rate in [1000.0, 3.0, 700.0] {
        let model = single(station(Dist::Constant(1.0 / rate), 1), Arrivals::Constant);
        let measures = simulate(&model, &run_for(rate, 30_000.0 / rate, 0.0));
        assert!(element(&measures, "A").wait_mean < 1e-9, "{}", element(&measures, "A").wait_mean);
        assert_eq!(measures.metrics.offered, 30_000);
    }
}
