//! A planned run as the engine takes it: the point's values put into model and conditions.

use super::axis::base_number;
use super::case::PlanCase;
use super::{Plan, PlannedRun};
use crate::model::{
    Architecture, AxisValue, Dist, LoadProfile, LoadShape, Place, Precision, RunConfig, Setter, Tier, Value, assign,
    set_chaos_slot, typed,
};
use crate::model::{CallId, StationId};
use crate::quantity::{Dimension, Duration, Quantity};
use crate::schema::{Key, KnobKey, SettingKey};
use std::sync::Arc;

/// What a run changes.
struct Target {
    /// Shared with every other run of the case until something in it is set.
    model: Arc<Architecture>,
    config: RunConfig,
    shape: Option<LoadShape>,
}

impl Plan {
    /// The model and the conditions of a run. The model is shared with other runs wherever no axis
    /// changes it. `Err` says in one line why the version has no model.
    pub fn materialise(&self, run: &PlannedRun) -> Result<(Arc<Architecture>, RunConfig), Arc<str>> {
        let case = &self.cases[run.case];
        let config = RunConfig { seed: case.seed, ..case.scenario.base.clone() };
        let mut target = Target { model: case.model.clone()?, config, shape: case.scenario.shape.clone() };
        apply_point(&mut target, case, &run.point).ok_or_else(|| unfit(run))?;
        Ok((target.model, target.config))
    }
}

/// A value of another type than its attribute: `sema` lets none through.
fn unfit(run: &PlannedRun) -> Arc<str> {
    format!("a value of {} does not fit what it is assigned to", run.info.name).into()
}

fn apply_point(target: &mut Target, case: &PlanCase, point: &[u64]) -> Option<()> {
    let is_tier = |setter: &&Setter| matches!(setter, Setter::Tier(_));
    let is_length = |setter: &&Setter| matches!(setter, Setter::Setting(SettingKey::Duration));
    // Shares of the run are shares of this.
    for (axis, index) in case.axes.iter().zip(point) {
        let mut lengths = axis.setters.iter().filter(is_length).peekable();
        if lengths.peek().is_some() {
            let value = axis.value(*index)?;
            lengths.try_for_each(|setter| apply(target, setter, &value))?;
        }
    }
    for (axis, index) in case.axes.iter().zip(point) {
        let value = axis.value(*index)?;
        for setter in axis.setters.iter().filter(|setter| !is_tier(setter) && !is_length(setter)) {
            apply(target, setter, &value)?;
        }
        fill_in(&mut target.config, &axis.name, &value);
    }
    if let Some(shape) = &target.shape {
        target.config.workload.load = shape.profile()?;
    }
    // A tier scales whatever else was set.
    for (axis, index) in case.axes.iter().zip(point) {
        let value = axis.value(*index)?;
        axis.setters.iter().filter(is_tier).try_for_each(|setter| apply(target, setter, &value))?;
    }
    Some(())
}

/// Puts the value into the texts of faults and expectations that mention the axis as `{name}`.
fn fill_in(config: &mut RunConfig, name: &str, value: &AxisValue) {
    let texts = config.chaos.iter_mut().map(|event| &mut event.text);
    let texts = texts.chain(config.expectations.iter_mut().map(|expectation| &mut expectation.text));
    for text in texts.filter(|text| text.contains('{')) {
        *text = text.replace(&format!("{{{name}}}"), &spelt(value)).into();
    }
}

fn spelt(value: &AxisValue) -> String {
    match value {
        AxisValue::Quantity(quantity) => quantity.to_string(),
        AxisValue::Value(text, _) | AxisValue::Choice(text, _) => text.to_string(),
    }
}

/// Puts one thing to a value; `None` when it measures something else.
fn apply(target: &mut Target, setter: &Setter, value: &AxisValue) -> Option<()> {
    match setter {
        Setter::Knob(key) => turn(target, *key, value)?,
        Setter::Attribute(place, key) => set(target, *place, *key, &attribute_value(value, *key)?)?,
        Setter::Setting(key) => configure(&mut target.config, *key, quantity(value)?)?,
        Setter::Chaos(event, slot) => set_chaos_slot(&mut target.config, *event, slot, value),
        Setter::Expectation(index, nth) => {
            let expectation = target.config.expectations.get_mut(*index)?;
            *expectation.condition.number_mut(*nth)? = base_number(quantity(value)?);
        }
        Setter::Window(index, nth) => {
            let expectation = target.config.expectations.get_mut(*index)?;
            expectation.window.set_time(*nth, quantity(value)?.duration()?)?;
        }
        Setter::ShareOfRun(event, slot, share) => {
            set_chaos_slot(&mut target.config, *event, slot, &AxisValue::Quantity(*share));
        }
        Setter::Shape(nth) => *target.shape.as_mut()?.numbers.get_mut(*nth)? = base_number(quantity(value)?),
        Setter::Load(profiles) => target.config.workload.load = profiles.get(choice(value)?)?.clone(),
        Setter::Tier(tiers) => scale(target, *tiers.get(choice(value)?)?)?,
    }
    Some(())
}

