//! What a word means: its page, or the behavior of an element with where each value comes from.

use super::docs;
use super::library;
use super::marks::{Mark, Sense, mark_at, marks};
use super::world::{View, World};
use crate::model::{CallId, Entry, Place, StationId, spell_arrivals, spell_call, spell_station};
use crate::schema::{ATTRIBUTES, Attribute, Subject, find_keyword};
use crate::sema::{Meaning, Origin, SymbolId};
use crate::source::Span;
use crate::syntax::ast::Item;
use crate::syntax::{Kind, lex};
use std::fmt::Write;
use std::path::Path;

/// What is shown of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// First and last byte of the word.
    pub span: (u32, u32),
    /// Markdown.
    pub text: String,
}

/// What is to be said of the word at `offset`.
pub fn hover(world: &World, path: &Path, offset: u32) -> Option<Hover> {
    let own = world.view(path)?;
    let found = world.views(path).into_iter().find_map(|view| {
        let all = marks(view.tree()?, view.meaning());
        let mark = mark_at(&all, offset)?;
        let text = page(&view, mark)?;
        Some(Hover { span: (mark.span.start, mark.span.end), text })
    });
    found.or_else(|| arrow(&own, offset)).or_else(|| keyword(own.text(), offset))
}

fn page(view: &View<'_>, mark: &Mark) -> Option<String> {
    Some(match mark.sense {
        Sense::Symbol(id) => symbol(view, view.meaning()?, id),
        Sense::Kind(_, Some(kind)) => docs::kind_page(kind),
        Sense::Kind(declared, None) => format!("a kind of this model{}", place(view, declared)),
        Sense::Tag => "a tag: behavior and chaos can speak of everything that has it".into(),
        Sense::Word(word) => docs::page(word),
        Sense::Param(span) => format!("a parameter of the scenario: `{}`", statement(view, span)),
        Sense::Version(span) => format!("a version: `{}`", statement(view, span)),
        Sense::Step(span) => format!("a step: `{}`", statement(view, span)),
        Sense::Template(template) => library::template_page(template),
        Sense::Import => return None,
    })
}

fn place(view: &View<'_>, span: Option<Span>) -> String {
    let declared = span.filter(|span| span.end > span.start);
    declared.map_or_else(String::new, |span| format!(", declared in {}", shown(view, span)))
}

/// `shop.sruja:12`.
fn shown(view: &View<'_>, span: Span) -> String {
    let sources = view.analysis.sources();
    format!("{}:{}", sources.file(span.file).name, sources.position(span).line)
}

/// The line that a span stands on.
fn statement(view: &View<'_>, span: Span) -> String {
    let file = view.analysis.source(span.file);
    let start = file.lines.start(file.lines.line(span.start)) as usize;
    file.text[start..].lines().next().unwrap_or_default().trim().to_owned()
}

fn keyword(text: &str, offset: u32) -> Option<Hover> {
    let lexed = lex(text);
    let token = lexed.tokens.iter().find(|t| t.kind == Kind::Word && t.start <= offset && offset <= t.end)?;
    let row = find_keyword(token.text(text))?;
    Some(Hover { span: (token.start, token.end), text: format!("## `{}`\n\n{}\n", row.name, row.doc) })
}

/// The arrow of a relation: the behavior of its call.
fn arrow(view: &View<'_>, offset: u32) -> Option<Hover> {
    let (text, meaning) = (view.text(), view.meaning()?);
    let lexed = lex(text);
    let token = lexed.tokens.iter().find(|t| t.kind == Kind::Arrow && t.start <= offset && offset <= t.end)?;
    let around = |id: &CallId| {
        let span = meaning.relation(*id);
        span.is_some_and(|span| span.file == view.id && span.start <= token.start && token.end <= span.end)
    };
    let calls = (0..meaning.architecture.calls.len() as u32).map(CallId).filter(around);
    // A relation around others (in braces) would be of another statement: the innermost has the latest start.
    let latest = calls.max_by_key(|id| meaning.relation(*id).map(|span| span.start))?;
    let call = meaning.architecture.call(latest);
    let mut page = format!("## `{}`: a relation\n\n", call.path);
    page += &rows(view, meaning, Place::Call(latest), &[Subject::Call], |row| spell_call(&call.behavior, row.key));
    page += &assumed(&call.assumed);
    Some(Hover { span: (token.start, token.end), text: page })
}

