//! W1130: an attribute that changes nothing where it stands.

use super::Context;
use super::scene::Scene;
use crate::diag::{Diagnostic, codes};
use crate::model::{
    Backoff, CacheMode, ChaosAction, ChaosEvent, Limit, Place, RetryPolicy, ShedRule, Station, StationId,
};
use crate::schema::{Key, attribute};
use crate::source::Span;
use std::collections::{BTreeMap, HashSet};

/// Attributes of stations that can be without effect.
const STATION_KEYS: [Key; 8] = [
    Key::Blocking,
    Key::Nonblocking,
    Key::Balance,
    Key::Queue,
    Key::Shed,
    Key::Coalesce,
    Key::ReplicationSync,
    Key::ReplicationLag,
];

/// What is said of an attribute, by where it was written: it is idle only where it is idle in every place
/// that it describes.
type Idle = BTreeMap<(Span, Key), Option<&'static str>>;

/// Attributes that the team gave, and that have no effect on any element or relation that got them.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let mut idle = Idle::new();
    let growth = Growth::new(context);
    for (id, station) in context.stations() {
        for key in STATION_KEYS {
            let why = || station_reason(context, &growth, id, station, key);
            note(context, &mut idle, Place::Station(id), key, &why);
        }
    }
    for (id, call) in context.calls() {
        let Some(retry) = call.behavior.retry else { continue };
        for key in [Key::RetryJitter, Key::RetryBackoff, Key::RetryBudget, Key::RetryOn] {
            note(context, &mut idle, Place::Call(id), key, &|| retry_reason(context, Place::Call(id), &retry, key));
        }
    }
    out.extend(idle.into_iter().filter_map(|((span, key), why)| Some(diagnostic(context, span, key, why?))));
}

fn note(context: &Context<'_, '_>, idle: &mut Idle, place: Place, key: Key, why: &dyn Fn() -> Option<&'static str>) {
    let Some(span) = context.given(place, key) else { return };
    let known = idle.entry((span, key)).or_insert_with(why);
    if known.is_some() {
        *known = why();
    }
}

fn station_reason(
    context: &Context<'_, '_>,
    growth: &Growth<'_>,
    id: StationId,
    station: &Station,
    key: Key,
) -> Option<&'static str> {
    let b = &station.behavior;
    match key {
        Key::Blocking | Key::Nonblocking => {
            let idle = !station.is_queue && context.graph.outgoing(id).is_empty();
            idle.then_some("it makes no calls that a worker could wait for")
        }
        Key::Balance => {
            let one = b.replicas <= 1 && b.autoscale.is_none() && !growth.reaches(context, id, station);
            one.then_some("there is one replica, and nothing to balance")
        }
        Key::Coalesce => {
            let has_keys = b.cache.as_ref().is_some_and(|cache| matches!(cache.mode, CacheMode::Lru { .. }));
            let keyless = !has_keys && !varies(context, id, Key::CacheLru);
            keyless.then_some("which misses are identical only a cache of keys knows")
        }
        Key::ReplicationSync | Key::ReplicationLag => {
            let one = b.replicas <= 1 && b.autoscale.is_none() && !growth.reaches(context, id, station);
            one.then_some("there is one replica, and no copy of it")
        }
        Key::Queue => {
            let endless = b.concurrency == Limit::Unbounded && !varies(context, id, Key::Concurrency);
            endless.then_some("its workers are unbounded, so nobody ever waits")
        }
        Key::Shed => {
            let share = matches!(b.shed, Some(ShedRule::QueueShare(_)));
            let endless = share && b.queue == Limit::Unbounded && !varies(context, id, Key::Queue);
            endless.then_some("its queue is unbounded, and has no share that could be taken")
        }
        _ => None,
    }
}

fn varies(context: &Context<'_, '_>, id: StationId, key: Key) -> bool {
    context.any_scene(|scene: &Scene<'_, '_>| scene.changes(Place::Station(id), key) || scene.scenario.names_versions)
}

/// Stations that have more than one replica in some version, and whether some event scales.
struct Growth<'c> {
    replicated: HashSet<&'c str>,
    scales: bool,
}

impl<'c> Growth<'c> {
    fn new(context: &Context<'c, '_>) -> Self {
        let versions = context.project.versions.iter().filter_map(|version| version.model.as_deref().ok());
        let stations = versions.flat_map(|model| &model.stations);
        let many = stations.filter(|station| station.behavior.replicas > 1).map(|station| &*station.path);
        let scales = |event: &ChaosEvent| matches!(event.action, ChaosAction::Scale(..));
        let scales = context.any_scene(|scene| scene.scenario.base.chaos.iter().any(scales));
        Self { replicated: many.collect(), scales }
    }

    /// Whether a scenario or a version gives it more replicas.
    fn reaches(&self, context: &Context<'_, '_>, id: StationId, station: &Station) -> bool {
        let changed = |scene: &Scene<'_, '_>| scene.changes(Place::Station(id), Key::Replicas);
        self.scales || self.replicated.contains(&*station.path) || context.any_scene(changed)
    }
}

fn retry_reason(context: &Context<'_, '_>, place: Place, retry: &RetryPolicy, key: Key) -> Option<&'static str> {
    // `retry 0 { … }` says how to retry once a scenario asks for it.
    if retry.count == 0 && !context.built.origins.contains(place, Key::Retry) {
        return Some("the relation does not retry: `retry` has no count");
    }
    (key == Key::RetryJitter && retry.backoff == Backoff::None).then_some("without a backoff there is no wait to vary")
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
            _ => "take it out",
        })
}
