//! What editors offer against what the parser takes.

use crate::schema::{KEYWORDS, Where, find_keyword, find_knob, find_setting, keywords_of};
use crate::syntax::words;

/// Words of files that already exist: they are read, and nobody is asked to write them.
const OLDER: &[&str] = &["architecture", "library", "feedback", "causal_loop", "simulate", "introduce", "inject"];
/// They act once runs are executed elsewhere.
const LATER: &[&str] = &["sync", "checkpoint"];
/// They stand before a fault, in forms that begin with another word.
const INNER: &[&str] = &["every", "after", "any"];

#[test]
fn every_word_that_begins_a_statement_is_offered_or_known_not_to_be() {
    let words = words();
    let begins = [&words.items, &words.statements, &words.moments].into_iter().flatten();
    for word in begins {
        let is_known = [OLDER, LATER, INNER].iter().any(|list| list.contains(word));
        assert!(find_keyword(word).is_some() != is_known, "`{word}` is offered, or in one of the lists: not both");
    }
}

#[test]
fn every_keyword_that_is_offered_begins_a_statement() {
    let words = words();
    let is_scenario = |word: &str| {
        words.statements.contains(&word)
            || words.moments.contains(&word)
            || find_knob(word).is_some()
            || find_setting(word).is_some()
    };
    for keyword in keywords_of(Where::Scenario) {
        assert!(is_scenario(keyword.name), "{}", keyword.name);
    }
    for keyword in keywords_of(Where::Top) {
        assert!(words.items.contains(&keyword.name), "{}", keyword.name);
    }
    assert!(KEYWORDS.iter().all(|keyword| !keyword.places.is_empty()));
}
