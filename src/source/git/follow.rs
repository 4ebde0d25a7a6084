//! What a file was called before.

use git2::{Delta, DiffFindOptions, DiffOptions, Oid, Repository};
use std::path::{Path, PathBuf};

/// Most changed files among which a rename is looked for.
const MAX_CHANGED: usize = 2_000;

/// The name of the file in each commit, oldest first, as in `commits`; `path` is the one in the last.
/// Where it is not there and nothing tells of a rename, it keeps its name.
pub fn names(repository: &Repository, path: &Path, commits: &[String]) -> Vec<PathBuf> {
    let mut names = vec![path.to_owned(); commits.len()];
    let mut name = path.to_owned();
    let mut newer: Option<Oid> = None;
    for (n, commit) in commits.iter().enumerate().rev() {
        let tree = tree_of(repository, commit);
        if let (Some(tree), Some(newer)) = (tree, newer)
            && !has(repository, tree, &name)
            && has(repository, newer, &name)
        {
            name = renamed(repository, tree, newer, &name).unwrap_or(name);
        }
        names[n].clone_from(&name);
        newer = tree.or(newer);
    }
    names
}

fn tree_of(repository: &Repository, commit: &str) -> Option<Oid> {
    let id = Oid::from_str(commit).ok()?;
    Some(repository.find_commit(id).ok()?.tree_id())
}

fn has(repository: &Repository, tree: Oid, path: &Path) -> bool {
    repository.find_tree(tree).is_ok_and(|tree| tree.get_path(path).is_ok())
}

/// What `path` of the newer tree was called in the older one, by likeness of content.
fn renamed(repository: &Repository, older: Oid, newer: Oid, path: &Path) -> Option<PathBuf> {
    let (older, newer) = (repository.find_tree(older).ok()?, repository.find_tree(newer).ok()?);
    let mut options = DiffOptions::new();
    options.ignore_submodules(true).skip_binary_check(true);
    let mut diff = repository.diff_tree_to_tree(Some(&older), Some(&newer), Some(&mut options)).ok()?;
    if diff.deltas().len() > MAX_CHANGED {
        return None;
    }
    diff.find_similar(Some(DiffFindOptions::new().renames(true).rename_limit(MAX_CHANGED))).ok()?;
    let is_it = |delta: &git2::DiffDelta<'_>| delta.status() == Delta::Renamed && delta.new_file().path() == Some(path);
    let found = diff.deltas().find(is_it)?;
    found.old_file().path().map(Path::to_owned)
}
