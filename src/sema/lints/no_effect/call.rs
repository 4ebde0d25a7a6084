//! Attributes of relations.

use super::facts::Facts;
use crate::model::{Backoff, Call, CallId, Entry, Hedge, Place, RetryPolicy};
use crate::schema::{Key, KnobKey};

/// Attributes that may be idle.
pub const KEYS: &[Key] = &[
    Key::RetryJitter,
    Key::RetryBackoff,
    Key::RetryBudget,
    Key::RetryOn,
    Key::Cancel,
    Key::Weight,
    Key::Parallel,
    Key::Hedge,
    Key::Fallback,
];

/// Why the attribute changes nothing there.
pub fn reason(facts: &Facts<'_, '_>, id: CallId, call: &Call, key: Key) -> Option<&'static str> {
    let b = &call.behavior;
    match key {
        Key::RetryJitter | Key::RetryBackoff | Key::RetryBudget | Key::RetryOn => {
            retry(facts, id, call, &b.retry?, key)
        }
        Key::Cancel => facts.nobody_gives_up().then_some("no caller ever gives up: there is no `timeout`"),
        Key::Weight => weight(facts, call),
        Key::Parallel => parallel(facts, id, call),
        Key::Hedge => {
            let late = matches!((b.hedge, b.timeout), (Some(Hedge::After(wait)), Some(timeout)) if wait >= timeout);
            let varies = [Key::Hedge, Key::Timeout].iter().any(|key| facts.varies(Place::Call(id), *key));
            (late && !varies).then_some("the call has timed out by then")
        }
        Key::Fallback => {
            let fails = facts.failing().is_none_or(|failing| super::super::failing::fails(call, failing));
            (!fails && !facts.varies(Place::Call(id), Key::Timeout)).then_some("no call of it can fail")
        }
        _ => None,
    }
}

fn retry(facts: &Facts<'_, '_>, id: CallId, call: &Call, retry: &RetryPolicy, key: Key) -> Option<&'static str> {
    let place = Place::Call(id);
    if retry.count == 0 && !retries_elsewhere(facts, place) {
        // `retry 0 { … }` says how to retry once a scenario asks for it.
        let given = facts.context.built.origins.contains(place, Key::Retry);
        return Some(if given { "`retry` is 0" } else { "the relation does not retry: `retry` has no count" });
    }
    let (never_waits, varies) = (retry.backoff == Backoff::None, |key| facts.varies(place, key));
    match key {
        Key::RetryJitter if never_waits && !varies(Key::RetryBackoff) => {
            Some("without a backoff there is no wait to vary")
        }
        Key::RetryBudget => {
            let enough = retry.budget.is_some_and(|budget| budget >= f64::from(retry.count)) && retry.count > 0;
            let fixed = !retries_elsewhere(facts, place) && !varies(Key::RetryBudget);
            (enough && fixed).then_some("it allows every retry that there can be")
        }
        Key::RetryOn => {
            let only = retry.on.timeout && !retry.on.error && !retry.on.rejected;
            let idle = only && call.behavior.timeout.is_none() && !varies(Key::Timeout) && !varies(Key::RetryOn);
            idle.then_some("nothing is ever tried again: the relation has no `timeout`")
        }
        _ => None,
    }
}

/// Whether a scenario or a version gives another number of retries.
fn retries_elsewhere(facts: &Facts<'_, '_>, place: Place) -> bool {
    facts.varies(place, Key::Retry) || facts.context.any_scene(|scene| scene.axis(KnobKey::Retries).is_some())
}

fn weight(facts: &Facts<'_, '_>, call: &Call) -> Option<&'static str> {
    if matches!(call.from, Entry::Station(_)) {
        return Some("only the relations of a source share its load");
    }
    let alone =
        facts.context.graph.entries.len() == 1 && !facts.context.any_scene(|scene| scene.scenario.names_versions);
    alone.then_some("no other relation shares the load with it")
}

fn parallel(facts: &Facts<'_, '_>, id: CallId, call: &Call) -> Option<&'static str> {
    let Entry::Station(from) = call.from else {
        return facts.no_flows().then_some("each relation of a source is a request of its own");
    };
    let (context, model) = (facts.context, facts.context.model());
    let again = call.behavior.calls != 1 || facts.varies(Place::Call(id), Key::Calls);
    if again || !facts.no_flows() {
        return None;
    }
    let calls = context.graph.outgoing(from);
    let at = calls.binary_search_by_key(&id.0, |other| other.0).ok()?;
    let is_beside =
        |other: &CallId| model.call(*other).behavior.parallel || facts.varies(Place::Call(*other), Key::Parallel);
    let before = at.checked_sub(1).and_then(|before| calls.get(before));
    let beside = before.into_iter().chain(calls.get(at + 1)).any(is_beside);
    (!beside).then_some("no call before or after it is parallel as well")
}
