//! What stands around a cursor, read off the tokens: it holds for text that is being written and is no statement yet.

use crate::schema::{Where, find_attribute, find_kind, find_verb, group_of};
use crate::syntax::{Bracket, Kind, Lexed, Token, lex};

/// The braces around a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// `architecture { … }` and the like: as good as the file.
    Plain,
    /// An element, by its name.
    Element(String),
    /// `extend X { … }`.
    Extend(String),
    /// `behavior X { … }`.
    Behavior,
    /// `behavior A -> B { … }`, and a relation's own braces.
    Relation,
    /// `step A -> B { … }`.
    Step,
    /// The braces of an attribute: `retry 3 { … }`.
    Group(&'static str),
    /// A scenario.
    Scenario,
    /// A flow or a story.
    Flow,
    /// The changes of a version.
    Version,
    /// Anything else.
    Other(String),
}

/// A call that is open: `lognormal(` and how many arguments stand before the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What is called.
    pub name: String,
    /// Commas before the cursor.
    pub argument: usize,
}

/// What stands around a cursor.
#[derive(Debug)]
pub struct Context<'t> {
    text: &'t str,
    /// Blocks, outermost first.
    pub blocks: Vec<Block>,
    /// The tokens of the statement before the word at the cursor.
    pub before: Vec<Token>,
    /// The word that the cursor stands in or behind, up to the cursor; empty between words.
    pub word: &'t str,
    /// Where the word starts, and where it ends behind the cursor.
    pub span: (u32, u32),
    /// The text literal that the cursor is in: its content up to the cursor, and where that starts.
    pub literal: Option<(&'t str, u32)>,
    /// Whether the cursor is in a comment.
    pub in_comment: bool,
    /// The innermost call that is open.
    pub call: Option<Call>,
}

/// What stands around `offset`.
pub fn context(text: &str, offset: u32) -> Context<'_> {
    let lexed = lex(text);
    let offset = floor(text, offset);
    let behind = lexed.tokens.partition_point(|token| token.start < offset);
    let inside = behind.checked_sub(1).map(|n| lexed.tokens[n]).filter(|token| token.end >= offset);
    let word_token = inside.filter(|token| token.kind == Kind::Word);
    let start = word_token.map_or(offset, |token| token.start);
    // `Shop.` is a word and a point that begins nothing yet.
    let start = dotted_start(text, start, offset);
    let end = word_token.map_or(offset, |token| token.end.max(offset));
    let literal = inside.filter(|token| token.kind == Kind::Text && offset > token.start).and_then(|token| {
        let closed = token.end == offset && token.end - token.start >= 2 && ends_closed(token.text(text));
        (!closed).then(|| (&text[token.start as usize + 1..offset as usize], token.start + 1))
    });
    let edge = literal.map_or(start, |(_, start)| start - 1);
    let (blocks, before, call) = surroundings(text, &lexed, edge);
    Context {
        text,
        blocks,
        before,
        word: &text[start as usize..offset as usize],
        span: (start, end),
        literal,
        in_comment: in_comment(text, &lexed, offset),
        call,
    }
}

fn floor(text: &str, offset: u32) -> u32 {
    let mut at = (offset as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at as u32
}

/// The start of a dotted name that ends at `offset`: the lexer takes the point at its end for something else.
fn dotted_start(text: &str, start: u32, offset: u32) -> u32 {
    let head = &text[..start.min(offset) as usize];
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let tail = head.trim_end_matches(name);
    let word = &head[tail.len()..];
    if word.contains('.') && !word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        tail.len() as u32
    } else {
        start
    }
}

fn ends_closed(literal: &str) -> bool {
    let quote = literal.chars().next().unwrap_or('"');
    literal.ends_with(quote) && !literal.ends_with(&format!("\\{quote}"))
}

fn in_comment(text: &str, lexed: &Lexed, offset: u32) -> bool {
    let open = |(start, end): &(u32, u32)| {
        let is_line = text[*start as usize..].starts_with("//");
        *start < offset && (offset < *end || is_line && offset == *end)
    };
    lexed.comments.iter().any(open)
}

type Surroundings = (Vec<Block>, Vec<Token>, Option<Call>);

