//! Tests of the syntax layer as a whole.

mod brief;
mod corpus;
mod forms;
mod hostile;
mod keywords;
mod mistakes;
mod speed;

use super::ast::File;
use crate::diag::{Diagnostic, Severity};
use crate::source::{FileId, Span};

/// Parses a text of one file.
fn parse(text: &str) -> (File, Vec<Diagnostic>) {
    super::parse(FileId(0), text)
}

/// Parses a text that has nothing wrong with it.
fn clean(text: &str) -> File {
    let (file, found) = parse(text);
    assert!(found.is_empty(), "{}", show(text, &found));
    file
}

/// The text that a span underlines.
fn under(text: &str, span: Span) -> &str {
    &text[span.range()]
}

/// Diagnostics as `CODE underlined: message`, one a line.
fn show(text: &str, found: &[Diagnostic]) -> String {
    let line = |d: &Diagnostic| {
        let number = text[..d.span.start as usize].matches('\n').count() + 1;
        format!("line {number}: {} `{}`: {}", d.code.id, under(text, d.span), d.message)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn errors(found: &[Diagnostic]) -> Vec<&Diagnostic> {
    found.iter().filter(|d| d.severity == Severity::Error).collect()
}
