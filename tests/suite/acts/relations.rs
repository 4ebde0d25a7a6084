//! Attributes of relations, of request types and their steps, and of sources.

use super::*;

const MEAN: &str = "metrics/latency/mean";
const ERRORS: &str = "metrics/error_rate";
const ATTEMPTS: &str = "relations/A->B/attempts";
const OPEN: &str = "relations/A->B/breaker_open_share";

/// A calls B, which always fails; F answers in its place.
fn tries(retry: &str) -> String {
    pair("", &format!("retry 2{retry}  fallback F"), "errors 100%", "load = 100/s")
}

/// A breaker between A and B.
fn breaker(breaker: &str, b: &str, load: &str) -> String {
    pair("", &format!("circuit_breaker {{ {breaker} }}"), b, &format!("load = {load}  arrivals constant"))
}

/// Requests that follow a flow through A and, as its second step says, B and C.
fn flow(step: &str) -> String {
    format!(
        "U = person \"U\"\nA = service \"A\"\nB = service \"B\"\nC = service \"C\"\nU -> A\nA -> B\nA -> C\n\
         behavior kind service {{ service_time 10ms  replicas 1  concurrency 1000 }}\n\
         Buy = flow \"Buy\" {{ step U -> A  step A -> B {{ {step} }}  step A -> C {{ {step} }} }}\n\
         scenario S {{ {RUN}  load = 50/s }}"
    )
}

/// Two request types at one worker; `@` stands in the first.
fn types() -> String {
    format!(
        "U = person \"U\"\nA = service \"A\"\nU -> A\nOne = flow \"One\" {{ @  step U -> A }}\n\
         Two = flow \"Two\" {{ priority 1  step U -> A }}\n\
         behavior A {{ service_time 10ms  replicas 1  concurrency 1  queue unbounded  discipline priority }}\n\
         scenario S {{ {RUN}  load = 85/s  traffic {{ One 50%  Two 50% }} }}"
    )
}

pub fn acts() -> Vec<Act> {
    [network(), path(), steps(), retries(), breakers(), limits(), arrivals()].into_iter().flatten().collect()
}

fn network() -> Vec<Act> {
    let plain = |call: &str, b: &str| pair("", call, b, "load = 100/s  arrivals constant");
    vec![
        set("latency", "A->B", "0ms", "10ms", plain("", ""), MEAN, Becomes(0.02)),
        set("loss", "A->B", "0%", "100%", plain("timeout 50ms", ""), ERRORS, Becomes(1.0)),
        set("timeout", "A->B", "1s", "10ms", plain("", "service_time 30ms"), ERRORS, Becomes(1.0)),
        set("cancel", "A->B", "", "on", plain("timeout 10ms", "service_time 100ms"), "elements/B/busy", Falls),
        set(
            "hedge",
            "A->B",
            "",
            "after 20ms",
            plain("", "service_time hyperexponential(90% 5ms, 10% 500ms)"),
            "metrics/latency/p95",
            Falls,
        ),
        set(
            "hedge",
            "A->B",
            "",
            "after p90",
            plain("", "service_time hyperexponential(90% 5ms, 10% 500ms)"),
            "metrics/latency/p95",
            Falls,
        ),
    ]
}

fn path() -> Vec<Act> {
    let plain = |b: &str| pair("", "", b, "load = 100/s  arrivals constant");
    let beside = pair("", "", "service_time 20ms", "load = 20/s")
        .replace("scenario S", "A -> F\nbehavior F { service_time 30ms }\nbehavior A -> F { parallel }\nscenario S");
    let split = plain("").replace("scenario S", "U -> F\nscenario S");
    vec![
        set("calls", "A->B", "1", "3", plain(""), "elements/B/arrivals", Becomes(6000.0)),
        set("write", "A->B", "", "on", plain("replicas 3 { sync 1  lag 50ms }"), MEAN, Becomes(0.05)),
        set("probability", "A->B", "100%", "30%", plain(""), "elements/B/arrivals", Falls),
        set("parallel", "A->B", "", "on", beside, MEAN, Becomes(0.03)),
        set("async", "A->B", "", "on", plain("errors 100%"), ERRORS, Becomes(0.0)),
        set("weight", "U->A", "1", "3", split, "elements/A/arrivals", Becomes(1500.0)),
        set("fallback", "A->B", "", "F", plain("errors 100%"), ERRORS, Becomes(0.0)),
    ]
}

fn steps() -> Vec<Act> {
    let step = || flow("@");
    let copied = step().replace("scenario S", "behavior B { replicas 3 { sync 1  lag 50ms } }\nscenario S");
    vec![
        say("service_time of a step", "", "service_time 30ms", &step(), MEAN, Becomes(0.07)),
        say("probability of a step", "", "probability 50%", &step(), "elements/B/arrivals", Falls),
        say("write of a step", "", "write", &copied, MEAN, Rises),
        say("parallel of a step", "", "parallel", &step(), MEAN, Becomes(0.02)),
        say("async of a step", "", "async", &step(), MEAN, Becomes(0.01)),
        say("priority", "", "priority 2", &types(), "request_types/One/latency/mean", Falls),
        say("preempt", "priority 2", "priority 2  preempt", &types(), "request_types/One/latency/mean", Falls),
    ]
}

