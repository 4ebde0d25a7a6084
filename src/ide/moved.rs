//! Where places of an older text lie in a newer one.

/// The way from one text to another, seen as a single edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Bytes that both begin with.
    before: u32,
    /// Where the text behind the edit begins in the older one, and in the newer one.
    behind: (u32, u32),
}

impl Moved {
    /// From `old` to `new`: what both begin and end with has not been edited.
    pub fn between(old: &str, new: &str) -> Self {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let (old_rest, new_rest) = (&old[before..], &new[before..]);
        let after = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
        Self { before: before as u32, behind: ((old.len() - after) as u32, (new.len() - after) as u32) }
    }

    /// A span of the older text in the newer one; none where it was edited.
    pub fn span(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let (old, new) = self.behind;
        if end <= self.before {
            Some((start, end))
        } else if start >= old {
            Some((start - old + new, end - old + new))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_move_with_their_text() {
        let moved = Moved::between("one two three", "one 2 and three");
        assert_eq!(moved.span(0, 3), Some((0, 3)));
        assert_eq!(moved.span(4, 7), None);
        assert_eq!(moved.span(8, 13), Some((10, 15)));
        assert_eq!(Moved::between("aaa", "aaaa").span(0, 3), Some((0, 3)));
        assert_eq!(Moved::between("same", "same").span(1, 3), Some((1, 3)));
    }

    proptest! {
        #[test]
        fn what_has_moved_reads_the_same(old in "[ab\n]{0,12}", new in "[ab\n]{0,12}", at in 0..12usize, len in 0..4usize) {
            let end = (at + len).min(old.len());
            let start = at.min(end);
            if let Some((a, b)) = Moved::between(&old, &new).span(start as u32, end as u32) {
                prop_assert_eq!(&old[start..end], &new[a as usize..b as usize]);
            }
        }
    }
}
