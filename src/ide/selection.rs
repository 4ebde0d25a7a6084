//! What a selection grows to: the word, its line's part, the brackets around it, the whole file.

use crate::syntax::{Kind, lex};

/// Ranges around an offset, from the narrowest to the whole text, each inside the next.
pub fn ranges(text: &str, offset: u32) -> Vec<(u32, u32)> {
    let lexed = lex(text);
    let whole = (0, text.len() as u32);
    let mut found = vec![whole];
    let mut open = Vec::new();
    for token in &lexed.tokens {
        match token.kind {
            Kind::Open(_) => open.push(*token),
            Kind::Close(_) => {
                let Some(start) = open.pop() else { continue };
                found.push((start.start, token.end));
                found.push((start.end, token.start));
                // The statement that the block belongs to: from the first token of its line.
                let line = lexed.tokens[..].partition_point(|known| known.start <= start.start);
                let first = lexed.tokens[..line].iter().rev().find(|known| known.first);
                found.extend(first.map(|first| (first.start, token.end)));
            }
            _ => {}
        }
    }
    found.extend(line(text, offset));
    let comments = lexed.comments.iter().copied();
    found.extend(lexed.tokens.iter().map(|token| (token.start, token.end)).chain(comments));
    found.retain(|(start, end)| *start <= offset && offset <= *end && start < end || (*start, *end) == whole);
    found.sort_by_key(|(start, end)| (end - start, *start));
    found.dedup();
    // What crosses a wider one is left out, so that each lies in the next.
    let mut nested: Vec<(u32, u32)> = Vec::new();
    for range in found {
        if nested.last().is_none_or(|inner| range.0 <= inner.0 && inner.1 <= range.1) {
            nested.push(range);
        }
    }
    nested
}

/// The line without its indentation.
fn line(text: &str, offset: u32) -> Option<(u32, u32)> {
    let at = offset as usize;
    let start = text.get(..at)?.rfind('\n').map_or(0, |n| n + 1);
    let end = text.get(at..)?.find('\n').map_or(text.len(), |n| at + n);
    let trimmed = text.get(start..end)?.trim();
    let start = start + text.get(start..end)?.find(trimmed)?;
    Some((start as u32, (start + trimmed.len()) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_grows_from_the_word_to_the_file() {
        let text = "A = system \"A\" {\n  B = service \"B\"\n}\n";
        let at = text.find("service").unwrap() as u32;
        let shown: Vec<&str> = ranges(text, at).iter().map(|(a, b)| &text[*a as usize..*b as usize]).collect();
        assert_eq!(shown[..2], ["service", "B = service \"B\""]);
        assert_eq!(shown[2], "\n  B = service \"B\"\n");
        assert_eq!(shown.last(), Some(&text));
        assert!(ranges("", 0).len() == 1 && ranges("a", 9).len() == 1);
    }
}
