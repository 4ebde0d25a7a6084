//! Metrics of expectations: over a window of time, and second by second.

use super::record::{ProbeSecond, Replication, StationTally};
use super::stats::{Histogram, beyond, half_width};
use super::world::{metrics_of, stations_of};
use crate::measure::Probe;
use crate::model::{Architecture, Condition, Metric, MetricScope, RunConfig, Term, Window};

/// What was seen in some stretch of time.
#[derive(Debug, Clone, Default)]
struct Seen {
    ended: u64,
    succeeded: u64,
    /// Those that had not ended when the run did: of runs that were cut short, and of whole ones.
    cut: u64,
    stuck: u64,
    /// Those that ended inside the measured time, where that is something else.
    ended_inside: Option<u64>,
    succeeded_inside: Option<u64>,
    sent: u64,
    primary: u64,
    retries: u64,
    /// Areas, count × s.
    waiting: f64,
    busy: f64,
    capacity: f64,
    /// Of stations with copies: reads, those that were stale, writes lost, and replications in which that was counted.
    reads: u64,
    stale_reads: u64,
    lost_writes: u64,
    replications: u32,
    /// Seconds, all replications.
    length: f64,
    latency: Histogram,
}

impl Seen {
    fn add(&mut self, second: &ProbeSecond) {
        self.ended += second.ended;
        self.succeeded += second.succeeded;
        self.sent += second.sent;
        self.primary += second.primary;
        self.retries += second.retries;
        self.waiting += second.waiting;
        self.busy += second.busy;
        self.capacity += second.capacity;
        self.length += 1.0;
        self.latency.merge_sparse(&second.latency);
    }

    fn value(&self, metric: Metric) -> f64 {
        let known = |has: bool, value: f64| if has { value } else { f64::NAN };
        let ended = self.ended + self.cut + self.stuck;
        match metric {
            Metric::Mean => self.timed(0.5, self.latency.mean()),
            Metric::Quantile(q) => self.timed(q, self.latency.quantile(self.part(q))),
            Metric::Max => self.timed(0.5, self.latency.max()),
            Metric::ErrorRate => known(ended > 0, (ended - self.succeeded.min(ended)) as f64 / ended as f64),
            Metric::Availability => known(ended > 0, self.succeeded as f64 / ended as f64),
            Metric::Throughput => {
                known(self.length > 0.0, self.ended_inside.unwrap_or(self.ended) as f64 / self.length)
            }
            Metric::Goodput => {
                known(self.length > 0.0, self.succeeded_inside.unwrap_or(self.succeeded) as f64 / self.length)
            }
            Metric::Utilization => known(self.capacity > 0.0, (self.busy / self.capacity).min(1.0)),
            Metric::Queue => known(self.length > 0.0, self.waiting / self.length),
            Metric::Retries => known(self.length > 0.0, self.retries as f64 / self.length),
            Metric::Amplification if self.primary == 0 => known(self.length > 0.0, 1.0),
            Metric::Amplification => self.sent as f64 / self.primary as f64,
            Metric::StaleReads => known(self.reads > 0, self.stale_reads as f64 / self.reads as f64),
            Metric::LostWrites => known(self.replications > 0, self.lost_writes as f64 / f64::from(self.replications)),
            Metric::RecoveryTime | Metric::Stability | Metric::Cost => f64::NAN,
        }
    }

    /// A time that `q` of the successes and of those that had not ended do not exceed, where that is known: those of a
    /// whole run take for ever, of one that was cut short nobody knows.
    fn timed(&self, q: f64, value: f64) -> f64 {
        let (times, open) = (self.latency.count(), self.cut + self.stuck);
        let known = times as f64 >= q * (times + open) as f64;
        match () {
            () if times + open == 0 => f64::NAN,
            () if known && times > 0 => value,
            () if self.cut > 0 => f64::NAN,
            () => f64::INFINITY,
        }
    }

    /// Which part of the successes leaves `q` of all below it.
    fn part(&self, q: f64) -> f64 {
        let (times, open) = (self.latency.count(), self.cut + self.stuck);
        if open == 0 { q } else { (q * (times + open) as f64 / times.max(1) as f64).min(1.0) }
    }

