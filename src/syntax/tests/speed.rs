//! Speed, by hand: `cargo test --release --lib syntax::tests::speed -- --ignored --nocapture`.

use super::*;
use crate::source::{Host, RealHost};

/// A model of about `megabytes`, of the shapes that files have.
fn big(megabytes: usize) -> String {
    let mut text = String::new();
    let mut n = 0;
    while text.len() < megabytes << 20 {
        n += 1;
        text += &format!(
            "// system number {n}\nS{n} = system \"System {n}\" {{\n  description \"Does what number {n} has to do\"\n  \
             metadata {{ owner \"team-{n}\" tags [\"external\"] }}\n  \
             slo {{ availability {{ target \"99.9%\" window \"30 days\" }} latency {{ p95 \"150ms\" p99 \"300ms\" }} }}\n  \
             Api = container \"API\" {{ technology \"Go\" scale {{ min 3 max 10 metric \"cpu > 70%\" }} }}\n  \
             Db = database \"Orders\"\n  Api -> Db \"writes\" [sql, critical]\n}}\n\
             behavior S{n}.Api {{\n  service_time lognormal(p50 8ms, p99 60ms)\n  replicas 3   concurrency 64   queue 500\n  \
             rate_limit 2k/s burst 500   shed queue > 80%\n}}\n\
             behavior S{n}.Api -> S{n}.Db {{ timeout 250ms  retry 3 {{ backoff exponential(50ms, 2x, max 1s)  jitter full }} }}\n\
             scenario Sc{n} \"Load\" {{\n  load.range 100..5000 step 200\n  duration 120s   warmup 20s\n  \
             at 30s kill S{n}.Db for 20s\n  step S{n}.Api -> S{n}.Db \"save\"\n  expect p95(S{n}.Api) < 200ms\n}}\n\n"
        );
    }
    text
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = RealHost.monotonic();
    work();
    (RealHost.monotonic() - start).as_secs_f64()
}

#[test]
#[ignore = "a measurement, not a test"]
fn megabytes_a_second() {
    let text = big(8);
    let size = text.len() as f64 / 1e6;
    for _ in 0..3 {
        let lexing = seconds(|| drop(crate::syntax::parser::lex(&text)));
        let parsing = seconds(|| assert!(parse(&text).1.is_empty()));
        let formatting = seconds(|| assert!(crate::syntax::format(&text).is_ok()));
        println!(
            "tokens {:.1} MB/s, tree {:.1} MB/s, format {:.1} MB/s",
            size / lexing,
            size / parsing,
            size / formatting
        );
    }
}
