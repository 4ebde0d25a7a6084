//! Tokens: what the grammar makes of a text, before statements are formed.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `Api`, `Shop.Api`: an identifier or several joined by dots.
    Word,
    /// A string literal, closed or not.
    Text,
    /// A number with its unit.
    Number,
    /// `->`.
    Arrow,
    /// `<-`, `=>` and the like: an arrow that means nothing.
    OddArrow,
    /// `..`.
    Range,
    /// `{`, `[` or `(`.
    Open(Bracket),
    /// `}`, `]` or `)`.
    Close(Bracket),
    /// `=`.
    Equals,
    /// `:=`.
    OddEquals,
    /// `:`.
    Colon,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// `|`.
    Pipe,
    /// `<`, `<=`, `>`, `>=`, `==`, `!=`.
    Comparison,
    /// `#`.
    Hash,
    /// `@`.
    At,
    /// `*`, `**`, `.*`, `.**`.
    Star,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// Any other character.
    Other,
}

/// The three pairs of brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bracket {
    /// `{ }`.
    Brace,
    /// `[ ]`.
    Square,
    /// `( )`.
    Round,
}

impl Bracket {
    /// As it opens.
    pub fn opening(self) -> char {
        match self {
            Self::Brace => '{',
            Self::Square => '[',
            Self::Round => '(',
        }
    }

    /// As it closes.
    pub fn closing(self) -> char {
        match self {
            Self::Brace => '}',
            Self::Square => ']',
            Self::Round => ')',
        }
    }
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Whether it is the first of its line.
    pub first: bool,
    /// First byte.
    pub start: u32,
    /// One past the last byte; equal to `start` for a closing bracket that was put in.
    pub end: u32,
    /// For a bracket: the index of its partner.
    pub mate: u32,
}

impl Token {
    /// As written in `text`.
    pub fn text(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}
