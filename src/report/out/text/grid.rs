//! The shape of a sweep: a row of glyphs for each combination of the other parameters, one glyph a run.

use super::super::page::{Page, Paint, Piece, columns, shortened};
use super::distinct;
use super::standing::rest;
use crate::analysis::Severity;
use crate::exec::event::{ParamValue, RunStatus};
use crate::report::{Report, RunReport, words};

/// Rows of one grid without `-v`.
const ROWS: usize = 12;

/// One grid for each version and scenario with a sweep.
pub fn grids(page: &mut dyn Page, report: &Report) {
    let mut is_first = true;
    for version in distinct(report, |run| &run.version) {
        for scenario in distinct(report, |run| &run.scenario) {
            let is_own = |run: &&RunReport| &*run.version == version && &*run.scenario == scenario;
            let runs: Vec<&RunReport> = report.runs.iter().filter(is_own).collect();
            if runs.len() > 2 && !runs[0].params.0.is_empty() {
                grid(page, &runs, is_first);
                is_first = false;
            }
        }
    }
}

fn grid(page: &mut dyn Page, runs: &[&RunReport], is_first: bool) {
    page.heading(&format!("{} × {}", runs[0].version, runs[0].scenario), "one glyph a run");
    let axis = column_axis(runs);
    let rows = rows(runs, axis);
    let label = rows.iter().map(|(name, _)| columns(name)).max().unwrap_or(0).min(page.width() / 3);
    let shown = if page.is_verbose() { rows.len() } else { ROWS };
    let mut lines = vec![vec![Piece(Paint::Dim, format!("{:label$}  {}", "", axis_text(runs, axis)))]];
    let room = page.width().saturating_sub(label + 4).max(8);
    for (name, runs) in rows.iter().take(shown) {
        row(&mut lines, &shortened(name, label), label, runs, room);
    }
    if is_first {
        lines.push(legend(label));
    }
    page.drawing(&lines);
    rest(page, rows.len(), shown, "row");
}

fn legend(label: usize) -> Vec<Piece> {
    vec![
        Piece(Paint::Plain, format!("{:label$}  ", "")),
        Piece(Paint::Good, "· holds  ".to_owned()),
        Piece(Paint::Warn, "░ low  ▒ medium  ".to_owned()),
        Piece(Paint::Bad, "▓ high  █ critical  ! no result".to_owned()),
    ]
}

fn row(lines: &mut Vec<Vec<Piece>>, name: &str, label: usize, runs: &[&RunReport], room: usize) {
    let blank = " ".repeat(label.saturating_sub(columns(name)));
    for (n, part) in runs.chunks(room).enumerate() {
        let name = if n == 0 { format!("{name}{blank}  ") } else { " ".repeat(label + 2) };
        let mut pieces = vec![Piece(Paint::Plain, name)];
        pieces.extend(part.iter().map(|run| glyph(run)));
        lines.push(merged(pieces));
    }
}

/// Neighbours of one colour in one piece: fewer escape sequences.
fn merged(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        match merged.last_mut() {
            Some(last) if last.0 == piece.0 => last.1.push_str(&piece.1),
            _ => merged.push(piece),
        }
    }
    merged
}

fn glyph(run: &RunReport) -> Piece {
    if matches!(run.status, RunStatus::Failed | RunStatus::Skipped) {
        return Piece(Paint::Bad, "!".into());
    }
    let worst = run.violations.iter().map(|v| v.severity).max();
    let (paint, glyph) = match worst {
        None => (Paint::Good, "·"),
        Some(Severity::Low) => (Paint::Warn, "░"),
        Some(Severity::Medium) => (Paint::Warn, "▒"),
        Some(Severity::High) => (Paint::Bad, "▓"),
        Some(Severity::Critical) => (Paint::Bad, "█"),
    };
    Piece(paint, glyph.into())
}

/// The axis along the columns: the load where it is swept, else the one with most values.
fn column_axis(runs: &[&RunReport]) -> usize {
    let names = &runs[0].params.0;
    let values = |axis: usize| values(runs, axis).len();
    names.iter().position(|(name, _)| &**name == "load").filter(|axis| values(*axis) > 1).unwrap_or_else(|| {
        // The first of equals.
        (0..names.len()).rev().max_by_key(|axis| values(*axis)).unwrap_or(0)
    })
}

fn values<'a>(runs: &[&'a RunReport], axis: usize) -> Vec<&'a ParamValue> {
    let mut seen: Vec<&ParamValue> = Vec::new();
    for (_, value) in runs.iter().filter_map(|run| run.params.0.get(axis)) {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

fn axis_text(runs: &[&RunReport], axis: usize) -> String {
    let name = &runs[0].params.0[axis].0;
    let values = values(runs, axis);
    let text = |value: Option<&&ParamValue>| value.map_or(String::new(), |value| words::param(name, value));
    format!("{name} {} → {}", text(values.first()), text(values.last()))
}

/// Runs by the values of all other axes, in the order of the plan.
fn rows<'a>(runs: &[&'a RunReport], axis: usize) -> Vec<(String, Vec<&'a RunReport>)> {
    let mut rows: Vec<(String, Vec<&RunReport>)> = Vec::new();
    for run in runs {
        let others = run.params.0.iter().enumerate().filter(|(n, _)| *n != axis);
        let name = others
            .map(|(_, (name, value))| format!("{name} {}", words::param(name, value)))
            .collect::<Vec<_>>()
            .join(" ");
        match rows.iter_mut().find(|(own, _)| *own == name) {
            Some((_, row)) => row.push(run),
            None => rows.push((name, vec![run])),
        }
    }
    rows
}
