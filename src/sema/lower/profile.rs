//! Load profiles: forms of an assigned load to points over time.

use crate::model::{LoadProfile, LoadSegment};
use crate::quantity::{Dimension, Duration, SimTime, Unit};
use crate::sema::values::quantity_of;
use crate::syntax::ast::{Value, ValueKind};

fn second() -> &'static Unit {
    Unit::find("s").unwrap_or(Unit::NONE)
}

/// Arguments side by side, those in braces too.
pub fn flattened(args: &[Vec<Value>]) -> Vec<Value> {
    let inside = |value: &Value| match &value.value {
        ValueKind::Block(values) => values.clone(),
        _ => vec![value.clone()],
    };
    args.iter().flatten().flat_map(inside).collect()
}

fn rate(value: &Value) -> Option<f64> {
    let q = quantity_of(value)?.or_unit(Unit::find("/s")?);
    (q.dimension() == Dimension::Rate && q.number.signum() >= 0).then(|| q.si())
}

fn instant(value: &Value) -> Option<SimTime> {
    let q = quantity_of(value)?.or_unit(second());
    q.duration().map(|length| SimTime::ZERO + length)
}

fn numbers(args: &[Value]) -> Vec<&Value> {
    args.iter().filter(|value| quantity_of(value).is_some()).collect()
}

/// `0s 200/s  60s 200/s  70s 2000/s`.
pub fn profile_points(args: &[Value]) -> Option<LoadProfile> {
    let mut points = Vec::new();
    for pair in args.chunks(2) {
        let [at, load] = pair else { return None };
        points.push(LoadSegment { at: instant(at)?, rate: rate(load)? });
    }
    let ascending = points.windows(2).all(|pair| pair[0].at <= pair[1].at);
    (!points.is_empty() && ascending).then_some(LoadProfile { points })
}

/// `ramp(100/s, 1000/s, 60s)`.
pub fn ramp(args: &[Value]) -> Option<LoadProfile> {
    let numbers = numbers(args);
    let [from, to, length] = numbers.as_slice() else { return None };
    let points = vec![
        LoadSegment { at: SimTime::ZERO, rate: rate(from)? },
        LoadSegment { at: instant(length)?, rate: rate(to)? },
    ];
    Some(LoadProfile { points })
}

/// `spike(200/s, 2000/s, at 60s, for 10s)`.
pub fn spike(args: &[Value]) -> Option<LoadProfile> {
    let numbers = numbers(args);
    let [base, peak, at, length] = numbers.as_slice() else { return None };
    let (base, peak, at) = (rate(base)?, rate(peak)?, instant(at)?);
    let until = at + instant(length)?.since(SimTime::ZERO);
    let points = [(SimTime::ZERO, base), (at, base), (at, peak), (until, peak), (until, base)];
    Some(LoadProfile { points: points.into_iter().map(|(at, rate)| LoadSegment { at, rate }).collect() })
}

/// `step(100/s, 500/s, 1000/s, every 30s)`.
pub fn steps(args: &[Value]) -> Option<LoadProfile> {
    let numbers = numbers(args);
    let (length, rates) = numbers.split_last()?;
    let length = instant(length)?.0;
    let mut points = Vec::new();
    let mut last: Option<f64> = None;
    for (n, value) in rates.iter().enumerate() {
        let at = SimTime(length.saturating_mul(n as u64));
        points.extend(last.map(|rate| LoadSegment { at, rate }));
        let now = rate(value)?;
        points.push(LoadSegment { at, rate: now });
        last = Some(now);
    }
    (!points.is_empty()).then_some(LoadProfile { points })
}

/// `diurnal(100/s, 1000/s, 24h)`: one period of a cosine from low to high and back, repeated ten times, 48 points each.
pub fn diurnal(args: &[Value]) -> Option<LoadProfile> {
    let numbers = numbers(args);
    let (low, high) = (rate(numbers.first()?)?, rate(numbers.get(1)?)?);
    let period = numbers.get(2).and_then(|value| instant(value)).map_or(86_400.0, SimTime::seconds);
    let point = |n: u32| {
        let phase = f64::from(n) / 48.0;
        let rate = low + (high - low) * (1.0 - (phase * std::f64::consts::TAU).cos()) / 2.0;
        Some(LoadSegment { at: SimTime::ZERO + Duration::from_seconds(phase * period)?, rate })
    };
    (0..=480).map(point).collect::<Option<Vec<_>>>().map(|points| LoadProfile { points })
}
