//! Against the engine: whatever is answered must agree with a simulation within its stated bound.

use super::*;
use crate::measure::RunMeasures;
use crate::sim;

/// What four replications of 100 000 requests leave open of a mean, relative.
const NOISE: f64 = 0.04;

/// Simulates about so many requests in four replications.
fn simulated(model: &Architecture, config: &RunConfig, requests: f64) -> RunMeasures {
    let rate = evaluate(model, config).rate.value().unwrap_or(100.0);
    let seconds = requests / 4.0 / rate;
    let config = RunConfig {
        duration: Duration::from_seconds(1.1 * seconds).unwrap(),
        warmup: Duration::from_seconds(0.1 * seconds),
        replications: 4,
        seed: 11,
        ..config.clone()
    };
    sim::simulate(model, &config)
}

/// Holds every answer to the simulation: its bound plus what 4 replications leave open.
#[track_caller]
fn agrees(name: &str, model: &Architecture, config: &RunConfig, noise: f64) {
    agrees_for(name, model, config, noise, 400_000.0);
}

/// The same with another number of requests.
#[track_caller]
fn agrees_for(name: &str, model: &Architecture, config: &RunConfig, noise: f64, requests: f64) {
    let found = evaluate(model, config);
    let measured = simulated(model, config, requests);
    assert!(found.all.mean.value().is_some(), "{name}: {:?}", found.all.mean);
    for (path, e) in &found.elements.0 {
        let m = &measured.elements[path];
        let residence = m.wait_mean + if m.throughput > 0.0 { m.busy / m.throughput } else { 0.0 };
        compare(&format!("{name} {path} wait"), &e.wait_mean, m.wait_mean, residence, noise);
        compare(&format!("{name} {path} response"), &e.response_mean, m.response_mean, m.response_mean, noise);
        compare(&format!("{name} {path} utilisation"), &e.utilization, m.utilization, m.utilization, 0.02);
        let offered = m.arrivals as f64 / measured.measured / 4.0;
        compare(&format!("{name} {path} offered"), &e.offered, offered, offered, 0.01);
        let lost = m.rejected as f64 / m.arrivals.max(1) as f64;
        if model.stations.iter().all(|station| station.behavior.patience.is_none()) {
            compare(&format!("{name} {path} blocking"), &e.blocking, lost, 1.0, noise);
        }
    }
    let (all, m) = (&found.all, &measured.metrics);
    compare(&format!("{name} mean"), &all.mean, m.latency.mean, m.latency.mean, noise);
    compare(&format!("{name} p50"), &all.p50, m.latency.p50, m.latency.p50, noise);
    compare(&format!("{name} p95"), &all.p95, m.latency.p95, m.latency.p95, noise);
    compare(&format!("{name} p99"), &all.p99, m.latency.p99, m.latency.p99, 1.5 * noise);
    compare(&format!("{name} errors"), &all.error_rate, m.error_rate, m.error_rate, 3.0 * noise);
    compare(&format!("{name} amplification"), &found.amplification, m.amplification, m.amplification, 0.01);
}

#[track_caller]
fn compare(what: &str, answer: &Answer, measured: f64, scale: f64, noise: f64) {
    let Some(figure) = answer.figure() else { return };
    let bound = match figure.exactness {
        Exactness::Exact => 0.0,
        Exactness::Approximate(bound) => bound,
    };
    let off = (figure.value - measured).abs();
    println!(
        "{what}: {:.6} measured {measured:.6} off {:.1} % bound {:.0} %",
        figure.value,
        100.0 * off / scale.max(1e-12),
        100.0 * bound
    );
    assert!(off <= (bound + noise) * scale + 1e-6, "{what}: {figure:?}, measured {measured}");
}

