//! Knobs and settings of scenarios, load profiles, metrics and distributions.

use super::*;

const MEAN: &str = "metrics/latency/mean";
const OFFERED: &str = "metrics/offered";

/// A scenario of nothing but `@`.
fn bare(model: &str) -> String {
    model.replace(RUN, "@")
}

pub fn acts() -> Vec<Act> {
    [knobs(), profiles(), settings()].into_iter().flatten().collect()
}

fn knobs() -> Vec<Act> {
    let slow = |scenario: &str| one("service_time exponential(10ms)  concurrency 1", scenario);
    let chain = |call: &str, b: &str| pair("", call, b, "load = 100/s  arrivals constant  @");
    vec![
        say("load", "load = 40/s", "load = 90/s", &slow("@"), MEAN, Rises),
        say("failures", "", "failures = 100%", &chain("", ""), "metrics/error_rate", Becomes(1.0)),
        say("latency", "", "latency = 10ms", &chain("", ""), MEAN, Becomes(0.04)),
        say(
            "retries",
            "retries = 0",
            "retries = 3",
            &chain("retry 1", "errors 100%"),
            "elements/B/arrivals",
            Becomes(8000.0),
        ),
        say("lag", "", "lag = 1s", &queue("", "", "load = 50/s  @"), "elements/Q/in_system", Rises),
        say("users", "users = 10", "users = 50", &slow("@  think = 1s"), "metrics/throughput", Rises),
        say("think", "think = 1s", "think = 100ms", &slow("users = 5  @"), "metrics/throughput", Rises),
        say(
            "think",
            "users = [9, 10]  think = 1ms",
            "users = [9, 10]  think = 1s",
            &slow("@"),
            "metrics/throughput",
            Falls,
        ),
    ]
}

fn profiles() -> Vec<Act> {
    let plain = one("service_time 1ms", "@  arrivals constant");
    let then = |row, to, offered| say(row, "load = 10/s", to, &plain, OFFERED, Becomes(offered));
    vec![
        then("load profile", "load = profile { 0s 100/s  10s 300/s  20s 300/s }", 5000.0),
        then("load ramp", "load = ramp(100/s, 300/s, 10s)", 5000.0),
        then("load spike", "load = spike(100/s, 600/s, at 5s, for 2s)", 3000.0),
        then("load step", "load = step(100/s, 400/s, at 15s)", 3500.0),
        then("load diurnal", "load = diurnal(100/s, 300/s, period 10s)", 4000.0),
    ]
}

fn settings() -> Vec<Act> {
    let plain = bare(&one("service_time exponential(10ms)", "load = 50/s  arrivals constant"));
    let same = |row, from, to, figure, then| say(row, from, to, &plain, figure, then);
    vec![
        same("setting duration", "duration 10s", "duration 20s", "measured", Becomes(18.0)),
        same("setting warmup", "duration 10s  warmup 0s", "duration 10s  warmup 5s", "measured", Becomes(5.0)),
        same(
            "setting replications",
            "duration 10s  replications 1",
            "duration 10s  replications 2",
            "replications",
            Becomes(2.0),
        ),
        same("setting seed", "duration 10s  seed 1", "duration 10s  seed 2", MEAN, Changes),
        same("setting precision", "duration 10s  replications 2", "duration 10s  precision 1%", "replications", Rises),
        same("setting priority", "duration 10s", "duration 10s  priority high", "seed", Changes),
        same("setting timeout", "duration 10s", "duration 10s  timeout 1ms", "measured", Falls),
    ]
}

/// The metric as a violated expectation gives it.
fn metric(row: &'static str, from: &str, to: &str, model: &str, then: Then) -> Act {
    let expected = match row.split('(').next().unwrap() {
        "goodput" | "throughput" | "retries" => "0/s",
        "cost" => "0USD/h",
        "error_rate" | "availability" | "utilization" | "stale_reads" => "0%",
        "queue" | "lost_writes" | "amplification" | "stability" => "0",
        _ => "0s",
    };
    let model = with_statement(model, &format!("expect not {row} >= {expected}"));
    say(row, from, to, &model, "violations/0/value", then)
}

pub fn metrics() -> Vec<Act> {
    [times(), shares()].into_iter().flatten().collect()
}

