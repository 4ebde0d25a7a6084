//! `version v2 "Split" from …` and overlays.

use super::{item, relation, statement, value};
use crate::schema::find_attribute;
use crate::source::Spanned;
use crate::syntax::ast::{Change, Ident, Version, VersionOrigin};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// `version NAME …` stands here.
pub fn version(c: &mut Cursor<'_>) -> Version {
    let mark = c.mark();
    c.bump();
    let name = c.ident();
    let title = c.text_if();
    let origin = origin(c, &name);
    Version { name, title, origin, span: c.since(mark) }
}

fn origin(c: &mut Cursor<'_>, name: &Ident) -> VersionOrigin {
    if c.is_word("from") {
        let keyword = c.ident();
        return if c.eat_word("git") { git(c, &keyword) } else { file(c, &keyword) };
    }
    if c.is_word("extends") {
        let keyword = c.ident();
        let Some(base) = c.ident_if() else {
            value::missing_value(c, &keyword, "the version underneath: `extends v2 { … }`");
            return VersionOrigin::Missing;
        };
        return VersionOrigin::Overlay { base, changes: overlay(c) };
    }
    if c.opens_block() {
        let base = Spanned::new("working".to_owned(), name.span);
        return VersionOrigin::Overlay { base, changes: overlay(c) };
    }
    value::missing_value(
        c,
        name,
        "where it comes from: `from \"arch/v1.sruja\"`, `from git \"TAG\" \"arch/main.sruja\"` or `extends v1 { … }`",
    );
    if c.same_line() {
        c.recover();
    }
    VersionOrigin::Missing
}

fn file(c: &mut Cursor<'_>, keyword: &Ident) -> VersionOrigin {
    match c.text_if() {
        Some(path) => VersionOrigin::File(path),
        None => {
            value::missing_value(c, keyword, "a file: `from \"arch/v1.sruja\"`");
            VersionOrigin::Missing
        }
    }
}

fn git(c: &mut Cursor<'_>, keyword: &Ident) -> VersionOrigin {
    match (c.text_if(), c.text_if()) {
        (Some(reference), Some(path)) => VersionOrigin::Git { reference, path },
        _ => {
            value::missing_value(c, keyword, "a commit and a file: `from git \"release-2.0\" \"arch/main.sruja\"`");
            VersionOrigin::Missing
        }
    }
}

fn overlay(c: &mut Cursor<'_>) -> Vec<Change> {
    if !c.opens_block() {
        return Vec::new();
    }
    c.inside(|c| {
        let mut changes = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
                continue;
            }
            changes.extend(change(c));
        }
        changes
    })
}

fn change(c: &mut Cursor<'_>) -> Option<Change> {
    if c.is_word("remove") && c.nth(1) == Some(Kind::Word) {
        c.bump();
        return statement::target(c).map(Change::Remove);
    }
    if is_assignment(c) {
        return statement::assignment(c).map(|(target, value)| Change::Assign(target, value));
    }
    let found = item::item(c, item::Place::Top);
    found.map(|item| Change::Add(Box::new(item)))
}

/// `X.attr = V` and `A->B.attr = V`, `X.attr none` and `A->B.attr none`; `X = kind "…"` declares an element.
fn is_assignment(c: &Cursor<'_>) -> bool {
    if !c.is(Kind::Word) {
        return false;
    }
    let away = |n: usize| c.nth_word(n) == "none" && c.nth_same_line(n);
    let attribute = |path: &str| path.rsplit_once('.').is_some_and(|(_, last)| find_attribute(None, last).is_some());
    let taken = away(3) && attribute(c.nth_word(2));
    let arrow = relation::starts(c) && c.nth(2) == Some(Kind::Word) && (c.nth_is_separator(3) || taken);
    let value = !matches!(c.nth(2), Some(Kind::Word)) || c.word().contains('.');
    let list = c.nth(2) != Some(Kind::Open(Bracket::Brace)) || c.word().contains('.');
    let number = matches!(c.nth(1), Some(Kind::Number)) && c.nth_same_line(1);
    let bare = c.word().contains('.') && (number || away(1));
    arrow || bare || (c.nth_is_separator(1) && value && list)
}
