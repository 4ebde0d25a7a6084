//! Confidence intervals of means.

/// 97.5th percentiles of Student's t for 1 to 30 degrees of freedom.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// The 97.5th percentile of Student's t; beyond 30 degrees by the first term of its expansion.
fn student(freedom: usize) -> f64 {
    match T.get(freedom.wrapping_sub(1)) {
        Some(t) => *t,
        None => 1.959_964 + 2.372 / freedom as f64,
    }
}

/// Mean of independent values, and half the width of its 95 % interval; `None` for fewer than two.
pub(crate) fn half_width(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1) as f64;
    Some((mean, student(n - 1) * (variance / n as f64).sqrt()))
}

/// Whether neighbours are alike beyond chance: the lag-1 autocorrelation is above one standard deviation of that of
/// independent values.
pub(crate) fn is_correlated(values: &[f64]) -> bool {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let alike: f64 = values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
    alike > spread / n.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_textbook() {
        let (mean, half) = half_width(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(mean, 2.5);
        assert!((half - 3.182 * (5.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
        assert!((student(40) - 2.021).abs() < 2e-3 && half_width(&[1.0]).is_none());
    }
}
