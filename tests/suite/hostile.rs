//! Hostile input is normal input: a coded error, in bounded time, and never a panic.

use crate::support::{Outcome, Sandbox};
use std::time::{Duration, Instant};

/// Longest that any of these may take, in the test profile on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Does `args` on `files`; nothing may panic, be killed or take long.
fn sruja(files: &[(&str, &str)], args: &[&str]) -> Outcome {
    let sandbox = Sandbox::with(files);
    in_sandbox(&sandbox, args)
}

fn in_sandbox(sandbox: &Sandbox, args: &[&str]) -> Outcome {
    let start = Instant::now();
    let done = sandbox.sruja(args);
    assert!(start.elapsed() < PATIENCE, "{args:?} took {:?}", start.elapsed());
    assert!(matches!(done.code, Some(0..=3)), "{args:?} ended with {:?}: {}", done.code, done.stderr);
    assert!(!done.stderr.contains("R2001") && !done.stdout.contains("panicked"), "{}", done.stderr);
    done
}

fn is_refused_with(text: &str, code: &str) {
    let done = sruja(&[("a.sruja", text)], &["check", "a.sruja"]);
    assert_eq!(done.code, Some(1));
    assert!(done.stdout.contains(code), "{code} expected, found {}", &done.stdout[..done.stdout.len().min(2_000)]);
}

#[test]
fn deep_nesting_and_stray_brackets() {
    is_refused_with(&"A = system \"A\" {".repeat(10_000), "E0107");
    is_refused_with(&"[".repeat(100_000), "E0107");
    is_refused_with(&"}".repeat(10_000), "E0103");
}

#[test]
fn files_that_are_too_large_or_no_text() {
    let sandbox = Sandbox::with(&[]);
    sandbox.write("big.sruja", vec![b' '; 20 << 20]);
    assert!(in_sandbox(&sandbox, &["check", "big.sruja"]).stdout.contains("E0113"));
    sandbox.write("bytes.sruja", b"A = system \"\xff\xfe\"\n");
    assert!(in_sandbox(&sandbox, &["check", "bytes.sruja"]).stdout.contains("E0108"));
    sandbox.write("line.sruja", "A -> B ".repeat(150_000));
    in_sandbox(&sandbox, &["check", "line.sruja"]);
}

#[test]
fn hidden_characters_never_reach_the_terminal() {
    let done =
        sruja(&[("a.sruja", "A = service \"\u{1b}[31mred\u{202e}\"\n")], &["check", "a.sruja", "--color", "never"]);
    assert!(done.stdout.contains("E0112") && !done.stdout.contains('\u{1b}') && !done.stdout.contains('\u{202e}'));
}

#[test]
fn imports_that_circle_or_climb_out() {
    let circle = [("a.sruja", "import { * } from './b.sruja'\n"), ("b.sruja", "import { * } from './a.sruja'\n")];
    assert!(sruja(&circle, &["check", "a.sruja"]).stdout.contains("E0210"));
    is_refused_with("import { * } from './a.sruja'\n", "E0210");
    for path in ["../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "\\\\server\\x", "C:/x"] {
        is_refused_with(&format!("import {{ * }} from '{path}'\n"), "E0209");
    }
    is_refused_with("import { * } from './nothing.sruja'\n", "E0208");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_workspace_are_not_followed() {
    let outside = Sandbox::with(&[("secret.sruja", "Secret = service \"S\"\n")]);
    let sandbox = Sandbox::with(&[("a.sruja", "import { * } from './link.sruja'\n")]);
    std::os::unix::fs::symlink(outside.dir.join("secret.sruja"), sandbox.dir.join("link.sruja")).unwrap();
    assert!(in_sandbox(&sandbox, &["check", "a.sruja"]).stdout.contains("E0209"));
}

const MODEL: &str = "C = person \"C\"\nS = service \"S\"\nC -> S\nbehavior S { service_time 1ms  concurrency 1 }\n";

#[test]
fn plans_beyond_all_bounds_are_refused_with_their_size() {
    let million_by_million =
        format!("{MODEL}scenario X {{ load = 1..1000000 step 1  failures = 0..100% step 0.0001% }}\n");
    let done = sruja(&[("a.sruja", &million_by_million)], &["run", "a.sruja"]);
    assert_eq!(done.code, Some(2));
    assert!(done.stderr.contains("E0401") && done.stderr.contains("1 000 001 000 000"), "{}", done.stderr);
    let forty: String = (0..40).map(|n| format!("  at [{n}s, {n}.5s] slow S by 2x for 1s\n")).collect();
    let done = sruja(
        &[("a.sruja", &format!("{MODEL}scenario X {{ load = 1\n{forty}}}\n"))],
        &["expand", "a.sruja", "--count"],
    );
    assert!(done.stderr.contains("E0401"), "{}", done.stderr);
}

#[test]
fn senseless_ranges_have_a_code() {
    for range in ["5..1", "1..5 step 0", "1..5 step -1", "1..5 steps 0", "0..5 log 3", "1s..5/s"] {
        let text = format!("{MODEL}scenario X {{ load = {range} }}\n");
        let done = sruja(&[("a.sruja", &text)], &["check", "a.sruja"]);
        assert_eq!(done.code, Some(1), "{range}: {}", done.stdout);
        assert!(done.stdout.contains("error[E"), "{range}: {}", done.stdout);
    }
}

#[test]
fn loads_beyond_all_bounds_end() {
    for scenario in
        ["load = 1000000/s duration 2s", "load = 0/s duration 2s", "load = 500/s failures = 100% duration 2s"]
    {
        let text = format!("{MODEL}scenario X {{ {scenario} warmup 0s replications 1 }}\n");
        let done = sruja(&[("a.sruja", &text)], &["run", "a.sruja", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        assert!(report["runs"][0]["metrics"]["error_rate"].is_number(), "{scenario}");
    }
}

#[test]
fn a_storm_of_retries_and_a_deep_chain_end() {
    let chain: String = (0..500).map(|n| format!("S{n} = service \"S{n}\"\n")).collect();
    let calls: String = (1..500).map(|n| format!("S{} -> S{n} {{ timeout 1s  retry 3 }}\n", n - 1)).collect();
    let text = format!(
        "C = person \"C\"\n{chain}{calls}C -> S0\nbehavior S499 {{ errors 100% }}\nscenario X {{ load = 5/s duration 2s warmup 0s replications 1 }}\n"
    );
    sruja(&[("a.sruja", &text)], &["run", "a.sruja"]);
}
