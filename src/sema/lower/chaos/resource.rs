//! Faults that take a resource away, and deployments.

use super::change;
use crate::diag::{Diagnostic, codes};
use crate::model::{CallId, ChaosAction, ElementSet, Entry, LinkSet, Place};
use crate::schema::{Key, Subject, attribute};
use crate::sema::cascade::{resolve, type_properties};
use crate::sema::lower::scenario::Lowering;
use crate::sema::lower::{behavior, place};
use crate::sema::names::SymbolId;
use crate::source::Span;
use crate::syntax::ast;

/// Of which resource nothing can be left, as it is written.
const RESOURCES: &str = "`exhaust X.pool`, `exhaust A->B.pool`, `exhaust X.memory` or `exhaust X.disk`";

/// `exhaust X.pool`, `exhaust A->B.pool`, `exhaust X.memory`, `exhaust X.disk`.
pub fn exhaust(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, span: Span) -> Option<ChaosAction> {
    let Some((target, resource)) = chaos.targets.attribute.as_ref().and_then(|t| Some((t, t.path.parts.last()?)))
    else {
        return unknown_resource(lowering, chaos.verb.span, "of which resource nothing is left is not said");
    };
    let bound = lowering.flat.bound_path(&ast::Path {
        parts: target.path.parts[..target.path.parts.len() - 1].to_vec(),
        span: target.path.span,
    });
    let (name, from) = (resource.value.as_str(), target.from.as_ref());
    if bound.parts.is_empty() {
        return unknown_resource(lowering, target.span, &format!("whose `{name}` is not said"));
    }
    if !matches!((name, from), ("pool", _) | ("memory" | "disk", None)) {
        return unknown_resource(lowering, target.span, &format!("`{name}` is no resource that runs out"));
    }
    let symbol = resolve(&lowering.built.declared.names, &bound, None, lowering.diagnostics)?;
    let near = match from {
        Some(from) => Some(resolve(&lowering.built.declared.names, from, None, lowering.diagnostics)?),
        None => None,
    };
    if name == "pool" {
        return pool(lowering, symbol, near, span);
    }
    let stations = lowering.built.stations_within(symbol);
    if stations.is_empty() {
        lowering.diagnostics.push(behavior::not_running(&bound));
        return None;
    }
    let replicas = chaos.targets.replicas.as_ref().and_then(|count| lowering.first_quantity(count));
    let set = ElementSet { stations, replicas: replicas.map(crate::model::part), any: None };
    Some(if name == "disk" { ChaosAction::FillDisk(set) } else { ChaosAction::FillMemory(set) })
}

/// Connections of one relation, or of all that leave an element.
fn pool(
    lowering: &mut Lowering<'_, '_, '_>,
    symbol: SymbolId,
    near: Option<SymbolId>,
    span: Span,
) -> Option<ChaosAction> {
    let built = lowering.built;
    let inside = built.stations_within(symbol);
    let leaves = |call: &crate::model::Call| {
        matches!(call.from, Entry::Station(from) if inside.contains(&from)) && !inside.contains(&call.to)
    };
    let calls: Vec<CallId> = match near {
        Some(near) => place::calls(built, near, symbol),
        None => (0..built.architecture.calls.len() as u32)
            .map(CallId)
            .filter(|id| leaves(built.architecture.call(*id)))
            .collect(),
    };
    if calls.is_empty() {
        lowering.diagnostics.push(
            Diagnostic::new(&codes::E0218, span, "no relation has this pool")
                .label("hits nothing")
                .help("name a relation, or an element that calls others"),
        );
        return None;
    }
    let links = calls.into_iter().map(|id| (id, true, true)).collect();
    Some(ChaosAction::DrainPool(LinkSet { links, half: false }))
}

fn unknown_resource(lowering: &mut Lowering<'_, '_, '_>, at: Span, message: &str) -> Option<ChaosAction> {
    let diagnostic = Diagnostic::new(&codes::E0111, at, message);
    lowering.diagnostics.push(diagnostic.label("a resource belongs here").help(format!("write {RESOURCES}")));
    None
}

/// Properties with the first of several values: the others are dimensions.
fn firsts(properties: &[ast::Property]) -> Vec<ast::Property> {
    let first = |value: &ast::Value| match &value.value {
        ast::ValueKind::Range(range) => {
            ast::Value::new(ast::ValueKind::Quantity(range.start.or_unit(range.end.unit)), value.span)
        }
        ast::ValueKind::List(list) => list.first().cloned().unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    };
    let one = |property: &ast::Property| ast::Property {
        values: property.values.iter().map(first).collect(),
        block: firsts(&property.block),
        ..property.clone()
    };
    properties.iter().map(one).collect()
}

/// What can be another in one replica than in the others of its element.
const OF_A_REPLICA: &[Key] = &[Key::ServiceTime, Key::Errors, Key::Concurrency];

/// `deploy X { … }`: what every station of X is set to once all of its replicas have restarted; of some replicas, what
/// each of them is set to once it is back.
pub fn deploy(lowering: &mut Lowering<'_, '_, '_>, properties: &[ast::Property], set: ElementSet) -> ChaosAction {
    let properties = &firsts(properties);
    let settings = behavior::with_typing(lowering.loaded, lowering.built, lowering.diagnostics, |_, typing| {
        type_properties(properties, None, &[Subject::Station, Subject::Queue], typing)
    });
    let mut changes = Vec::new();
    for setting in settings {
        let row = attribute(setting.key);
        if let Some(why) = row.fixed {
            lowering.diagnostics.push(change::fixed(setting.span, row, why));
            continue;
        }
        if set.replicas.is_some() && !OF_A_REPLICA.contains(&setting.key) {
            lowering.diagnostics.push(of_the_whole(setting.span, &row.path()));
            continue;
        }
        changes.extend(set.stations.iter().map(|id| (Place::Station(*id), setting.key, setting.value.clone())));
    }
    ChaosAction::Deploy(set, changes)
}

fn of_the_whole(span: Span, path: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0413, span, format!("`{path}` cannot be another in some replicas only"))
        .label("belongs to the whole element")
        .help("some replicas take `service_time`, `errors` and `concurrency`; deploy all of them, or model the new version as an element of its own")
}
