//! Forms of a load over time, as numbers: what a sweep may vary one by one.

use super::{LoadProfile, LoadSegment};
use crate::quantity::{Dimension, Duration, SimTime};
use serde::{Deserialize, Serialize};

/// What the numbers of a load's form mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoadForm {
    /// Always the same: a rate.
    Constant,
    /// Straight from point to point: an instant and a rate each.
    Points,
    /// From a rate to another within a time.
    Ramp,
    /// A rate, another one from an instant on, and for how long.
    Spike,
    /// One rate after the other, and how long each is kept.
    Steps,
    /// Lowest and highest rate of a cosine, and its period.
    Diurnal,
}

/// A form with its numbers in base units: seconds and 1/s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadShape {
    /// Which form.
    pub form: LoadForm,
    /// Its numbers, in the order written.
    pub numbers: Vec<f64>,
}

/// A day, seconds: the period of a diurnal load.
const DAY: f64 = 86_400.0;
/// Points of a diurnal load in each period.
const DIURNAL_POINTS: u32 = 48;
/// Periods of a diurnal load; the load of the last point holds from there on.
const DIURNAL_PERIODS: u32 = 10;

impl LoadForm {
    /// What number `index` of `count` measures.
    pub fn dimension(self, index: usize, count: usize) -> Dimension {
        let is_time = match self {
            Self::Constant => false,
            Self::Points => index.is_multiple_of(2),
            Self::Ramp | Self::Spike | Self::Diurnal => index >= 2,
            Self::Steps => index + 1 == count,
        };
        if is_time { Dimension::Duration } else { Dimension::Rate }
    }
}

impl LoadShape {
    /// The load over time; `None` where the numbers make none.
    pub fn profile(&self) -> Option<LoadProfile> {
        if self.numbers.iter().any(|number| !number.is_finite() || *number < 0.0) {
            return None;
        }
        let points = match (self.form, self.numbers.as_slice()) {
            (LoadForm::Constant, [rate]) => vec![point(0.0, *rate)?],
            (LoadForm::Points, numbers) => points(numbers)?,
            (LoadForm::Ramp, [from, to, length]) => vec![point(0.0, *from)?, point(*length, *to)?],
            (LoadForm::Spike, [base, peak, at, length]) => spike(*base, *peak, *at, at + length)?,
            (LoadForm::Steps, [rates @ .., length]) => steps(rates, *length)?,
            (LoadForm::Diurnal, [low, high]) => diurnal(*low, *high, DAY)?,
            (LoadForm::Diurnal, [low, high, period]) => diurnal(*low, *high, *period)?,
            _ => return None,
        };
        (!points.is_empty()).then_some(LoadProfile { points })
    }
}

fn point(at: f64, rate: f64) -> Option<LoadSegment> {
    Some(LoadSegment { at: SimTime::ZERO + Duration::from_seconds(at)?, rate })
}

fn points(numbers: &[f64]) -> Option<Vec<LoadSegment>> {
    let pairs = numbers.chunks(2);
    let points = pairs.map(|pair| point(pair[0], *pair.get(1)?)).collect::<Option<Vec<_>>>()?;
    points.windows(2).all(|pair| pair[0].at <= pair[1].at).then_some(points)
}

fn spike(base: f64, peak: f64, at: f64, until: f64) -> Option<Vec<LoadSegment>> {
    [(0.0, base), (at, base), (at, peak), (until, peak), (until, base)]
        .map(|(at, rate)| point(at, rate))
        .into_iter()
        .collect()
}

/// Two points at one instant are a step.
fn steps(rates: &[f64], length: f64) -> Option<Vec<LoadSegment>> {
    let both = |(n, rate): (usize, &f64)| {
        let before = n.checked_sub(1).map(|before| point(n as f64 * length, rates[before]));
        before.into_iter().chain([point(n as f64 * length, *rate)])
    };
    rates.iter().enumerate().flat_map(both).collect()
}

/// A cosine from low to high and back, again and again.
fn diurnal(low: f64, high: f64, period: f64) -> Option<Vec<LoadSegment>> {
    let at = |n: u32| {
        let phase = f64::from(n) / f64::from(DIURNAL_POINTS);
        point(phase * period, low + (high - low) * (1.0 - (phase * std::f64::consts::TAU).cos()) / 2.0)
    };
    (0..=DIURNAL_POINTS * DIURNAL_PERIODS).map(at).collect()
}
