//! Misspelt keywords.

use super::{element, opaque};
use crate::diag::{Diagnostic, codes};
use crate::schema::{KINDS, find_kind};
use crate::syntax::ast::Ident;
use crate::syntax::cursor::Cursor;

/// Words that begin statements and are no kinds.
pub const STATEMENTS: &[&str] = &[
    "import",
    "scenario",
    "story",
    "flow",
    "behavior",
    "metadata",
    "architecture",
    "specification",
    "extend",
    "ranking",
    "version",
    "feedback",
    "causal_loop",
    "deployment",
    "library",
];

/// Whether one wrong, missing, superfluous or swapped letter makes `a` of `b`.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - tail], &b[..b.len() - tail]) {
        ([_], [_] | []) | ([], [_]) => true,
        ([x, y], [v, w]) => x == w && y == v,
        _ => false,
    }
}

/// A long word, one slip away; its plural is another word, not a slip.
fn meant<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut close = candidates.filter(|known| known.len() >= 6 && one_slip(word, known));
    close.find(|known| word.strip_suffix('s') != Some(known))
}

/// The standard kind (or `scenario` …) that the kind here was meant to be, if it is misspelt.
///
/// Kinds may go undeclared, so only a single slip in a long word counts, and only where no other file could declare it.
pub fn corrected(c: &Cursor<'_>) -> Option<String> {
    let word = c.word();
    if c.foreign_kinds || c.kinds.contains(word) || find_kind(word).is_some() || opaque::is_known(word) {
        return None;
    }
    meant(word, KINDS.iter().map(|kind| kind.name).chain(["scenario"])).map(str::to_owned)
}

/// The word that the first word of a statement was meant to be.
pub fn statement(c: &Cursor<'_>, in_element: bool) -> Option<&'static str> {
    let fields = element::field_names().filter(|_| in_element);
    let known = KINDS.iter().map(|kind| kind.name).chain(STATEMENTS.iter().copied()).chain(opaque::names());
    meant(c.word(), known.chain(fields))
}

/// Says that `written` was meant to be `meant`.
pub fn report(c: &mut Cursor<'_>, written: &Ident, meant: &str) {
    c.report(
        Diagnostic::new(&codes::E0115, written.span, format!("`{}` is no keyword", written.value))
            .label("misspelt")
            .help(format!("did you mean `{meant}`?"))
            .suggest(format!("write `{meant}`"), written.span, meant),
    );
}

#[cfg(test)]
mod tests {
    use super::one_slip;

    #[test]
    fn one_slip_is_one_letter() {
        for (a, b) in [("sytem", "system"), ("systemm", "system"), ("sysetm", "system"), ("syster", "system")] {
            assert!(one_slip(a, b), "{a}");
        }
        for (a, b) in [("module", "model"), ("stores", "storage"), ("system", "system"), ("", "ab")] {
            assert!(!one_slip(a, b), "{a}");
        }
    }
}
