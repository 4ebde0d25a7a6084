//! What a run's result depends on, as 16 bytes.
//!
//! The costly part, the model and the conditions that do not vary, is digested once for each case;
//! a run adds the digests of its own values.

use crate::measure::ENGINE_VERSION;
use crate::model::{Architecture, AxisValue, ChaosSlot, Scenario, Setter};
use serde::Serialize;
use std::sync::Arc;

/// Bytes of a value's digest.
pub(super) const VALUE: usize = 16;

/// Digest of everything that all runs of a case share.
pub(super) type Base = [u8; 32];

/// Digest of a model: titles and the order of tags have no part in it.
pub(super) fn model(model: &Result<Arc<Architecture>, Arc<str>>) -> Base {
    let mut hasher = blake3::Hasher::new();
    match model {
        Ok(architecture) => feed(&mut hasher, &architecture.plain()),
        Err(reason) => feed(&mut hasher, reason),
    }
    hasher.finalize().into()
}

/// Digest of a case: its model, its fixed conditions, and what each axis sets.
pub(super) fn case(model: &Base, scenario: &Scenario, seed: u64) -> Base {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&ENGINE_VERSION.to_le_bytes());
    hasher.update(model);
    hasher.update(&seed.to_le_bytes());
    let mut base = crate::model::RunConfig { seed, ..scenario.base.clone() };
    // What a fault does and an expectation says is hashed, not how it is written.
    base.chaos.iter_mut().for_each(|event| event.text = "".into());
    base.expectations.iter_mut().for_each(|expectation| expectation.text = "".into());
    feed(&mut hasher, &base);
    feed(&mut hasher, &scenario.fixed);
    feed(&mut hasher, &scenario.shape);
    for axis in &scenario.axes {
        feed(&mut hasher, &axis.setters.iter().map(identity).collect::<Vec<_>>());
    }
    hasher.finalize().into()
}

/// What a setter sets, as text that never changes.
fn identity(setter: &Setter) -> String {
    match setter {
        Setter::Knob(key) => format!("knob {key:?}"),
        Setter::Attribute(place, key) => format!("attribute {place:?} {key:?}"),
        Setter::Setting(key) => format!("setting {key:?}"),
        Setter::Expectation(index, nth) => format!("expectation {index} {nth}"),
        Setter::Window(index, nth) => format!("window {index} {nth}"),
        Setter::ShareOfRun(event, slot, share) => format!("chaos {event} {} share {}", slot_name(slot), share.si()),
        Setter::Shape(nth) => format!("shape {nth}"),
        Setter::Load(_) => "load".to_owned(),
        Setter::Tier(_) => "tier".to_owned(),
        Setter::Chaos(event, ChaosSlot::Threshold(nth)) => format!("chaos {event} threshold {nth}"),
        Setter::Chaos(event, ChaosSlot::Deployed(key)) => format!("chaos {event} deployed {key:?}"),
        Setter::Chaos(event, slot) => format!("chaos {event} {}", slot_name(slot)),
    }
}

fn slot_name(slot: &ChaosSlot) -> &'static str {
    match slot {
        ChaosSlot::Mttf => "mttf",
        ChaosSlot::Mttr => "mttr",
        ChaosSlot::Hold => "hold",
        ChaosSlot::Threshold(_) => "threshold",
        ChaosSlot::Replicas => "replicas",
        ChaosSlot::Any => "any",
        ChaosSlot::Jitter => "jitter",
        ChaosSlot::Share => "share",
        ChaosSlot::Deployed(_) => "deployed",
        ChaosSlot::At => "at",
        ChaosSlot::Length => "length",
        ChaosSlot::Every => "every",
        ChaosSlot::Ramp => "ramp",
        ChaosSlot::Amount => "amount",
        ChaosSlot::Decrease => "decrease",
        // Not which ones there are to choose from: only the one that is hit matters.
        ChaosSlot::Target(_) => "target",
    }
}

/// Digest of one value of an axis: of what it means, not of how it is written. A value that sets
/// nothing has none. `number` is the value in base units, where it is a quantity.
pub(super) fn value(value: &AxisValue, number: f64, setters: &[Setter]) -> [u8; VALUE] {
    let mut digest = [0; VALUE];
    if setters.is_empty() {
        return digest;
    }
    match value {
        AxisValue::Quantity(quantity) => {
            digest[0] = 1;
            digest[1] = quantity.dimension() as u8;
            digest[8..].copy_from_slice(&number.to_bits().to_le_bytes());
        }
        AxisValue::Value(_, value) => digest = short(value),
        AxisValue::Choice(_, index) => digest = short(&chosen(*index, setters)),
    }
    digest
}

/// What a choice stands for: actions, loads, tiers.
fn chosen(index: usize, setters: &[Setter]) -> Vec<serde_json::Value> {
    let plain = |setter: &Setter| match setter {
        Setter::Chaos(_, ChaosSlot::Target(actions)) => serde_json::to_value(actions.get(index)),
        Setter::Load(profiles) => serde_json::to_value(profiles.get(index)),
        Setter::Tier(tiers) => serde_json::to_value(tiers.get(index)),
        _ => Ok(serde_json::Value::Null),
    };
    // A derived `Serialize` without maps cannot fail.
    setters.iter().map(|setter| plain(setter).unwrap_or_default()).collect()
}

fn short(content: &impl Serialize) -> [u8; VALUE] {
    let mut hasher = blake3::Hasher::new();
    feed(&mut hasher, content);
    truncated(hasher.finalize())
}

/// Hash of a run: that of its case and the digests of its values in the order of the axes.
pub(super) fn run(base: &Base, values: impl Iterator<Item = [u8; VALUE]>, scratch: &mut Vec<u8>) -> [u8; VALUE] {
    scratch.clear();
    scratch.extend_from_slice(base);
    for value in values {
        scratch.extend_from_slice(&value);
    }
    truncated(blake3::hash(scratch))
}

/// The hash as it is shown.
pub(super) fn push_hex(hash: &[u8; VALUE], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend(hash.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
}

fn truncated(hash: blake3::Hash) -> [u8; VALUE] {
    let mut short = [0; VALUE];
    short.copy_from_slice(&hash.as_bytes()[..VALUE]);
    short
}

/// Feeds content as JSON, followed by a byte that JSON never contains, so that neighbours do not merge.
fn feed(hasher: &mut blake3::Hasher, content: &impl Serialize) {
    // A derived `Serialize` without maps cannot fail.
    hasher.update(&serde_json::to_vec(content).unwrap_or_default());
    hasher.update(&[0xff]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_run_is_what_it_was() {
        let mut scratch = Vec::new();
        let mut hex = Vec::new();
        push_hex(&run(&[7; 32], [[1; VALUE], [2; VALUE]].into_iter(), &mut scratch), &mut hex);
        assert_eq!(String::from_utf8(hex).unwrap(), "ec6e0f867f4d2a31c57e167c3aaa6193");
    }
}
