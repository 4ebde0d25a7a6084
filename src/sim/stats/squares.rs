//! Sums of squares of times, exact: in whatever order times come, and however runs are merged, the sum is the same.

use serde::{Deserialize, Serialize};

/// A sum of squares of whole numbers below 2^63, in 192 bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct Squares {
    low: u128,
    high: u64,
}

impl Squares {
    /// A sum that is known.
    pub fn of(sum: u128) -> Self {
        Self { low: sum, high: 0 }
    }

    /// Adds the square of a value.
    #[inline(always)]
    pub fn add(&mut self, value: u64) {
        self.add_wide(u128::from(value) * u128::from(value), 0);
    }

    /// Adds the square of a value so many times.
    pub fn add_times(&mut self, value: u64, times: u64) {
        let square = u128::from(value) * u128::from(value);
        let upper = (square >> 64) * u128::from(times);
        self.add_wide(u128::from(square as u64) * u128::from(times), 0);
        self.add_wide(upper << 64, (upper >> 64) as u64);
    }

    /// Adds what another has.
    pub fn merge(&mut self, other: &Self) {
        self.add_wide(other.low, other.high);
    }

    #[inline(always)]
    fn add_wide(&mut self, low: u128, high: u64) {
        let (sum, carries) = self.low.overflowing_add(low);
        self.low = sum;
        self.high = self.high.wrapping_add(high).wrapping_add(u64::from(carries));
    }

    /// The standard deviation of so many values of this sum; 0 without any.
    ///
    /// Squares are taken around the whole number below the mean, so that nothing is lost where values differ little: their
    /// sum is no larger than this one, and known modulo 2^128.
    pub fn deviation(&self, sum: u128, count: u64) -> f64 {
        let n = u128::from(count.max(1));
        let (mean, rest) = (sum / n, (sum % n) as f64 / n as f64);
        let around = if self.high == 0 {
            let twice = mean.wrapping_mul(2).wrapping_mul(sum);
            self.low.wrapping_sub(twice).wrapping_add(n.wrapping_mul(mean).wrapping_mul(mean)) as f64
        } else {
            let all = self.high as f64 * 2_f64.powi(128) + self.low as f64;
            all - n as f64 * mean as f64 * mean as f64
        };
        (around / n as f64 - rest * rest).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> (Squares, u128) {
        let mut squares = Squares::default();
        values.iter().for_each(|value| squares.add(*value));
        (squares, values.iter().map(|value| u128::from(*value)).sum())
    }

    #[test]
    fn what_differs_by_nothing_has_no_deviation_however_large_it_is() {
        for value in [1, 3_000_000_007, (1 << 62) + 1] {
            let (squares, sum) = of(&[value; 3]);
            assert_eq!(squares.deviation(sum, 3), 0.0);
        }
        assert_eq!(Squares::default().deviation(0, 0), 0.0);
    }

    #[test]
    fn deviations_are_those_of_the_values() {
        let (squares, sum) = of(&[2, 4, 4, 4, 5, 5, 7, 9]);
        assert_eq!(squares.deviation(sum, 8), 2.0);
        // Beside a large mean a sum of doubles would have lost it.
        let base = 1 << 55;
        let (squares, sum) = of(&[2, 4, 4, 4, 5, 5, 7, 9].map(|value| value + base));
        assert_eq!(squares.deviation(sum, 8), 2.0);
        let (squares, sum) = of(&[
            1 << 62,
            0,
            1 << 62,
            0,
            1 << 62,
            0,
            1 << 62,
            0,
            1 << 62,
            0,
            1 << 62,
            0,
            1 << 62,
            0,
            1 << 62,
            0,
            1 << 62,
            0,
            1 << 62,
            0,
        ]);
        assert!((squares.deviation(sum, 20) / 2_f64.powi(61) - 1.0).abs() < 1e-12, "beyond 128 bits");
    }

    #[test]
    fn many_at_once_are_many_one_by_one() {
        for value in [0, 5, u64::from(u32::MAX), (1 << 63) - 1] {
            let (mut one_by_one, mut at_once) = (Squares::default(), Squares::default());
            (0..1000).for_each(|_| one_by_one.add(value));
            at_once.add_times(value, 600);
            at_once.merge(&{
                let mut rest = Squares::default();
                rest.add_times(value, 400);
                rest
            });
            assert_eq!(one_by_one, at_once);
        }
    }
}
