//! W1134: a fault that has nothing to act on.

use super::Context;
use super::scene::Scene;
use crate::diag::{Diagnostic, codes};
use crate::model::{
    Architecture, Balance, CacheMode, ChaosAction, ChaosEvent, ChaosSlot, ElementSet, Entry, Place, Setter, Station,
    chaos_targets, current,
};
use crate::schema::{Key, KnobKey};

/// Events that change nothing in any version.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scenes in context.scenes() {
        let Some(first) = scenes.first() else { continue };
        for (n, event) in first.scenario.base.chaos.iter().enumerate() {
            if let Some((why, help)) = scenes
                .iter()
                .map(|scene| idle(scene, n))
                .collect::<Option<Vec<_>>>()
                .and_then(|all| all.first().copied())
            {
                out.extend(diagnostic(first, event, why, help));
            }
        }
    }
}

/// Why an event changes nothing, and what to do; `None`: it may change something.
fn idle(scene: &Scene<'_, '_>, n: usize) -> Option<(&'static str, &'static str)> {
    let event = scene.scenario.base.chaos.get(n)?;
    let target = |setter: &Setter| matches!(setter, Setter::Chaos(event, ChaosSlot::Target(_)) if *event == n);
    if scene.scenario.axes.iter().flat_map(|axis| &axis.setters).any(target) {
        return None;
    }
    if hits_nothing(scene.model, &event.action) {
        return Some(("what it names takes no requests", "name what takes some: an element, or a zone with one in it"));
    }
    let model = scene.roomiest();
    let none =
        |set: &ElementSet, has: &dyn Fn(&Station) -> bool| !set.stations.iter().any(|id| has(model.station(*id)));
    let keeps = |station: &Station| station.behavior.cache.is_some() || station.behavior.warmup.0 > 0;
    match &event.action {
        ChaosAction::Restart(set, _) | ChaosAction::Kill(set) | ChaosAction::Stop(set, _)
            if event.manner.cold && none(set, &keeps) =>
        {
            Some(("it starts no colder than else", "give it a `cache`, or `warmup 30s`: for so long it is slower"))
        }
        ChaosAction::FillDisk(set) => (none(set, &|station| station.is_queue) && !is_written(&model, set))
            .then_some(("nobody writes to it", "say which calls write: `A -> B { write }`")),
        ChaosAction::HotKey(set, _) => none(set, &has_keys)
            .then_some(("it tells no keys apart", "give it `shards`, an LRU cache, or `balance consistent_hash`")),
        ChaosAction::ClearCache(set) => {
            none(set, &|station| station.behavior.cache.is_some()).then_some(("it has no cache", "name one that has"))
        }
        ChaosAction::FreezeScaling(set) => none(set, &|station| station.behavior.autoscale.is_some())
            .then_some(("it has no autoscaler", "give it `scale { min 2 max 10 }`")),
        ChaosAction::Quota(set) => (none(set, &|station| station.behavior.autoscale.is_some()) && !is_scaled(scene))
            .then_some(("nothing asks for further replicas", "give it `scale { min 2 max 10 }`")),
        _ => changes_nothing(scene, &model, &event.action),
    }
}

/// Whether an event names nothing that could be hit: a source where replicas are meant, a zone without anything.
fn hits_nothing(model: &Architecture, action: &ChaosAction) -> bool {
    match (chaos_targets(action), action) {
        ((Some(set), _), _) => set.stations.is_empty(),
        (_, ChaosAction::Outage(domain)) => model.placed_in(*domain).next().is_none(),
        (_, ChaosAction::Heal(Some(named))) => {
            named.stations.stations.is_empty() && named.sources.is_empty() && named.links.links.is_empty()
        }
        _ => false,
    }
}

/// Why a change of an attribute changes nothing.
fn changes_nothing(
    scene: &Scene<'_, '_>,
    model: &Architecture,
    action: &ChaosAction,
) -> Option<(&'static str, &'static str)> {
    let workload = &scene.scenario.base.workload;
    let swept = |knob: KnobKey| {
        let is_knob = |setter: &Setter| matches!(setter, Setter::Knob(key) if *key == knob);
        scene.scenario.axes.iter().flat_map(|axis| &axis.setters).any(is_knob)
    };
    match action {
        ChaosAction::Set(_, Key::Weight, _) if !workload.mix.is_empty() => {
            Some(("`traffic` says what the load consists of", "leave `traffic` out: then weights share the load"))
        }
        ChaosAction::Set(Place::Call(id), Key::Weight, _) if matches!(model.call(*id).from, Entry::Station(_)) => {
            Some(("only relations of a source share the load", "give the call a `probability` instead"))
        }
        ChaosAction::Set(_, Key::Arrivals, _) if workload.users.is_some() && !swept(KnobKey::Users) => {
            Some(("users ask when they have thought", "give a `load` instead of `users`"))
        }
        ChaosAction::Multiply(place, key, _) | ChaosAction::Add(place, key, _) => {
            (*key != Key::Cost && current(model, *place, *key).is_none() && is_settled(scene, *place))
                .then_some(("there is nothing that could grow", "give it a value, or write `set … = …`"))
        }
        _ => None,
    }
}

/// Whether no other event and no run gives this place another behavior.
fn is_settled(scene: &Scene<'_, '_>, place: Place) -> bool {
    let sets = |event: &ChaosEvent| match &event.action {
        ChaosAction::Set(at, ..) => *at == place,
        ChaosAction::Deploy(_, settings) => settings.iter().any(|(at, ..)| *at == place),
        _ => false,
    };
    let varies = |setter: &Setter| match setter {
        Setter::Attribute(at, _) => *at == place,
        Setter::Knob(_) => true,
        _ => false,
    };
    !scene.scenario.base.chaos.iter().any(sets) && !scene.scenario.axes.iter().flat_map(|a| &a.setters).any(varies)
}

fn is_written(model: &Architecture, set: &ElementSet) -> bool {
    model.calls.iter().any(|call| call.behavior.write && set.stations.contains(&call.to))
}

fn has_keys(station: &Station) -> bool {
    let behavior = &station.behavior;
    let lru = behavior.cache.as_ref().is_some_and(|cache| matches!(cache.mode, CacheMode::Lru { .. }));
    behavior.shards.is_some() || lru || behavior.balance == Balance::ConsistentHash
}

/// Whether an event asks for another number of replicas.
fn is_scaled(scene: &Scene<'_, '_>) -> bool {
    let asks = |event: &ChaosEvent| {
        matches!(
            event.action,
            ChaosAction::Scale(..)
                | ChaosAction::Set(_, Key::Replicas, _)
                | ChaosAction::Multiply(_, Key::Replicas, _)
                | ChaosAction::Add(_, Key::Replicas, _)
        )
    };
    scene.scenario.base.chaos.iter().any(asks)
}

fn diagnostic(scene: &Scene<'_, '_>, event: &ChaosEvent, why: &str, help: &str) -> Option<Diagnostic> {
    let (node, whole) = scene.chaos_node(event)?;
    let at = node.targets.elements.first().map_or(whole, |target| target.span);
    let message = format!("`{}` changes nothing here: {why}", node.verb.value);
    Some(Diagnostic::new(&codes::W1134, scene.own(at), message).label("without effect").help(help))
}
