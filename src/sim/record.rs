//! What one replication has seen: counters, histograms and seconds that can be merged exactly.

use super::stats::{Histogram, Sparse, Squares};
use crate::measure::FaultRecord;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Batches of the measured time, for intervals from a single replication.
pub(crate) const BATCHES: usize = 20;

/// Seconds kept at most, so that a run of years stays small; what comes later is in no window.
pub(crate) const MOST_SECONDS: u64 = 100_000;

/// Figures by second and element kept at most; beyond, only the traffic is kept by second.
pub(crate) const MOST_CELLS: u64 = 20_000_000;

/// One replication's raw measures, ready to be merged.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Replication {
    pub(crate) partial: Option<Arc<str>>,
    /// Whether a budget was used up.
    pub(crate) cut: bool,
    pub(crate) warmup: u64,
    /// Measured time, ns.
    pub(crate) measured: u64,
    pub(crate) events: u64,
    pub(crate) traffic: Traffic,
    pub(crate) requests: Vec<RequestTally>,
    pub(crate) stations: Vec<StationTally>,
    pub(crate) links: Vec<LinkTally>,
    pub(crate) seconds: Vec<Second>,
    pub(crate) probes: Vec<Vec<ProbeSecond>>,
    pub(crate) faults: Vec<FaultRecord>,
    pub(crate) batches: [Batch; BATCHES],
    /// Responses by arrival over the whole run; empty unless the warm-up is to be found.
    pub(crate) slots: Vec<Slot>,
    /// End of every external request in order, for tests: (arrival, end, succeeded).
    #[cfg(test)]
    #[serde(skip)]
    pub(crate) log: Vec<(u64, u64, bool)>,
}

impl Replication {
    /// Whether it ended before its time, so that nobody knows what became of those in flight.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }
}

/// External requests.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Traffic {
    pub offered: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub shed: u64,
    /// Ended inside the measured time, whenever they arrived.
    pub ended_inside: u64,
    pub succeeded_inside: u64,
    pub in_flight_at_end: u64,
    /// In flight when arrivals stop.
    pub in_flight_at_stop: u64,
    /// Attempts sent, and those that would have been sent without retries.
    pub sent: u64,
    pub primary: u64,
    /// Requests in flight × ns over the measured time.
    pub in_flight: u128,
    pub latency: Histogram,
    /// Of requests that did not succeed.
    pub failed_latency: Histogram,
}

impl Traffic {
    /// Those that ended.
    pub fn ended(&self) -> u64 {
        self.succeeded + self.failed + self.timed_out + self.shed
    }
}

/// One request type. What every request counts comes first, in a cache line.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[repr(C, align(64))]
pub(crate) struct RequestTally {
    pub offered: u64,
    pub ended: u64,
    pub latency: Histogram,
    /// Calls that undo steps.
    pub compensations: u64,
    pub failed_latency: Histogram,
}

/// One station. What every visit counts comes first, in three cache lines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[repr(C, align(64))]
pub(crate) struct StationTally {
    pub arrivals: u64,
    pub ended: u64,
    pub succeeded: u64,
    pub waited: u64,
    pub queue_max: u64,
    /// When nobody waited for the first time in the measured time.
    pub drained: Option<u64>,
    pub errors: u64,
    pub wait: Histogram,
    pub response: Histogram,
    pub service: Moments,
    pub rejected: u64,
    pub lookups: u64,
    pub hits: u64,
    pub dead_letters: u64,
    /// Calls sent to a replica that is gone.
    pub stale_calls: u64,
    /// Reads of copies, those that were stale, and writes that a primary has taken with it.
    pub reads: u64,
    pub stale_reads: u64,
    pub lost_writes: u64,
    /// Wasted service, ns.
    pub wasted: u128,
    /// Waiting when the measured time begins, and when it ends.
    pub waiting_at: [u64; 2],
    /// Time with so many present, and so many replicas up, ns.
    pub levels: Vec<u64>,
    pub live_levels: Vec<u64>,
    /// Areas over the measured time, count × ns.
    pub waiting_area: u128,
    pub busy_area: u128,
    pub present_area: u128,
    pub capacity_area: u128,
    pub replica_area: u128,
    pub up_area: u128,
    /// What it cost over the measured time where its prices have changed, USD.
    pub bill: Option<f64>,
}

