//! The forms of a report: one file each.

mod json;
mod markdown;
mod page;
mod terminal;
mod text;

pub use json::{json, write_json, write_jsonl};
pub use markdown::markdown;
pub use text::{TextOptions, text};
