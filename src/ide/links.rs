//! Paths of imports as links.

use super::marks::{Sense, marks};
use super::world::{Location, View, World};
use crate::sema::is_stdlib;
use crate::source::{Span, tidy};
use crate::syntax::ast;
use std::path::Path;

/// A path that leads to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// First and last byte of the text.
    pub span: (u32, u32),
    /// The file.
    pub to: Location,
}

/// The imports of a file.
pub fn links(world: &World, path: &Path) -> Vec<Link> {
    let Some(view) = world.view(path) else { return Vec::new() };
    let Some(tree) = view.tree() else { return Vec::new() };
    let imports = marks(tree, None).into_iter().filter(|mark| matches!(mark.sense, Sense::Import));
    imports
        .filter_map(|mark| Some(Link { span: (mark.span.start, mark.span.end), to: target(&view, mark.span)? }))
        .collect()
}

/// The file that an import names; none that is not there.
pub(super) fn target(view: &View<'_>, span: Span) -> Option<Location> {
    let from = ast::imports(&view.tree()?.items).find(|import| import.from.span == span)?.from.value.clone();
    if is_stdlib(&from) {
        return Some(Location { path: super::library::imported(&from), start: 0, end: 0 });
    }
    let folder = view.analysis.path(view.id)?.parent()?;
    let mut path = tidy(&folder.join(&from));
    if path.extension().is_none() {
        path.set_extension("sruja");
    }
    view.analysis.file(&path).map(|_| Location { path, start: 0, end: 0 })
}
