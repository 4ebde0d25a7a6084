//! Every test from outside, in one binary: it links once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests may fail loudly and use files"
)]

mod acts;
mod cli;
mod codes;
mod docs;
mod examples;
mod fuzzed;
mod hostile;
mod layers;
mod properties;
mod readme;
mod set;
mod spec;
mod support;
mod validation;
mod verdict;
mod watch;