    /// Adds those of a run that had not ended.
    fn add_open(&mut self, run: &Replication, open: u64) {
        let of = if run.is_cut() { &mut self.cut } else { &mut self.stuck };
        *of += open;
    }
}

/// A metric over one second, for triggers.
pub(crate) fn of_second(metric: Metric, _scope: MetricScope, second: &ProbeSecond) -> f64 {
    let mut seen = Seen::default();
    seen.add(second);
    seen.value(metric)
}

/// The probes of a run, in the order of its expectations and of terms within.
pub(crate) fn evaluate(architecture: &Architecture, config: &RunConfig, runs: &[Replication]) -> Vec<Probe> {
    let probe = |(n, (expectation, metric, scope)): (usize, (usize, Metric, MetricScope))| {
        let window = config.expectations[expectation].window;
        let series = series(n, metric, runs);
        let value = |runs: &[Replication]| match (metric, window) {
            (Metric::RecoveryTime, _) => recovery(n, runs),
            (_, Window::Whole) => whole(architecture, metric, scope, runs),
            _ => over(n, metric, window, config.failures > 0.0, runs),
        };
        let ci95 = interval(runs, value);
        let value = value(runs);
        let spent = spent(n, metric, limit(&config.expectations[expectation].condition), runs);
        Probe { metric, scope, window, value, ci95, series, spent }
    };
    metrics_of(&config.expectations).into_iter().enumerate().map(probe).collect()
}

/// By Student's t over the values of the single replications; none where one of them has no value.
fn interval(runs: &[Replication], value: impl Fn(&[Replication]) -> f64) -> Option<[f64; 2]> {
    if runs.len() < 2 {
        return None;
    }
    let values: Vec<f64> = runs.iter().map(|run| value(std::slice::from_ref(run))).collect();
    let (mean, half) = half_width(&values)?;
    (mean.is_finite() && half.is_finite()).then_some([mean - half, mean + half])
}

/// The limit of a condition that compares one metric with a number.
fn limit(condition: &Condition) -> Option<f64> {
    match condition {
        Condition::Compare(Term::Metric(..), _, Term::Value(limit)) => Some(*limit),
        _ => None,
    }
}

/// What counts against an error budget second by second: failures, or successes that took longer than the limit.
fn spent(n: usize, metric: Metric, limit: Option<f64>, runs: &[Replication]) -> Vec<[f64; 2]> {
    let seconds = runs.iter().map(|r| r.probes[n].len()).max().unwrap_or(0);
    let one = |second: &ProbeSecond| match (metric, limit) {
        (Metric::Availability | Metric::ErrorRate, Some(_)) => {
            Some([second.ended.saturating_sub(second.succeeded) as f64, second.ended as f64])
        }
        (Metric::Quantile(_), Some(limit)) => Some(beyond(&second.latency, limit).map(|count| count as f64)),
        _ => None,
    };
    let at = |k: usize| {
        let mut parts = runs.iter().filter_map(|r| r.probes[n].get(k)).map(one);
        parts.try_fold([0.0, 0.0], |sum, part| part.map(|part| [sum[0] + part[0], sum[1] + part[1]]))
    };
    (0..seconds).map(at).collect::<Option<_>>().unwrap_or_default()
}

fn series(n: usize, metric: Metric, runs: &[Replication]) -> Vec<f64> {
    let seconds = runs.iter().map(|r| r.probes[n].len()).max().unwrap_or(0);
    let at = |k: usize| {
        let mut seen = Seen::default();
        runs.iter().filter_map(|r| r.probes[n].get(k)).for_each(|second| seen.add(second));
        seen.value(metric)
    };
    (0..seconds).map(at).collect()
}

/// Over the seconds that belong to a window; where calls fail `always`, there is chaos from the warm-up on.
fn over(n: usize, metric: Metric, window: Window, always: bool, runs: &[Replication]) -> f64 {
    let mut seen = Seen::default();
    for run in runs {
        let last = run.seconds.iter().rposition(|s| s.disturbed);
        for (k, second) in run.probes[n].iter().enumerate() {
            let start = k as u64 * 1_000_000_000;
            let inside = match window {
                Window::DuringChaos if always => start >= run.warmup,
                Window::DuringChaos => run.seconds.get(k).is_some_and(|s| s.disturbed),
                Window::AfterChaos => last.is_some_and(|last| k > last),
                Window::Between(from, to) => start >= from.0 && start < to.0,
                Window::Whole | Window::Always | Window::EventuallyWithin(_) => start >= run.warmup,
            };
            if inside {
                seen.add(second);
            }
        }
    }
    seen.value(metric)
}

