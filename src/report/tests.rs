use super::out::{TextOptions, json, markdown, text};
use super::{MetaInput, Report, build};
use crate::analysis::fixtures::{Conditions, config, finished, shop};
use crate::exec::event::{FinishedRun, RunStatus};
use crate::model::{Project, VersionModel};
use std::sync::Arc;

mod history;

fn report_of(project: &Project, runs: Vec<FinishedRun>) -> Report {
    let meta = MetaInput { file: "shop.sruja".into(), wall_seconds: 4.21, workers: 2, cache_hits: 0 };
    build(project, runs, |_| Some((Arc::new(shop()), config())), meta)
}

/// Two versions over 12 loads and 4 shares of failures.
fn sweep(capacities: &[(&str, f64)]) -> Vec<FinishedRun> {
    let mut runs = Vec::new();
    for (version, capacity) in capacities {
        for load in (100..=4900).step_by(400).map(f64::from) {
            for failures in [0.0, 0.005, 0.1, 0.3] {
                let conditions = Conditions { failures, ..Conditions::calm(load, *capacity) };
                runs.push(finished(runs.len() as u64, version, &[("load", load), ("failures", failures)], conditions));
            }
        }
    }
    runs
}

fn race() -> Report {
    let project = Project {
        not_simulated: vec!["`preempt` of Checkout (line 12)".into()],
        versions: vec![VersionModel {
            name: "v9".into(),
            title: None,
            commit: None,
            model: Err("arch/v9.sruja: no such file".into()),
        }],
        ..Project::default()
    };
    report_of(&project, sweep(&[("v1", 1500.0), ("v2", 3200.0)]))
}

fn single(fault: Option<(usize, usize)>, stuck: bool) -> Report {
    let conditions = Conditions { fault, stuck, ..Conditions::calm(600.0, 1000.0) };
    report_of(&Project::default(), vec![finished(0, "working", &[], conditions)])
}

#[test]
fn a_race_of_two_versions_as_text() {
    insta::assert_snapshot!("race", text(&race(), &TextOptions::default()));
}

#[test]
fn a_race_of_two_versions_as_markdown() {
    insta::assert_snapshot!("race_markdown", markdown(&race(), false));
}

#[test]
fn names_have_no_meaning_in_markdown() {
    let mut runs = sweep(&[("a|b", 1500.0), ("*<b>`c`", 3200.0)]);
    runs[0].info.name = "[x](y)\n# z".into();
    let shown = markdown(&report_of(&Project::default(), runs), true);
    // Code blocks have no signs to escape.
    let prose: String = shown.split("```").step_by(2).collect();
    let naked = |sign: &str| prose.match_indices(sign).any(|(at, _)| !prose[..at].ends_with('\\'));
    assert!(prose.contains(r"a\|b") && !naked("|b") && !naked("<b") && !naked("`c") && !naked("[x"), "{prose}");
    let columns = |line: &str| line.replace(r"\|", "").matches('|').count();
    for table in prose.split("\n\n").filter(|block| block.starts_with('|')) {
        let counts: Vec<usize> = table.trim().lines().map(columns).collect();
        assert!(counts.iter().all(|count| *count == counts[0]), "{table}");
    }
}

#[test]
fn a_single_run_as_text() {
    insta::assert_snapshot!("single_calm", text(&single(None, false), &TextOptions::default()));
    insta::assert_snapshot!("single_stuck", text(&single(Some((30, 40)), true), &TextOptions::default()));
}

#[test]
fn one_version_over_one_axis_as_text() {
    let runs = (1..=20)
        .map(|n| finished(n, "working", &[("load", n as f64 * 100.0)], Conditions::calm(n as f64 * 100.0, 1500.0)))
        .collect();
    insta::assert_snapshot!("one_axis", text(&report_of(&Project::default(), runs), &TextOptions::default()));
}

