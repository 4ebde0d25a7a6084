//! When an event begins, comes again and ends, and its other parts that may have several values.

use crate::diag::{Diagnostic, codes};
use crate::model::{ChaosAction, ChaosSlot, Limit, Setter, Trigger, Value};
use crate::quantity::{Dimension, Duration};
use crate::schema::{ChaosVerb, Verb, attribute, find_verb};
use crate::sema::lower::chaos::amount::amount;
use crate::sema::lower::expect::Context;
use crate::sema::lower::scenario::Lowering;
use crate::source::Span;
use crate::syntax::ast;

/// Parts of an event that may have several values, in the order written: the first dimension varies slowest.
pub fn set_times(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, event: usize, label: &str) {
    let mut parts: Vec<(Span, ChaosSlot, &str, &ast::Value, &str)> = Vec::new();
    let times = [
        (&chaos.at, ChaosSlot::At, "at"),
        (&chaos.length, ChaosSlot::Length, "for"),
        (&chaos.every, ChaosSlot::Every, "every"),
        (&chaos.ramp, ChaosSlot::Ramp, "ramp"),
    ];
    for (value, slot, name) in times {
        parts.extend(value.iter().map(|value| (value.span, slot.clone(), name, value, "s")));
    }
    let verb = find_verb(&chaos.verb.value).map(|row| row.verb);
    if verb == Some(Verb::Reorder) {
        let slot = |value: &ast::Value| match lowering.first_quantity(value).map(|q| q.dimension()) {
            Some(Dimension::Duration) => (ChaosSlot::Amount, "by"),
            _ => (ChaosSlot::Share, "share"),
        };
        parts.extend(chaos.amounts.iter().map(|(_, value)| {
            let (slot, name) = slot(value);
            (value.span, slot, name, value, "")
        }));
    } else if let Some((_, value)) = amount(chaos) {
        let slot = if verb == Some(Verb::Decrease) { ChaosSlot::Decrease } else { ChaosSlot::Amount };
        parts.push((value.span, slot, "by", value, ""));
    }
    let jitter = chaos.amounts.iter().find(|(name, _)| name.value == "jitter").map(|(_, value)| value);
    let (mttf, mttr) = chaos.random.as_ref().map(|(mttf, mttr)| (mttf, mttr)).unzip();
    let further = [
        (jitter, ChaosSlot::Jitter, "jitter"),
        (mttf, ChaosSlot::Mttf, "mttf"),
        (mttr, ChaosSlot::Mttr, "mttr"),
        (chaos.when.as_ref().and_then(|when| when.hold.as_ref()), ChaosSlot::Hold, "hold"),
        (chaos.targets.replicas.as_ref(), ChaosSlot::Replicas, "replicas"),
        (chaos.targets.any.as_ref(), ChaosSlot::Any, "any"),
    ];
    for (value, slot, name) in further {
        parts.extend(value.map(|value| (value.span, slot, name, value, "s")));
    }
    parts.sort_by_key(|(at, ..)| *at);
    for (_, slot, name, value, unit) in parts {
        lowering.slot(value, &format!("{label}.{name}"), unit, event, slot);
    }
}

/// Attributes of a deployment that have several values.
pub fn set_deployed(
    lowering: &mut Lowering<'_, '_, '_>,
    properties: &[ast::Property],
    group: Option<&'static str>,
    event: usize,
    label: &str,
) {
    for property in properties {
        let Some(row) = crate::schema::find_attribute(group, &property.name.value) else { continue };
        if let Some(value) = property.values.first().filter(|_| row.fixed.is_none()) {
            lowering.slot(value, &format!("{label}.{}", row.path()), "", event, ChaosSlot::Deployed(row.key));
        }
        set_deployed(lowering, &property.block, Some(row.group.unwrap_or(row.name)), event, label);
    }
}

/// What starts the event. The seed's own lines give no time: then it holds from the start of the run.
pub fn trigger(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, event: usize) {
    if let Some((mttf, mttr)) = &chaos.random {
        let times = (lowering.time(mttf), lowering.time(mttr));
        if let (Some(mttf), Some(mttr)) = times {
            lowering.scenario.base.chaos[event].timing.trigger = Trigger::Random { mttf, mttr };
        }
    }
    if let Some(when) = &chaos.when {
        let hold = when.hold.as_ref().and_then(|hold| lowering.time(hold)).unwrap_or(Duration::ZERO);
        let context = Context { built: lowering.built, flat: lowering.flat, sources: lowering.sources() };
        if let Some(condition) = context.condition(&when.condition, lowering.diagnostics) {
            let every_time = when.every_time;
            lowering.thresholds(&when.condition, |nth| Setter::Chaos(event, ChaosSlot::Threshold(nth)));
            lowering.scenario.base.chaos[event].timing.trigger = Trigger::When { condition, hold, every_time };
        }
    }
}

/// Complains of a `ramp` of what cannot grow.
pub fn no_ramp(at: Span, row: &ChaosVerb, action: &ChaosAction) -> Option<Diagnostic> {
    let (what, why) = match action {
        ChaosAction::Set(_, key, value) if !is_number(value) => {
            (attribute(*key).path(), "it is no number: there is nothing on the way")
        }
        action if grows(action) => return None,
        _ => (row.name.to_owned(), "there is no less or more of it"),
    };
    Some(
        Diagnostic::new(&codes::E0413, at, format!("`ramp` of `{what}` means nothing")).label(why).help(
            "leave it out; a ramp is for what has a size: `slow`, `fail`, `throttle`, `delay`, `drop`, `partition`, `surge`, `scale`, `duplicate`, `reorder`, `poison`, `hot_key`, `exhaust X.memory`, and changes of numbers",
        ),
    )
}

fn is_number(value: &Value) -> bool {
    use Value::{CostPerCall, CostPerHour, Dist, Duration, Number};
    matches!(value, Number(_) | Duration(_) | Dist(_) | Value::Limit(Limit::At(_)) | CostPerHour(_) | CostPerCall(_))
}

/// Whether there is less and more of it, so that it can grow along a ramp.
fn grows(action: &ChaosAction) -> bool {
    matches!(
        action,
        ChaosAction::Slow(..)
            | ChaosAction::Fail(..)
            | ChaosAction::Cut(..)
            | ChaosAction::Delay(..)
            | ChaosAction::Throttle(..)
            | ChaosAction::Multiply(..)
            | ChaosAction::Add(..)
            | ChaosAction::Set(..)
            | ChaosAction::Surge(_)
            | ChaosAction::Scale(..)
            | ChaosAction::Duplicate(..)
            | ChaosAction::Reorder(..)
            | ChaosAction::Poison(..)
            | ChaosAction::HotKey(..)
            | ChaosAction::FillMemory(_)
    )
}
