//! Settings that a fault changes: each acts from its instant on, nothing before, and is back at the end.

use super::traces::fault;
use super::*;
use crate::schema::Key;

const A: Place = Place::Station(StationId(0));

fn set(place: Place, key: Key, value: Value, start: f64, length: Option<f64>) -> ChaosEvent {
    fault(ChaosAction::Set(place, key, value), start, length)
}

fn with(chaos: Vec<ChaosEvent>, config: RunConfig) -> RunConfig {
    RunConfig { chaos, ..config }
}

/// One element without limits whose replica fails after 100 s and is repaired in 10 s, on average.
fn failing() -> Architecture {
    let failures = Some(Failures { mttf: s(100.0), mttr: s(10.0), repair_crews: 0 });
    let b = StationBehavior { failures, concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
    single(b, Arrivals::Constant)
}

/// When its replica fails for the first time and is repaired, to the tenth of a second.
fn first_failure(chaos: Vec<ChaosEvent>) -> (f64, f64) {
    let log = log_of(&failing(), &with(chaos, run_for(10.0, 1000.0, 0.0)));
    let down = log.iter().position(|entry| !entry.2).map_or(log.len(), |n| n);
    let back = log[down..].iter().position(|entry| entry.2).map_or(log.len() - 1, |n| down + n);
    (log.get(down).map_or(f64::INFINITY, |entry| entry.0), log[back].0)
}

#[test]
fn what_is_left_until_a_failure_is_stretched() {
    let (fails, back) = first_failure(vec![]);
    let start = fails / 4.0;
    let mttf = |mean, length| set(A, Key::Mttf, Value::Duration(s(mean)), start, length);
    let (sooner, _) = first_failure(vec![mttf(10.0, None)]);
    near("ten times as often", sooner, start + (fails - start) / 10.0, 0.21);
    let (later, _) = first_failure(vec![mttf(10.0, Some(fails / 100.0))]);
    near("for a while", later, fails - 9.0 * fails / 100.0, 0.31);
    let (never, _) = first_failure(vec![set(A, Key::Mttf, Value::None, start, None)]);
    assert_eq!(never, f64::INFINITY);
    let (delayed, _) = first_failure(vec![set(A, Key::Mttf, Value::None, start, Some(50.0))]);
    near("not meanwhile", delayed, fails + 50.0, 0.21);
    let (half, _) = first_failure(vec![set(A, Key::Availability, Value::Number(0.5), start, None)]);
    near("up half of the time", half, start + (fails - start) / 10.0, 0.21);
    let middle = (fails + back) / 2.0;
    let (same, repaired) = first_failure(vec![set(A, Key::Mttr, Value::Duration(s(1.0)), middle, None)]);
    assert_eq!(same, fails);
    near("repaired ten times as fast", repaired, middle + (back - middle) / 10.0, 0.21);
    // What has failed is repaired as before where nothing fails any more.
    assert_eq!(first_failure(vec![set(A, Key::Mttf, Value::None, middle, None)]), (fails, back));
}

#[test]
fn failures_begin_where_there_were_none() {
    let mut model = failing();
    model.stations[0].behavior.failures = None;
    let mttf = set(A, Key::Mttf, Value::Duration(s(10.0)), 500.0, Some(300.0));
    let config =
        with(vec![mttf, set(A, Key::Mttr, Value::Duration(s(1.0)), 500.0, Some(300.0))], run_for(10.0, 1000.0, 0.0));
    let failed: Vec<f64> = log_of(&model, &config).iter().filter(|entry| !entry.2).map(|entry| entry.0).collect();
    assert!(failed.len() > 50 && failed[0] > 500.0 && failed[failed.len() - 1] < 810.0, "{failed:?}");
    assert!(failed.iter().any(|at| *at > 700.0));
}

/// Four fail about once a second, and a crew needs 100 s.
#[test]
fn further_crews_begin_at_once() {
    let failures = Some(Failures { mttf: s(1.0), mttr: s(100.0), repair_crews: 1 });
    let b = StationBehavior { failures, replicas: 4, ..station(Dist::ZERO, 1) };
    let model = single(b, Arrivals::Constant);
    let up =
        |crews: Vec<ChaosEvent>| element(&simulate(&model, &with(crews, run_for(1.0, 4000.0, 0.0))), "A").replicas_mean;
    let one = up(vec![]);
    let more = up(vec![set(A, Key::RepairCrews, Value::Number(4.0), 2000.0, None)]);
    assert!(more > 1.5 * one, "{one} replicas up by one crew, {more} when there are four in the second half");
}

#[test]
fn an_autoscaler_changes_and_goes_on() {
    let scale = |interval| Autoscale { min: 1, max: 10, target: 0.5, interval: s(interval), cooldown: Duration::ZERO };
    let scaled = |autoscale, chaos: Vec<ChaosEvent>| {
        let b = StationBehavior { autoscale, ..station(Dist::ZERO, 1) };
        let measures = simulate(&single(b, Arrivals::Constant), &with(chaos, run_for(1.0, 40.0, 0.0)));
        element(&measures, "A").replicas_mean * 40.0
    };
    let min = |at, length| set(A, Key::ScaleMin, Value::Number(4.0), at, length);
    let own = Some(scale(5.0));
    // Looks at 5, 10, 15 …: four from 15 to 30, where it is one again.
    near("for a while", scaled(own, vec![min(11.0, Some(18.0))]), 40.0 + 3.0 * 15.0, 1e-9);
    // Looks every second from 11 on: four from 12 to 29.
    let interval = set(A, Key::ScaleInterval, Value::Duration(s(1.0)), 11.0, None);
    near("more often", scaled(own, vec![interval, min(11.5, Some(17.3))]), 40.0 + 3.0 * 17.0, 1e-9);
    let off = set(A, Key::Scale, Value::Flag(false), 20.0, Some(12.0));
    // It does not look at 20 … 30, and then 5 s after 32.
    near("off", scaled(own, vec![min(11.0, Some(10.0)), off]), 40.0 + 3.0 * (37.0 - 15.0), 1e-9);
    // None at first: it begins 5 s after 10, and what it has done stays.
    let settings = [(Key::ScaleMin, Value::Number(3.0)), (Key::ScaleInterval, Value::Duration(s(5.0)))];
    let begun = settings.map(|(key, value)| set(A, key, value, 10.0, Some(10.0)));
    near("begun", scaled(None, begun.to_vec()), 40.0 + 2.0 * 25.0, 1e-9);
}

#[test]
fn costs_are_added_up_piece_by_piece() {
    let own = Cost { per_replica_hour: Some(1.0), per_call: None };
    let cost = |own, warmup, chaos| {
        let model = single(StationBehavior { cost: own, ..station(Dist::ZERO, 1) }, Arrivals::Constant);
        element(&simulate(&model, &with(chaos, run_for(10.0, 40.0, warmup))), "A").cost
    };
    let three = || set(A, Key::Cost, Value::CostPerHour(3.0), 10.0, Some(10.0));
    near("by the hour", cost(own, 0.0, vec![three()]), 1.5, 1e-12);
    near("without the warm-up", cost(own, 15.0, vec![three()]), 1.4, 1e-12);
    near("before it was measured", cost(own, 25.0, vec![three()]), 1.0, 1e-12);
    let calls = set(A, Key::Cost, Value::CostPerCall(0.01), 30.0, None);
    near("by the call", cost(own, 0.0, vec![calls]), 1.0 + 0.01 * 100.0 * 90.0, 1e-9);
    near("of none", cost(Cost::default(), 0.0, vec![three()]), 0.75, 1e-12);
    let twice = fault(ChaosAction::Multiply(A, Key::Cost, 2.0), 20.0, None);
    near("twice as much", cost(own, 0.0, vec![twice]), 1.5, 1e-12);
    let mut ramp = set(A, Key::Cost, Value::CostPerHour(5.0), 0.0, None);
    ramp.timing.ramp = s(40.0);
    // Twenty steps on the way, the last at the very end.
    near("along a ramp", cost(own, 0.0, vec![ramp]), 1.0 + 4.0 * 0.475, 1e-9);
}

/// A calls B (100 ms) and C (200 ms) in turn; B has a copy 50 ms behind that writes wait for.
fn three() -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.5, 1.5, 2.5]));
    let free = |seconds| StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(seconds), 1) };
    let a = b.station("A", free(0.0));
    let copies = Some(Replication { sync: 1, lag: s(0.05) });
    let first = b.station("B", StationBehavior { replicas: 2, replication: copies, ..free(0.1) });
    let second = b.station("C", free(0.2));
    b.request(source, a, 1.0, CallBehavior::default());
    b.call(a, first, CallBehavior::default());
    b.call(a, second, CallBehavior::default());
    b.architecture
}

