//! Carries out the changes that diagnostics propose.

use super::{Diagnostic, Edit, Fix};
use crate::source::{FileId, SourceMap};
use std::collections::BTreeMap;

/// A file as it reads after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// Which file.
    pub file: FileId,
    /// Its whole new text.
    pub text: String,
    /// How many diagnostics were mended by changes of this file.
    pub count: usize,
}

/// The files that change when every certain fix is made.
///
/// A fix is made as a whole or not at all. Where two touch the same text the first one wins; a
/// second round over the new text brings the other, when it is still needed.
pub fn apply_fixes(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<Fixed> {
    let mut plan = BTreeMap::new();
    for fix in diagnostics.iter().filter_map(Diagnostic::certain_fix) {
        accept(&mut plan, fix);
    }
    plan.into_iter().map(|(file, accepted)| rewrite(sources, file, accepted)).collect()
}

/// The edits of one file and the number of fixes that they come from.
#[derive(Default)]
struct Accepted<'a> {
    edits: Vec<&'a Edit>,
    count: usize,
}

fn accept<'a>(plan: &mut BTreeMap<FileId, Accepted<'a>>, fix: &'a Fix) {
    let taken = |edit: &Edit| plan.get(&edit.span.file).is_some_and(|a| a.edits.iter().any(|b| clash(edit, b)));
    let Some(first) = fix.edits.first() else { return };
    if fix.edits.iter().any(taken) {
        return;
    }
    for edit in &fix.edits {
        let edits = &mut plan.entry(edit.span.file).or_default().edits;
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    plan.entry(first.span.file).or_default().count += 1;
}

/// Whether both cannot be made: they overlap, or insert different text at one place.
fn clash(a: &Edit, b: &Edit) -> bool {
    let overlap = a.span.start < b.span.end && b.span.start < a.span.end;
    a != b && (overlap || a.span.start == b.span.start)
}

fn rewrite(sources: &SourceMap, file: FileId, mut accepted: Accepted<'_>) -> Fixed {
    let old = &sources.file(file).text;
    accepted.edits.sort_by_key(|edit| edit.span);
    let (mut text, mut at) = (String::with_capacity(old.len()), 0);
    for edit in accepted.edits {
        text.push_str(&old[at..edit.span.start as usize]);
        text.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    text.push_str(&old[at..]);
    Fixed { file, text, count: accepted.count }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::codes::{E0106, E0114};
    use crate::source::Span;

    fn fixed(text: &str, edits: &[(usize, usize, &str, bool)]) -> Vec<Fixed> {
        let mut sources = SourceMap::new();
        let file = sources.add("a.sruja", text);
        let one = |(start, end, new, certain): &(usize, usize, &str, bool)| {
            let span = Span::new(file, *start, *end);
            let found = Diagnostic::new(&E0106, span, "m");
            if *certain { found.fix("t", span, *new) } else { found.suggest("t", span, *new) }
        };
        apply_fixes(&sources, &edits.iter().map(one).collect::<Vec<_>>())
    }

    #[test]
    fn makes_every_certain_fix_and_leaves_guesses_alone() {
        let found = fixed("A <- B\nC => D\n", &[(9, 11, "->", true), (2, 4, "->", true), (0, 1, "X", false)]);
        assert_eq!(found, vec![Fixed { file: FileId(0), text: "A -> B\nC -> D\n".into(), count: 2 }]);
        assert!(fixed("A", &[(0, 1, "X", false)]).is_empty());
    }

    #[test]
    fn of_two_that_touch_the_same_text_the_first_is_made() {
        assert_eq!(fixed("abcd", &[(0, 3, "x", true), (2, 4, "y", true)])[0].text, "xd");
        assert_eq!(fixed("ab", &[(1, 1, "x", true), (1, 1, "y", true)])[0].text, "axb");
        assert_eq!(fixed("ab", &[(0, 1, "x", true), (1, 2, "y", true)])[0].text, "xy");
    }

    #[test]
    fn the_same_change_for_two_reasons_is_made_once_and_mends_both() {
        let found = fixed("ab", &[(0, 1, "x", true), (0, 1, "x", true)]);
        assert_eq!((found[0].text.as_str(), found[0].count), ("xb", 2));
    }

    #[test]
    fn a_fix_of_two_places_is_made_whole_or_not_at_all() {
        let mut sources = SourceMap::new();
        let file = sources.add("a.sruja", "“x” y");
        let edit = |start, end, text: &str| Edit { span: Span::new(file, start, end), text: text.into() };
        let mut quotes = Diagnostic::new(&E0114, Span::new(file, 0, 7), "m");
        let edits = vec![edit(0, 3, "\""), edit(4, 7, "\"")];
        quotes.fixes.push(Fix { title: "t".into(), edits, certain: true });
        let first = Diagnostic::new(&E0106, Span::new(file, 4, 7), "m").fix("t", Span::new(file, 4, 7), "!");
        assert_eq!(apply_fixes(&sources, std::slice::from_ref(&quotes))[0].text, "\"x\" y");
        assert_eq!(apply_fixes(&sources, &[first, quotes])[0].text, "“x! y");
    }
}
