//! What is checked and when: the folders of a workspace, the open files, and after each change as little as is needed.
//!
//! Every `.sruja` file of a folder is checked by itself with what it imports, as `sruja check FOLDER` does. A change
//! makes those checks due that had asked for what changed: first that of the edited file, then those that import it,
//! one [`Desk::step`] at a time, so that whoever calls may look up in between.

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
                if changed.contains(path) {
                    self.hot.retain(|known| known != path);
                    self.hot.push(path.clone());
                    entry.due = true;
                }
                entry.due |= entry.analysis.as_ref().is_none_or(asked);
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

    /// Whether a file has been checked by itself.
    pub fn is_own_current(&self, path: &Path) -> bool {
        let own =
            |folder: &Folder| folder.entries.get(path).is_some_and(|entry| !entry.due && entry.analysis.is_some());
        self.folders.iter().any(own)
    }

    /// Whether what was edited last has been checked by itself; others may be due.
    pub fn is_warm(&self) -> bool {
        self.hot.is_empty()
    }

    /// Does the next check that is due.
    pub fn step(&mut self, host: &dyn Host) -> Option<Step> {
        let (at, path) = self.next()?;
        let folder = &mut self.folders[at];
        let entry = folder.entries.get_mut(&path)?;
        // Should the check panic, it is not tried again before something changes.
        entry.due = false;
        let overlay = Overlay::new(host, &folder.base, &self.texts);
        let name = path.strip_prefix(&folder.base).unwrap_or(&path);
        let named = if folder.whole { Path::new("") } else { name.parent().unwrap_or(Path::new("")) };
        let place = (self.find)(&overlay, name, named);
        let options = sema::Options { parsed: Some(Arc::clone(&entry.parsed)), ..sema::Options::default() };
        let mut checked = sema::check_with(&overlay, name, &place.root, &options);
        checked.diagnostics = (place.weigh)(checked.diagnostics);
        let analysis = Arc::new(Analysis::new(&folder.base, &path, checked, overlay.asked()));
        entry.parsed.forget_unused();
        if let (None, Some(old)) = (&analysis.checked.project, &entry.analysis) {
            analysis.keep_capacity(old);
        }
        let old = entry.analysis.replace(Arc::clone(&analysis));
        let mut touched = analysis.changed_from(old.as_deref());
        let trouble = self.settings_trouble(place.trouble, &mut touched);
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

    /// The folder and the file of the next check: that of an edited file, else the first that is due.
    fn next(&mut self) -> Option<(usize, PathBuf)> {
        while let Some(path) = self.hot.pop() {
            let is_due = |folder: &Folder| folder.entries.get(&path).is_some_and(|entry| entry.due);
            if let Some(at) = self.folders.iter().position(is_due) {
                return Some((at, path));
            }
        }
        self.folders.iter().enumerate().find_map(|(at, folder)| {
            let due = folder.entries.iter().find(|(_, entry)| entry.due);
            due.map(|(path, _)| (at, path.clone()))
        })
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
