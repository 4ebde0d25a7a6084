//! W1102: calls that go around in a circle, and no flow that says which way a request takes.

use super::Context;
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{CallId, Entry, StationId};
use std::collections::VecDeque;

/// A model full of circles is told of some: mending these changes the rest.
const MOST: usize = 10;

/// Searches for a way back, found or not: what bounds the time in a tangle.
const SEARCHES: usize = 100;

/// Circles of certain calls among what requests without a flow reach.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let plain = plain_reach(context);
    let mut told = vec![false; plain.len()];
    let (mut found, mut searches) = (0, 0);
    for (id, call) in context.calls() {
        let Entry::Station(from) = call.from else { continue };
        let known = told[from.index()] && told[call.to.index()];
        if found == MOST || searches == SEARCHES || known || !plain[from.index()] || !is_certain(context, id) {
            continue;
        }
        if context.graph.is_forward(context.model(), id) {
            continue;
        }
        searches += 1;
        let Some(path) = path(context, call.to, from) else { continue };
        found += 1;
        path.iter().for_each(|call| told[context.model().call(*call).to.index()] = true);
        told[call.to.index()] = true;
        out.push(diagnostic(context, id, call.to, &path));
    }
}

/// What requests reach by the order of relations, rather than by a flow.
fn plain_reach(context: &Context<'_, '_>) -> Vec<bool> {
    let model = context.model();
    let plain = model.request_types.iter().filter(|request| request.follows_relations());
    if model.request_types.is_empty() {
        return vec![true; model.stations.len()];
    }
    context.graph.reached(model, plain.flat_map(|request| model.entries(request)).map(|id| model.call(id).to))
}

/// A call with a probability ends its circle by itself.
fn is_certain(context: &Context<'_, '_>, call: CallId) -> bool {
    let behavior = &context.model().call(call).behavior;
    behavior.probability >= 1.0 && behavior.calls > 0
}

/// The shortest way of certain calls from one station to another.
fn path(context: &Context<'_, '_>, from: StationId, to: StationId) -> Option<Vec<CallId>> {
    let mut by: Vec<Option<CallId>> = vec![None; context.model().stations.len()];
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        if at == to {
            return Some(trace(context, from, to, &by));
        }
        for id in context.graph.outgoing(at).iter().filter(|id| is_certain(context, **id)) {
            let next = context.model().call(*id).to;
            if next != from && by[next.index()].is_none() {
                by[next.index()] = Some(*id);
                open.push_back(next);
            }
        }
    }
    None
}

fn trace(context: &Context<'_, '_>, from: StationId, to: StationId, by: &[Option<CallId>]) -> Vec<CallId> {
    let mut path = Vec::new();
    let mut at = to;
    while at != from {
        let Some(call) = by[at.index()] else { break };
        path.push(call);
        let Entry::Station(near) = context.model().call(call).from else { break };
        at = near;
    }
    path.reverse();
    path
}

fn diagnostic(context: &Context<'_, '_>, closing: CallId, start: StationId, path: &[CallId]) -> Diagnostic {
    let stations = path.iter().map(|call| context.model().call(*call).to).chain([start]);
    let drawn = std::iter::once(start).chain(stations).map(|id| context.name(id)).collect::<Vec<_>>().join(" → ");
    let at = context.relation_span(closing).unwrap_or_else(|| context.declared_at(start));
    let mut diagnostic = Diagnostic::new(&codes::W1102, at, format!("calls go around in a circle: {drawn}"))
        .label("closes the circle")
        .help("say which way a request goes with a `flow`, or how often it goes on with a `probability`");
    for call in path {
        if let Some(span) = context.relation_span(*call).filter(|span| *span != at) {
            diagnostic = diagnostic.related(span, "part of the circle");
        }
    }
    if context.is_picture(at) {
        diagnostic.severity = Severity::Hint;
    }
    diagnostic
}
