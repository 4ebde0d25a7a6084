//! W1113: a pool or bulkhead that cannot bind.

use super::Context;
use super::words::count;
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{CallId, Entry, Limit, Place};
use crate::schema::Key;

/// Limits of concurrent calls above the workers that could make them.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for (id, call) in context.calls() {
        let b = &call.behavior;
        if b.pool.is_none() && b.bulkhead.is_none() {
            continue;
        }
        let Some(workers) = workers(context, call.from).filter(|_| !b.asynchronous && b.hedge.is_none()) else {
            continue;
        };
        let limits = [(Key::Pool, b.pool.map(|pool| pool.size)), (Key::Bulkhead, b.bulkhead)];
        for (key, size) in limits {
            if let Some(size) = size.filter(|size| *size > workers) {
                out.extend(diagnostic(context, id, key, size, workers));
            }
        }
    }
}

/// Calls that a replica can make at once: one for each worker that it holds.
fn workers(context: &Context<'_, '_>, caller: Entry) -> Option<u32> {
    let Entry::Station(id) = caller else { return None };
    let b = &context.model().station(id).behavior;
    let varies = |scene: &super::scene::Scene<'_, '_>| scene.changes(Place::Station(id), Key::Concurrency);
    match b.concurrency {
        Limit::At(workers) if b.blocking && !context.any_scene(varies) => Some(workers),
        _ => None,
    }
}

fn diagnostic(context: &Context<'_, '_>, id: CallId, key: Key, size: u32, workers: u32) -> Option<Diagnostic> {
    let at = context.given_call(id, key)?;
    let call = context.model().call(id);
    let Entry::Station(from) = call.from else { return None };
    let near = context.name(from);
    let what = crate::schema::attribute(key).name;
    let has = count(u64::from(workers), "worker");
    let message = format!("a {what} of {size} never fills: each replica of `{near}` has {has} to make calls with");
    let mut diagnostic = Diagnostic::new(&codes::W1113, at, message)
        .label("without effect")
        .help(format!("a {what} protects `{}` only when it is smaller than {workers}", context.name(call.to)));
    match context.given(Place::Station(from), Key::Concurrency) {
        Some(span) => diagnostic = diagnostic.related(span, "one call at a time for each of these"),
        None => diagnostic.severity = Severity::Hint,
    }
    Some(diagnostic)
}
