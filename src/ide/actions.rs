//! Changes that are offered at a place: those of the diagnostics, and those that say what is left unsaid.

use super::marks::{Sense, mark_at, marks};
use super::world::{Change, View, World};
use crate::diag::{Diagnostic, Edit};
use crate::model::{Backoff, CallId, Place};
use crate::schema::{Key, attribute};
use crate::sema::{Meaning, SymbolId};
use crate::source::Span;
use crate::syntax::ast::{self, Item};
use std::path::Path;

/// A change that is offered.
pub struct Action<'w> {
    /// What it does, as an order.
    pub title: String,
    /// The changes.
    pub changes: Vec<Change>,
    /// The diagnostic that it mends.
    pub mends: Option<(View<'w>, &'w Diagnostic)>,
    /// Whether it surely does what is meant.
    pub is_certain: bool,
}

/// What is offered between two offsets.
pub fn actions<'w>(world: &'w World, path: &Path, start: u32, end: u32) -> Vec<Action<'w>> {
    let mut found = fixes(world, path, start, end);
    if let Some(view) = world.view(path) {
        found.extend(offers(&view, start));
    }
    found
}

/// What `check --fix` does to a file: every certain fix of what is said of it, where they do not touch.
pub fn fix_all(world: &World, path: &Path) -> Option<Vec<Change>> {
    let mut found: Vec<Change> = Vec::new();
    for (view, diagnostic) in world.diagnostics(path) {
        let Some(fix) = diagnostic.certain_fix() else { continue };
        let Some(changes) = changes(&view, &fix.edits) else { continue };
        let clash = |a: &Change| {
            let overlap = |b: &Change| a.at.path == b.at.path && a.at.start <= b.at.end && b.at.start <= a.at.end;
            a.at.path != path || found.iter().any(|b| a != b && overlap(b))
        };
        if !changes.iter().any(clash) {
            found.extend(changes.into_iter().filter(|change| !found.contains(change)).collect::<Vec<_>>());
        }
    }
    (!found.is_empty()).then_some(found)
}

fn fixes<'w>(world: &'w World, path: &Path, start: u32, end: u32) -> Vec<Action<'w>> {
    let touched = |span: Span| span.start <= end && start <= span.end;
    let here = world.diagnostics(path).into_iter().filter(|(_, found)| touched(found.span));
    let mut out = Vec::new();
    for (view, diagnostic) in here {
        for fix in &diagnostic.fixes {
            // A fix in the standard library is none.
            let Some(changes) = changes(&view, &fix.edits) else { continue };
            let (title, mends) = (fix.title.clone(), Some((view, diagnostic)));
            out.push(Action { title, changes, mends, is_certain: fix.certain });
        }
    }
    out
}

fn changes(view: &View<'_>, edits: &[Edit]) -> Option<Vec<Change>> {
    edits.iter().map(|edit| Some(Change { at: view.location(edit.span)?, text: edit.text.clone() })).collect()
}

/// What can be said here that is not said yet.
fn offers<'w>(view: &View<'w>, offset: u32) -> Vec<Action<'w>> {
    let (Some(tree), Some(meaning)) = (view.tree(), view.meaning()) else { return Vec::new() };
    let mut found = Vec::new();
    let all = marks(tree, Some(meaning));
    if let Some(Sense::Symbol(id)) = mark_at(&all, offset).map(|mark| mark.sense) {
        found.extend(service_time(view, tree, meaning, id));
    }
    found.extend(backoff(view, meaning, offset));
    found
}

/// "Add an explicit service_time", and the block for it where there is none.
fn service_time<'w>(view: &View<'w>, tree: &ast::File, meaning: &Meaning, id: SymbolId) -> Vec<Action<'w>> {
    let Some(station) = meaning.station(id).filter(|id| !meaning.architecture.station(*id).is_queue) else {
        return Vec::new();
    };
    let symbol = meaning.names.get(id);
    if symbol.span.file != view.id {
        return Vec::new();
    }
    let place = Place::Station(station);
    let said = meaning.origins.get(place, Key::ServiceTime).is_some_and(|origin| !origin.is_std);
    let behavior = &meaning.architecture.station(station).behavior;
    let spelt = crate::model::spell_station(behavior, Key::ServiceTime);
    let value = spelt.unwrap_or_else(|| attribute(Key::ServiceTime).example.to_owned());
    let block = own_block(tree, meaning, id);
    let mut found = Vec::new();
    match block {
        Some(block) if !said => {
            let open = view.text().get(block.range()).and_then(|text| text.find('{'));
            let at = open.map(|open| block.start + open as u32 + 1);
            let inside = |at: u32| format!("{}service_time {value}", indent(view.text(), block.start, at, "  "));
            found.extend(at.map(|at| offer(view, "add an explicit `service_time`", at, inside(at))));
        }
        Some(_) => {}
        None => {
            let end = item_end(tree, symbol.span).unwrap_or(view.text().len() as u32);
            let text = format!("\nbehavior {} {{\n  service_time {value}\n}}", symbol.path);
            let title = format!("create a behavior block for `{}`", symbol.path);
            found.push(offer(view, &title, end, text.clone()));
            if !said {
                found.push(offer(view, "add an explicit `service_time`", end, text));
            }
        }
    }
    found
}

