//! Moments of times, and how they add and mix.

use crate::model::Dist;

/// The first three raw moments of a time, in s, s² and s³.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Moments {
    /// E[X].
    pub mean: f64,
    /// E[X²].
    pub second: f64,
    /// E[X³].
    pub third: f64,
}

impl Moments {
    /// No time.
    pub const ZERO: Self = Self { mean: 0.0, second: 0.0, third: 0.0 };

    /// Always the same.
    pub fn constant(t: f64) -> Self {
        Self { mean: t, second: t * t, third: t * t * t }
    }

    /// Exponential with this mean.
    pub fn exponential(mean: f64) -> Self {
        Self { mean, second: 2.0 * mean * mean, third: 6.0 * mean * mean * mean }
    }

    /// Of a distribution of the model.
    pub fn of(dist: &Dist) -> Self {
        Self { mean: dist.mean(), second: dist.second_moment(), third: dist.third_moment() }
    }

    /// By mean and squared coefficient of variation, with the third moment of a gamma distribution.
    pub fn mean_scv(mean: f64, scv: f64) -> Self {
        Self { mean, second: mean * mean * (1.0 + scv), third: mean * mean * mean * (1.0 + scv) * (1.0 + 2.0 * scv) }
    }

    /// By the first three cumulants.
    fn from_cumulants(mean: f64, variance: f64, third: f64) -> Self {
        let cube = mean * mean * mean;
        Self { mean, second: variance + mean * mean, third: third + 3.0 * mean * variance + cube }
    }

    /// Variance, s².
    pub fn variance(self) -> f64 {
        (self.second - self.mean * self.mean).max(0.0)
    }

    /// Third central moment, s³.
    fn third_central(self) -> f64 {
        self.third - 3.0 * self.mean * self.second + 2.0 * self.mean * self.mean * self.mean
    }

    /// Squared coefficient of variation; 0 of no time.
    pub fn scv(self) -> f64 {
        if self.mean > 0.0 { self.variance() / (self.mean * self.mean) } else { 0.0 }
    }

    /// Of the sum with an independent time.
    pub fn plus(self, other: Self) -> Self {
        Self {
            mean: self.mean + other.mean,
            second: self.second + 2.0 * self.mean * other.mean + other.second,
            third: self.third + 3.0 * (self.second * other.mean + self.mean * other.second) + other.third,
        }
    }

    /// Of the sum of `n` independent times like this.
    pub fn times(self, n: f64) -> Self {
        if n == 1.0 {
            return self;
        }
        Self::from_cumulants(n * self.mean, n * self.variance(), n * self.third_central())
    }

    /// Of the sum of a geometric number (from 1, with this mean) of independent times like this.
    pub fn geometric(self, n: f64) -> Self {
        let (spread, skew) = (n * (n - 1.0), n * (n - 1.0) * (2.0 * n - 1.0));
        let (m, v) = (self.mean, self.variance());
        let third = n * self.third_central() + 3.0 * spread * m * v + skew * m * m * m;
        Self::from_cumulants(n * m, n * v + spread * m * m, third)
    }

    /// Adds `weight` of a mixture; what has no weight adds nothing, however large it is.
    pub fn mix(&mut self, weight: f64, part: Self) {
        if weight > 0.0 {
            self.mean += weight * part.mean;
            self.second += weight * part.second;
            self.third += weight * part.third;
        }
    }

    /// A mixture of two.
    pub fn either(weight: f64, one: Self, other: Self) -> Self {
        if weight >= 1.0 {
            return one;
        }
        let mut mixed = Self::ZERO;
        mixed.mix(weight, one);
        mixed.mix(1.0 - weight, other);
        mixed
    }

    /// All moments times a weight.
    pub fn scaled(self, weight: f64) -> Self {
        Self { mean: self.mean * weight, second: self.second * weight, third: self.third * weight }
    }

    /// Of the time, so many times as long.
    pub fn stretched(self, by: f64) -> Self {
        Self { mean: self.mean * by, second: self.second * by * by, third: self.third * by * by * by }
    }

    /// A mixture that sums to `weight`, brought to 1.
    pub fn normalised(self, weight: f64) -> Self {
        if weight <= 0.0 {
            return Self::ZERO;
        }
        self.scaled(weight.recip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_exponentials_are_erlang_and_geometric_sums_exponential() {
        let x = Moments::exponential(0.5);
        let twice = x.plus(x);
        assert!((twice.third - 24.0 * 0.125).abs() < 1e-12 && (twice.scv() - 0.5).abs() < 1e-12);
        assert!((x.times(2.0).third - twice.third).abs() < 1e-12);
        let many = x.geometric(4.0);
        assert!((many.mean - 2.0).abs() < 1e-12 && (many.third - 48.0).abs() < 1e-9);
    }
}
