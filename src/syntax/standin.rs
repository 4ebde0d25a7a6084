//! STAND-IN until the parser lands: finds word-processor quotes and stray braces, formats nothing.
//! Delete this file when `syntax::parse` and `syntax::format` exist.

use super::ast;
use crate::diag::codes::{E0103, E0104, E0114};
use crate::diag::{Diagnostic, Edit, Fix};
use crate::source::{FileId, Span};

/// The file, with nothing in it, and what the stand-in finds.
pub fn parse(file: FileId, text: &str) -> (ast::File, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let (mut at, mut depth) = (0, 0);
    for line in text.split_inclusive('\n') {
        let quotes: Vec<_> = line.match_indices(['“', '”']).collect();
        if let (Some((first, _)), Some((last, _))) = (quotes.first(), quotes.last()) {
            let mut diagnostic =
                Diagnostic::new(&E0114, Span::new(file, at + first, at + last + 3), "quotes of a word processor");
            let edit = |(n, _): &(usize, &str)| Edit { span: Span::new(file, at + n, at + n + 3), text: "\"".into() };
            let edits = quotes.iter().map(edit).collect();
            diagnostic.fixes.push(Fix { title: "write `\"`".into(), edits, certain: true });
            found.push(diagnostic);
        }
        if line.matches('"').count() % 2 == 1 {
            let start = at + line.find('"').unwrap_or(0);
            found.push(
                Diagnostic::new(
                    &E0104,
                    Span::new(file, start, at + line.trim_end().len()),
                    "this text is never closed",
                )
                .label("it starts here")
                .help("put `\"` behind it"),
            );
        }
        for (n, c) in line.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    let span = Span::new(file, at + n, at + n + 1);
                    found.push(Diagnostic::new(&E0103, span, "this `}` closes nothing").label("nothing is open here"));
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        at += line.len();
    }
    (ast::File { id: file, items: Vec::new(), expected_failure: None }, found)
}

/// Blanks at the end of lines taken away.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (_, found) = parse(FileId(0), text);
    if !found.is_empty() {
        return Err(found);
    }
    Ok(text.lines().map(|line| line.trim_end().to_owned() + "\n").collect())
}
