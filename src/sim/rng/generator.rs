//! xoshiro256++ (Blackman and Vigna), in streams named by (seed, replication, entity, purpose).

use crate::model::words::replaced;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A stream of random numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The next 64 bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform on (0, 1), neither end included: its logarithm is always finite.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as i64 as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
    }

    /// Whether something of this probability happens. One uniform for each decision, so that what
    /// happens at a small probability happens at a greater one too.
    #[inline]
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Leaves out so many numbers.
    pub fn skip(&mut self, n: usize) {
        (0..n).for_each(|_| {
            self.bits();
        });
    }

    /// Uniform on 0..n, by multiplication (bias below 2^-32 for n below 2^32).
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        super::ziggurat::exponential(self)
    }

    /// Standard normal, by inversion: one uniform for each number.
    pub fn normal(&mut self) -> f64 {
        super::special::normal_quantile(self.uniform())
    }
}

/// Names streams of one replication. Streams are independent of each other and of the order in
/// which they are made: adding an element moves nobody else's numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Streams<'a> {
    seed: u64,
    replication: u32,
    /// Entities that are known by another name here.
    names: Option<&'a BTreeMap<Arc<str>, Arc<str>>>,
}

impl<'a> Streams<'a> {
    /// Those of one replication of a run.
    pub fn new(seed: u64, replication: u32) -> Self {
        Self { seed, replication, names: None }
    }

    /// Entities of these names have the streams of the others.
    pub fn known_as(self, names: &'a BTreeMap<Arc<str>, Arc<str>>) -> Self {
        Self { names: Some(names).filter(|names| !names.is_empty()), ..self }
    }

    /// The stream for one purpose of one entity.
    pub fn of(self, entity: &str, purpose: &str) -> Rng {
        let Some(names) = self.names else { return self.named(entity, purpose) };
        let drawn_as = |word: &Arc<str>| Arc::clone(names.get(word).unwrap_or(word));
        self.named(&replaced(entity, &drawn_as), purpose)
    }

    fn named(self, entity: &str, purpose: &str) -> Rng {
        let (seed, replication) = (self.seed.to_le_bytes(), self.replication.to_le_bytes());
        let length = (entity.len() as u64).to_le_bytes();
        // At once: a large model has tens of thousands of streams, and a hasher is two kilobytes.
        let hash = blake3::hash(&[&seed[..], &replication, &length, entity.as_bytes(), purpose.as_bytes()].concat());
        let word = |n: usize| {
            let bytes = &hash.as_bytes()[8 * n..8 * n + 8];
            u64::from_le_bytes(bytes.try_into().expect("a slice of eight bytes"))
        };
        // A hash of all zeros, the one forbidden state, does not happen; the last bit makes sure.
        Rng { state: [word(0), word(1), word(2), word(3) | 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_consecutive_seeds_are_uncorrelated() {
        for skip in [0, 9] {
            let first = |seed| {
                let mut rng = Streams::new(seed, 0).of("A", "service");
                (0..skip).for_each(|_| assert_ne!(rng.bits(), 0));
                rng.uniform() - 0.5
            };
            let draws: Vec<f64> = (0..4001).map(first).collect();
            let covariance: f64 = draws.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / 4000.0;
            assert!((covariance * 12.0).abs() < 4.0 / 4000f64.sqrt(), "{covariance}");
        }
    }

    #[test]
    fn the_generator_is_the_published_one() {
        let mut rng = Rng { state: [1, 2, 3, 4] };
        assert_eq!([rng.bits(), rng.bits(), rng.bits()], [41_943_041, 58_720_359, 3_588_806_011_781_223]);
    }
}
