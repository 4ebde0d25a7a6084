//! Text to syntax tree and back.

pub mod ast;
mod standin;

pub use standin::{format, parse};
