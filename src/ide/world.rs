//! What is known of a workspace at one moment: values that never change, shared between threads.

use super::overlay::Texts;
use crate::diag::Diagnostic;
use crate::sema::{Checked, Meaning};
use crate::source::{FileId, SourceFile, SourceMap, Span};
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What a check of one file with its imports found.
pub struct Analysis {
    /// The file, by absolute path.
    pub entry: PathBuf,
    /// What was found.
    pub checked: Checked,
    /// The user's files, by absolute path.
    files: BTreeMap<PathBuf, FileId>,
    /// Those of them that are not the user's: of the standard library, of commits.
    foreign: BTreeSet<FileId>,
    /// By file: what is said of it, as indexes of the diagnostics.
    said: Vec<Vec<usize>>,
    asked: BTreeSet<PathBuf>,
    /// What was computed of it on demand.
    pub(super) capacity: OnceLock<Arc<super::capacity::Capacity>>,
}

impl Analysis {
    pub(super) fn new(base: &Path, entry: &Path, checked: Checked, asked: BTreeSet<PathBuf>) -> Self {
        let mut said = vec![Vec::new(); checked.sources.iter().count()];
        for (n, diagnostic) in checked.diagnostics.iter().enumerate() {
            said[diagnostic.span.file.0 as usize].push(n);
        }
        // Of the standard library and of commits there is no file that an editor could open: they stand under the name
        // that they are shown by, and only where something is said of them.
        let is_own = |name: &str| !name.contains(':') || base.join(name) == entry;
        let mut files = BTreeMap::new();
        let mut foreign = BTreeSet::new();
        for (id, file) in checked.sources.iter() {
            if is_own(&file.name) {
                files.insert(base.join(&file.name), id);
            } else if !said[id.0 as usize].is_empty() {
                files.insert(PathBuf::from(&file.name), id);
                foreign.insert(id);
            }
        }
        Self { entry: entry.into(), checked, files, foreign, said, asked, capacity: OnceLock::new() }
    }

    /// The user's files that were read, or tried to.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.keys()
    }

    /// The number of a file.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }

    /// The path of a file; none of the standard library.
    pub fn path(&self, id: FileId) -> Option<&Path> {
        if self.foreign.contains(&id) {
            return None;
        }
        self.files.iter().find(|(_, known)| **known == id).map(|(path, _)| path.as_path())
    }

    /// The texts.
    pub fn sources(&self) -> &SourceMap {
        &self.checked.sources
    }

    /// One file's text.
    pub fn source(&self, id: FileId) -> &SourceFile {
        self.checked.sources.file(id)
    }

    /// The syntax of a file; none of one that could not be read or that only a version names.
    pub fn tree(&self, id: FileId) -> Option<&Arc<ast::File>> {
        self.checked.trees.iter().find(|tree| tree.id == id)
    }

    /// What the names mean.
    pub fn meaning(&self) -> Option<&Meaning> {
        self.checked.meaning.as_ref()
    }

    /// What is said of a file, in order.
    pub fn diagnostics(&self, id: FileId) -> impl Iterator<Item = &Diagnostic> {
        self.said[id.0 as usize].iter().map(|n| &self.checked.diagnostics[*n])
    }

    /// Whether the check asked for this file, for a folder that it lies in, or for its settings.
    pub(super) fn asked_for(&self, path: &Path) -> bool {
        self.asked.contains(path) || path.ancestors().any(|folder| self.asked.contains(&folder.join("*")))
    }

    /// Takes over what was known of the load before there were errors.
    pub(super) fn keep_capacity(&self, old: &Self) {
        if let Some(known) = old.capacity.get() {
            // Of a new analysis nothing is known yet.
            let _ = self.capacity.set(Arc::clone(known));
        }
    }

    /// Whether the other files that a diagnostic points into are as they were.
    fn points_where(&self, found: &Diagnostic, old: &Self) -> bool {
        let edits = found.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span.file);
        let mut files = found.related.iter().map(|label| label.span.file).chain(edits);
        files.all(|id| id == found.span.file || self.source(id).text == old.source(id).text)
    }

    /// Files of which this says something else than `old` did.
    pub(super) fn changed_from(&self, old: Option<&Self>) -> BTreeSet<PathBuf> {
        let Some(old) = old else { return self.files.keys().cloned().collect() };
        let both: BTreeSet<&PathBuf> = self.files.keys().chain(old.files.keys()).collect();
        let is_same = |path: &Path| match (self.file(path), old.file(path)) {
            // The text counts, too: a place further down has another column.
            (Some(a), Some(b)) => {
                self.source(a).text == old.source(b).text
                    && self.diagnostics(a).eq(old.diagnostics(b))
                    && self.diagnostics(a).all(|found| self.points_where(found, old))
            }
            _ => false,
        };
        both.into_iter().filter(|path| !is_same(path)).cloned().collect()
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file, by absolute path.
    pub path: PathBuf,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A change of text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What is replaced.
    pub at: Location,
    /// By what.
    pub text: String,
}

