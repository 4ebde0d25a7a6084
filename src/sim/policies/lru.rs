//! Least-recently-used cache with independent keys of Zipf popularity.

use super::zipf::Zipf;
use crate::model::KeyPopularity;
use crate::sim::kernel::NONE;
use crate::sim::rng::Rng;
use serde::{Deserialize, Serialize};

/// A cache of so many entries over keys `0..n`; key 0 is the most popular.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Lru {
    keys: Zipf,
    /// By key: (previous, next, filled at); linked from the most recent to the least.
    links: Vec<(u32, u32, u64)>,
    present: Vec<bool>,
    head: u32,
    tail: u32,
    len: u32,
    entries: u32,
    ttl: u64,
}

impl Lru {
    /// Empty.
    pub fn new(entries: u32, keys: KeyPopularity, ttl: Option<u64>) -> Self {
        let keys = Zipf::new(keys);
        let n = keys.len();
        let (links, present) = (vec![(NONE, NONE, 0); n], vec![false; n]);
        let ttl = ttl.unwrap_or(u64::MAX);
        Self { keys, links, present, head: NONE, tail: NONE, len: 0, entries: entries.max(1), ttl }
    }

    /// The key of the next request.
    pub fn draw(&self, rng: &mut Rng) -> u32 {
        self.keys.key(rng.uniform())
    }

    /// Another size and another life of entries from now on: what no longer fits goes, the least recent first.
    pub fn resize(&mut self, entries: u32, ttl: Option<u64>) {
        (self.entries, self.ttl) = (entries.max(1), ttl.unwrap_or(u64::MAX));
        while self.len > self.entries {
            self.unlink(self.tail);
        }
    }

    /// Other keys are asked for from now on: what nobody asks for any more stays until it is the least recent.
    pub fn ask_for(&mut self, keys: KeyPopularity) {
        if self.keys.is(keys) {
            return;
        }
        self.keys = Zipf::new(keys);
        let n = self.keys.len().max(self.links.len());
        self.links.resize(n, (NONE, NONE, 0));
        self.present.resize(n, false);
    }

    /// Nothing is left in it.
    pub fn clear(&mut self) {
        while self.len > 0 {
            self.unlink(self.tail);
        }
    }

    /// Those keys are in it no longer.
    pub fn forget(&mut self, lost: impl Fn(u32) -> bool) {
        for key in 0..self.present.len() as u32 {
            if self.present[key as usize] && lost(key) {
                self.unlink(key);
            }
        }
    }

    /// Whether a key is there at `now`; then it is the most recent.
    pub fn look_up(&mut self, key: u32, now: u64) -> bool {
        let hit = self.present[key as usize] && now - self.links[key as usize].2 < self.ttl;
        if hit {
            self.unlink(key);
            self.link_first(key);
        }
        hit
    }

    /// Keeps a key from `now` on, in the place of the least recent when it is full.
    pub fn fill(&mut self, key: u32, now: u64) {
        if self.present[key as usize] {
            self.unlink(key);
        } else if self.len == self.entries {
            self.unlink(self.tail);
        }
        self.link_first(key);
        self.links[key as usize].2 = now;
    }

    fn unlink(&mut self, key: u32) {
        let (prev, next, _) = self.links[key as usize];
        if prev == NONE {
            self.head = next
        } else {
            self.links[prev as usize].1 = next
        }
        if next == NONE {
            self.tail = prev
        } else {
            self.links[next as usize].0 = prev
        }
        self.present[key as usize] = false;
        self.len -= 1;
    }

    fn link_first(&mut self, key: u32) {
        let at = &mut self.links[key as usize];
        (at.0, at.1) = (NONE, self.head);
        if self.head == NONE {
            self.tail = key
        } else {
            self.links[self.head as usize].0 = key
        }
        self.head = key;
        self.present[key as usize] = true;
        self.len += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::rng::Streams;

    /// Case K03: 10 keys, Zipf(1), 3 entries: hit ratio 0.47066.
    #[test]
    fn small_cache_has_the_exact_hit_ratio() {
        let mut lru = Lru::new(3, KeyPopularity { exponent: 1.0, keys: 10 }, None);
        let mut rng = Streams::new(1, 0).of("C", "key");
        let n = 400_000;
        let hits = (0..n).filter(|_| {
            let key = lru.draw(&mut rng);
            let hit = lru.look_up(key, 0);
            if !hit {
                lru.fill(key, 0);
            }
            hit
        });
        let hits = hits.count();
        let ratio = hits as f64 / f64::from(n);
        assert!((ratio - 0.470_664).abs() < 0.0036, "{ratio}");
    }
}
