//! Seconds: what happened in each, for windows, probes and triggers.

use super::World;
use super::parts::{Link, Station};
use crate::model::{Architecture, Condition, Expectation, Metric, MetricScope, Term};
use crate::sim::record::{MOST_CELLS, MOST_SECONDS, ProbeSecond, Second};
use crate::sim::stats::Histogram;
use serde::{Deserialize, Serialize};

const SECOND: u64 = 1_000_000_000;

/// What is watched second by second.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Monitor {
    /// When the current second ends.
    pub next: u64,
    /// Traffic of the current second.
    pub second: Second,
    /// Whether a fault has been active in the current second.
    pub disturbed: bool,
    detailed: bool,
    probes: Vec<Watch>,
    /// How many of them are the expectations'; the rest belong to triggers.
    expected: usize,
    by_station: Vec<Vec<u32>>,
    by_link: Vec<Vec<u32>>,
    by_request: Vec<Vec<u32>>,
    all: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct Watch {
    scope: MetricScope,
    stations: Vec<u32>,
    second: ProbeSecond,
    latency: Histogram,
    /// The last second, for triggers.
    last: ProbeSecond,
}

/// The metrics that conditions ask for, in order.
pub(crate) fn metrics_of(expectations: &[Expectation]) -> Vec<(usize, Metric, MetricScope)> {
    let mut found = Vec::new();
    for (n, expectation) in expectations.iter().enumerate() {
        let mut terms = Vec::new();
        collect(&expectation.condition, &mut terms);
        found.extend(terms.into_iter().map(|(metric, scope)| (n, metric, scope)));
    }
    found
}

/// The metrics of one condition, left to right.
pub(crate) fn collect(condition: &Condition, found: &mut Vec<(Metric, MetricScope)>) {
    let mut term = |term: &Term| {
        if let Term::Metric(metric, scope) = term {
            found.push((*metric, *scope));
        }
    };
    match condition {
        Condition::Compare(left, _, right) => {
            term(left);
            term(right);
        }
        Condition::And(left, right) | Condition::Or(left, right) => {
            collect(left, found);
            collect(right, found);
        }
        Condition::Not(inner) => collect(inner, found),
    }
}

/// Stations of a scope; those of a group are all below its element.
pub(crate) fn stations_of(architecture: &Architecture, scope: MetricScope) -> Vec<u32> {
    let MetricScope::Group(group) = scope else {
        return if let MetricScope::Station(id) = scope { vec![id.0] } else { Vec::new() };
    };
    let is_below = |n: &usize| {
        let mut at = Some(architecture.stations[*n].element);
        while let Some(id) = at {
            if id == group {
                return true;
            }
            at = architecture.element(id).parent;
        }
        false
    };
    (0..architecture.stations.len()).filter(is_below).map(|n| n as u32).collect()
}

impl Monitor {
    pub fn new(
        architecture: &Architecture,
        expected: Vec<MetricScope>,
        triggers: Vec<MetricScope>,
        seconds: u64,
    ) -> Self {
        let cells = seconds * (architecture.stations.len() + architecture.calls.len()) as u64;
        let mut monitor = Self {
            next: SECOND,
            detailed: cells <= MOST_CELLS,
            expected: expected.len(),
            by_station: vec![Vec::new(); architecture.stations.len()],
            by_link: vec![Vec::new(); architecture.calls.len()],
            by_request: vec![Vec::new(); architecture.request_types.len()],
            ..Self::default()
        };
        expected.into_iter().chain(triggers).for_each(|scope| monitor.watch(architecture, scope));
        monitor
    }

    fn watch(&mut self, architecture: &Architecture, scope: MetricScope) {
        let n = self.probes.len() as u32;
        let stations = stations_of(architecture, scope);
        stations.iter().for_each(|s| self.by_station[*s as usize].push(n));
        match scope {
            MetricScope::All => self.all.push(n),
            MetricScope::Call(id) => self.by_link[id.index()].push(n),
            MetricScope::Request(id) => self.by_request[id.index()].push(n),
            MetricScope::Station(_) | MetricScope::Group(_) => {}
        }
        let (second, last) = (ProbeSecond::default(), ProbeSecond::default());
        self.probes.push(Watch { scope, stations, second, latency: Histogram::default(), last });
    }

    /// Whether any probe looks at anything.
    pub fn has_probes(&self) -> bool {
        !self.probes.is_empty()
    }

    /// Whether figures by relation and station are kept of each second.
    pub fn is_detailed(&self) -> bool {
        self.detailed
    }

    /// Whether any probe looks at a relation.
    pub fn watches(&self, link: usize) -> bool {
        self.by_link.get(link).is_some_and(|probes| !probes.is_empty())
    }

    /// Whether any probe looks at a station.
    pub fn watches_station(&self, station: usize) -> bool {
        self.by_station.get(station).is_some_and(|probes| !probes.is_empty())
    }

    /// Whether any probe looks at requests of this type.
    pub fn watches_requests(&self, request: usize) -> bool {
        !self.all.is_empty() || !self.by_request[request].is_empty()
    }

