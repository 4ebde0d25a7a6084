//! The table of codes keeps its promises.

use sruja::diag::{CODES, Code, Severity};
use sruja::source::MemoryHost;
use std::path::Path;

#[test]
fn ids_are_unique_and_in_order_within_their_family() {
    let family = |code: &Code| code.id[..3].to_owned();
    for pair in CODES.windows(2).filter(|pair| family(pair[0]) == family(pair[1])) {
        assert!(pair[0].id < pair[1].id, "{} stands before {}", pair[0].id, pair[1].id);
    }
    let mut ids: Vec<_> = CODES.iter().map(|code| code.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), CODES.len());
}

#[test]
fn every_code_has_a_family_a_title_and_an_explanation() {
    for code in CODES {
        let (letter, digits) = code.id.split_at(1);
        assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", code.id);
        let expected = match letter {
            "E" => code.severity == Severity::Error,
            "W" => code.severity != Severity::Error,
            _ => letter == "R",
        };
        assert!(expected, "{} is {}", code.id, code.severity.word());
        assert!(!code.title.is_empty() && !code.title.ends_with('.'), "{}: {:?}", code.id, code.title);
        assert!(code.explanation.ends_with('.'), "{}: {:?}", code.id, code.explanation);
        assert_eq!(code.bad.is_empty(), code.good.is_empty(), "{} has one example", code.id);
    }
}

/// The codes that checking `text` raises, each once.
fn raised(text: &str) -> Vec<&'static str> {
    let host = MemoryHost::new([("/w/example.sruja", text)]);
    let checked = sruja::sema::check(&host, Path::new("/w/example.sruja"), Path::new("/w"));
    let mut ids: Vec<_> = checked.diagnostics.iter().map(|found| found.code.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[test]
fn every_bad_example_raises_exactly_its_code_and_every_good_one_none() {
    let mut wrong = Vec::new();
    for code in CODES.iter().filter(|code| !code.bad.is_empty()) {
        let (bad, good) = (raised(code.bad), raised(code.good));
        if bad != [code.id] {
            wrong.push(format!("{}: the bad example raises {bad:?}", code.id));
        }
        if !good.is_empty() {
            wrong.push(format!("{}: the good example raises {good:?}", code.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
