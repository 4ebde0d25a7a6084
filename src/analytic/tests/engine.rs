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
    let found = evaluate(model, config);
    let measured = simulated(model, config, 400_000.0);
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
        compare(&format!("{name} {path} blocking"), &e.blocking, lost, 1.0, noise);
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