/// A file in an analysis that contains it as it is now.
#[derive(Clone, Copy)]
pub struct View<'w> {
    /// The analysis.
    pub analysis: &'w Analysis,
    /// The file's number in it.
    pub id: FileId,
}

impl<'w> View<'w> {
    /// The text.
    pub fn text(&self) -> &'w str {
        &self.analysis.source(self.id).text
    }

    /// The syntax.
    pub fn tree(&self) -> Option<&'w ast::File> {
        self.analysis.tree(self.id).map(Arc::as_ref)
    }

    /// What the names mean.
    pub fn meaning(&self) -> Option<&'w Meaning> {
        self.analysis.meaning()
    }

    /// A span as a place, also in the standard library.
    pub fn place(&self, span: Span) -> Option<Location> {
        let of_library = || {
            let path = Path::new(&self.analysis.source(span.file).name);
            super::library::text(path).map(|_| Location { path: path.into(), start: span.start, end: span.end })
        };
        self.location(span).or_else(of_library)
    }

    /// A span as a place of the workspace; none in the standard library.
    pub fn location(&self, span: Span) -> Option<Location> {
        let path = self.analysis.path(span.file)?.to_owned();
        Some(Location { path, start: span.start, end: span.end })
    }
}

/// Everything that is known at one moment.
#[derive(Default)]
pub struct World {
    analyses: Vec<Arc<Analysis>>,
    /// The texts of open files.
    pub texts: Arc<Texts>,
}

impl World {
    pub(super) fn new(analyses: Vec<Arc<Analysis>>, texts: Arc<Texts>) -> Self {
        Self { analyses, texts }
    }

    /// All analyses.
    pub fn analyses(&self) -> impl Iterator<Item = &Analysis> {
        self.analyses.iter().map(Arc::as_ref)
    }

    /// The file in its own analysis first, then in those that import it, the smallest first.
    pub fn views(&self, path: &Path) -> Vec<View<'_>> {
        let view = |analysis: &'_ Arc<Analysis>| Some((analysis.file(path)?, analysis.entry != path));
        let mut found: Vec<(View<'_>, bool, usize)> = Vec::new();
        for analysis in &self.analyses {
            if let Some((id, is_other)) = view(analysis) {
                found.push((View { analysis, id }, is_other, analysis.files.len()));
            }
        }
        found.sort_by_key(|(_, is_other, size)| (*is_other, *size));
        found.into_iter().map(|(view, ..)| view).collect()
    }

    /// The file in its own analysis.
    pub fn view(&self, path: &Path) -> Option<View<'_>> {
        self.views(path).into_iter().next()
    }

    /// The text of a file as the analyses have it, or of the standard library.
    pub fn text(&self, path: &Path) -> Option<&str> {
        self.view(path).map(|view| view.text()).or_else(|| super::library::text(path))
    }

    /// What is said of a file by every analysis that contains it: in order of place and code, each thing once.
    pub fn diagnostics(&self, path: &Path) -> Vec<(View<'_>, &Diagnostic)> {
        let mut all: Vec<(View<'_>, &Diagnostic)> = Vec::new();
        let current = self.text(path);
        for analysis in &self.analyses {
            // One whose turn has not come yet speaks of places in an older text.
            let same = |id: &FileId| current == Some(&analysis.source(*id).text);
            let Some(id) = analysis.file(path).filter(same) else { continue };
            all.extend(analysis.diagnostics(id).map(|found| (View { analysis, id }, found)));
        }
        let key = |found: &Diagnostic| (found.span.start, found.span.end, found.code.id);
        all.sort_by(|(_, a), (_, b)| (key(a), &a.message).cmp(&(key(b), &b.message)));
        all.dedup_by(|b, a| is_repeat(a, b));
        all
    }
}

/// Whether two analyses say the same, down to the places of other files.
fn is_repeat((left, a): &(View<'_>, &Diagnostic), (right, b): &(View<'_>, &Diagnostic)) -> bool {
    let place = |view: &View<'_>, span: Span| (view.analysis.source(span.file).name.clone(), span.start, span.end);
    let words = |d: &Diagnostic| (d.code.id, d.severity, d.message.clone(), d.label.clone(), d.help.clone());
    let related = |view: &View<'_>, d: &Diagnostic| -> Vec<_> {
        d.related.iter().map(|label| (place(view, label.span), label.text.clone())).collect()
    };
    let fixes = |view: &View<'_>, d: &Diagnostic| -> Vec<_> {
        let edits = d.fixes.iter().flat_map(|fix| fix.edits.iter().map(move |edit| (fix, edit)));
        edits.map(|(fix, edit)| (fix.title.clone(), fix.certain, place(view, edit.span), edit.text.clone())).collect()
    };
    (a.span.start, a.span.end) == (b.span.start, b.span.end)
        && words(a) == words(b)
        && related(left, a) == related(right, b)
        && fixes(left, a) == fixes(right, b)
}
