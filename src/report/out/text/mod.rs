//! What a report says to people: the answer first, then what it rests on.

mod aftermath;
mod breaks;
mod grid;
mod groups;
mod history;
mod remarks;
mod run;
mod standing;
mod theory;

use super::page::Page;
use super::terminal::Terminal;
use crate::report::{Report, RunReport, words};

/// How a terminal shows text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Columns.
    pub width: usize,
    /// Whether escape sequences for colour may be used.
    pub color: bool,
    /// Whether glyphs beyond ASCII may be used.
    pub unicode: bool,
    /// Everything instead of the most telling lines.
    pub verbose: bool,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { width: 80, color: false, unicode: true, verbose: false }
    }
}

/// The report as text.
pub fn text(report: &Report, options: &TextOptions) -> String {
    let mut page = Terminal::new(*options);
    sections(&mut page, report);
    page.finish()
}

/// Everything that is said, in its order.
pub fn sections(page: &mut dyn Page, report: &Report) {
    header(page, report);
    if !report.history.is_empty() {
        return of_history(page, report);
    }
    remarks::incomplete(page, report);
    standing::headline(page, report);
    groups::summary(page, report);
    standing::matrix(page, report);
    standing::ranking(page, report);
    grid::grids(page, report);
    breaks::violations(page, report);
    groups::details(page, report);
    aftermath::verdicts(page, report);
    aftermath::growth(page, report);
    aftermath::budgets(page, report);
    breaks::patterns(page, report);
    breaks::hotspots(page, report);
    breaks::loops(page, report);
    standing::capacity(page, report);
    run::details(page, report);
    if report.runs.len() > 1 {
        theory::summary(page, report);
    }
    remarks::sources(page, report);
    remarks::certainty(page, report);
    remarks::next_steps(page, report);
    remarks::cached(page, report);
}

/// What is said of a history: a commit stands beside its neighbours, not among candidates.
fn of_history(page: &mut dyn Page, report: &Report) {
    history::histories(page, report);
    remarks::sources(page, report);
    remarks::next_steps(page, report);
}

fn header(page: &mut dyn Page, report: &Report) {
    // Runs that differ in nothing are simulated once.
    let mut seen = std::collections::HashSet::new();
    let once = report.runs.iter().filter(|run| run.hash.is_empty() || seen.insert(&run.hash));
    let events: u64 = once.map(|run| run.events_simulated).sum();
    let version = if report.history.is_empty() { "version" } else { "commit" };
    let mut parts = vec![
        named(&distinct(report, |run| &run.scenario), "scenario"),
        named(&distinct(report, |run| &run.version), version),
        counted(report.runs.len(), "run"),
        format!("{} events", words::count(events as f64)),
    ];
    if report.meta.wall_seconds > 0.0 {
        parts.push(words::seconds(report.meta.wall_seconds));
    }
    let file = if report.meta.file.is_empty() { "sruja" } else { &report.meta.file };
    page.title(file, &parts.join(" · "));
}

/// The only one by name, several by their number.
fn named(names: &[&str], noun: &str) -> String {
    match names {
        [only] => (*only).to_owned(),
        several => counted(several.len(), noun),
    }
}

/// `1 run`, `3 runs`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Different values of the runs, in order of appearance.
fn distinct<'a>(report: &'a Report, pick: impl Fn(&'a RunReport) -> &'a str) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for run in &report.runs {
        if !seen.contains(&pick(run)) {
            seen.push(pick(run));
        }
    }
    seen
}

fn has_versions(report: &Report) -> bool {
    distinct(report, |run| &run.version).len() > 1
}

/// `load 1900, failures 10%`.
fn conditions(run: &RunReport) -> String {
    let one = |(name, value): &(std::sync::Arc<str>, _)| format!("{name} {}", words::param(name, value));
    run.params.0.iter().map(one).collect::<Vec<_>>().join(", ")
}
