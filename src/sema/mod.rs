//! From syntax trees to the typed model: files and imports, names, behavior, scenarios, lints.
//!
//! Each step takes what it can and says what it could not; a broken block never hides the others.
//! Nothing here knows how a model is simulated.

mod cascade;
mod declare;
mod lints;
mod load;
mod lower;
mod names;
mod origins;
mod parsed;
mod stdlib;
mod template;
mod values;

pub use lints::{Amplification, LINTS, Lint, amplification};
pub use load::{MAX_FILE_BYTES, git_code};
pub use names::{Class, Facts, Names, Symbol, SymbolId, Unresolved};
pub use origins::{Origin, Origins};
pub use parsed::Parsed;
pub use stdlib::{STDLIB, StdFile, files as stdlib_files, is_stdlib};

use crate::diag::{self, Diagnostic};
use crate::model::{Architecture, CallId, Project, SourceId, StationId};
use crate::source::git::{Repository, Selection};
use crate::source::{Host, SourceMap, Span};
use crate::syntax::ast;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a check found.
pub struct Checked {
    /// Every file that was read.
    pub sources: SourceMap,
    /// Everything that is to be said, in order of file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// What can be run, when nothing is an error.
    pub project: Option<Project>,
    /// The syntax of every file of the model.
    pub trees: Vec<Arc<ast::File>>,
    /// What the names mean, whatever is wrong; `None` when there is no file.
    pub meaning: Option<Meaning>,
}

/// What the names of a checked file mean: for whoever explains the text rather than runs it.
#[derive(Debug)]
pub struct Meaning {
    /// Everything declared.
    pub names: Names,
    /// The model of the file itself, without its overlays.
    pub architecture: Arc<Architecture>,
    /// Where each given value came from.
    pub origins: Origins,
    /// The station that a symbol is.
    stations: Vec<Option<StationId>>,
    /// The source that a symbol is.
    sources: Vec<(SymbolId, SourceId)>,
    /// Where the relation stands that each call came from.
    calls: Vec<Option<Span>>,
}

impl Meaning {
    /// The station that an element is, if it is one.
    pub fn station(&self, symbol: SymbolId) -> Option<StationId> {
        self.stations.get(symbol.0 as usize).copied().flatten()
    }

    /// The source of traffic that an element is, if it is one.
    pub fn source(&self, symbol: SymbolId) -> Option<SourceId> {
        self.sources.iter().find(|(known, _)| *known == symbol).map(|(_, id)| *id)
    }

    /// Where the relation stands that a call came from; none for calls that a flow or the tool added.
    pub fn relation(&self, call: CallId) -> Option<Span> {
        self.calls.get(call.index()).copied().flatten()
    }
}

/// What varies from call to call.
#[derive(Clone, Default)]
pub struct Options {
    /// Assignments of the command line, `load=100..500`: they override the scenarios' own.
    pub set: Vec<String>,
    /// Conditions that every scenario expects beside its own, `p95 < 200ms`: the option that gave it, and its text.
    pub expect: Vec<(&'static str, String)>,
    /// How far history is read; without it, `commits` statements are checked and not followed.
    pub history: Option<History>,
    /// Files that an earlier check parsed; the same text is not parsed again.
    pub parsed: Option<Arc<Parsed>>,
}

/// How history is read.
#[derive(Clone, Default)]
pub struct History {
    /// The commits, whatever scenarios say.
    pub selection: Option<Selection>,
    /// Scenarios without `commits` are run on commits, too: on the last 50 where none is chosen.
    pub all_scenarios: bool,
    /// The repository, and the file's path in it; else those of the entry itself.
    pub at: Option<(Repository, PathBuf)>,
}

/// Reads `entry` and what it imports, inside `root`, and checks all of it.
pub fn check(host: &dyn Host, entry: &Path, root: &Path) -> Checked {
    check_with(host, entry, root, &Options::default())
}

/// [`check`] with options.
pub fn check_with(host: &dyn Host, entry: &Path, root: &Path, options: &Options) -> Checked {
    let mut loaded = load::load(host, entry, root, options.parsed.clone());
    let mut sets = load::parse_sets(&mut loaded, &options.set);
    for (option, text) in &options.expect {
        sets.extend(load::parse_expectation(&mut loaded, option, text));
    }
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let (project, meaning) = lower::project(&loaded, &sets, options.history.as_ref(), &mut diagnostics).unzip();
    diag::sort(&mut diagnostics);
    let failed = diagnostics.iter().any(|d| d.severity == diag::Severity::Error);
    let trees = loaded.units.into_iter().map(|unit| unit.ast).collect();
    Checked { sources: loaded.sources, diagnostics, project: if failed { None } else { project }, trees, meaning }
}
