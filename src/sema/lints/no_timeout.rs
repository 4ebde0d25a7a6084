//! W1112: a call that may wait for ever.

use super::Context;
use super::traffic::is_waited_for;
use crate::diag::{Diagnostic, codes};
use crate::model::{CallId, Entry};
use crate::schema::{Key, KindRole};

/// Retries without a timeout; and, where the team gives timeouts at all, calls of somebody else's system without one.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let reached = context.graph.reached(context.model(), context.graph.entered(context.model()));
    let uses_timeouts = context.calls().any(|(id, _)| context.given_call(id, Key::Timeout).is_some());
    for (id, call) in context.calls() {
        let is_made = matches!(call.from, Entry::Station(from) if reached[from.index()]);
        if call.behavior.timeout.is_some() || !is_waited_for(context.model(), call) {
            continue;
        }
        if call.behavior.retry.is_some_and(|retry| retry.count > 0 && retry.on.timeout) {
            out.extend(retries(context, id));
        } else if uses_timeouts && is_made && is_external(context, id) {
            out.extend(external(context, id));
        }
    }
}

fn is_external(context: &Context<'_, '_>, id: CallId) -> bool {
    let symbol = context.built.symbol_of_station(context.model().call(id).to);
    let names = &context.built.declared.names;
    names.lineage(symbol).any(|id| names.role(id) == KindRole::External)
}

fn retries(context: &Context<'_, '_>, id: CallId) -> Option<Diagnostic> {
    let at = context.given_call(id, Key::Retry)?;
    let callee = context.name(context.model().call(id).to);
    Some(
        Diagnostic::new(&codes::W1112, at, format!("calls of `{callee}` are retried, but never time out"))
            .label("a call that hangs is never tried again")
            .help("give the relation a `timeout`, above what its callee needs in 99 of 100 cases"),
    )
}

fn external(context: &Context<'_, '_>, id: CallId) -> Option<Diagnostic> {
    let at = context.relation_span(id)?;
    let call = context.model().call(id);
    let (near, far) = (context.caller_name(call.from), context.name(call.to));
    Some(
        Diagnostic::new(&codes::W1112, at, format!("`{near}` waits for `{far}` without a timeout"))
            .label("somebody else's system, waited for without an end")
            .help(format!("give it one: `behavior {near} -> {far} {{ timeout 2s }}`")),
    )
}