fn times() -> Vec<Act> {
    let model = pair("@", "", "@", "load = 100/s");
    let slower = |row| metric(row, "service_time 10ms", "service_time exponential(30ms)", &model, Rises);
    ["mean(A)", "p50(A)", "p90(A)", "p95(A)", "p99(A)", "p99.9(A)", "max(A)"]
        .into_iter()
        .chain(["mean(A->B)", "p50(A->B)", "p90(A->B)", "p95(A->B)", "p99(A->B)", "p99.9(A->B)", "max(A->B)"])
        .map(slower)
        .collect()
}

fn shares() -> Vec<Act> {
    let model = pair("@", "retry 2", "@", "load = 100/s");
    let fails = |row, then| metric(row, "errors 0%", "errors 40%", &model, then);
    let works = |row, then| metric(row, "service_time 10ms", "service_time 11s", &model, then);
    let busy = one("service_time exponential(10ms)  concurrency 1  replicas @", "load = 90/s");
    let down = one("service_time 1ms  startup @", "load = 100/s  at 5s kill A for 1s");
    let copies = one("service_time 1ms  replicas 3 { lag @ }", "load = 200/s  at 5s kill 1 replica of A for 1s")
        .replace("scenario S", "V = person \"V\"\nV -> A \"stores\" { tags [\"write\"] }\nscenario S");
    let over = one("service_time 10ms  concurrency 1  queue 100", "load = @");
    vec![
        fails("error_rate(A)", Rises),
        fails("error_rate(A->B)", Rises),
        fails("availability(A)", Falls),
        fails("availability(A->B)", Falls),
        works("throughput(A)", Falls),
        works("throughput(A->B)", Falls),
        fails("goodput(A)", Falls),
        fails("goodput(A->B)", Falls),
        metric("utilization(A)", "1", "2", &busy, Falls),
        metric("queue(A)", "1", "2", &busy, Falls),
        fails("retries(A->B)", Rises),
        fails("amplification(A->B)", Rises),
        metric("recovery_time(A)", "0s", "5s", &down, Rises),
        metric("stability", "50/s", "300/s", &over, Falls),
        metric("stale_reads(A)", "1ms", "200ms", &copies, Rises),
        metric("lost_writes(A)", "1ms", "200ms", &copies, Rises),
        metric("cost(A)", "1  cost 0.10USD/h", "2  cost 0.10USD/h", &busy, Becomes(0.2)),
    ]
}

/// A mean of 30 ms in every form but one.
pub fn distributions() -> Vec<Act> {
    let model = one("service_time @  concurrency unbounded", "load = 400/s");
    let mean = |row, to, mean| say(row, "1ms", to, &model, "elements/A/response_mean", Becomes(mean));
    let spread = |row, from: &str, to: &str, then| say(row, from, to, &model, "elements/A/response_stddev", then);
    vec![
        mean("constant", "constant(30ms)", 0.03),
        spread("constant", "exponential(30ms)", "constant(30ms)", Becomes(0.0)),
        spread("exponential", "constant(30ms)", "exponential(30ms)", Rises),
        spread("uniform", "uniform(29ms, 31ms)", "uniform(10ms, 50ms)", Rises),
        spread("normal", "normal(30ms, 1ms)", "normal(30ms, 5ms)", Rises),
        spread("lognormal", "lognormal(30ms, 0.5)", "lognormal(30ms, 1)", Rises),
        spread("lognormal", "lognormal(p50 8ms, p99 10ms)", "lognormal(p50 8ms, p99 60ms)", Rises),
        spread("gamma", "gamma(30ms, 0.5)", "gamma(30ms, 2)", Rises),
        spread("erlang", "erlang(1, 30ms)", "erlang(9, 30ms)", Falls),
        spread(
            "hyperexponential",
            "hyperexponential(90% 10ms, 10% 10ms)",
            "hyperexponential(90% 10ms, 10% 210ms)",
            Rises,
        ),
        spread("weibull", "weibull(4, 30ms)", "weibull(1, 30ms)", Rises),
        spread("pareto", "pareto(10ms, 9)", "pareto(10ms, 3)", Rises),
        spread("bounded_pareto", "bounded_pareto(10ms, 20ms, 2)", "bounded_pareto(10ms, 1s, 2)", Rises),
        spread("mixture", "mixture(75% 10ms, 25% 11ms)", "mixture(75% 10ms, 25% 90ms)", Rises),
        mean("empirical", "empirical(\"times.csv\")", 0.03),
    ]
}
