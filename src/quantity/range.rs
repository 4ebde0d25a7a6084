//! Ranges and the grid of values they stand for.

use super::{Decimal, Dimension, Quantity, Unit};

/// How the values between the ends are spaced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spacing {
    /// By the default step: the largest 1, 2 or 5 times a power of ten that gives at least four values.
    Auto,
    /// By a step.
    Step(Quantity),
    /// So many values, both ends included, evenly spaced.
    Steps(u64),
    /// So many values, both ends included, evenly spaced in the logarithm.
    Log(u64),
}

/// `A..B` and its spacing, as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RangeSpec {
    /// First value.
    pub start: Quantity,
    /// Last value, included exactly when it lies on the grid.
    pub end: Quantity,
    /// The spacing.
    pub spacing: Spacing,
}

/// Why a range has no values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// The ends measure different things.
    #[error("a range from {0} to {1}")]
    Mixed(Dimension, Dimension),
    /// The end lies before the start.
    #[error("the range ends before it starts")]
    Backwards,
    /// Zero, negative, or of another dimension.
    #[error("the step must be above zero and of the range's own dimension")]
    Step,
    /// `steps 0`, or `log` over a zero or negative end.
    #[error("{0}")]
    Count(&'static str),
    /// More digits than are exact.
    #[error("the numbers of the range need more than 18 digits")]
    Digits,
}

/// The values of a range: counted at once, computed one by one, never stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    start: Decimal,
    unit: &'static Unit,
    len: u128,
    kind: GridKind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum GridKind {
    Step(Decimal),
    Linear(f64),
    Log(f64),
}

impl RangeSpec {
    /// The grid of values; the unit of one end serves both.
    pub fn grid(&self) -> Result<Grid, RangeError> {
        let (start, end) = self.ends()?;
        if end.number < start.number {
            return Err(RangeError::Backwards);
        }
        match self.spacing {
            Spacing::Auto => stepped(start, end, auto_step(start.number, end.number)?),
            Spacing::Step(step) => stepped(start, end, in_unit(step.or_unit(start.unit), start.unit)?),
            Spacing::Steps(count) => spread(start, end, count),
            Spacing::Log(count) => spread_log(start, end, count),
        }
    }

    /// Both ends in the unit of whichever has one (the start's where both do).
    fn ends(&self) -> Result<(Quantity, Quantity), RangeError> {
        let unit = if self.start.is_bare() { self.end.unit } else { self.start.unit };
        let (start, end) = (self.start.or_unit(unit), self.end.or_unit(unit));
        if start.dimension() != end.dimension() {
            return Err(RangeError::Mixed(start.dimension(), end.dimension()));
        }
        Ok((start, Quantity { number: in_unit(end, unit)?, unit }))
    }
}

/// The number of `quantity` when it is written in `unit`.
fn in_unit(quantity: Quantity, unit: &'static Unit) -> Result<Decimal, RangeError> {
    if quantity.unit == unit {
        return Ok(quantity.number);
    }
    if quantity.dimension() != unit.dimension {
        return Err(RangeError::Step);
    }
    Decimal::from_f64(quantity.number.to_f64() * (quantity.unit.scale / unit.scale)).ok_or(RangeError::Digits)
}

fn stepped(start: Quantity, end: Quantity, step: Decimal) -> Result<Grid, RangeError> {
    if step.signum() <= 0 {
        return Err(RangeError::Step);
    }
    let width = end.number.checked_sub(start.number).ok_or(RangeError::Digits)?;
    let len = width.div_floor(step).ok_or(RangeError::Digits)? as u128 + 1;
    Ok(Grid { start: start.number, unit: start.unit, len, kind: GridKind::Step(step) })
}

/// Largest of 1, 2, 5 times a power of ten with at least four values; 1 for a range of one value.
fn auto_step(start: Decimal, end: Decimal) -> Result<Decimal, RangeError> {
    let width = end.checked_sub(start).ok_or(RangeError::Digits)?;
    if width.signum() == 0 {
        return Ok(Decimal::integer(1));
    }
    let top = width.to_f64().log10().ceil() as i32;
    for power in (-18..=top).rev() {
        for digit in [5, 2, 1] {
            let step = Decimal::parse(&format!("{digit}e{power}")).ok_or(RangeError::Digits)?;
            if width.div_floor(step).ok_or(RangeError::Digits)? >= 3 {
                return Ok(step);
            }
        }
    }
    Err(RangeError::Digits)
}