#[test]
fn single_stations() {
    let poisson = Arrivals::Poisson;
    for (name, behavior, arrivals, load) in [
        ("M/M/1", station(exp(0.01), 1), poisson.clone(), 80.0),
        ("M/M/4", station(exp(0.01), 4), poisson.clone(), 320.0),
        ("M/D/1", station(Dist::Constant(0.01), 1), poisson.clone(), 80.0),
        ("M/D/4", station(Dist::Constant(0.01), 4), poisson.clone(), 340.0),
        ("M/E4/3", station(Dist::Erlang { k: 4, mean: 0.01 }, 3), poisson.clone(), 240.0),
        ("M/H2/1", station(h2(), 1), poisson.clone(), 60.0),
        ("M/H2/4", station(h2(), 4), poisson.clone(), 280.0),
        ("M/LN/1", station(Dist::lognormal_mean_cv(0.01, 1.5), 1), poisson.clone(), 70.0),
        ("M/LN/8", station(Dist::lognormal_mean_cv(0.01, 1.5), 8), poisson.clone(), 640.0),
        ("M/LN/16 calm", station(Dist::lognormal_p50_p99(0.008, 0.06), 16), poisson.clone(), 400.0),
        ("M/U/1", station(Dist::Uniform { low: 0.0, high: 0.02 }, 1), poisson.clone(), 75.0),
        ("D/M/1", station(exp(0.01), 1), Arrivals::Constant, 80.0),
        ("D/M/4", station(exp(0.01), 4), Arrivals::Constant, 340.0),
        ("E3/D/2", station(Dist::Constant(0.01), 2), Arrivals::Erlang(3), 170.0),
        ("H2/M/3", station(exp(0.01), 3), Arrivals::Hyperexponential { cv: 2.0 }, 210.0),
        ("batches", station(exp(0.01), 1), Arrivals::BatchGeometric(3.0), 60.0),
        ("loss", StationBehavior { queue: Limit::At(5), ..station(exp(0.01), 2) }, poisson.clone(), 200.0),
        ("errors", StationBehavior { errors: 0.1, ..station(exp(0.01), 2) }, poisson.clone(), 150.0),
        (
            "sharing",
            StationBehavior { discipline: Discipline::ProcessorSharing, ..station(h2(), 2) },
            poisson.clone(),
            150.0,
        ),
        (
            "last first",
            StationBehavior { discipline: Discipline::Lifo, ..station(exp(0.01), 1) },
            poisson.clone(),
            70.0,
        ),
    ] {
        agrees(name, &single(behavior, arrivals), &at_load(load), NOISE);
    }
}

#[test]
fn replicas() {
    for (name, replicas, workers, balance, load) in [
        ("random", 4, 2, Balance::Random, 640.0),
        ("in turn, one worker", 5, 1, Balance::RoundRobin, 400.0),
        ("in turn, four workers", 3, 4, Balance::RoundRobin, 1000.0),
        ("in turn, calm", 3, 16, Balance::RoundRobin, 1000.0),
        ("emptiest", 4, 1, Balance::LeastConnections, 320.0),
        ("emptiest, four workers", 3, 4, Balance::LeastConnections, 1020.0),
        ("better of two", 20, 1, Balance::PowerOfTwo, 1600.0),
    ] {
        let behavior = StationBehavior { replicas, balance, ..station(exp(0.01), workers) };
        agrees(name, &single(behavior, Arrivals::Poisson), &at_load(load), NOISE);
        let behavior = StationBehavior { replicas, balance, ..station(Dist::Erlang { k: 2, mean: 0.01 }, workers) };
        if balance != Balance::PowerOfTwo {
            agrees(name, &single(behavior, Arrivals::Poisson), &at_load(load), NOISE);
        }
    }
}

#[test]
fn networks() {
    let open = |dist, workers| StationBehavior { blocking: false, ..station(dist, workers) };
    let plain = CallBehavior::default();
    let remote = CallBehavior { latency: exp(0.002), ..CallBehavior::default() };
    agrees(
        "tandem",
        &chain(&[open(exp(0.01), 1), open(exp(0.008), 1), open(exp(0.02), 3)], &plain),
        &at_load(80.0),
        0.05,
    );
    agrees(
        "tandem, constant",
        &chain(&[open(Dist::Constant(0.01), 1), open(exp(0.01), 1)], &plain),
        &at_load(70.0),
        0.05,
    );
    agrees(
        "tandem, wild",
        &chain(&[open(h2(), 1), open(Dist::lognormal_mean_cv(0.01, 1.5), 2)], &remote),
        &at_load(70.0),
        0.05,
    );
    agrees("held, calm", &chain(&[station(exp(0.002), 64), station(exp(0.004), 8)], &remote), &at_load(1000.0), NOISE);
    agrees("held, busy", &chain(&[station(exp(0.01), 8), station(exp(0.01), 4)], &remote), &at_load(200.0), NOISE);
    agrees(
        "held twice",
        &chain(&[station(exp(0.005), 16), station(exp(0.005), 8), station(exp(0.01), 4)], &plain),
        &at_load(250.0),
        0.05,
    );
    let sometimes = CallBehavior { probability: 0.4, ..remote.clone() };
    let twice = CallBehavior { calls: 2, ..plain.clone() };
    let below = [(open(exp(0.01), 2), sometimes), (open(exp(0.005), 2), twice)];
    agrees("some and several", &fan(open(exp(0.004), 2), &below), &at_load(120.0), NOISE);
    let aside = CallBehavior { parallel: true, ..remote.clone() };
    let later = CallBehavior { asynchronous: true, ..plain.clone() };
    let below = [
        (open(exp(0.01), 2), aside.clone()),
        (open(exp(0.01), 2), aside.clone()),
        (open(exp(0.003), 1), plain.clone()),
        (open(exp(0.005), 1), later),
    ];
    agrees("fork, join and send", &fan(free(exp(0.001)), &below), &at_load(120.0), NOISE);
    let below = [(free(exp(0.01)), aside.clone()), (free(Dist::Constant(0.02)), aside)];
    agrees("fork without contention", &fan(free(exp(0.001)), &below), &at_load(120.0), NOISE);
}

