//! Byte offsets to lines and columns, in characters for people and in UTF-16 units for editors.

/// A place for people: both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Where the lines of a text start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`.
    pub fn new(text: &str) -> Self {
        let count = text.bytes().filter(|byte| *byte == b'\n').count();
        let mut starts = Vec::with_capacity(count + 1);
        starts.push(0);
        starts.extend(text.match_indices('\n').map(|(at, _)| at as u32 + 1));
        Self { starts }
    }

    /// Line (from 0) that holds byte `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32 - 1
    }

    /// First byte of `line` (from 0); the text's last line start for a line beyond the end.
    pub fn start(&self, line: u32) -> u32 {
        let last = self.starts.len() - 1;
        self.starts[(line as usize).min(last)]
    }

    /// Number of lines; an empty text has one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never true: an empty text has one line.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Line and column of byte `offset` of `text`.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line(offset);
        let before = &text[self.start(line) as usize..floor_boundary(text, offset)];
        Position { line: line + 1, column: before.chars().count() as u32 + 1 }
    }

    /// Line and column from 0, the column in UTF-16 units, as language servers count.
    pub fn utf16(&self, text: &str, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let before = &text[self.start(line) as usize..floor_boundary(text, offset)];
        (line, before.encode_utf16().count() as u32)
    }

    /// The offset of a line and column from 0, the column in UTF-16 units: what lies behind the end of the line or of the
    /// text is its end, what lies inside a character is its start.
    pub fn offset_utf16(&self, text: &str, line: u32, column: u32) -> u32 {
        let (start, rest) = self.line_text(text, line);
        let mut units = 0;
        for (at, c) in rest.char_indices() {
            units += c.len_utf16() as u32;
            if units > column {
                return start + at as u32;
            }
        }
        start + rest.len() as u32
    }

    /// [`LineIndex::offset_utf16`] with the column in bytes.
    pub fn offset_utf8(&self, text: &str, line: u32, column: u32) -> u32 {
        let (start, rest) = self.line_text(text, line);
        start + floor_boundary(rest, column) as u32
    }

    /// Where a line starts, and its text without the line break; a line behind the last is the end of the text.
    fn line_text<'t>(&self, text: &'t str, line: u32) -> (u32, &'t str) {
        if line as usize >= self.starts.len() {
            return (text.len() as u32, "");
        }
        let start = self.start(line);
        let rest = text[start as usize..].split('\n').next().unwrap_or_default();
        (start, rest.strip_suffix('\r').unwrap_or(rest))
    }
}

/// The largest character boundary at or before `offset`.
fn floor_boundary(text: &str, offset: u32) -> usize {
    let mut at = (offset as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_for_people_and_utf16_units_for_editors() {
        let text = "a\nb😀c\n";
        let lines = LineIndex::new(text);
        let at_c = text.find('c').unwrap() as u32;
        assert_eq!(lines.position(text, at_c), Position { line: 2, column: 3 });
        assert_eq!(lines.utf16(text, at_c), (1, 3));
        assert_eq!(lines.position(text, text.len() as u32), Position { line: 3, column: 1 });
    }

    #[test]
    fn places_of_an_editor_become_offsets_however_wrong_they_are() {
        let text = "a\r\nb😀c\n";
        let lines = LineIndex::new(text);
        let at = |line, column| lines.offset_utf16(text, line, column) as usize;
        assert_eq!([at(1, 0), at(1, 1), at(1, 2), at(1, 3)], [3, 4, 4, 8]);
        assert_eq!([at(0, 99), at(1, 99), at(9, 0)], [1, 9, text.len()]);
        assert_eq!(lines.offset_utf8(text, 1, 3), 4);
    }
}
