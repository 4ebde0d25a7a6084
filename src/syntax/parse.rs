//! Text to tree: never fails, never panics, in linear time.

use super::ast::{Expect, File, Item, Statement};
use super::brackets;
use super::build;
use super::cursor::Cursor;
use super::hidden;
use super::parser::{Lexed, Slip, lex};
use super::token::{Kind, Token};
use crate::diag::{self, Diagnostic, codes};
use crate::source::{FileId, Span};
use std::collections::BTreeSet;

/// Larger files are refused.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The tree of `text`, and everything that is wrong with its syntax. What could not be read is
/// left out or an [`Item::Error`]; all the rest is there.
pub fn parse(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    let (tree, _, diagnostics) = read(file, text);
    (tree, diagnostics)
}

/// Statements of a scenario that stand alone, as on a command line.
pub fn parse_statements(file: FileId, text: &str) -> (Vec<Statement>, Vec<Diagnostic>) {
    let (found, _, diagnostics) = build_with(file, text, build::statements);
    (found.unwrap_or_default(), diagnostics)
}

/// What may stand behind `expect`, alone; `None` where it is more than that, or nothing.
pub fn parse_expectation(file: FileId, text: &str) -> (Option<Expect>, Vec<Diagnostic>) {
    let (found, _, diagnostics) = build_with(file, text, build::expectation);
    (found.flatten(), diagnostics)
}

/// A piece of a file on one line: comments, line breaks and indentation left out.
pub fn one_line(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in lex(text).comments {
        code.push_str(&text[at..start as usize]);
        code.push(' ');
        at = end as usize;
    }
    code.push_str(&text[at..]);
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// [`parse`], with the tokens that the tree was made of.
pub(super) fn read(file: FileId, text: &str) -> (File, Lexed, Vec<Diagnostic>) {
    if text.len() > MAX_BYTES {
        let tree = File { id: file, items: Vec::new(), expected_failure: None };
        return (tree, Lexed::default(), vec![too_large(file, text.len())]);
    }
    let (items, lexed, diagnostics) = build_with(file, text, build::file);
    let items = items.unwrap_or_else(|| vec![Item::Error(Span::new(file, 0, text.len()))]);
    (File { id: file, items, expected_failure: expected_failure(text, &lexed) }, lexed, diagnostics)
}

/// What `build` makes of the tokens of `text`; `None` where its brackets cannot be balanced.
fn build_with<T>(
    file: FileId,
    text: &str,
    build: impl FnOnce(&mut Cursor<'_>) -> T,
) -> (Option<T>, Lexed, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    hidden::check(file, text, &mut diagnostics);
    let mut lexed = lex(text);
    slips(file, text, &lexed, &mut diagnostics);
    let cut_off = lexed.slips.iter().any(|(slip, ..)| *slip == Slip::OpenComment);
    let mut built = None;
    if brackets::balance(file, text, &mut lexed.tokens, cut_off, &mut diagnostics) {
        let mut cursor = Cursor::new(file, text, &lexed.tokens);
        (cursor.kinds, cursor.foreign_kinds) = kinds(text, &lexed.tokens);
        built = Some(build(&mut cursor));
        diagnostics.extend(cursor.finish());
    }
    diag::sort(&mut diagnostics);
    (built, lexed, diagnostics)
}

fn too_large(file: FileId, size: usize) -> Diagnostic {
    let mib = size.div_ceil(1024 * 1024);
    Diagnostic::new(&codes::E0113, Span::new(file, 0, 0), format!("the file has {mib} MiB; 16 MiB is the limit"))
        .help("split it into files that import each other")
}

/// The reason of an `// EXPECTED_FAILURE: reason` comment.
fn expected_failure(text: &str, lexed: &Lexed) -> Option<String> {
    lexed.comments.iter().find_map(|(start, end)| {
        let comment = &text[*start as usize..*end as usize];
        let reason = comment.trim_start_matches(['/', '*', ' ', '\t']).strip_prefix("EXPECTED_FAILURE")?;
        let reason = reason.trim_start_matches([':', ' ']).trim_end_matches(['/', '*']).trim();
        Some(reason.to_owned())
    })
}

/// What is wrong with single tokens.
fn slips(file: FileId, text: &str, lexed: &Lexed, out: &mut Vec<Diagnostic>) {
    for (slip, start, end) in lexed.slips.iter().take(100) {
        let span = Span { file, start: *start, end: *end };
        out.push(match slip {
            Slip::OpenText => open_text(text, span),
            Slip::OddText => odd_text(text, span),
            Slip::OpenComment => Diagnostic::new(&codes::E0105, span, "this comment is never closed")
                .label("opened here")
                .help("add the missing `*/`"),
        });
    }
}

fn open_text(text: &str, span: Span) -> Diagnostic {
    let quote = &text[span.start as usize..span.start as usize + 1];
    Diagnostic::new(&codes::E0104, span, "this text is never closed")
        .label("opened here")
        .help(format!("add the missing `{quote}`"))
        .suggest(format!("add `{quote}`"), Span { start: span.end, ..span }, quote)
}

fn odd_text(text: &str, span: Span) -> Diagnostic {
    let written = &text[span.range()];
    let body = super::literal::unquote(written).replace('\\', "\\\\");
    let plain = format!("\"{body}\"");
    Diagnostic::new(&codes::E0114, span, "texts stand in plain quotes")
        .label("quotes of a word processor")
        .help(format!("write `{plain}`"))
        .fix("use plain quotes", span, plain)
}

/// Kinds that the file declares, and whether it may get others from files that are not the standard library.
fn kinds<'t>(text: &'t str, tokens: &[Token]) -> (BTreeSet<&'t str>, bool) {
    let mut found = BTreeSet::new();
    let mut foreign = false;
    for window in tokens.windows(3) {
        let [a, b, c] = window else { continue };
        if c.kind == Kind::Word && b.kind == Kind::Equals && a.kind == Kind::Word && c.text(text) == "kind" {
            found.insert(a.text(text));
        } else if a.kind == Kind::Word && b.kind == Kind::Word && a.text(text) == "element" {
            found.insert(b.text(text));
        } else if a.kind == Kind::Word && b.kind == Kind::Text && matches!(a.text(text), "from" | "import") {
            foreign |= !b.text(text).contains("stdlib");
        }
    }
    (found, foreign)
}