fn retries() -> Vec<Act> {
    const STEEP: &str = "exponential(50ms, 3x, max 1s)";
    let failing = |call: &str| pair("", call, "errors 50%", "load = 100/s");
    let slow = || pair("", "timeout 10ms  retry 2", "service_time 30ms", "load = 100/s");
    let full = || pair("", "retry 2", "service_time 10ms  concurrency 1  queue none", "load = 150/s");
    let waits = || tries(" { backoff exponential(100ms, 2x, max 1s) }");
    vec![
        set("retry", "A->B", "0", "3", failing(""), ERRORS, Falls),
        set("retry.backoff", "A->B", "none", "constant(100ms)", tries(""), MEAN, Becomes(0.2)),
        set("retry.backoff", "A->B", "constant(100ms)", "none", tries(""), MEAN, Becomes(0.0)),
        set("retry.backoff", "A->B", "none", "linear(100ms)", tries(""), MEAN, Becomes(0.3)),
        set("retry.backoff", "A->B", "none", STEEP, tries(""), MEAN, Becomes(0.2)),
        set("retry.jitter none", "A->B", "full", "none", waits(), MEAN, Becomes(0.3)),
        set("retry.jitter full", "A->B", "none", "full", waits(), MEAN, Falls),
        set("retry.jitter equal", "A->B", "none", "equal", waits(), MEAN, Falls),
        set("retry.jitter decorrelated", "A->B", "none", "decorrelated", waits(), MEAN, Rises),
        set("retry.budget", "A->B", "100%", "10%", failing("retry 2"), ATTEMPTS, Falls),
        set("retry.on timeout", "A->B", "[error]", "[timeout]", slow(), ATTEMPTS, Becomes(6000.0)),
        set("retry.on error", "A->B", "[timeout]", "[error]", failing("retry 2"), ATTEMPTS, Rises),
        set("retry.on rejected", "A->B", "[error]", "[rejected]", full(), ATTEMPTS, Rises),
    ]
}

fn breakers() -> Vec<Act> {
    const RULE: &str = "{ consecutive 5  open 1s }";
    let broken = pair("", "", "errors 100%", "load = 100/s");
    let tripping = |rest: &str| breaker(&format!("consecutive 5  {rest}"), "errors 100%", "100/s");
    let half = || breaker("consecutive 3  open 500ms", "errors 50%", "100/s");
    vec![
        set("circuit_breaker", "A->B", "", RULE, broken, "elements/B/arrivals", Falls),
        set(
            "circuit_breaker.errors",
            "A->B",
            "99%",
            "30%",
            breaker("window 2s  min_calls 10", "errors 60%", "100/s"),
            OPEN,
            Rises,
        ),
        set(
            "circuit_breaker.consecutive",
            "A->B",
            "100000",
            "3",
            breaker("open 1s", "errors 100%", "100/s"),
            OPEN,
            Rises,
        ),
        set("circuit_breaker.window", "A->B", "1s", "10s", breaker("min_calls 20", "errors 100%", "10/s"), OPEN, Rises),
        set(
            "circuit_breaker.min_calls",
            "A->B",
            "100000",
            "5",
            breaker("window 10s", "errors 100%", "10/s"),
            OPEN,
            Rises,
        ),
        set("circuit_breaker.open", "A->B", "50ms", "5s", tripping(""), "elements/B/arrivals", Falls),
        set("circuit_breaker.half_open", "A->B", "1", "8", half(), OPEN, Rises),
    ]
}

fn limits() -> Vec<Act> {
    let long = |call: &str| pair("", call, "service_time 30ms", "load = 100/s");
    vec![
        set("pool", "A->B", "100", "4", long(""), MEAN, Rises),
        set("pool.wait", "A->B", "1h", "10ms", long("pool 2"), ERRORS, Rises),
        set("bulkhead", "A->B", "100", "2", long(""), ERRORS, Rises),
    ]
}

fn arrivals() -> Vec<Act> {
    let at = |load: &str| one("service_time 1ms  concurrency 1", &format!("load = {load}"));
    const WAIT: &str = "elements/A/wait_mean";
    let gaps = || at("500/s");
    vec![
        set("arrivals", "U", "poisson", "constant", gaps(), WAIT, Becomes(0.0)),
        set("arrivals", "U", "constant", "poisson", gaps(), WAIT, Rises),
        set("arrivals", "U", "poisson", "erlang(4)", gaps(), WAIT, Falls),
        set("arrivals", "U", "poisson", "hyperexponential(4)", gaps(), WAIT, Rises),
        set("arrivals", "U", "poisson", "batch(5)", gaps(), WAIT, Rises),
        set("arrivals", "U", "poisson", "batch(geometric(5))", gaps(), WAIT, Rises),
        set("arrivals", "U", "poisson", "mmpp(10/s, 90/s, switch 5/s)", gaps(), "metrics/offered", Falls),
        set("arrivals", "U", "poisson", "trace(\"gaps.csv\")", gaps(), "metrics/offered", Becomes(3.0)),
    ]
}
