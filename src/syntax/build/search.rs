//! `tune …`, `search …` and `ranking { … }`.

use super::{expr, statement, value};
use crate::quantity::Quantity;
use crate::source::Spanned;
use crate::syntax::ast::{Ident, Search};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// `search` is a kind of elements too: only `of` or a search's own words tell them apart.
pub fn starts(c: &Cursor<'_>) -> bool {
    let own = |word: &str| matches!(word, "over" | "maximize" | "minimize" | "budget" | "subject");
    c.is_word("tune") || c.nth_word(2) == "of" || (c.nth(2) == Some(Kind::Open(Bracket::Brace)) && own(c.nth_word(3)))
}

/// `tune NAME of SCENARIO { … }`.
pub fn search(c: &mut Cursor<'_>) -> Search {
    let mark = c.mark();
    let keyword = c.ident();
    let name = c.ident();
    c.text_if();
    let of = if c.eat_word("of") { c.path_if() } else { None };
    let mut found = Search {
        keyword,
        name,
        of,
        over: Vec::new(),
        objective: None,
        subject_to: Vec::new(),
        budget: None,
        span: c.since(mark),
    };
    if c.opens_block() {
        c.inside(|c| body(c, &mut found));
    } else {
        value::missing_value(
            c,
            &found.name,
            "what it varies: `{ over load 100..5000  maximize violations  budget 200 }`",
        );
    }
    found.span = c.since(mark);
    found
}

fn body(c: &mut Cursor<'_>, found: &mut Search) {
    while !c.is_done() {
        if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
            continue;
        }
        let mark = c.mark();
        let keyword = Spanned::new(c.word().to_owned(), c.here());
        match keyword.value.as_str() {
            "over" => over(c, found),
            "maximize" | "minimize" => {
                c.bump();
                found.objective = expr::expr(c, &keyword).map(|of| (keyword, of));
            }
            "subject" => {
                c.bump();
                c.eat_word("to");
                subject(c, &keyword, found);
            }
            "budget" => {
                c.bump();
                c.eat_separator();
                found.budget = value::required_quantity(c, &keyword, "a number of runs: `budget 300`");
            }
            _ => statement::unexpected_entry(
                c,
                "`over load 100..5000`, `maximize violations`, `subject to error_rate < 1%` or `budget 200`",
            ),
        }
        if c.mark() == mark {
            c.skip();
        }
    }
}

fn over(c: &mut Cursor<'_>, found: &mut Search) {
    c.bump();
    loop {
        found.over.extend(statement::assignment(c));
        if !(c.is(Kind::Comma) && c.nth(1) == Some(Kind::Word)) {
            return;
        }
        c.bump();
    }
}

fn subject(c: &mut Cursor<'_>, keyword: &Ident, found: &mut Search) {
    loop {
        found.subject_to.extend(expr::condition(c, keyword));
        if !(c.is(Kind::Comma) && matches!(c.nth(1), Some(Kind::Word | Kind::Open(_)))) {
            return;
        }
        c.bump();
    }
}

/// `ranking { performance 0.18 … }`.
pub fn ranking(c: &mut Cursor<'_>) -> Spanned<Vec<(Ident, Spanned<Quantity>)>> {
    let mark = c.mark();
    c.bump();
    let weights = c.inside(|c| {
        let mut weights = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Comma) || c.eat(Kind::Semicolon) {
                continue;
            }
            let Some(name) = c.ident_if() else {
                statement::unexpected_entry(c, "`performance 0.18`");
                continue;
            };
            c.eat_separator();
            if let Some(weight) = value::required_quantity(c, &name, "its weight, such as `0.18`") {
                weights.push((name, weight));
            } else if c.same_line() && !c.is(Kind::Word) {
                c.recover();
            }
        }
        weights
    });
    Spanned::new(weights, c.since(mark))
}