#[test]
fn failures_and_attempts() {
    let retry = |count, backoff| Some(RetryPolicy { count, backoff, ..RetryPolicy::default() });
    let open = |dist, workers| StationBehavior { blocking: false, ..station(dist, workers) };
    let call = CallBehavior {
        retry: retry(2, Backoff::Constant(Duration(20_000_000))),
        loss: 0.02,
        ..CallBehavior::default()
    };
    let failing = StationBehavior { errors: 0.1, ..open(exp(0.01), 2) };
    agrees(
        "errors tried again",
        &chain(&[free(exp(0.001)), failing.clone(), free(exp(0.002))], &call),
        &at_load(120.0),
        0.05,
    );
    let mut config = at_load(120.0);
    config.failures = 0.05;
    agrees(
        "failures everywhere",
        &chain(&[free(exp(0.001)), open(exp(0.01), 2), free(exp(0.002))], &call),
        &config,
        0.05,
    );
    let held = [station(exp(0.002), 32), StationBehavior { errors: 0.05, ..station(exp(0.01), 4) }];
    agrees("held over attempts", &chain(&held, &call), &at_load(250.0), NOISE);
    let timed =
        CallBehavior { timeout: Some(Duration(60_000_000)), retry: retry(2, Backoff::None), ..CallBehavior::default() };
    agrees("timeouts without contention", &chain(&[free(exp(0.001)), free(exp(0.02))], &timed), &at_load(100.0), NOISE);
    agrees("timeouts of a queue", &chain(&[free(exp(0.001)), open(exp(0.01), 1)], &timed), &at_load(20.0), NOISE);
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let root = b.station("Root", free(exp(0.001)));
    let main = b.station("Main", StationBehavior { errors: 0.2, ..open(exp(0.01), 2) });
    let other = b.station("Other", open(exp(0.01), 1));
    b.request(source, root, 1.0, CallBehavior::default());
    b.call(root, main, CallBehavior { fallback: Some(other), ..CallBehavior::default() });
    agrees("fallback", &b.architecture, &at_load(150.0), NOISE);
}

#[test]
fn caches_flows_and_messages() {
    let cache = Some(CachePolicy { mode: CacheMode::HitRatio(0.8), hit_time: Dist::Constant(0.001) });
    let front = StationBehavior { cache, ..station(exp(0.002), 8) };
    let below = [(station(exp(0.01), 4), CallBehavior { latency: Dist::Constant(0.0005), ..CallBehavior::default() })];
    agrees("cache", &fan(front, &below), &at_load(1000.0), NOISE);
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let api = b.station("Api", station(exp(0.002), 8));
    let queue = b.queue("Queue", "queue", StationBehavior::default());
    let worker = b.station("Worker", station(exp(0.02), 4));
    b.request(source, api, 1.0, CallBehavior::default());
    b.call(api, queue, CallBehavior::default());
    b.call(queue, worker, CallBehavior::default());
    agrees("messages", &b.architecture, &at_load(160.0), NOISE);
    let open = |dist, workers| StationBehavior { blocking: false, ..station(dist, workers) };
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let api = b.station("Api", open(exp(0.004), 2));
    let db = b.station("Db", open(exp(0.01), 4));
    let call = b.call(api, db, CallBehavior::default());
    for (n, (weight, mean)) in [(3.0, None), (1.0, Some(0.02))].into_iter().enumerate() {
        b.request(source, api, weight, CallBehavior::default());
        let request = b.architecture.request_types.last_mut().unwrap();
        request.name = format!("F{n}").into();
        let repeat_geometric = (n == 1).then_some(1.5);
        let step = Step { service_time: mean.map(exp), repeat_geometric, ..Step::plain(call, None) };
        request.path = Path::Flow { steps: vec![step], from_source: false };
    }
    agrees("flows", &b.architecture, &at_load(180.0), NOISE);
}

