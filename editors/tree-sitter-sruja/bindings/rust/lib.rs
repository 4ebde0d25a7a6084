//! The tree-sitter grammar of `.sruja` files.
//!
//! ```ignore
//! let mut parser = tree_sitter::Parser::new();
//! parser.set_language(&tree_sitter_sruja::LANGUAGE.into())?;
//! let tree = parser.parse("Shop = system \"Shop\"", None);
//! ```

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_sruja() -> *const ();
}

/// The language, for any version of the `tree-sitter` crate.
// SAFETY: the generated parser gives a pointer to a constant language, which is what the function has to do.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_sruja) };

/// What is coloured, and as what.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");
/// What can be folded.
pub const FOLDS_QUERY: &str = include_str!("../../queries/folds.scm");
/// Where lines are indented.
pub const INDENTS_QUERY: &str = include_str!("../../queries/indents.scm");
/// Scopes, definitions and references.
pub const LOCALS_QUERY: &str = include_str!("../../queries/locals.scm");
/// Other languages inside.
pub const INJECTIONS_QUERY: &str = include_str!("../../queries/injections.scm");
