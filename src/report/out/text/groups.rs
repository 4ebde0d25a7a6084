//! Groups of scenarios: whether each holds, by how much, and the patterns of their errors.

use super::super::page::{Cell, Page, Paint, bar, drawn, left, right};
use super::standing::rest;
use super::{counted, has_versions};
use crate::report::{CauseReport, CriterionReport, GroupReport, Report, words};
use std::sync::Arc;

/// Causes shown of each group without `-v`.
const CAUSES: usize = 6;

/// One row for each group: the answer.
pub fn summary(page: &mut dyn Page, report: &Report) {
    if report.groups.is_empty() {
        return;
    }
    page.heading("Groups", "a group holds when all that its scenarios expect does");
    let with_version = has_versions(report);
    let mut head = vec!["", "group", "ok", "reached", "95% interval", "where it is closest"];
    if with_version {
        head.insert(1, "version");
    }
    let rows: Vec<Vec<Cell>> = report.groups.iter().map(|group| summary_row(group, with_version)).collect();
    page.table(&head, &rows);
}

fn summary_row(group: &GroupReport, with_version: bool) -> Vec<Cell> {
    let decisive = decisive(group);
    let text = decisive.map_or(String::new(), |c| format!("{} in {}", c.expectation, c.scenario));
    let holding = group.scenarios.iter().filter(|name| holds(group, name)).count();
    let mut cells = vec![
        mark(group.held),
        left(&*group.name).paint(Paint::Bold),
        right(format!("{holding}/{}", group.scenarios.len())).paint(paint(group.held)),
        right(decisive.map_or_else(|| "—".into(), value)).paint(paint(group.held)),
        left(decisive.map_or(String::new(), interval)).paint(Paint::Dim),
        left(text),
    ];
    if with_version {
        cells.insert(1, left(&*group.version).paint(Paint::Bold));
    }
    cells
}

/// The expectation that is missed most badly; where all are kept, the one nearest to its limit.
fn decisive(group: &GroupReport) -> Option<&CriterionReport> {
    let room = |c: &CriterionReport| {
        let (value, limit) = (c.value.unwrap_or(f64::INFINITY), c.limit.unwrap_or(f64::NAN));
        let room = (value - limit).abs() / limit.abs();
        if room.is_nan() { f64::INFINITY } else { room }
    };
    let is_worse = |next: &CriterionReport, than: &CriterionReport| match (next.severity, than.severity) {
        (a, b) if a != b => a > b,
        (None, _) => room(next) < room(than),
        _ => room(next) > room(than),
    };
    group.criteria.iter().reduce(|worst, next| if is_worse(next, worst) { next } else { worst })
}

fn holds(group: &GroupReport, scenario: &Arc<str>) -> bool {
    group.criteria.iter().filter(|c| c.scenario == *scenario).all(|c| c.held == Some(true))
}

fn mark(held: Option<bool>) -> Cell {
    let sign = match held {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "·",
    };
    drawn(sign).paint(paint(held))
}

fn paint(held: Option<bool>) -> Paint {
    match held {
        Some(true) => Paint::Good,
        Some(false) => Paint::Bad,
        None => Paint::Dim,
    }
}

fn value(criterion: &CriterionReport) -> String {
    criterion.value.map_or_else(|| "—".into(), |value| words::metric(criterion.metric, value))
}

fn interval(criterion: &CriterionReport) -> String {
    let word = |value: f64| words::metric(criterion.metric, value);
    criterion.ci95.map_or(String::new(), |[low, high]| format!("{} to {}", word(low), word(high)))
}

/// For each group its scenarios, and why calls failed.
pub fn details(page: &mut dyn Page, report: &Report) {
    for group in &report.groups {
        let whose = if has_versions(report) { format!("{} · ", group.version) } else { String::new() };
        page.heading(&format!("{whose}{}", group.name), &requests(group));
        let rows: Vec<Vec<Cell>> = group.criteria.iter().map(criterion_row).collect();
        page.table(&["", "scenario", "reached", "95% interval", "expected"], &rows);
        causes(page, group);
        consequences(page, group);
    }
}

/// `120k requests, 0.4% failed`.
fn requests(group: &GroupReport) -> String {
    let all = counted(group.runs, "run");
    let offered = words::count(group.offered as f64);
    if group.failed == 0 {
        return format!("{all} · {offered} requests, none failed");
    }
    let share = words::percent(group.failed as f64 / group.offered as f64);
    let ways = [(group.timed_out, "timed out"), (group.refused, "refused")];
    let ways = ways.iter().filter(|(count, _)| *count > 0);
    let ways: Vec<String> = ways.map(|(count, way)| format!("{} {way}", words::count(*count as f64))).collect();
    let ways = if ways.is_empty() { String::new() } else { format!(" ({})", ways.join(", ")) };
    format!("{all} · {offered} requests, {share} failed{ways}")
}

fn criterion_row(criterion: &CriterionReport) -> Vec<Cell> {
    let often = match (criterion.failing_runs, criterion.runs) {
        (0, _) | (_, 1) => String::new(),
        (failing, runs) => format!(" (missed in {failing} of {runs} runs)"),
    };
    vec![
        mark(criterion.held),
        left(&*criterion.scenario),
        right(value(criterion)).paint(paint(criterion.held)),
        left(interval(criterion)).paint(Paint::Dim),
        left(format!("{}{often}", criterion.expectation)),
    ]
}

fn causes(page: &mut dyn Page, group: &GroupReport) {
    if group.causes.is_empty() {
        return;
    }
    let shown = if page.is_verbose() { group.causes.len() } else { CAUSES };
    let rows: Vec<Vec<Cell>> = group.causes.iter().take(shown).map(cause_row).collect();
    page.table_below(&["why calls failed", "calls", "share", "", "where it began"], &rows);
    rest(page, group.causes.len(), shown, "cause");
}

fn cause_row(cause: &CauseReport) -> Vec<Cell> {
    vec![
        left(cause.cause.describe()).paint(Paint::Warn),
        right(words::count(cause.count as f64)),
        right(words::percent(cause.share)),
        drawn(bar(cause.share, 10)).paint(Paint::Warn),
        left(cause.of.replace("->", " → ")),
    ]
}

fn consequences(page: &mut dyn Page, group: &GroupReport) {
    let one = |c: &crate::report::ConsequenceReport| {
        format!("{} {} of {}", words::count(c.count as f64), c.kind.describe(), c.of)
    };
    let all: Vec<String> = group.consequences.iter().map(one).collect();
    if !all.is_empty() {
        page.prose(Paint::Warn, &format!("and so: {}", all.join("; ")));
    }
}
