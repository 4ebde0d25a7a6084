//! Who stands where: the headline, the matrix, the ranking, capacity.

use super::super::page::{Cell, Page, Paint, Piece, bar, drawn, left, right, whiskers};
use super::{counted, distinct, has_versions};
use crate::report::{CapacityReport, MatrixReport, RankReport, Report, words};

/// The answer in one or two sentences.
pub fn headline(page: &mut dyn Page, report: &Report) {
    let Some(version) = &report.recommendation.version else { return };
    let is_race = has_versions(report);
    let Some(rank) = report.ranking.iter().find(|r| r.version == *version) else { return };
    let title = if is_race { format!("Take {version}") } else { format!("Score {:.1} of 100", rank.score) };
    let paint = if is_race { Paint::Good } else { score_paint(rank.score) };
    let mut reasons = report.recommendation.reasons.clone();
    if is_race {
        reasons.insert(0, format!("{:.1} of 100", rank.score));
    }
    page.answer(Piece(paint, title));
    for reason in reasons {
        page.prose(Paint::Plain, &reason);
    }
    let metastable = report.runs.iter().find(|run| run.metastable && run.version == *version);
    if let Some(run) = metastable {
        let trigger = run.faults.last().map_or(String::new(), |fault| format!(" (`{}`)", fault.text));
        page.prose(Paint::Bad, &format!("metastable: {} stays bad after its trigger{trigger} is gone", run.name));
    }
    for remark in disagreements(report) {
        page.prose(Paint::Warn, &remark);
    }
}

/// Where mean, worst case and resilience name different versions, that is news.
fn disagreements(report: &Report) -> Vec<String> {
    let Some(first) = report.ranking.first() else { return Vec::new() };
    let mut remarks = Vec::new();
    let worst = |r: &RankReport| r.worst_case.as_ref().map_or(f64::NEG_INFINITY, |w| w.score);
    let safest = report.ranking.iter().max_by(|a, b| worst(a).total_cmp(&worst(b)));
    let gap = |r: &RankReport| worst(r) - worst(first) > 1.0;
    if let Some(safest) = safest.filter(|r| r.version != first.version && gap(r)) {
        remarks.push(format!(
            "but {} has the better worst case: {:.1} against {:.1}",
            safest.version,
            worst(safest),
            worst(first)
        ));
    }
    let resilient = report.ranking.iter().find(|r| r.most_resilient && r.rank > first.rank);
    remarks.extend(resilient.zip(first.fall).map(|(r, fall)| {
        let own = r.fall.unwrap_or_default();
        format!(
            "but {} is the most resilient: it serves {} fewer requests when disturbed, {} {} fewer",
            r.version,
            words::percent(own),
            first.version,
            words::percent(fall)
        )
    }));
    remarks
}

fn score_paint(score: f64) -> Paint {
    Paint::by(score, 50.0, 75.0)
}

/// Version × scenario.
pub fn matrix(page: &mut dyn Page, report: &Report) {
    if report.matrix.is_empty() {
        return;
    }
    page.heading("Version × scenario", "");
    let breaks = report.matrix.iter().any(|row| row.breaks_at.is_some());
    // Names are worth more than bars where both do not fit.
    let bars = !breaks || report.matrix.iter().all(|row| row.scenario.len() + row.version.len() < 17);
    let mut head = vec!["version", "scenario", "score", "ok", "stable", "p95", "errors"];
    if bars {
        head.insert(3, "");
    }
    if breaks {
        head.push("breaks at");
    }
    let rows: Vec<Vec<Cell>> = report.matrix.iter().map(|row| matrix_row(row, bars, breaks)).collect();
    page.table(&head, &rows);
}

fn matrix_row(row: &MatrixReport, bars: bool, breaks: bool) -> Vec<Cell> {
    let holds = row.runs - row.failing_runs;
    let mut cells = vec![
        left(&*row.version).paint(Paint::Bold),
        left(&*row.scenario),
        right(format!("{:.1}", row.score)).paint(score_paint(row.score)),
        right(format!("{holds}/{}", row.runs)).paint(if row.failing_runs > 0 { Paint::Bad } else { Paint::Good }),
        right(format!("{:.2}", row.stability)).paint(Paint::by(row.stability, 0.8, 0.95)),
        right(words::seconds(row.p95)),
        right(words::percent(row.error_rate)),
    ];
    if bars {
        cells.insert(3, drawn(bar(row.score / 100.0, 10)).paint(score_paint(row.score)));
    }
    if breaks {
        cells.push(right(row.breaks_at.map_or_else(|| "—".into(), words::rate)));
    }
    cells
}

/// The ranking with its intervals on one axis.
pub fn ranking(page: &mut dyn Page, report: &Report) {
    if report.ranking.len() < 2 {
        return;
    }
    let is_ranked = |version: &str| report.ranking.iter().any(|rank| *rank.version == *version);
    let replications =
        report.runs.iter().filter(|run| is_ranked(&run.version)).map(|run| run.replications).min().unwrap_or(0);
    let remark = match replications {
        0 | 1 => "one replication: nothing is proven, all share a rank".to_owned(),
        n => format!("95% intervals over {n} replications; a shared rank cannot be told apart"),
    };
    page.heading("Ranking", &remark);
    let axis = axis(&report.ranking);
    // In one scenario the worst case is the score once more.
    let differs = |r: &RankReport| r.worst_case.as_ref().is_some_and(|w| (w.score - r.score).abs() >= 0.05);
    let with_worst = report.ranking.iter().any(differs);
    let mut head = vec!["", "version", "score", "", "p(best)", "weights", "worst case", "verdict"];
    head.retain(|title| with_worst || *title != "worst case");
    let row = |rank| rank_row(rank, &report.ranking, axis, with_worst);
    let rows: Vec<Vec<Cell>> = report.ranking.iter().map(row).collect();
    page.table(&head, &rows);
    page.prose(Paint::Dim, "weights: share of all weightings of the dimensions under which it comes first");
    dimensions(page, report);
}

