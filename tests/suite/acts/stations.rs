//! Attributes of stations and queues.

use super::*;

/// Exponential work at one worker, 80 % busy at 80/s.
fn busy(scenario: &str) -> String {
    one("service_time exponential(10ms)  concurrency 1", scenario)
}

/// The same with two replicas, 80 % busy at 160/s.
fn two(a: &str) -> String {
    one(&format!("service_time exponential(10ms)  concurrency 1  replicas 2  {a}"), "load = 160/s")
}

/// A cache in front of B.
fn cached(cache: &str) -> String {
    pair(&format!("cache {{ {cache} }}"), "", "service_time 10ms", "load = 200/s")
}

/// One request type for each of two flows through A.
fn flows(a: &str) -> String {
    format!(
        "U = person \"U\"\nA = service \"A\"\nU -> A\nHigh = flow \"High\" {{ priority 2  step U -> A }}\n\
         Low = flow \"Low\" {{ priority 1  step U -> A }}\n\
         behavior A {{ service_time exponential(10ms)  replicas 1  concurrency 1  queue unbounded  {a} }}\n\
         scenario S {{ {RUN}  load = 85/s  traffic {{ High 50%  Low 50% }} }}"
    )
}

/// Replicas by need: one worker of 10 ms each.
fn scaled(scale: &str, scenario: &str) -> String {
    one(&format!("service_time 10ms  concurrency 1  scale {{ {scale} }}"), scenario)
}

const MEAN: &str = "metrics/latency/mean";
const ERRORS: &str = "metrics/error_rate";
const REPLICAS: &str = "elements/A/replicas_mean";

pub fn acts() -> Vec<Act> {
    [work(), waiting(), failing(), answering(), refusing(), spreading(), scaling(), messages()]
        .into_iter()
        .flatten()
        .collect()
}

fn work() -> Vec<Act> {
    let plain = || one("concurrency 1000", "load = 100/s  arrivals constant");
    let crowd = || one("service_time 10ms  concurrency 100", "load = 400/s");
    let calls = |mode: &str| pair(mode, "", "service_time 30ms", "load = 100/s");
    vec![
        set("service_time", "A", "10ms", "30ms", plain(), MEAN, Becomes(0.03)),
        set("replicas", "A", "1", "2", busy("load = 150/s"), MEAN, Falls),
        set("concurrency", "A", "1", "2", busy("load = 150/s"), MEAN, Falls),
        set("concurrency", "A", "1", "unbounded", busy("load = 150/s"), "elements/A/queue_max", Becomes(0.0)),
        set("blocking", "A", "", "on", calls("nonblocking"), "elements/A/busy", Rises),
        set("nonblocking", "A", "", "on", calls("blocking"), "elements/A/busy", Falls),
        set("slowdown", "A", "", "linear(10ms)", crowd(), MEAN, Rises),
        set("slowdown", "A", "", "exponential(0.1)", crowd(), MEAN, Rises),
        set("cost", "A", "", "0.20USD/h", plain(), "elements/A/cost", Becomes(0.2)),
        set("cost", "A", "", "0.40USD/M", plain(), "elements/A/cost", Becomes(0.144)),
    ]
}

fn waiting() -> Vec<Act> {
    let even = || one("service_time 10ms  concurrency 1", "load = 80/s");
    let late = || {
        one("service_time 10ms  concurrency 1", "load = 50/s  arrivals constant  at 5s pause A for 1s")
            .replace("scenario S", "behavior U -> A { timeout 200ms }\nscenario S")
    };
    vec![
        set("queue", "A", "unbounded", "2", busy("load = 100/s"), ERRORS, Rises),
        set("queue", "A", "unbounded", "none", busy("load = 100/s"), "elements/A/queue_max", Becomes(0.0)),
        set("discipline fifo", "A", "lifo", "fifo", even(), "metrics/latency/p99", Falls),
        set("discipline lifo", "A", "fifo", "lifo", even(), "metrics/latency/p99", Rises),
        set("discipline ps", "A", "fifo", "ps", even(), MEAN, Rises),
        set("discipline codel", "A", "fifo", "codel", busy("load = 150/s"), ERRORS, Rises),
        set("discipline priority", "A", "fifo", "priority", flows(""), "request_types/High/latency/mean", Falls),
        set("patience", "A", "", "exponential(10ms)", busy("load = 100/s"), ERRORS, Rises),
        set("deadline propagate", "A", "", "propagate", late(), "elements/A/wasted", Falls),
    ]
}

