//! Where a series has settled.

/// Observations of a batch.
const BATCH: usize = 5;

/// Fewest batches that tell anything.
const LEAST: usize = 20;

/// What MSER-5 finds in a series.
pub(crate) struct Truncation {
    /// Observations to leave out.
    pub observations: usize,
    /// The statistic there: the least of all.
    pub least: f64,
    /// The statistic by batches left out.
    statistic: Vec<f64>,
}

impl Truncation {
    /// The statistic when so many observations are left out.
    pub fn at(&self, observations: usize) -> f64 {
        self.statistic.get(observations.div_ceil(BATCH)).copied().unwrap_or(f64::INFINITY)
    }
}

/// MSER-5: of the means of batches of five, leaves out those at the start whose absence makes the standard error of
/// the mean of the rest least: the `d` that minimises `Σ_{i>d} (Y_i - Y̅)² / (n - d)²`.
///
/// `None` for a short series, and where the least lies at the end of the first half: then the series has not settled
/// (K. P. White Jr., An effective truncation heuristic for bias reduction in simulation output, Simulation 69:6, 1997;
/// batches: Spratt 1998).
pub(crate) fn mser5(series: &[f64]) -> Option<Truncation> {
    let batches: Vec<f64> = series.chunks_exact(BATCH).map(|five| five.iter().sum::<f64>() / BATCH as f64).collect();
    if batches.len() < LEAST {
        return None;
    }
    let half = batches.len() / 2;
    let statistic: Vec<f64> = (0..=half).map(|d| standard_error(&batches[d..])).collect();
    let (found, least) = statistic.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
    (found < half).then_some(Truncation { observations: found * BATCH, least, statistic })
}

fn standard_error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise that repeats, behind a transient of so many observations.
    fn series(transient: usize) -> Vec<f64> {
        let noise = |n: usize| ((n * 7919) % 13) as f64 / 13.0;
        (0..1000)
            .map(|n| noise(n) + if n < transient { 50.0 - 50.0 * n as f64 / transient as f64 } else { 0.0 })
            .collect()
    }

    #[test]
    fn a_transient_is_left_out_and_no_more() {
        for transient in [100, 200, 400] {
            let found = mser5(&series(transient)).unwrap();
            assert!(found.observations.abs_diff(transient) <= 20, "{} of {transient}", found.observations);
            assert!(found.at(0) > 10.0 * found.least);
        }
    }

    #[test]
    fn a_series_that_never_settles_has_none() {
        let rising: Vec<f64> = (0..1000).map(f64::from).collect();
        assert!(mser5(&rising).is_none());
        assert!(mser5(&series(900)).is_none());
        assert!(mser5(&series(0)[..99]).is_none());
    }
}
