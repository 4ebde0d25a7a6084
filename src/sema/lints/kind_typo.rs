//! W1111: a kind that looks like a misspelt one.

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::schema::{KINDS, nearest};
use crate::syntax::ast::{self, Item};
use std::collections::{BTreeMap, BTreeSet};

/// Shorter words are too often near each other by chance.
const SHORTEST: usize = 4;

/// Kinds that are neither standard nor declared, and one letter away from one that is.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let declared: BTreeSet<&str> = context.built.declared.names.kinds().collect();
    let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).chain(declared).collect();
    let mut meant: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let mut elements = Vec::new();
    for unit in context.loaded.units.iter().filter(|unit| !unit.is_std) {
        collect(&unit.ast.items, &mut elements);
    }
    for element in elements {
        let kind = element.kind.value.as_str();
        let near = *meant.entry(kind).or_insert_with(|| misspelt(context, kind, &known));
        out.extend(near.map(|near| diagnostic(element, near)));
    }
}

fn misspelt<'k>(context: &Context<'_, '_>, kind: &str, known: &[&'k str]) -> Option<&'k str> {
    if kind.len() < SHORTEST || context.built.declared.names.knows_kind(kind) {
        return None;
    }
    // A plural is another word, and somebody's own kind.
    nearest(kind, known.iter().copied()).filter(|near| kind.strip_suffix('s') != Some(near))
}

fn collect<'a>(items: &'a [Item], out: &mut Vec<&'a ast::Element>) {
    for item in items {
        match item {
            Item::Element(element) => {
                out.push(element);
                collect(&element.body, out);
            }
            Item::Wrapper(wrapper) => collect(&wrapper.items, out),
            _ => {}
        }
    }
}

fn diagnostic(element: &ast::Element, near: &str) -> Diagnostic {
    let kind = &element.kind;
    Diagnostic::new(&codes::W1111, kind.span, format!("no kind is called `{}`", kind.value))
        .label("taken as a kind of its own, and simulated as a plain service")
        .help(format!("did you mean `{near}`? If not, declare it: `{} = kind \"…\"`", kind.value))
        .suggest(format!("write `{near}`"), kind.span, near)
}
