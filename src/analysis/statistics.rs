//! Resampling: intervals that hold for few, heavy-tailed replications.

use super::random::Random;
use super::run::mean;

/// Resamples of a bootstrap.
pub const RESAMPLES: usize = 2000;
const SEED: u64 = 0x5eed_0f5a_17b0_0757;

/// Means of [`RESAMPLES`] samples with replacement; the same draws for the same length, so that
/// two series of one length are resampled in pairs.
pub fn bootstrap_means(values: &[f64]) -> Vec<f64> {
    let mut random = Random::new(SEED ^ values.len() as u64);
    let draw = |random: &mut Random| mean((0..values.len()).map(|_| values[random.below(values.len())]));
    (0..RESAMPLES).map(|_| draw(&mut random)).collect()
}

/// A 95 % interval of the mean by the percentile bootstrap, widened to what Student's t asks for with
/// so few values (a bootstrap of n values is too narrow by √(n/(n−1)) and by t/1.96). `None` for fewer than two.
pub fn interval(values: &[f64]) -> Option<[f64; 2]> {
    if values.len() < 2 {
        return None;
    }
    let mut means = widened_means(values);
    means.sort_by(f64::total_cmp);
    Some([means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40]])
}

/// The resampled means of at least two values, as wide as [`interval`] takes them.
pub fn widened_means(values: &[f64]) -> Vec<f64> {
    let centre = mean(values.iter().copied());
    let n = values.len() as f64;
    let factor = (n / (n - 1.0)).sqrt() * student(values.len() - 1) / 1.96;
    bootstrap_means(values).into_iter().map(|m| centre + (m - centre) * factor).collect()
}

/// 97.5 % quantile of Student's t.
pub fn student(freedom: usize) -> f64 {
    const TABLE: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    match freedom {
        0 => f64::INFINITY,
        n if n <= TABLE.len() => TABLE[n - 1],
        // Cornish-Fisher about the normal quantile; within 0.1 % from 11 on.
        n => 1.96 + 2.3723 / n as f64 + 2.8225 / (n * n) as f64,
    }
}
