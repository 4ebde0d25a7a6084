//! A run with its model, and the seconds that count.

use crate::measure::{ElementMeasures, RelationMeasures, RunMeasures, WindowMeasures};
use crate::model::{Architecture, CallId, RunConfig, StationId};
use std::ops::Range;

/// One run and what it was a run of.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The architecture with this run's attributes.
    pub architecture: &'a Architecture,
    /// Its conditions.
    pub config: &'a RunConfig,
    /// What it yielded.
    pub measures: &'a RunMeasures,
}

impl<'a> Run<'a> {
    /// The whole seconds that lie inside the measured time.
    pub fn measured_seconds(self) -> Range<usize> {
        let first = self.measures.warmup.max(0.0).ceil() as usize;
        let end = (self.measures.warmup + self.measures.measured).max(0.0).floor() as usize;
        let end = end.min(self.measures.windows.len());
        first.min(end)..end
    }

    /// End of the measured time, seconds.
    pub fn end(self) -> f64 {
        self.measures.warmup + self.measures.measured
    }

    /// The measured windows.
    pub fn measured_windows(self) -> &'a [WindowMeasures] {
        &self.measures.windows[self.measured_seconds()]
    }

    /// When the first fault began.
    pub fn first_fault(self) -> Option<f64> {
        self.measures.faults.iter().map(|f| f.at).min_by(f64::total_cmp)
    }

    /// When the last fault ended; `None` without faults, or while one lasts to the end.
    pub fn last_fault_end(self) -> Option<f64> {
        let last = self.measures.faults.iter().map(|f| f.until).max_by(f64::total_cmp)?;
        (last < self.end()).then_some(last)
    }

    /// Measures of a station.
    pub fn element(self, station: StationId) -> Option<&'a ElementMeasures> {
        self.measures.elements.get(&self.architecture.station(station).path)
    }

    /// Measures of a relation.
    pub fn relation(self, call: CallId) -> Option<&'a RelationMeasures> {
        self.measures.relations.get(&self.architecture.call(call).path)
    }

    /// External requests that arrived.
    pub fn offered(self) -> f64 {
        // A closed loop may count no arrivals beside those that ended.
        self.measures.metrics.offered.max(self.measures.metrics.requests) as f64
    }

    /// Share of what was offered that ended with a success; 1 when nothing was offered.
    pub fn served_share(self) -> f64 {
        ratio(self.measures.metrics.succeeded as f64, self.offered(), 1.0)
    }
}

/// `part / whole` within 0 to 1; `empty` when there is no whole.
pub fn ratio(part: f64, whole: f64, empty: f64) -> f64 {
    if whole > 0.0 && part.is_finite() { (part / whole).clamp(0.0, 1.0) } else { empty }
}

/// Mean of some numbers; zero without any.
pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0u32);
    for value in values {
        sum += value;
        count += 1;
    }
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}