#[test]
fn calls_are_made_otherwise() {
    let calls = |key, calls: &[u32]| {
        let to = |call: &u32| set(Place::Call(CallId(*call)), key, Value::Flag(true), 1.0, Some(1.0));
        responses(&three(), &with(calls.iter().map(to).collect(), run_for(0.0, 4.0, 0.0)))
    };
    assert_eq!(calls(Key::Write, &[1]), [0.3, 0.35, 0.3]);
    assert_eq!(calls(Key::Parallel, &[1, 2]), [0.3, 0.2, 0.3]);
    assert_eq!(calls(Key::Async, &[2]), [0.3, 0.1, 0.3]);
    // A step keeps what it says itself.
    let mut model = three();
    let steps =
        vec![Step { write: true, parallel: true, ..Step::plain(CallId(1), None) }, Step::plain(CallId(2), None)];
    model.request_types[0].path = Path::Flow { steps, from_source: false };
    let off = |key| set(Place::Call(CallId(1)), key, Value::Flag(false), 1.0, Some(1.0));
    let parallel = set(Place::Call(CallId(2)), Key::Parallel, Value::Flag(true), 2.0, None);
    let config = with(vec![off(Key::Write), off(Key::Parallel), parallel], run_for(0.0, 4.0, 0.0));
    assert_eq!(responses(&model, &config), [0.35, 0.35, 0.2]);
}

