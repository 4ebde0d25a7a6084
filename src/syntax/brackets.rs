//! Brackets: every opening one gets its closing one.
//!
//! Where the text is balanced that is all. Where it is not, indentation tells where a block was
//! meant to end: closing brackets are put in and left out, so that whatever reads the tokens
//! afterwards finds them balanced, and each mistake gets one diagnostic.

use super::token::{Bracket, Kind, Token};
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};

/// More complaints about brackets than this in one file help nobody.
const MAX_COMPLAINTS: usize = 100;
/// Nesting deeper than this is refused.
pub const MAX_DEPTH: usize = 128;

/// Balances `tokens` and sets their mates; `false` when they are nested too deep to go on.
pub fn balance(file: FileId, text: &str, tokens: &mut Vec<Token>, cut_off: bool, out: &mut Vec<Diagnostic>) -> bool {
    let found = survey(tokens);
    if let Some(deep) = found.too_deep {
        out.push(too_deep(span(file, tokens[deep])));
        return false;
    }
    if !found.open.is_empty() || !found.stray.is_empty() {
        let mut repair = Repair { file, text, tokens, out, mute: cut_off };
        let mended = repair.run(&found);
        *tokens = mended;
    }
    join(tokens);
    true
}

fn span(file: FileId, token: Token) -> Span {
    Span { file, start: token.start, end: token.end }
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0107, span, format!("brackets are nested more than {MAX_DEPTH} deep"))
        .label("this one is too deep")
        .help("split the file, or look at the program that wrote it: no architecture needs that")
}

/// What plain matching finds.
#[derive(Default)]
struct Survey {
    open: Vec<usize>,
    stray: Vec<usize>,
    too_deep: Option<usize>,
}

fn survey(tokens: &[Token]) -> Survey {
    let mut found = Survey::default();
    let mut stack: Vec<(Bracket, usize)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open(bracket) => {
                stack.push((bracket, at));
                if stack.len() > MAX_DEPTH {
                    found.too_deep = Some(at);
                    return found;
                }
            }
            Kind::Close(bracket) => match stack.iter().rposition(|(open, _)| *open == bracket) {
                Some(depth) => {
                    found.open.extend(stack.drain(depth + 1..).map(|(_, at)| at));
                    stack.pop();
                }
                None => found.stray.push(at),
            },
            _ => {}
        }
    }
    found.open.extend(stack.into_iter().map(|(_, at)| at));
    found
}

/// Sets the mates of balanced tokens.
fn join(tokens: &mut [Token]) {
    let mut stack: Vec<usize> = Vec::new();
    for at in 0..tokens.len() {
        match tokens[at].kind {
            Kind::Open(_) => stack.push(at),
            Kind::Close(_) => {
                if let Some(open) = stack.pop() {
                    tokens[open].mate = at as u32;
                    tokens[at].mate = open as u32;
                }
            }
            _ => {}
        }
    }
}

struct Repair<'a> {
    file: FileId,
    text: &'a str,
    tokens: &'a [Token],
    out: &'a mut Vec<Diagnostic>,
    mute: bool,
}

/// An opening bracket that waits for its closing one: where, and the indentation of its line.
#[derive(Clone, Copy)]
struct Waiting {
    bracket: Bracket,
    at: usize,
    indent: usize,
}

