//! What can be folded: blocks in brackets, runs of comments, runs of imports.

use crate::source::LineIndex;
use crate::syntax::{Kind, lex};

/// What a fold is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// A block.
    Block,
    /// Comments.
    Comment,
    /// Imports.
    Imports,
}

/// Lines from 0 that fold: first, last (still shown of a block: the one with the closing bracket), and what they are.
pub fn folds(text: &str) -> Vec<(u32, u32, Fold)> {
    let (lines, lexed) = (LineIndex::new(text), lex(text));
    let mut found = Vec::new();
    let mut open = Vec::new();
    for token in &lexed.tokens {
        match token.kind {
            Kind::Open(_) => open.push(token.start),
            Kind::Close(_) => {
                let from = open.pop().map(|start| lines.line(start));
                found.extend(from.map(|from| (from, lines.line(token.start).saturating_sub(1), Fold::Block)));
            }
            _ => {}
        }
    }
    found.extend(runs(lexed.comments.iter().map(|(a, b)| (lines.line(*a), lines.line(*b))), Fold::Comment));
    let imports = lexed.tokens.iter().filter(|token| token.first && token.text(text) == "import");
    found.extend(runs(imports.map(|token| (lines.line(token.start), lines.line(token.start))), Fold::Imports));
    found.retain(|(first, last, _)| last > first);
    found.sort_by_key(|(first, last, _)| (*first, *last));
    found.dedup_by_key(|(first, ..)| *first);
    found
}

/// Neighbouring lines as one.
fn runs(lines: impl Iterator<Item = (u32, u32)>, what: Fold) -> Vec<(u32, u32, Fold)> {
    let mut found: Vec<(u32, u32, Fold)> = Vec::new();
    for (first, last) in lines {
        match found.last_mut() {
            Some((_, end, _)) if *end + 1 >= first => *end = last,
            _ => found.push((first, last, what)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_comments_and_imports_fold() {
        let text = "// a\n// b\nimport \"x\"\nimport \"y\"\nA = system \"A\" {\n  B = service \"B\" {\n  }\n}\n}\n";
        let wanted = [(0, 1, Fold::Comment), (2, 3, Fold::Imports), (4, 6, Fold::Block)];
        assert_eq!(folds(text), wanted);
    }
}
