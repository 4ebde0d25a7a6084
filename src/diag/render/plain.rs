//! Takes the power out of text that came from the user.
//!
//! A file name or a string literal may hold terminal escape sequences or bidirectional controls;
//! printed as they are, they could repaint the screen or hide what the text says.

use std::borrow::Cow;

/// `text` on one line: controls and line breaks are written out as `\u{1b}`.
pub fn plain_line(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_hidden(c) || c == '\n')
}

/// `text` with its line breaks; other controls are written out as `\u{1b}`.
pub fn plain_lines(text: &str) -> Cow<'_, str> {
    escape(text, is_hidden)
}

fn escape(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// `text` with every control replaced by a sign of the same number of bytes, so that offsets stay.
pub(super) fn same_length(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(may_be_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_line_break = c == '\r' && chars.peek() == Some(&'\n');
        out.push(if is_hidden(c) && !is_line_break { stand_in(c) } else { c });
    }
    Cow::Owned(out)
}

/// Whether a hidden character may begin with this byte of UTF-8: most texts have none of them.
fn may_be_hidden(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\n' | b'\t')) || matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe2)
}

fn stand_in(c: char) -> char {
    match c.len_utf8() {
        1 => '?',
        2 => '·',
        _ => '\u{fffd}',
    }
}

/// Characters that act on a terminal, or change the order of what is read, instead of showing.
fn is_hidden(c: char) -> bool {
    let control = c.is_control() && c != '\n' && c != '\t';
    control || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_written_out() {
        assert_eq!(plain_line("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\u{a}c");
        assert_eq!(plain_lines("a\nb\u{9b}1m"), "a\nb\\u{9b}1m");
        assert!(matches!(plain_line("größe\t→"), Cow::Borrowed(_)));
    }

    #[test]
    fn replaced_controls_keep_every_offset() {
        let text = "a\u{1b}[0m\r\n\u{9b}x\u{202e}\ry\u{61c}";
        let clean = same_length(text);
        assert_eq!(clean.len(), text.len());
        assert!(matches!(same_length("größe\t\n"), Cow::Borrowed(_)));
        assert_eq!(clean, "a?[0m\r\n·x\u{fffd}?y·");
    }
}
