//! Lints: what an architect would want to be told. One file a lint; its words stand in the table of codes.

use super::load::Loaded;
use super::lower::Built;
use super::template::Flat;
use crate::diag::{Code, Diagnostic};
use crate::model::Project;

/// What a lint may look at.
pub struct Context<'c, 'a> {
    /// Files.
    pub loaded: &'c Loaded<'c>,
    /// The model of the file itself, and how it came to be.
    pub built: &'c Built<'a>,
    /// Scenarios of the file, with what they inherit.
    pub flats: &'c [Flat<'a>],
    /// What will be run.
    pub project: &'c Project,
}

/// One lint.
pub struct Lint {
    /// Its code, with its documentation.
    pub code: &'static Code,
    /// What it finds.
    pub check: fn(&Context<'_, '_>, &mut Vec<Diagnostic>),
}

/// Every lint, by code.
pub static LINTS: &[Lint] = &[];

/// Runs every lint.
pub fn run(
    loaded: &Loaded<'_>,
    built: &Built<'_>,
    flats: &[Flat<'_>],
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let context = Context { loaded, built, flats, project };
    for lint in LINTS {
        (lint.check)(&context, diagnostics);
    }
}
