//! W1107: chaos on something that gets no traffic.

use super::Context;
use super::scene::Scene;
use super::traffic::{Traffic, visits};
use super::words::names;
use crate::diag::{Diagnostic, codes};
use crate::model::{CallId, ChaosAction, ChaosEvent, ChaosSlot, Entry, Place, Setter, StationId, chaos_targets};

/// Events whose every target gets no request in any version.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scenes in context.scenes() {
        let Some(first) = scenes.first().filter(|scene| !scene.scenario.base.chaos.is_empty()) else { continue };
        let watched: Vec<Watched<'_, '_, '_>> = scenes.iter().map(Watched::new).collect();
        for (n, event) in first.scenario.base.chaos.iter().enumerate() {
            if watched.iter().all(|scene| scene.is_idle(n)) {
                out.extend(diagnostic(first, event));
            }
        }
    }
}

/// A scene and what gets traffic in it.
struct Watched<'w, 's, 'a> {
    scene: &'w Scene<'s, 'a>,
    traffic: Traffic,
    /// Reached only when something fails: fallbacks, dead letters, and what they call.
    stands_by: Vec<bool>,
}

impl<'w, 's, 'a> Watched<'w, 's, 'a> {
    fn new(scene: &'w Scene<'s, 'a>) -> Self {
        let (model, graph) = (scene.model, scene.graph);
        let fallbacks = model.calls.iter().filter_map(|call| call.behavior.fallback);
        let dead = model.stations.iter().filter_map(|station| station.behavior.queue_behavior.dead_letter);
        let detours = scene.detours();
        let sent = detours.between.iter().map(|(_, to)| *to);
        let stands_by = graph.reached_with(model, fallbacks.chain(dead).chain(sent), &detours);
        Self { scene, traffic: visits(model, graph, &scene.scenario.base.workload.mix), stands_by }
    }

    fn is_idle(&self, event: usize) -> bool {
        let Some(event) = self.scene.scenario.base.chaos.get(event) else { return true };
        let (stations, calls) = hit(event);
        let idle = |id: &StationId| self.traffic.station[id.index()] == 0.0 && !self.stands_by[id.index()];
        let unused = |id: &CallId| self.traffic.call[id.index()] == 0.0 && !self.may_be_used(*id);
        !self.sweeps_targets()
            && (!stations.is_empty() || !calls.is_empty())
            && stations.iter().all(idle)
            && calls.iter().all(unused)
    }

    fn may_be_used(&self, call: CallId) -> bool {
        matches!(self.scene.model.call(call).from, Entry::Station(from) if self.stands_by[from.index()])
    }

    /// One run for each target: the others may be busy.
    fn sweeps_targets(&self) -> bool {
        let target = |setter: &Setter| matches!(setter, Setter::Chaos(_, ChaosSlot::Target(_)));
        self.scene.scenario.axes.iter().flat_map(|axis| &axis.setters).any(target)
    }
}

/// What an event touches.
fn hit(event: &ChaosEvent) -> (Vec<StationId>, Vec<CallId>) {
    match (chaos_targets(&event.action), &event.action) {
        ((Some(set), _), _) => (set.stations.clone(), Vec::new()),
        ((_, Some(links)), _) => (Vec::new(), links.links.iter().map(|(id, ..)| *id).collect()),
        (
            _,
            ChaosAction::Set(Place::Station(id), ..)
            | ChaosAction::Multiply(Place::Station(id), ..)
            | ChaosAction::Add(Place::Station(id), ..),
        ) => (vec![*id], Vec::new()),
        (
            _,
            ChaosAction::Set(Place::Call(id), ..)
            | ChaosAction::Multiply(Place::Call(id), ..)
            | ChaosAction::Add(Place::Call(id), ..),
        ) => (Vec::new(), vec![*id]),
        _ => (Vec::new(), Vec::new()),
    }
}

fn diagnostic(scene: &Scene<'_, '_>, event: &ChaosEvent) -> Option<Diagnostic> {
    let (node, whole) = scene.chaos_node(event)?;
    let at = node.targets.elements.first().map_or(whole, |target| target.span);
    let (stations, calls) = hit(event);
    let mut all: Vec<&str> = stations.iter().map(|id| &*scene.model.station(*id).path).collect();
    all.extend(calls.iter().map(|id| &*scene.model.call(*id).path));
    let diagnostic =
        Diagnostic::new(&codes::W1107, scene.own(at), format!("no request of this scenario comes to {}", names(&all)))
            .label(format!("to `{}` it changes nothing", node.verb.value));
    Some(match busy_neighbour(scene, &stations) {
        Some(name) => diagnostic.help(format!("its traffic comes from `{name}`, which gets none either")),
        None => diagnostic.help("check `traffic`, and the relations and flows that should lead here"),
    })
}

fn busy_neighbour<'s>(scene: &'s Scene<'_, '_>, stations: &[StationId]) -> Option<&'s str> {
    let [only] = stations else { return None };
    let caller = scene.graph.incoming(*only).first()?;
    match scene.model.call(*caller).from {
        Entry::Station(from) => Some(&scene.model.station(from).path),
        Entry::Source(_) => None,
    }
}