fn failing() -> Vec<Act> {
    let calm = |a: &str| one(&format!("service_time 1ms  {a}"), "load = 100/s");
    let killed = || one("service_time 1ms", "load = 100/s  at 5s kill A for 1s");
    const UP: &str = "elements/A/up_share";
    vec![
        set("errors", "A", "0%", "100%", calm(""), ERRORS, Becomes(1.0)),
        set("availability", "A", "", "50%", calm("mttr 200ms"), UP, Falls),
        set("mttf", "A", "100s", "1s", calm("mttr 500ms"), UP, Falls),
        set("mttr", "A", "10ms", "1s", calm("mttf 1s"), UP, Falls),
        set("repair_crews", "A", "4", "1", calm("replicas 4  mttf 500ms  mttr 500ms"), REPLICAS, Falls),
        set("startup", "A", "0s", "4s", killed(), UP, Becomes(0.75)),
        set("warmup", "A", "", "10s", one("service_time 10ms", "load = 20/s  at 5s restart A"), MEAN, Rises),
    ]
}

fn answering() -> Vec<Act> {
    const HITS: &str = "elements/A/hit_ratio";
    let without = || pair("", "", "service_time 10ms", "load = 200/s");
    let same = "lru 10  key uniform over 20  ttl 50ms";
    let copies = |lag: &str| {
        let copies = one(&format!("service_time 1ms  replicas 3 {lag}"), "load = 100/s");
        copies.replace("scenario S", "V = person \"V\"\nV -> A \"stores\" { tags [\"write\"] }\nscenario S")
    };
    let sharded = |shards: &str| one(&format!("service_time 8ms  concurrency 1  {shards}"), "load = 90/s");
    vec![
        set("cache", "A", "", "{ hit_ratio 75%  hit_time 1ms }", without(), "relations/A->B/calls", Falls),
        set("cache.hit_ratio", "A", "10%", "90%", cached("hit_time 1ms"), MEAN, Falls),
        set("cache.hit_time", "A", "1ms", "8ms", cached("hit_ratio 50%"), MEAN, Rises),
        set("cache.lru", "A", "10", "90", cached("key uniform over 100"), HITS, Rises),
        set("cache.key", "A", "uniform over 100", "zipf(1.5) over 100", cached("lru 10"), HITS, Rises),
        set("cache.ttl", "A", "1h", "20ms", cached("lru 100  key uniform over 10"), HITS, Falls),
        set("coalesce", "A", "", "on", cached(same), "relations/A->B/calls", Falls),
        set("replicas.sync", "A", "", "2", copies("{ lag 50ms }"), MEAN, Rises),
        set("replicas.lag", "A", "", "100ms", copies(""), "elements/A/stale_reads", Rises),
        set("shards", "A", "1", "4", sharded(""), MEAN, Falls),
        set("shards.key", "A", "uniform over 100", "zipf(2) over 100", sharded("shards 4"), MEAN, Rises),
    ]
}

fn refusing() -> Vec<Act> {
    let plain = |a: &str| one(&format!("service_time 1ms  {a}"), "load = 100/s");
    let over = |a: &str| one(&format!("service_time 10ms  concurrency 1  {a}"), "load = 150/s");
    const LONGEST: &str = "elements/A/queue_max";
    vec![
        set("rate_limit", "A", "", "50/s", plain(""), ERRORS, Rises),
        set("rate_limit.burst", "A", "1", "500", plain("rate_limit 50/s"), ERRORS, Falls),
        set("shed", "A", "", "queue > 20%", over("queue 100"), LONGEST, Becomes(21.0)),
        set("shed", "A", "", "queue > 20", over(""), LONGEST, Becomes(21.0)),
        set("shed", "A", "", "utilization > 90%", over(""), LONGEST, Becomes(0.0)),
    ]
}