impl StationTally {
    /// Calls that reached it in the measured time, of which the outcome counts.
    pub fn finished(&self) -> u64 {
        self.arrivals
    }

    /// Whether there was a time without replicas, or with fewer than at another.
    pub fn lost_replicas(&self) -> bool {
        let times = || self.live_levels.iter().enumerate().filter(|(_, time)| **time > 0);
        times().count() > 1 || times().any(|(level, _)| level == 0)
    }
}

/// Sum and sum of squares of times in ns.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct Moments {
    sum: u128,
    count: u64,
    squares: Squares,
}

impl Moments {
    /// Of so many times of this sum, and of these squares.
    pub fn of(count: u64, sum: u128, squares: Squares) -> Self {
        Self { sum, count, squares }
    }

    /// Counts a time.
    pub fn record(&mut self, value: u64) {
        self.count += 1;
        self.sum += u128::from(value);
        self.squares.add(value);
    }

    /// Counts so many times of 0.
    pub fn record_zeros(&mut self, count: u64) {
        self.count += count;
    }

    /// Adds what another has seen.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares.merge(&other.squares);
    }

    /// Mean and standard deviation in seconds; 0 without any.
    pub fn mean_and_deviation(&self) -> (f64, f64) {
        let n = self.count.max(1) as f64;
        let mean = self.sum as f64 / n;
        (mean / 1e9, self.squares.deviation(self.sum, self.count) / 1e9)
    }
}

/// One relation. What every call counts comes first, in a cache line.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct LinkTally {
    pub calls: u64,
    pub attempts: u64,
    pub sent: u64,
    pub primary: u64,
    pub ended: u64,
    pub latency: Histogram,
    /// Second copies of hedged calls.
    pub hedges: u64,
    pub timeouts: u64,
    pub errors: u64,
    pub refused: u64,
    /// Time in which breakers were open, ns, all caller replicas.
    pub open: u128,
    pub guards: u64,
}

impl LinkTally {
    /// Attempts after the first that are no second copies.
    pub fn retries(&self) -> u64 {
        self.attempts.saturating_sub(self.calls + self.hedges)
    }

    /// Calls that failed for good, after all attempts.
    pub fn failed(&self) -> u64 {
        self.ended - self.latency.count()
    }
}

/// One second of simulated time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Second {
    pub offered: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub in_flight: u64,
    pub disturbed: bool,
    /// Calls, attempts, timeouts by relation.
    pub calls: Box<[[u32; 3]]>,
    /// Mean waiting, mean busy, utilisation by station.
    pub stations: Box<[[f64; 3]]>,
}

/// What a probe has seen in one second.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ProbeSecond {
    pub ended: u64,
    pub succeeded: u64,
    pub sent: u64,
    pub primary: u64,
    pub retries: u64,
    /// Areas, count × s.
    pub waiting: f64,
    pub busy: f64,
    pub capacity: f64,
    pub latency: Sparse,
}

/// Parts of a run from whose responses the warm-up is found.
pub(crate) const SLOTS: usize = 1000;

/// Responses that arrived in a part of the run.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Slot {
    pub count: u64,
    /// ns.
    pub sum: u128,
}

/// A part of the measured time, by arrival.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub ended: u64,
    pub succeeded: u64,
    pub sum: u128,
}

impl Batch {
    /// This batch and another as one.
    pub fn and(self, other: &Self) -> Self {
        Self { ended: self.ended + other.ended, succeeded: self.succeeded + other.succeeded, sum: self.sum + other.sum }
    }
}