/// Blocks, the statement and the call that are open at `edge`.
fn surroundings(text: &str, lexed: &Lexed, edge: u32) -> Surroundings {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Vec<(Bracket, usize)> = Vec::new();
    let tokens = &lexed.tokens[..lexed.tokens.partition_point(|token| token.start < edge)];
    for (n, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open(bracket) => {
                if bracket == Bracket::Brace {
                    blocks.push(block(text, statement(&tokens[..n]), blocks.last()));
                }
                open.push((bracket, n));
            }
            Kind::Close(bracket) => {
                if let Some(at) = open.iter().rposition(|(known, _)| *known == bracket) {
                    let closed = open[at..].iter().filter(|(known, _)| *known == Bracket::Brace).count();
                    blocks.truncate(blocks.len() - closed);
                    open.truncate(at);
                }
            }
            _ => {}
        }
    }
    let call = open.last().filter(|(bracket, _)| *bracket == Bracket::Round).and_then(|(_, n)| call(text, tokens, *n));
    (blocks, statement(tokens).to_vec(), call)
}

fn call(text: &str, tokens: &[Token], open: usize) -> Option<Call> {
    let name = open.checked_sub(1).map(|n| tokens[n]).filter(|token| token.kind == Kind::Word)?;
    let argument = tokens[open..].iter().filter(|token| token.kind == Kind::Comma).count();
    Some(Call { name: name.text(text).to_owned(), argument })
}

/// The tokens of the statement that ends here: from the first of its line, or from the brace before it. A line that
/// goes on from the one above (it begins with an arrow, or that one ends with one) belongs to it.
fn statement(tokens: &[Token]) -> &[Token] {
    let mut depth = 0usize;
    for n in (0..tokens.len()).rev() {
        match tokens[n].kind {
            Kind::Close(_) => depth += 1,
            Kind::Open(Bracket::Brace) if depth == 0 => return &tokens[n + 1..],
            Kind::Open(_) => depth = depth.saturating_sub(1),
            Kind::Semicolon if depth == 0 => return &tokens[n + 1..],
            _ => {}
        }
        let goes_on = |token: &Token| matches!(token.kind, Kind::Arrow | Kind::Equals | Kind::Comma);
        let joined = goes_on(&tokens[n]) || n > 0 && goes_on(&tokens[n - 1]);
        if depth == 0 && tokens[n].first && !joined {
            return &tokens[n..];
        }
    }
    tokens
}

/// What the braces behind these tokens are.
fn block(text: &str, head: &[Token], outer: Option<&Block>) -> Block {
    let word = |n: usize| head.get(n).filter(|token| token.kind == Kind::Word).map(|token| token.text(text));
    let has_arrow = head.iter().any(|token| token.kind == Kind::Arrow);
    let in_behavior = matches!(outer, Some(Block::Behavior | Block::Relation | Block::Step | Block::Group(_)));
    if in_behavior {
        return group(text, head).map_or(Block::Other(String::new()), Block::Group);
    }
    let assigned = head.get(1).is_some_and(|token| token.kind == Kind::Equals);
    match word(0) {
        Some("behavior") if has_arrow => Block::Relation,
        Some("behavior") => Block::Behavior,
        Some("scenario") if !assigned => Block::Scenario,
        Some("flow" | "story") if !assigned => Block::Flow,
        Some("step") => Block::Step,
        Some("version") => Block::Version,
        Some("extend") => Block::Extend(word(1).unwrap_or_default().to_owned()),
        Some("architecture" | "model" | "specification" | "library") => Block::Plain,
        Some(first) if matches!(outer, Some(Block::Scenario)) => scenario_block(text, head, first),
        Some("scale") => Block::Group("scale"),
        _ if has_arrow && matches!(outer, Some(Block::Flow)) => Block::Step,
        _ if has_arrow => Block::Relation,
        Some(name) if assigned => match word(2) {
            Some("feedback" | "causal_loop" | "deployment" | "node") => Block::Other(name.to_owned()),
            _ => Block::Element(name.to_owned()),
        },
        Some(kind) if find_kind(kind).is_some() || head.len() > 1 => match word(1) {
            Some(name) => Block::Element(name.to_owned()),
            None => Block::Other(kind.to_owned()),
        },
        Some(other) => Block::Other(other.to_owned()),
        None => Block::Other(String::new()),
    }
}

