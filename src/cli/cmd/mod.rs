//! The commands: one file each.

pub mod cache;
pub mod check;
pub mod completions;
pub mod expand;
pub mod explain;
pub mod fmt;
pub mod lsp;
pub mod man;
pub mod run;
pub mod sweep;
pub mod why_rerun;
