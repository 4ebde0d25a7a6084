//! W1136: changes of one attribute that overlap: the last one acts.

use super::Context;
use super::scene::Scene;
use super::words::time;
use crate::diag::{Diagnostic, codes};
use crate::model::{ChaosAction, ChaosEvent, ChaosSlot, Place, Setter, Trigger};
use crate::schema::{Key, attribute};
use std::collections::BTreeMap;

/// What an event changes: `scale` is a change of `replicas`.
type Changed = (Place, Key);

/// Events at fixed times that set the same attribute while both last.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scene in context.scenes().iter().filter_map(|scenes| scenes.first()) {
        let mut by_attribute: BTreeMap<Changed, Vec<Change<'_>>> = BTreeMap::new();
        for (n, event) in scene.scenario.base.chaos.iter().enumerate().filter(|(n, _)| !is_swept(scene, *n)) {
            for (at, change) in changed(event).into_iter().zip(std::iter::repeat_with(|| Change::new(scene, n, event)))
            {
                by_attribute.entry(at).or_default().extend(change);
            }
        }
        for (at, changes) in &mut by_attribute {
            changes.sort_by_key(|change| (change.start, change.nth));
            out.extend(overlaps(changes).filter_map(|(first, last)| diagnostic(scene, *at, first, last)));
        }
    }
}

/// An event that sets an attribute, with its first beginning and its end, ns.
struct Change<'e> {
    nth: usize,
    event: &'e ChaosEvent,
    start: u64,
    /// `None`: with the run.
    end: Option<u64>,
}

impl<'e> Change<'e> {
    fn new(scene: &Scene<'_, '_>, nth: usize, event: &'e ChaosEvent) -> Option<Self> {
        let Trigger::At(start) = event.timing.trigger else { return None };
        let end = event.timing.length.map(|length| start.0.saturating_add(length.0));
        let within = start.0 < scene.scenario.base.duration.0;
        // What comes again is there until the end, with pauses.
        (within && event.timing.every.is_none()).then_some(Self { nth, event, start: start.0, end })
    }

    /// Whether both hold for a while, and not one after the other for good.
    fn overlaps(&self, later: &Self) -> bool {
        let is_sequence = self.end.is_none() && later.end.is_none() && self.start < later.start;
        self.event.text != later.event.text && !is_sequence && self.end.is_none_or(|end| end > later.start)
    }
}

/// Each change with the one that takes its place first.
fn overlaps<'c, 'e>(changes: &'c [Change<'e>]) -> impl Iterator<Item = (&'c Change<'e>, &'c Change<'e>)> {
    changes.iter().enumerate().filter_map(|(n, first)| {
        let last = changes[n + 1..].iter().find(|last| first.overlaps(last))?;
        Some((first, last))
    })
}

fn changed(event: &ChaosEvent) -> Vec<Changed> {
    match &event.action {
        ChaosAction::Set(place, key, _) => vec![(*place, *key)],
        ChaosAction::Deploy(_, changes) => changes.iter().map(|(place, key, _)| (*place, *key)).collect(),
        ChaosAction::Scale(set, _) if set.any.is_none() => {
            set.stations.iter().map(|id| (Place::Station(*id), Key::Replicas)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether runs differ in when it holds or what it hits: then it overlaps in some of them at most.
fn is_swept(scene: &Scene<'_, '_>, n: usize) -> bool {
    let moves = |setter: &Setter| match setter {
        Setter::Chaos(event, slot) => {
            let moved = matches!(slot, ChaosSlot::At | ChaosSlot::Length | ChaosSlot::Every | ChaosSlot::Target(_));
            *event == n && moved
        }
        Setter::ShareOfRun(event, ..) => *event == n,
        _ => false,
    };
    scene.scenario.axes.iter().flat_map(|axis| &axis.setters).any(moves)
}

fn diagnostic(scene: &Scene<'_, '_>, at: Changed, first: &Change<'_>, last: &Change<'_>) -> Option<Diagnostic> {
    let (_, lost) = scene.chaos_node(first.event)?;
    let (_, wins) = scene.chaos_node(last.event)?;
    let (place, key) = at;
    let path = match place {
        Place::Station(id) => &scene.model.station(id).path,
        Place::Call(id) => &scene.model.call(id).path,
        Place::Request(id) => &scene.model.request_types[id.index()].name,
        Place::Source(id) => &scene.model.sources[id.index()].path,
    };
    let seconds = |ns: u64| time(ns as f64 / 1e9);
    let until = first.end.into_iter().chain(last.end).min();
    let until = until.map_or_else(|| "to the end".to_owned(), |end| format!("to {}", seconds(end)));
    let name = attribute(key).path();
    let why = if first.start == last.start { "this one acts: it stands last" } else { "this one acts: it begins last" };
    let message = format!("`{path}.{name}` is set twice from {} {until}", seconds(last.start));
    Some(
        Diagnostic::new(&codes::W1136, scene.own(wins), message)
            .label(why)
            .related(scene.own(lost), "without effect meanwhile")
            .help("let the first end before the second begins, or keep one of them"),
    )
}
