//! Numbers with units: the only code that turns text into quantities and back.
//!
//! A [`Quantity`] keeps what was written (an exact decimal and its unit), so that names and
//! reports show the user's own spelling and grids of ranges are exact; [`Quantity::si`] gives the
//! number in base units (seconds, 1/s, shares, bytes). Inside the simulation times are integers
//! of nanoseconds: [`SimTime`], [`Duration`].

mod decimal;
mod parse;
mod range;
mod time;
mod unit;

pub use decimal::Decimal;
pub use parse::{QuantityError, parse_loose};
pub use range::{Grid, RangeError, RangeSpec, Spacing};
pub use time::{Duration, SimTime};
pub use unit::{Dimension, UNITS, Unit};

use std::fmt;

/// A number and its unit, as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// The number in front of the unit, exact.
    pub number: Decimal,
    /// Its unit; [`Unit::NONE`] for a bare number.
    pub unit: &'static Unit,
}

impl Quantity {
    /// A bare number.
    pub fn bare(number: Decimal) -> Self {
        Self { number, unit: Unit::NONE }
    }

    /// What it measures.
    pub fn dimension(&self) -> Dimension {
        self.unit.dimension
    }

    /// In base units: seconds, 1/s, shares from 0 to 1, bytes, USD per hour, USD per call.
    pub fn si(&self) -> f64 {
        self.number.to_f64() * self.unit.scale
    }

    /// Whether it has no unit and so takes the natural one of whatever it is assigned to.
    pub fn is_bare(&self) -> bool {
        std::ptr::eq(self.unit, Unit::NONE)
    }

    /// A bare number takes `unit`; anything else stays as it is.
    pub fn or_unit(self, unit: &'static Unit) -> Self {
        if self.is_bare() { Self { number: self.number, unit } } else { self }
    }

    /// A bare number, `10k` included, takes `unit`; `None` when that overflows.
    pub fn in_natural(self, unit: &'static Unit) -> Option<Self> {
        if self.dimension() != Dimension::Count || unit.dimension == Dimension::Count {
            return Some(self.or_unit(unit));
        }
        Some(Self { number: self.number.checked_times(self.unit.scale as i128)?, unit })
    }

    /// As a duration, rounded to the nearest nanosecond; `None` for another dimension, a negative
    /// number or one beyond 584 years.
    pub fn duration(&self) -> Option<Duration> {
        (self.dimension() == Dimension::Duration).then(|| Duration::from_seconds(self.si())).flatten()
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, self.unit.symbol)
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        parse::parse(text)
    }
}
