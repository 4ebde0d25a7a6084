//! `scenario`, `story` and `flow`: the path of a request, the conditions of a simulation, or both.

use super::{element, opaque, statement, step};
use crate::diag::{Diagnostic, codes};
use crate::source::Spanned;
use crate::syntax::ast::{self, Ident, Path, Scenario, ScenarioKeyword, Statement, StatementKind};
use crate::syntax::cursor::Cursor;
use crate::syntax::literal::unquote;
use crate::syntax::token::{Bracket, Kind};

/// `scenario X "Title" { … }`: the first word stands here.
pub fn keyword_first(c: &mut Cursor<'_>) -> Scenario {
    let mark = c.mark();
    let template = c.eat_word("abstract").then(|| c.since(mark));
    let keyword = keyword(c.word());
    c.bump();
    let all = c.is_word("extends") && c.nth(1) == Some(Kind::Star);
    let base = c.is_word("extends") && c.nth(1) == Some(Kind::Word) && c.nth(2) != Some(Kind::Word);
    let named = c.is(Kind::Word) && !all && !base;
    let id = if named { c.ident_if() } else { id_of_title(c) };
    let mut scenario = rest(c, mark, keyword, id);
    if let Some(span) = template {
        scenario.statements.insert(0, Statement { kind: StatementKind::Abstract, span });
    }
    scenario
}

/// `scenario "Title" { … }` behind `X =`.
pub fn assigned(c: &mut Cursor<'_>, mark: usize, id: Ident) -> Scenario {
    if let Some(meant) = super::typo::corrected(c) {
        let written = Spanned::new(c.word().to_owned(), c.here());
        super::typo::report(c, &written, &meant);
    }
    let keyword = keyword(c.word());
    c.bump();
    rest(c, mark, keyword, Some(id))
}

fn keyword(word: &str) -> ScenarioKeyword {
    match word {
        "story" => ScenarioKeyword::Story,
        "flow" => ScenarioKeyword::Flow,
        _ => ScenarioKeyword::Scenario,
    }
}

/// In the form without a name the title makes one.
fn id_of_title(c: &Cursor<'_>) -> Option<Ident> {
    let token = c.token().filter(|token| token.kind == Kind::Text)?;
    let span = c.span_of(token);
    Some(Spanned::new(element::id_of_title(&unquote(c.slice(span))), span))
}

fn rest(c: &mut Cursor<'_>, mark: usize, keyword: ScenarioKeyword, id: Option<Ident>) -> Scenario {
    let title = c.text_if();
    let description = if title.is_some() { c.text_if() } else { None };
    let mut scenario = Scenario {
        keyword,
        id,
        title,
        description,
        extends: None,
        steps: Vec::new(),
        statements: Vec::new(),
        span: c.since(mark),
    };
    header(c, &mut scenario);
    if c.opens_block() {
        c.inside(|c| body(c, &mut scenario));
    }
    scenario.span = c.since(mark);
    scenario
}

/// `extends X`, `abstract`, tags: between the texts and the braces.
fn header(c: &mut Cursor<'_>, scenario: &mut Scenario) {
    while c.same_line() || c.is_word("extends") {
        let (mark, span) = (c.mark(), c.here());
        if c.is_word("extends") && c.nth(1) == Some(Kind::Word) && !c.nth_is_separator(1) {
            c.bump();
            scenario.extends = c.path_if();
        } else if c.is_word("extends") && c.nth(1) == Some(Kind::Star) {
            c.bump();
            let all = c.here();
            c.bump();
            scenario.extends = Some(Path { parts: vec![Spanned::new(ast::EVERY_IMPORTED.to_owned(), all)], span: all });
        } else if c.eat_word("abstract") {
            scenario.statements.push(Statement { kind: StatementKind::Abstract, span });
        } else {
            element::hash_tags(c);
        }
        if c.mark() == mark {
            return;
        }
    }
}

fn body(c: &mut Cursor<'_>, scenario: &mut Scenario) {
    while !c.is_done() {
        if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
            continue;
        }
        let mark = c.mark();
        if !narrative(c, scenario) {
            statement::statement(c, &mut scenario.statements);
        }
        debug_assert!(c.mark() > mark, "every statement takes at least one token");
    }
}

/// Reads a narrative item, if one stands here.
fn narrative(c: &mut Cursor<'_>, scenario: &mut Scenario) -> bool {
    if step::starts(c) {
        scenario.steps.extend(step::step(c));
        return true;
    }
    let after = c.nth(1 + usize::from(c.nth_is_separator(1)));
    match (c.word(), after) {
        ("title", Some(Kind::Text)) => {
            c.bump();
            c.eat_separator();
            scenario.title = c.text_if();
        }
        ("description", Some(Kind::Text)) => {
            c.bump();
            c.eat_separator();
            scenario.description = c.text_if();
        }
        ("steps", Some(Kind::Open(Bracket::Square | Bracket::Brace))) => {
            c.bump();
            c.eat_separator();
            c.inside(|c| steps(c, scenario));
        }
        ("tags" | "tag" | "metadata", Some(Kind::Text | Kind::Open(_))) => {
            c.bump();
            if c.opens_block() { opaque::rest_of_entry(c) } else { drop(element::tags(c)) }
        }
        _ => return false,
    }
    true
}

/// `steps [ … ]`: nothing but steps.
fn steps(c: &mut Cursor<'_>, scenario: &mut Scenario) {
    while !c.is_done() {
        if c.eat(Kind::Comma) || c.eat(Kind::Semicolon) {
            continue;
        }
        if step::starts(c) {
            scenario.steps.extend(step::step(c));
            continue;
        }
        let (span, word) = (c.here(), c.word());
        c.report(
            Diagnostic::new(&codes::E0101, span, format!("`{}` is no step", super::item::shown(word)))
                .label("not expected here")
                .help("a step is written `step A -> B \"what happens\"`"),
        );
        c.recover();
    }
}

/// A dotted name with its last part `.range` left out: `load.range` is `load`.
pub fn without_range(mut path: Path) -> Path {
    if path.parts.len() > 1 && path.parts.last().is_some_and(|part| part.value == "range") {
        path.parts.pop();
    }
    path
}
