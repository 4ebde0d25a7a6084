//! Groups of scenarios: whether each holds, by how much, and the patterns of their errors.

use super::super::page::{Cell, Page, Paint, Piece, bar, drawn, left, right};
use super::standing::rest;
use super::{counted, has_versions};
use crate::report::{CriterionReport, FailureCauseReport, GroupReport, Report, words};
use std::sync::Arc;

/// Causes shown of each group without `-v`.
const CAUSES: usize = 6;

/// The answer: whether each group holds, and what it is held to.
pub fn summary(page: &mut dyn Page, report: &Report) {
    if report.groups.is_empty() {
        return;
    }
    page.heading("Groups", "a group holds when all that its scenarios expect does");
    for group in &report.groups {
        let whose = if has_versions(report) { format!("{} · ", group.version) } else { String::new() };
        let all = group.scenarios.len();
        let holding = group.scenarios.iter().filter(|name| holds(group, name)).count();
        let pieces = [
            Piece(paint(group.held), format!("{} ", sign(group.held))),
            Piece(Paint::Bold, format!("{whose}{}", group.name)),
            Piece(
                Paint::Plain,
                format!("  {holding} of {} {}", counted(all, "scenario"), if all == 1 { "holds" } else { "hold" }),
            ),
        ];
        page.item(&pieces, "");
        for (n, worst) in kinds(group).into_iter().enumerate() {
            if n == 0 || worst.held != Some(true) {
                page.detail(paint(worst.held), &came_to(worst));
            }
        }
    }
}

/// The worst of each kind of expectation (one metric, one limit), in the order of the plan: first what the group is
/// held to.
fn kinds(group: &GroupReport) -> Vec<&CriterionReport> {
    let mut kinds: Vec<&CriterionReport> = Vec::new();
    for next in &group.criteria {
        match kinds.iter_mut().find(|kind| kind.metric == next.metric && kind.limit == next.limit) {
            Some(kind) if next.is_worse_than(kind) => *kind = next,
            Some(_) => {}
            None => kinds.push(next),
        }
    }
    kinds
}

/// `availability > 99%: 99.71% (99.53% to 99.89%) in Endpoints`.
fn came_to(criterion: &CriterionReport) -> String {
    let interval = Some(interval(criterion)).filter(|text| !text.is_empty());
    let interval = interval.map_or(String::new(), |text| format!(" ({text})"));
    format!("{}: {}{interval} in {}", criterion.expectation, value(criterion), criterion.scenario)
}

fn holds(group: &GroupReport, scenario: &Arc<str>) -> bool {
    let mut own = group.criteria.iter().filter(|c| c.scenario == *scenario).peekable();
    own.peek().is_some() && own.all(|c| c.held == Some(true))
}

fn sign(held: Option<bool>) -> &'static str {
    match held {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "·",
    }
}

fn mark(held: Option<bool>) -> Cell {
    left(sign(held)).paint(paint(held))
}

fn paint(held: Option<bool>) -> Paint {
    match held {
        Some(true) => Paint::Good,
        Some(false) => Paint::Bad,
        None => Paint::Dim,
    }
}

fn value(criterion: &CriterionReport) -> String {
    criterion.value.map_or_else(|| "not measured".into(), |value| words::metric(criterion.metric, value))
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

fn cause_row(cause: &FailureCauseReport) -> Vec<Cell> {
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
