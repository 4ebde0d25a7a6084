//! Probability distributions of times, in seconds.

use serde::{Deserialize, Serialize};

/// A distribution of a non-negative time. All times in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Dist {
    /// Always the same.
    Constant(f64),
    /// Exponential with this mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Uniform between two bounds.
    Uniform {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Normal, draws below zero taken as zero.
    Normal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        sd: f64,
    },
    /// Lognormal by the mean and standard deviation of its logarithm.
    Lognormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Gamma by mean and coefficient of variation.
    Gamma {
        /// Mean.
        mean: f64,
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Erlang: sum of `k` exponentials.
    Erlang {
        /// Number of stages.
        k: u32,
        /// Mean of the sum.
        mean: f64,
    },
    /// Mixture of exponentials: (probability, mean); probabilities sum to 1.
    Hyperexponential(Vec<(f64, f64)>),
    /// Weibull.
    Weibull {
        /// Shape.
        shape: f64,
        /// Scale.
        scale: f64,
    },
    /// Pareto: P(X > x) = (min/x)^alpha.
    Pareto {
        /// Smallest value.
        min: f64,
        /// Tail index.
        alpha: f64,
    },
    /// Pareto cut off at `max`: F(x) = (1-(min/x)^a)/(1-(min/max)^a).
    BoundedPareto {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Tail index.
        alpha: f64,
    },
    /// One of several, by weight; weights sum to 1.
    Mixture(Vec<(f64, Dist)>),
    /// Observed values, sorted: drawn by the inverse of the empirical distribution function.
    Empirical(std::sync::Arc<[f64]>),
}

impl Dist {
    /// No time at all.
    pub const ZERO: Self = Self::Constant(0.0);
    /// The 99th percentile of the standard normal distribution.
    pub(super) const Z99: f64 = 2.326_347_874_040_841;

    /// Lognormal by mean and coefficient of variation.
    pub fn lognormal_mean_cv(mean: f64, cv: f64) -> Self {
        let variance = (1.0 + cv * cv).ln();
        Self::Lognormal { mu: mean.ln() - variance / 2.0, sigma: variance.sqrt() }
    }

    /// Lognormal by its median and 99th percentile.
    pub fn lognormal_p50_p99(p50: f64, p99: f64) -> Self {
        Self::Lognormal { mu: p50.ln(), sigma: (p99 / p50).ln() / Self::Z99 }
    }

