//! Guesses whether a run will need events after all: the later that turns out, the more work is lost.
//!
//! A guess decides by which way a result is found, never what it is.

use super::World;
use crate::sim::world::foresight::{Doubt, requests};

/// Requests after which it is guessed.
const TRIAL: u64 = 4096;

/// What the first requests were like.
#[derive(Debug)]
pub(super) struct Trial {
    seen: u64,
    sum: f64,
    /// Requests that are to be expected.
    expected: f64,
}

impl Trial {
    pub fn new(world: &World<'_>) -> Self {
        Self { seen: 0, sum: 0.0, expected: requests(world) }
    }

    /// So many more of this sum. Given the mean of the first ones, `chance` tells for how many of all a run would need
    /// events: it is given up if that is to be expected of any.
    pub fn add(&mut self, count: u64, sum: f64, chance: impl Fn(f64) -> f64) -> Result<(), Doubt> {
        if self.seen >= TRIAL {
            return Ok(());
        }
        self.seen += count;
        self.sum += sum;
        let is_short = self.seen >= TRIAL && self.expected * chance(self.sum / self.seen as f64) > 0.5;
        if is_short { Err(Doubt) } else { Ok(()) }
    }
}