impl Repair<'_> {
    fn run(&mut self, found: &Survey) -> Vec<Token> {
        let mut missing = found.open.iter().filter(|at| self.is_brace(**at)).count();
        let mut extra = found.stray.iter().filter(|at| self.is_brace(**at)).count();
        let mut flat: Vec<usize> = found.open.iter().copied().filter(|at| !self.is_brace(*at)).collect();
        flat.sort_unstable();
        let mut result: Vec<Token> = Vec::with_capacity(self.tokens.len() + found.open.len());
        let mut stack: Vec<Waiting> = Vec::new();
        let mut line_indent = 0;
        for at in 0..self.tokens.len() {
            let token = self.tokens[at];
            let new_line = token.first;
            if new_line {
                line_indent = self.indent(token);
                self.end_lists(&mut stack, &flat, at, &mut result);
            }
            match token.kind {
                Kind::Open(bracket) => {
                    if new_line && bracket == Bracket::Brace {
                        line_indent = line_indent.max(self.indent(token));
                    }
                    self.end_blocks(&mut stack, &mut missing, at, line_indent, &mut result);
                    stack.push(Waiting { bracket, at, indent: line_indent });
                    result.push(token);
                }
                Kind::Close(bracket) => {
                    self.close(bracket, at, line_indent, &mut stack, (&mut missing, &mut extra), &mut result);
                }
                _ => {
                    self.end_blocks(&mut stack, &mut missing, at, line_indent, &mut result);
                    result.push(token);
                }
            }
        }
        while let Some(open) = stack.pop() {
            self.never_closed(open, self.tokens.len(), &mut result);
        }
        result
    }

    fn is_brace(&self, at: usize) -> bool {
        matches!(self.tokens[at].kind, Kind::Open(Bracket::Brace) | Kind::Close(Bracket::Brace))
    }

    /// Blanks before the first token of a line, a tab as wide as a blank.
    fn indent(&self, token: Token) -> usize {
        let before = &self.text.as_bytes()[..token.start as usize];
        before.iter().rev().take(512).take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    /// A line that starts no further right than the line of an open block does not belong to it.
    fn end_blocks(
        &mut self,
        stack: &mut Vec<Waiting>,
        missing: &mut usize,
        at: usize,
        indent: usize,
        result: &mut Vec<Token>,
    ) {
        if !self.tokens[at].first {
            return;
        }
        while let Some(open) = stack.last().copied() {
            if *missing == 0 || open.bracket != Bracket::Brace || open.indent < indent || self.opens_here(open, at) {
                return;
            }
            *missing -= 1;
            stack.pop();
            self.never_closed(open, at, result);
        }
    }

    /// `{` alone on the line below its head is indented like the head; its first line may be too.
    fn opens_here(&self, open: Waiting, at: usize) -> bool {
        open.at + 1 == at && self.tokens[open.at].first
    }

    /// A list that is never closed ends with the line that it starts on, or with its last comma.
    fn end_lists(&mut self, stack: &mut Vec<Waiting>, flat: &[usize], at: usize, result: &mut Vec<Token>) {
        while let Some(open) = stack.last().copied() {
            let goes_on = at > 0 && matches!(self.tokens[at - 1].kind, Kind::Comma | Kind::Open(_));
            if flat.binary_search(&open.at).is_err() || goes_on {
                return;
            }
            stack.pop();
            self.never_closed(open, at, result);
        }
    }

    fn close(
        &mut self,
        bracket: Bracket,
        at: usize,
        indent: usize,
        stack: &mut Vec<Waiting>,
        (missing, extra): (&mut usize, &mut usize),
        result: &mut Vec<Token>,
    ) {
        let token = self.tokens[at];
        let Some(depth) = stack.iter().rposition(|open| open.bracket == bracket) else {
            return self.closes_nothing(at);
        };
        for open in stack.drain(depth + 1..).rev().collect::<Vec<_>>() {
            *missing = missing.saturating_sub(usize::from(open.bracket == Bracket::Brace));
            self.never_closed(open, at, result);
        }
        if bracket == Bracket::Brace && token.first {
            while *missing > 0 && stack.len() > 1 && stack.last().is_some_and(|open| open.indent > indent) {
                if let Some(open) = stack.pop() {
                    *missing -= 1;
                    self.never_closed(open, at, result);
                }
            }
            let further_right = stack.last().is_some_and(|open| open.indent < indent);
            if *extra > 0 && further_right {
                *extra -= 1;
                return self.closes_nothing(at);
            }
        }
        stack.pop();
        result.push(token);
    }

    fn closes_nothing(&mut self, at: usize) {
        let token = self.tokens[at];
        if self.out.len() >= MAX_COMPLAINTS {
            return;
        }
        let sign = token.text(self.text);
        let place = span(self.file, token);
        self.out.push(
            Diagnostic::new(&codes::E0103, place, format!("`{sign}` closes nothing"))
                .label("nothing is open here")
                .help("remove it, or add the bracket that it should close")
                .suggest(format!("remove `{sign}`"), place, ""),
        );
    }

    fn never_closed(&mut self, open: Waiting, before: usize, result: &mut Vec<Token>) {
        let end = result.last().map_or(0, |token| token.end);
        let (opening, closing) = (open.bracket.opening(), open.bracket.closing());
        let guess = Span { file: self.file, start: end, end };
        if !self.mute && self.out.len() < MAX_COMPLAINTS {
            let whole = open.bracket == Bracket::Brace;
            let end_of_file = before == self.tokens.len();
            let inserted = if whole && before < self.tokens.len() {
                format!("\n{}{closing}", " ".repeat(open.indent))
            } else {
                closing.to_string()
            };
            let inserted =
                if whole && end_of_file { format!("\n{}{closing}", " ".repeat(open.indent)) } else { inserted };
            self.out.push(
                Diagnostic::new(
                    &codes::E0102,
                    span(self.file, self.tokens[open.at]),
                    format!("this `{opening}` is never closed"),
                )
                .label("opened here")
                .help(format!("add the missing `{closing}`"))
                .related(guess, "it was probably meant to end here")
                .suggest(format!("add `{closing}`"), guess, inserted),
            );
        }
        result.push(Token { kind: Kind::Close(open.bracket), first: false, start: end, end, mate: 0 });
    }
}
