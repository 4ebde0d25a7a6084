//! What stands at the top level, in wrappers and in elements: deciding what a statement is.

use super::{
    behavior, deployment, element, feedback, import, opaque, relation, scenario, search, slo, typo, version, wrapper,
};
use crate::diag::{Diagnostic, codes};
use crate::schema::{KindRole, find_kind};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{End, Ident, Item, Relation};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// Where items stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The file itself, or a wrapper that is as good as the file.
    Top,
    /// The braces of an element.
    Element,
    /// `specification { … }`.
    Specification,
    /// `views { … }`, where nothing means anything to this tool.
    Views,
}

/// Every item up to the end of the braces.
pub fn items(c: &mut Cursor<'_>, place: Place) -> Vec<Item> {
    // Most elements hold one or two items.
    let mut found = Vec::with_capacity(2);
    while !c.is_done() {
        if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
            continue;
        }
        let mark = c.mark();
        found.push(item(c, place).unwrap_or_else(|| Item::Error(c.since(mark))));
        debug_assert!(c.mark() > mark, "every item takes at least one token");
    }
    found.shrink_to_fit();
    found
}

/// The item that stands here; `None` when it could not be read (and was complained about).
pub fn item(c: &mut Cursor<'_>, place: Place) -> Option<Item> {
    match c.kind()? {
        Kind::Word | Kind::Text if relation::starts(c) => {
            relation::relation(c).map(|relation| Item::Relation(Box::new(relation)))
        }
        Kind::Word if c.nth_is_separator(1) && !element::starts_field(c) => assignment(c, place),
        Kind::Word => keyword(c, place),
        Kind::At if c.nth(1) == Some(Kind::Word) => Some(annotation(c)),
        _ => unexpected(c),
    }
}

fn unexpected(c: &mut Cursor<'_>) -> Option<Item> {
    let (span, word) = (c.here(), shown(c.word()));
    c.report(
        Diagnostic::new(&codes::E0101, span, format!("`{word}` begins no statement"))
            .label("not expected here")
            .help("a statement begins with a name, such as `Api = container \"API\"` or `A -> B`"),
    );
    c.recover();
    None
}

/// A token as shown in a message: its first line, shortened.
pub fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.chars().count() > 40 {
        format!("{}…", line.chars().take(40).collect::<String>())
    } else {
        line.to_owned()
    }
}

/// `@version("1.0.0")`: an old form.
fn annotation(c: &mut Cursor<'_>) -> Item {
    let mark = c.mark();
    c.bump();
    let keyword = c.ident();
    if c.opens(Bracket::Round) && c.same_line() {
        c.skip();
    }
    let span = c.since(mark);
    c.report(
        Diagnostic::new(&codes::W1002, span, "annotations mean nothing to this tool")
            .label("kept, but ignored")
            .help(format!("write `{} \"…\"` in the braces of the element", keyword.value)),
    );
    Item::Opaque(crate::syntax::ast::Opaque { keyword, id: None, title: None, known: true, span }.into())
}

// ---- `X = …`

fn assignment(c: &mut Cursor<'_>, place: Place) -> Option<Item> {
    let mark = c.mark();
    let id = c.ident();
    let sign = c.here();
    c.eat_separator();
    // The next line says `Y = …` or `Y -> …`: that is no value of this one.
    let next_statement = !c.same_line() && (c.nth_is_separator(1) || c.nth_is_arrow(1));
    match c.kind().filter(|_| !next_statement) {
        Some(Kind::Word) if is_relation(c, &id) => Some(Item::Relation(Box::new(equals_for_arrow(c, mark, id, sign)))),
        Some(Kind::Word) => Some(assigned(c, place, mark, id)),
        Some(Kind::Open(Bracket::Square)) => {
            c.skip();
            let keyword = id;
            Some(Item::Opaque(
                crate::syntax::ast::Opaque { keyword, id: None, title: None, known: true, span: c.since(mark) }.into(),
            ))
        }
        _ => {
            let next = if next_statement { String::new() } else { shown(c.word()) };
            let diagnostic = if next.is_empty() {
                Diagnostic::new(&codes::E0111, sign, format!("`{} =` has no value", id.value))
            } else {
                Diagnostic::new(&codes::E0111, sign, format!("`{} =` needs a kind before {next}", id.value))
            };
            c.report(
                diagnostic.label("a kind is missing behind this").help(format!("write `{} = system \"…\"`", id.value)),
            );
            if c.same_line() {
                c.recover();
            }
            None
        }
    }
}

/// `A = B` where `B` is another element: an arrow was meant.
fn is_relation(c: &mut Cursor<'_>, id: &Ident) -> bool {
    let kind = c.word();
    let dotted = id.value.contains('.') || kind.contains('.');
    let known = c.kinds.contains(kind) || find_kind(kind).is_some() || opaque::is_known(kind);
    dotted || (!known && kind != id.value && !c.foreign_kinds && c.assigns(kind))
}

