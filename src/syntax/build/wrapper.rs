//! Braces around items: `architecture`, `model`, `specification`, `views`, `library`, `extend`.

use super::item::{self, Place};
use crate::syntax::ast::Wrapper;
use crate::syntax::cursor::Cursor;
use crate::syntax::token::Kind;

/// A wrapper's first word stands here.
pub fn wrapper(c: &mut Cursor<'_>) -> Wrapper {
    let mark = c.mark();
    let keyword = c.ident();
    let name = c.end_if();
    if name.is_some() {
        c.text_if();
    }
    // `architecture "X" follows Policy`
    if c.is_word("follows") && c.nth(1) == Some(Kind::Word) {
        c.bump();
        c.bump();
    }
    let place = match keyword.value.as_str() {
        "specification" => Place::Specification,
        "views" => Place::Views,
        "extend" => Place::Element,
        _ => Place::Top,
    };
    let items = if c.opens_block() { c.inside(|c| item::items(c, place)) } else { Vec::new() };
    Wrapper { keyword, name, items, span: c.since(mark) }
}
