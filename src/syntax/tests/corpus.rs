//! Every `.sruja` file of the repository.

use super::*;
use crate::source::{Host, RealHost};
use crate::syntax::format;
use std::path::{Path, PathBuf};

/// Path and text of every file below `folder` of the package; nothing where the folder is absent.
fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let host = RealHost;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let Ok(paths) = host.list(&root) else { return Vec::new() };
    let read = |path: PathBuf| {
        let bytes = host.read(&path, 1 << 24).ok()?;
        Some((path, String::from_utf8(bytes).ok()?))
    };
    paths.into_iter().filter_map(read).collect()
}

fn all() -> Vec<(PathBuf, String)> {
    ["tests/corpus", "stdlib", "examples"].into_iter().flat_map(files).collect()
}

fn is_bad(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "bad")
}

#[test]
fn good_files_have_no_errors() {
    let mut wrong = Vec::new();
    for (path, text) in all().iter().filter(|(path, text)| !is_bad(path) && !text.contains("EXPECTED_FAILURE")) {
        let (_, found) = parse(text);
        if !errors(&found).is_empty() {
            wrong.push(format!("{}\n{}", path.display(), show(text, &found)));
        }
    }
    assert!(wrong.is_empty(), "{} files:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn formatting_is_idempotent_and_changes_no_meaning() {
    let mut wrong = Vec::new();
    for (path, text) in all().iter().filter(|(_, text)| errors(&parse(text).1).is_empty()) {
        let once = format(text).unwrap();
        let twice = format(&once).unwrap();
        if once != twice {
            wrong.push(format!("{} changes again", path.display()));
        }
        let unchanged = once == *text;
        if unchanged && text.lines().any(|line| line.ends_with([' ', '\t'])) {
            wrong.push(format!("{} was given up", path.display()));
        }
        let comments = |text: &str| text.matches("//").count() + text.matches("/*").count();
        assert_eq!(comments(&once), comments(text), "{}", path.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A broken file says so, here or in a later stage; it never stops the parser.
#[test]
fn bad_files_are_read_to_their_end() {
    for (path, text) in all().iter().filter(|(path, _)| is_bad(path)) {
        let (file, found) = parse(text);
        assert!(!found.is_empty() || !file.items.is_empty() || text.trim().is_empty(), "{}", path.display());
    }
}
