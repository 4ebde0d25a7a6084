//! Who calls whom: the hierarchy of calls, over the relations of the model.

use super::marks::{Sense, mark_at, marks};
use super::world::{Location, View, World};
use crate::model::{CallId, Entry};
use crate::sema::{Meaning, SymbolId};
use std::collections::BTreeMap;
use std::path::Path;

/// An element in the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Its full path.
    pub path: String,
    /// Its kind.
    pub kind: String,
    /// Its name's place.
    pub at: Location,
}

/// The element under the cursor.
pub fn prepare(world: &World, path: &Path, offset: u32) -> Option<Node> {
    world.views(path).into_iter().find_map(|view| {
        let meaning = view.meaning()?;
        let all = marks(view.tree()?, Some(meaning));
        match mark_at(&all, offset)?.sense {
            Sense::Symbol(id) if meaning.station(id).is_some() || meaning.source(id).is_some() => {
                node(&view, meaning, id)
            }
            _ => None,
        }
    })
}

fn node(view: &View<'_>, meaning: &Meaning, id: SymbolId) -> Option<Node> {
    let symbol = meaning.names.get(id);
    Some(Node { path: symbol.path.to_string(), kind: symbol.kind.to_string(), at: view.location(symbol.span)? })
}

/// Who calls an element, and by which relations.
pub fn incoming(world: &World, of: &Node) -> Vec<(Node, Vec<Location>)> {
    neighbours(world, of, |meaning, id, call| {
        let call = meaning.architecture.call(call);
        (meaning.station(id) == Some(call.to)).then_some(call.from)
    })
}

/// Whom an element calls, and by which relations.
pub fn outgoing(world: &World, of: &Node) -> Vec<(Node, Vec<Location>)> {
    neighbours(world, of, |meaning, id, call| {
        let call = meaning.architecture.call(call);
        let is_from = match call.from {
            Entry::Station(from) => meaning.station(id) == Some(from),
            Entry::Source(from) => meaning.source(id) == Some(from),
        };
        is_from.then_some(Entry::Station(call.to))
    })
}

/// The other ends of an element's calls, in every analysis that knows it.
fn neighbours(
    world: &World,
    of: &Node,
    other: impl Fn(&Meaning, SymbolId, CallId) -> Option<Entry>,
) -> Vec<(Node, Vec<Location>)> {
    let mut found: BTreeMap<Node, Vec<Location>> = BTreeMap::new();
    for view in world.views(&of.at.path) {
        let Some(meaning) = view.meaning() else { continue };
        let Some(id) = meaning.names.exact(&of.path) else { continue };
        for call in (0..meaning.architecture.calls.len() as u32).map(CallId) {
            let Some(end) = other(meaning, id, call) else { continue };
            let Some(symbol) = meaning.names.exact(end_path(meaning, end)) else { continue };
            let Some(node) = node(&view, meaning, symbol) else { continue };
            let at = meaning.relation(call).and_then(|span| view.location(span));
            let places = found.entry(node).or_default();
            places.extend(at.filter(|at| !places.contains(at)));
        }
    }
    found.into_iter().collect()
}

fn end_path(meaning: &Meaning, end: Entry) -> &str {
    match end {
        Entry::Station(id) => &meaning.architecture.station(id).path,
        Entry::Source(id) => &meaning.architecture.sources[id.index()].path,
    }
}
