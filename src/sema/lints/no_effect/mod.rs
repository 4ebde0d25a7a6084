//! W1130: an attribute that changes nothing where it stands.

mod call;
mod facts;
mod station;

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::model::{Place, RequestTypeId, SourceId};
use crate::schema::{Key, attribute};
use crate::source::Span;
use facts::Facts;
use std::collections::BTreeMap;

/// What is said of an attribute, by where it was written: it is idle only where it is idle in every place
/// that it describes.
type Idle = BTreeMap<(Span, Key), Option<&'static str>>;

/// Attributes that the team gave, and that have no effect on any element or relation that got them.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let mut idle = Idle::new();
    let facts = Facts::new(context);
    for (id, station) in context.stations() {
        for key in station::KEYS {
            note(context, &mut idle, Place::Station(id), *key, &|| station::reason(&facts, id, station, *key));
        }
    }
    for (id, call) in context.calls() {
        for key in call::KEYS {
            note(context, &mut idle, Place::Call(id), *key, &|| call::reason(&facts, id, call, *key));
        }
    }
    for n in 0..context.model().request_types.len() {
        let place = Place::Request(RequestTypeId(n as u32));
        for key in [Key::Priority, Key::Preempt] {
            note(context, &mut idle, place, key, &|| facts.no_order().then_some(NO_ORDER));
        }
    }
    for n in 0..context.model().sources.len() {
        let place = Place::Source(SourceId(n as u32));
        note(context, &mut idle, place, Key::Arrivals, &|| facts.only_users().then_some(ONLY_USERS));
    }
    out.extend(idle.into_iter().filter_map(|((span, key), why)| Some(diagnostic(context, span, key, why?))));
}

const NO_ORDER: &str = "no element has `discipline priority`";
const ONLY_USERS: &str = "every scenario is a closed loop, whose users ask again when they have thought";

fn note(context: &Context<'_, '_>, idle: &mut Idle, place: Place, key: Key, why: &dyn Fn() -> Option<&'static str>) {
    let Some(span) = context.given(place, key) else { return };
    let known = idle.entry((span, key)).or_insert_with(why);
    if known.is_some() {
        *known = why();
    }
}

fn diagnostic(context: &Context<'_, '_>, span: Span, key: Key, why: &str) -> Diagnostic {
    let name = attribute(key).path();
    Diagnostic::new(&codes::W1130, context.head(span), format!("`{name}` has no effect here: {why}"))
        .label("changes nothing")
        .help(match key {
            Key::RetryJitter => "add `backoff exponential(50ms, 2x, max 1s)`",
            Key::RetryBackoff | Key::RetryBudget | Key::RetryOn => "say how often: `retry 3 { … }`",
            Key::Coalesce => "give it `cache { lru 1000  key zipf(1.0) over 10k }`",
            Key::Shed => "give it a `queue` limit, or shed by `utilization`",
            Key::Mttr | Key::RepairCrews => "say how often it fails: `mttf 30d` or `availability 99.9%`",
            Key::Cancel | Key::Deadline => "give the callers a `timeout`",
            Key::Priority | Key::Preempt => "give the element that is contended for `discipline priority`",
            Key::Hedge => "hedge earlier than the timeout, at about the 95th percentile",
            _ => "take it out",
        })
}