#[test]
fn closed_loops() {
    let random =
        |replicas| StationBehavior { replicas, balance: Balance::Random, blocking: false, ..station(exp(0.02), 2) };
    agrees(
        "users",
        &chain(&[free(exp(0.05)), random(3), free(exp(0.01))], &CallBehavior::default()),
        &users(150, exp(0.5)),
        0.05,
    );
}

#[test]
fn bursts() {
    let mmpp = |low, high, switch| Arrivals::Mmpp { low, high, switch };
    for (name, behavior, arrivals) in [
        ("Q30", station(exp(1.0 / 150.0), 1), mmpp(50.0, 170.0, 5.0)),
        ("calm and crowded", station(exp(0.01), 1), mmpp(20.0, 95.0, 2.0)),
        ("on and off", station(exp(0.01), 2), mmpp(0.0, 240.0, 4.0)),
        ("eight workers", station(exp(0.01), 8), mmpp(300.0, 900.0, 3.0)),
        ("constant work", station(Dist::Constant(0.01), 1), mmpp(30.0, 120.0, 5.0)),
        ("even work", station(Dist::Erlang { k: 3, mean: 0.01 }, 1), mmpp(30.0, 120.0, 5.0)),
        ("wild work", station(h2(), 1), mmpp(30.0, 100.0, 5.0)),
        ("wild work of four", station(Dist::lognormal_mean_cv(0.01, 1.5), 4), mmpp(150.0, 450.0, 5.0)),
        ("constant work of four", station(Dist::Constant(0.01), 4), mmpp(150.0, 450.0, 10.0)),
        (
            "replicas at random",
            StationBehavior { replicas: 3, balance: Balance::Random, ..station(exp(0.01), 2) },
            mmpp(200.0, 700.0, 5.0),
        ),
        ("replicas in turn", StationBehavior { replicas: 3, ..station(exp(0.01), 1) }, mmpp(100.0, 380.0, 5.0)),
        (
            "the emptiest replica",
            StationBehavior { replicas: 3, balance: Balance::LeastConnections, ..station(exp(0.01), 1) },
            mmpp(100.0, 330.0, 5.0),
        ),
    ] {
        agrees_for(name, &single(behavior, arrivals), &at_load(1.0), NOISE, 1_600_000.0);
    }
    let mut b = Builder::default();
    let source = b.source("U", mmpp(100.0, 350.0, 2.0));
    let front = b.station("Front", StationBehavior { blocking: false, ..station(exp(0.001), 16) });
    let back = b.station("Back", StationBehavior { blocking: false, ..station(exp(0.006), 2) });
    b.request(source, front, 1.0, CallBehavior { latency: exp(0.0005), ..CallBehavior::default() });
    b.call(front, back, CallBehavior { probability: 0.9, ..CallBehavior::default() });
    agrees_for("bursts passed on", &b.architecture, &at_load(1.0), NOISE, 1_600_000.0);
}

#[test]
fn batches_of_several_workers() {
    for (name, behavior, arrivals, load) in [
        ("four", station(exp(0.01), 4), Arrivals::BatchFixed(3), 300.0),
        ("eight", station(exp(0.01), 8), Arrivals::BatchGeometric(5.0), 600.0),
        ("even work", station(Dist::Erlang { k: 4, mean: 0.01 }, 4), Arrivals::BatchFixed(6), 300.0),
        ("constant work", station(Dist::Constant(0.01), 3), Arrivals::BatchGeometric(4.0), 240.0),
        ("wild work", station(h2(), 4), Arrivals::BatchFixed(3), 280.0),
    ] {
        agrees_for(name, &single(behavior, arrivals), &at_load(load), NOISE, 800_000.0);
    }
}

