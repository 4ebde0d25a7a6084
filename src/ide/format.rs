//! Layout: of a whole file, of some of its lines, of the line that has just been ended.

use crate::source::LineIndex;
use crate::syntax;

/// A replacement: first byte, last byte, text.
pub type Edit = (u32, u32, String);

/// The changes that lay a file out, as few lines as possible; none of a text with errors.
pub fn whole(text: &str) -> Vec<Edit> {
    syntax::format(text).map(|formatted| differences(text, &formatted)).unwrap_or_default()
}

/// Those of them that touch the lines of a range of bytes.
pub fn range(text: &str, start: u32, end: u32) -> Vec<Edit> {
    let lines = LineIndex::new(text);
    let (first, last) = (lines.start(lines.line(start)), lines.line(end));
    let last = if (last as usize) + 1 < lines.len() { lines.start(last + 1) } else { text.len() as u32 };
    whole(text).into_iter().filter(|(from, to, _)| *from < last && *to > first).collect()
}

/// After a typed character: the indentation of its line. Works on texts with errors, as a text that is being written
/// has them.
pub fn on_type(text: &str, offset: u32) -> Vec<Edit> {
    let lines = LineIndex::new(text);
    let line = lines.line(offset.min(text.len() as u32));
    let start = lines.start(line) as usize;
    let rest = text[start..].lines().next().unwrap_or_default();
    let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let lexed = syntax::lex(text);
    let inside = |(a, b): &(u32, u32)| (*a as usize) < start && start < *b as usize;
    let in_text = lexed.tokens.iter().any(|t| t.kind == syntax::Kind::Text && inside(&(t.start, t.end)));
    if in_text || lexed.comments.iter().any(inside) {
        return Vec::new();
    }
    let wanted = "  ".repeat(depth(text, &lexed, start + indent));
    let current = &rest[..indent];
    if current == wanted { Vec::new() } else { vec![(start as u32, (start + indent) as u32, wanted)] }
}

/// How many lines have opened a bracket that is still open at `at`; a bracket that closes there does not count.
fn depth(text: &str, lexed: &syntax::Lexed, at: usize) -> usize {
    let mut open: Vec<usize> = Vec::new();
    let lines = LineIndex::new(text);
    for token in lexed.tokens.iter().take_while(|token| (token.start as usize) <= at) {
        match token.kind {
            syntax::Kind::Open(_) if (token.start as usize) < at => open.push(lines.line(token.start) as usize),
            syntax::Kind::Close(_) => drop(open.pop()),
            _ => {}
        }
    }
    open.dedup();
    open.len()
}

/// The changed lines between two texts, block by block.
fn differences(old: &str, new: &str) -> Vec<Edit> {
    let diff = similar::TextDiff::from_lines(old, new);
    let starts: Vec<usize> = std::iter::once(0)
        .chain(old.split_inclusive('\n').scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        }))
        .collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let changed = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    changed
        .map(|op| {
            let (old, new) = (op.old_range(), op.new_range());
            (starts[old.start] as u32, starts[old.end] as u32, new_lines[new].concat())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, edits: &[Edit]) -> String {
        let mut out = text.to_owned();
        for (start, end, new) in edits.iter().rev() {
            out.replace_range(*start as usize..*end as usize, new);
        }
        out
    }

    #[test]
    fn the_edits_make_what_the_formatter_makes() {
        let text = "A = system \"A\" {\n      B=service \"B\"\n  C = service \"C\"\n    D=service \"D\"\n}";
        assert_eq!(applied(text, &whole(text)), syntax::format(text).unwrap());
        let second = text.find("B=").unwrap() as u32;
        let some = applied(text, &range(text, second, second));
        assert!(some.contains("\n  B = service") && some.contains("\n    D=service"), "{some}");
        assert!(whole("A = {").is_empty());
    }

    #[test]
    fn a_new_line_is_indented_even_where_braces_are_missing() {
        let text = "A = system \"A\" {\nB = service \"B\" {\n";
        assert_eq!(applied(text, &on_type(text, text.len() as u32)), format!("{text}    "));
        let closing = "A = system \"A\" {\n    }";
        assert_eq!(applied(closing, &on_type(closing, closing.len() as u32)), "A = system \"A\" {\n}");
        let inside = "/* a\n   b\n*/";
        assert!(on_type(inside, 6).is_empty());
    }
}
