//! The formatter: tokens and comments in, the same tokens and comments out, laid out anew.
//!
//! Line breaks between statements are the writer's; blanks, indentation and the spelling of
//! aliases are ours. The result is read again and compared with what was read first; where the two
//! trees differ in more than places, the text is returned as it was.

use super::ast::File;
use super::parser::Lexed;
use super::spelling::{Spelling, spelling};
use super::token::{Bracket, Kind, Token};
use crate::diag::{Diagnostic, Severity};
use crate::source::{FileId, Span};
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};

/// `text` laid out, or what is wrong with it: a text with errors is not formatted.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (tree, lexed, found) = super::parse::read(FileId(0), text);
    if found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(found);
    }
    for rename in [true, false] {
        let mut expected = tree.clone();
        let mut how = spelling(&mut expected, rename);
        if !rename {
            how.aliases.clear();
        }
        let result = Layout::new(text, &lexed, &how).run();
        let (again, found) = super::parse(FileId(0), &result);
        if shape(&again) == shape(&expected) && !found.iter().any(|d| d.severity == Severity::Error) {
            return Ok(result);
        }
    }
    Ok(text.to_owned())
}

// ---- comparing trees

/// A fingerprint of a tree without its places.
fn shape(file: &File) -> u64 {
    let mut sink = Sink { hasher: DefaultHasher::new(), skipping: false };
    // Writing into a hasher cannot fail.
    let _ = write!(sink, "{:?}", file.items);
    sink.hasher.finish()
}

/// Hashes what is written into it, spans left out.
struct Sink {
    hasher: DefaultHasher,
    skipping: bool,
}

impl fmt::Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // `Debug` writes the name of a struct in one piece and a span has no braces inside.
        if self.skipping {
            self.skipping = !text.contains('}');
        } else if text == "Span" {
            self.skipping = true;
        } else {
            self.hasher.write(text.as_bytes());
        }
        Ok(())
    }
}

// ---- layout

/// A token or a comment.
#[derive(Clone, Copy)]
struct Piece {
    kind: Option<Kind>,
    start: usize,
    end: usize,
}

struct Layout<'t> {
    text: &'t str,
    pieces: Vec<Piece>,
    how: &'t Spelling,
    out: String,
    /// The lines on which the brackets that are open now were opened.
    open: Vec<usize>,
    line: usize,
}

impl<'t> Layout<'t> {
    fn new(text: &'t str, lexed: &Lexed, how: &'t Spelling) -> Self {
        let token =
            |token: &Token| Piece { kind: Some(token.kind), start: token.start as usize, end: token.end as usize };
        let comment = |(start, end): &(u32, u32)| Piece { kind: None, start: *start as usize, end: *end as usize };
        let mut pieces: Vec<Piece> = lexed.tokens.iter().map(token).chain(lexed.comments.iter().map(comment)).collect();
        pieces.sort_by_key(|piece| piece.start);
        Self { text, pieces, how, out: String::with_capacity(text.len()), open: Vec::new(), line: 0 }
    }

    fn run(mut self) -> String {
        let mut aliases = self.how.aliases.clone();
        aliases.sort_by_key(|(span, _)| span.start);
        let mut aliases = aliases.into_iter().peekable();
        for at in 0..self.pieces.len() {
            let piece = self.pieces[at];
            if let Some(Kind::Close(_)) = piece.kind {
                self.open.pop();
            }
            self.gap(at);
            if let Some(Kind::Open(_)) = piece.kind {
                self.open.push(self.line);
            }
            match aliases.next_if(|(span, _)| span.start as usize == piece.start) {
                Some((_, canonical)) => self.out.push_str(canonical),
                None => self.piece(piece),
            }
        }
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn piece(&mut self, piece: Piece) {
        let text = &self.text[piece.start..piece.end];
        if piece.kind.is_some() {
            self.out.push_str(text);
            return;
        }
        for (n, line) in text.lines().enumerate() {
            if n > 0 {
                self.out.push('\n');
            }
            self.out.push_str(line.trim_end());
        }
    }

    /// What stands before piece `at`: line breaks and indentation, a blank, or nothing.
    fn gap(&mut self, at: usize) {
        let Some(before) = at.checked_sub(1).map(|at| self.pieces[at]) else { return };
        let piece = self.pieces[at];
        let breaks = self.text[before.end..piece.start].matches('\n').count();
        if breaks > 0 {
            self.line += 1;
            self.out.push('\n');
            if breaks > 1 {
                self.out.push('\n');
            }
            self.indent();
        } else if self.blank(before, piece) {
            self.out.push(' ');
        }
    }

    /// Two blanks for each line that has opened a bracket.
    fn indent(&mut self) {
        let mut lines = self.open.clone();
        lines.dedup();
        self.out.extend(std::iter::repeat_n("  ", lines.len()));
    }

    /// Whether a blank stands between two pieces of one line.
    fn blank(&self, a: Piece, b: Piece) -> bool {
        let touch = a.end == b.start;
        let (Some(left), Some(right)) = (a.kind, b.kind) else { return true };
        match (left, right) {
            (Kind::Open(Bracket::Brace), Kind::Close(Bracket::Brace)) => false,
            (Kind::Open(Bracket::Brace), _) | (_, Kind::Close(Bracket::Brace)) => true,
            (Kind::Open(_), _) | (_, Kind::Close(_)) => false,
            (_, Kind::Comma | Kind::Semicolon) | (Kind::Hash | Kind::At, Kind::Word) => false,
            (_, Kind::Colon) => false,
            (Kind::Word, Kind::Open(Bracket::Round)) => is_operator(self.word(a)),
            (Kind::Arrow, _) => !self.is_tight(a),
            (_, Kind::Arrow) => !self.is_tight(b),
            (Kind::Range, Kind::Number) | (Kind::Number, Kind::Range) => !touch && !self.between_numbers(a, b),
            (Kind::Comparison, _) => self.compares(a) || !touch,
            (_, Kind::Comparison) => self.compares(b) || !touch,
            (Kind::Word | Kind::Number | Kind::Text, Kind::Word | Kind::Number | Kind::Text | Kind::Open(_)) => true,
            (Kind::Equals | Kind::Comma | Kind::Semicolon | Kind::Colon | Kind::Close(_), _) | (_, Kind::Equals) => {
                true
            }
            _ => !touch,
        }
    }

    fn word(&self, piece: Piece) -> &str {
        &self.text[piece.start..piece.end]
    }

    fn is_tight(&self, arrow: Piece) -> bool {
        let at = self.how.tight.partition_point(|span| span.start as usize <= arrow.start);
        at.checked_sub(1).is_some_and(|at| self.how.tight[at].end as usize >= arrow.end)
    }

    fn compares(&self, sign: Piece) -> bool {
        let place = |span: &Span| (span.start as usize).cmp(&sign.start);
        self.how.comparisons.binary_search_by(place).is_ok()
    }

    /// `100 .. 500` closes up; `#21 .. #42` is words to another tool.
    fn between_numbers(&self, a: Piece, b: Piece) -> bool {
        a.kind == Some(Kind::Number) || b.kind == Some(Kind::Number)
    }
}

/// Words before a parenthesis that are no functions.
fn is_operator(word: &str) -> bool {
    matches!(word, "not" | "and" | "or" | "when" | "expect" | "exclude" | "maximize" | "minimize" | "to")
}
