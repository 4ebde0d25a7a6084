//! Text to syntax tree and back.
//!
//! `parser` (pest) makes tokens, `brackets` balances them, `build` forms statements, [`ast`] is the
//! result. No pest type leaves this module. [`parse`] never fails: what it could not read is in the
//! diagnostics.

pub mod ast;
mod brackets;
mod build;
mod cursor;
mod format;
mod hidden;
mod literal;
mod parse;
mod parser;
mod spelling;
mod token;
mod words;

pub use format::format;
pub use parse::{one_line, parse, parse_expectation, parse_statements};
pub use parser::{Lexed, lex};
pub use token::{Bracket, Kind, Token};
pub use words::{Words, words};

#[cfg(test)]
mod tests;
