//! `deployment prod "Production" { node … { containerInstance … } }`.

use super::opaque;
use crate::source::Spanned;
use crate::syntax::ast::{Deployment, Ident, Path};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::Kind;

/// First words of places.
pub const NODES: &[&str] = &["deployment", "deploymentNode", "node", "zone", "region", "environment"];
/// First words of what runs there.
pub const INSTANCES: &[&str] = &["containerInstance", "instance", "softwareSystemInstance", "systemInstance"];

/// `deployment prod "Production" { … }`: the first word stands here.
pub fn deployment(c: &mut Cursor<'_>) -> Deployment {
    let mark = c.mark();
    let keyword = c.ident();
    let id = match c.path_if() {
        Some(path) => path,
        None => from_title(c),
    };
    rest(c, mark, keyword, id)
}

/// In the form without a name the title makes one.
fn from_title(c: &Cursor<'_>) -> Path {
    let span = c.here();
    let id = super::element::id_of_title(&crate::syntax::literal::unquote(c.slice(span)));
    Path { parts: vec![Spanned::new(id, span)], span }
}

/// `deployment "Production" { … }` behind `X =`.
pub fn assigned(c: &mut Cursor<'_>, mark: usize, id: Ident) -> Deployment {
    let keyword = c.ident();
    let id = Path { span: id.span, parts: vec![id] };
    rest(c, mark, keyword, id)
}

fn rest(c: &mut Cursor<'_>, mark: usize, keyword: Ident, id: Path) -> Deployment {
    let title = c.text_if();
    c.text_if();
    super::element::hash_tags(c);
    let (mut children, mut instances) = (Vec::new(), Vec::new());
    if c.opens_block() {
        c.inside(|c| body(c, &mut children, &mut instances));
    }
    Deployment { keyword, id, title, children, instances, span: c.since(mark) }
}

fn body(c: &mut Cursor<'_>, children: &mut Vec<Deployment>, instances: &mut Vec<Path>) {
    while !c.is_done() {
        let mark = c.mark();
        let assigned = c.is(Kind::Word) && c.nth(1) == Some(Kind::Equals) && c.nth(2) == Some(Kind::Word);
        let word = if assigned { c.nth_word(2) } else { c.word() };
        if NODES.contains(&word) && assigned {
            let id = c.ident();
            c.eat_separator();
            children.push(self::assigned(c, mark, id));
        } else if NODES.contains(&word) && matches!(c.nth(1), Some(Kind::Word | Kind::Text)) {
            children.push(deployment(c));
        } else if INSTANCES.contains(&word) {
            if assigned {
                c.ident();
                c.eat_separator();
            }
            instances.extend(instance(c));
        } else {
            other(c);
        }
    }
}

/// `containerInstance webApp.api "title" instanceId 2 { … }`.
fn instance(c: &mut Cursor<'_>) -> Option<Path> {
    c.bump();
    let path = c.path_if();
    c.text_beside();
    if c.eat_word("instanceId") && matches!(c.kind(), Some(Kind::Number | Kind::Text)) {
        c.bump();
    }
    if c.opens_block() {
        c.skip();
    }
    path
}

/// Infrastructure, descriptions, relations: no meaning for a simulation.
fn other(c: &mut Cursor<'_>) {
    if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
        return;
    }
    if super::relation::starts(c) {
        super::relation::relation(c);
    } else if c.is(Kind::Word) {
        opaque::keyword_first(c, true);
    } else {
        super::statement::unexpected_entry(c, "`containerInstance Shop.Api`");
    }
}