fn spread(start: Quantity, end: Quantity, count: u64) -> Result<Grid, RangeError> {
    let width = end.number.to_f64() - start.number.to_f64();
    let gap = match count {
        0 => return Err(RangeError::Count("`steps` needs at least 1 value")),
        1 => 0.0,
        _ => width / (count - 1) as f64,
    };
    Ok(Grid { start: start.number, unit: start.unit, len: u128::from(count), kind: GridKind::Linear(gap) })
}

fn spread_log(start: Quantity, end: Quantity, count: u64) -> Result<Grid, RangeError> {
    if start.number.signum() <= 0 {
        return Err(RangeError::Count("`log` needs both ends above zero"));
    }
    if count < 2 {
        return Err(RangeError::Count("`log` needs at least 2 values"));
    }
    let gap = (end.number.to_f64() / start.number.to_f64()).ln() / (count - 1) as f64;
    Ok(Grid { start: start.number, unit: start.unit, len: u128::from(count), kind: GridKind::Log(gap) })
}

impl Grid {
    /// How many values; at least 1.
    pub fn len(&self) -> u128 {
        self.len
    }

    /// Never true: a range has at least its start.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Value `index`, from 0; `None` beyond the end.
    pub fn get(&self, index: u128) -> Option<Quantity> {
        if index >= self.len {
            return None;
        }
        let start = self.start.to_f64();
        let number = match self.kind {
            GridKind::Step(step) => self.start.checked_add(step.checked_times(index as i128)?)?,
            GridKind::Linear(gap) => Decimal::from_f64(start + gap * index as f64)?,
            GridKind::Log(gap) => Decimal::from_f64(start * (gap * index as f64).exp())?,
        };
        Some(Quantity { number, unit: self.unit })
    }

    /// Every value in order.
    pub fn iter(&self) -> impl Iterator<Item = Quantity> + '_ {
        (0..self.len).map_while(|index| self.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(start: &str, end: &str, spacing: Spacing) -> Vec<String> {
        let spec = RangeSpec { start: start.parse().unwrap(), end: end.parse().unwrap(), spacing };
        spec.grid().unwrap().iter().map(|q| q.to_string()).collect()
    }

    #[test]
    fn the_language_pages_own_examples() {
        assert_eq!(values("0", "30%", Spacing::Auto), ["0%", "10%", "20%", "30%"]);
        let loads = values("100", "5000", Spacing::Step("200".parse().unwrap()));
        assert_eq!((loads.len(), loads[0].as_str(), loads[24].as_str()), (25, "100", "4900"));
    }

    #[test]
    fn grids_are_exact_and_close_at_the_end_only_when_it_lies_on_them() {
        assert_eq!(values("0", "1", Spacing::Step("0.1".parse().unwrap())).len(), 11);
        assert_eq!(values("0", "1", Spacing::Step("0.3".parse().unwrap())), ["0", "0.3", "0.6", "0.9"]);
        assert_eq!(values("1ms", "1s", Spacing::Step("333ms".parse().unwrap())), ["1ms", "334ms", "667ms", "1000ms"]);
        assert_eq!(values("2", "2", Spacing::Auto), ["2"]);
    }

    #[test]
    fn steps_and_log_include_both_ends() {
        assert_eq!(values("0", "10", Spacing::Steps(5)), ["0", "2.5", "5", "7.5", "10"]);
        assert_eq!(values("1", "1000", Spacing::Log(4)), ["1", "10", "100", "1000"]);
    }

    #[test]
    fn senseless_ranges_say_why() {
        let grid = |a: &str, b: &str, spacing| {
            RangeSpec { start: a.parse().unwrap(), end: b.parse().unwrap(), spacing }.grid()
        };
        assert_eq!(grid("5", "1", Spacing::Auto), Err(RangeError::Backwards));
        assert_eq!(grid("1", "5", Spacing::Step("0".parse().unwrap())), Err(RangeError::Step));
        assert_eq!(grid("1s", "5/s", Spacing::Auto), Err(RangeError::Mixed(Dimension::Duration, Dimension::Rate)));
        assert!(grid("0", "1e12", Spacing::Step("1".parse().unwrap())).unwrap().len() > 1_000_000_000_000);
    }
}
