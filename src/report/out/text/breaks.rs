//! What breaks: violations, the conditions they share, hotspots, loops.

use super::super::page::{Cell, Page, Paint, Piece, bar, drawn, left, right};
use super::standing::rest;
use super::{conditions, counted, has_versions};
use crate::analysis::Severity;
use crate::model::LoopKind;
use crate::report::{HotspotReport, LoopReport, PatternReport, Report, RunReport, ViolationReport, words};
use std::collections::BTreeMap;

/// Lines of each section without `-v`.
const LINES: usize = 5;

/// One expectation of one version, over the runs that violate it.
struct Broken<'a> {
    version: &'a str,
    scenario: &'a str,
    found: Vec<(&'a RunReport, &'a ViolationReport)>,
    /// Place of the first such run among those of its version and scenario.
    place: usize,
    of: usize,
}

impl<'a> Broken<'a> {
    fn first(&self) -> (&'a RunReport, &'a ViolationReport) {
        self.found[0]
    }

    /// The run in which it is worst.
    fn worst(&self) -> (&'a RunReport, &'a ViolationReport) {
        let distance = |v: &ViolationReport| (v.severity, (v.worst - v.limit).abs());
        let mut worst = self.found[0];
        for next in &self.found {
            if distance(next.1).partial_cmp(&distance(worst.1)) == Some(std::cmp::Ordering::Greater) {
                worst = *next;
            }
        }
        worst
    }
}

/// Violations grouped by expectation, those that break earliest in the plan first.
pub fn violations(page: &mut dyn Page, report: &Report) {
    let mut broken = broken(report);
    if broken.is_empty() {
        return;
    }
    broken.sort_by(|a, b| {
        let earliest = |b: &Broken| (b.place, b.first().1.at);
        earliest(a).partial_cmp(&earliest(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    page.heading("What breaks first", "");
    let shown = if page.is_verbose() { broken.len() } else { LINES };
    for one in broken.iter().take(shown) {
        violation(page, one, has_versions(report));
    }
    rest(page, broken.len(), shown, "expectation");
}

fn broken(report: &Report) -> Vec<Broken<'_>> {
    let mut groups: Vec<Broken> = Vec::new();
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for run in &report.runs {
        let place = seen.entry((&run.version, &run.scenario)).or_default();
        for violation in &run.violations {
            let is_same = |b: &&mut Broken| {
                b.version == &*run.version
                    && b.scenario == &*run.scenario
                    && b.first().1.expectation == violation.expectation
            };
            match groups.iter_mut().find(is_same) {
                Some(group) => group.found.push((run, violation)),
                None => groups.push(Broken {
                    version: &run.version,
                    scenario: &run.scenario,
                    found: vec![(run, violation)],
                    place: *place,
                    of: 0,
                }),
            }
        }
        *place += 1;
    }
    for group in &mut groups {
        group.of = seen[&(group.version, group.scenario)];
    }
    groups
}

fn violation(page: &mut dyn Page, broken: &Broken, with_version: bool) {
    let (first_run, first) = broken.first();
    let (worst_run, worst) = broken.worst();
    let whose = if with_version { format!("{} · ", broken.version) } else { String::new() };
    let often = match broken.of {
        1 => String::new(),
        of => format!(" · {} of {}", broken.found.len(), counted(of, "run")),
    };
    let pieces = [
        Piece(Paint::Bad, "✗ ".into()),
        Piece(Paint::Bold, first.expectation.to_string()),
        Piece(severity_paint(worst.severity), format!("  {}", worst.severity.describe())),
    ];
    page.item(&pieces, &format!("{whose}{}{often}", broken.scenario));
    let at =
        if first_run.params.0.is_empty() { String::new() } else { format!("first at {}, ", conditions(first_run)) };
    let unit = |value: f64| words::metric(worst.metric, value);
    let whole = worst.value.filter(|value| *value != worst.worst);
    let whole = whole.map_or(String::new(), |value| format!("; {} over its whole window", unit(value)));
    let text = format!(
        "{at}from {} to {}; worst {} (limit {}){}{whole}",
        words::seconds(first.at),
        words::seconds(first.until),
        unit(worst.worst),
        unit(worst.limit),
        if broken.of > 1 { format!(" in {}", worst_run.name) } else { String::new() },
    );
    page.detail(Paint::Plain, &text);
}

fn severity_paint(severity: Severity) -> Paint {
    match severity {
        Severity::Low | Severity::Medium => Paint::Warn,
        Severity::High | Severity::Critical => Paint::Bad,
    }
}

/// The conditions under which runs fail, and what the score depends on.
pub fn patterns(page: &mut dyn Page, report: &Report) {
    let (failure, success) = (&report.patterns.failure, &report.patterns.success);
    if failure.is_empty() && report.sensitivity.len() < 2 {
        return;
    }
    page.heading("Under which conditions", "");
    let shown = if page.is_verbose() { usize::MAX } else { 3 };
    for (word, paint, patterns) in [("fails when", Paint::Bad, failure), ("holds when", Paint::Good, success)] {
        for pattern in patterns.iter().take(shown) {
            self::pattern(page, word, paint, pattern, has_versions(report));
        }
    }
    let effects: Vec<String> = report.sensitivity.iter().map(effect).collect();
    // One parameter explains everything: that is no news.
    if effects.len() > 1 {
        page.prose(Paint::Plain, &format!("the score depends on {}", effects.join("; ")));
    }
}

fn pattern(page: &mut dyn Page, word: &str, paint: Paint, pattern: &PatternReport, with_version: bool) {
    let whose = if with_version { format!("{} ", pattern.version) } else { String::new() };
    let all = if word.starts_with("fails") { "failures" } else { "successes" };
    let share =
        format!("{} of such runs · {} of all {all}", words::percent(pattern.share), words::percent(pattern.coverage));
    let pieces =
        [Piece(Paint::Plain, whose), Piece(paint, format!("{word} ")), Piece(Paint::Bold, pattern.when.clone())];
    page.item(&pieces, &share);
}

fn effect(effect: &crate::report::EffectReport) -> String {
    let (alone, total) = (words::percent(effect.first_order), words::percent(effect.total));
    format!("{} for {alone} of its spread ({total} with interactions)", effect.param)
}

/// Elements that hurt most, over all runs of a version.
pub fn hotspots(page: &mut dyn Page, report: &Report) {
    let mut found: BTreeMap<(&str, &str), Vec<&HotspotReport>> = BTreeMap::new();
    for run in &report.runs {
        for hotspot in &run.hotspots {
            found.entry((&run.version, &hotspot.element)).or_default().push(hotspot);
        }
    }
    let mut worst: Vec<((&str, &str), &HotspotReport, usize)> =
        found.iter().map(|(key, all)| (*key, worst_of(all), all.len())).collect();
    worst.sort_by(|a, b| b.1.severity.total_cmp(&a.1.severity));
    if worst.is_empty() {
        return;
    }
    page.heading("Hotspots", if report.runs.len() > 1 { "each in its worst run" } else { "" });
    let shown = if page.is_verbose() { worst.len() } else { LINES };
    let rows: Vec<Vec<Cell>> =
        worst.iter().take(shown).map(|((version, _), h, runs)| hotspot_row(h, version, *runs, report)).collect();
    let mut head = vec!["element", "severity", ""];
    if has_versions(report) {
        head.insert(0, "version");
    }
    if report.runs.len() > 1 {
        head.push("runs");
    }
    head.push("why");
    page.table(&head, &rows);
    rest(page, worst.len(), shown, "element");
}

fn worst_of<'a>(all: &[&'a HotspotReport]) -> &'a HotspotReport {
    let mut worst = all[0];
    for next in all {
        // Of equals the last: sweeps grow harsher.
        if next.severity >= worst.severity {
            worst = next;
        }
    }
    worst
}

