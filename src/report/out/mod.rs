//! The forms of a report: one file each.

mod json;
mod page;
mod text;

pub use json::{json, jsonl};
pub use text::{TextOptions, text};
