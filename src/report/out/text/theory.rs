//! Closed forms and approximations beside what was simulated, each said to be what it is.

use super::super::page::{Cell, Page, Paint, left, right};
use super::standing::rest;
use super::{conditions, counted, distinct, has_versions};
use crate::report::{Agreement, AnalyticCheck, Report, RunReport, words};

/// Elements shown without `-v`.
const ELEMENTS: usize = 6;

/// Theory beside one run: whatever has an answer.
pub fn details(page: &mut dyn Page, run: &RunReport) {
    let theory = &run.analytic;
    let mut rows: Vec<Vec<Cell>> = theory.checked.iter().filter(|check| check.value > 0.0).map(check_row).collect();
    let elements: Vec<Vec<Cell>> = theory.elements.keys().filter_map(|path| element_row(run, path)).collect();
    let known = elements.len();
    if rows.is_empty() && known == 0 {
        return;
    }
    page.heading("Closed form", "theory, not simulation; held against the 95% interval of the runs");
    let shown = if page.is_verbose() { known } else { ELEMENTS };
    rows.extend(elements.into_iter().take(shown));
    page.table(&["", "simulated", "theory", "error", "", "by"], &rows);
    rest(page, known, shown, "element");
    if let Some(reason) = theory.all.as_ref().and_then(|all| all.basis.reason.as_ref()) {
        page.prose(Paint::Dim, &format!("no closed form of all requests: {reason}"));
    }
}

fn check_row(check: &AnalyticCheck) -> Vec<Cell> {
    let word = if check.metric == "error_rate" { words::percent } else { words::seconds };
    let name = check.metric.rsplit('.').next().unwrap_or(check.metric);
    vec![
        left(if name == "error_rate" { "failed" } else { name }),
        right(word(check.simulated)),
        right(word(check.value)),
        right(error(Some(check.error))),
        verdict(check.agreement),
        left(check.source.describe()).paint(Paint::Dim),
    ]
}

fn element_row(run: &RunReport, path: &str) -> Option<Vec<Cell>> {
    let (theory, simulated) = (run.analytic.elements.get(path)?, run.elements.get(path)?);
    let value = theory.response_mean.filter(|value| *value > 0.0)?;
    Some(vec![
        left(format!("{path} mean")),
        right(words::seconds(simulated.response_mean)),
        right(words::seconds(value)),
        right(error(theory.basis.error)),
        left(""),
        left(theory.basis.source.map_or("", |source| source.describe())).paint(Paint::Dim),
    ])
}

fn error(error: Option<f64>) -> String {
    match error {
        Some(error) if error > 0.0 => format!("<{}", words::percent(error)),
        _ => "exact".into(),
    }
}

fn verdict(agreement: Agreement) -> Cell {
    match agreement {
        Agreement::Inside => left("inside").paint(Paint::Good),
        Agreement::Near => left("near").paint(Paint::Dim),
        Agreement::Outside => left("outside").paint(Paint::Warn),
    }
}

/// Of several runs one line for each scenario and version: how many numbers were checked, and which disagree.
pub fn summary(page: &mut dyn Page, report: &Report) {
    let mut lines = Vec::new();
    for scenario in distinct(report, |run| &run.scenario) {
        for version in distinct(report, |run| &run.version) {
            let case = |run: &&RunReport| &*run.scenario == scenario && &*run.version == version;
            let runs: Vec<&RunReport> = report.runs.iter().filter(case).collect();
            lines.extend(case_line(report, scenario, version, &runs));
        }
    }
    if lines.is_empty() {
        return;
    }
    page.heading("Closed form", "runs held against theory where it applies");
    for (line, paint) in lines {
        page.prose(paint, &line);
    }
}

fn case_line(report: &Report, scenario: &str, version: &str, runs: &[&RunReport]) -> Option<(String, Paint)> {
    let numbers: usize = runs.iter().map(|run| run.analytic.checked.len()).sum();
    let covered = runs.iter().filter(|run| !run.analytic.checked.is_empty()).count();
    let outside = |run: &&&RunReport| run.analytic.checked.iter().any(|c| c.agreement == Agreement::Outside);
    let disagree: Vec<&&RunReport> = runs.iter().filter(outside).collect();
    if numbers == 0 {
        return None;
    }
    let name = if has_versions(report) { format!("{scenario} of {version}") } else { scenario.to_owned() };
    let head = format!("{name}: {} checked in {covered} of {}", counted(numbers, "number"), counted(runs.len(), "run"));
    let Some(first) = disagree.first() else {
        return Some((format!("{head}, none outside its interval"), Paint::Plain));
    };
    let metrics = first.analytic.checked.iter().filter(|c| c.agreement == Agreement::Outside);
    let metrics: Vec<&str> = metrics.map(|c| c.metric).collect();
    let at = conditions(first);
    let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
    let tail = format!("outside its interval in {}, first {}{at}", counted(disagree.len(), "run"), metrics.join(", "));
    Some((format!("{head}, {tail}"), Paint::Warn))
}