fn choice(value: &AxisValue) -> Option<usize> {
    if let AxisValue::Choice(_, index) = value { Some(*index) } else { None }
}

/// So many times the load and the replicas, whole ones.
fn scale(target: &mut Target, tier: Tier) -> Option<()> {
    let workload = &mut target.config.workload;
    workload.load.points.iter_mut().for_each(|point| point.rate *= tier.load);
    workload.users.iter_mut().for_each(|(users, _)| *users = times(*users, tier.load));
    if tier.replicas == 1.0 {
        return Some(());
    }
    for n in 0..target.model.stations.len() {
        let replicas = times(target.model.stations[n].behavior.replicas, tier.replicas);
        let place = Place::Station(StationId(n as u32));
        set(target, place, Key::Replicas, &Value::Number(f64::from(replicas)))?;
    }
    Some(())
}

fn times(count: u32, factor: f64) -> u32 {
    (f64::from(count) * factor - 1e-9).ceil().clamp(0.0, f64::from(u32::MAX)) as u32
}

fn turn(target: &mut Target, knob: KnobKey, value: &AxisValue) -> Option<()> {
    let workload = &mut target.config.workload;
    match knob {
        KnobKey::Load => workload.load = LoadProfile::constant(base_number(quantity(value)?)),
        KnobKey::Failures => target.config.failures = base_number(quantity(value)?),
        KnobKey::Latency => target.config.latency = quantity(value)?.duration()?,
        KnobKey::Retries => set_retries(target, quantity(value)?.si())?,
        KnobKey::Lag => set_lag(target, quantity(value)?.duration()?)?,
        KnobKey::Users => workload.users.get_or_insert((0, Dist::ZERO)).0 = whole(quantity(value)?),
        // Without users nobody thinks.
        KnobKey::Think => {
            let given = dist(value)?;
            workload.users.iter_mut().for_each(|(_, think)| *think = given.clone());
        }
    }
    Some(())
}

fn set_retries(target: &mut Target, count: f64) -> Option<()> {
    let retrying = |(n, call): (usize, &crate::model::Call)| call.behavior.retry.map(|_| CallId(n as u32));
    let calls: Vec<CallId> = target.model.calls.iter().enumerate().filter_map(retrying).collect();
    calls.into_iter().try_for_each(|call| set(target, Place::Call(call), Key::Retry, &Value::Number(count)))
}

fn set_lag(target: &mut Target, lag: Duration) -> Option<()> {
    let queue = |(n, station): (usize, &crate::model::Station)| station.is_queue.then_some(StationId(n as u32));
    let queues: Vec<StationId> = target.model.stations.iter().enumerate().filter_map(queue).collect();
    queues.into_iter().try_for_each(|queue| set(target, Place::Station(queue), Key::Lag, &Value::Duration(lag)))
}

fn set(target: &mut Target, place: Place, key: Key, value: &Value) -> Option<()> {
    assign(Arc::make_mut(&mut target.model), place, key, value).ok()
}

fn configure(config: &mut RunConfig, setting: SettingKey, quantity: Quantity) -> Option<()> {
    match setting {
        SettingKey::Duration => config.duration = quantity.duration()?,
        SettingKey::Warmup => config.warmup = Some(warmup(quantity, config.duration)?),
        SettingKey::Replications => config.replications = whole(quantity).max(1),
        SettingKey::Seed => config.seed = quantity.si().max(0.0) as u64,
        SettingKey::Precision => {
            config.precision = Some(Precision { relative: base_number(quantity), max_replications: Precision::BUDGET });
        }
        // Who goes first and who is cut off has no part in what a run yields.
        SettingKey::Priority | SettingKey::Timeout => {}
    }
    Some(())
}

/// A length of time, or a share of the run.
fn warmup(quantity: Quantity, duration: Duration) -> Option<Duration> {
    match quantity.dimension() {
        Dimension::Share => Duration::from_seconds(duration.seconds() * base_number(quantity)),
        _ => quantity.duration(),
    }
}

fn quantity(value: &AxisValue) -> Option<Quantity> {
    if let AxisValue::Quantity(quantity) = value { Some(*quantity) } else { None }
}

fn attribute_value(value: &AxisValue, key: Key) -> Option<Value> {
    match value {
        AxisValue::Quantity(quantity) => typed(*quantity, key),
        AxisValue::Value(_, value) => Some(value.clone()),
        AxisValue::Choice(..) => None,
    }
}

fn dist(value: &AxisValue) -> Option<Dist> {
    match value {
        AxisValue::Quantity(quantity) => Some(Dist::Constant(quantity.duration()?.seconds())),
        AxisValue::Value(_, Value::Dist(dist)) => Some(dist.clone()),
        AxisValue::Value(..) | AxisValue::Choice(..) => None,
    }
}

fn whole(quantity: Quantity) -> u32 {
    quantity.si().round().clamp(0.0, f64::from(u32::MAX)) as u32
}
