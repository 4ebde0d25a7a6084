//! Distributions of times, compiled: parameters in nanoseconds, logarithms taken once.

use super::Rng;
use crate::model::Dist;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const NS: f64 = 1e9;

/// A distribution ready to be drawn from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Sampler {
    /// Always the same, ns.
    Constant(u64),
    /// By its mean.
    Exponential(f64),
    /// Lower bound and width.
    Uniform(f64, f64),
    /// Mean and deviation, cut off at 0.
    Normal(f64, f64),
    /// Mean and deviation of the logarithm.
    Lognormal(f64, f64),
    /// Shape and scale.
    Gamma(f64, f64),
    /// Stages and mean of each.
    Erlang(u32, f64),
    /// Cumulative probability and what it gives.
    Mixture(Arc<[(f64, Sampler)]>),
    /// 1/shape and scale.
    Weibull(f64, f64),
    /// Minimum and 1/alpha.
    Pareto(f64, f64),
    /// Minimum, 1/alpha, and F of the uncut distribution at the maximum.
    BoundedPareto(f64, f64, f64),
    /// Sorted values.
    Empirical(Arc<[f64]>),
}

/// Above this, an Erlang is drawn as the gamma it is.
const MOST_STAGES: u32 = 16;

impl Sampler {
    /// Compiles `dist`.
    pub fn new(dist: &Dist) -> Self {
        match dist {
            Dist::Constant(value) => Self::Constant(ns(value * NS)),
            Dist::Exponential { mean } => Self::Exponential(mean * NS),
            Dist::Uniform { low, high } => Self::Uniform(low * NS, (high - low) * NS),
            Dist::Normal { mean, sd } => Self::Normal(mean * NS, sd * NS),
            Dist::Lognormal { mu, sigma } => Self::Lognormal(mu + NS.ln(), *sigma),
            Dist::Gamma { mean, cv } if *cv <= 0.0 => Self::Constant(ns(mean * NS)),
            Dist::Gamma { mean, cv } => Self::Gamma(1.0 / (cv * cv), mean * cv * cv * NS),
            Dist::Erlang { k, mean } if *k <= MOST_STAGES => Self::Erlang(*k, mean * NS / f64::from((*k).max(1))),
            Dist::Erlang { k, mean } => Self::Gamma(f64::from(*k), mean * NS / f64::from(*k)),
            Dist::Hyperexponential(parts) => mixture(parts.iter().map(|(p, m)| (*p, Self::Exponential(m * NS)))),
            Dist::Weibull { shape, scale } => Self::Weibull(1.0 / shape, scale * NS),
            Dist::Pareto { min, alpha } => Self::Pareto(min * NS, 1.0 / alpha),
            Dist::BoundedPareto { min, max, alpha } => {
                Self::BoundedPareto(min * NS, 1.0 / alpha, 1.0 - (min / max).powf(*alpha))
            }
            Dist::Mixture(parts) => mixture(parts.iter().map(|(p, dist)| (*p, Self::new(dist)))),
            Dist::Empirical(values) => Self::Empirical(values.iter().map(|v| v * NS).collect()),
        }
    }

    /// A draw, in whole nanoseconds.
    #[inline(always)]
    pub fn draw(&self, rng: &mut Rng) -> u64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential(mean) => ns(mean * rng.exponential()),
            other => ns(other.draw_f64(rng)),
        }
    }

    #[inline(never)]
    fn draw_f64(&self, rng: &mut Rng) -> f64 {
        match self {
            Self::Constant(value) => *value as f64,
            Self::Exponential(mean) => mean * rng.exponential(),
            Self::Uniform(low, width) => low + width * rng.uniform(),
            Self::Normal(mean, sd) => (mean + sd * rng.normal()).max(0.0),
            Self::Lognormal(mu, sigma) => (mu + sigma * rng.normal()).exp(),
            Self::Gamma(shape, scale) => scale * unit_gamma(*shape, rng),
            Self::Erlang(k, mean) => mean * (0..*k).map(|_| rng.exponential()).sum::<f64>(),
            Self::Mixture(parts) => pick(parts, rng.uniform()).draw_f64(rng),
            Self::Weibull(power, scale) => scale * rng.exponential().powf(*power),
            Self::Pareto(min, power) => min * rng.uniform().powf(-power),
            Self::BoundedPareto(min, power, top) => min * (1.0 - rng.uniform() * top).powf(-power),
            Self::Empirical(values) => values.get(rng.below(values.len().max(1))).copied().unwrap_or(0.0),
        }
    }
}

/// To whole nanoseconds; what is no number or negative becomes 0, what is too large the largest.
fn ns(value: f64) -> u64 {
    // Up to 2^63, and a signed number is converted by one instruction.
    ((value + 0.5) as i64).max(0) as u64
}

fn mixture(parts: impl Iterator<Item = (f64, Sampler)>) -> Sampler {
    let mut sum = 0.0;
    let cumulate = |(p, sampler)| {
        sum += p;
        (sum, sampler)
    };
    Sampler::Mixture(parts.map(cumulate).collect())
}

fn pick(parts: &[(f64, Sampler)], u: f64) -> &Sampler {
    const NOTHING: &Sampler = &Sampler::Constant(0);
    let found = parts.iter().find(|(cumulative, _)| u < *cumulative).or(parts.last());
    found.map_or(NOTHING, |(_, sampler)| sampler)
}

/// Gamma of scale 1 (Marsaglia and Tsang 2000).
pub(crate) fn unit_gamma(shape: f64, rng: &mut Rng) -> f64 {
    if shape < 1.0 {
        return unit_gamma(shape + 1.0, rng) * rng.uniform().powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = rng.normal();
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && rng.uniform().ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::rng::Streams;

    #[test]
    fn samples_have_the_moments_of_their_distribution() {
        let n = 400_000;
        for dist in [
            Dist::Constant(0.01),
            Dist::Exponential { mean: 0.01 },
            Dist::Uniform { low: 0.01, high: 0.03 },
            Dist::Normal { mean: 0.01, sd: 0.002 },
            Dist::lognormal_mean_cv(0.01, 1.0),
            Dist::Gamma { mean: 0.01, cv: 0.5 },
            Dist::Gamma { mean: 0.01, cv: 1.5 },
            Dist::Erlang { k: 4, mean: 0.01 },
            Dist::Erlang { k: 40, mean: 0.01 },
            Dist::Hyperexponential(vec![(0.9, 0.005), (0.1, 0.055)]),
            Dist::Weibull { shape: 1.5, scale: 0.01 },
            Dist::Pareto { min: 0.01, alpha: 5.0 },
            Dist::BoundedPareto { min: 0.002, max: 2.0, alpha: 6.0 },
            Dist::Mixture(vec![(0.99, Dist::Constant(0.01)), (0.01, Dist::Constant(1.0))]),
            Dist::Empirical(vec![0.01, 0.02, 0.04].into()),
        ] {
            let sampler = Sampler::new(&dist);
            let mut rng = Streams::new(3, 0).of("test", "sampler");
            let draws: Vec<f64> = (0..n).map(|_| sampler.draw(&mut rng) as f64 / NS).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let sd = dist.mean() * dist.scv().sqrt();
            let tolerance = 4.5 * sd / f64::from(n).sqrt() + 1e-12;
            assert!((mean - dist.mean()).abs() <= tolerance, "{dist:?}: {mean}");
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
            assert!((variance - sd * sd).abs() <= 0.1 * sd * sd + 1e-18, "{dist:?}: {variance} {}", sd * sd);
        }
    }
}
