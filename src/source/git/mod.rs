//! History, read from the object database of a repository.
//!
//! The only place that knows git2. Nothing is written and no program is run: the work tree, the
//! index and the refs stay as they are. What a repository says (names, messages, paths) is
//! somebody's text: control characters are taken out before anybody sees it.

mod follow;
mod repository;
mod select;
mod tree;

pub use repository::{CommitInfo, Repository};
pub use select::{Selection, SelectionError};
pub use tree::{Dependency, TreeHost};

/// Why history could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// There is no repository.
    #[error("`{0}` is in no git repository")]
    NoRepository(String),
    /// There is one, and it cannot be opened.
    #[error("the repository at `{path}` cannot be opened: {why}")]
    Unusable {
        /// Where.
        path: String,
        /// What git says.
        why: String,
    },
    /// It has no commit yet.
    #[error("the repository has no commits yet")]
    Empty,
    /// A name means no commit.
    #[error("`{0}` is no commit, tag or branch of this repository")]
    UnknownRevision(String),
    /// `#n` beyond the history.
    #[error("there is no commit #{number}: the first-parent history has {length}")]
    NoSuchNumber {
        /// As asked for.
        number: u64,
        /// How many commits there are.
        length: u64,
    },
    /// Nothing between two commits.
    #[error("there are no commits in `{0}`")]
    EmptyRange(String),
    /// Nothing fits.
    #[error("no commit fits: {0}")]
    NothingSelected(String),
    /// An object is missing or corrupt.
    #[error("the history is incomplete or damaged: {0}")]
    Damaged(String),
}

impl GitError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoRepository(_) => "name the folder of the repository: `--repo DIR`",
            Self::Unusable { .. } => "check the folder and who may read it",
            Self::Empty => "commit the file first",
            Self::UnknownRevision(_) => "name a commit, tag or branch as git does: `main~42`, `v1.2`, `4f2a91c`",
            Self::NoSuchNumber { .. } => "#1 is the oldest commit; a shallow clone has only the newest ones",
            Self::EmptyRange(_) => "the older commit comes first: `main~42..main`",
            Self::NothingSelected(_) => "widen the choice: `last 50`, `tags \"v*\"`, `since \"2026-01-01\"`",
            Self::Damaged(_) => "`git fsck` says what is damaged, `git fetch --unshallow` gets what is missing",
        }
    }

    fn damaged(error: &git2::Error) -> Self {
        Self::Damaged(clean(error.message()))
    }
}

/// A text of the repository as it may be shown: one line, no control characters.
fn clean(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shown.trim().to_owned()
}