fn symbol(view: &View<'_>, meaning: &Meaning, id: SymbolId) -> String {
    let symbol = meaning.names.get(id);
    let mut page = format!("## `{}`: {}\n\n", symbol.path, symbol.kind);
    let facts = &symbol.facts;
    let title = facts.title.iter().map(|title| format!("**{title}**"));
    let technology = facts.technology.iter().map(|technology| format!("technology {technology}"));
    let tags = facts.tags.iter().map(|tag| format!("#{tag}"));
    let first: Vec<String> = title.chain(technology).chain(tags).collect();
    if !first.is_empty() {
        page += &format!("{}\n\n", first.join(" · "));
    }
    if let Some(station) = meaning.station(id) {
        page += &self::station(view, meaning, station);
    } else if let Some(source) = meaning.source(id) {
        let arrivals = &meaning.architecture.sources[source.index()].arrivals;
        page += &format!("A source of traffic: `arrivals {}`\n", spell_arrivals(arrivals));
    }
    page + &format!("\nDeclared in {}\n", shown(view, symbol.span))
}

fn station(view: &View<'_>, meaning: &Meaning, id: StationId) -> String {
    let station = meaning.architecture.station(id);
    let subject = if station.is_queue { Subject::Queue } else { Subject::Station };
    let spelt = |row: &Attribute| spell_station(&station.behavior, row.key);
    let mut page = rows(view, meaning, Place::Station(id), &[subject], spelt);
    page += &assumed(&station.assumed);
    let calls = meaning.architecture.calls_of(id).count();
    let called = meaning.architecture.calls.iter().filter(|call| call.to == id).count();
    let sources =
        meaning.architecture.calls.iter().filter(|c| c.to == id && matches!(c.from, Entry::Source(_))).count();
    let _ = writeln!(page, "\ncalls {calls} · is called by {called}, {sources} of them sources");
    page
}

/// A table of the attributes that somebody gave, or that are always needed, each with where it comes from.
fn rows(
    view: &View<'_>,
    meaning: &Meaning,
    place: Place,
    subjects: &[Subject],
    spelt: impl Fn(&Attribute) -> Option<String>,
) -> String {
    let mut table = String::from("| attribute | value | from |\n|---|---|---|\n");
    for row in ATTRIBUTES.iter().filter(|row| row.subjects.iter().any(|subject| subjects.contains(subject))) {
        let origin = meaning.origins.get(place, row.key);
        let is_basic = row.group.is_none() && row.default.is_some();
        let Some(value) = spelt(row).filter(|_| origin.is_some() || is_basic) else { continue };
        let value = if value.is_empty() { "yes".to_owned() } else { format!("`{value}`") };
        let _ = writeln!(table, "| {} | {value} | {} |", row.path(), from(view, origin));
    }
    table
}

/// Where a value comes from in the cascade.
fn from(view: &View<'_>, origin: Option<&Origin>) -> String {
    match origin {
        None => "*assumed*: the default".into(),
        Some(origin) if origin.is_std => {
            format!("*assumed*: the standard library, {}", selector(view, origin.span))
        }
        Some(origin) => format!("{} {}", selector(view, origin.span), shown(view, origin.span)).trim_start().to_owned(),
    }
}

/// The selector of the behavior block that a value stands in, as written; nothing where it stands elsewhere.
fn selector(view: &View<'_>, span: Span) -> String {
    let text = &view.analysis.source(span.file).text;
    let block = view.analysis.tree(span.file).and_then(|tree| block_around(&tree.items, span));
    let head = block.and_then(|block| text.get(block.range())?.split('{').next());
    head.map_or_else(String::new, |head| format!("`{}`", head.split_whitespace().collect::<Vec<_>>().join(" ")))
}

fn block_around(items: &[Item], inner: Span) -> Option<Span> {
    let around = |item: &&Item| item.span().start <= inner.start && inner.end <= item.span().end;
    match items.iter().find(around)? {
        Item::Behavior(block) => Some(block.span),
        Item::Element(element) => block_around(&element.body, inner),
        Item::Wrapper(wrapper) => block_around(&wrapper.items, inner),
        _ => None,
    }
}

fn assumed(names: &[std::sync::Arc<str>]) -> String {
    let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if list.is_empty() { String::new() } else { format!("\nAssumed, since nobody said it: {}\n", list.join(", ")) }
}
