//! Reference cases with exact answers: `tests/validation/cases.json`, a model of each beside it.
//!
//! A model says in comments where its report has the metrics: `//= mean_wait = elements/A/wait_mean`, with the
//! expressions of `expression.rs`. `//~ quick 100` makes a quick run a hundred times as short instead of one of 40 000
//! requests, `//~ quick never` leaves it out of the quick runs; `//~ needs X` says what the tool cannot simulate of it
//! yet, which must then be in the report's `not_simulated`.
//!
//! The ordinary suite runs everything for a short while, with tolerances that grow as the root of the ratio. At full
//! length, by the binary, and with the table for `docs/src/validation.md`:
//!
//! ```sh
//! cargo test --release --test suite validation::full -- --ignored --nocapture
//! ```

mod case;
mod expression;

use crate::support::{project, report, sruja_in};
use case::{Case, Line, Model, short};
use serde_json::Value;
use sruja::source::RealHost;
use std::fmt::Write;
use std::sync::Arc;

#[test]
fn quick() {
    let mut wrong = Vec::new();
    for case in case::all() {
        let model = case.model();
        let Some(shorter) = model.shorter else { continue };
        let report = simulate(&model, shorter);
        wrong.extend(faults(&case, &model, &report, shorter));
    }
    assert!(wrong.is_empty(), "{} metrics are off:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
#[ignore = "minutes: every case at its full length"]
fn full() {
    let mut page = HEAD.to_owned();
    let mut wrong = Vec::new();
    let (mut metrics, mut missing) = (0, 0);
    for case in case::all() {
        let model = case.model();
        let report = by_binary(&model);
        wrong.extend(faults(&case, &model, &report, 1.0));
        let lines = case.judge(&model, &report, 1.0);
        metrics += lines.len();
        missing += if model.lacks.is_some() { lines.len() } else { 0 };
        page += &section(&case, &model, &lines);
        lines.iter().for_each(|line| println!("{:4} {}", case.id, plain(line)));
    }
    for (name, count) in [("passed", metrics - missing - wrong.len()), ("metrics", metrics), ("missing", missing)] {
        page = page.replace(&format!("{{{name}}}"), &count.to_string());
    }
    std::fs::write(project().join("docs/src/validation.md"), page).unwrap();
    assert!(wrong.is_empty(), "{} of {metrics} metrics are off:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every case has a model, and every model a case.
#[test]
fn cases_and_models_are_the_same() {
    let mut models: Vec<String> = std::fs::read_dir(project().join("tests/validation"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".sruja").map(str::to_owned))
        .collect();
    let mut cases: Vec<String> = case::all().into_iter().map(|case| case.id).collect();
    models.sort();
    cases.sort();
    assert_eq!(models, cases);
}

/// What does not hold; a model that lacks something must say so in its report.
fn faults(case: &Case, model: &Model, report: &Value, shorter: f64) -> Vec<String> {
    let missing = report["not_simulated"].to_string();
    match &model.lacks {
        Some(what) if missing.contains(what.as_str()) => return Vec::new(),
        Some(what) => return vec![format!("{}: `{what}` is simulated by now: take the note out", case.id)],
        None if missing != "[]" => return vec![format!("{}: not simulated: {missing}", case.id)],
        None => {}
    }
    let lines = case.judge(model, report, shorter);
    lines.iter().filter(|line| !line.holds).map(|line| format!("{:4} {}", case.id, plain(line))).collect()
}

/// Runs a model in this process, `shorter` times as short.
fn simulate(model: &Model, shorter: f64) -> Value {
    let checked = sruja::sema::check(&RealHost, &model.path, model.path.parent().unwrap());
    let mut project = checked.project.unwrap_or_else(|| panic!("{}: {:?}", model.path.display(), checked.diagnostics));
    if shorter > 1.0 {
        for case in &mut project.cases {
            let base = &mut Arc::make_mut(&mut case.scenario).base;
            base.duration.0 = (base.duration.0 as f64 / shorter) as u64;
            base.warmup.iter_mut().for_each(|warmup| warmup.0 = (warmup.0 as f64 / shorter) as u64);
            base.replications = 1;
        }
    }
    let plan = sruja::plan::Plan::new(&project, &sruja::plan::PlanOptions::default()).unwrap();
    report(&project, &plan, 1)
}

/// What the binary says of a model, as anybody else would ask it.
fn by_binary(model: &Model) -> Value {
    let path = model.path.to_str().unwrap();
    let output = sruja_in(project(), &["run", path, "--format", "json", "--progress", "none"]).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}: {}", model.path.display(), String::from_utf8_lossy(&output.stderr)))
}

fn plain(line: &Line) -> String {
    let mut text = format!("{:44} {:>24} {:>24}", line.metric, line.exact, line.simulated);
    let _ = write!(text, " ± {:10}", line.tolerance.map_or(String::new(), short));
    let _ = write!(text, " {:>6}", line.z.map_or(String::new(), |z| format!("{z:+.2}")));
    text + if line.holds { "" } else { "  OFF" }
}

const HEAD: &str = "# Validation

Cases with exact answers, from queueing theory, traces computed by hand, invariants and published systems, each a
`.sruja` model in `tests/validation/`, run by the binary at full length with fixed seeds.

```sh
cargo test --release --test suite validation::full -- --ignored --nocapture   # writes this page
```

**{passed} of {metrics} metrics hold; {missing} need what is not simulated yet.** The tolerance of most is four standard deviations of one run of the stated length,
autocorrelation included, divided by the root of the number of replications; `z` is the deviation in standard
deviations. Where a metric is read in the report stands at the head of each model. The ordinary test suite runs the same models for a
short while.
";

fn section(case: &Case, model: &Model, lines: &[Line]) -> String {
    let mut text = format!("\n## {} · {}\n\n", case.id, case.title);
    if let Some(what) = &model.lacks {
        let _ = writeln!(text, "Not simulated yet: `{what}`.");
        return text;
    }
    text += "| metric | exact | simulated | tolerance | z | |\n|---|--:|--:|--:|--:|---|\n";
    for line in lines {
        let tolerance = line.tolerance.map_or(String::new(), short);
        let z = line.z.map_or(String::new(), |z| format!("{z:+.2}"));
        let verdict = if line.holds { "✓" } else { "✗" };
        let _ =
            writeln!(text, "| {} | {} | {} | {tolerance} | {z} | {verdict} |", line.metric, line.exact, line.simulated);
    }
    // `a](b)` of a formula is no link.
    let _ = writeln!(text, "\n{}", case.source.replace("](", "] ("));
    text
}
