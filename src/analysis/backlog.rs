//! Lines that grow without end.
//!
//! A run whose load is above its capacity has no steady state: every mean depends on its length, and an interval
//! about it is confident of nothing. What such a run does have is a slope: by least squares over the whole seconds
//! in which nothing changes (measured, behind the last fault and the last change of the load), requests a second.
//!
//! A line grows when over four quarters of those seconds its mean rises from each to the next, nothing in the last is
//! as short as the longest of the first, its workers are busy throughout, and it gains at least ten requests. A busy
//! but stable station fails this by running empty now and then.

use super::run::{Run, mean};
use std::ops::Range;
use std::sync::Arc;

/// Fewest seconds that tell growth from noise.
const LEAST_SECONDS: usize = 12;
/// Share of time in which workers are busy where the line never ends.
const BUSY: f64 = 0.99;
/// Requests that a line must gain.
const LEAST_GAIN: f64 = 10.0;

/// A line that grows.
#[derive(Debug, Clone, PartialEq)]
pub struct Backlog {
    /// Where it stands.
    pub element: Arc<str>,
    /// Requests by which it grows each second.
    pub slope: f64,
    /// From when this was observed, seconds.
    pub since: f64,
    /// Its length in the last second.
    pub queue: f64,
}

/// Every line that grows without end, the fastest first.
pub fn backlogs(run: Run) -> Vec<Backlog> {
    let seconds = unchanged(run);
    if seconds.len() < LEAST_SECONDS {
        return Vec::new();
    }
    let stations = 0..run.architecture.stations.len();
    let mut found: Vec<Backlog> = stations.filter_map(|n| backlog(run, n, seconds.clone())).collect();
    found.sort_by(|a, b| b.slope.total_cmp(&a.slope).then_with(|| a.element.cmp(&b.element)));
    found
}

/// Measured seconds behind the last fault and the last change of the load.
fn unchanged(run: Run) -> Range<usize> {
    let measured = run.measured_seconds();
    let points = &run.config.workload.load.points;
    let changes = points.windows(2).filter(|pair| pair[0].rate != pair[1].rate).map(|pair| pair[1].at.seconds());
    let faults = run.measures.faults.iter().map(|fault| fault.until);
    let last = changes.chain(faults).fold(0.0, f64::max);
    (last.ceil() as usize).clamp(measured.start, measured.end)..measured.end
}

fn backlog(run: Run, station: usize, seconds: Range<usize>) -> Option<Backlog> {
    let windows = &run.measures.windows[seconds.clone()];
    let figures: Option<Vec<[f64; 3]>> = windows.iter().map(|w| w.stations.get(station).copied()).collect();
    let figures = figures?;
    let queue: Vec<f64> = figures.iter().map(|f| f[0]).collect();
    let utilization = mean(figures.iter().map(|f| f[2]));
    // Where there is no limit to the workers, there is no utilisation either.
    let is_busy = utilization == 0.0 || utilization >= BUSY;
    let slope = slope(&queue);
    let grows = is_busy && slope * queue.len() as f64 >= LEAST_GAIN && rises(&queue);
    grows.then(|| Backlog {
        element: run.architecture.stations[station].path.clone(),
        slope,
        since: seconds.start as f64,
        queue: queue.last().copied().unwrap_or_default(),
    })
}

/// Whether each quarter is higher than the one before, and the last entirely above the first.
fn rises(values: &[f64]) -> bool {
    let quarters: Vec<&[f64]> = (0..4).map(|n| &values[n * values.len() / 4..(n + 1) * values.len() / 4]).collect();
    let means: Vec<f64> = quarters.iter().map(|quarter| mean(quarter.iter().copied())).collect();
    let highest = quarters[0].iter().copied().fold(0.0, f64::max);
    let lowest = quarters[3].iter().copied().fold(f64::INFINITY, f64::min);
    means.windows(2).all(|pair| pair[0] < pair[1]) && lowest > highest
}

/// Least squares, by second.
pub(super) fn slope(values: &[f64]) -> f64 {
    let (x, y) = ((values.len() as f64 - 1.0) / 2.0, mean(values.iter().copied()));
    let both: f64 = (0..).zip(values).map(|(n, value)| (f64::from(n) - x) * (value - y)).sum();
    let spread: f64 = (0..).zip(values).map(|(n, _)| (f64::from(n) - x).powi(2)).sum();
    if spread > 0.0 { both / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_rises_is_told_from_one_that_comes_and_goes() {
        let noise = |n: usize| ((n * 7919) % 13) as f64;
        let rising: Vec<f64> = (0..60).map(|n| 20.0 * n as f64 + noise(n)).collect();
        assert!((slope(&rising) - 20.0).abs() < 0.1 && rises(&rising));
        let steady: Vec<f64> = (0..60).map(noise).collect();
        assert!(slope(&steady).abs() < 0.1 && !rises(&steady));
        let back: Vec<f64> = (0..60).map(|n| if n < 40 { n as f64 } else { 60.0 - n as f64 }).collect();
        assert!(!rises(&back) && slope(&[3.0]) == 0.0);
    }
}
