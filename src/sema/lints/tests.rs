//! Every lint against its own example, and against the numbers and places that it shows.

use super::LINTS;
use crate::diag::{CODES, Diagnostic};
use crate::source::{MemoryHost, SourceMap};
use std::path::Path;

/// What a file is told, and the texts to look places up in.
fn check(text: &str) -> (Vec<Diagnostic>, SourceMap) {
    let host = MemoryHost::new([("/w/shop.sruja", text)]);
    let checked = crate::sema::check(&host, Path::new("/w/shop.sruja"), Path::new("/w"));
    (checked.diagnostics, checked.sources)
}

fn codes(text: &str) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = check(text).0.iter().map(|found| found.code.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Asserts that `text` is told exactly once of `code`, at `underlined`, in a message with all of `parts`.
#[track_caller]
fn told(code: &str, text: &str, underlined: &str, parts: &[&str]) {
    let (diagnostics, sources) = check(text);
    let found: Vec<&Diagnostic> = diagnostics.iter().filter(|found| found.code.id == code).collect();
    let all: Vec<String> = diagnostics.iter().map(|found| format!("{}: {}", found.code.id, found.message)).collect();
    assert_eq!(found.len(), 1, "{all:#?}");
    assert_eq!(sources.text(found[0].span), underlined, "{}", found[0].message);
    for part in parts {
        assert!(found[0].message.contains(part), "{part:?} is not in {:?}", found[0].message);
    }
}

#[track_caller]
fn quiet(text: &str) {
    let (diagnostics, _) = check(text);
    let all: Vec<String> = diagnostics.iter().map(|found| format!("{}: {}", found.code.id, found.message)).collect();
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn every_bad_example_raises_exactly_its_code_and_every_good_one_none() {
    let mut wrong = Vec::new();
    for code in CODES.iter().filter(|code| code.id.starts_with("W11")) {
        assert!(!code.bad.is_empty(), "{} has no example", code.id);
        let (bad, good) = (codes(code.bad), codes(code.good));
        if bad != [code.id] || !good.is_empty() {
            wrong.push(format!("{}: bad {bad:?}, good {good:?}", code.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lints_stand_in_the_order_of_their_codes() {
    assert!(LINTS.windows(2).all(|pair| pair[0].code.id < pair[1].code.id));
}

/// Customer → A → B, and whatever follows.
fn chain(rest: &str) -> String {
    let model = "C = person \"C\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\n";
    format!("{model}{rest}\n")
}

#[test]
fn w1101_names_what_lies_behind_and_knows_turned_arrows() {
    let behind = "Old = service \"Old\"\nStore = database \"S\"\nOld -> Store\nscenario S { load = 10 }";
    told("W1101", &chain(behind), "Old", &["`Old`", "nor what only it calls: `Store`"]);
    let turned = "Q = queue \"Q\"\nW = worker \"W\"\nA -> Q \"puts\"\nW -> Q \"consumes\"\nscenario S { load = 10 }";
    let (diagnostics, _) = check(&chain(turned));
    let help = |code: &str| diagnostics.iter().find(|found| found.code.id == code).and_then(|found| found.help.clone());
    assert_eq!(help("W1101").unwrap(), "if it takes messages from `Q`, turn the arrow: `Q -> W`");
    assert_eq!(help("W1124").unwrap(), "messages go the way of the arrow: write `Q -> W`");
}

#[test]
fn w1101_and_w1107_follow_the_fallbacks_that_a_scenario_sets() {
    let fallback = |sets: &str| {
        let model = "F = service \"F\"\nG = service \"G\"\nF -> G\nA -> B { timeout 1s }\n";
        format!("{model}scenario S {{\n  load = 10  duration 60s\n  {sets}\n  at 40s slow G by 2x for 5s\n}}")
    };
    let chain = |rest: &str| chain(rest).replacen("A -> B\n", "", 1);
    quiet(&chain(&fallback("A -> B.fallback = F")));
    quiet(&chain(&fallback("at 10s set A -> B.fallback = F for 40s")));
    let none = check(&chain(&fallback("")));
    let ids: Vec<&str> = none.0.iter().map(|found| found.code.id).collect();
    assert_eq!(ids, ["W1101", "W1107"]);
}

#[test]
fn w1101_leaves_jobs_fallbacks_and_dead_letters_alone() {
    quiet(&chain(
        "J = job \"Nightly\"\nJ -> B\nF = cache \"F\"\nbehavior A -> B { timeout 1s  fallback F }\nscenario S { load = 10 }",
    ));
    quiet(&chain(
        "Q = queue \"Q\"\nW = worker \"W\"\nD = queue \"D\"\nA -> Q\nQ -> W\nbehavior Q { dead_letter D }\nscenario S { load = 10 }",
    ));
}

#[test]
fn w1102_draws_the_circle() {
    let text = chain("D = service \"D\"\nB -> D\nD -> A \"asks back\"\nscenario S { load = 10 }");
    told("W1102", &text, "D -> A \"asks back\"", &["A → B → D → A"]);
    quiet(&chain(
        "B -> A\nBuy = flow \"Buy\" {\n  step C -> A\n  step A -> B\n  step B -> A\n}\nscenario S { load = 10 }",
    ));
}

#[test]
fn w1103_shows_both_times_and_counts_attempts() {
    let text = chain("behavior C -> A { timeout 1s }\nbehavior A -> B { timeout 1500ms }");
    told("W1103", &text, "timeout 1500ms", &["waits 1.5s for `B`", "`C` gives up on it after 1s"]);
    let retries = chain("behavior C -> A { timeout 1s }\nbehavior A -> B { timeout 400ms  retry 4 { backoff 10ms } }");
    told("W1103", &retries, "retry 4", &["5 attempts of 400ms", "the 1s that `C` waits", "2 of them never begin"]);
    // A caller without a timeout waits for as long as it takes.
    quiet(&chain("C -> B\nbehavior A -> B { timeout 2s }"));
}

#[test]
fn w1104_multiplies_attempts_and_counts_budgets() {
    let retries = |last: &str| {
        chain(&format!(
            "behavior C -> A {{ timeout 9s  retry 3 {{ backoff 1ms }} }}\nbehavior A -> B {{ timeout 1s  retry 3 {{ backoff 1ms{last} }} }}"
        ))
    };
    told("W1104", &retries(""), "retry 3", &["C → A → B", "4 × 4 = 16 calls of `B`"]);
    quiet(&retries("  budget 10%"));
}

#[test]
fn w1105_offers_a_backoff_where_there_are_no_braces() {
    let text = chain("behavior A -> B { timeout 100ms  retry 2 }");
    told("W1105", &text, "retry 2", &["tried again at once, up to 2 times"]);
    let (diagnostics, _) = check(&text);
    assert_eq!(diagnostics[0].fixes.len(), 1);
    assert!(!diagnostics[0].fixes[0].certain);
}

#[test]
fn w1106_names_the_value_and_its_bounds() {
    let text = chain("scenario S {\n  load = 10\n  A.errors = 0..150% step 50%\n}");
    told("W1106", &text, "0..150% step 50%", &["`A.errors` to 150%", "between 0 % and 100 %"]);
}

#[test]
fn w1107_speaks_of_what_is_hit() {
    let flow = "D = service \"D\"\nA -> D\nBuy = flow \"Buy\" { step C -> A  step A -> B }\n";
    let text = chain(&format!("{flow}scenario S {{ load = 10  at 20s slow D by 5x for 9s }}"));
    told("W1107", &text, "D", &["no request of this scenario comes to `D`"]);
    let relation = chain(&format!("{flow}scenario S {{ load = 10  at 20s delay A -> D by 50ms for 9s }}"));
    told("W1107", &relation, "A", &["`A->D`"]);
}

#[test]
fn w1108_gives_the_floor_of_latency_and_the_ends_of_shares() {
    let slow = "behavior A -> B { latency 20ms }\nbehavior B { service_time 80ms }\nbehavior A { service_time 10ms }\n";
    let with = |expect: &str| chain(&format!("{slow}scenario S {{ load = 10  duration 600s  expect {expect} }}"));
    told("W1108", &with("p95(A) < 100ms"), "p95(A) < 100ms", &["never hold", "take 130ms"]);
    told("W1108", &with("p95 < 1s and error_rate < 0"), "error_rate < 0", &["never hold", "between 0% and 100%"]);
    told("W1108", &with("utilization(A) > 101%"), "utilization(A) > 101%", &["never hold"]);
    told("W1108", &with("error_rate >= 0"), "error_rate >= 0", &["always holds"]);
    told("W1108", &with("goodput > 50/s"), "goodput > 50/s", &["no more than 10/s is offered"]);
    quiet(&with("p95(A) < 200ms and error_rate < 1% and stability > 0.9"));
}

#[test]
fn w1109_counts_the_signs() {
    let text = "A = service \"A\"\nB = service \"B\"\nR = feedback \"R\" {\n  loop_type \"balancing\"\n  A -> B \"x\" { polarity \"-\" }\n  B -> A \"y\" { polarity \"-\" }\n}\n";
    let (diagnostics, _) = check(text);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].message, "`R` is declared balancing, computed reinforcing: it has 2 minus signs");
    assert_eq!(diagnostics[0].related.len(), 2);
}

#[test]
fn w1110_follows_visits_to_the_fullest() {
    // 300/s × 50 % × 2 calls × 20 ms over 2 × 2 workers.
    let text = chain(
        "behavior A { service_time 1ms  concurrency 64 }\nbehavior B { service_time 20ms  concurrency 2  replicas 2 }\nbehavior A -> B { probability 50%  calls 2 }\nscenario S { load = 300/s }",
    );
    told("W1110", &text, "300/s", &["`B` gets 300/s", "4 workers held for 20ms can serve 200/s", "utilisation 1.5"]);
}

#[test]
fn w1110_knows_pools_caches_and_held_workers() {
    let pool = chain(
        "behavior A { service_time 1ms  concurrency 64 }\nbehavior B { service_time 20ms  concurrency 99 }\nbehavior A -> B { pool 4 }\nscenario S { load = 300/s }",
    );
    told("W1110", &pool, "300/s", &["`A->B` carries 300/s", "4 connections held for 20ms can carry 200/s"]);
    let held = chain(
        "behavior A { service_time 1ms  concurrency 4 }\nbehavior B { service_time 19ms  concurrency 99 }\nscenario S { load = 300/s }",
    );
    told("W1110", &held, "300/s", &["4 workers held for 20ms (its calls included) can serve 200/s"]);
    quiet(&chain(
        "behavior A { service_time 1ms  concurrency 4  cache { hit_ratio 90%  hit_time 1ms } }\nbehavior B { service_time 19ms  concurrency 99 }\nscenario S { load = 300/s }",
    ));
}

#[test]
fn w1110_is_a_hint_where_a_sweep_looks_for_the_limit() {
    let text = chain("behavior B { service_time 20ms  concurrency 4 }\nscenario S { load = 100..500 step 100 }");
    let (diagnostics, _) = check(&text);
    assert_eq!(diagnostics[0].severity, crate::diag::Severity::Hint);
    assert_eq!(diagnostics[0].label, "more than 200/s is more than can be served");
}

#[test]
fn w1112_is_about_strangers_where_timeouts_are_given() {
    let stranger = "X = external_system \"Bank\"\nA -> X\n";
    quiet(&chain(stranger));
    let text = chain(&format!("{stranger}behavior A -> B {{ timeout 1s }}"));
    told("W1112", &text, "A -> X", &["`A` waits for `X` without a timeout"]);
}

#[test]
fn w1113_compares_with_the_workers_of_one_replica() {
    let text = chain("behavior A { concurrency 8  replicas 9 }\nbehavior A -> B { bulkhead 20 }");
    told("W1113", &text, "bulkhead 20", &["a bulkhead of 20 never fills", "each replica of `A` has 8 workers"]);
    quiet(&chain("behavior A { concurrency 8  nonblocking }\nbehavior A -> B { bulkhead 20 }"));
}

#[test]
fn w1114_counts_calls_of_one_replica_and_looks_for_failures() {
    let few = chain(
        "behavior A { replicas 4 }\nbehavior A -> B { timeout 1s  circuit_breaker { window 10s  min_calls 100 } }\nscenario S { load = 20 }",
    );
    told("W1114", &few, "min_calls 100", &["100 calls within 10s", "each replica makes 50 at 5/s"]);
    let calm = chain("behavior A -> B { circuit_breaker { window 10s } }\nscenario S { load = 20 }");
    told("W1114", &calm, "circuit_breaker", &["no call of `B` can fail"]);
    let chaos = "behavior A -> B { circuit_breaker { window 10s } }\nscenario S { load = 20  at 9s fail B 50% for 9s }";
    quiet(&chain(chaos));
}

#[test]
fn w1115_knows_the_end_and_the_warm_up() {
    let with = |at: &str| chain(&format!("scenario S {{ load = 10  duration 60s  warmup 20s  {at} }}"));
    told("W1115", &with("at 60s kill B for 5s"), "60s", &["over at 60s: nothing happens at 60s"]);
    told("W1115", &with("at 5s kill B for 5s"), "5s", &["over after 10s", "measuring begins at 20s"]);
    told("W1115", &with("at 30s..90s step 30s kill B for 5s"), "30s..90s step 30s", &["nothing happens at 90s"]);
    quiet(&with("at 10s kill B for 15s"));
}

#[test]
fn w1120_tells_missing_faults_from_endless_ones() {
    let with = |rest: &str| chain(&format!("scenario S {{ load = 10  {rest} }}"));
    told("W1120", &with("expect recovery_time < 9s"), "recovery_time", &["`recovery_time` in a scenario"]);
    let endless = with("at 30s kill B  expect error_rate < 1% after chaos");
    told("W1120", &endless, "after chaos", &["no time after `at 30s kill B`"]);
}

#[test]
fn w1121_looks_into_scenarios_that_extend() {
    quiet(&chain(
        "scenario T {\n  abstract\n  param peak = 50\n  load = 10\n}\nscenario S extends T {\n  at 30s surge load peak for 5s\n}",
    ));
    told("W1121", &chain("scenario S {\n  param peak = 5\n  load = 10\n}"), "peak", &["`S` never uses"]);
}

#[test]
fn w1122_counts_requests_of_all_replications() {
    let with = |rest: &str| chain(&format!("scenario S {{ load = 10  duration 60s  warmup 10s  {rest} }}"));
    told("W1122", &with("replications 1  expect p99 < 2s"), "p99 < 2s", &["p99 of about 500 requests", "only 5 of"]);
    quiet(&with("replications 2  expect p99 < 2s"));
    quiet(&with("replications 1  expect p95 < 2s"));
}

#[test]
fn w1123_draws_the_way_back() {
    let text = chain("D = service \"D\"\nA -> D\nD -> B\nbehavior A -> B { timeout 1s  fallback D }");
    told("W1123", &text, "fallback D", &["needs it too: D → B"]);
    let itself = chain("behavior A -> B { timeout 1s  fallback B }");
    told("W1123", &itself, "fallback B", &["is `B` itself"]);
}

#[test]
fn w1125_adds_the_network() {
    let text = chain("behavior B { service_time 30ms }\nbehavior A -> B { latency 20ms  timeout 60ms }");
    told("W1125", &text, "timeout 60ms", &["take 70ms or more"]);
}

#[test]
fn w1127_offers_the_nearest() {
    let text = "Db = database \"Orders\" {\n  tags [\"critical\"]\n}\nbehavior tag \"critcal\" { service_time 3ms }\n";
    let (diagnostics, _) = check(text);
    assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `critical`?"));
}

#[test]
fn w1128_multiplies_what_is_waited_for() {
    let slo = |share: &str| format!("{{ slo {{ availability {{ target \"{share}\" }} }} }}");
    let text = format!(
        "A = service \"A\" {}\nB = database \"B\" {}\nD = database \"D\" {}\nA -> B\nA -> D\n",
        slo("99.95%"),
        slo("99.9%"),
        slo("99.5%")
    );
    told("W1128", &text, "\"99.95%\"", &["promises 99.95%", "99.9% × 99.5% = 99.4005%", "`B`, `D`"]);
    quiet(&format!("{text}behavior A -> B {{ async }}\nbehavior A -> D {{ async }}\n"));
}

#[test]
fn w1130_says_why() {
    told("W1130", &chain("behavior B { nonblocking }"), "nonblocking", &["it makes no calls"]);
    let shed = chain("behavior B { queue unbounded  shed queue > 80% }");
    told("W1130", &shed, "shed queue > 80%", &["its queue is unbounded"]);
    let jitter = chain("behavior A -> B { timeout 1s  retry 1 { jitter full } }");
    assert!(codes(&jitter).contains(&"W1130"));
    // One block for several elements: it works somewhere.
    quiet(&chain("behavior kind service { nonblocking }"));
}

#[test]
fn w1130_looks_at_what_scenarios_and_versions_do() {
    let startup =
        |scenario: &str| chain(&format!("behavior B {{ startup 9s }}\nscenario S {{ load = 10  {scenario} }}"));
    told("W1130", &startup(""), "startup 9s", &["its replicas neither go nor come"]);
    quiet(&startup("at 20s kill B for 5s"));
    quiet(&startup("B.mttf = 1h"));
    // Without a scenario nobody knows yet what will happen.
    quiet(&chain("behavior B { startup 9s }"));
    let again = |rest: &str| chain(&format!("behavior A -> B {{ timeout 1s  retry 0 {{ budget 10% }} }}\n{rest}"));
    told("W1130", &again(""), "budget 10%", &["`retry` is 0"]);
    quiet(&again("scenario S { load = 10  retries = [0, 1] }"));
    quiet(&again("scenario S { load = 10  A->B.retry = 2 }"));
}

#[test]
fn w1130_knows_who_can_fail() {
    let fallback = |rest: &str| {
        let model = "F = cache \"F\"\nbehavior kind service { queue unbounded }\nbehavior A -> B { fallback F }";
        chain(&format!("{model}\n{rest}"))
    };
    let calm = "scenario S { load = 10 }";
    told("W1130", &fallback(calm), "fallback F", &["no call of it can fail"]);
    quiet(&fallback(&format!("{calm}\nbehavior B {{ errors 1% }}")));
    quiet(&fallback("scenario S { load = 10  at 20s fail B 10% for 9s }"));
}

#[test]
fn w1132_speaks_of_every_version() {
    let lag = "scenario S { load = 10  lag = 1s }";
    told("W1132", &chain(lag), "1s", &["`lag`", "there is none"]);
    let queue = "Q = queue \"Q\"\nW = worker \"W\"\nA -> Q\nQ -> W";
    quiet(&chain(&format!("{queue}\n{lag}")));
    let swept = "scenario S { load = 10  retries = [0, 1] }";
    told("W1132", &chain(swept), "[0, 1]", &["none does"]);
    told("W1132", &chain("scenario S { users = 5  think = 1s  load = 10 }"), "10", &["closed loop"]);
}

#[test]
fn w1133_names_the_value() {
    told("W1133", &chain("scenario S { load = 10  B.replicas = [2] }"), "[2]", &["`B.replicas`", "one value, 2"]);
}

/// Ten thousand elements in a tree, with behavior on every relation: a stack or a square would show here.
#[test]
fn a_large_model_is_linted() {
    let mut text = "C = person \"C\"\nbehavior kind service { service_time 1ms  concurrency 64 }\nC -> S0\n".to_owned();
    for n in 0..10_000_u32 {
        text += &format!("S{n} = service \"S {n}\"\n");
        if n > 0 {
            // Timeouts shrink from the root to the leaves.
            let timeout = 40_000 - 2 * n;
            let above = (n - 1) / 3;
            text += &format!(
                "S{above} -> S{n} {{ timeout {timeout}ms  retry 1 {{ backoff 10ms  budget 10% }}  pool 9 }}\n"
            );
        }
    }
    text += "scenario S { load = 0.01  at 20s kill S9 for 9s  expect error_rate < 1% }\n";
    let (diagnostics, _) = check(&text);
    let codes: std::collections::BTreeSet<&str> = diagnostics.iter().map(|found| found.code.id).collect();
    assert!(codes.iter().all(|code| *code == "W1103"), "{codes:?}");
}
