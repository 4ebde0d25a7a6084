//! The outline of a file, and every name of the workspace.

use super::world::{Location, World};
use crate::sema::{Class, Names, Symbol};
use crate::source::Span;
use crate::syntax::ast::{self, Item};
use std::collections::BTreeMap;

/// What an entry of an outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Part of the running system.
    Element,
    /// A source of traffic.
    Source,
    /// A queue.
    Queue,
    /// A store of data.
    Store,
    /// A scenario.
    Scenario,
    /// A flow or a story.
    Flow,
    /// A version.
    Version,
    /// A kind or a tag.
    Kind,
    /// A block of behavior.
    Behavior,
    /// A deployment or a zone.
    Place,
    /// Anything else.
    Other,
}

/// An entry of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its kind and title.
    pub detail: String,
    /// What it is.
    pub what: What,
    /// The whole of it.
    pub span: Span,
    /// Its name's place.
    pub name_span: Span,
    /// What stands in it.
    pub children: Vec<Entry>,
}

/// The outline of a file.
pub fn outline(tree: &ast::File) -> Vec<Entry> {
    entries(&tree.items)
}

fn entries(items: &[Item]) -> Vec<Entry> {
    items.iter().flat_map(entry).collect()
}

fn entry(item: &Item) -> Vec<Entry> {
    let one = |name: &ast::Ident, detail: String, what, span, children| {
        vec![Entry { name: name.value.clone(), detail, what, span, name_span: name.span, children }]
    };
    let titled = |word: &str, title: &Option<ast::Text>| match title {
        Some(title) => format!("{word} · {}", title.value),
        None => word.to_owned(),
    };
    match item {
        Item::Element(x) => {
            one(&x.id, titled(&x.kind.value, &x.title), of_kind(&x.kind.value), x.span, entries(&x.body))
        }
        Item::Scenario(x) => {
            let (word, what) = match x.keyword {
                ast::ScenarioKeyword::Scenario => ("scenario", What::Scenario),
                ast::ScenarioKeyword::Story => ("story", What::Flow),
                ast::ScenarioKeyword::Flow => ("flow", What::Flow),
            };
            let name = x.id.as_ref().or(x.title.as_ref());
            name.map(|name| one(name, titled(word, &x.title), what, x.span, Vec::new())).unwrap_or_default()
        }
        Item::Version(x) => one(&x.name, titled("version", &x.title), What::Version, x.span, Vec::new()),
        Item::Kind(x) => one(&x.name, titled("kind", &x.title), What::Kind, x.span, Vec::new()),
        Item::Tag(x) => one(&x.name, "tag".into(), What::Kind, x.span, Vec::new()),
        Item::Loop(x) => one(&x.id, titled(&x.keyword.value, &x.title), What::Other, x.span, Vec::new()),
        Item::Search(x) => one(&x.name, x.keyword.value.clone(), What::Scenario, x.span, Vec::new()),
        Item::Deployment(x) => vec![deployment(x)],
        Item::Opaque(x) => {
            x.id.as_ref()
                .map(|id| one(id, titled(&x.keyword.value, &x.title), What::Other, x.span, Vec::new()))
                .unwrap_or_default()
        }
        Item::Behavior(x) => behavior(x).into_iter().collect(),
        Item::Wrapper(x) => wrapper(x),
        _ => Vec::new(),
    }
}

fn deployment(node: &ast::Deployment) -> Entry {
    Entry {
        name: node.id.dotted(),
        detail: node.keyword.value.clone(),
        what: What::Place,
        span: node.span,
        name_span: node.id.span,
        children: node.children.iter().map(deployment).collect(),
    }
}

