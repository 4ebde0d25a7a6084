//! Reading and formatting any text: no panic, spans on characters, formatting idempotent.
//!
//! `fuzz/run.sh 600 parse`
#![no_main]

use libfuzzer_sys::fuzz_target;
use sruja::source::FileId;
use sruja::syntax;

fuzz_target!(|text: &str| {
    let (file, found) = syntax::parse(FileId(0), text);
    for item in &file.items {
        assert!(text.get(item.span().range()).is_some(), "an item off the characters");
    }
    for diagnostic in &found {
        assert!(text.get(diagnostic.span.range()).is_some(), "a diagnostic off the characters");
        assert!(!diagnostic.message.is_empty());
    }
    if let Ok(once) = syntax::format(text) {
        assert_eq!(syntax::format(&once).as_deref(), Ok(once.as_str()), "formatting changes again");
    }
});