fn spreading() -> Vec<Act> {
    let hashed = || {
        pair("", "timeout 20ms  retry 3", "replicas 2  service_time 1ms", "load = 100/s  at 0s pause 1 replica of B")
    };
    let dead = |b: &str| {
        let b = format!("replicas 2  service_time 1ms  {b}");
        pair("", "", &b, "load = 100/s  at 5500ms kill 1 replica of B")
    };
    vec![
        set("balance random", "A", "round_robin", "random", two(""), MEAN, Rises),
        set("balance round_robin", "A", "random", "round_robin", two(""), MEAN, Falls),
        set("balance least_connections", "A", "random", "least_connections", two(""), MEAN, Falls),
        set("balance power_of_two", "A", "random", "power_of_two", two(""), MEAN, Falls),
        set("balance weighted", "A", "random", "weighted", two(""), MEAN, Falls),
        set("balance consistent_hash", "B", "random", "consistent_hash", hashed(), ERRORS, Rises),
        set("discovery", "B", "", "{ interval 2s  ttl 4s }", dead(""), ERRORS, Rises),
        set("discovery.interval", "B", "100ms", "5s", dead("discovery { ttl 0s }"), ERRORS, Rises),
        set("discovery.ttl", "B", "0s", "5s", dead("discovery { interval 100ms }"), ERRORS, Rises),
    ]
}

fn scaling() -> Vec<Act> {
    const RULE: &str = "{ min 1  max 6  metric \"cpu > 50%\"  interval 2s }";
    let grows = |rest: &str| scaled(&format!("min 1  max 6  {rest}"), "load = 150/s");
    let shrinks = scaled("min 1  max 6  metric \"cpu > 50%\"  interval 1s", "load = step(200/s, 5/s, at 10s)");
    let plain = one("service_time 10ms  concurrency 1", "load = 150/s");
    vec![
        set("scale", "A", "", RULE, plain, REPLICAS, Rises),
        set("scale.min", "A", "1", "3", scaled("max 6  interval 2s", "load = 5/s"), REPLICAS, Rises),
        set("scale.max", "A", "2", "6", scaled("min 1  interval 2s", "load = 400/s"), REPLICAS, Rises),
        set("scale.metric", "A", "\"cpu > 90%\"", "\"cpu > 30%\"", grows("interval 2s"), REPLICAS, Rises),
        set("scale.interval", "A", "1s", "15s", grows(""), REPLICAS, Falls),
        set("scale.cooldown", "A", "1s", "300s", shrinks, REPLICAS, Rises),
    ]
}

fn messages() -> Vec<Act> {
    const DELIVERED: &str = "elements/W/arrivals";
    let some = || queue("visibility 100ms", "errors 50%", "load = 50/s");
    let dying = || queue("visibility 100ms  max_deliveries 2", "errors 100%", "load = 50/s");
    let slow = || queue("", "service_time 300ms", "load = 50/s");
    let full = || queue("", "service_time 100ms  concurrency 1  queue none", "load = 50/s");
    vec![
        set("delivery at_least_once", "Q", "at_most_once", "at_least_once", some(), DELIVERED, Rises),
        set("delivery at_most_once", "Q", "at_least_once", "at_most_once", some(), DELIVERED, Falls),
        set("visibility", "Q", "30s", "100ms", slow(), DELIVERED, Rises),
        set("max_deliveries", "Q", "1", "5", dying(), DELIVERED, Rises),
        set("dead_letter", "Q", "", "D", dying(), "elements/D/arrivals", Rises),
        set("capacity", "Q", "unbounded", "5", full(), "elements/Q/rejected", Rises),
        set("lag", "Q", "0s", "1s", queue("", "", "load = 50/s"), "elements/Q/in_system", Rises),
    ]
}
