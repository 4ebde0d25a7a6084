//! The standard library, embedded.

use crate::diag::Diagnostic;
use crate::source::FileId;
use crate::syntax::{self, ast};
use std::sync::{Arc, OnceLock};

/// Name and text of each of its files, in the order in which they are loaded.
pub static STDLIB: &[(&str, &str)] = &[
    ("std:kinds.sruja", include_str!("../../stdlib/kinds.sruja")),
    ("std:technologies.sruja", include_str!("../../stdlib/technologies.sruja")),
    ("std:scenarios.sruja", include_str!("../../stdlib/scenarios.sruja")),
    ("std:orchestration.sruja", include_str!("../../stdlib/orchestration.sruja")),
];

/// A file of the standard library, read.
pub struct StdFile {
    /// Its syntax.
    pub ast: Arc<ast::File>,
    /// What is wrong with it: nothing, as a test makes sure.
    pub diagnostics: Vec<Diagnostic>,
}

/// The files of [`STDLIB`], read once for the whole process: each with its index as its number, for
/// they are the first files of every check.
pub fn files() -> &'static [StdFile] {
    static FILES: OnceLock<Vec<StdFile>> = OnceLock::new();
    let read = |(n, (_, text)): (usize, &(&str, &str))| {
        let (ast, diagnostics) = syntax::parse(FileId(n as u32), text);
        StdFile { ast: Arc::new(ast), diagnostics }
    };
    FILES.get_or_init(|| STDLIB.iter().enumerate().map(read).collect())
}

/// Whether an import names the standard library (or a part of it).
pub fn is_stdlib(from: &str) -> bool {
    from == "sruja.ai/stdlib" || from.starts_with("sruja.ai/stdlib/") || from == "std" || from == "stdlib"
}
