//! W1104: retries that multiply along a chain.

use super::Context;
use super::graph::Graph;
use super::words::number;
use crate::diag::{Diagnostic, codes};
use crate::model::{Architecture, CallBehavior, CallId, Entry};
use crate::schema::Key;

/// From here on a chain is worth a word: two tiers with two retries each.
const WORTH_SAYING: f64 = 9.0;

/// Most calls of a station for one request, and by which call it gets them.
type Worst = Vec<(f64, Option<CallId>)>;

/// What retries make of one request at a relation, in the worst case.
#[derive(Debug, Clone, PartialEq)]
pub struct Amplification {
    /// The relation.
    pub call: CallId,
    /// Most attempts of it for one request.
    pub factor: f64,
    /// The relations that lead there, the first one's caller being a source; the last is the relation itself.
    pub chain: Vec<CallId>,
}

/// What retries make of one request at every relation that retries, those above it included: cycles are cut where they
/// close.
pub fn amplification(model: &Architecture) -> Vec<Amplification> {
    let worst = worst(&Graph::new(model), model);
    let calls = model.calls.iter().enumerate().filter(|(_, call)| call.behavior.retry.is_some());
    calls
        .map(|(n, call)| {
            let call_id = CallId(n as u32);
            let upstream = if let Entry::Station(from) = call.from { worst[from.index()].0 } else { 1.0 };
            let chain = chain(model, &worst, call_id);
            Amplification { call: call_id, factor: upstream * attempts(&call.behavior), chain }
        })
        .collect()
}

fn worst(graph: &Graph, model: &Architecture) -> Worst {
    let mut worst: Worst = vec![(1.0, None); model.stations.len()];
    for id in &graph.entries {
        raise(model, &mut worst, *id, 1.0);
    }
    for station in &graph.order {
        for id in graph.outgoing(*station) {
            if graph.is_forward(model, *id) {
                let upstream = worst[station.index()].0;
                raise(model, &mut worst, *id, upstream);
            }
        }
    }
    worst
}

/// The worst chain of each model; mending it is the way to see the next.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let model = context.model();
    let worst = worst(&context.graph, model);
    let largest = worst.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((factor, Some(last))) = largest.filter(|(factor, _)| *factor >= WORTH_SAYING) {
        let chain = chain(model, &worst, last);
        out.extend(diagnostic(context, &chain, factor));
    }
}

fn raise(model: &Architecture, worst: &mut Worst, id: CallId, upstream: f64) {
    let call = model.call(id);
    let factor = upstream * attempts(&call.behavior);
    let known = &mut worst[call.to.index()];
    if factor > known.0 {
        *known = (factor, Some(id));
    }
}

/// Most attempts of one call; on average no more than its budget allows.
fn attempts(behavior: &CallBehavior) -> f64 {
    behavior.retry.map_or(1.0, |retry| 1.0 + f64::from(retry.count).min(retry.budget.unwrap_or(f64::INFINITY)))
}

/// The calls that lead to the last, those of the source first.
fn chain(model: &Architecture, worst: &Worst, last: CallId) -> Vec<CallId> {
    let mut chain = vec![last];
    let mut at = model.call(last).from;
    while let Entry::Station(from) = at {
        let Some(call) = worst[from.index()].1 else { break };
        chain.push(call);
        at = model.call(call).from;
    }
    chain.reverse();
    chain
}

fn diagnostic(context: &Context<'_, '_>, chain: &[CallId], factor: f64) -> Option<Diagnostic> {
    let model = context.model();
    let retrying: Vec<CallId> = chain.iter().copied().filter(|id| attempts(&model.call(*id).behavior) > 1.0).collect();
    let (deepest, others) = retrying.split_last()?;
    // One relation alone does not multiply.
    others.first()?;
    let product = retrying.iter().map(|id| number(attempts(&model.call(*id).behavior))).collect::<Vec<_>>().join(" × ");
    let first = context.caller_name(model.call(chain[0]).from);
    let stations = chain.iter().map(|id| context.name(model.call(*id).to));
    let drawn = std::iter::once(first).chain(stations).collect::<Vec<_>>().join(" → ");
    let store = context.name(model.call(*deepest).to);
    let message =
        format!("retries multiply along {drawn}: {product} = {} calls of `{store}` for one request", number(factor));
    let at = context.given_call(*deepest, Key::Retry).or_else(|| context.relation_span(*deepest))?;
    let mut diagnostic = Diagnostic::new(&codes::W1104, at, message)
        .label("multiplies what those above it send")
        .help("retry at one tier only, or give each a `budget 10%`");
    for id in others {
        if let Some(span) = context.given_call(*id, Key::Retry) {
            diagnostic = diagnostic.related(span, format!("{} attempts", number(attempts(&model.call(*id).behavior))));
        }
    }
    Some(diagnostic)
}