/// Over the measured time: by arrival, each request followed to its end.
fn whole(architecture: &Architecture, metric: Metric, scope: MetricScope, runs: &[Replication]) -> f64 {
    let mut seen = Seen::default();
    for run in runs {
        seen.length += run.measured as f64 / 1e9;
        seen.replications += 1;
        match scope {
            MetricScope::All => {
                run.stations.iter().for_each(|tally| add_copies(&mut seen, tally));
                (seen.sent, seen.primary) = (seen.sent + run.traffic.sent, seen.primary + run.traffic.primary);
                seen.retries += run.links.iter().map(|l| l.retries()).sum::<u64>();
                seen.add_open(run, run.traffic.in_flight_at_end);
                *seen.ended_inside.get_or_insert(0) += run.traffic.ended_inside;
                *seen.succeeded_inside.get_or_insert(0) += run.traffic.succeeded_inside;
                seen.ended += run.traffic.ended();
                seen.succeeded += run.traffic.succeeded;
                seen.latency.merge(&run.traffic.latency);
            }
            MetricScope::Request(id) => {
                let tally = &run.requests[id.index()];
                seen.add_open(run, tally.offered - tally.ended);
                seen.ended += tally.ended;
                seen.succeeded += tally.latency.count();
                seen.latency.merge(&tally.latency);
            }
            MetricScope::Call(id) => {
                let tally = &run.links[id.index()];
                (seen.sent, seen.primary) = (seen.sent + tally.sent, seen.primary + tally.primary);
                seen.retries += tally.retries();
                seen.ended += tally.ended;
                seen.succeeded += tally.latency.count();
                seen.latency.merge(&tally.latency);
            }
            MetricScope::Station(_) | MetricScope::Group(_) => {
                stations_of(architecture, scope)
                    .iter()
                    .for_each(|s| add_station(&mut seen, &run.stations[*s as usize]));
            }
        }
    }
    seen.value(metric)
}

fn add_copies(seen: &mut Seen, tally: &StationTally) {
    seen.reads += tally.reads;
    seen.stale_reads += tally.stale_reads;
    seen.lost_writes += tally.lost_writes;
}

fn add_station(seen: &mut Seen, tally: &StationTally) {
    add_copies(seen, tally);
    *seen.ended_inside.get_or_insert(0) += tally.ended;
    seen.ended += tally.finished();
    seen.succeeded += tally.succeeded;
    seen.waiting += tally.waiting_area as f64 / 1e9;
    seen.busy += tally.busy_area as f64 / 1e9;
    seen.capacity += tally.capacity_area as f64 / 1e9;
    seen.latency.merge(&tally.response);
}

/// Mean over replications of the time from the end of the last fault until successes by the second
/// are back at 95 % of their mean before the first fault, in the mean of five seconds. Infinite when
/// they do not come back; 0 without a fault or without traffic before it.
fn recovery(n: usize, runs: &[Replication]) -> f64 {
    let times: Vec<f64> = runs.iter().map(|run| recovery_of(n, run)).collect();
    times.iter().sum::<f64>() / times.len().max(1) as f64
}

fn recovery_of(n: usize, run: &Replication) -> f64 {
    let first = run.seconds.iter().position(|s| s.disturbed);
    let last = run.seconds.iter().rposition(|s| s.disturbed);
    let (Some(first), Some(last)) = (first, last) else { return 0.0 };
    let goodput: Vec<f64> = run.probes[n].iter().map(|s| s.succeeded as f64).collect();
    let from = ((run.warmup / 1_000_000_000) as usize).min(first);
    let before = &goodput[from..first];
    let normal = before.iter().sum::<f64>() / before.len().max(1) as f64;
    let after = &goodput[(last + 1).min(goodput.len())..];
    let is_back = |five: &[f64]| five.iter().sum::<f64>() >= 0.95 * normal * five.len() as f64;
    if normal == 0.0 {
        return 0.0;
    }
    after.windows(5).position(is_back).map_or(f64::INFINITY, |k| k as f64)
}
