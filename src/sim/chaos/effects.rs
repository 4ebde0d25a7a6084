//! What active faults do to stations and relations.

use crate::model::Strength;
use crate::sim::compile::either;
use crate::sim::rng::Rng;
use serde::{Deserialize, Serialize};

/// What faults do to a station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StationFaults {
    /// Service takes this many times as long …
    pub factor: f64,
    /// … and this much longer, ns.
    pub add: f64,
    /// Replicas that are slower than that, by ordinal: factor, and ns.
    pub slow_replicas: Vec<(u32, f64, f64)>,
    /// Share of requests that fail.
    pub fail: f64,
    /// Shares of failures of single replicas, by ordinal.
    pub failing: Vec<(u32, f64)>,
    /// Limits of single replicas, by ordinal, 1/s.
    pub slow_rates: Vec<(u32, f64)>,
    /// Lowest rate that is admitted.
    pub throttle: Option<f64>,
    /// Share of accepted messages that always fail.
    pub poison: f64,
    /// Delivers no messages.
    pub undelivered: bool,
    /// Its autoscaler decides nothing.
    pub frozen: bool,
    /// It gets no further replicas.
    pub full: bool,
    /// Writes fail.
    pub disk_full: bool,
    /// Share of requests for the most popular key.
    pub hot: f64,
    /// A hit ratio was cleared: when it is back, and over which time it rises, ns.
    pub refill: (u64, u64),
}

impl Default for StationFaults {
    fn default() -> Self {
        Self {
            factor: 1.0,
            add: 0.0,
            slow_replicas: Vec::new(),
            fail: 0.0,
            failing: Vec::new(),
            slow_rates: Vec::new(),
            throttle: None,
            poison: 0.0,
            undelivered: false,
            frozen: false,
            full: false,
            disk_full: false,
            hot: 0.0,
            refill: (0, 0),
        }
    }
}

impl StationFaults {
    /// Adds a slowdown at this part of its full strength.
    pub fn slow(&mut self, strength: Strength, part: f64) {
        self.factor *= 1.0 + (strength.factor - 1.0) * part;
        self.add += strength.add * part * 1e9;
    }

    /// Adds a slowdown of one replica.
    pub fn slow_replica(&mut self, ordinal: u32, strength: Strength, part: f64) {
        self.slow_replicas.push((ordinal, 1.0 + (strength.factor - 1.0) * part, strength.add * part * 1e9));
    }

    /// Adds a share of failures.
    pub fn fail(&mut self, share: f64) {
        self.fail = either(self.fail, share);
    }

    /// Adds a limit of the rate: the lowest counts.
    pub fn throttle(&mut self, rate: f64) {
        self.throttle = Some(self.throttle.map_or(rate, |other| other.min(rate)));
    }

    /// Adds a share of failures of one replica.
    pub fn fail_replica(&mut self, ordinal: u32, share: f64) {
        match self.failing.iter_mut().find(|(at, _)| *at == ordinal) {
            Some((_, own)) => *own = either(*own, share),
            None => self.failing.push((ordinal, share)),
        }
    }

    /// Adds a limit of one replica: the lowest counts.
    pub fn throttle_replica(&mut self, ordinal: u32, rate: f64) {
        match self.slow_rates.iter_mut().find(|(at, _)| *at == ordinal) {
            Some((_, own)) => *own = own.min(rate),
            None => self.slow_rates.push((ordinal, rate)),
        }
    }

    /// Adds a share of requests for one key.
    pub fn heat(&mut self, share: f64) {
        self.hot = either(self.hot, share);
    }

    /// Empties a cache at `since`, full again at `until`: the later counts.
    pub fn clear(&mut self, since: u64, until: u64) {
        self.refill = self.refill.max((until, until - since));
    }

    /// Share of failures with the station's own.
    pub fn errors(&self, own: f64) -> f64 {
        if self.fail == 0.0 { own } else { either(own, self.fail) }
    }

    /// Share of failures at one replica.
    pub fn errors_at(&self, own: f64, ordinal: u32) -> f64 {
        let here = self.failing.iter().find(|(at, _)| *at == ordinal);
        here.map_or(self.errors(own), |(_, share)| either(self.errors(own), *share))
    }

    /// Whether work takes longer at some replica.
    pub fn slows(&self) -> bool {
        self.factor != 1.0 || self.add != 0.0 || !self.slow_replicas.is_empty()
    }

    /// How long work takes under these faults at the replica with this ordinal: factors multiply, times add.
    pub fn stretch(&self, work: u64, ordinal: u32) -> u64 {
        if !self.slows() {
            return work;
        }
        let here = self.slow_replicas.iter().filter(|(at, ..)| *at == ordinal);
        let (factor, add) = here.fold((self.factor, self.add), |(f, a), (_, factor, add)| (f * factor, a + add));
        (work as f64 * factor + add + 0.5) as u64
    }
}

/// What faults do to messages one way.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Added {
    /// ns.
    pub delay: f64,
    /// Uniform on ± this, ns.
    pub jitter: f64,
}

impl Added {
    /// Adds a delay.
    pub fn add(&mut self, delay: f64, jitter: f64, part: f64) {
        self.delay += delay * part * 1e9;
        self.jitter += jitter * part * 1e9;
    }

    /// How much longer the next message takes.
    pub fn draw(&self, rng: &mut Rng) -> u64 {
        if self.jitter == 0.0 {
            return (self.delay + 0.5) as u64;
        }
        (self.delay + self.jitter * (2.0 * rng.uniform() - 1.0)).max(0.0) as u64
    }
}

/// What faults do to a relation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct LinkFaults {
    /// Share of requests lost.
    pub cut: f64,
    /// Share of replies lost.
    pub reply_cut: f64,
    /// Longer requests.
    pub delay: Added,
    /// Longer replies.
    pub reply_delay: Added,
    /// Share of requests that arrive twice.
    pub twice: f64,
    /// Share of requests that are late, and by how much, ns.
    pub late: (f64, f64),
    /// No further connections.
    pub drained: bool,
}

impl LinkFaults {
    /// Adds a share of duplicates.
    pub fn twice(&mut self, share: f64) {
        self.twice = either(self.twice, share);
    }

    /// Adds a share of late requests, late by so many seconds: the longest counts.
    pub fn late(&mut self, share: f64, by: f64) {
        self.late = (either(self.late.0, share), self.late.1.max(by * 1e9));
    }
}
