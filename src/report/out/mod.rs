//! The forms of a report: one file each.

mod json;
mod markdown;
mod page;
mod terminal;
mod text;

pub use json::{json, jsonl};
pub use markdown::markdown;
pub use text::{TextOptions, text};
