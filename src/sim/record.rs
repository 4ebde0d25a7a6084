//! What one replication has seen: counters, histograms and seconds that can be merged exactly.

use super::stats::{Histogram, Sparse};
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
    /// End of every external request in order, for tests: (arrival, end, succeeded).
    #[cfg(test)]
    #[serde(skip)]
    pub(crate) log: Vec<(u64, u64, bool)>,
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
    /// Attempts sent, and those that would have been sent without retries.
    pub sent: u64,
    pub primary: u64,
    /// Requests in flight × ns over the measured time.
    pub in_flight: u128,
    pub latency: Histogram,
}

impl Traffic {
    /// Those that ended.
    pub fn ended(&self) -> u64 {
        self.succeeded + self.failed + self.timed_out + self.shed
    }
}

/// One request type.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RequestTally {
    pub ended: u64,
    pub latency: Histogram,
}

/// One station.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct StationTally {
    pub arrivals: u64,
    pub ended: u64,
    pub succeeded: u64,
    pub errors: u64,
    pub rejected: u64,
    pub waited: u64,
    pub lookups: u64,
    pub hits: u64,
    pub dead_letters: u64,
    /// Calls sent to a replica that is gone.
    pub stale_calls: u64,
    /// Reads of copies, those that were stale, and writes that a primary has taken with it.
    pub reads: u64,
    pub stale_reads: u64,
    pub lost_writes: u64,
    pub queue_max: u64,
    /// Wasted service, ns.
    pub wasted: u128,
    pub wait: Histogram,
    pub response: Histogram,
    /// Areas over the measured time, count × ns.
    pub waiting_area: u128,
    pub busy_area: u128,
    pub present_area: u128,
    pub capacity_area: u128,
    pub replica_area: u128,
    pub up_area: u128,
}

impl StationTally {
    /// Calls that reached it in the measured time, of which the outcome counts.
    pub fn finished(&self) -> u64 {
        self.arrivals
    }
}

/// One relation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LinkTally {
    pub calls: u64,
    pub attempts: u64,
    pub timeouts: u64,
    pub errors: u64,
    pub refused: u64,
    pub sent: u64,
    pub primary: u64,
    pub ended: u64,
    /// Time in which breakers were open, ns, all caller replicas.
    pub open: u128,
    pub guards: u64,
    pub latency: Histogram,
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
    pub calls: Box<[[f64; 3]]>,
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

/// A part of the measured time, by arrival.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub ended: u64,
    pub succeeded: u64,
    pub sum: u128,
}
