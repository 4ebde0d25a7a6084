//! Simulated time: integers of nanoseconds, so that it neither drifts nor ties by accident.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

const NS: f64 = 1e9;

/// An instant of a simulation: nanoseconds since its start, up to 584 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct SimTime(pub u64);

/// A length of simulated time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Duration(pub u64);

impl SimTime {
    /// The start of a simulation.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// Seconds since the start.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NS
    }

    /// How long ago `earlier` was; zero when it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Nearest nanosecond; `None` when negative, not a number or beyond 584 years.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        let ns = (seconds * NS).round();
        (0.0..u64::MAX as f64).contains(&ns).then_some(Self(ns as u64))
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NS
    }
}

impl Add<Duration> for SimTime {
    type Output = SimTime;

    /// Saturates at [`SimTime::NEVER`], where nothing happens any more.
    fn add(self, length: Duration) -> SimTime {
        SimTime(self.0.saturating_add(length.0))
    }
}

impl Add for Duration {
    type Output = Duration;

    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Duration) {
        *self = *self + other;
    }
}

impl Sub for Duration {
    type Output = Duration;

    fn sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Duration {
    /// In the largest unit that needs at most three digits before the point, three significant digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0 {
            0 => return f.write_str("0s"),
            1..1_000 => (self.0 as f64, "ns"),
            1_000..1_000_000 => (self.0 as f64 / 1e3, "us"),
            1_000_000..1_000_000_000 => (self.0 as f64 / 1e6, "ms"),
            1_000_000_000..600_000_000_000 => (self.0 as f64 / 1e9, "s"),
            600_000_000_000..36_000_000_000_000 => (self.0 as f64 / 60e9, "min"),
            36_000_000_000_000..864_000_000_000_000 => (self.0 as f64 / 3600e9, "h"),
            _ => (self.0 as f64 / 86_400e9, "d"),
        };
        let places = if value >= 100.0 {
            0
        } else if value >= 10.0 {
            1
        } else {
            2
        };
        let text = format!("{value:.places$}");
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        write!(f, "{text}{unit}")
    }
}
