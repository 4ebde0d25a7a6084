//! The files as the editor has them: what is open there hides what is on disk.

use crate::source::git::{GitError, Repository};
use crate::source::{Host, HostError, tidy};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The texts of open files by absolute path.
pub type Texts = BTreeMap<PathBuf, Arc<str>>;

/// A host in which paths are relative to a folder and open files have the text of the editor. It notes what it was
/// asked for, so that a change of anything else need not be looked at.
pub struct Overlay<'a> {
    host: &'a dyn Host,
    base: &'a Path,
    open: &'a Texts,
    asked: Mutex<BTreeSet<PathBuf>>,
}

impl<'a> Overlay<'a> {
    /// The files of `host` below `base`, with those that are open over them.
    pub fn new(host: &'a dyn Host, base: &'a Path, open: &'a Texts) -> Self {
        Self { host, base, open, asked: Mutex::default() }
    }

    /// Every file and folder that was asked for, there or not, by absolute path.
    pub fn asked(self) -> BTreeSet<PathBuf> {
        self.asked.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        tidy(&self.base.join(path))
    }

    fn note(&self, path: PathBuf) -> PathBuf {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone());
        path
    }
}

impl Host for Overlay<'_> {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, HostError> {
        let path = self.note(self.absolute(path));
        match self.open.get(&path) {
            Some(text) if text.len() as u64 > limit => Err(HostError::TooLarge { size: text.len() as u64, limit }),
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.host.read(&path, limit),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, HostError> {
        let root = self.absolute(folder);
        self.note(root.join("*"));
        let open = self.open.keys().filter(|path| path.extension().is_some_and(|e| e == "sruja")).cloned();
        let mut all: BTreeSet<PathBuf> = self.host.list(&root).map(BTreeSet::from_iter)?;
        all.extend(open);
        Ok(all.iter().filter_map(|path| path.strip_prefix(&root).ok()).map(|path| folder.join(path)).collect())
    }

    fn write(&self, _: &Path, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::Io("the language server writes no files".into()))
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.host.is_dir(&self.absolute(path))
    }

    fn canonical(&self, path: &Path) -> Result<PathBuf, HostError> {
        let path = self.note(self.absolute(path));
        match self.host.canonical(&path) {
            Err(HostError::NotFound) if self.open.contains_key(&path) => {
                let folder = path.parent().and_then(|folder| self.host.canonical(folder).ok());
                Ok(folder.and_then(|folder| Some(folder.join(path.file_name()?))).unwrap_or(path))
            }
            found => found,
        }
    }

    fn env(&self, name: &str) -> Option<String> {
        self.host.env(name)
    }

    fn monotonic(&self) -> Duration {
        self.host.monotonic()
    }

    fn repository(&self, near: &Path) -> Result<Repository, GitError> {
        self.host.repository(&self.absolute(near)).map_err(|error| match error {
            // By the name that the text gives it, not by ours.
            GitError::NoRepository(_) => GitError::NoRepository(near.display().to_string()),
            other => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryHost;

    #[test]
    fn open_files_hide_those_on_disk_and_what_was_asked_for_is_known() {
        let disk = MemoryHost::new([("/w/a.sruja", "old"), ("/w/b/c.sruja", "")]);
        let open = Texts::from([("/w/a.sruja".into(), "new".into()), ("/w/d.sruja".into(), "".into())]);
        let overlay = Overlay::new(&disk, Path::new("/w"), &open);
        assert_eq!(overlay.read(Path::new("./a.sruja"), 9), Ok(b"new".to_vec()));
        assert_eq!(overlay.read(Path::new("b/../x.sruja"), 9), Err(HostError::NotFound));
        assert_eq!(overlay.canonical(Path::new("d.sruja")), Ok("/w/d.sruja".into()));
        let listed = ["a.sruja", "b/c.sruja", "d.sruja"].map(PathBuf::from);
        assert_eq!(overlay.list(Path::new("")), Ok(listed.into()));
        assert!(overlay.write(Path::new("a"), b"").is_err());
        let asked = ["/w/*", "/w/a.sruja", "/w/d.sruja", "/w/x.sruja"].map(PathBuf::from);
        assert_eq!(overlay.asked(), asked.into());
    }
}
