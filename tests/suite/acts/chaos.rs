//! Verbs of chaos events, and the words that may follow them.

use super::*;

const ERRORS: &str = "metrics/error_rate";
const MEAN: &str = "metrics/latency/mean";
const FAILED: &str = "metrics/failed";
const LOAD: &str = "load = 100/s  arrivals constant  @";

/// A fault that was not there before.
fn fault(row: &'static str, statement: &str, model: &str, figure: &'static str, then: Then) -> Act {
    say(row, "", statement, model, figure, then)
}

/// A single station without work of its own, at 100/s for 20 s.
fn plain() -> String {
    one("service_time 0ms  concurrency 1000", LOAD)
}

fn calls() -> String {
    pair("", "timeout 50ms", "service_time 1ms", LOAD)
}

pub fn acts() -> Vec<Act> {
    [down(), slow(), messages(), changes(), later(), modifiers()].into_iter().flatten().collect()
}

fn down() -> Vec<Act> {
    let starts = one("service_time 0ms  startup 2s", LOAD);
    let zone = plain()
        .replace("scenario S", "P = deployment \"P\" { East = node \"E\" { a = containerInstance A } }\nscenario S");
    vec![
        fault("kill", "at 10s kill A for 5s", &plain(), FAILED, Becomes(500.0)),
        fault(
            "kill",
            "at 10s kill 2 replica of A",
            &plain().replace("replicas 1", "replicas 4"),
            "elements/A/replicas_mean",
            Becomes(3.0),
        ),
        fault("restart", "at 10s restart A", &starts, FAILED, Becomes(200.0)),
        fault("outage", "at 10s outage zone East for 5s", &zone, FAILED, Becomes(500.0)),
        fault("pause", "at 10s pause A for 5s", &plain(), "metrics/latency/max", Becomes(5.0)),
        fault("stop", "at 10s stop A", &plain(), ERRORS, Rises),
        fault("hang", "at 10s hang B", &calls(), "relations/A->B/timeouts", Rises),
        fault("failover", "at 10s failover B", &calls(), ERRORS, Rises),
    ]
}

fn slow() -> Vec<Act> {
    let works = one("service_time 10ms  concurrency 1000", LOAD);
    vec![
        fault("slow", "at 10s slow A by 5x for 5s", &works, "metrics/latency/max", Becomes(0.05)),
        fault("slow", "at 10s slow A by +200ms for 5s", &works, "metrics/latency/max", Becomes(0.21)),
        fault("fail", "at 10s fail A 100% for 5s", &plain(), FAILED, Becomes(500.0)),
        fault("throttle", "at 10s throttle A to 50/s", &plain(), "metrics/shed", Becomes(500.0)),
        fault("leak", "at 0s leak A 10%/s", &works, MEAN, Rises),
    ]
}

fn messages() -> Vec<Act> {
    let pooled = pair("", "timeout 50ms  pool 4", "service_time 1ms", LOAD);
    let consumed = || queue("visibility 100ms", "", LOAD);
    vec![
        fault("partition", "at 10s partition A | B for 5s", &calls(), "relations/A->B/timeouts", Becomes(500.0)),
        fault("delay", "at 10s delay A -> B by 20ms", &calls(), "metrics/latency/max", Becomes(0.021)),
        fault("drop", "at 10s drop A -> B 100% for 5s", &calls(), "relations/A->B/timeouts", Becomes(500.0)),
        fault("duplicate", "at 0s duplicate A -> B 50%", &calls(), "elements/B/arrivals", Rises),
        fault("reorder", "at 0s reorder A -> B 50%", &calls(), "metrics/latency/max", Rises),
        fault("exhaust", "at 10s exhaust A->B.pool for 5s", &pooled, ERRORS, Rises),
        fault("consumer_stop", "at 10s consumer_stop Q", &consumed(), "elements/Q/in_system", Rises),
        fault("poison", "at 0s poison Q 50%", &consumed(), "elements/Q/dead_letters", Rises),
    ]
}

