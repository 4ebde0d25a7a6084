//! Faults that change an attribute of the model.

use crate::model::{Architecture, ChaosAction, Dist, Limit, Place, StationId, Value, assign, current};
use crate::quantity::Duration;
use crate::schema::Key;

/// Carries out one change of an attribute, at this part of its full strength; what cannot be carried out changes nothing.
pub(crate) fn change(model: &mut Architecture, action: &ChaosAction, part: f64) {
    let (place, key, value) = match action {
        ChaosAction::Scale(set, replicas) => {
            return set.stations.iter().for_each(|id| scale(model, *id, *replicas, part));
        }
        ChaosAction::Multiply(Place::Station(id), Key::Cost, factor) => {
            return raise_cost(model, *id, 1.0 + (factor - 1.0) * part);
        }
        ChaosAction::Set(place, key, value) => (*place, *key, Some(on_the_way(model, *place, *key, value, part))),
        ChaosAction::Multiply(place, key, factor) => {
            let factor = 1.0 + (factor - 1.0) * part;
            (*place, *key, multiplied(model, *place, *key, factor))
        }
        ChaosAction::Add(place, key, by) => (*place, *key, increased(model, *place, *key, by * part)),
        _ => return,
    };
    if let Some(value) = value {
        let _ = assign(model, place, key, &value);
    }
}

/// Replicas are a setting as any other: of several changes the last begun counts.
fn scale(model: &mut Architecture, id: StationId, replicas: u32, part: f64) {
    let now = &mut model.stations[id.index()].behavior.replicas;
    let (from, to) = (f64::from(*now), f64::from(replicas));
    *now = (from + (to - from) * part).round() as u32;
}

/// Both prices of a station.
fn raise_cost(model: &mut Architecture, id: StationId, factor: f64) {
    let cost = &mut model.stations[id.index()].behavior.cost;
    let prices = cost.per_replica_hour.iter_mut().chain(&mut cost.per_call);
    prices.for_each(|usd| *usd *= factor);
}

/// Along its ramp a number lies between what it was and what it will be; of a distribution so does the mean, and its form
/// is the new one. What is no number, or was none, changes at once.
fn on_the_way(model: &Architecture, place: Place, key: Key, value: &Value, part: f64) -> Value {
    let Some(was) = was(model, place, key, value).filter(|_| part < 1.0) else { return value.clone() };
    let between = |to: f64| was + (to - was) * part;
    match value {
        Value::Number(to) => Value::Number(between(*to)),
        Value::Limit(Limit::At(to)) => Value::Number(between(f64::from(*to))),
        Value::Duration(to) => Duration::from_seconds(between(to.seconds())).map_or(value.clone(), Value::Duration),
        Value::Dist(to) if to.mean() == 0.0 => Value::Dist(Dist::Constant(between(0.0))),
        Value::Dist(to) if to.mean().is_finite() => Value::Dist(to.scaled(between(to.mean()) / to.mean())),
        Value::CostPerHour(to) => Value::CostPerHour(between(*to)),
        Value::CostPerCall(to) => Value::CostPerCall(between(*to)),
        _ => value.clone(),
    }
}

/// What an attribute is before it becomes `value`, as far as that is a number.
fn was(model: &Architecture, place: Place, key: Key, value: &Value) -> Option<f64> {
    match (place, value) {
        (Place::Station(id), Value::CostPerHour(_)) => model.station(id).behavior.cost.per_replica_hour,
        (Place::Station(id), Value::CostPerCall(_)) => model.station(id).behavior.cost.per_call,
        _ => current(model, place, key),
    }
}

/// What an attribute is once it has grown by so much, in base units; a distribution keeps its form, and a time that
/// was none becomes a constant. What has no number cannot grow.
fn increased(model: &Architecture, place: Place, key: Key, by: f64) -> Option<Value> {
    let now = current(model, place, key)?;
    let then = (now + by).max(0.0);
    if now > 0.0 {
        return multiplied(model, place, key, then / now);
    }
    Some(match key {
        Key::ServiceTime | Key::Latency | Key::CacheHitTime => Value::Dist(Dist::Constant(then)),
        _ => Value::Number(then),
    })
}

fn multiplied(model: &Architecture, place: Place, key: Key, factor: f64) -> Option<Value> {
    let scaled = |dist: &Dist| Some(Value::Dist(dist.scaled(factor)));
    match (place, key) {
        (Place::Station(id), Key::ServiceTime) => scaled(&model.station(id).behavior.service_time),
        (Place::Station(id), Key::Patience) => model.station(id).behavior.patience.as_ref().and_then(scaled),
        (Place::Call(id), Key::Latency) => scaled(&model.call(id).behavior.latency),
        (Place::Station(id), Key::CacheHitTime) => {
            model.station(id).behavior.cache.as_ref().and_then(|c| scaled(&c.hit_time))
        }
        // Nothing is nothing, however often.
        _ => current(model, place, key).filter(|value| *value != 0.0).map(|value| Value::Number(value * factor)),
    }
}