fn equals_for_arrow(c: &mut Cursor<'_>, mark: usize, id: Ident, sign: Span) -> Relation {
    c.report(
        Diagnostic::new(&codes::E0106, sign, "`=` declares an element; a relation needs an arrow")
            .label("no arrow")
            .help("write `->`")
            .suggest("write `->`", sign, "->"),
    );
    let from = c.path_of_ident(&id);
    let to = c.end_if().into_iter().collect();
    relation::with_ends(c, mark, End::Path(from), to)
}

/// What stands behind `X =`.
fn assigned(c: &mut Cursor<'_>, place: Place, mark: usize, id: Ident) -> Item {
    let word = c.word();
    if c.kinds.contains(word) && !matches!(word, "kind" | "tag") {
        return Item::Element(element::assigned(c, mark, id).into());
    }
    match typo::corrected(c).as_deref().unwrap_or(word) {
        "kind" => Item::Kind(import::kind(c, mark, id).into()),
        "tag" => Item::Tag(import::tag(c, mark, id)),
        "scenario" | "story" | "flow" => Item::Scenario(scenario::assigned(c, mark, id).into()),
        "feedback" | "causal_loop" => Item::Loop(feedback::assigned(c, mark, id).into()),
        "deployment" | "deploymentNode" | "node" => Item::Deployment(deployment::assigned(c, mark, id).into()),
        _ if place == Place::Views || opaque::is_known(word) => Item::Opaque(opaque::assigned(c, mark, id).into()),
        _ => Item::Element(element::assigned(c, mark, id).into()),
    }
}

/// The kind that stands here; a misspelt standard kind is complained about and mended.
pub fn corrected_kind(c: &mut Cursor<'_>) -> Ident {
    let meant = typo::corrected(c);
    let written = c.ident();
    match meant {
        Some(meant) => {
            typo::report(c, &written, &meant);
            Spanned::new(meant, written.span)
        }
        None => written,
    }
}

// ---- keyword first

/// Words that begin a statement, by what must stand behind them.
fn keyword(c: &mut Cursor<'_>, place: Place) -> Option<Item> {
    if place == Place::Views {
        return Some(Item::Opaque(opaque::keyword_first(c, true).into()));
    }
    if c.is_word("import") && matches!(c.nth(1), Some(Kind::Text | Kind::Open(Bracket::Brace))) {
        return import::import(c).map(|import| Item::Import(import.into()));
    }
    if let Some(item) = block(c, place) {
        return Some(item);
    }
    if element::starts_field(c) {
        return Some(Item::Field(element::field(c)));
    }
    named(c, place)
}

/// Words before braces.
fn block(c: &mut Cursor<'_>, place: Place) -> Option<Item> {
    if c.nth(1) != Some(Kind::Open(Bracket::Brace)) {
        return None;
    }
    Some(match c.word() {
        "slo" => Item::Slo(slo::slo(c)),
        "scale" => Item::Scale(slo::scale(c)),
        "metadata" | "properties" => Item::Metadata(element::metadata(c)),
        "ranking" => Item::Ranking(search::ranking(c)),
        "behavior" => behavior_or_prose(c, place),
        "architecture" | "model" | "specification" | "views" | "library" => Item::Wrapper(wrapper::wrapper(c).into()),
        "scenario" | "story" | "flow" => Item::Scenario(scenario::keyword_first(c).into()),
        _ => return None,
    })
}

/// Domain models have a `behavior` block of prose; ours has attributes.
fn behavior_or_prose(c: &mut Cursor<'_>, place: Place) -> Item {
    if place == Place::Element && is_prose(c) {
        return Item::Opaque(opaque::keyword_first(c, false).into());
    }
    Item::Behavior(behavior::behavior(c).into())
}

/// Every entry of the block is a word that is no attribute, and a text.
fn is_prose(c: &Cursor<'_>) -> bool {
    let end = c.nth_behind(1) - 1;
    let mut at = 2;
    while at < end {
        let pair = c.nth(at) == Some(Kind::Word) && c.nth(at + 1) == Some(Kind::Text);
        if !pair || behavior::PLAIN.knows(c.nth_word(at)) {
            return false;
        }
        at += 2;
    }
    at > 2
}

