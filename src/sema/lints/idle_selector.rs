//! W1127: a behavior selector that matches nothing.

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::model::Element;
use crate::schema::nearest;
use crate::source::Spanned;
use crate::syntax::ast::{self, Selector};
use std::collections::BTreeSet;

/// Blocks of the file itself for a kind, a technology or a tag that nothing in any version has. Files that
/// are imported may well describe more than one model has.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let Some(entry) = context.loaded.entry() else { return };
    let blocks = context.built.declared.behaviors.iter().map(|scoped| scoped.node);
    let by_trait: Vec<&ast::Behavior> =
        blocks.filter(|node| node.span.file == entry.ast.id && trait_of(&node.selector).is_some()).collect();
    if by_trait.is_empty() {
        return;
    }
    let traits = Traits::new(context);
    for block in by_trait {
        if let Some((what, name)) = trait_of(&block.selector) {
            out.extend(traits.check(what, name));
        }
    }
}

fn trait_of(selector: &Selector) -> Option<(&'static str, &Spanned<String>)> {
    match selector {
        Selector::Kind(name) => Some(("kind", name)),
        Selector::Technology(name) => Some(("technology", name)),
        Selector::Tag(name) => Some(("tag", name)),
        Selector::Enclosing | Selector::Element(_) | Selector::Relation(..) => None,
    }
}

/// What the elements and relations of all versions are.
struct Traits {
    kinds: BTreeSet<String>,
    technologies: BTreeSet<String>,
    tags: BTreeSet<String>,
    empty: bool,
}

impl Traits {
    fn new(context: &Context<'_, '_>) -> Self {
        let versions = context.project.versions.iter().filter_map(|version| version.model.as_deref().ok());
        let models: Vec<_> = std::iter::once(context.model()).chain(versions).collect();
        let elements: Vec<&Element> = models.iter().flat_map(|model| &model.elements).collect();
        let of_relations = context.built.declared.relations.iter().flat_map(|scoped| &scoped.node.tags);
        let of_elements = elements.iter().flat_map(|element| &element.tags).map(|tag| tag.to_string());
        Self {
            kinds: elements.iter().map(|element| element.kind.to_lowercase()).collect(),
            technologies: elements
                .iter()
                .filter_map(|element| element.technology.as_deref())
                .map(str::to_owned)
                .collect(),
            tags: of_elements.chain(of_relations.map(|tag| tag.value.clone())).collect(),
            empty: elements.is_empty(),
        }
    }

    fn check(&self, what: &str, name: &Spanned<String>) -> Option<Diagnostic> {
        let wanted = name.value.to_lowercase();
        let (matched, known) = match what {
            "kind" => (self.kinds.contains(&wanted), &self.kinds),
            "technology" => {
                (self.technologies.iter().any(|known| known.to_lowercase().starts_with(&wanted)), &self.technologies)
            }
            _ => (self.tags.contains(&name.value), &self.tags),
        };
        // A file without a model describes the models of others.
        if matched || self.empty {
            return None;
        }
        let message = format!("nothing in the model has the {what} `{}`", name.value);
        let diagnostic = Diagnostic::new(&codes::W1127, name.span, message).label("describes nothing");
        Some(match nearest(&name.value, known.iter().map(String::as_str)) {
            Some(near) => {
                let text = if what == "kind" { near.to_owned() } else { format!("\"{near}\"") };
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), name.span, text)
            }
            None => diagnostic.help(format!("take the block out, or give the {what} to what it should describe")),
        })
    }
}
