//! Blocks of existing files that this tool gives no meaning to.

use crate::diag::{Diagnostic, codes};
use crate::source::Spanned;
use crate::syntax::ast::{Ident, Opaque, Text};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// First words of blocks that are ignored without a complaint.
const KNOWN: &[&str] = &[
    "requirement",
    "adr",
    "policy",
    "view",
    "style",
    "styles",
    "overview",
    "contract",
    "contracts",
    "state_machine",
    "schema",
    "incident",
    "conventions",
    "constraints",
    "change",
    "snapshot",
    "dynamic",
    "journey",
    "fitness",
    "sources",
    "dependencies",
    "acceptance_criteria",
    "rule",
    "layout",
    "infrastructure",
    "containerInstance",
    "systemContext",
    "option",
    "constraint",
];

/// Whether `word` begins a block that is known and ignored.
pub fn is_known(word: &str) -> bool {
    KNOWN.contains(&word)
}

/// Every such word.
pub fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().copied()
}

/// `requirement R1 functional "…" { … }`: the first word stands here.
pub fn keyword_first(c: &mut Cursor<'_>, known: bool) -> Opaque {
    let mark = c.mark();
    let keyword = c.ident();
    let id = if c.same_line() && !c.nth_is_arrow(1) { c.ident_if() } else { None };
    let title = title(c);
    rest_of_head(c);
    let span = c.since(mark);
    if !known {
        warn_unknown(c, &keyword);
    }
    Opaque { keyword, id, title, known, span }
}

/// `R1 = requirement functional "…" { … }`: the kind stands here.
pub fn assigned(c: &mut Cursor<'_>, mark: usize, id: Ident) -> Opaque {
    let keyword = c.ident();
    let title = title(c);
    rest_of_head(c);
    Opaque { keyword, id: Some(id), title, known: true, span: c.since(mark) }
}

/// The first text of the head, words before it included.
fn title(c: &mut Cursor<'_>) -> Option<Text> {
    while c.same_line() && c.is(Kind::Word) && matches!(c.nth(1), Some(Kind::Text)) && c.nth_same_line(1) {
        c.bump();
    }
    c.text_if()
}

/// Everything up to the braces on the same line, and the braces.
fn rest_of_head(c: &mut Cursor<'_>) {
    while c.same_line() && !c.opens_block() && !ends_head(c) {
        c.skip();
    }
    if c.opens_block() {
        c.skip();
    }
}

/// Another statement begins on the same line.
fn ends_head(c: &Cursor<'_>) -> bool {
    let assignment = c.is(Kind::Word) && (c.nth(1) == Some(Kind::Equals) || c.nth_is_arrow(1));
    assignment || c.is(Kind::Semicolon)
}

/// What stands behind a key of an opaque block: values on the same line, or a block.
pub fn rest_of_entry(c: &mut Cursor<'_>) {
    c.eat_separator();
    if c.opens_block() || c.opens(Bracket::Square) {
        c.skip();
    } else if matches!(c.kind(), Some(Kind::Text | Kind::Number | Kind::Plus | Kind::Minus | Kind::Word)) {
        c.bump();
    }
}

/// A word, number or sign as text.
pub fn loose_text(c: &mut Cursor<'_>) -> Option<Text> {
    match c.kind()? {
        Kind::Word | Kind::Number => Some(c.ident()),
        _ => {
            let text = Spanned::new(c.word().to_owned(), c.here());
            c.skip();
            Some(text)
        }
    }
}

fn warn_unknown(c: &mut Cursor<'_>, keyword: &Ident) {
    c.report(
        Diagnostic::new(&codes::W1001, keyword.span, format!("`{}` means nothing to this tool", keyword.value))
            .label("kept, but ignored")
            .help("if another tool uses it, nothing is to be done"),
    );
}