#[test]
fn another_is_called_instead() {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.5, 1.5, 2.5, 3.5]));
    let a = b.station("A", StationBehavior { errors: 1.0, ..station(Dist::ZERO, 1) });
    let quick = b.station("F", station(Dist::Constant(0.1), 1));
    let slow = b.station("G", station(Dist::Constant(0.2), 1));
    b.request(source, a, 1.0, CallBehavior { fallback: Some(quick), ..CallBehavior::default() });
    let to = |station, at| set(Place::Call(CallId(0)), Key::Fallback, Value::Station(station), at, Some(1.0));
    let config = with(vec![to(Some(slow), 1.0), to(None, 2.0)], run_for(0.0, 5.0, 0.0));
    assert_eq!(responses(&b.architecture, &config), [0.1, 0.2, 0.0, 0.1]);
    let ok: Vec<bool> = log_of(&b.architecture, &config).iter().map(|entry| entry.2).collect();
    assert_eq!(ok, [true, true, false, true]);
}

#[test]
fn dead_messages_go_elsewhere() {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Constant);
    let rules = QueueBehavior { max_deliveries: 1, ..StationBehavior::default().queue_behavior };
    let q = b.queue("Q", "queue", StationBehavior { queue_behavior: rules, ..StationBehavior::default() });
    let worker = b.station("W", StationBehavior { errors: 1.0, ..station(Dist::ZERO, 1) });
    let [first, second] = ["D", "E"].map(|name| b.queue(name, "queue", StationBehavior::default()));
    b.request(source, q, 1.0, CallBehavior::default());
    b.call(q, worker, CallBehavior::default());
    b.architecture.stations[q.index()].behavior.queue_behavior.dead_letter = Some(first);
    let to = set(Place::Station(q), Key::DeadLetter, Value::Station(Some(second)), 4.0, Some(3.0));
    let measures = simulate(&b.architecture, &with(vec![to], run_for(10.0, 10.0, 0.0)));
    assert_eq!([element(&measures, "D").arrivals, element(&measures, "E").arrivals], [70, 30]);
}

