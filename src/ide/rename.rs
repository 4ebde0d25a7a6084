//! Another name for something, everywhere.

use super::marks::{Sense, mark_at, marks};
use super::references::{declared, references};
use super::world::{Change, Location, World};
use crate::syntax;
use std::path::Path;

/// What can be renamed at a place, or why not.
pub fn prepare(world: &World, path: &Path, offset: u32) -> Result<Location, &'static str> {
    const NOTHING: &str = "there is nothing to rename here";
    let view = world.view(path).ok_or(NOTHING)?;
    let all = view.tree().map(|tree| marks(tree, view.meaning())).ok_or(NOTHING)?;
    let mark = mark_at(&all, offset).ok_or(NOTHING)?;
    let own = match mark.sense {
        Sense::Tag => None,
        Sense::Symbol(_) | Sense::Kind(Some(_), _) | Sense::Param(_) | Sense::Version(_) | Sense::Step(_) => {
            Some(declared(&view, mark).ok_or(NOTHING)?)
        }
        Sense::Template(_) => return Err("it belongs to the standard library"),
        _ => return Err("this is a word of the language"),
    };
    if let Some(span) = own {
        let location = view.location(span).ok_or("it belongs to the standard library")?;
        let name = world.text(&location.path).and_then(|text| text.get(location.start as usize..location.end as usize));
        if name.is_none_or(|name| name.starts_with(['"', '\''])) {
            return Err("it has no name of its own, only a title");
        }
    }
    view.location(mark.span).ok_or(NOTHING)
}

/// The changes that give it another name.
pub fn rename(world: &World, path: &Path, offset: u32, name: &str) -> Result<Vec<Change>, String> {
    prepare(world, path, offset)?;
    if !is_name(name) {
        return Err(format!("`{name}` is no name: letters, digits, `_` and `-`, beginning with a letter"));
    }
    let change = |at: Location| {
        let old = world.text(&at.path)?.get(at.start as usize..at.end as usize)?;
        // A version may stand in quotes, a kind of a selector does.
        let quote = old.chars().next().filter(|c| matches!(c, '"' | '\'')).map(String::from).unwrap_or_default();
        Some(Change { text: format!("{quote}{name}{quote}"), at })
    };
    Ok(references(world, path, offset).into_iter().filter_map(change).collect())
}

/// Whether a text is one word of the language, without dots.
fn is_name(name: &str) -> bool {
    let lexed = syntax::lex(name);
    matches!(lexed.tokens.as_slice(), [only] if only.kind == syntax::Kind::Word && only.text(name) == name)
        && !name.contains('.')
}