    /// Mean in seconds; infinite for a Pareto with `alpha` at most 1.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean } | Self::Gamma { mean, .. } | Self::Erlang { mean, .. } => *mean,
            Self::Uniform { low, high } => (low + high) / 2.0,
            Self::Normal { mean, sd } => truncated_normal_mean(*mean, *sd),
            Self::Lognormal { mu, sigma } => (mu + sigma * sigma / 2.0).exp(),
            Self::Hyperexponential(parts) => parts.iter().map(|(p, mean)| p * mean).sum(),
            Self::Weibull { shape, scale } => scale * gamma(1.0 + 1.0 / shape),
            Self::Pareto { min, alpha } => {
                if *alpha > 1.0 {
                    alpha * min / (alpha - 1.0)
                } else {
                    f64::INFINITY
                }
            }
            Self::BoundedPareto { min, max, alpha } => bounded_pareto_moment(*min, *max, *alpha, 1.0),
            Self::Mixture(parts) => parts.iter().map(|(p, dist)| p * dist.mean()).sum(),
            Self::Empirical(values) => values.iter().sum::<f64>() / values.len().max(1) as f64,
        }
    }

    /// Second moment in s²; infinite where it does not exist.
    pub fn second_moment(&self) -> f64 {
        let mean = self.mean();
        match self {
            Self::Constant(value) => value * value,
            Self::Exponential { mean } => 2.0 * mean * mean,
            Self::Uniform { low, high } => (low * low + low * high + high * high) / 3.0,
            // Truncation is ignored: exact when the mean is many deviations above zero.
            Self::Normal { mean, sd } => mean * mean + sd * sd,
            Self::Lognormal { mu, sigma } => (2.0 * mu + 2.0 * sigma * sigma).exp(),
            Self::Gamma { cv, .. } => mean * mean * (1.0 + cv * cv),
            Self::Erlang { k, .. } => mean * mean * (1.0 + 1.0 / f64::from(*k)),
            Self::Hyperexponential(parts) => parts.iter().map(|(p, mean)| 2.0 * p * mean * mean).sum(),
            Self::Weibull { shape, scale } => scale * scale * gamma(1.0 + 2.0 / shape),
            Self::Pareto { min, alpha } => {
                if *alpha > 2.0 {
                    alpha * min * min / (alpha - 2.0)
                } else {
                    f64::INFINITY
                }
            }
            Self::BoundedPareto { min, max, alpha } => bounded_pareto_moment(*min, *max, *alpha, 2.0),
            Self::Mixture(parts) => parts.iter().map(|(p, dist)| p * dist.second_moment()).sum(),
            Self::Empirical(values) => values.iter().map(|v| v * v).sum::<f64>() / values.len().max(1) as f64,
        }
    }

    /// Third moment in s³; infinite where it does not exist.
    pub fn third_moment(&self) -> f64 {
        let mean = self.mean();
        let cube = mean * mean * mean;
        match self {
            Self::Constant(value) => value * value * value,
            Self::Exponential { .. } => 6.0 * cube,
            Self::Uniform { low, high } => (low + high) * (low * low + high * high) / 4.0,
            // Truncation is ignored, as in the second moment.
            Self::Normal { mean, sd } => mean * (mean * mean + 3.0 * sd * sd),
            Self::Lognormal { mu, sigma } => (3.0 * mu + 4.5 * sigma * sigma).exp(),
            Self::Gamma { cv, .. } => cube * (1.0 + cv * cv) * (1.0 + 2.0 * cv * cv),
            Self::Erlang { k, .. } => cube * (1.0 + 1.0 / f64::from(*k)) * (1.0 + 2.0 / f64::from(*k)),
            Self::Hyperexponential(parts) => parts.iter().map(|(p, mean)| 6.0 * p * mean * mean * mean).sum(),
            Self::Weibull { shape, scale } => scale * scale * scale * gamma(1.0 + 3.0 / shape),
            Self::Pareto { min, alpha } if *alpha > 3.0 => alpha * min * min * min / (alpha - 3.0),
            Self::Pareto { .. } => f64::INFINITY,
            Self::BoundedPareto { min, max, alpha } => bounded_pareto_moment(*min, *max, *alpha, 3.0),
            Self::Mixture(parts) => parts.iter().map(|(p, dist)| p * dist.third_moment()).sum(),
            Self::Empirical(values) => values.iter().map(|v| v * v * v).sum::<f64>() / values.len().max(1) as f64,
        }
    }

    /// Squared coefficient of variation: variance over squared mean; 0 for a zero mean.
    pub fn scv(&self) -> f64 {
        let mean = self.mean();
        if mean == 0.0 { 0.0 } else { (self.second_moment() / (mean * mean) - 1.0).max(0.0) }
    }

    /// The same shape, stretched by `factor` (≥ 0).
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(value * factor),
            Self::Exponential { mean } => Self::Exponential { mean: mean * factor },
            Self::Uniform { low, high } => Self::Uniform { low: low * factor, high: high * factor },
            Self::Normal { mean, sd } => Self::Normal { mean: mean * factor, sd: sd * factor },
            Self::Lognormal { mu, sigma } if factor > 0.0 => Self::Lognormal { mu: mu + factor.ln(), sigma: *sigma },
            Self::Lognormal { .. } => Self::ZERO,
            Self::Gamma { mean, cv } => Self::Gamma { mean: mean * factor, cv: *cv },
            Self::Erlang { k, mean } => Self::Erlang { k: *k, mean: mean * factor },
            Self::Hyperexponential(parts) => {
                Self::Hyperexponential(parts.iter().map(|(p, mean)| (*p, mean * factor)).collect())
            }
            Self::Weibull { shape, scale } => Self::Weibull { shape: *shape, scale: scale * factor },
            Self::Pareto { min, alpha } => Self::Pareto { min: min * factor, alpha: *alpha },
            Self::BoundedPareto { min, max, alpha } => {
                Self::BoundedPareto { min: min * factor, max: max * factor, alpha: *alpha }
            }
            Self::Mixture(parts) => Self::Mixture(parts.iter().map(|(p, dist)| (*p, dist.scaled(factor))).collect()),
            Self::Empirical(values) => Self::Empirical(values.iter().map(|v| v * factor).collect()),
        }
    }
}

