//! W1128: an objective tighter than what it depends on.

use super::Context;
use super::traffic::is_waited_for;
use super::words::percent;
use crate::diag::{Diagnostic, codes};
use crate::model::{Call, Entry, StationId};
use crate::quantity::Dimension;
use crate::sema::names::SymbolId;
use crate::sema::values::quantity_of;
use crate::source::Span;
use std::collections::HashMap;

/// A target availability and where it stands.
type Target = (f64, Span);

/// Availability targets against the product of the targets of what is called and waited for.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let names = &context.built.declared.names;
    let targets: HashMap<SymbolId, Target> =
        names.iter().filter_map(|(id, symbol)| Some((id, target(&symbol.facts.slos)?))).collect();
    if targets.len() < 2 {
        return;
    }
    for (id, _) in context.stations() {
        if let Some(own) = targets.get(&context.built.symbol_of_station(id)) {
            out.extend(one(context, &targets, id, *own));
        }
    }
}

fn target(slos: &[crate::syntax::ast::Slo]) -> Option<Target> {
    let entries = slos.iter().flat_map(|slo| &slo.entries);
    let mut found = entries.filter(|(key, _)| key.value == "availability.target").filter_map(|(_, value)| {
        let share = quantity_of(value).filter(|q| q.dimension() == Dimension::Share)?;
        Some((share.si(), value.span))
    });
    found.next()
}

fn one(
    context: &Context<'_, '_>,
    targets: &HashMap<SymbolId, Target>,
    id: StationId,
    (wanted, span): Target,
) -> Option<Diagnostic> {
    let mut parts: Vec<(&str, Target)> = Vec::new();
    let mut product = 1.0;
    for call in context.graph.outgoing(id).iter().map(|call| context.model().call(*call)) {
        if let Some(target) = needs(context, targets, call) {
            product *= 1.0 - call.behavior.probability * (1.0 - target.0);
            parts.push((context.name(call.to), target));
        }
    }
    // Below the sixth digit a difference is one of arithmetic.
    if parts.is_empty() || product >= wanted - 1e-9 {
        return None;
    }
    Some(diagnostic(context.name(id), wanted, span, &parts, product))
}

/// The target of what a call needs, its own or that of the group around it.
fn needs(context: &Context<'_, '_>, targets: &HashMap<SymbolId, Target>, call: &Call) -> Option<Target> {
    let Entry::Station(from) = call.from else { return None };
    if call.behavior.fallback.is_some() || !is_waited_for(context.model(), call) {
        return None;
    }
    let names = &context.built.declared.names;
    let near = context.built.symbol_of_station(from);
    let around = context.built.lineage(context.built.symbol_of_station(call.to));
    around.iter().filter(|id| !names.within(near, **id)).find_map(|id| targets.get(id)).copied()
}

fn diagnostic(name: &str, wanted: f64, span: Span, parts: &[(&str, Target)], product: f64) -> Diagnostic {
    let shown = parts.iter().map(|(_, (share, _))| percent(*share)).collect::<Vec<_>>().join(" × ");
    let sum = if parts.len() == 1 { percent(product) } else { format!("{shown} = {}", percent(product)) };
    let callees: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    let message = format!(
        "`{name}` promises {}, but what it waits for promises {sum}: {}",
        percent(wanted),
        super::words::names(&callees)
    );
    let mut diagnostic = Diagnostic::new(&codes::W1128, span, message)
        .label("more than its dependencies allow")
        .help("lower the target, raise theirs, or give the calls a `fallback`");
    for (name, (share, at)) in parts {
        diagnostic = diagnostic.related(*at, format!("`{name}` promises {}", percent(*share)));
    }
    diagnostic
}
