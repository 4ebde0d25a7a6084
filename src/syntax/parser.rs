//! Text to tokens. pest lives here and nowhere else.
//!
//! The text is read in windows, so that the memory that pest needs for its own bookkeeping stays
//! small whatever the file is. A token that may go on behind its window is read again with the
//! next one, or with a larger one when it fills the window.

use super::token::{Bracket, Kind, Token};
use pest::Parser;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/sruja.pest"]
struct Grammar;

const WINDOW: usize = 16 * 1024;
/// No rule looks further than this behind the end of a token.
const LOOKAHEAD: usize = 8;

/// Something wrong with a single token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// A text that is never closed.
    OpenText,
    /// A text in the quotes of a word processor.
    OddText,
    /// A comment that is never closed.
    OpenComment,
}

/// The tokens of a text.
#[derive(Debug, Default)]
pub struct Lexed {
    /// Everything but comments.
    pub tokens: Vec<Token>,
    /// Comments, first to last byte.
    pub comments: Vec<(u32, u32)>,
    /// What is wrong with single tokens, first to last byte.
    pub slips: Vec<(Slip, u32, u32)>,
}

/// Reads all of `text`.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer { text, at: 0, last_end: 0, out: Lexed::default() };
    // One token takes about six bytes of text; growing the list step by step would copy it several times.
    lexer.out.tokens.reserve(text.len() / 6);
    let mut size = WINDOW;
    while lexer.at < text.len() {
        size = lexer.window(size);
    }
    lexer.out
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    last_end: usize,
    out: Lexed,
}

impl Lexer<'_> {
    /// Reads one window and gives the size of the next.
    fn window(&mut self, size: usize) -> usize {
        let (start, end) = (self.at, boundary(self.text, self.at.saturating_add(size)));
        let last = end == self.text.len();
        let Ok(mut pairs) = Grammar::parse(Rule::tokens, &self.text[start..end]) else {
            // The grammar takes any text; should that ever be wrong, one character is lost, not the file.
            self.at = boundary(self.text, start + 1).max(start + 1);
            return WINDOW;
        };
        let Some(root) = pairs.next() else { return WINDOW };
        for pair in root.into_inner() {
            let span = pair.as_span();
            let (from, to) = (start + span.start(), start + span.end());
            let rule = pair.as_rule();
            if !last && (to + LOOKAHEAD > end || matches!(rule, Rule::open_text | Rule::open_comment)) {
                self.at = from;
                return if from == start || to + LOOKAHEAD <= end { size.saturating_mul(2) } else { WINDOW };
            }
            if rule == Rule::open_comment {
                self.slip(Slip::OpenComment, from, to);
                self.at = self.text.len();
                return WINDOW;
            }
            self.token(rule, from, to);
        }
        self.at = end;
        WINDOW
    }

    fn token(&mut self, rule: Rule, from: usize, to: usize) {
        match rule {
            Rule::word => self.word(from, to),
            Rule::text => self.push(Kind::Text, from, to),
            Rule::number | Rule::odd_number => self.push(Kind::Number, from, to),
            Rule::comment => self.out.comments.push((from as u32, to as u32)),
            Rule::mark if &self.text[from..to] == "-" => self.dash(from, to),
            Rule::plain | Rule::mark => self.push(mark(&self.text[from..to]), from, to),
            Rule::odd_arrow => self.push(Kind::OddArrow, from, to),
            Rule::odd_equals => self.push(Kind::OddEquals, from, to),
            Rule::odd_text => {
                self.slip(Slip::OddText, from, to);
                self.push(Kind::Text, from, to);
            }
            Rule::open_text => self.open_text(from, to),
            Rule::other => self.push(Kind::Other, from, to),
            _ => {}
        }
    }

    /// A word; behind a word that ends with a dash, more of that word.
    fn word(&mut self, from: usize, to: usize) {
        match self.out.tokens.last_mut() {
            Some(last) if last.end as usize == from && last.kind == Kind::Word => {
                last.end = to as u32;
                self.last_end = to;
            }
            _ => self.push(Kind::Word, from, to),
        }
    }

    /// A dash: right behind a word, its end.
    fn dash(&mut self, from: usize, to: usize) {
        match self.out.tokens.last_mut() {
            Some(last) if last.end as usize == from && last.kind == Kind::Word && !self.text[to..].starts_with('>') => {
                last.end = to as u32;
                self.last_end = to;
            }
            _ => self.push(Kind::Minus, from, to),
        }
    }

    /// A text without its closing quote ends with its line; brackets at the end of that line were
    /// meant as brackets.
    fn open_text(&mut self, from: usize, to: usize) {
        let line = self.text[from..to].trim_end();
        let body = line.trim_end_matches(['{', '}', ']', ')', ' ', '\t', ',', ';']);
        // `"{` alone is all text: nothing would be left of it.
        let body =
            if body.len() <= 1 || !line[body.len()..].starts_with([' ', '\t', ']', ')', ',']) { line } else { body };
        self.slip(Slip::OpenText, from, from + body.len());
        self.push(Kind::Text, from, from + body.len());
        for (offset, mark_text) in line[body.len()..].char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let at = from + body.len() + offset;
            self.push(mark(mark_text.encode_utf8(&mut [0; 4])), at, at + 1);
        }
    }

    fn slip(&mut self, slip: Slip, from: usize, to: usize) {
        self.out.slips.push((slip, from as u32, to as u32));
    }

    fn push(&mut self, kind: Kind, from: usize, to: usize) {
        let gap = &self.text.as_bytes()[self.last_end..from];
        let first = self.out.tokens.is_empty() || gap.contains(&b'\n');
        self.last_end = to;
        self.out.tokens.push(Token { kind, first, start: from as u32, end: to as u32, mate: 0 });
    }
}

/// The first character boundary at or behind `at`.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

fn mark(text: &str) -> Kind {
    match text {
        "{" => Kind::Open(Bracket::Brace),
        "}" => Kind::Close(Bracket::Brace),
        "->" => Kind::Arrow,
        "=" => Kind::Equals,
        "[" => Kind::Open(Bracket::Square),
        "]" => Kind::Close(Bracket::Square),
        "(" => Kind::Open(Bracket::Round),
        ")" => Kind::Close(Bracket::Round),
        ":" => Kind::Colon,
        "," => Kind::Comma,
        ";" => Kind::Semicolon,
        "|" => Kind::Pipe,
        ".." | "..." => Kind::Range,
        "<" | "<=" | ">" | ">=" | "==" | "!=" => Kind::Comparison,
        "#" => Kind::Hash,
        "@" => Kind::At,
        "*" | "**" | ".*" | ".**" => Kind::Star,
        "+" => Kind::Plus,
        "-" => Kind::Minus,
        _ => Kind::Other,
    }
}
