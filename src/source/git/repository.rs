//! A repository: revisions, the line of first parents, tags.

use super::{GitError, TreeHost, clean, follow};
use git2::{ErrorCode, Oid};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Longest subject that is kept, characters.
const MAX_SUBJECT: usize = 200;

/// A repository, open for reading.
#[derive(Clone)]
pub struct Repository {
    inner: Arc<Mutex<git2::Repository>>,
    /// Root of the work tree, links resolved; `None` for a bare repository.
    work_tree: Option<PathBuf>,
    shallow: bool,
}

/// What is known of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// All hexadecimal digits of its object id.
    pub id: String,
    /// Counted along the first parents, 1 the oldest; `None` off that line.
    pub number: Option<u64>,
    /// When it was committed, seconds since 1970 in UTC.
    pub time: i64,
    /// Who wrote it.
    pub author: String,
    /// First line of its message.
    pub subject: String,
    /// The tag that chose it.
    pub tag: Option<String>,
}

impl Repository {
    /// The repository that `near` lies in, or is.
    pub fn open(near: &Path) -> Result<Self, GitError> {
        let inner = open(near)?;
        let shallow = inner.is_shallow();
        let work_tree = work_tree(&inner).and_then(|path| std::fs::canonicalize(path).ok());
        Ok(Self { inner: Arc::new(Mutex::new(inner)), work_tree, shallow })
    }

    /// Root of the work tree, links resolved; `None` for a bare repository.
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// Whether older commits were not fetched.
    pub fn is_shallow(&self) -> bool {
        self.shallow
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, git2::Repository> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The commit that a text means: an id, a tag, a branch, `main~3`.
    pub fn resolve(&self, revision: &str) -> Result<String, GitError> {
        Ok(self.commit_id(revision)?.to_string())
    }

    pub(super) fn commit_id(&self, revision: &str) -> Result<Oid, GitError> {
        let repository = self.lock();
        let unknown = |_| GitError::UnknownRevision(clean(revision));
        if revision == "HEAD" && matches!(repository.is_empty(), Ok(true)) {
            return Err(GitError::Empty);
        }
        // Messages are not searched: `:/text` and `^{/text}` would walk all of the history.
        if revision.contains(":/") || revision.contains("^{/") || revision.is_empty() {
            return Err(GitError::UnknownRevision(clean(revision)));
        }
        let object = repository.revparse_single(revision).map_err(unknown)?;
        Ok(object.peel_to_commit().map_err(unknown)?.id())
    }

    /// The line of first parents that ends at `tip`, oldest first.
    pub(super) fn line(&self, tip: Oid) -> Result<Vec<Oid>, GitError> {
        let repository = self.lock();
        let mut line = vec![tip];
        let mut at = repository.find_commit(tip).map_err(|error| GitError::damaged(&error))?;
        while let Ok(parent) = at.parent_id(0) {
            // In a shallow clone the oldest commit names a parent that was not fetched.
            let Ok(commit) = repository.find_commit(parent) else { break };
            line.push(parent);
            at = commit;
        }
        line.reverse();
        Ok(line)
    }

    /// What is known of a commit, by its id.
    pub fn info(&self, id: &str) -> Result<CommitInfo, GitError> {
        let oid = Oid::from_str(id).map_err(|error| GitError::damaged(&error))?;
        self.describe(oid)
    }

    pub(super) fn describe(&self, id: Oid) -> Result<CommitInfo, GitError> {
        let repository = self.lock();
        let commit = repository.find_commit(id).map_err(|error| GitError::damaged(&error))?;
        let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
        let subject = clean(message.trim_start().lines().next().unwrap_or_default());
        Ok(CommitInfo {
            id: id.to_string(),
            number: None,
            time: commit.time().seconds(),
            author: clean(&String::from_utf8_lossy(commit.author().name_bytes())),
            subject: subject.chars().take(MAX_SUBJECT).collect(),
            tag: None,
        })
    }

    /// Tags that a pattern with `*` and `?` matches, and the commits that they mean; sorted by name. A
    /// tag of something else than a commit is left out.
    pub(super) fn tags(&self, pattern: &str) -> Result<Vec<(String, Oid)>, GitError> {
        let repository = self.lock();
        let names = repository.tag_names(Some(pattern)).map_err(|error| GitError::damaged(&error))?;
        let mut tags = Vec::new();
        for name in names.iter().flatten().flatten() {
            let object = repository.find_reference(&format!("refs/tags/{name}"));
            if let Ok(commit) = object.and_then(|tag| tag.peel_to_commit()) {
                tags.push((clean(name), commit.id()));
            }
        }
        tags.sort();
        Ok(tags)
    }

    /// Commits of `to`'s line of first parents that `from` does not have, oldest first, behind `from`
    /// itself where it stands on that line.
    pub(super) fn between(&self, from: Oid, to: Oid) -> Result<Vec<Oid>, GitError> {
        let damaged = |error: git2::Error| GitError::damaged(&error);
        let repository = self.lock();
        let mut walk = repository.revwalk().map_err(damaged)?;
        walk.simplify_first_parent().map_err(damaged)?;
        walk.push(to).map_err(damaged)?;
        walk.hide(from).map_err(damaged)?;
        let mut found = walk.collect::<Result<Vec<Oid>, _>>().map_err(damaged)?;
        found.reverse();
        let before = found.first().and_then(|oldest| repository.find_commit(*oldest).ok()?.parent_id(0).ok());
        if before == Some(from) || from == to {
            found.insert(0, from);
        }
        Ok(found)
    }

    /// The files of a commit, as a host.
    pub fn tree(&self, id: &str) -> Result<TreeHost, GitError> {
        let oid = Oid::from_str(id).map_err(|error| GitError::damaged(&error))?;
        let tree = self.lock().find_commit(oid).map_err(|error| GitError::damaged(&error))?.tree_id();
        Ok(TreeHost::new(self.clone(), tree))
    }

    /// What the file that is called `path` in the last of `commits` (oldest first) is called in each of
    /// them: it is followed through renames, back along the first parents.
    pub fn follow(&self, path: &Path, commits: &[String]) -> Vec<PathBuf> {
        follow::names(&self.lock(), path, commits)
    }
}

fn open(near: &Path) -> Result<git2::Repository, GitError> {
    let none: [&str; 0] = [];
    let found = git2::Repository::open_ext(near, git2::RepositoryOpenFlags::empty(), none);
    let found = match found {
        // Who owns the files matters to programs that do what its configuration says. Objects alone are read here.
        Err(error) if error.code() == ErrorCode::Owner => {
            git2::Repository::discover_path(near, none).and_then(git2::Repository::open_bare)
        }
        other => other,
    };
    found.map_err(|error| match error.code() {
        ErrorCode::NotFound => GitError::NoRepository(near.display().to_string()),
        _ => GitError::Unusable { path: near.display().to_string(), why: clean(error.message()) },
    })
}

/// The work tree, also of a repository that was opened as if it were bare.
fn work_tree(repository: &git2::Repository) -> Option<PathBuf> {
    let beside = || repository.path().file_name().filter(|name| *name == ".git").and(repository.path().parent());
    repository.workdir().or_else(beside).map(Path::to_owned)
}
