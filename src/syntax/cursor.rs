//! A place among the tokens, and the small steps that every builder is made of.

use super::ast::{End, Ident, Path, Text};
use super::literal;
use super::token::{Bracket, Kind, Token};
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span, Spanned};
use std::collections::{BTreeSet, HashSet};

/// More diagnostics than this in one file help nobody.
const MAX_DIAGNOSTICS: usize = 500;

/// A place among balanced tokens, bounded by the end of the innermost open bracket.
pub struct Cursor<'t> {
    text: &'t str,
    file: FileId,
    tokens: &'t [Token],
    at: usize,
    end: usize,
    diagnostics: Vec<Diagnostic>,
    /// Kinds that the file declares itself.
    pub kinds: BTreeSet<&'t str>,
    /// Whether kinds may come from a file that is not the standard library.
    pub foreign_kinds: bool,
    /// Ids that the file assigns, collected when first asked for.
    assigned: Option<HashSet<&'t str>>,
}

impl<'t> Cursor<'t> {
    /// At the first of `tokens`.
    pub fn new(file: FileId, text: &'t str, tokens: &'t [Token]) -> Self {
        Self {
            text,
            file,
            tokens,
            at: 0,
            end: tokens.len(),
            diagnostics: Vec::new(),
            kinds: BTreeSet::new(),
            foreign_kinds: false,
            assigned: None,
        }
    }

    /// What was found wrong.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Says something about the text.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether the file somewhere says `word = …`.
    pub fn assigns(&mut self, word: &str) -> bool {
        let (tokens, text) = (self.tokens, self.text);
        let ids = self.assigned.get_or_insert_with(|| {
            let pairs = tokens.windows(2).filter(|pair| pair[0].kind == Kind::Word && pair[1].kind == Kind::Equals);
            pairs.map(|pair| pair[0].text(text)).collect()
        });
        ids.contains(word)
    }

    // ---- looking

    /// The token here.
    pub fn token(&self) -> Option<Token> {
        self.nth_token(0)
    }

    /// The token `n` further on.
    pub fn nth_token(&self, n: usize) -> Option<Token> {
        let at = self.at + n;
        (at < self.end).then(|| self.tokens[at])
    }

    /// The kind of the token here.
    pub fn kind(&self) -> Option<Kind> {
        self.nth(0)
    }

    /// The kind of the token `n` further on.
    pub fn nth(&self, n: usize) -> Option<Kind> {
        self.nth_token(n).map(|token| token.kind)
    }

