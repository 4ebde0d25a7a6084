//! W1115: chaos outside the measured time.

use super::Context;
use super::scene::{Scene, extent};
use crate::diag::{Diagnostic, codes};
use crate::model::{Axis, ChaosEvent, ChaosSlot, Setter, Trigger};
use crate::quantity::{Duration, SimTime};
use crate::schema::SettingKey;

/// Events at or after the end, and those that are over before the measuring begins.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scene in context.scenes().iter().filter_map(|scenes| scenes.first()) {
        if sweeps_length(scene) {
            continue;
        }
        for (n, event) in scene.scenario.base.chaos.iter().enumerate() {
            out.extend(one(scene, n, event));
        }
    }
}

fn sweeps_length(scene: &Scene<'_, '_>) -> bool {
    let sets = |setter: &Setter| matches!(setter, Setter::Setting(SettingKey::Duration | SettingKey::Warmup));
    scene.scenario.axes.iter().any(|axis| axis.setters.iter().any(sets))
}

fn one(scene: &Scene<'_, '_>, n: usize, event: &ChaosEvent) -> Option<Diagnostic> {
    let Trigger::At(fixed) = event.timing.trigger else { return None };
    // Of a sweep the last: those before it are then too early as well.
    let last = last_start(scene, n).unwrap_or(fixed);
    let base = &scene.scenario.base;
    let end = SimTime::ZERO + base.duration;
    if last >= end {
        let after = last.since(SimTime::ZERO);
        let message = format!("the run is over at {}: nothing happens at {after}", base.duration);
        return diagnostic(scene, event, message, "after the end", "bring it forward, or make `duration` longer");
    }
    let warmup = base.least_warmup();
    let over = last + event.timing.length.filter(|_| !sweeps_slot(scene, n, |s| matches!(s, ChaosSlot::Length)))?;
    if event.timing.every.is_some() || over > SimTime::ZERO + warmup || base.duration <= warmup {
        return None;
    }
    let message = format!("this is over after {}, and measuring begins at {warmup}", over.since(SimTime::ZERO));
    diagnostic(scene, event, message, "within the warm-up", "put it behind the warm-up")
}

/// Largest start of an event whose start is swept.
fn last_start(scene: &Scene<'_, '_>, n: usize) -> Option<SimTime> {
    let axis = axis_of(scene, n, |slot| matches!(slot, ChaosSlot::At))?;
    let (_, high) = extent(axis)?;
    Duration::from_seconds(high.si()).map(|length| SimTime::ZERO + length)
}

fn axis_of<'x>(scene: &'x Scene<'_, '_>, n: usize, is_slot: impl Fn(&ChaosSlot) -> bool) -> Option<&'x Axis> {
    let sets = |setter: &Setter| matches!(setter, Setter::Chaos(event, slot) if *event == n && is_slot(slot));
    scene.scenario.axes.iter().find(|axis| axis.setters.iter().any(sets))
}

fn sweeps_slot(scene: &Scene<'_, '_>, n: usize, is_slot: impl Fn(&ChaosSlot) -> bool) -> bool {
    axis_of(scene, n, is_slot).is_some()
}

fn diagnostic(
    scene: &Scene<'_, '_>,
    event: &ChaosEvent,
    message: String,
    label: &str,
    help: &str,
) -> Option<Diagnostic> {
    let (node, whole) = scene.chaos_node(event)?;
    let at = scene.own(node.at.as_ref().map_or(whole, |at| at.span));
    let diagnostic = Diagnostic::new(&codes::W1115, at, message).label(label).help(help);
    let setting = if label == "after the end" { "duration" } else { "warmup" };
    Some(match scene.value_of(setting).filter(|span| !scene.context.is_std(*span)) {
        Some(span) => diagnostic.related(span, format!("the {setting}")),
        None => diagnostic,
    })
}
