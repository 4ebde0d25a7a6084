//! The files of one commit, as a host: what is read comes from the object database alone.

use super::{GitError, Repository};
use crate::source::{Host, HostError};
use git2::{ObjectType, Oid};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Most links that one path may go through, as on Linux.
const MAX_LINKS: usize = 40;
/// Most files that a listing gives.
const MAX_LISTED: usize = 100_000;

/// The files of one commit. Paths are relative to the root of the repository; it remembers what it was asked for.
pub struct TreeHost {
    repository: Repository,
    root: Oid,
    asked: Mutex<BTreeMap<PathBuf, Dependency>>,
}

/// What a result depends on, as it stands in one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dependency {
    /// A file with this content, found at this path when links are followed.
    File(PathBuf, String),
    /// A folder, whatever is in it.
    Folder(PathBuf),
    /// A folder with this content.
    Listing(String),
    /// Nothing, or nothing that can be read.
    Missing,
}

/// What stands at a path.
#[derive(Clone, Copy)]
enum Node {
    File(Oid),
    Folder(Oid),
}

impl TreeHost {
    pub(super) fn new(repository: Repository, root: Oid) -> Self {
        Self { repository, root, asked: Mutex::default() }
    }

    /// Everything that was asked for so far.
    pub fn asked(&self) -> BTreeMap<PathBuf, Dependency> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether this commit gives the same answers, so that whatever came of them comes of this one, too.
    pub fn answers(&self, asked: &BTreeMap<PathBuf, Dependency>) -> bool {
        asked.iter().all(|(path, known)| match known {
            Dependency::Listing(_) => self.listing(path) == *known,
            _ => self.dependency(path) == *known,
        })
    }

    /// The id of a file's content; `None` when there is no such file.
    pub fn content(&self, path: &Path) -> Option<String> {
        match self.find(path) {
            Ok((_, Node::File(id))) => Some(id.to_string()),
            _ => None,
        }
    }

    fn note(&self, path: &Path, dependency: Dependency) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        // A listing says more than that there is a folder.
        if !matches!((asked.get(path), &dependency), (Some(Dependency::Listing(_)), Dependency::Folder(_))) {
            asked.insert(path.to_owned(), dependency);
        }
    }

    fn dependency(&self, path: &Path) -> Dependency {
        match self.find(path) {
            Ok((real, Node::File(id))) => Dependency::File(real, id.to_string()),
            Ok((real, Node::Folder(_))) => Dependency::Folder(real),
            Err(_) => Dependency::Missing,
        }
    }

    fn listing(&self, path: &Path) -> Dependency {
        match self.find(path) {
            Ok((_, Node::Folder(id))) => Dependency::Listing(id.to_string()),
            _ => Dependency::Missing,
        }
    }

    /// What stands at `path`, links followed inside the repository, and its path without links.
    fn find(&self, path: &Path) -> Result<(PathBuf, Node), HostError> {
        let repository = self.repository.lock();
        let mut names: Vec<(OsString, Oid)> = Vec::new();
        let mut todo: Vec<OsString> = parts(path)?;
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == ".." {
                names.pop().ok_or(HostError::NotFound)?;
                continue;
            }
            let folder = names.last().map_or(self.root, |(_, id)| *id);
            let tree = repository.find_tree(folder).map_err(|error| damaged(&error))?;
            let entry = tree.get_name_bytes(part.as_encoded_bytes()).ok_or(HostError::NotFound)?;
            match (entry.kind(), entry.filemode()) {
                (Some(ObjectType::Tree), _) => names.push((part, entry.id())),
                (Some(ObjectType::Blob), LINK) => {
                    links += 1;
                    let target = repository.find_blob(entry.id()).map_err(|error| damaged(&error))?;
                    let target = String::from_utf8(target.content().to_vec()).map_err(|_| HostError::NotFound)?;
                    if links > MAX_LINKS {
                        return Err(HostError::Io("too many links".into()));
                    }
                    todo.extend(parts(Path::new(&target))?);
                }
                (Some(ObjectType::Blob), _) if todo.is_empty() => {
                    let mut real: PathBuf = names.into_iter().map(|(name, _)| name).collect();
                    real.push(part);
                    return Ok((real, Node::File(entry.id())));
                }
                (Some(ObjectType::Commit), _) => {
                    let name = part.to_string_lossy();
                    return Err(HostError::Io(format!("`{name}` is a submodule, which is another repository")));
                }
                _ => return Err(HostError::NotFound),
            }
        }
        let folder = names.last().map_or(self.root, |(_, id)| *id);
        Ok((names.into_iter().map(|(name, _)| name).collect(), Node::Folder(folder)))
    }
}

/// Mode of a symbolic link.
const LINK: i32 = 0o120_000;

/// The parts of a relative path, the first one last; what is absolute leads out of the repository.
fn parts(path: &Path) -> Result<Vec<OsString>, HostError> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => parts.push("..".into()),
            Component::Normal(name) => parts.push(name.to_owned()),
            Component::RootDir | Component::Prefix(_) => return Err(HostError::NotFound),
        }
    }
    parts.reverse();
    Ok(parts)
}

fn damaged(error: &git2::Error) -> HostError {
    HostError::Io(GitError::damaged(error).to_string())
}

impl Host for TreeHost {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, HostError> {
        self.note(path, self.dependency(path));
        let (_, Node::File(id)) = self.find(path)? else { return Err(HostError::NotAFile) };
        let repository = self.repository.lock();
        let objects = repository.odb().map_err(|error| damaged(&error))?;
        let (size, _) = objects.read_header(id).map_err(|error| damaged(&error))?;
        if size as u64 > limit {
            return Err(HostError::TooLarge { size: size as u64, limit });
        }
        Ok(objects.read(id).map_err(|error| damaged(&error))?.data().to_vec())
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, HostError> {
        self.note(folder, self.listing(folder));
        let (_, Node::Folder(id)) = self.find(folder)? else { return Err(HostError::NotFound) };
        let repository = self.repository.lock();
        let tree = repository.find_tree(id).map_err(|error| damaged(&error))?;
        let mut found = Vec::new();
        let walked = tree.walk(git2::TreeWalkMode::PreOrder, |below, entry| {
            let is_file = entry.kind() == Some(ObjectType::Blob) && entry.filemode() != LINK;
            if let (true, Ok(name)) = (is_file, entry.name())
                && name.ends_with(".sruja")
            {
                found.push(folder.join(below).join(name));
            }
            if found.len() < MAX_LISTED { git2::TreeWalkResult::Ok } else { git2::TreeWalkResult::Abort }
        });
        if found.len() < MAX_LISTED {
            walked.map_err(|error| damaged(&error))?;
        }
        found.sort();
        Ok(found)
    }

    fn write(&self, _: &Path, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::Io("a commit cannot be written to".into()))
    }

    fn is_dir(&self, path: &Path) -> bool {
        let dependency = self.dependency(path);
        let is_dir = matches!(dependency, Dependency::Folder(_));
        self.note(path, dependency);
        is_dir
    }

    fn canonical(&self, path: &Path) -> Result<PathBuf, HostError> {
        self.note(path, self.dependency(path));
        self.find(path).map(|(real, _)| real)
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}
