//! `import …`, kinds and tags.

use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Ident, Import, KindDef, TagDef};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::Kind;

/// `import { a, b } from '…'` or `import "…" as x`.
pub fn import(c: &mut Cursor<'_>) -> Option<Import> {
    let mark = c.mark();
    let keyword = c.ident();
    let braces = c.opens_block();
    let names = if braces { names(c) } else { None };
    if braces && !c.eat_word("from") {
        missing_source(c, &keyword);
        return None;
    }
    let Some(from) = c.text_if() else {
        missing_source(c, &keyword);
        return None;
    };
    let alias = if c.same_line() && c.is_word("as") && c.nth(1) == Some(Kind::Word) {
        c.bump();
        c.ident_if()
    } else {
        None
    };
    Some(Import { names, from, alias, span: c.since(mark) })
}

fn missing_source(c: &mut Cursor<'_>, keyword: &Ident) {
    c.report(
        Diagnostic::new(&codes::E0111, keyword.span, "the import names no file")
            .label("`from '…'` is missing")
            .help("write `import { * } from 'sruja.ai/stdlib'`"),
    );
    if c.same_line() {
        c.recover();
    }
}

/// The names in braces; `None` when a `*` is among them.
fn names(c: &mut Cursor<'_>) -> Option<Vec<Ident>> {
    c.inside(|c| {
        let mut found = Some(Vec::new());
        while !c.is_done() {
            match c.kind() {
                Some(Kind::Star) => {
                    c.bump();
                    found = None;
                }
                Some(Kind::Word) => {
                    let name = c.ident();
                    if let Some(names) = &mut found {
                        names.push(name);
                    }
                }
                _ => c.skip(),
            }
        }
        found
    })
}

/// `kind "Title" { … }` behind `X =`.
pub fn kind(c: &mut Cursor<'_>, mark: usize, name: Ident) -> KindDef {
    c.bump();
    let title = c.text_if();
    c.text_if();
    if c.opens_block() {
        c.skip();
    }
    KindDef { name, title, span: c.since(mark) }
}

/// `tag "Title"` behind `X =`.
pub fn tag(c: &mut Cursor<'_>, mark: usize, name: Ident) -> TagDef {
    c.bump();
    c.text_if();
    if c.opens_block() {
        c.skip();
    }
    TagDef { name, span: c.since(mark) }
}

/// `element system { … }` of a specification.
pub fn specified_kind(c: &mut Cursor<'_>) -> KindDef {
    let mark = c.mark();
    c.bump();
    let name = c.ident();
    let title = c.text_if();
    if c.opens_block() {
        c.skip();
    }
    KindDef { name, title, span: c.since(mark) }
}

/// `tag critical` of a specification.
pub fn specified_tag(c: &mut Cursor<'_>) -> TagDef {
    let mark = c.mark();
    c.bump();
    let name = c.ident();
    c.text_if();
    if c.opens_block() {
        c.skip();
    }
    TagDef { name, span: c.since(mark) }
}