fn behavior(node: &ast::Behavior) -> Option<Entry> {
    let (name, name_span) = match &node.selector {
        ast::Selector::Enclosing => return None,
        ast::Selector::Element(path) => (path.dotted(), path.span),
        ast::Selector::Relation(from, to) => (format!("{} -> {}", from.dotted(), to.dotted()), from.span.to(to.span)),
        ast::Selector::Kind(name) | ast::Selector::Technology(name) | ast::Selector::Tag(name) => {
            (name.value.clone(), name.span)
        }
    };
    let detail = "behavior".into();
    Some(Entry { name, detail, what: What::Behavior, span: node.span, name_span, children: Vec::new() })
}

fn wrapper(node: &ast::Wrapper) -> Vec<Entry> {
    let name = match &node.name {
        Some(ast::End::Path(path)) => path.dotted(),
        Some(ast::End::Text(text)) => text.value.clone(),
        None => return entries(&node.items),
    };
    let detail = node.keyword.value.clone();
    let (span, name_span) = (node.span, node.keyword.span);
    vec![Entry { name, detail, what: What::Other, span, name_span, children: entries(&node.items) }]
}

fn of_kind(kind: &str) -> What {
    use crate::schema::{KindRole, find_kind};
    match find_kind(kind).map(|kind| kind.role) {
        Some(KindRole::Source) => What::Source,
        Some(KindRole::Queue) => What::Queue,
        Some(KindRole::Other) => What::Other,
        _ if matches!(kind, "database" | "datastore" | "storage" | "cache") => What::Store,
        _ => What::Element,
    }
}

/// A name of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its full path.
    pub path: String,
    /// Its kind.
    pub kind: String,
    /// What it is.
    pub what: What,
    /// Where it is declared.
    pub at: Location,
}

/// More than this no list of an editor shows.
const MOST: usize = 1000;

/// Every name whose path has the letters of `query` in this order, case ignored; those that have them together first.
pub fn workspace(world: &World, query: &str) -> Vec<Named> {
    let query = query.to_lowercase();
    let mut found = BTreeMap::new();
    for analysis in world.analyses() {
        let Some(meaning) = analysis.meaning() else { continue };
        for (_, symbol) in meaning.names.iter() {
            let Some(rank) = rank(&symbol.path, &query) else { continue };
            let Some(path) = analysis.path(symbol.span.file) else { continue };
            let at = Location { path: path.into(), start: symbol.span.start, end: symbol.span.end };
            found.entry((rank, at.clone())).or_insert_with(|| named(symbol, at));
        }
    }
    found.into_values().take(MOST).collect()
}

fn named(symbol: &Symbol, at: Location) -> Named {
    let what = match symbol.class {
        Class::Scenario => What::Scenario,
        Class::Domain => What::Place,
        Class::Element | Class::Other => of_kind(&symbol.kind),
    };
    Named { path: symbol.path.to_string(), kind: symbol.kind.to_string(), what, at }
}

/// How well a path fits: 0 best.
fn rank(path: &str, query: &str) -> Option<u8> {
    let path = path.to_lowercase();
    let last = path.rsplit('.').next().unwrap_or(&path);
    if last.starts_with(query) {
        return Some(0);
    }
    if path.contains(query) {
        return Some(1);
    }
    let mut letters = path.chars();
    query.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(2)
}

/// The last part of a symbol's path.
pub(super) fn last_name(symbol: &Symbol) -> &str {
    symbol.path.rsplit('.').next().unwrap_or(&symbol.path)
}

/// Names that can be written at a place inside `scope`, shortest spelling first: those of the scopes around it by their
/// last part, all others by their full path.
pub(super) fn in_scope(names: &Names, scope: &str) -> Vec<(String, crate::sema::SymbolId)> {
    let near = |symbol: &Symbol| match symbol.path.rsplit_once('.') {
        None => true,
        Some((outer, _)) => scope == outer || scope.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.')),
    };
    let spelt = |symbol: &Symbol| if near(symbol) { last_name(symbol).to_owned() } else { symbol.path.to_string() };
    names.iter().map(|(id, symbol)| (spelt(symbol), id)).collect()
}
