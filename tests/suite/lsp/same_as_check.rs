//! The server and `sruja check` say the same, to the byte: what is published has in `data` what `check --format json` has.

use super::client::Client;
use crate::support::project;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What `check` says of a folder, by file.
fn checked(client: &Client) -> BTreeMap<String, Vec<String>> {
    let said = client.sandbox.sruja(&["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in report["diagnostics"].as_array().unwrap() {
        found.entry(entry["file"].as_str().unwrap().into()).or_default().push(entry.to_string());
    }
    found
}

/// What the server says.
fn published(client: &Client) -> BTreeMap<String, Vec<String>> {
    let texts = |found: &Vec<Value>| found.iter().map(|one| one["data"].to_string()).collect::<Vec<_>>();
    let said = client.published.iter().filter(|(_, found)| !found.is_empty());
    said.map(|(path, found)| (path.clone(), texts(found))).collect()
}

fn files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&project().join(folder), &project().join(folder), &mut found);
    found.sort();
    found
}

fn walk(root: &Path, at: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, found);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.strip_prefix(root).unwrap().to_str().unwrap().into(), text));
        }
    }
}

fn same(files: &[(String, String)]) -> usize {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut client = Client::with(&files);
    client.settle();
    let (wanted, said) = (checked(&client), published(&client));
    assert_eq!(said.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (path, wanted) in &wanted {
        assert_eq!(&said[path], wanted, "{path}");
    }
    wanted.values().map(Vec::len).sum()
}

#[test]
fn of_the_examples() {
    same(&files("examples"));
}

#[test]
fn of_the_corpus() {
    assert!(same(&files("tests/corpus")) > 100);
}

#[test]
fn of_damaged_files() {
    let whole = files("examples");
    let mut seed = 7u64;
    let mut damaged = Vec::new();
    for (path, text) in whole.iter().filter(|(path, _)| path.ends_with(".sruja")) {
        for cut in 0..4 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % text.len().max(1);
            let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let mut broken = text.clone();
            match cut {
                0 => broken.truncate(at),
                1 => broken.insert(at, '}'),
                2 => broken.insert_str(at, " \" "),
                _ => drop(broken.remove(at.min(broken.len() - 1))),
            }
            damaged.push((format!("{}_{cut}.sruja", path.trim_end_matches(".sruja")), broken));
        }
    }
    assert!(same(&damaged) > 50);
}
