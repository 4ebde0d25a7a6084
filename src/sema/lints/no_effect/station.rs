//! Attributes of stations and queues.

use super::facts::Facts;
use crate::model::{CacheMode, ChaosAction, Delivery, Discipline, Limit, Place, ShedRule, Station, StationId};
use crate::schema::Key;

/// Attributes that may be idle.
pub const KEYS: &[Key] = &[
    Key::Blocking,
    Key::Nonblocking,
    Key::Balance,
    Key::Queue,
    Key::Shed,
    Key::Patience,
    Key::Discipline,
    Key::Mttr,
    Key::RepairCrews,
    Key::Startup,
    Key::Discovery,
    Key::Deadline,
    Key::CacheHitRatio,
    Key::CacheLru,
    Key::Coalesce,
    Key::ReplicationSync,
    Key::ReplicationLag,
    Key::ScaleMax,
    Key::MaxDeliveries,
    Key::DeadLetter,
];

const UNBOUNDED: &str = "its workers are unbounded, so nobody ever waits";

/// Why the attribute changes nothing there.
pub fn reason(facts: &Facts<'_, '_>, id: StationId, station: &Station, key: Key) -> Option<&'static str> {
    let b = &station.behavior;
    match key {
        Key::Blocking | Key::Nonblocking => {
            let idle = !station.is_queue && facts.context.graph.outgoing(id).is_empty();
            idle.then_some("it makes no calls that a worker could wait for")
        }
        Key::Balance => is_alone(facts, id, station).then_some("there is one replica, and nothing to balance"),
        Key::Queue => is_endless(facts, id, station).then_some(UNBOUNDED),
        Key::Shed => shed(facts, id, station),
        // While it stands still, requests wait whatever workers it has.
        Key::Patience => (is_endless(facts, id, station) && !pauses(facts)).then_some(UNBOUNDED),
        Key::Discipline => discipline(facts, id, station),
        Key::Mttr | Key::RepairCrews => repair(facts, id, station, key),
        Key::Startup | Key::Discovery => {
            let stays = !facts.comes_and_goes(id, station) && !facts.varies(Place::Station(id), Key::Replicas);
            stays.then_some("its replicas neither go nor come while a scenario runs")
        }
        Key::Deadline => facts.nobody_gives_up().then_some("no caller ever gives up: there is no `timeout`"),
        Key::CacheHitRatio | Key::CacheLru => cache(facts, id, station, key),
        Key::Coalesce => {
            let has_keys = b.cache.as_ref().is_some_and(|cache| matches!(cache.mode, CacheMode::Lru { .. }));
            let keyless = !has_keys && !facts.varies(Place::Station(id), Key::CacheLru);
            keyless.then_some("which misses are identical only a cache of keys knows")
        }
        Key::ReplicationSync | Key::ReplicationLag => {
            is_alone(facts, id, station).then_some("there is one replica, and no copy of it")
        }
        Key::ScaleMax => scale(facts, id, station),
        Key::MaxDeliveries | Key::DeadLetter => {
            let once = b.queue_behavior.delivery == Delivery::AtMostOnce;
            let idle = once && !facts.varies(Place::Station(id), Key::Delivery);
            idle.then_some("with `delivery at_most_once` no message comes back or counts as dead")
        }
        _ => None,
    }
}

fn is_alone(facts: &Facts<'_, '_>, id: StationId, station: &Station) -> bool {
    station.behavior.replicas <= 1 && station.behavior.autoscale.is_none() && !facts.grows(id, station)
}

fn is_endless(facts: &Facts<'_, '_>, id: StationId, station: &Station) -> bool {
    station.behavior.concurrency == Limit::Unbounded && !facts.varies(Place::Station(id), Key::Concurrency)
}

fn pauses(facts: &Facts<'_, '_>) -> bool {
    facts.any_fault(|action| matches!(action, ChaosAction::Pause(_)))
}

fn shed(facts: &Facts<'_, '_>, id: StationId, station: &Station) -> Option<&'static str> {
    let b = &station.behavior;
    let share = matches!(b.shed, Some(ShedRule::QueueShare(_)));
    let endless = share && b.queue == Limit::Unbounded && !facts.varies(Place::Station(id), Key::Queue);
    if endless {
        return Some("its queue is unbounded, and has no share that could be taken");
    }
    (is_endless(facts, id, station) && !pauses(facts)).then_some("its workers are unbounded, and never too busy")
}

fn discipline(facts: &Facts<'_, '_>, id: StationId, station: &Station) -> Option<&'static str> {
    let found = station.behavior.discipline;
    if found == Discipline::Fifo || facts.varies(Place::Station(id), Key::Discipline) {
        return None;
    }
    if found == Discipline::Priority && facts.one_priority() {
        return Some("all requests have the same priority");
    }
    (is_endless(facts, id, station) && !pauses(facts)).then_some(UNBOUNDED)
}

fn repair(facts: &Facts<'_, '_>, id: StationId, station: &Station, key: Key) -> Option<&'static str> {
    let failures = station.behavior.failures?;
    let place = Place::Station(id);
    let says_when = |key: &Key| facts.context.built.origins.contains(place, *key) || facts.varies(place, *key);
    if ![Key::Mttf, Key::Availability].iter().any(says_when) {
        return Some("nobody says how often it fails, and once in 30 days is assumed");
    }
    let crews = key == Key::RepairCrews && !facts.varies(place, Key::RepairCrews);
    let steady = station.behavior.autoscale.is_none() && !facts.grows(id, station);
    let enough = failures.repair_crews == 0 || failures.repair_crews >= station.behavior.replicas;
    let idle = crews && enough && (steady || station.behavior.replicas > 1 && !facts.varies(place, Key::Replicas));
    (idle && !scales(facts, station)).then_some("there is a crew for every replica")
}

/// Whether the number of replicas changes during a run.
fn scales(facts: &Facts<'_, '_>, station: &Station) -> bool {
    station.behavior.autoscale.is_some() || facts.any_fault(|action| matches!(action, ChaosAction::Scale(..)))
}

fn cache(facts: &Facts<'_, '_>, id: StationId, station: &Station, key: Key) -> Option<&'static str> {
    let Some(CacheMode::Lru { entries, keys, .. }) = station.behavior.cache.as_ref().map(|cache| &cache.mode) else {
        return None;
    };
    let varies = |key| facts.varies(Place::Station(id), key);
    if key == Key::CacheHitRatio {
        return (!varies(key)).then_some("what its entries hold decides what is a hit");
    }
    let roomy = *entries > keys.keys && !varies(Key::CacheLru) && !varies(Key::CacheKey);
    roomy.then_some("it has more entries than there are keys")
}

fn scale(facts: &Facts<'_, '_>, id: StationId, station: &Station) -> Option<&'static str> {
    let scale = station.behavior.autoscale?;
    let fixed = scale.min == scale.max && station.behavior.replicas == scale.min;
    let varies = [Key::ScaleMin, Key::ScaleMax, Key::Replicas].iter().any(|key| facts.varies(Place::Station(id), *key));
    let idle = fixed && !varies && !facts.any_fault(|action| matches!(action, ChaosAction::Scale(..)));
    idle.then_some("it is as small as `scale.min`, so nothing is ever scaled")
}