#[test]
fn caches_of_the_latest_keys() {
    let below = [(station(exp(0.01), 4), CallBehavior::default())];
    for (entries, exponent, keys, ttl, load) in [
        (3, 1.0, 10, None, 400.0),
        (10, 0.8, 100, None, 300.0),
        (100, 1.0, 1_000, None, 500.0),
        (500, 0.7, 2_000, None, 400.0),
        (50, 1.2, 5_000, None, 600.0),
        (1_000, 1.0, 1_000, Some(10.0), 600.0),
        (200, 0.9, 1_000, Some(2.0), 400.0),
        (100, 1.0, 500, Some(0.5), 350.0),
    ] {
        let keys = KeyPopularity { exponent, keys };
        let mode = CacheMode::Lru { entries, keys, ttl: ttl.map(|s| Duration::from_seconds(s).unwrap()) };
        let cache = Some(CachePolicy { mode, hit_time: Dist::Constant(0.0002) });
        let front = StationBehavior { cache, ..free(exp(0.001)) };
        agrees(&format!("{entries} of {keys:?}, {ttl:?}"), &fan(front, &below), &at_load(load), 0.05);
    }
}

#[test]
fn patience_of_a_certain_time() {
    for (load, workers, limit) in [(90.0, 1, 0.05), (220.0, 2, 0.02), (390.0, 4, 0.05)] {
        let behavior = StationBehavior { patience: Some(Dist::Constant(limit)), ..station(exp(0.01), workers) };
        agrees(&format!("{workers} for {limit} s"), &single(behavior, Arrivals::Poisson), &at_load(load), NOISE);
    }
}

/// A source that asks several stations itself, one after the other or side by side.
fn journey(arrivals: Arrivals, steps: &[(StationBehavior, CallBehavior)], blocking: bool) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", arrivals);
    let mut made = Vec::new();
    for (n, (behavior, call)) in steps.iter().enumerate() {
        let to = b.station(&format!("S{n}"), StationBehavior { blocking, ..behavior.clone() });
        made.push(b.request(source, to, f64::from(u8::from(n == 0)), call.clone()));
    }
    b.architecture.request_types.truncate(1);
    let steps = made
        .into_iter()
        .map(|call| Step { parallel: b.architecture.call(call).behavior.parallel, ..Step::plain(call, None) });
    let steps = steps.collect();
    b.architecture.request_types[0].path = Path::Flow { steps, from_source: true };
    b.architecture
}

#[test]
fn journeys() {
    let plain = CallBehavior::default();
    let three = |call: &CallBehavior| {
        [station(exp(0.01), 1), station(exp(0.008), 1), station(exp(0.02), 3)].map(|s| (s, call.clone()))
    };
    agrees("one after the other", &journey(Arrivals::Poisson, &three(&plain), false), &at_load(80.0), 0.05);
    let remote = CallBehavior { latency: exp(0.002), probability: 0.8, ..plain.clone() };
    agrees("some of them", &journey(Arrivals::Poisson, &three(&remote), true), &at_load(90.0), 0.05);
    let first = [(station(exp(0.01), 1), plain.clone()), (free(exp(0.02)), plain.clone())];
    agrees("evenly", &journey(Arrivals::Constant, &first, false), &at_load(80.0), 0.05);
    agrees("in batches", &journey(Arrivals::BatchFixed(3), &first, false), &at_load(60.0), 0.05);
    let mmpp = Arrivals::Mmpp { low: 30.0, high: 110.0, switch: 5.0 };
    agrees_for("in bursts", &journey(mmpp, &first, false), &at_load(1.0), 0.05, 800_000.0);
    let aside = CallBehavior { parallel: true, ..plain.clone() };
    let fork = [
        (station(exp(0.01), 2), aside.clone()),
        (station(exp(0.012), 2), aside),
        (station(exp(0.005), 1), plain.clone()),
    ];
    agrees("side by side", &journey(Arrivals::Poisson, &fork, false), &at_load(110.0), 0.05);
    let failing = StationBehavior { errors: 0.1, ..station(exp(0.01), 1) };
    let retry = Some(RetryPolicy { count: 1, ..RetryPolicy::default() });
    let again = [(failing, CallBehavior { retry, ..plain.clone() }), (station(exp(0.01), 2), plain.clone())];
    agrees("with failures", &journey(Arrivals::Poisson, &again, false), &at_load(60.0), 0.05);
    agrees("of users", &journey(Arrivals::Poisson, &three(&plain), false), &users(40, exp(0.3)), 0.05);
}

