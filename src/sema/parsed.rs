//! Files that were parsed before: an editor checks the same fifty files at every keystroke, and one of them is new.

use crate::diag::Diagnostic;
use crate::source::FileId;
use crate::syntax::{self, ast};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Syntax by number and text. A tree holds the number of its file, so the same text under two numbers is two trees.
#[derive(Debug, Default)]
pub struct Parsed {
    known: Mutex<HashMap<(FileId, blake3::Hash), Entry>>,
}

#[derive(Debug)]
struct Entry {
    ast: Arc<ast::File>,
    diagnostics: Arc<[Diagnostic]>,
    /// Whether it was asked for since [`Parsed::forget_unused`].
    used: bool,
}

impl Parsed {
    /// [`syntax::parse`], or what it gave the last time.
    pub fn parse(&self, id: FileId, text: &str) -> (Arc<ast::File>, Arc<[Diagnostic]>) {
        let key = (id, blake3::hash(text.as_bytes()));
        // A thread that panicked left whole entries behind: they are put in at once.
        if let Some(entry) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&key) {
            entry.used = true;
            return (Arc::clone(&entry.ast), Arc::clone(&entry.diagnostics));
        }
        let (ast, diagnostics) = syntax::parse(id, text);
        let (ast, diagnostics) = (Arc::new(ast), Arc::from(diagnostics));
        let entry = Entry { ast: Arc::clone(&ast), diagnostics: Arc::clone(&diagnostics), used: true };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, entry);
        (ast, diagnostics)
    }

    /// Forgets what nobody asked for since the last time.
    pub fn forget_unused(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, entry| std::mem::take(&mut entry.used));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_under_the_same_number_is_parsed_once() {
        let parsed = Parsed::default();
        let first = parsed.parse(FileId(4), "A = system \"A\" {");
        let again = parsed.parse(FileId(4), "A = system \"A\" {");
        assert!(Arc::ptr_eq(&first.0, &again.0) && !first.1.is_empty());
        assert!(!Arc::ptr_eq(&first.0, &parsed.parse(FileId(5), "A = system \"A\" {").0));
        parsed.forget_unused();
        parsed.parse(FileId(5), "A = system \"A\" {");
        parsed.forget_unused();
        assert!(!Arc::ptr_eq(&first.0, &parsed.parse(FileId(4), "A = system \"A\" {").0));
    }
}
