//! Words by what they mean, for highlighting.

use super::marks::{Sense, marks};
use super::world::View;
use crate::schema::{KindRole, Word, find_keyword};
use crate::syntax::{Kind, lex};

/// The classes of words, in the order of the legend that a client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// An element.
    Element,
    /// A source of traffic.
    Source,
    /// A kind.
    Kind,
    /// A tag.
    Tag,
    /// A behavior attribute, a knob or a setting.
    Property,
    /// A metric or a distribution.
    Function,
    /// A chaos verb.
    Verb,
    /// A parameter of a scenario.
    Parameter,
    /// A scenario, a version, a step or a place.
    Name,
    /// A keyword.
    Keyword,
    /// A text.
    Text,
    /// A number with its unit.
    Number,
    /// A comment.
    Comment,
    /// An arrow or a comparison.
    Operator,
}

/// The standard names of the classes, in the order of [`Class`].
pub const LEGEND: [&str; 14] = [
    "class",
    "interface",
    "type",
    "decorator",
    "property",
    "function",
    "macro",
    "parameter",
    "variable",
    "keyword",
    "string",
    "number",
    "comment",
    "operator",
];

/// One coloured range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Its class.
    pub class: Class,
    /// Whether it is a declaration.
    pub declares: bool,
}

/// The coloured ranges of a file, in order, without overlaps.
pub fn tokens(view: &View<'_>) -> Vec<Token> {
    let text = view.text();
    let lexed = lex(text);
    let lexical = lexed.tokens.iter().filter_map(|token| {
        let class = match token.kind {
            Kind::Text => Class::Text,
            Kind::Number => Class::Number,
            Kind::Arrow | Kind::Comparison | Kind::Range => Class::Operator,
            Kind::Word if find_keyword(token.text(text)).is_some() => Class::Keyword,
            _ => return None,
        };
        Some(Token { start: token.start, end: token.end, class, declares: false })
    });
    let comments = lexed.comments.iter().map(|(start, end)| Token {
        start: *start,
        end: *end,
        class: Class::Comment,
        declares: false,
    });
    let mut found: Vec<Token> = marked(view).into_iter().chain(lexical).chain(comments).collect();
    // What means something wins over what merely looks like something.
    found.sort_by_key(|token| token.start);
    found.dedup_by(|b, a| b.start < a.end);
    found
}

fn marked(view: &View<'_>) -> Vec<Token> {
    let Some(tree) = view.tree() else { return Vec::new() };
    let class = |sense: Sense| match sense {
        Sense::Symbol(id) => Some(match view.meaning()?.names.role(id) {
            KindRole::Source => Class::Source,
            KindRole::Other => Class::Name,
            KindRole::Station | KindRole::Queue | KindRole::External => Class::Element,
        }),
        Sense::Kind(..) | Sense::Word(Word::Kind(_)) => Some(Class::Kind),
        Sense::Tag => Some(Class::Tag),
        Sense::Word(Word::Attribute(_) | Word::Knob(_) | Word::Setting(_)) => Some(Class::Property),
        Sense::Word(Word::Metric(_) | Word::Distribution(_)) => Some(Class::Function),
        Sense::Word(Word::Verb(_)) => Some(Class::Verb),
        Sense::Param(_) => Some(Class::Parameter),
        Sense::Version(_) | Sense::Step(_) | Sense::Template(_) => Some(Class::Name),
        Sense::Import => None,
    };
    let declares = |sense: Sense, span: crate::source::Span| match sense {
        Sense::Symbol(id) => view.meaning().is_some_and(|meaning| meaning.names.get(id).span == span),
        Sense::Kind(declared, _) => declared == Some(span),
        Sense::Param(declared) | Sense::Version(declared) | Sense::Step(declared) => declared == span,
        _ => false,
    };
    let token = |mark: super::marks::Mark| {
        let (start, end) = (mark.span.start, mark.span.end);
        Some(Token { start, end, class: class(mark.sense)?, declares: declares(mark.sense, mark.span) })
    };
    marks(tree, view.meaning()).into_iter().filter_map(token).collect()
}
