//! What stands above a scenario: run it, or see what it expands to.

use super::capacity::{self, Runs};
use super::world::World;
use crate::syntax::ast::{self, Item};
use std::path::Path;

/// A line above a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    /// The scenario's name: first and last byte.
    pub span: (u32, u32),
    /// What it says.
    pub title: String,
    /// What is done.
    pub action: Action,
    /// The scenario.
    pub scenario: String,
}

/// What a lens does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `sruja run FILE --scenario NAME`.
    Run,
    /// `sruja expand FILE --scenario NAME`.
    Expand,
}

/// The lenses of a file: of every scenario that can be run.
pub fn lenses(world: &World, path: &Path) -> Vec<Lens> {
    let Some(view) = world.view(path) else { return Vec::new() };
    let Some(tree) = view.tree() else { return Vec::new() };
    let known = capacity::of(view.analysis);
    let mut found = Vec::new();
    for name in scenarios(tree) {
        let Some(cost) = known.scenario(&name.value) else { continue };
        let count = match cost.runs {
            Runs::Some(1) => "1 run".to_owned(),
            Runs::Some(count) => format!("{count} runs"),
            Runs::TooMany => "too many runs".to_owned(),
        };
        let lens = |title: String, action| {
            let span = (name.span.start, name.span.end);
            Lens { span, title, action, scenario: name.value.clone() }
        };
        found.push(lens("Run".into(), Action::Run));
        found.push(lens(format!("Expand: {count}"), Action::Expand));
    }
    found
}

/// The names of the scenarios of a file.
pub(super) fn scenarios(tree: &ast::File) -> Vec<&ast::Ident> {
    let named = |item: &&'_ Item| matches!(item, Item::Scenario(_));
    let items = ast::flatten(&tree.items);
    let scenarios = items.into_iter().filter(named).filter_map(|item| match item {
        Item::Scenario(node) => node.id.as_ref().or(node.title.as_ref()),
        _ => None,
    });
    scenarios.collect()
}
