//! W1123: a fallback to what has just failed.

use super::Context;
use super::traffic::is_waited_for;
use crate::diag::{Diagnostic, codes};
use crate::model::{CallId, StationId};
use crate::schema::Key;

/// No fallback calls more than that; beyond, the search ends.
const DEEPEST: usize = 64;

/// Fallbacks that are the callee, or that always call it.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for (id, call) in context.calls() {
        let Some(fallback) = call.behavior.fallback else { continue };
        if let Some(path) = path(context, fallback, call.to) {
            out.extend(diagnostic(context, id, &path));
        }
    }
}

/// Stations from one to another by calls that are always made and waited for.
fn path(context: &Context<'_, '_>, from: StationId, to: StationId) -> Option<Vec<StationId>> {
    let mut seen = vec![(from, 0)];
    let mut next = 0;
    while let Some((at, _)) = seen.get(next).copied() {
        if at == to {
            return Some(trace(&seen, next));
        }
        if seen.len() < DEEPEST {
            let fresh: Vec<StationId> =
                certain(context, at).filter(|id| !seen.iter().any(|(known, _)| known == id)).collect();
            seen.extend(fresh.into_iter().map(|id| (id, next)));
        }
        next += 1;
    }
    None
}

fn trace(seen: &[(StationId, usize)], last: usize) -> Vec<StationId> {
    let mut path = vec![seen[last].0];
    let mut at = last;
    while at != 0 {
        at = seen[at].1;
        path.push(seen[at].0);
    }
    path.reverse();
    path
}

fn certain<'c>(context: &'c Context<'_, '_>, at: StationId) -> impl Iterator<Item = StationId> + 'c {
    let cached = context.model().station(at).behavior.cache.is_some();
    let calls = context.graph.outgoing(at).iter().map(|id| context.model().call(*id));
    let always = move |call: &&crate::model::Call| {
        let b = &call.behavior;
        !cached && b.probability >= 1.0 && b.fallback.is_none() && is_waited_for(context.model(), call)
    };
    calls.filter(always).map(|call| call.to)
}

fn diagnostic(context: &Context<'_, '_>, id: CallId, path: &[StationId]) -> Option<Diagnostic> {
    let at = context.given_call(id, Key::Fallback)?;
    let callee = context.name(context.model().call(id).to);
    let message = match path {
        [_] => format!("the fallback of a call of `{callee}` is `{callee}` itself"),
        _ => {
            let drawn = path.iter().map(|id| context.name(*id)).collect::<Vec<_>>().join(" → ");
            format!("the fallback of a call of `{callee}` needs it too: {drawn}")
        }
    };
    Some(
        Diagnostic::new(&codes::W1123, at, message)
            .label("fails for the same reason")
            .help(format!("fall back on something that works without `{callee}`: a cache, a copy, a fixed answer")),
    )
}
