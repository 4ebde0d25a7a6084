//! `A -> B verb "label" "description" [tags] { … }`.

use super::{behavior, element, opaque, value};
use crate::diag::{Diagnostic, codes};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{End, Relation, Text};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// Steps over the arrow here; complains about one that means nothing. `true` when it points backwards.
pub fn arrow(c: &mut Cursor<'_>) -> bool {
    let (sign, span) = (c.word(), c.here());
    let odd = c.is(Kind::OddArrow);
    c.bump();
    if !odd {
        return false;
    }
    let backwards = matches!(sign, "<-" | "<--" | "←");
    let diagnostic = Diagnostic::new(&codes::E0106, span, format!("`{sign}` means nothing here")).label("no arrow");
    c.report(match sign {
        "<-" | "<--" | "←" => diagnostic.help("write the caller first: `B -> A` instead of `A <- B`"),
        "<->" | "<-->" | "↔" | "<=>" => {
            diagnostic.help("write one relation for each direction: `A -> B` and `B -> A`")
        }
        _ => diagnostic.help("write `->`").fix("write `->`", span, "->"),
    });
    backwards
}

/// Whether a relation begins here: a name or text, then an arrow.
pub fn starts(c: &Cursor<'_>) -> bool {
    matches!(c.kind(), Some(Kind::Word | Kind::Text)) && c.nth_is_arrow(1)
}

/// A relation begins here.
pub fn relation(c: &mut Cursor<'_>) -> Option<Relation> {
    let mark = c.mark();
    let (from, to) = ends(c)?;
    Some(with_ends(c, mark, from, to))
}

/// What follows the two ends.
pub fn with_ends(c: &mut Cursor<'_>, mark: usize, from: End, to: Vec<End>) -> Relation {
    let mut relation = Relation {
        from,
        to,
        verb: None,
        label: None,
        description: None,
        technology: None,
        tags: Vec::new(),
        quorum: None,
        properties: Vec::new(),
        span: c.since(mark),
    };
    tail(c, &mut relation);
    if c.opens_block() {
        c.inside(|c| body(c, &mut relation));
    }
    relation.span = c.since(mark);
    relation
}

/// `A -> B`, `A -> [B, C]`; a backward arrow is turned round.
pub fn ends(c: &mut Cursor<'_>) -> Option<(End, Vec<End>)> {
    let from = c.end_if()?;
    let sign = c.here();
    let backwards = arrow(c);
    let mut to = targets(c);
    if to.is_empty() {
        missing_end(c, sign);
        return None;
    }
    if backwards && to.len() == 1 {
        let swapped = std::mem::replace(&mut to[0], from);
        return Some((swapped, to));
    }
    Some((from, to))
}

fn missing_end(c: &mut Cursor<'_>, sign: Span) {
    c.report(
        Diagnostic::new(&codes::E0111, sign, "the relation goes nowhere")
            .label("a name is missing behind this")
            .help("write whom it calls: `A -> B`"),
    );
}

fn targets(c: &mut Cursor<'_>) -> Vec<End> {
    if !c.opens(Bracket::Square) {
        // The next statement (`X = …`, `X -> …` on a line of its own) is no callee.
        let next_statement = !c.same_line() && (c.nth_is_arrow(1) || c.nth_is_separator(1));
        return if next_statement { Vec::new() } else { c.end_if().into_iter().collect() };
    }
    c.inside(|c| {
        let mut found = Vec::new();
        while let Some(end) = c.end_if() {
            found.push(end);
            c.eat(Kind::Comma);
        }
        found
    })
}

/// Verb, texts, technology, tags: in this order, but any may be missing; all on the relation's own line.
fn tail(c: &mut Cursor<'_>, relation: &mut Relation) {
    if c.same_line() && c.is(Kind::Colon) {
        relation.label = Some(scrap_label(c));
        return;
    }
    while c.same_line() {
        match c.kind() {
            Some(Kind::Text) => text(c, relation),
            Some(Kind::Open(Bracket::Square)) => relation.tags.extend(element::tag_list(c)),
            Some(Kind::Hash | Kind::At) if c.nth(1) == Some(Kind::Word) => relation.tags.extend(element::hash_tags(c)),
            Some(Kind::Word) => {
                if !word(c, relation) {
                    return;
                }
            }
            _ => return,
        }
    }
}

