//! Keys of Zipf popularity.

use crate::model::KeyPopularity;
use serde::{Deserialize, Serialize};

/// Keys `0..n`; key k is asked for with probability proportional to 1/(k+1)^s.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Zipf {
    of: KeyPopularity,
    cumulative: Vec<f64>,
}

impl Zipf {
    /// Of this popularity; at least one key.
    pub fn new(keys: KeyPopularity) -> Self {
        let mut sum = 0.0;
        let weight = |k: u32| {
            sum += f64::from(k).powf(-keys.exponent);
            sum
        };
        Self { of: keys, cumulative: (1..=keys.keys.max(1)).map(weight).collect() }
    }

    /// Whether it is of this popularity.
    pub fn is(&self, keys: KeyPopularity) -> bool {
        self.of == keys
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.cumulative.len()
    }

    /// The key that a uniform number on [0, 1) means, by inversion.
    pub fn key(&self, uniform: f64) -> u32 {
        let total = self.cumulative.last().copied().unwrap_or(1.0);
        let target = uniform * total;
        self.cumulative.partition_point(|c| *c <= target).min(self.cumulative.len() - 1) as u32
    }
}
