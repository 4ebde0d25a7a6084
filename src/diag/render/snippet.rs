//! Windows of source text for miette.
//!
//! miette's own sources scan a text from its beginning for every label, which is slow for many
//! findings in a large file, and print lines of any length. Ours look lines up, cut long ones, and
//! show a text with terminal controls by a copy without them.

use super::plain::same_length;
use crate::source::{LineIndex, SourceFile, Span};
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::borrow::Cow;

/// Bytes of a line beyond which only the neighbourhood of the span is shown.
const LONG_LINE: usize = 160;
/// Bytes shown on either side of a span in a long line.
const NEIGHBOURHOOD: usize = 24;
/// Bytes of a span underlined in a long line.
const UNDERLINED: usize = 24;
/// Lines of a span beyond which only its first is shown.
const TALL_SPAN: u32 = 8;

/// One file, ready to be shown.
pub(super) struct Snippets<'a> {
    name: String,
    text: Cow<'a, str>,
    lines: Cow<'a, LineIndex>,
}

impl<'a> Snippets<'a> {
    pub(super) fn of(file: &'a SourceFile) -> Self {
        let mut text = same_length(&file.text);
        if !text.ends_with('\n') {
            text.to_mut().push('\n'); // miette shows a place only when its line has at least one byte
        }
        let lines = match &text {
            Cow::Borrowed(_) => Cow::Borrowed(&file.lines),
            Cow::Owned(text) => Cow::Owned(LineIndex::new(text)),
        };
        Self { name: super::plain_line(&file.name).into_owned(), text, lines }
    }

    /// What is underlined for `span`: all of it, unless it is too tall or too long to look at.
    pub(super) fn underlined(&self, span: Span) -> SourceSpan {
        let last_byte = self.text.len() - 1;
        let start = self.floor((span.start as usize).min(last_byte));
        let end = self.shown_end(start, (span.end as usize).clamp(start, last_byte));
        (start, end - start).into()
    }

    /// Characters before `span` on its line.
    pub(super) fn column(&self, span: SourceSpan) -> usize {
        self.lines.position(&self.text, span.offset() as u32).column as usize - 1
    }

    fn shown_end(&self, start: usize, end: usize) -> usize {
        let first = self.lines.line(start as u32);
        let is_tall = self.lines.line(end as u32) - first > TALL_SPAN;
        let end = if is_tall { self.end_of_line(first).max(start) } else { end };
        if self.is_long(first) { end.min(self.floor(start + UNDERLINED)) } else { end }
    }

    fn floor(&self, mut at: usize) -> usize {
        at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// Where `line` (from 0) ends, its break left out.
    fn end_of_line(&self, line: u32) -> usize {
        let next = self.after_line(line);
        self.text[..next].trim_end_matches(['\r', '\n']).len().max(self.lines.start(line) as usize)
    }

    /// The first byte behind `line` (from 0) and its break.
    fn after_line(&self, line: u32) -> usize {
        if line as usize + 1 < self.lines.len() { self.lines.start(line + 1) as usize } else { self.text.len() }
    }

    /// First line and bytes of a window around `start..end`.
    fn window(&self, start: usize, end: usize, before: u32, after: u32) -> (u32, usize, usize) {
        let (first, last) = (self.lines.line(start as u32), self.lines.line(end as u32));
        if self.is_long(first) || self.is_long(last) {
            let from = self.floor(start.saturating_sub(NEIGHBOURHOOD)).max(self.lines.start(first) as usize);
            let to = self.floor(end + NEIGHBOURHOOD).min(self.end_of_line(last)).max(end);
            return (first, from, to);
        }
        let top = Some(first.saturating_sub(before)).filter(|line| !self.is_long(*line)).unwrap_or(first);
        let bottom = (last + after).min(self.lines.len() as u32 - 1);
        let bottom = if self.is_long(bottom) { last } else { bottom };
        (top, self.lines.start(top) as usize, self.after_line(bottom))
    }

    fn is_long(&self, line: u32) -> bool {
        self.end_of_line(line) - self.lines.start(line) as usize > LONG_LINE
    }
}

impl SourceCode for Snippets<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        // Asked without context, miette wants the place itself: it stands in the snippet's heading.
        let (line, from, to) = match before {
            0 => (self.lines.line(start as u32), start, end),
            _ => self.window(start, end, before as u32, after as u32),
        };
        let column = self.lines.position(&self.text, from as u32).column as usize - 1;
        let data = &self.text.as_bytes()[from..to];
        let count = data.iter().filter(|b| **b == b'\n').count();
        let at = (from, to - from).into();
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, at, line as usize, column, count)))
    }
}