/// Words before a name or a title.
fn named(c: &mut Cursor<'_>, place: Place) -> Option<Item> {
    let word = c.word();
    let next = c.nth(1).filter(|_| c.nth_same_line(1) || !(c.nth_is_arrow(2) || c.nth_is_separator(2)));
    let has_name = next == Some(Kind::Word);
    let has_title = next == Some(Kind::Text);
    if !has_name && !has_title {
        return headless(c, place);
    }
    if c.kinds.contains(word) {
        return Some(Item::Element(element::keyword_first(c).into()));
    }
    Some(match word {
        "behavior" => Item::Behavior(behavior::behavior(c).into()),
        "scenario" | "story" | "flow" => Item::Scenario(scenario::keyword_first(c).into()),
        "abstract" if matches!(c.nth_word(1), "scenario") => Item::Scenario(scenario::keyword_first(c).into()),
        "version" if has_name => Item::Version(version::version(c).into()),
        "tune" | "search" if search::starts(c) => Item::Search(Box::new(search::search(c))),
        "deployment" | "deploymentNode" | "node" | "zone" | "region" => {
            Item::Deployment(deployment::deployment(c).into())
        }
        "feedback" | "causal_loop" => Item::Loop(feedback::keyword_first(c).into()),
        "architecture" | "model" | "specification" | "views" | "library" | "extend" => {
            Item::Wrapper(wrapper::wrapper(c).into())
        }
        "element" if place == Place::Specification => Item::Kind(import::specified_kind(c).into()),
        "tag" if place == Place::Specification => Item::Tag(import::specified_tag(c)),
        _ if opaque::is_known(word) => Item::Opaque(opaque::keyword_first(c, true).into()),
        "step" if place == Place::Element => Item::Opaque(step(c).into()),
        _ if is_element_kind(word) => Item::Element(element::keyword_first(c).into()),
        _ => return unknown(c, place),
    })
}

/// `step A -> B` in an element: kept, without a meaning of its own.
fn step(c: &mut Cursor<'_>) -> crate::syntax::ast::Opaque {
    let mark = c.mark();
    let keyword = c.ident();
    c.end_if();
    if c.nth_is_arrow(0) {
        c.bump();
        c.end_if();
    }
    while c.same_line() && matches!(c.kind(), Some(Kind::Text | Kind::Open(_))) {
        c.skip();
    }
    crate::syntax::ast::Opaque { keyword, id: None, title: None, known: true, span: c.since(mark) }
}

fn is_element_kind(word: &str) -> bool {
    find_kind(word).is_some_and(|kind| kind.role != KindRole::Other || kind.name == "variable")
}

/// Neither a name nor a title behind the word.
fn headless(c: &mut Cursor<'_>, place: Place) -> Option<Item> {
    let word = c.word();
    let has_block = c.nth(1) == Some(Kind::Open(Bracket::Brace));
    if opaque::is_known(word) && has_block {
        return Some(Item::Opaque(opaque::keyword_first(c, true).into()));
    }
    let takes_value = element::is_field(word) && place != Place::Specification;
    if takes_value && !has_block {
        let name = c.ident();
        c.eat_separator();
        super::value::missing_value(c, &name, "a text such as `\"…\"`");
        return None;
    }
    if has_block || (c.nth_same_line(1) && c.nth(1).is_some()) {
        return unknown(c, place);
    }
    let span = c.here();
    c.report(
        Diagnostic::new(&codes::E0101, span, format!("`{word}` alone says nothing"))
            .label("not a statement")
            .help("declare an element (`Api = container \"API\"`) or a relation (`A -> B`)"),
    );
    c.bump();
    None
}

/// A word that nobody knows: misspelt, or another tool's.
fn unknown(c: &mut Cursor<'_>, place: Place) -> Option<Item> {
    let Some(meant) = typo::statement(c, place == Place::Element) else {
        let plain = matches!(c.nth(1), Some(Kind::Word | Kind::Text | Kind::Number | Kind::Open(_)));
        return if plain { Some(Item::Opaque(opaque::keyword_first(c, false).into())) } else { unexpected(c) };
    };
    if is_element_kind(meant) {
        return Some(Item::Element(element::keyword_first(c).into()));
    }
    let written = Spanned::new(c.word().to_owned(), c.here());
    typo::report(c, &written, meant);
    match meant {
        "scenario" | "story" | "flow" => Some(Item::Scenario(scenario::keyword_first(c).into())),
        "behavior" => Some(Item::Behavior(behavior::behavior(c).into())),
        "deployment" => Some(Item::Deployment(deployment::deployment(c).into())),
        "metadata" => Some(Item::Metadata(element::metadata(c))),
        _ => {
            c.recover();
            None
        }
    }
}

/// Whether `word` may begin a statement other than a relation or an assignment.
pub fn begins(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "import",
        "slo",
        "scale",
        "metadata",
        "properties",
        "ranking",
        "behavior",
        "scenario",
        "story",
        "flow",
        "version",
        "tune",
        "deployment",
        "deploymentNode",
        "node",
        "feedback",
        "causal_loop",
        "extend",
    ];
    WORDS.contains(&word) || opaque::is_known(word) || is_element_kind(word)
}
