//! Every lint against its own example, and against the numbers and places that it shows.

use super::LINTS;
use crate::diag::{CODES, Diagnostic};
use crate::source::{MemoryHost, SourceMap};
use std::path::Path;

/// What a file is told, and the texts to look places up in.
fn check(text: &str) -> (Vec<Diagnostic>, SourceMap) {
    let host = MemoryHost::new([("/w/shop.sruja", text)]);
    let checked = crate::sema::check(&host, Path::new("/w/shop.sruja"), Path::new("/w"));
    (checked.diagnostics, checked.sources)
}

fn codes(text: &str) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = check(text).0.iter().map(|found| found.code.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Asserts that `text` is told exactly once of `code`, at `underlined`, in a message with all of `parts`.
#[track_caller]
fn told(code: &str, text: &str, underlined: &str, parts: &[&str]) {
    let (diagnostics, sources) = check(text);
    let found: Vec<&Diagnostic> = diagnostics.iter().filter(|found| found.code.id == code).collect();
    let all: Vec<String> = diagnostics.iter().map(|found| format!("{}: {}", found.code.id, found.message)).collect();
    assert_eq!(found.len(), 1, "{all:#?}");
    assert_eq!(sources.text(found[0].span), underlined, "{}", found[0].message);
    for part in parts {
        assert!(found[0].message.contains(part), "{part:?} is not in {:?}", found[0].message);
    }
}

#[track_caller]
fn quiet(text: &str) {
    let (diagnostics, _) = check(text);
    let all: Vec<String> = diagnostics.iter().map(|found| format!("{}: {}", found.code.id, found.message)).collect();
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn every_bad_example_raises_exactly_its_code_and_every_good_one_none() {
    let mut wrong = Vec::new();
    for code in CODES.iter().filter(|code| code.id.starts_with("W11")) {
        assert!(!code.bad.is_empty(), "{} has no example", code.id);
        let (bad, good) = (codes(code.bad), codes(code.good));
        if bad != [code.id] || !good.is_empty() {
            wrong.push(format!("{}: bad {bad:?}, good {good:?}", code.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lints_stand_in_the_order_of_their_codes() {
    assert!(LINTS.windows(2).all(|pair| pair[0].code.id < pair[1].code.id));
}
