//! W1106: a sweep out of an attribute's sensible range.

use super::Context;
use super::scene::{Scene, extent};
use crate::diag::{Diagnostic, codes};
use crate::model::{Axis, Setter};
use crate::quantity::Quantity;
use crate::schema::{Attribute, Key, attribute};

/// Ends of sweeps against the ranges of the schema, and against zero where nothing works.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scene in context.scenes().iter().filter_map(|scenes| scenes.first()) {
        for axis in &scene.scenario.axes {
            out.extend(check_axis(scene, axis));
        }
    }
}

fn check_axis(scene: &Scene<'_, '_>, axis: &Axis) -> Option<Diagnostic> {
    let key = axis
        .setters
        .iter()
        .find_map(|setter| if let Setter::Attribute(_, key) = setter { Some(*key) } else { None })?;
    let row = attribute(key);
    let (low, high) = extent(axis)?;
    let (value, bounds) = outside(row, low, high).or_else(|| useless(key, low))?;
    let at = scene.own(scene.axis_span(axis)?);
    let message = format!("the sweep takes `{}` to {}, but {bounds}", axis.name, value.or_unit(axis.unit));
    Some(
        Diagnostic::new(&codes::W1106, at, message)
            .label("out of the sensible range")
            .help("narrow the range, or leave those runs out with `exclude when`"),
    )
}

/// The end that the schema does not allow.
fn outside(row: &Attribute, low: Quantity, high: Quantity) -> Option<(Quantity, String)> {
    let (from, to) = row.range;
    let bounds = match row.ty {
        crate::schema::Type::Share => "a share lies between 0 % and 100 %".to_owned(),
        _ if to.is_infinite() => format!("it is at least {from}"),
        _ => format!("it lies between {from} and {to}"),
    };
    if low.si() < from {
        return Some((low, bounds));
    }
    (high.si() > to).then_some((high, bounds))
}

/// Values that are allowed, and with which nothing can work.
fn useless(key: Key, low: Quantity) -> Option<(Quantity, String)> {
    let why = match key {
        Key::Replicas | Key::ScaleMax => "nothing serves without a replica: every request fails",
        Key::Timeout => "nothing answers in no time: every call fails",
        Key::RateLimit => "a limit of 0 refuses everything",
        Key::Calls | Key::Probability => "without a call the relation is not there",
        _ => return None,
    };
    let silent = matches!(key, Key::Calls | Key::Probability);
    (low.si() == 0.0 && !silent).then(|| (low, why.to_owned()))
}