fn changes() -> Vec<Act> {
    let lag = queue("lag 100ms", "", LOAD);
    let two = plain().replace("replicas 1", "replicas 2");
    const HELD: &str = "elements/Q/in_system";
    vec![
        fault("increase", "at 0s increase Q.lag by 80%", &lag, HELD, Rises),
        fault("increase", "increase queue lag by 80%", &lag, HELD, Rises),
        fault("decrease", "at 0s decrease Q.lag by 50%", &lag, HELD, Falls),
        fault("set", "at 0s set Q.lag = 200ms", &lag, HELD, Rises),
        fault("surge", "at 10s surge load 5x for 5s", &plain(), "metrics/offered", Becomes(4000.0)),
        fault("scale", "at 10s scale A to 6", &two, "elements/A/replicas_mean", Becomes(4.0)),
        fault("deploy", "at 10s deploy A { replicas 6 }", &two, "elements/A/replicas_mean", Rises),
    ]
}

fn later() -> Vec<Act> {
    let cached = pair("cache { lru 200  key uniform over 200 }", "", "", LOAD);
    let hot = pair("cache { lru 10  key uniform over 1000 }", "", "", LOAD);
    let grows = one("service_time 20ms  concurrency 1  scale { min 1  max 6  interval 2s }", LOAD);
    const REPLICAS: &str = "elements/A/replicas_mean";
    vec![
        fault("clear_cache", "at 10s clear_cache A", &cached, "elements/A/hit_ratio", Falls),
        fault("hot_key", "at 0s hot_key A 50%", &hot, "elements/A/hit_ratio", Rises),
        fault("quota", "at 0s quota A", &grows, REPLICAS, Falls),
        fault("autoscale_off", "at 0s autoscale_off A", &grows, REPLICAS, Falls),
        fault("heal", "at 15s heal A", &plain().replace('@', "at 10s kill A  @"), FAILED, Falls),
    ]
}

/// What may follow a verb: times, triggers, strengths and choices.
fn modifiers() -> Vec<Act> {
    let change = |row, from: &str, to: &str, figure, then| say(row, from, to, &plain(), figure, then);
    let works = one("service_time 10ms  concurrency 1000", LOAD);
    let three = plain().replace("scenario S", "B = service \"B\"\nC = service \"C\"\nU -> B\nU -> C\nscenario S");
    const COUNT: &str = "faults/count";
    vec![
        change("event at", "at 5s kill A", "at 15s kill A", FAILED, Becomes(500.0)),
        change("event for", "at 5s kill A for 1s", "at 5s kill A for 2s", FAILED, Becomes(200.0)),
        change("event every", "at 1s kill A for 1s", "at 1s kill A for 1s every 5s", FAILED, Becomes(400.0)),
        say("event ramp", "at 0s slow A by 9x", "at 0s slow A by 9x ramp 20s", &works, MEAN, Falls),
        change("event random", "kill A random mttf 9s mttr 100ms", "kill A random mttf 1s mttr 1s", FAILED, Rises),
        say("event any N of", "at 0s kill any 1 of [A, B, C]", "at 0s kill any 2 of [A, B, C]", &three, ERRORS, Rises),
        change("event when", "when throughput(A) > 200/s kill A", "when throughput(A) > 50/s kill A", FAILED, Rises),
        change(
            "event when … for",
            "when throughput(A) > 50/s kill A",
            "when throughput(A) > 50/s for 8s kill A",
            FAILED,
            Falls,
        ),
        change(
            "event every time",
            "when goodput(A) > 50/s kill A for 3s",
            "when goodput(A) > 50/s every time kill A for 3s",
            COUNT,
            Rises,
        ),
        say("event loss", "at 0s partition A | B", "at 0s partition A | B loss 10%", &calls(), ERRORS, Falls),
        say(
            "event oneway",
            "at 0s partition A | B loss 50%",
            "at 0s partition A | B loss 50% oneway",
            &calls(),
            ERRORS,
            Falls,
        ),
        say(
            "event jitter",
            "at 0s delay A -> B by 20ms",
            "at 0s delay A -> B by 20ms jitter 10ms",
            &calls(),
            "metrics/latency/stddev",
            Rises,
        ),
    ]
}
