//! Every test from outside, in one binary: it links once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests may fail loudly and use files"
)]

mod acts;
mod cache;
mod changes;
mod cli;
mod codes;
mod docs;
mod editors;
mod examples;
mod fuzzed;
mod guide;
mod history;
mod hostile;
mod layers;
mod lsp;
mod orchestration;
mod properties;
mod readme;
mod regression;
mod repository;
mod set;
mod spec;
mod support;
mod tree_sitter_grammar;
mod validation;
mod verdict;
mod watch;