    /// The text of the token here; empty at the end.
    pub fn word(&self) -> &'t str {
        self.nth_word(0)
    }

    /// The text of the token `n` further on; empty at the end.
    pub fn nth_word(&self, n: usize) -> &'t str {
        self.nth_token(n).map_or("", |token| token.text(self.text))
    }

    /// Whether a token of this kind stands here.
    pub fn is(&self, kind: Kind) -> bool {
        self.kind() == Some(kind)
    }

    /// Whether this word stands here.
    pub fn is_word(&self, word: &str) -> bool {
        self.is(Kind::Word) && self.word() == word
    }

    /// Whether this bracket opens here.
    pub fn opens(&self, bracket: Bracket) -> bool {
        self.is(Kind::Open(bracket))
    }

    /// Whether braces open here.
    pub fn opens_block(&self) -> bool {
        self.opens(Bracket::Brace)
    }

    /// Nothing is left before the bracket closes.
    pub fn is_done(&self) -> bool {
        self.at >= self.end
    }

    /// The token here stands on the line of the one before it.
    pub fn same_line(&self) -> bool {
        self.token().is_some_and(|token| !token.first)
    }

    /// The token `n` further on stands on the line of the one before it.
    pub fn nth_same_line(&self, n: usize) -> bool {
        self.nth_token(n).is_some_and(|token| !token.first)
    }

    /// No blank separates the token here from the one before it.
    pub fn touches_previous(&self) -> bool {
        self.at > 0 && self.token().is_some_and(|token| token.start == self.tokens[self.at - 1].end)
    }

    /// An arrow, sound or odd, stands `n` tokens further on.
    pub fn nth_is_arrow(&self, n: usize) -> bool {
        matches!(self.nth(n), Some(Kind::Arrow | Kind::OddArrow))
    }

    /// How many tokens further on the bracket that opens `n` tokens further on is left behind.
    pub fn nth_behind(&self, n: usize) -> usize {
        match self.nth_token(n) {
            Some(Token { kind: Kind::Open(_), mate, .. }) => mate as usize + 1 - self.at,
            _ => n + 1,
        }
    }

    /// The text of the token before this one; empty at the start.
    pub fn previous(&self) -> &'t str {
        self.at.checked_sub(1).map_or("", |at| self.tokens[at].text(self.text))
    }

    // ---- moving

    /// Steps over one token.
    pub fn bump(&mut self) {
        self.at = (self.at + 1).min(self.end);
    }

    /// Steps over one token, or over a bracket with all that is in it.
    pub fn skip(&mut self) {
        self.at = (self.at + self.nth_behind(0)).min(self.end);
    }

    /// Steps over a token of this kind, if one stands here.
    pub fn eat(&mut self, kind: Kind) -> bool {
        let found = self.is(kind);
        if found {
            self.bump();
        }
        found
    }

    /// Steps over this word, if it stands here.
    pub fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.bump();
        }
        found
    }

    /// Steps over this word, if it stands here on the same line.
    pub fn eat_word_beside(&mut self, word: &str) -> bool {
        self.same_line() && self.eat_word(word)
    }

    /// Steps over an optional `:` or `=`; says so when it is `:=`.
    pub fn eat_separator(&mut self) -> bool {
        if self.is(Kind::OddEquals) {
            let span = self.here();
            self.report(
                Diagnostic::new(&codes::E0101, span, "`:=` means nothing here")
                    .label("one sign too many")
                    .help("write `=`")
                    .fix("write `=`", span, "="),
            );
            self.bump();
            return true;
        }
        self.eat(Kind::Equals) || self.eat(Kind::Colon)
    }

    /// A separator stands `n` tokens further on.
    pub fn nth_is_separator(&self, n: usize) -> bool {
        matches!(self.nth(n), Some(Kind::Equals | Kind::Colon | Kind::OddEquals))
    }

    /// Steps over everything up to the next line or `;`, brackets as a whole.
    pub fn recover(&mut self) {
        self.skip();
        while !self.is_done() && self.same_line() && !self.is(Kind::Semicolon) {
            self.skip();
        }
    }

    /// Runs `f` inside the bracket that opens here, then stands behind it; what `f` leaves over is skipped.
    pub fn inside<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let Some(Token { kind: Kind::Open(_), mate, .. }) = self.token() else { return f(self) };
        let outer = std::mem::replace(&mut self.end, mate as usize);
        self.at += 1;
        let result = f(self);
        self.end = outer;
        self.at = (mate as usize + 1).min(outer);
        result
    }

    // ---- places

    /// The span of the token here; the empty place behind the last one at the end.
    pub fn here(&self) -> Span {
        self.token().map_or_else(|| self.behind(), |token| self.span_of(token))
    }

    /// The empty place behind the token before this one.
    pub fn behind(&self) -> Span {
        let end = if self.at == 0 { 0 } else { self.tokens[self.at - 1].end };
        Span { file: self.file, start: end, end }
    }

    /// Where `token` stands.
    pub fn span_of(&self, token: Token) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    /// A mark to measure from.
    pub fn mark(&self) -> usize {
        self.at
    }

    /// From the token at `mark` to the one before this.
    pub fn since(&self, mark: usize) -> Span {
        if self.at <= mark {
            return self.here();
        }
        let (first, last) = (self.tokens[mark], self.tokens[self.at - 1]);
        Span { file: self.file, start: first.start, end: last.end.max(first.end) }
    }

    /// The whole text.
    pub fn source(&self) -> &'t str {
        self.text
    }

    /// The text of a span of this file.
    pub fn slice(&self, span: Span) -> &'t str {
        &self.text[span.range()]
    }

    // ---- small constructs

    /// The token here as a word, whatever it is; steps over it.
    pub fn ident(&mut self) -> Ident {
        let ident = Spanned::new(self.word().to_owned(), self.here());
        self.bump();
        ident
    }

    /// A word, if one stands here.
    pub fn ident_if(&mut self) -> Option<Ident> {
        self.is(Kind::Word).then(|| self.ident())
    }

    /// A literal, if one stands here.
    pub fn text_if(&mut self) -> Option<Text> {
        let token = self.token().filter(|token| token.kind == Kind::Text)?;
        self.bump();
        Some(Spanned::new(literal::unquote(token.text(self.text)), self.span_of(token)))
    }

    /// A literal on the same line, if one stands here.
    pub fn text_beside(&mut self) -> Option<Text> {
        if self.same_line() { self.text_if() } else { None }
    }

    /// A literal or a word, if one stands here.
    pub fn text_or_word(&mut self) -> Option<Text> {
        self.text_if().or_else(|| self.ident_if())
    }

    /// A dotted name, if one stands here.
    pub fn path_if(&mut self) -> Option<Path> {
        let token = self.token().filter(|token| token.kind == Kind::Word)?;
        self.bump();
        Some(self.path_of(token))
    }

    /// The parts of a word.
    pub fn path_of(&self, token: Token) -> Path {
        let text = token.text(self.text);
        let span = self.span_of(token);
        if is_percentile(text) {
            return Path { parts: vec![Spanned::new(text.to_owned(), span)], span };
        }
        let mut start = token.start;
        // A list that grows by itself begins with room for four, and most names have one part.
        let mut parts = Vec::with_capacity(1 + text.matches('.').count());
        parts.extend(text.split('.').map(|part| {
            let end = start + part.len() as u32;
            let ident = Spanned::new(part.to_owned(), Span { file: span.file, start, end });
            start = end + 1;
            ident
        }));
        Path { parts, span }
    }

    /// The parts of a word that was read already.
    pub fn path_of_ident(&self, ident: &Ident) -> Path {
        let Span { start, end, .. } = ident.span;
        self.path_of(Token { kind: Kind::Word, first: false, start, end, mate: 0 })
    }

    /// One end of a relation, if one stands here.
    pub fn end_if(&mut self) -> Option<End> {
        self.path_if().map(End::Path).or_else(|| self.text_if().map(End::Text))
    }
}

/// `p99.9` is one name, not a path.
fn is_percentile(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix('p').and_then(|rest| rest.split_once('.')).is_some_and(|(a, b)| digits(a) && digits(b))
}