#[test]
fn other_keys_are_asked_for() {
    let keys = |n| KeyPopularity { exponent: 0.0, keys: n };
    let lru = CacheMode::Lru { entries: 10, keys: keys(10), ttl: None };
    let cache = Some(CachePolicy { mode: lru, hit_time: Dist::ZERO });
    let model = single(StationBehavior { cache, ..station(Dist::ZERO, 1) }, Arrivals::Constant);
    let hits = |chaos| element(&simulate(&model, &with(chaos, run_for(100.0, 100.0, 20.0))), "A").hit_ratio;
    assert_eq!(hits(vec![]), 1.0);
    let wider = |n| set(A, Key::CacheKey, Value::Keys(keys(n)), 60.0, Some(20.0));
    // Of 80 s measured a quarter, with a tenth of the keys in the cache.
    near("a hundred keys", hits(vec![wider(100)]), 1.0 - 0.25 * 0.9, 0.01);
    assert_eq!(hits(vec![wider(5)]), 1.0);

    let shards = Some(Shards { count: 2, keys: keys(1000) });
    let model = single(StationBehavior { shards, ..station(Dist::Constant(0.01), 1) }, Arrivals::Constant);
    let busy = |chaos| element(&simulate(&model, &with(chaos, run_for(160.0, 50.0, 0.0))), "A").wait_max;
    let one = set(A, Key::ShardsKey, Value::Keys(keys(1)), 20.0, Some(10.0));
    let calm = busy(vec![]);
    let hot = busy(vec![one]);
    // One shard serves 100 of 160 a second: 600 are behind after 10 s.
    assert!(calm < 0.5 && (5.5..7.0).contains(&hot), "{calm} s and {hot} s");
}

/// Requests of two types from one source wait for 1 s of work each; when each ends.
fn types(chaos: Vec<ChaosEvent>) -> Vec<f64> {
    let mut b = Builder::default();
    let a = b.station("A", StationBehavior { discipline: Discipline::Priority, ..station(Dist::Constant(1.0), 1) });
    for (n, times) in [[0.0, 0.1, 3.1], [0.2, 0.3, 3.2]].into_iter().enumerate() {
        let source = b.source(&format!("U{n}"), trace(&times));
        b.request(source, a, 1.0, CallBehavior::default());
    }
    let log = log_of(&b.architecture, &with(chaos, run_for(0.0, 10.0, 0.0)));
    log.into_iter().map(|(_, end, _)| (end * 1e6).round() / 1e6).collect()
}

#[test]
fn who_waits_is_lined_up_by_other_priorities() {
    let second = |key, value, at, length| set(Place::Request(RequestTypeId(1)), key, value, at, length);
    assert_eq!(types(vec![]), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let first = || second(Key::Priority, Value::Number(2.0), 0.5, None);
    assert_eq!(types(vec![first()]), [1.0, 4.0, 2.0, 3.0, 6.0, 5.0]);
    let briefly = second(Key::Priority, Value::Number(2.0), 0.5, Some(1.0));
    assert_eq!(types(vec![briefly]), [1.0, 3.0, 2.0, 4.0, 5.0, 6.0]);
    // From 3 on the second type interrupts: at 3.2 that of 0.1 has 0.8 left.
    let preempt = second(Key::Preempt, Value::Flag(true), 3.0, None);
    assert_eq!(types(vec![first(), preempt]), [1.0, 5.0, 2.0, 3.0, 6.0, 4.2]);
}

/// How many requests of each type arrive in each of three thirds of 30 s.
fn thirds(arrivals: Arrivals, chaos: Vec<ChaosEvent>) -> Vec<Vec<usize>> {
    let mut b = Builder::default();
    let source = b.source("U", arrivals);
    for (n, work) in [0.001, 0.002].into_iter().enumerate() {
        let free = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(work), 1) };
        let to = b.station(&format!("S{n}"), free);
        b.request(source, to, 1.0, CallBehavior::default());
    }
    let log = log_of(&b.architecture, &with(chaos, run_for(100.0, 30.0, 0.0)));
    let of = |work: f64, third: f64| {
        let counts = |(at, end, _): &&(f64, f64, bool)| (end - at - work).abs() < 1e-6 && (at / 10.0).floor() == third;
        log.iter().filter(counts).count()
    };
    [0.0, 1.0, 2.0].map(|third| vec![of(0.001, third), of(0.002, third)]).to_vec()
}

