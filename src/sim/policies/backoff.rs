//! Waits before further attempts.

use crate::model::{Backoff, Jitter};
use crate::sim::rng::Rng;

/// The wait before retry `i` (from 0), in ns; it saturates at the backoff's maximum.
pub(crate) fn wait(backoff: Backoff, jitter: Jitter, i: u32, previous: u64, rng: &mut Rng) -> u64 {
    let (base, whole, max) = match backoff {
        Backoff::None => return 0,
        Backoff::Constant(d) => (d.0, d.0, d.0),
        Backoff::Linear { base, max } => (base.0, base.0.saturating_mul(u64::from(i) + 1).min(max.0), max.0),
        Backoff::Exponential { base, factor_milli, max } => (base.0, power(base.0, factor_milli, i, max.0), max.0),
    };
    match jitter {
        Jitter::None => whole,
        Jitter::Full => part(whole, rng),
        Jitter::Equal => whole / 2 + part(whole - whole / 2, rng),
        Jitter::Decorrelated => decorrelated(base, max, previous, rng),
    }
}

fn power(base: u64, factor_milli: u32, i: u32, max: u64) -> u64 {
    let wait = base as f64 * (f64::from(factor_milli) / 1000.0).powi(i.min(10_000) as i32);
    (wait.round() as u64).min(max)
}

fn part(whole: u64, rng: &mut Rng) -> u64 {
    (whole as f64 * rng.uniform()).round() as u64
}

fn decorrelated(base: u64, max: u64, previous: u64, rng: &mut Rng) -> u64 {
    let top = previous.max(base).saturating_mul(3);
    (base + part(top - base, rng)).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Duration;
    use crate::sim::rng::Streams;

    #[test]
    fn exponential_backoff_saturates_and_never_wraps() {
        let mut rng = Streams::new(1, 0).of("A->B", "jitter");
        let backoff = Backoff::Exponential { base: Duration(100_000_000), factor_milli: 2000, max: Duration(1 << 40) };
        let waits: Vec<u64> = (0..80).map(|i| wait(backoff, Jitter::None, i, 0, &mut rng)).collect();
        assert_eq!(waits[..3], [100_000_000, 200_000_000, 400_000_000]);
        assert!(waits.windows(2).all(|w| w[0] <= w[1]) && waits[79] == 1 << 40);
    }
}
