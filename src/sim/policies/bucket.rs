//! Token bucket with continuous accrual, as its dual: the theoretical arrival time of GCRA.
//!
//! Times are integers (ns × 2^24), so a token that is complete at an instant is there at that instant.

use serde::{Deserialize, Serialize};

const FINE: u32 = 24;

/// A token bucket, full at the start.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Bucket {
    /// Time that a token takes.
    interval: u128,
    /// How far ahead of the even pace a burst may run.
    tolerance: u128,
    /// When the bucket would be full again, counted in tokens taken.
    due: u128,
}

impl Bucket {
    /// `rate` tokens a second, at most `burst` at a time.
    pub fn new(rate: f64, burst: f64) -> Self {
        let interval = if rate > 0.0 { (1e9 / rate * f64::from(1 << FINE)).round() as u128 } else { u128::MAX >> 2 };
        let tolerance = ((burst.max(1.0) - 1.0) * interval as f64).round() as u128;
        Self { interval, tolerance, due: 0 }
    }

    /// A throttle lets a tenth of a second's worth through at once.
    pub fn of_throttle(rate: f64) -> Self {
        Self::new(rate, (rate / 10.0).max(1.0))
    }

    /// Takes a token if there is a whole one at `now`.
    pub fn take(&mut self, now: u64) -> bool {
        let now = u128::from(now) << FINE;
        if self.due > now + self.tolerance {
            return false;
        }
        self.due = self.due.max(now) + self.interval;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;

    /// Case D06.
    #[test]
    fn a_token_that_is_complete_at_an_instant_is_there() {
        let mut bucket = Bucket::new(10.0, 5.0);
        let mut admit = |n: u32, at: u64| (0..n).filter(|_| bucket.take(at)).count();
        assert_eq!([admit(8, 0), admit(3, 250_000_000), admit(1, 300_000_000)], [5, 2, 1]);
    }
}
