//! Where it hurts.
//!
//! `severity = 100 × min(1, (0.4·u + 0.3·w + 0.2·v + 0.1·c) × k)` with, for one station,
//! u: how far utilisation is above 70 % on the way to 100 %, or the share of its arrivals that it refuses
//! or that fail here, whichever is more; w: its share of the time that requests spend (all waiting here over all
//! response time of external requests); v: its share of the violated expectations; c: its share of the
//! other stations as direct neighbours; k: 3 when it causes a violation, else 1.
//! A violation is put down to the station that was worst off (busiest above 80 %, down, failing or refusing)
//! while it lasted. This is attribution by coincidence; no counterfactual is run.

use super::run::{Run, ratio};
use super::{Judgement, Violation};
use crate::measure::ElementMeasures;
use crate::model::{Entry, StationId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Utilisation at which waiting begins to matter.
const BUSY: f64 = 0.7;
/// Utilisation at which a station is taken for the cause of a violation.
const CAUSE: f64 = 0.8;
/// Severity below which nobody needs to look.
const WORTH_A_LINE: f64 = 5.0;
/// Most hotspots of a run.
const MOST: usize = 10;

/// A station that hurts.
#[derive(Debug, Clone, PartialEq)]
pub struct Hotspot {
    /// Its path.
    pub element: Arc<str>,
    /// 0 to 100.
    pub severity: f64,
    /// First measured second in which it was more than 80 % busy.
    pub since: Option<f64>,
    /// How many violated expectations are put down to it.
    pub violations: usize,
    /// Why, in words with numbers.
    pub why: String,
}

/// The hotspots of a run, worst first.
pub fn hotspots(run: Run, judgements: &[Judgement]) -> Vec<Hotspot> {
    let caused = causes(run, judgements);
    let total: usize = caused.iter().sum();
    let stations = (0..run.architecture.stations.len()).map(|n| StationId(n as u32));
    let mut found: Vec<Hotspot> = stations
        .filter_map(|id| hotspot(run, id, caused[id.index()], total))
        .filter(|h| h.severity >= WORTH_A_LINE)
        .collect();
    found.sort_by(|a, b| b.severity.total_cmp(&a.severity).then_with(|| a.element.cmp(&b.element)));
    found.truncate(MOST);
    found
}

fn hotspot(run: Run, station: StationId, caused: usize, total: usize) -> Option<Hotspot> {
    let measures = run.element(station)?;
    let wait = wait_share(run, measures);
    let weighted = 0.4 * pressure(measures)
        + 0.3 * wait
        + 0.2 * ratio(caused as f64, total as f64, 0.0)
        + 0.1 * centrality(run, station);
    let factor = if caused > 0 { 3.0 } else { 1.0 };
    Some(Hotspot {
        element: run.architecture.station(station).path.clone(),
        severity: 100.0 * (weighted * factor).clamp(0.0, 1.0),
        since: since(run, station),
        violations: caused,
        why: why(measures, wait, caused),
    })
}

fn pressure(measures: &ElementMeasures) -> f64 {
    ratio(measures.utilization - BUSY, 1.0 - BUSY, 0.0).max(trouble(measures))
}

/// Share of arrivals refused or failed here, or of time without a replica.
fn trouble(measures: &ElementMeasures) -> f64 {
    let lost = ratio((measures.rejected + measures.errors) as f64, measures.arrivals as f64, 0.0);
    lost.max(down_share(measures))
}

/// Share of time without a replica; a station that was never measured has none.
fn down_share(measures: &ElementMeasures) -> f64 {
    let is_measured = measures.replicas_mean + measures.up_share > 0.0 || measures.arrivals > 0;
    if is_measured { 1.0 - measures.up_share.clamp(0.0, 1.0) } else { 0.0 }
}

fn wait_share(run: Run, measures: &ElementMeasures) -> f64 {
    let waited = measures.wait_mean * measures.arrivals.saturating_sub(measures.rejected) as f64;
    let m = &run.measures.metrics;
    ratio(waited, waited.max(m.latency.mean * m.succeeded as f64), 0.0)
}

fn centrality(run: Run, station: StationId) -> f64 {
    let mut neighbours = BTreeSet::new();
    for call in &run.architecture.calls {
        if let Entry::Station(from) = call.from {
            if from == station {
                neighbours.insert(call.to);
            } else if call.to == station {
                neighbours.insert(from);
            }
        }
    }
    neighbours.remove(&station);
    ratio(neighbours.len() as f64, run.architecture.stations.len().saturating_sub(1) as f64, 0.0)
}

fn since(run: Run, station: StationId) -> Option<f64> {
    let mut seconds = run.measured_seconds();
    seconds.find(|at| utilization(run, station, *at) >= CAUSE).map(|at| at as f64)
}

fn utilization(run: Run, station: StationId, at: usize) -> f64 {
    run.measures.windows[at].stations.get(station.index()).map_or(0.0, |s| s[2])
}

/// For each station, how many violated expectations are put down to it.
fn causes(run: Run, judgements: &[Judgement]) -> Vec<usize> {
    let mut caused = vec![0; run.architecture.stations.len()];
    for violation in judgements.iter().filter_map(|j| j.violation.as_ref()) {
        if let Some(station) = cause(run, violation) {
            caused[station.index()] += 1;
        }
    }
    caused
}

fn cause(run: Run, violation: &Violation) -> Option<StationId> {
    let stations = (0..run.architecture.stations.len()).map(|n| StationId(n as u32));
    let blamed = stations.map(|id| (id, blame(run, id, violation)));
    // The first of equals: order of the model.
    blamed
        .filter(|(_, b)| *b > 0.0)
        .fold(None, |best: Option<(StationId, f64)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        })
        .map(|(id, _)| id)
}

/// How badly off a station was while a violation lasted, 0 to 1.
fn blame(run: Run, station: StationId, violation: &Violation) -> f64 {
    let Some(measures) = run.element(station) else { return 0.0 };
    let last = (violation.until.max(0.0) as usize).min(run.measures.windows.len());
    let seconds = (violation.at.max(0.0) as usize).min(last)..last;
    let busy = super::run::mean(seconds.map(|at| utilization(run, station, at)));
    ratio(busy.max(measures.utilization) - CAUSE, 1.0 - CAUSE, 0.0).max(trouble(measures))
}

fn why(measures: &ElementMeasures, wait: f64, caused: usize) -> String {
    let mut reasons = vec![(0.0, format!("{} busy", percent(measures.utilization)))];
    let mut add = |share: f64, text: String| {
        if share >= 0.005 {
            reasons.push((share, text));
        }
    };
    // Of callers who have given up nobody counts the latency.
    let all = "waits here exceed all latency";
    add(wait, if wait < 1.0 { format!("queue: {} of latency", percent(wait)) } else { all.into() });
    let lost = |count: u64| ratio(count as f64, measures.arrivals as f64, 0.0);
    add(lost(measures.rejected), format!("refuses {}", percent(lost(measures.rejected))));
    add(lost(measures.errors), format!("{} fail here", percent(lost(measures.errors))));
    let down = down_share(measures);
    add(down, format!("down {} of the time", percent(down)));
    // Utilisation stands first, the two worst others behind it, and last what triples the severity.
    reasons[1..].sort_by(|a, b| b.0.total_cmp(&a.0));
    reasons.truncate(3);
    match caused {
        0 => {}
        1 => reasons.push((0.0, "blamed for 1 violation".into())),
        several => reasons.push((0.0, format!("blamed for {several} violations"))),
    }
    reasons.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}
