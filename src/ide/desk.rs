//! What is checked and when: the folders of a workspace, the open files, and after each change as little as is needed.
//!
//! Every `.sruja` file of a folder is checked by itself with what it imports, as `sruja check FOLDER` does. A change
//! makes those checks due that had asked for what changed: that of the edited file is urgent, those that import it can
//! wait. A check is a [`Job`] that needs nothing of the desk, so that the next change need not wait for a long one.

use super::overlay::{Overlay, Texts};
use super::world::{Analysis, World};
use crate::diag::Diagnostic;
use crate::sema::{self, Parsed};
use crate::source::{Host, SourceMap};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Weighs what was found, as the settings of a workspace have it.
pub type Weigh = Arc<dyn Fn(Vec<Diagnostic>) -> Vec<Diagnostic> + Send + Sync>;

/// What holds for a file.
pub struct Place {
    /// Where imports may reach.
    pub root: PathBuf,
    /// How findings count.
    pub weigh: Weigh,
    /// The settings and what is wrong with them, where something is.
    pub trouble: Option<(SourceMap, Vec<Diagnostic>)>,
}

/// Finds the place of a file: the host, the file and the folder that the editor has open.
pub type FindPlace = fn(&dyn Host, &Path, &Path) -> Place;

/// One file that is checked.
#[derive(Default)]
struct Entry {
    analysis: Option<Arc<Analysis>>,
    parsed: Arc<Parsed>,
    due: bool,
    /// Counts the changes that made it due: a check of an older edition says nothing of this one.
    edition: u64,
}

/// Which check of which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    base: PathBuf,
    path: PathBuf,
    edition: u64,
}

/// A check that is to be done.
pub struct Job {
    /// Which one.
    pub ticket: Ticket,
    whole: bool,
    find: FindPlace,
    texts: Arc<Texts>,
    parsed: Arc<Parsed>,
}

/// What a check found.
pub struct Done {
    analysis: Arc<Analysis>,
    trouble: Option<(SourceMap, Vec<Diagnostic>)>,
}

impl Job {
    /// Does it.
    pub fn run(&self, host: &dyn Host) -> Done {
        let Ticket { base, path, .. } = &self.ticket;
        let overlay = Overlay::new(host, base, &self.texts);
        let name = path.strip_prefix(base).unwrap_or(path);
        let named = if self.whole { Path::new("") } else { name.parent().unwrap_or(Path::new("")) };
        let place = (self.find)(&overlay, name, named);
        let options = sema::Options { parsed: Some(Arc::clone(&self.parsed)), ..sema::Options::default() };
        let mut checked = sema::check_with(&overlay, name, &place.root, &options);
        checked.diagnostics = (place.weigh)(checked.diagnostics);
        let analysis = Arc::new(Analysis::new(base, path, checked, overlay.asked()));
        self.parsed.forget_unused();
        Done { analysis, trouble: place.trouble }
    }
}

/// A folder of the editor, or of a file outside all of them.
struct Folder {
    base: PathBuf,
    /// Whether every file of it counts, rather than the open ones.
    whole: bool,
    entries: BTreeMap<PathBuf, Entry>,
}

/// What a step did.
pub struct Step {
    /// The files of which something else may be said now.
    pub touched: BTreeSet<PathBuf>,
    /// What is wrong with the settings, by the file that they stand in.
    pub trouble: Option<(SourceMap, Vec<Diagnostic>)>,
}

/// The checks of a workspace.
pub struct Desk {
    find: FindPlace,
    folders: Vec<Folder>,
    texts: Arc<Texts>,
    /// Edited files whose own check is due, the latest last.
    hot: Vec<PathBuf>,
    trouble: BTreeSet<PathBuf>,
}

impl Desk {
    /// An empty one.
    pub fn new(find: FindPlace) -> Self {
        Self { find, folders: Vec::new(), texts: Arc::default(), hot: Vec::new(), trouble: BTreeSet::new() }
    }

