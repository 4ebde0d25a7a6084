//! A repository made for a test, without any `git` program.

use crate::support::Sandbox;
use git2::{Commit, IndexAddOption, Oid, Repository, Signature, Time};
use std::path::Path;

/// A work tree with a history.
pub struct Repo {
    pub sandbox: Sandbox,
    pub git: Repository,
    /// How long after the one before a commit is made, s: an hour.
    pub pace: i64,
    commits: i64,
}

impl Repo {
    pub fn new() -> Self {
        let sandbox = Sandbox::with(&[]);
        let mut options = git2::RepositoryInitOptions::new();
        let git = Repository::init_opts(&sandbox.dir, options.initial_head("main")).unwrap();
        Self { sandbox, git, pace: 3600, commits: 0 }
    }

    /// A history of one file, `arch/main.sruja`, a text for each commit.
    pub fn of(texts: &[&str]) -> Self {
        let mut repo = Self::new();
        for (n, text) in texts.iter().enumerate() {
            repo.commit(&format!("change {}", n + 1), &[("arch/main.sruja", Some(text))]);
        }
        repo
    }

    /// Writes (or, without a text, removes) files and commits all there is.
    pub fn commit(&mut self, message: &str, files: &[(&str, Option<&str>)]) -> Oid {
        for (path, text) in files {
            match text {
                Some(text) => self.sandbox.write(path, text),
                None => std::fs::remove_file(self.sandbox.dir.join(path)).unwrap(),
            }
        }
        let mut index = self.git.index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = index.write_tree().unwrap();
        let head: Vec<Oid> = self.git.head().ok().and_then(|head| head.target()).into_iter().collect();
        self.record(message, tree, &head, Some("HEAD"))
    }

    /// A commit of a tree with these parents.
    pub fn record(&mut self, message: &str, tree: Oid, parents: &[Oid], reference: Option<&str>) -> Oid {
        self.commits += 1;
        let time = Time::new(1_767_225_600 + self.commits * self.pace, 0); // from 2026-01-01 on
        let who = Signature::new("Ann Example", "ann@example.org", &time).unwrap();
        let tree = self.git.find_tree(tree).unwrap();
        let parents: Vec<Commit<'_>> = parents.iter().map(|id| self.git.find_commit(*id).unwrap()).collect();
        let parents: Vec<&Commit<'_>> = parents.iter().collect();
        self.git.commit(reference, &who, &who, message, &tree, &parents).unwrap()
    }

    pub fn tag(&self, name: &str, commit: Oid) {
        self.git.tag_lightweight(name, self.git.find_commit(commit).unwrap().as_object(), false).unwrap();
    }

    /// The report of `sruja sweep arch/main.sruja` with more arguments.
    pub fn sweep(&self, args: &[&str]) -> serde_json::Value {
        sweep(&self.sandbox, "arch/main.sruja", args)
    }
}

/// The report of `sruja sweep FILE` with more arguments, in a folder.
pub fn sweep(sandbox: &Sandbox, file: &str, args: &[&str]) -> serde_json::Value {
    let mut all = vec!["sweep", file, "--format", "json"];
    all.extend(args);
    let out = sandbox.sruja(&all);
    assert!(matches!(out.code, Some(0 | 1)), "{out:?}");
    serde_json::from_str(&out.stdout).unwrap()
}

/// Everything below a folder: path, and content or length, to see that nothing was touched.
pub fn fingerprint(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() && !path.is_symlink() {
                true => open.push(path),
                false => found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default())),
            }
        }
    }
    found.sort();
    found
}