/// `zip { … }` takes assignments, `deploy X { … }` attributes.
fn scenario_block(text: &str, head: &[Token], first: &str) -> Block {
    let deploys = head.iter().any(|token| find_verb(token.text(text)).is_some_and(|verb| verb.name == "deploy"));
    match first {
        "zip" => Block::Scenario,
        _ if deploys => Block::Behavior,
        other => Block::Other(other.to_owned()),
    }
}

/// The attribute in whose braces one stands: the nearest before them that has members.
fn group(text: &str, head: &[Token]) -> Option<&'static str> {
    head.iter().rev().take(6).filter(|token| token.kind == Kind::Word).find_map(|token| {
        let row = find_attribute(None, token.text(text))?;
        group_of(row.name).next().map(|_| row.name)
    })
}

impl Context<'_> {
    /// The innermost block.
    pub fn block(&self) -> Option<&Block> {
        self.blocks.last()
    }

    /// Where statements of this block stand; none inside attributes.
    pub fn place(&self) -> Option<Where> {
        match self.block() {
            None | Some(Block::Plain) => Some(Where::Top),
            Some(Block::Element(_) | Block::Extend(_)) => Some(Where::Element),
            Some(Block::Scenario) => Some(Where::Scenario),
            Some(Block::Flow) => Some(Where::Flow),
            Some(Block::Version) => Some(Where::Version),
            Some(Block::Behavior | Block::Relation | Block::Step | Block::Group(_) | Block::Other(_)) => None,
        }
    }

    /// The dotted path of the elements around.
    pub fn scope(&self) -> String {
        let named = self.blocks.iter().filter_map(|block| match block {
            Block::Element(name) | Block::Extend(name) => Some(name.as_str()),
            _ => None,
        });
        named.collect::<Vec<_>>().join(".")
    }

    /// The texts of the tokens before the word.
    pub fn words(&self) -> Vec<&str> {
        self.before.iter().map(|token| token.text(self.text)).collect()
    }

    /// The last token before the word.
    pub fn previous(&self) -> Option<(Kind, &str)> {
        self.before.last().map(|token| (token.kind, token.text(self.text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(marked: &str) -> (Vec<Block>, String, Vec<String>) {
        let offset = marked.find("$0").unwrap() as u32;
        let text = marked.replace("$0", "");
        let found = context(&text, offset);
        (found.blocks.clone(), found.word.to_owned(), found.words().iter().map(|w| (*w).to_owned()).collect())
    }

    #[test]
    fn blocks_are_known_by_their_heads() {
        let element = || Block::Element("A".into());
        assert_eq!(at("A = system \"A\" {\n  se$0"), (vec![element()], "se".into(), vec![]));
        assert_eq!(at("service A \"x\" { behavior { $0 } }").0, [element(), Block::Behavior]);
        assert_eq!(at("behavior A -> B { retry 3 { $0").0, [Block::Relation, Block::Group("retry")]);
        assert_eq!(at("A -> B \"x\" { timeout 5ms retry 2 { ba$0 } }").0, [Block::Relation, Block::Group("retry")]);
        assert_eq!(at("scenario S \"x\" { at 5s kill $0").2, ["at", "5s", "kill"]);
        assert_eq!(at("flow F \"x\" { step A -> B { $0").0, [Block::Flow, Block::Step]);
        assert_eq!(at("A = system \"A\" { }\n$0").0, []);
    }

    #[test]
    fn a_dotted_word_is_one_even_when_its_end_is_missing() {
        assert_eq!(at("expect p95(Shop.$0").1, "Shop.");
        assert_eq!(at("scenario S { Shop.Api.$0 }").1, "Shop.Api.");
        assert_eq!(at("x 10.$0").1, "");
        assert_eq!(at("A -> Sh$0op.Api").1, "Sh");
    }

    #[test]
    fn texts_comments_and_calls_are_seen() {
        let text = "A = x \"one\" // two\nservice_time lognormal(5ms, ";
        assert_eq!(context(text, 9).literal, Some(("on", 7)));
        assert_eq!(context(text, 11).literal, None);
        assert!(context(text, 16).in_comment && !context(text, 5).in_comment);
        let call = context(text, text.len() as u32).call.unwrap();
        assert_eq!((call.name.as_str(), call.argument), ("lognormal", 1));
    }
}