    /// The folders of the editor, from now on.
    pub fn set_folders(&mut self, host: &dyn Host, bases: &[PathBuf]) -> BTreeSet<PathBuf> {
        let gone = self.folders.iter().filter(|folder| !bases.contains(&folder.base));
        let gone: BTreeSet<PathBuf> = gone.flat_map(Folder::files).collect();
        self.folders.retain(|folder| bases.contains(&folder.base));
        for base in bases {
            if !self.folders.iter().any(|folder| folder.base == *base) {
                self.folders.push(Folder { base: base.clone(), whole: true, entries: BTreeMap::new() });
            }
        }
        self.list(host);
        gone
    }

    /// The texts of open files, from now on.
    pub fn set_texts(&mut self, host: &dyn Host, texts: Arc<Texts>) -> BTreeSet<PathBuf> {
        let old = std::mem::replace(&mut self.texts, Arc::clone(&texts));
        let paths = || old.keys().chain(texts.keys());
        let is_same = |path: &PathBuf| match (old.get(path), texts.get(path)) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        };
        let changed: BTreeSet<PathBuf> = paths().filter(|path| !is_same(path)).cloned().collect();
        let opened = changed.iter().any(|path| old.contains_key(path) != texts.contains_key(path));
        let mut gone = BTreeSet::new();
        if opened {
            gone = self.list(host);
        }
        self.invalidate(&changed);
        gone
    }

    /// Files changed on disk, came or went.
    pub fn disk_changed(&mut self, host: &dyn Host, changed: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let gone = self.list(host);
        self.invalidate(changed);
        gone
    }

    /// Makes the checks due that had asked for one of these.
    fn invalidate(&mut self, changed: &BTreeSet<PathBuf>) {
        let asked = |analysis: &Arc<Analysis>| changed.iter().any(|path| analysis.asked_for(path));
        for folder in &mut self.folders {
            for (path, entry) in &mut folder.entries {
                let is_edited = changed.contains(path);
                if is_edited {
                    self.hot.retain(|known| known != path);
                    self.hot.push(path.clone());
                }
                if is_edited || entry.analysis.as_ref().is_none_or(asked) {
                    (entry.due, entry.edition) = (true, entry.edition + 1);
                }
            }
        }
    }

    /// Looks which files there are; those that went.
    fn list(&mut self, host: &dyn Host) -> BTreeSet<PathBuf> {
        let lone = |path: &&PathBuf| !self.folders.iter().any(|folder| folder.whole && path.starts_with(&folder.base));
        let lone: BTreeMap<PathBuf, PathBuf> =
            self.texts.keys().filter(lone).filter_map(|path| Some((path.clone(), path.parent()?.into()))).collect();
        for base in lone.values() {
            if !self.folders.iter().any(|folder| !folder.whole && folder.base == *base) {
                self.folders.push(Folder { base: base.clone(), whole: false, entries: BTreeMap::new() });
            }
        }
        let mut gone = BTreeSet::new();
        for folder in &mut self.folders {
            let all: BTreeSet<PathBuf> = if folder.whole {
                let overlay = Overlay::new(host, &folder.base, &self.texts);
                overlay.list(&folder.base).unwrap_or_default().into_iter().collect()
            } else {
                lone.iter().filter(|(_, base)| **base == folder.base).map(|(path, _)| path.clone()).collect()
            };
            folder.entries.retain(|path, entry| {
                if !all.contains(path) {
                    gone.extend(entry.analysis.iter().flat_map(|analysis| analysis.paths().cloned()));
                }
                all.contains(path)
            });
            for path in all {
                folder.entries.entry(path).or_insert_with(|| Entry { due: true, ..Entry::default() });
            }
        }
        self.folders.retain(|folder| folder.whole || !folder.entries.is_empty());
        gone
    }

    /// Whether nothing is due.
    pub fn is_settled(&self) -> bool {
        !self.folders.iter().any(|folder| folder.entries.values().any(|entry| entry.due))
    }

    /// Whether every check that contains a file has been done.
    pub fn is_current(&self, path: &Path) -> bool {
        let holds = |entry: &Entry| entry.analysis.as_ref().is_none_or(|analysis| analysis.file(path).is_some());
        !self.folders.iter().any(|folder| folder.entries.values().any(|entry| entry.due && holds(entry)))
    }

    /// Whether a file has been checked by itself; of one that is only imported, whether all that import it have been.
    pub fn is_own_done(&self, path: &Path) -> bool {
        let mut own = self.folders.iter().filter_map(|folder| folder.entries.get(path)).peekable();
        if own.peek().is_none() { self.is_current(path) } else { own.all(|entry| !entry.due) }
    }

    /// Whether what was edited last has been checked by itself; others may be due.
    pub fn is_warm(&self) -> bool {
        self.hot.is_empty()
    }

    /// What a check found is what is known from now on, unless something has changed since it was begun. Without `done`,
    /// for the check has failed, it is not tried again before something changes.
    pub fn finish(&mut self, ticket: &Ticket, done: Option<Done>) -> Option<Step> {
        let folder = self.folders.iter_mut().find(|folder| folder.base == ticket.base)?;
        let entry = folder.entries.get_mut(&ticket.path).filter(|entry| entry.edition == ticket.edition)?;
        entry.due = false;
        let Done { analysis, trouble } = done?;
        if let (None, Some(old)) = (&analysis.checked.project, &entry.analysis) {
            analysis.keep_capacity(old);
        }
        let old = entry.analysis.replace(Arc::clone(&analysis));
        let mut touched = analysis.changed_from(old.as_deref());
        let trouble = self.settings_trouble(trouble, &mut touched);
        Some(Step { touched, trouble })
    }

    /// Complaints about settings that were not made before; those that no longer hold are touched.
    fn settings_trouble(
        &mut self,
        trouble: Option<(SourceMap, Vec<Diagnostic>)>,
        touched: &mut BTreeSet<PathBuf>,
    ) -> Option<(SourceMap, Vec<Diagnostic>)> {
        match &trouble {
            None => touched.append(&mut self.trouble),
            Some((sources, _)) => self.trouble.extend(sources.iter().map(|(_, file)| PathBuf::from(&file.name))),
        }
        trouble
    }

    /// The check of the file that was edited last by itself.
    pub fn urgent(&mut self) -> Option<Job> {
        while let Some(path) = self.hot.pop() {
            let is_due = |folder: &&Folder| folder.entries.get(&path).is_some_and(|entry| entry.due);
            if let Some(folder) = self.folders.iter().find(is_due) {
                return self.job(folder, &path);
            }
        }
        None
    }

    /// The first of the checks that are due.
    pub fn next(&self) -> Option<Job> {
        let due = |folder: &Folder| folder.entries.iter().find(|(_, entry)| entry.due).map(|(path, _)| path.clone());
        self.folders.iter().find_map(|folder| self.job(folder, &due(folder)?))
    }

    fn job(&self, folder: &Folder, path: &Path) -> Option<Job> {
        let entry = folder.entries.get(path)?;
        let ticket = Ticket { base: folder.base.clone(), path: path.into(), edition: entry.edition };
        let (texts, parsed) = (Arc::clone(&self.texts), Arc::clone(&entry.parsed));
        Some(Job { ticket, whole: folder.whole, find: self.find, texts, parsed })
    }

    /// What is known now.
    pub fn world(&self) -> World {
        let entries = self.folders.iter().flat_map(|folder| folder.entries.values());
        World::new(entries.filter_map(|entry| entry.analysis.clone()).collect(), Arc::clone(&self.texts))
    }
}

impl Folder {
    /// The files of which something may have been said.
    fn files(&self) -> BTreeSet<PathBuf> {
        let analyses = self.entries.values().filter_map(|entry| entry.analysis.as_ref());
        analyses.flat_map(|analysis| analysis.paths().cloned()).collect()
    }
}