fn axis(ranking: &[RankReport]) -> [f64; 2] {
    let ends = |r: &RankReport| r.ci95.unwrap_or([r.score, r.score]);
    let low = ranking.iter().map(|r| ends(r)[0].min(r.score)).fold(f64::INFINITY, f64::min);
    let high = ranking.iter().map(|r| ends(r)[1].max(r.score)).fold(f64::NEG_INFINITY, f64::max);
    [low, high]
}

fn rank_row(rank: &RankReport, all: &[RankReport], axis: [f64; 2], with_worst: bool) -> Vec<Cell> {
    let is_tied = all.iter().filter(|r| r.rank == rank.rank).count() > 1;
    let verdict = rank.versus_best.as_ref().map_or("", |versus| versus.verdict);
    let mut cells = vec![
        right(format!("{}{}", rank.rank, if is_tied { "=" } else { " " })),
        left(&*rank.version).paint(Paint::Bold),
        right(format!("{:.1}", rank.score)).paint(score_paint(rank.score)),
        drawn(whiskers(rank.score, rank.ci95, axis, 14)).paint(Paint::Accent),
        right(rank.probability_best.map_or_else(|| "—".into(), |p| format!("{p:.2}"))),
        right(format!("{:.0}%", rank.sensitivity * 100.0)),
    ];
    if with_worst {
        let worst = rank.worst_case.as_ref().map_or(String::new(), |w| format!("{:.1} {}", w.score, w.scenario));
        cells.push(left(worst));
    }
    cells.push(left(verdict).paint(verdict_paint(verdict)));
    cells
}

fn verdict_paint(verdict: &str) -> Paint {
    match verdict {
        "better" => Paint::Good,
        "worse" => Paint::Bad,
        _ => Paint::Dim,
    }
}

/// One row a dimension, one column a version, in rank order.
fn dimensions(page: &mut dyn Page, report: &Report) {
    let shown: Vec<&RankReport> = report.ranking.iter().take(5).collect();
    let Some(first) = shown.first() else { return };
    let mut head = vec!["dimension"];
    head.extend(shown.iter().map(|r| &*r.version));
    let value = |r: &RankReport, name: &str| r.dimensions.0.iter().find(|(n, _)| &**n == name).map(|(_, v)| *v);
    let cell =
        |value: Option<f64>| value.map_or_else(|| right("—"), |v| right(format!("{v:.0}")).paint(score_paint(v)));
    let row = |name: &str| {
        let mut row = vec![left(name.replace('_', " "))];
        row.extend(shown.iter().map(|r| cell(value(r, name))));
        row
    };
    let rows: Vec<Vec<Cell>> = first.dimensions.0.iter().map(|(name, _)| row(name)).collect();
    page.table_below(&head, &rows);
}

/// Where load sweeps bend and break.
pub fn capacity(page: &mut dyn Page, report: &Report) {
    if report.capacity.is_empty() {
        return;
    }
    page.heading("Capacity", "knee of goodput over load; growth as a power of the load");
    let shown = if page.is_verbose() { report.capacity.len() } else { 8 };
    let rows: Vec<Vec<Cell>> = report.capacity.iter().take(shown).map(|c| capacity_row(c, report)).collect();
    page.table(&["sweep", "knee", "holds up to", "breaks at", "goodput", "p99"], &rows);
    rest(page, report.capacity.len(), shown, "sweep");
}

fn capacity_row(capacity: &CapacityReport, report: &Report) -> Vec<Cell> {
    let mut names = Vec::new();
    if has_versions(report) {
        names.push(capacity.version.to_string());
    }
    if distinct(report, |run| &run.scenario).len() > 1 {
        names.push(capacity.scenario.to_string());
    }
    names.extend(capacity.params.0.iter().map(|(name, value)| format!("{name} {}", words::param(name, value))));
    if names.is_empty() {
        names.push("load".into());
    }
    let load = |value: Option<f64>, none: &str| right(value.map_or_else(|| none.to_owned(), words::rate));
    // Not "-0.00".
    let growth = |exponent: f64| right(format!("load^{:.2}", if exponent.abs() < 0.005 { 0.0 } else { exponent }));
    vec![
        left(names.join(" ")),
        load(capacity.capacity, "not reached"),
        load(capacity.holds_up_to, "—"),
        load(capacity.breaks_at, "—"),
        growth(capacity.goodput_exponent),
        growth(capacity.p99_exponent),
    ]
}

/// How many more there are.
pub fn rest(page: &mut dyn Page, all: usize, shown: usize, noun: &str) {
    if all > shown {
        page.prose(Paint::Dim, &format!("… {} more (-v shows them)", counted(all - shown, noun)));
    }
}
