//! Where something is declared, be it in the standard library, and everywhere it is meant.

use super::marks::{Mark, Sense, mark_at, marks};
use super::world::{Location, View, World};
use crate::source::Span;
use std::collections::BTreeSet;
use std::path::Path;

/// Where the thing under the cursor is declared; for an import, the start of the file.
pub fn definition(world: &World, path: &Path, offset: u32) -> Option<Location> {
    world.views(path).into_iter().find_map(|view| {
        let all = marks(view.tree()?, view.meaning());
        let mark = mark_at(&all, offset)?;
        match mark.sense {
            Sense::Import => super::links::target(&view, mark.span),
            _ => view.place(declared(&view, mark)?),
        }
    })
}

/// The name by which a thing is declared.
pub(super) fn declared(view: &View<'_>, mark: &Mark) -> Option<Span> {
    match mark.sense {
        Sense::Symbol(id) => view.meaning().map(|meaning| meaning.names.get(id).span),
        Sense::Kind(span, _) => span,
        Sense::Param(span) | Sense::Version(span) | Sense::Step(span) => Some(span),
        Sense::Template(template) => template.id.as_ref().map(|name| name.span),
        Sense::Tag | Sense::Word(_) | Sense::Import => None,
    }
}

/// Everything that means what is under the cursor, in every file of the workspace; the declaration is among it.
pub fn references(world: &World, path: &Path, offset: u32) -> Vec<Location> {
    if let Some(tag) = tag_at(world, path, offset) {
        return every(world, |view, mark| matches!(mark.sense, Sense::Tag) && word(view, mark.span) == tag);
    }
    match definition(world, path, offset) {
        Some(target) => {
            let mut found = every(world, |view, mark| {
                declared(view, mark).and_then(|span| view.place(span)).as_ref() == Some(&target)
            });
            found.retain(|location| location.end > location.start);
            found
        }
        None => Vec::new(),
    }
}

/// Those in one file: what the editor highlights.
pub fn highlights(world: &World, path: &Path, offset: u32) -> Vec<Location> {
    let Some(view) = world.view(path) else { return Vec::new() };
    let Some(tree) = view.tree() else { return Vec::new() };
    let all = marks(tree, view.meaning());
    let Some(at) = mark_at(&all, offset) else { return Vec::new() };
    let target = declared(&view, at);
    let means = |mark: &&Mark| match (at.sense, mark.sense) {
        (Sense::Tag, Sense::Tag) => word(&view, at.span) == word(&view, mark.span),
        _ => target.is_some() && declared(&view, mark) == target,
    };
    all.iter().filter(means).filter_map(|mark| view.location(mark.span)).collect()
}

fn tag_at<'w>(world: &'w World, path: &Path, offset: u32) -> Option<&'w str> {
    let view = world.view(path)?;
    let all = marks(view.tree()?, view.meaning());
    let mark = mark_at(&all, offset)?;
    matches!(mark.sense, Sense::Tag).then(|| word(&view, mark.span))
}

/// The text of a span, without quotes and signs.
pub(super) fn word<'w>(view: &View<'w>, span: Span) -> &'w str {
    view.text().get(span.range()).unwrap_or_default().trim_matches(['"', '\'', '#', '@'])
}

/// Every mark of every file that fits, once each: a file may be part of several analyses.
fn every(world: &World, fits: impl Fn(&View<'_>, &Mark) -> bool) -> Vec<Location> {
    let mut found = BTreeSet::new();
    for analysis in world.analyses() {
        for path in analysis.paths() {
            let Some(id) = analysis.file(path) else { continue };
            let view = View { analysis, id };
            let Some(tree) = view.tree() else { continue };
            let all = marks(tree, view.meaning());
            found.extend(all.iter().filter(|mark| fits(&view, mark)).filter_map(|mark| view.location(mark.span)));
        }
    }
    found.into_iter().collect()
}
