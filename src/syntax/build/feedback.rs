//! `R1 = feedback "Retries" { … }` and `causal_loop`.

use super::{opaque, relation};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{End, Ident, Loop, LoopEdge};
use crate::syntax::cursor::Cursor;
use crate::syntax::literal::unquote;
use crate::syntax::token::{Bracket, Kind};

/// `feedback "Title" { … }`, `causal_loop X reinforcing "Title" { … }`: the first word stands here.
pub fn keyword_first(c: &mut Cursor<'_>) -> Loop {
    let mark = c.mark();
    let keyword = c.ident();
    let id = c.ident_if().unwrap_or_else(|| {
        let span = c.here();
        Spanned::new(super::element::id_of_title(&unquote(c.slice(span))), span)
    });
    rest(c, mark, keyword, id)
}

/// `feedback "Title" { … }` behind `X =`.
pub fn assigned(c: &mut Cursor<'_>, mark: usize, id: Ident) -> Loop {
    let keyword = c.ident();
    rest(c, mark, keyword, id)
}

fn rest(c: &mut Cursor<'_>, mark: usize, keyword: Ident, id: Ident) -> Loop {
    let declared = if c.same_line() { c.ident_if().map(lower) } else { None };
    let title = c.text_if();
    super::element::hash_tags(c);
    let mut found = Loop { keyword, id, title, declared, edges: Vec::new(), span: c.since(mark) };
    if c.opens_block() {
        c.inside(|c| body(c, &mut found));
    }
    found.span = c.since(mark);
    found
}

fn lower(word: Ident) -> Spanned<String> {
    word.map(|word| word.to_lowercase())
}

fn body(c: &mut Cursor<'_>, found: &mut Loop) {
    while !c.is_done() {
        if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
            continue;
        }
        if relation::starts(c) {
            found.edges.extend(edge(c));
        } else if c.is_word("loop_type") {
            c.bump();
            c.eat_separator();
            found.declared = c.text_or_word().map(lower).or(found.declared.take());
        } else if c.is_word("variable") {
            c.bump();
            c.ident_if();
            c.text_if();
        } else if c.is(Kind::Word) {
            c.bump();
            opaque::rest_of_entry(c);
        } else {
            super::statement::unexpected_entry(c, "`load -> latency { polarity + }`");
        }
    }
}

/// `A -> B "label" polarity + delay "…"` or with braces.
fn edge(c: &mut Cursor<'_>) -> Option<LoopEdge> {
    let mark = c.mark();
    let Some((from, mut to)) = relation::ends(c) else {
        c.recover();
        return None;
    };
    let mut polarity = None;
    while c.same_line() && !relation::starts(c) {
        match c.kind() {
            Some(Kind::Open(Bracket::Brace)) => break,
            Some(Kind::Word) if matches!(c.word(), "variable" | "loop_type" | "loop_id" | "description") => break,
            Some(Kind::Semicolon) => break,
            _ => polarity = attribute(c).or(polarity),
        }
    }
    if c.opens_block() {
        c.inside(|c| {
            while !c.is_done() {
                polarity = attribute(c).or(polarity);
            }
        });
    }
    let span = c.since(mark);
    let (End::Path(from), Some(End::Path(to))) = (from, to.pop()) else { return None };
    Some(LoopEdge { from, to, polarity, span })
}

/// Steps over one word with its value; a polarity's sign, if it was one.
fn attribute(c: &mut Cursor<'_>) -> Option<Spanned<bool>> {
    if !c.is_word("polarity") {
        c.skip();
        return None;
    }
    c.bump();
    c.eat_separator();
    let span: Span = c.here();
    let sign = match c.kind()? {
        Kind::Text => unquote(c.word()),
        Kind::Plus | Kind::Minus | Kind::Word | Kind::Other => c.word().to_owned(),
        _ => return None,
    };
    c.bump();
    match sign.trim() {
        "+" | "positive" => Some(Spanned::new(true, span)),
        "-" | "−" | "negative" => Some(Spanned::new(false, span)),
        _ => None,
    }
}