    /// An external request has ended.
    pub fn request(&mut self, request: usize, time: Option<u64>) {
        if self.probes.is_empty() {
            return;
        }
        for &n in self.all.iter().chain(&self.by_request[request]) {
            let probe = &mut self.probes[n as usize];
            probe.second.ended += 1;
            if let Some(time) = time {
                probe.second.succeeded += 1;
                probe.latency.record(time);
            }
        }
    }

    /// A request has left a station with a success.
    pub fn station(&mut self, station: usize, time: u64) {
        for &n in &self.by_station[station] {
            self.probes[n as usize].latency.record(time);
        }
    }

    /// A call has ended with a success.
    pub fn call(&mut self, link: usize, time: u64) {
        for &n in &self.by_link[link] {
            self.probes[n as usize].latency.record(time);
        }
    }

    /// What the probe of a trigger saw in the last second.
    pub fn last(&self, trigger: usize) -> &ProbeSecond {
        &self.probes[self.expected + trigger].last
    }
}

impl World<'_> {
    /// Closes every second that ends at or before `time`.
    pub(super) fn close_seconds(&mut self, time: u64) {
        while let Some(end) = self.end_of_second(time) {
            self.go_to_time(end);
            self.close_second();
            self.check_triggers();
            self.drain_ready();
        }
    }

    /// The end of the next second, if it is to be closed up to `time`; it is the one after from then on.
    pub(super) fn end_of_second(&mut self, time: u64) -> Option<u64> {
        let end = self.monitor.next;
        if end > time {
            return None;
        }
        let seconds = self.record.seconds.len() as u64;
        if end > self.until && seconds * SECOND >= self.until || seconds >= MOST_SECONDS {
            self.monitor.next = u64::MAX;
            return None;
        }
        self.monitor.next = end + SECOND;
        Some(end)
    }

    /// What the current second has seen of requests, and how long it was.
    pub(super) fn take_second(&mut self) -> (Second, u64) {
        let start = self.record.seconds.len() as u64 * SECOND;
        let mut second = std::mem::take(&mut self.monitor.second);
        second.in_flight = self.in_flight.level;
        second.disturbed = std::mem::replace(&mut self.monitor.disturbed, self.chaos.is_active_after(self.now));
        (second, self.now - start)
    }

    /// Closes the current second, which may be shorter when it is the last of a run.
    pub(super) fn close_second(&mut self) {
        let now = self.now;
        let (mut second, length) = self.take_second();
        let stations: Vec<[f64; 3]> = self.stations.iter_mut().map(|s| station_second(s, now, length)).collect();
        let links: Vec<[u32; 8]> = self.links.iter_mut().map(|l: &mut Link| std::mem::take(&mut l.second)).collect();
        self.close_probes(&stations, &links);
        if self.monitor.detailed {
            let figures = |c: &[u32; 8]| [c[0], c[1].saturating_sub(c[7]), c[2]];
            second.calls = links[..self.architecture.calls.len()].iter().map(figures).collect();
            second.stations = stations.into();
        }
        self.record.seconds.push(second);
    }

    fn close_probes(&mut self, stations: &[[f64; 3]], links: &[[u32; 8]]) {
        let calls = self.architecture.calls.len();
        let expected = self.monitor.expected;
        for (n, probe) in self.monitor.probes.iter_mut().enumerate() {
            let second = &mut probe.second;
            for &s in &probe.stations {
                let at = &self.stations[s as usize];
                second.ended += at.seconds.ended;
                second.succeeded += at.seconds.succeeded;
                second.waiting += stations[s as usize][0];
                second.busy += stations[s as usize][1];
                second.capacity += at.capacity.level as f64;
            }
            match probe.scope {
                MetricScope::Call(id) => {
                    let c = links[id.index()].map(u64::from);
                    (second.succeeded, second.ended) = (c[3], c[4]);
                    add_attempts(second, &c);
                }
                MetricScope::All => links[..calls].iter().for_each(|c| add_attempts(second, &c.map(u64::from))),
                _ => {}
            }
            second.latency = probe.latency.take();
            probe.last = std::mem::take(second);
            if n < expected {
                self.record.probes[n].push(probe.last.clone());
            }
        }
        self.stations.iter_mut().for_each(|s| s.seconds = Default::default());
    }
}

fn add_attempts(second: &mut ProbeSecond, counts: &[u64; 8]) {
    second.retries += counts[1].saturating_sub(counts[0] + counts[7]);
    second.sent += counts[5];
    second.primary += counts[6];
}

/// Mean waiting, mean busy, utilisation over the second that ends now and was so long.
fn station_second(station: &mut Station, now: u64, length: u64) -> [f64; 3] {
    let areas = [&station.waiting, &station.busy, &station.capacity].map(|area| area.total(now));
    let before = std::mem::replace(&mut station.before, areas);
    figures_of_second([0, 1, 2].map(|n| areas[n] - before[n]), length, station.params.workers == u32::MAX)
}

/// The same from the areas of waiting, busy and all workers over that second.
pub(super) fn figures_of_second(areas: [u128; 3], length: u64, unbounded: bool) -> [f64; 3] {
    let [waiting, busy, capacity] = areas.map(|area| area as f64 / length.max(1) as f64);
    [waiting, busy, if capacity > 0.0 && !unbounded { (busy / capacity).min(1.0) } else { 0.0 }]
}