/// E[max(X, 0)] of a normal X.
fn truncated_normal_mean(mean: f64, sd: f64) -> f64 {
    if sd <= 0.0 {
        return mean.max(0.0);
    }
    let z = mean / sd;
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    mean * normal_cdf(z) + sd * density
}

/// Standard normal distribution function (Abramowitz and Stegun 26.2.17, error below 7.5e-8).
fn normal_cdf(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let poly =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * poly;
    if z >= 0.0 { 1.0 - tail } else { tail }
}

fn bounded_pareto_moment(min: f64, max: f64, alpha: f64, order: f64) -> f64 {
    let norm = 1.0 - (min / max).powf(alpha);
    if (alpha - order).abs() < 1e-12 {
        return alpha * min.powf(alpha) * (max / min).ln() / norm;
    }
    alpha * min.powf(alpha) * (max.powf(order - alpha) - min.powf(order - alpha)) / ((order - alpha) * norm)
}

/// The gamma function for arguments above 0.5 (Lanczos, g = 7, n = 9; relative error below 1e-14).
fn gamma(x: f64) -> f64 {
    const C: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let t = x + 7.5;
    let series = C[1..].iter().zip(1u32..).fold(C[0], |sum, (c, n)| sum + c / (x + f64::from(n)));
    (2.0 * std::f64::consts::PI).sqrt() * t.powf(x + 0.5) * (-t).exp() * series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-6 * b.abs().max(1e-9), "{a} is not {b}");
    }

    #[test]
    fn moments_match_the_textbook() {
        close(Dist::lognormal_mean_cv(0.01, 2.0).mean(), 0.01);
        close(Dist::lognormal_mean_cv(0.01, 2.0).scv(), 4.0);
        close(Dist::BoundedPareto { min: 0.002, max: 2.0, alpha: 1.5 }.mean(), 0.005_810_45);
        close(Dist::BoundedPareto { min: 0.002, max: 2.0, alpha: 1.5 }.scv(), 9.884_80);
        close(Dist::Hyperexponential(vec![(0.9, 0.005), (0.1, 0.055)]).scv(), 5.5);
        close(Dist::Weibull { shape: 1.0, scale: 3.0 }.mean(), 3.0);
        close(Dist::Normal { mean: 0.01, sd: 0.02 }.mean(), 0.013_955_93);
        close(Dist::Erlang { k: 4, mean: 0.01 }.scv(), 0.25);
    }

    #[test]
    fn percentiles_fit_a_lognormal() {
        let Dist::Lognormal { mu, sigma } = Dist::lognormal_p50_p99(0.008, 0.060) else { unreachable!() };
        close(mu.exp(), 0.008);
        close((mu + Dist::Z99 * sigma).exp(), 0.060);
    }

    #[test]
    fn scaling_scales_the_mean_and_keeps_the_shape() {
        for dist in [
            Dist::lognormal_mean_cv(0.01, 2.0),
            Dist::Pareto { min: 0.001, alpha: 2.5 },
            Dist::Weibull { shape: 0.7, scale: 0.1 },
        ] {
            close(dist.scaled(3.0).mean(), 3.0 * dist.mean());
            close(dist.scaled(3.0).scv(), dist.scv());
        }
    }
}
