//! Diagnostics as text, JSON, SARIF and GitHub annotations: one file a format.
//!
//! Every format takes sorted diagnostics and the [`SourceMap`](crate::source::SourceMap) that
//! their spans point into, and gives a string; none of them writes anywhere.

mod github;
mod json;
mod plain;
mod sarif;
mod snippet;
mod summary;
mod text;

pub use github::github;
pub use json::{JsonReport, json, json_diagnostic, json_report};
pub use plain::{plain_line, plain_lines};
pub use sarif::sarif;
pub use summary::{Summary, count_of};
pub use text::{Paint, TextStyle, text};

#[cfg(test)]
mod tests;
