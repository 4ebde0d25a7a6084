//! Workflow commands of GitHub Actions: they show as annotations in a pull request.

use super::plain_lines;
use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;
use std::fmt::Write;

/// One `::error …::` line a diagnostic.
pub fn github(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        annotate(&mut out, sources, diagnostic);
    }
    out
}

fn annotate(out: &mut String, sources: &SourceMap, diagnostic: &Diagnostic) {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "notice",
    };
    let (start, end) = (sources.position(diagnostic.span), sources.end_position(diagnostic.span));
    let file = property(&sources.file(diagnostic.span.file).name);
    let _ = write!(out, "::{command} file={file},line={},endLine={},col={}", start.line, end.line, start.column);
    if start.line == end.line {
        let _ = write!(out, ",endColumn={}", end.column);
    }
    let title = property(&format!("{}: {}", diagnostic.code.id, diagnostic.code.title));
    let _ = writeln!(out, ",title={title}::{}", data(&message(diagnostic)));
}

fn message(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.iter().map(|help| format!("\nhelp: {help}"));
    let fixes = diagnostic.fixes.iter().map(|fix| format!("\nfix: {}", fix.title));
    diagnostic.message.clone() + &help.chain(fixes).collect::<String>()
}

/// A message, with what would end the command written out.
fn data(text: &str) -> String {
    plain_lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which also ends at `:` and `,`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
