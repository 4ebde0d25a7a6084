//! W1121: a parameter that is never used.

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::sema::template::target_name;
use crate::source::Span;
use crate::syntax::ast::{self, StatementKind};

/// Parameters that neither their scenario nor one that extends it mentions.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let scenarios =
        || context.built.declared.scenarios.iter().filter(|scoped| !scoped.is_std).map(|scoped| scoped.node);
    let declaring: Vec<(&ast::Scenario, &ast::Ident)> = scenarios().flat_map(params).collect();
    if declaring.is_empty() {
        return;
    }
    let family: Vec<&ast::Scenario> = scenarios().filter(|node| node.extends.is_some()).collect();
    for (node, name) in declaring {
        let own = uses(context, node, &name.value);
        if !own && !family.iter().any(|other| uses(context, other, &name.value)) && !searched(context, &name.value) {
            out.push(diagnostic(node, name));
        }
    }
}

fn params(node: &ast::Scenario) -> impl Iterator<Item = (&ast::Scenario, &ast::Ident)> {
    node.statements.iter().filter_map(move |statement| match &statement.kind {
        StatementKind::Param(name, _) => Some((node, name)),
        _ => None,
    })
}

/// Whether a scenario says the word anywhere but where it gives it a value.
fn uses(context: &Context<'_, '_>, node: &ast::Scenario, word: &str) -> bool {
    let said = |span: Span| mentions(context.loaded.sources.text(span), word);
    node.statements.iter().any(|statement| match &statement.kind {
        StatementKind::Param(_, value) => value.as_ref().is_some_and(|value| said(value.span)),
        StatementKind::Assign(target, value) if target_name(target) == word => said(value.span),
        StatementKind::Setting(name, value) if name.value == word => said(value.span),
        _ => said(statement.span),
    })
}

/// Whether a search varies it.
fn searched(context: &Context<'_, '_>, word: &str) -> bool {
    let searches = context.built.declared.searches.iter();
    searches.map(|search| context.loaded.sources.text(search.span)).any(|text| mentions(text, word))
}

/// Whether `word` stands in `text` as a whole word.
fn mentions(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        // `a->b`: the arrow's dash is no part of the name.
        !before.ends_with(is_part) && (!after.starts_with(is_part) || after.starts_with("->"))
    })
}

fn diagnostic(node: &ast::Scenario, name: &ast::Ident) -> Diagnostic {
    let scenario = node.id.as_ref().or(node.title.as_ref()).map_or("the scenario", |name| name.value.as_str());
    Diagnostic::new(&codes::W1121, name.span, format!("`{scenario}` never uses its parameter `{}`", name.value))
        .label("changes nothing")
        .help(format!("use it in place of a value, `load = {}`, or take it out", name.value))
}
