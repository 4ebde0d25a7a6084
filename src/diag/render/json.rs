//! For programs: `sruja.check/1`.

use super::Summary;
use crate::diag::{Diagnostic, Edit, Fix, Label};
use crate::source::{SourceMap, Span};
use serde::Serialize;

/// The whole answer of `sruja check --format json`; fields stand in the order they are written.
#[derive(Debug, Serialize)]
pub struct JsonReport<'a> {
    schema: &'static str,
    diagnostics: Vec<Entry<'a>>,
    summary: Counts,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    label: &'a str,
    help: Option<&'a str>,
    file: &'a str,
    span: Region,
    related: Vec<Related<'a>>,
    fixes: Vec<Repair<'a>>,
}

#[derive(Debug, Serialize)]
struct Related<'a> {
    message: &'a str,
    file: &'a str,
    span: Region,
}

#[derive(Debug, Serialize)]
struct Repair<'a> {
    title: &'a str,
    certain: bool,
    edits: Vec<Replacement<'a>>,
}

#[derive(Debug, Serialize)]
struct Replacement<'a> {
    file: &'a str,
    span: Region,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct Region {
    start: Point,
    end: Point,
}

#[derive(Debug, Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Debug, Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    files: usize,
}

/// `diagnostics` as JSON text, indented, with a line break at its end.
pub fn json(sources: &SourceMap, diagnostics: &[Diagnostic], summary: &Summary) -> String {
    let report = json_report(sources, diagnostics, summary);
    // Only maps with keys that are no strings can fail, and there are none.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

/// `diagnostics` as a value, for servers that wrap it.
pub fn json_report<'a>(sources: &'a SourceMap, diagnostics: &'a [Diagnostic], summary: &Summary) -> JsonReport<'a> {
    let summary = Counts { errors: summary.errors, warnings: summary.warnings, files: summary.files };
    let diagnostics = diagnostics.iter().map(|diagnostic| entry(sources, diagnostic)).collect();
    JsonReport { schema: "sruja.check/1", diagnostics, summary }
}

/// One diagnostic as it stands in [`json_report`].
pub fn json_diagnostic(sources: &SourceMap, diagnostic: &Diagnostic) -> serde_json::Value {
    // As above: it has no maps.
    serde_json::to_value(entry(sources, diagnostic)).unwrap_or_default()
}

fn entry<'a>(sources: &'a SourceMap, diagnostic: &'a Diagnostic) -> Entry<'a> {
    Entry {
        code: diagnostic.code.id,
        severity: diagnostic.severity.word(),
        message: &diagnostic.message,
        label: &diagnostic.label,
        help: diagnostic.help.as_deref(),
        file: file(sources, diagnostic.span),
        span: region(sources, diagnostic.span),
        related: diagnostic.related.iter().map(|label| related(sources, label)).collect(),
        fixes: diagnostic.fixes.iter().map(|fix| repair(sources, fix)).collect(),
    }
}

fn related<'a>(sources: &'a SourceMap, label: &'a Label) -> Related<'a> {
    Related { message: &label.text, file: file(sources, label.span), span: region(sources, label.span) }
}

fn repair<'a>(sources: &'a SourceMap, fix: &'a Fix) -> Repair<'a> {
    let edits = fix.edits.iter().map(|edit| replacement(sources, edit)).collect();
    Repair { title: &fix.title, certain: fix.certain, edits }
}

fn replacement<'a>(sources: &'a SourceMap, edit: &'a Edit) -> Replacement<'a> {
    Replacement { file: file(sources, edit.span), span: region(sources, edit.span), text: &edit.text }
}

fn file(sources: &SourceMap, span: Span) -> &str {
    &sources.file(span.file).name
}

fn region(sources: &SourceMap, span: Span) -> Region {
    let point = |at: crate::source::Position, offset| Point { line: at.line, column: at.column, offset };
    Region { start: point(sources.position(span), span.start), end: point(sources.end_position(span), span.end) }
}