fn pool(size: u32) -> CallBehavior {
    CallBehavior { pool: Some(Pool { size, wait: None }), ..CallBehavior::default() }
}

#[test]
fn connections() {
    let open = |dist, workers| StationBehavior { blocking: false, ..station(dist, workers) };
    let front = || free(exp(0.001));
    let far = |size| CallBehavior { latency: Dist::Constant(0.002), ..pool(size) };
    let wait = |size, seconds| CallBehavior {
        pool: Some(Pool { size, wait: Some(Duration::from_seconds(seconds).unwrap()) }),
        ..CallBehavior::default()
    };
    let bulkhead = |most, size| CallBehavior {
        bulkhead: Some(most),
        pool: (size > 0).then_some(Pool { size, wait: None }),
        ..CallBehavior::default()
    };
    for (name, call, back, load) in [
        ("a calm callee", pool(8), free(exp(0.01)), 640.0),
        ("a calm callee of constant work", pool(4), free(Dist::Constant(0.01)), 320.0),
        ("a calm callee of wild work", pool(8), free(h2()), 600.0),
        ("a calm callee far away", far(8), free(exp(0.01)), 450.0),
        ("fewer than workers", pool(4), open(exp(0.01), 16), 320.0),
        ("twice the workers", pool(8), open(exp(0.01), 4), 320.0),
        ("twice the workers far away", far(8), open(exp(0.01), 4), 320.0),
        ("twice the workers, constant work", pool(8), open(Dist::Constant(0.01), 4), 350.0),
        ("twice the workers, wild work", pool(8), open(h2(), 4), 300.0),
        ("nearly saturated", far(5), open(exp(0.01), 4), 310.0),
        ("no wait", wait(10, 0.0), free(exp(0.01)), 800.0),
        ("a short wait", wait(10, 0.005), free(exp(0.01)), 950.0),
        ("a short wait before a queue", wait(6, 0.01), open(exp(0.01), 4), 380.0),
        ("bulkhead", bulkhead(10, 0), free(exp(0.01)), 800.0),
        ("bulkhead before a queue", bulkhead(8, 0), open(exp(0.01), 4), 380.0),
        ("bulkhead and pool", bulkhead(12, 6), open(exp(0.01), 4), 380.0),
    ] {
        agrees(name, &chain(&[front(), back], &call), &at_load(load), NOISE);
    }
    let next = StationBehavior { blocking: false, ..station(exp(0.004), 16) };
    for (name, blocking) in [("what it calls", false), ("what it calls, held", true)] {
        let mut b = Builder::default();
        let source = b.source("U", Arrivals::Poisson);
        let ids = [front(), StationBehavior { blocking, ..station(exp(0.006), 4) }, next.clone()];
        let ids: Vec<StationId> = ids.into_iter().enumerate().map(|(n, s)| b.station(&format!("S{n}"), s)).collect();
        b.request(source, ids[0], 1.0, CallBehavior::default());
        b.call(ids[0], ids[1], pool(8));
        b.call(ids[1], ids[2], CallBehavior::default());
        agrees(name, &b.architecture, &at_load(320.0), NOISE);
    }
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let api = b.station("Api", station(exp(0.002), 32));
    let db = b.station("Db", station(exp(0.01), 4));
    b.request(source, api, 1.0, CallBehavior::default());
    b.call(api, db, CallBehavior { retry: Some(RetryPolicy { count: 2, ..RetryPolicy::default() }), ..pool(6) });
    agrees("held callers", &b.architecture, &at_load(300.0), NOISE);
    for (name, replicas, size, load) in
        [("two callers", 2, 4, 320.0), ("four callers", 4, 3, 320.0), ("calm callers", 4, 2, 300.0)]
    {
        let front = StationBehavior { replicas, balance: Balance::Random, ..free(exp(0.001)) };
        agrees(
            name,
            &chain(&[front, open(exp(0.01), if name == "calm callers" { 64 } else { 4 })], &pool(size)),
            &at_load(load),
            NOISE,
        );
    }
}