#[test]
fn without_unicode_there_is_only_ascii_and_without_colour_no_escape() {
    let plain = text(&race(), &TextOptions { unicode: false, ..TextOptions::default() });
    assert!(plain.is_ascii());
    assert!(!plain.contains('\u{1b}'));
    assert!(text(&race(), &TextOptions { color: true, ..TextOptions::default() }).contains("\u{1b}[32m"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for report in [race(), single(Some((30, 40)), true)] {
        for verbose in [false, true] {
            let shown = text(&report, &TextOptions { verbose, ..TextOptions::default() });
            let long: Vec<&str> = shown.lines().filter(|line| line.chars().count() > 80).collect();
            assert_eq!(long, Vec::<&str>::new());
            assert!(shown.lines().all(|line| line.trim_end() == line), "blanks at the end of a line");
        }
    }
}

#[test]
fn escape_sequences_in_names_never_reach_the_terminal() {
    let mut run = finished(0, "v\u{1b}[31m1\u{202e}", &[], Conditions::calm(2000.0, 1000.0));
    run.info.name = "evil\u{7}\u{1b}]0;title\u{7}".into();
    run.status = RunStatus::Partial;
    run.error = Some("broken\r\nline".into());
    let shown = text(&report_of(&Project::default(), vec![run]), &TextOptions { verbose: true, ..Default::default() });
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown}");
    assert!(!shown.contains('\u{202e}'));
}

#[test]
fn the_json_has_the_keys_of_the_contract_in_its_order() {
    let mut runs = vec![finished(0, "working", &[("load", 100.0)], Conditions::calm(1200.0, 1000.0))];
    std::sync::Arc::make_mut(&mut runs[0].measures).request_types.insert("Checkout".into(), Default::default());
    insta::assert_snapshot!("json", json(&report_of(&Project::default(), runs)));
}

#[test]
fn the_json_does_not_depend_on_the_order_in_which_runs_end() {
    let outside_meta = |report: Report| json(&Report { meta: Default::default(), ..report });
    let mut reversed = sweep(&[("v1", 1500.0), ("v2", 3200.0)]);
    reversed.reverse();
    let project = Project::default();
    let report = report_of(&project, reversed);
    let other = report_of(&project, sweep(&[("v1", 1500.0), ("v2", 3200.0)]));
    assert_eq!(outside_meta(report), outside_meta(other));
}

#[test]
fn what_is_no_number_is_null() {
    let mut run = finished(0, "working", &[], Conditions::calm(100.0, 1000.0));
    let measures = std::sync::Arc::make_mut(&mut run.measures);
    measures.metrics.latency.stddev = f64::NAN;
    measures.ci95.insert("goodput".into(), [f64::NAN, 1.0]);
    let written = json(&report_of(&Project::default(), vec![run]));
    let value: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert!(value["runs"][0]["metrics"]["latency"]["stddev"].is_null());
    assert!(value["runs"][0]["ci95"].get("goodput").is_none());
    assert!(value["runs"][0]["cost"]["per_hour"].is_null());
}

#[test]
fn json_lines_hold_one_run_each_and_the_rest_at_the_end() {
    let mut written = Vec::new();
    super::out::write_jsonl(&race(), &mut written).unwrap();
    let written = String::from_utf8(written).unwrap();
    let lines: Vec<serde_json::Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 105);
    assert_eq!(lines[0]["name"], "v1:LoadScale-100-0");
    assert_eq!(lines[104]["schema"], "sruja.report/1");
}

#[test]
fn failed_runs_are_shown_and_do_not_count() {
    let mut runs = sweep(&[("v1", 1500.0)]);
    runs[3].status = RunStatus::Failed;
    runs[3].error = Some("the worker panicked: seed 42".into());
    runs[3].measures = std::sync::Arc::default();
    let report = report_of(&Project::default(), runs);
    assert_eq!(report.matrix[0].runs, 51);
    assert_eq!(report.runs[3].score, None);
    assert!(report.runs[3].dimensions.0.is_empty() && report.runs[3].stability.is_none());
    let shown = text(&report, &TextOptions::default());
    assert!(shown.contains("the worker panicked: seed 42"));
    let none = report_of(&Project::default(), Vec::new());
    assert_eq!(none.recommendation.version, None);
    assert!(!text(&none, &TextOptions::default()).is_empty());
}