fn hotspot_row(hotspot: &HotspotReport, version: &str, runs: usize, report: &Report) -> Vec<Cell> {
    let paint = Paint::by(100.0 - hotspot.severity, 30.0, 60.0);
    let mut cells = vec![
        left(&*hotspot.element).paint(Paint::Bold),
        right(format!("{:.0}", hotspot.severity)).paint(paint),
        drawn(bar(hotspot.severity / 100.0, 10)).paint(paint),
    ];
    if has_versions(report) {
        cells.insert(0, left(version));
    }
    if report.runs.len() > 1 {
        cells.push(right(runs.to_string()));
    }
    cells.push(left(&*hotspot.why));
    cells
}

/// Loops that acted, each in the run in which it was strongest, and all declared ones.
pub fn loops(page: &mut dyn Page, report: &Report) {
    let mut strongest: BTreeMap<(&str, &str), (&RunReport, &LoopReport, usize)> = BTreeMap::new();
    for run in &report.runs {
        for found in run.loops.iter().filter(|l| l.active_share > 0.0 || l.declared.is_some()) {
            let entry = strongest.entry((&run.version, &found.id)).or_insert((run, found, 0));
            entry.2 += usize::from(found.active_share > 0.0);
            if found.gain > entry.1.gain {
                (entry.0, entry.1) = (run, found);
            }
        }
    }
    let mut all: Vec<_> = strongest.into_values().collect();
    let is_balancing = |l: &LoopReport| l.kind == LoopKind::Balancing;
    all.sort_by(|a, b| is_balancing(a.1).cmp(&is_balancing(b.1)).then(b.1.gain.total_cmp(&a.1.gain)));
    if all.is_empty() {
        return;
    }
    page.heading("Feedback loops", "");
    let shown = if page.is_verbose() { all.len() } else { LINES };
    for (run, found, runs) in all.iter().take(shown) {
        one_loop(page, run, found, *runs, report);
    }
    rest(page, all.len(), shown, "loop");
}

fn one_loop(page: &mut dyn Page, run: &RunReport, found: &LoopReport, runs: usize, report: &Report) {
    let is_runaway = found.kind == LoopKind::Reinforcing && found.peak_gain >= 1.0;
    let kind = if found.kind == LoopKind::Reinforcing { "reinforcing" } else { "balancing" };
    let whose = if has_versions(report) { format!("{} ", run.version) } else { String::new() };
    let often = if report.runs.len() > 1 { format!(" · active in {}", counted(runs, "run")) } else { String::new() };
    let declared = found.declared.map_or(String::new(), |verdict| format!(" · declared: {verdict}"));
    let pieces = [
        Piece(Paint::Plain, whose),
        Piece(Paint::Bold, found.id.to_string()),
        Piece(Paint::Plain, format!(" {kind}, {}", found.mechanism)),
        Piece(Paint::Dim, format!("{declared}{often}")),
        Piece(Paint::Bad, if is_runaway { " · runaway" } else { "" }.into()),
    ];
    page.item(&pieces, "");
    page.detail(Paint::Plain, &format!("{} → …", found.path.join(" → ")));
    if found.active_share > 0.0 {
        let since = found.first_active.map_or(String::new(), |at| format!(", first at {}", words::seconds(at)));
        let text = format!(
            "gain {:.2} (peak {:.2}), active {} of the time{since}{}",
            found.gain,
            found.peak_gain,
            words::percent(found.active_share),
            if report.runs.len() > 1 { format!(" in {}", run.name) } else { String::new() },
        );
        page.detail(Paint::Dim, &text);
    }
}