/// Points of a box, spread evenly (Halton).
fn spread(n: u32) -> [f64; 5] {
    [2, 3, 5, 7, 11].map(|base| {
        let (mut left, mut digit, mut value) = (n + 1, 1.0 / f64::from(base), 0.0);
        while left > 0 {
            value += f64::from(left % base) * digit;
            (left, digit) = (left / base, digit / f64::from(base));
        }
        value
    })
}

fn one_of<T: Clone>(u: f64, all: &[T]) -> T {
    all[((u * all.len() as f64) as usize).min(all.len() - 1)].clone()
}

fn work(u: f64) -> Dist {
    one_of(u, &[exp(0.01), exp(0.01), Dist::Erlang { k: 4, mean: 0.01 }, h2(), Dist::lognormal_mean_cv(0.01, 1.5)])
}

/// Points of each box. The bounds were found with 200.
const POINTS: u32 = 8;

#[test]
fn bursts_over_a_range() {
    for n in 0..POINTS {
        let [a, b, c, d, e] = spread(n);
        let (workers, rho, low) = (one_of(a, &[1, 2, 4, 8]), 0.3 + 0.55 * b, 0.2 + 0.75 * c);
        let mean = rho * f64::from(workers) / 0.01;
        let mmpp = Arrivals::Mmpp { low: low * mean, high: (2.0 - low) * mean, switch: 10f64.powf(0.8 + 1.2 * d) };
        let name = format!("{workers} workers at {rho:.2}, {mmpp:?}, {:?}", work(e));
        agrees_for(&name, &single(station(work(e), workers), mmpp), &at_load(1.0), 0.1, 400_000.0);
    }
}

#[test]
fn batches_over_a_range() {
    for n in 0..POINTS {
        let [a, b, c, d, e] = spread(n);
        let (workers, rho, size) = (one_of(a, &[1, 2, 4, 8, 16]), 0.3 + 0.5 * b, (2.0 + 8.0 * c) as u32);
        let batch = if d < 0.5 { Arrivals::BatchFixed(size) } else { Arrivals::BatchGeometric(f64::from(size)) };
        let load = rho * f64::from(workers) / 0.01;
        let name = format!("{workers} workers at {rho:.2}, {batch:?}, {:?}", work(e));
        agrees_for(&name, &single(station(work(e), workers), batch), &at_load(load), 0.06, 400_000.0);
    }
}

#[test]
fn caches_over_a_range() {
    for n in 0..POINTS {
        let [a, b, c, d, e] = spread(n);
        let (keys, exponent) = ((20.0 * 50f64.powf(a)) as u32, 1.4 * b);
        let entries = (f64::from(keys) * (0.05 + 0.6 * c)) as u32;
        let ttl = (d > 0.5).then(|| Duration::from_seconds(0.2 * 100f64.powf(2.0 * d - 1.0)).unwrap());
        let mode = CacheMode::Lru { entries, keys: KeyPopularity { exponent, keys }, ttl };
        let cache = Some(CachePolicy { mode, hit_time: Dist::Constant(0.0002) });
        let front = StationBehavior { cache, ..free(exp(0.001)) };
        let below = [(StationBehavior { blocking: false, ..station(exp(0.004), 4) }, CallBehavior::default())];
        let name = format!("{entries} of {keys} keys, {exponent:.2}, {ttl:?}");
        agrees(&name, &fan(front, &below), &at_load(100.0 + 600.0 * e), 0.05);
    }
}

#[test]
fn connections_over_a_range() {
    for n in 0..POINTS {
        let [a, b, c, d, e] = spread(n);
        let (workers, far) = (one_of(a, &[1, 2, 4, 8, 1000]), one_of(b, &[0.0, 0.0, 0.001, 0.005]));
        let width = if workers == 1000 { 6 } else { (f64::from(workers) * (0.8 + 2.0 * c)).ceil() as u32 };
        let most = (f64::from(width) / (0.01 + 2.0 * far)).min(f64::from(workers) / 0.01);
        let call = CallBehavior { latency: Dist::Constant(far), ..pool(width) };
        let back = StationBehavior { blocking: false, ..station(work(e), workers) };
        let load = most * (0.4 + 0.35 * d);
        let name = format!("{width} connections to {workers} workers {far} s away at {load:.0}/s, {:?}", work(e));
        agrees(&name, &chain(&[free(exp(0.001)), back], &call), &at_load(load), 0.06);
    }
}
