//! Statements out of tokens: one file a construct.

mod behavior;
mod chaos;
mod deployment;
mod element;
mod expect;
mod expr;
mod feedback;
mod import;
mod item;
mod opaque;
mod relation;
mod scenario;
mod search;
mod slo;
mod statement;
mod step;
mod typo;
mod value;
mod version;
mod wrapper;

use super::ast::Item;
use super::cursor::Cursor;

/// The items of a whole file.
pub fn file(c: &mut Cursor<'_>) -> Vec<Item> {
    item::items(c, item::Place::Top)
}