#[test]
fn the_load_is_shared_by_other_weights() {
    let weight = |value: f64, length| set(Place::Call(CallId(0)), Key::Weight, Value::Number(value), 10.0, length);
    let [before, meanwhile, after] = [[500, 500], [750, 250], [500, 500]].map(|all| all.to_vec());
    let near_to = |all: &[Vec<usize>], wanted: [&Vec<usize>; 3], tolerance: usize| {
        let close = |(a, b): (&usize, &usize)| a.abs_diff(*b) <= tolerance;
        assert!(all.iter().zip(wanted).all(|(a, b)| a.iter().zip(b).all(close)), "{all:?}");
    };
    near_to(&thirds(Arrivals::Constant, vec![weight(3.0, Some(10.0))]), [&before, &meanwhile, &after], 1);
    near_to(&thirds(Arrivals::Poisson, vec![weight(3.0, Some(10.0))]), [&before, &meanwhile, &after], 90);
    let none = thirds(Arrivals::Constant, vec![weight(0.0, Some(10.0))]);
    near_to(&none, [&before, &vec![0, 1000], &after], 1);
}

/// Each instant of a trace is one request's, whatever the weights are, and whenever they change.
#[test]
fn no_instant_of_a_trace_is_lost_or_taken_twice() {
    let times: Vec<f64> = (0..300).flat_map(|n| [f64::from(n) / 10.0; 4]).collect();
    for (start, length) in [(10.0, 10.0), (10.05, 5.0), (0.0, 29.9), (9.95, 0.05)] {
        let mut event = set(Place::Call(CallId(0)), Key::Weight, Value::Number(9.0), start, Some(length));
        event.timing.every = Some(s(length + 0.1));
        let found = thirds(trace(&times), vec![event.clone()]);
        let all: usize = found.iter().flatten().sum();
        assert_eq!(all, 1200, "{start} for {length}: {found:?}");
        assert!(found[1][0] > found[1][1], "{found:?}");
    }
}

#[test]
fn requests_arrive_by_another_process() {
    let process =
        |arrivals, at, length| set(Place::Source(SourceId(0)), Key::Arrivals, Value::Arrivals(arrivals), at, length);
    let free = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
    let arrivals = |own, chaos| -> Vec<f64> {
        log_of(&single(free.clone(), own), &with(chaos, run_for(10.0, 30.0, 0.0))).iter().map(|entry| entry.0).collect()
    };
    let inside = |all: &[f64], from: f64, to: f64| -> Vec<f64> {
        all.iter().copied().filter(|at| (from..to).contains(at)).collect()
    };
    let own = arrivals(Arrivals::Poisson, vec![]);
    let even = arrivals(Arrivals::Poisson, vec![process(Arrivals::Constant, 10.0, Some(10.0))]);
    assert_eq!(inside(&own, 0.0, 10.0), inside(&even, 0.0, 10.0));
    let grid: Vec<f64> = (100..200).map(|n| f64::from(n) / 10.0).collect();
    assert!(inside(&even, 10.0, 20.0).iter().zip(&grid).all(|(a, b)| (a - b).abs() < 1e-6));
    assert_eq!(inside(&even, 10.0, 20.0).len(), 100);
    let rest = inside(&even, 20.0, 30.0);
    assert!((60..140).contains(&rest.len()) && rest.windows(2).any(|two| two[1] - two[0] > 0.2));
    // A trace stands at its own instants, and those before have been.
    let times = [5.0, 12.0, 14.0, 25.0];
    let told = arrivals(Arrivals::Constant, vec![process(trace(&times), 10.0, Some(10.0))]);
    assert_eq!(inside(&told, 10.0, 20.0), [12.0, 14.0]);
    let from_trace = arrivals(trace(&times), vec![process(Arrivals::Constant, 13.0, Some(1.5))]);
    assert_eq!(inside(&from_trace, 0.0, 13.0), [5.0, 12.0]);
    assert_eq!((inside(&from_trace, 13.0, 14.5).len(), inside(&from_trace, 14.5, 30.0)), (15, vec![25.0]));
    let bursts = Arrivals::Mmpp { low: 0.0, high: 1000.0, switch: 1000.0 };
    let bursty = arrivals(Arrivals::Constant, vec![process(bursts, 10.0, Some(10.0))]);
    near("a rate of its own", inside(&bursty, 10.0, 20.0).len() as f64, 5000.0, 400.0);
    assert_eq!(inside(&bursty, 20.0, 30.0).len(), 100);
}

