//! Whether a run stayed in equilibrium.
//!
//! A measured second is in equilibrium when, over it and its two neighbours,
//! 1. successes are at least 95 % of what ended and was admitted (refused requests are not held
//!    against it: shedding is a way of staying in balance),
//! 2. what ended keeps up with what was admitted, three standard deviations of Poisson noise allowed,
//! 3. the time that the requests in flight stand for (in flight over arrivals, Little's law) stays
//!    within its band before the disturbance.
//!
//! `stability = share of such seconds / (1 + Σ over reinforcing loops of mean gain above 1)`: loops
//! with the same cause count once. A run without load is 1. What became of it after its disturbance says
//! [`super::disturbance`].

use super::run::{Run, mean, ratio};
use super::{FoundLoop, loops};
use crate::measure::WindowMeasures;
use std::ops::Range;

/// Goodput over what was admitted below which a second is out of equilibrium.
const GOODPUT: f64 = 0.95;
/// Seconds on either side that are taken together.
const NEIGHBOURS: usize = 1;

/// How stable a run was.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stability {
    /// 0 to 1.
    pub value: f64,
    /// Share of measured seconds in equilibrium.
    pub equilibrium: f64,
    /// For each second from the start: whether it was in equilibrium.
    pub seconds: Vec<bool>,
    /// Whether it stayed bad after its trigger was gone, as [`super::disturbance`] finds.
    pub metastable: bool,
    /// Time after the last fault until goodput was back, seconds; infinite when it never was;
    /// `None` without a fault that ended.
    pub recovery: Option<f64>,
    /// Share of requests served before anything was disturbed; `None` without such a time.
    pub calm: Option<f64>,
    /// Share served from the first disturbance on; `None` when nothing was disturbed.
    pub chaos: Option<f64>,
}

/// Judges the stability of a run.
pub fn stability(run: Run, loops: &[FoundLoop]) -> Stability {
    let seconds = equilibrium_seconds(run);
    let measured = run.measured_seconds();
    let good = seconds[measured.clone()].iter().filter(|good| **good).count();
    // Too short for one whole second: the totals decide.
    let whole = if run.served_share() >= GOODPUT { 1.0 } else { 0.0 };
    let equilibrium = ratio(good as f64, measured.len() as f64, whole);
    Stability {
        value: equilibrium / (1.0 + loops::excess_gain(loops)),
        equilibrium,
        metastable: false,
        recovery: recovery(run),
        calm: calm(run),
        chaos: chaos(run),
        seconds,
    }
}

fn equilibrium_seconds(run: Run) -> Vec<bool> {
    let windows = &run.measures.windows;
    let band = residence_band(run);
    let tallies: Vec<Tally> = (0..windows.len()).map(|at| Tally::around(run, at)).collect();
    tallies.iter().map(|tally| tally.is_balanced() && tally.residence() <= band).collect()
}

/// Requests of a few neighbouring seconds.
struct Tally {
    admitted: f64,
    succeeded: f64,
    /// Failures that were no refusals.
    failed: f64,
    in_flight: f64,
    seconds: f64,
    replications: f64,
}

impl Tally {
    fn around(run: Run, at: usize) -> Self {
        let windows = &run.measures.windows;
        let near = &windows[at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(windows.len())];
        let sum = |pick: fn(&WindowMeasures) -> f64| near.iter().map(pick).sum::<f64>();
        let failures = sum(|w| w.failed);
        let refused = failures * refused_share(run);
        Self {
            admitted: (sum(|w| w.offered) - refused).max(0.0),
            succeeded: sum(|w| w.succeeded),
            failed: failures - refused,
            in_flight: windows[at].in_flight,
            seconds: near.len() as f64,
            replications: f64::from(run.measures.replications.max(1)),
        }
    }

    fn is_balanced(&self) -> bool {
        let ended = self.succeeded + self.failed;
        let noise = 3.0 * (self.admitted / self.replications).sqrt();
        self.succeeded >= GOODPUT * ended && ended >= GOODPUT * self.admitted - noise
    }

    /// Seconds of arrivals that are in flight.
    fn residence(&self) -> f64 {
        let rate = self.admitted / self.seconds.max(1.0);
        self.in_flight / rate.max(1.0)
    }
}

/// Share of failures that were refusals; the windows do not tell them apart.
fn refused_share(run: Run) -> f64 {
    let m = &run.measures.metrics;
    ratio(m.shed as f64, (m.failed + m.timed_out + m.shed) as f64, 0.0)
}

/// Upper end of the residence time that counts as normal: mean plus four standard deviations, at
/// least twice the mean, never below a tenth of a second's arrivals, over the seconds before the disturbance.
fn residence_band(run: Run) -> f64 {
    let times: Vec<f64> = reference(run).map(|at| Tally::around(run, at).residence()).collect();
    let centre = mean(times.iter().copied());
    let spread = mean(times.iter().map(|t| (t - centre).powi(2))).sqrt();
    centre + (4.0 * spread).max(centre).max(0.1)
}

/// Measured seconds before the first fault; with too few of them, the later half of all seconds before it;
/// without a fault, the first tenth of the measured time.
fn reference(run: Run) -> Range<usize> {
    let measured = run.measured_seconds();
    let Some(fault) = run.first_fault() else {
        let length = (measured.len() / 10).max(3).min(measured.len());
        return measured.start..measured.start + length;
    };
    let until = (fault.max(0.0) as usize).min(measured.end);
    if until >= measured.start + 3 { measured.start..until } else { until / 2..until }
}

/// Successes over arrivals of some seconds.
fn served(windows: &[WindowMeasures]) -> f64 {
    ratio(windows.iter().map(|w| w.succeeded).sum(), windows.iter().map(|w| w.offered).sum(), 1.0)
}

/// Time after the last fault until three seconds in a row serve 95 % of the share served before it.
fn recovery(run: Run) -> Option<f64> {
    let fault_end = run.last_fault_end()?;
    let windows = &run.measures.windows;
    let before = reference(run);
    let target = GOODPUT * if before.is_empty() { 1.0 } else { served(&windows[before]) };
    let from = fault_end.max(0.0).floor() as usize;
    let back = (from..run.measured_seconds().end).find(|at| {
        let next = &windows[*at..(*at + 3).min(windows.len())];
        served(next) >= target
    });
    Some(back.map_or(f64::INFINITY, |at| (at as f64 - fault_end).max(0.0)))
}

fn calm(run: Run) -> Option<f64> {
    if run.config.failures > 0.0 {
        return None;
    }
    match run.first_fault() {
        None => Some(run.served_share()),
        Some(_) => Some(reference(run)).filter(|r| !r.is_empty()).map(|r| served(&run.measures.windows[r])),
    }
}

fn chaos(run: Run) -> Option<f64> {
    if run.config.failures > 0.0 {
        return Some(run.served_share());
    }
    let from = run.first_fault()?.max(0.0) as usize;
    let measured = run.measured_seconds();
    let range = from.clamp(measured.start, measured.end)..measured.end;
    Some(if range.is_empty() { run.served_share() } else { served(&run.measures.windows[range]) })
}