fn offer<'w>(view: &View<'w>, title: &str, at: u32, text: String) -> Action<'w> {
    let at = view.location(Span { file: view.id, start: at, end: at });
    let changes = at.map(|at| Change { at, text }).into_iter().collect();
    Action { title: title.into(), changes, mends: None, is_certain: false }
}

/// The behavior block of exactly this element, in this file.
fn own_block(tree: &ast::File, meaning: &Meaning, id: SymbolId) -> Option<Span> {
    let mut found = None;
    visit(
        &tree.items,
        &mut |item, scope| {
            if let Item::Behavior(block) = item {
                let names = &meaning.names;
                let scope = scope.and_then(|scope| names.exact(scope));
                let means = match &block.selector {
                    ast::Selector::Enclosing => scope == Some(id),
                    ast::Selector::Element(path) => names.lookup(&path.dotted(), scope) == Some(id),
                    _ => false,
                };
                if means && found.is_none() {
                    found = Some(block.span);
                }
            }
        },
        None,
    );
    found
}

/// The end of the outermost item that holds a span: behind it another statement may stand.
fn item_end(tree: &ast::File, inside: Span) -> Option<u32> {
    let around = |item: &&&Item| item.span().start <= inside.start && inside.end <= item.span().end;
    ast::flatten(&tree.items).iter().find(around).map(|item| item.span().end)
}

/// Every item with the path of the element that it stands in.
fn visit(items: &[Item], see: &mut impl FnMut(&Item, Option<&str>), scope: Option<&str>) {
    for item in items {
        see(item, scope);
        match item {
            Item::Element(element) => {
                let path =
                    scope.map_or_else(|| element.id.value.clone(), |scope| format!("{scope}.{}", element.id.value));
                visit(&element.body, see, Some(&path));
            }
            Item::Wrapper(wrapper) => visit(&wrapper.items, see, scope),
            _ => {}
        }
    }
}

/// A line break and the indentation of the block's line with `more`; nothing but a blank where the block is of one line.
fn indent(text: &str, block: u32, at: u32, more: &str) -> String {
    let line = text[..block as usize].rfind('\n').map_or(0, |n| n + 1);
    let lead: String = text[line..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let rest = text.get(at as usize..).unwrap_or_default();
    let breaks = rest.trim_start_matches([' ', '\t']).starts_with('\n');
    if breaks { format!("\n{lead}{more}") } else { " ".into() }
}

/// "Add backoff": a `retry` without one, under the cursor.
fn backoff<'w>(view: &View<'w>, meaning: &Meaning, offset: u32) -> Option<Action<'w>> {
    let (n, _) = meaning.architecture.calls.iter().enumerate().find(|(n, call)| {
        let origin = meaning.origins.get(Place::Call(CallId(*n as u32)), Key::Retry);
        let here = origin.filter(|origin| !origin.is_std && origin.span.file == view.id && origin.span.touches(offset));
        let waits = call.behavior.retry.as_ref().is_some_and(|retry| retry.backoff != Backoff::None);
        here.is_some() && !waits
    })?;
    let span = meaning.origins.get(Place::Call(CallId(n as u32)), Key::Retry)?.span;
    let written = view.text().get(span.range())?;
    let example = attribute(Key::RetryBackoff).example;
    let (at, text) = match written.find('{') {
        Some(open) => (span.start + open as u32 + 1, format!(" backoff {example} ")),
        None => (span.end, format!(" {{ backoff {example} }}")),
    };
    Some(offer(view, "add a backoff", at, text))
}
