//! Text to syntax tree and back.

pub mod ast;
use crate::{diag::Diagnostic, source::FileId};
/// stub
pub fn parse(id: FileId, _text: &str) -> (ast::File, Vec<Diagnostic>) {
    (ast::File { id, items: vec![], expected_failure: None }, vec![])
}