fn text(c: &mut Cursor<'_>, relation: &mut Relation) {
    let found = c.text_if();
    if relation.label.is_none() {
        relation.label = found;
    } else if relation.description.is_none() {
        relation.description = found;
    }
}

/// `technology "…"`, `quorum N`, or the verb; `false` when the word begins the next statement.
fn word(c: &mut Cursor<'_>, relation: &mut Relation) -> bool {
    if c.nth_is_arrow(1) || c.nth_is_separator(1) {
        return false;
    }
    match c.word() {
        "technology" | "tech" if c.nth(1) == Some(Kind::Text) => {
            c.bump();
            relation.technology = c.text_if();
        }
        "quorum" if c.nth(1) == Some(Kind::Number) => {
            c.bump();
            relation.quorum = value::quantity(c);
        }
        "tags" | "tag" if matches!(c.nth(1), Some(Kind::Open(Bracket::Square) | Kind::Text)) => {
            c.bump();
            relation.tags.extend(element::tags(c));
        }
        _ if relation.verb.is_some() || relation.label.is_some() || begins_statement(c) => return false,
        _ => relation.verb = c.ident_if(),
    }
    true
}

/// Whether the word here begins another statement on the same line, rather than being a verb.
fn begins_statement(c: &Cursor<'_>) -> bool {
    match c.nth(1) {
        Some(Kind::Word) => c.nth_same_line(1) && super::item::begins(c.word()),
        Some(Kind::Open(Bracket::Brace)) => super::item::begins(c.word()) || element::is_field(c.word()),
        Some(Kind::Text) => element::is_field(c.word()),
        _ => c.word().contains('.'),
    }
}

/// `A -> B: label`: an old form, read as the label.
fn scrap_label(c: &mut Cursor<'_>) -> Text {
    let colon = c.here();
    c.bump();
    let label = c.text_beside().unwrap_or_else(|| {
        let mark = c.mark();
        while c.same_line() && matches!(c.kind(), Some(Kind::Word | Kind::Number)) && !c.nth_is_arrow(1) {
            c.bump();
        }
        let span = if c.mark() > mark { c.since(mark) } else { c.behind() };
        Spanned::new(c.slice(span).to_owned(), span)
    });
    c.report(
        Diagnostic::new(&codes::W1002, colon, "a relation's label stands in quotes, without a colon")
            .label("not usual")
            .help(format!("write `A -> B \"{}\"`", label.value)),
    );
    label
}

/// Behavior, and what existing files write there: texts, tags, the polarity of a causal relation.
fn body(c: &mut Cursor<'_>, relation: &mut Relation) {
    while !c.is_done() {
        if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
            continue;
        }
        if !prose(c, relation) {
            relation.properties.extend(behavior::property(c, behavior::PLAIN));
        }
    }
}

/// Steps over a word of the model layer, if one stands here.
fn prose(c: &mut Cursor<'_>, relation: &mut Relation) -> bool {
    let word = if c.is(Kind::Word) { c.word() } else { return false };
    match word {
        "behavior" if c.nth(1) == Some(Kind::Open(Bracket::Brace)) => {
            c.bump();
            relation.properties.extend(behavior::block(c, behavior::PLAIN));
        }
        "description" | "desc" | "technology" | "tech" | "title" | "label" => {
            c.bump();
            c.eat_separator();
            let text = c.text_if();
            match word {
                "technology" | "tech" => relation.technology = text,
                "description" | "desc" => relation.description = text,
                _ => relation.label = text,
            }
        }
        "tags" | "tag" => {
            c.bump();
            relation.tags.extend(element::tags(c));
        }
        "effect" | "polarity" | "delay" | "protocol" | "interaction" | "url" if !behavior::PLAIN.knows(word) => {
            c.bump();
            opaque::rest_of_entry(c);
        }
        "metadata" | "style" | "styles" | "properties" | "slo" => {
            c.bump();
            opaque::rest_of_entry(c);
        }
        _ => return false,
    }
    true
}