#[test]
fn of_scale_and_set_replicas_the_later_acts() {
    let model = single(station(Dist::ZERO, 1), Arrivals::Constant);
    let scale = |replicas, at, length| {
        let all = ElementSet { stations: vec![StationId(0)], replicas: None, any: None };
        fault(ChaosAction::Scale(all, replicas), at, length)
    };
    let replicas = |n, at, length| set(A, Key::Replicas, Value::Number(n), at, length);
    let mean = |chaos| element(&simulate(&model, &with(chaos, run_for(1.0, 40.0, 0.0))), "A").replicas_mean * 4.0;
    near("scale last", mean(vec![scale(6, 20.0, Some(10.0)), replicas(3.0, 10.0, None)]), 1.0 + 3.0 + 6.0 + 3.0, 1e-9);
    near("set last", mean(vec![scale(6, 10.0, None), replicas(3.0, 20.0, Some(10.0))]), 1.0 + 6.0 + 3.0 + 6.0, 1e-9);
    let twice = fault(ChaosAction::Multiply(A, Key::Replicas, 2.0), 20.0, Some(10.0));
    near("twice as many", mean(vec![scale(6, 10.0, None), twice]), 1.0 + 6.0 + 12.0 + 6.0, 1e-9);
    near("as the model has it", mean(vec![scale(6, 10.0, None), replicas(1.0, 20.0, Some(10.0))]), 14.0, 1e-9);
}

/// Along a ramp a mean is on its way in twenty steps.
#[test]
fn times_and_limits_grow_along_a_ramp() {
    let times: Vec<f64> = (0..11).map(|n| f64::from(n) + 0.6).collect();
    let free = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.1), 1) };
    let responses = |place, key, value| {
        let mut event = set(place, key, value, 0.0, None);
        event.timing.ramp = s(10.0);
        responses(&single(free.clone(), trace(&times)), &with(vec![event], run_for(0.0, 12.0, 0.0)))
    };
    let slower = responses(A, Key::ServiceTime, Value::Dist(Dist::Constant(0.3)));
    assert_eq!([slower[0], slower[5], slower[10]], [0.11, 0.21, 0.3]);
    let call = Place::Call(CallId(0));
    let further = responses(call, Key::Latency, Value::Dist(Dist::Constant(0.1)));
    assert_eq!([further[0], further[5], further[10]], [0.11, 0.21, 0.3]);
}

/// Two workers with four shards each take from one queue: none of the eight replicas waits for another's messages.
#[test]
fn consumers_with_shards_share_a_queue() {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let q = b.queue("Q", "queue", StationBehavior::default());
    b.request(source, q, 1.0, CallBehavior::default());
    let shards = Some(Shards { count: 4, keys: KeyPopularity { exponent: 0.0, keys: 1000 } });
    for name in ["V", "W"] {
        let to = b.station(name, StationBehavior { shards, ..station(Dist::Constant(0.1), 1) });
        b.call(q, to, CallBehavior::default());
    }
    let measures = simulate(&b.architecture, &run_for(60.0, 200.0, 0.0));
    // Each message may go to two of eight; as many as three quarters of the workers are busy.
    let queue = element(&measures, "Q");
    assert!(queue.wait_mean < 0.1, "{}", queue.wait_mean);
    near("busy", element(&measures, "V").busy, element(&measures, "W").busy, 0.2);
    assert_eq!(queue.dead_letters, 0);
}
