//! The beginning and the end of a run: building the world, taking its measures, asserting the laws.

use super::arrivals::{mix, streams as arrival_streams, trace_shares};
use super::faults::trigger_scopes;
use super::monitor::{Monitor, metrics_of};
use super::parts::{Link, MessageQueue, Station, StationSecond, StationStreams};
use super::pulling::{lanes, open_lanes};
use super::{MOST_FRAMES, World};
use crate::model::{Architecture, CacheMode, ChaosAction, ChaosEvent, Entry, RunConfig};
use crate::schema::Key;
use crate::sim::chaos::{ChaosState, StationFaults};
use crate::sim::compile::{LinkParams, Program, StationParams};
use crate::sim::kernel::{EventHeap, NONE, Ready, Slab};
use crate::sim::policies::bucket::Bucket;
use crate::sim::policies::lru::Lru;
use crate::sim::policies::zipf::Zipf;
use crate::sim::record::{BATCHES, Replication, RequestTally, SLOTS, Slot, StationTally, Traffic};
use crate::sim::rng::Streams;
use crate::sim::stats::{Area, Levels};
use std::collections::BTreeMap;
use std::sync::Arc;

impl<'a> World<'a> {
    pub(super) fn new(architecture: &'a Architecture, config: &'a RunConfig, replication: u32) -> Self {
        let streams = Streams::new(config.seed, replication).known_as(&architecture.drawn_as);
        let program = Program::new(architecture, streams);
        let expected: Vec<_> = metrics_of(&config.expectations).into_iter().map(|(_, _, scope)| scope).collect();
        let probes = vec![Vec::new(); expected.len()];
        let seconds = config.duration.0.div_ceil(1_000_000_000);
        let monitor = Monitor::new(architecture, expected, trigger_scopes(config), seconds);
        let arrivals = arrival_streams(architecture, config, &program.entries, streams);
        let finds_warmup = config.warmup.is_none() && config.is_steady(architecture);
        let record = Replication {
            warmup: config.least_warmup().0,
            slots: if finds_warmup { vec![Slot::default(); SLOTS] } else { Vec::new() },
            requests: vec![RequestTally::default(); architecture.request_types.len()],
            probes,
            ..Replication::default()
        };
        let mut world = Self {
            architecture,
            config,
            replication,
            now: 0,
            heap: EventHeap::default(),
            ready: Ready::default(),
            frames: Slab::default(),
            most_frames: config.max_in_flight.min(MOST_FRAMES) as usize,
            stations: stations(architecture, config, streams),
            links: links(architecture, config, &program, &monitor, streams),
            program,
            replicas: Vec::new(),
            queues: Vec::new(),
            races: Vec::new(),
            sagas: BTreeMap::new(),
            waits: BTreeMap::new(),
            trace_shares: trace_shares(architecture, &arrivals),
            arrivals,
            users: Vec::new(),
            mix: cumulative(&mix(architecture, config)),
            preemption: may_preempt(architecture, config),
            preempting: preempting(architecture),
            ranks: ranks(architecture),
            touched: Vec::new(),
            chaos: ChaosState::new(architecture, config, streams),
            monitor,
            in_flight: Area::default(),
            surge: 1.0,
            from: config.least_warmup().0,
            until: config.duration.0,
            measures: config.least_warmup().0 == 0 && config.duration.0 > 0,
            steps: 0,
            batch_length: ((config.duration.0 - config.least_warmup().0) / BATCHES as u64).max(1),
            abandonment: false,
            marked: [false; 2],
            over: false,
            record,
        };
        world.connect_queues();
        for (s, station) in world.stations.iter_mut().enumerate() {
            station.watched = world.monitor.watches_station(s);
            station.classify();
        }
        world
    }

    /// Gives every asynchronous element its lists, and every consumer what it may take from.
    fn connect_queues(&mut self) {
        for s in 0..self.stations.len() {
            if !self.architecture.stations[s].is_queue {
                continue;
            }
            let q = self.queues.len() as u32;
            let span = self.program.stations[s];
            let consumers: Vec<u32> = (span.start..span.end).collect();
            let of = |op: &u32| self.program.ops[*op as usize].station as usize;
            let shards = |op: &u32| {
                if self.architecture.stations[of(op)].is_queue { 1 } else { self.stations[of(op)].params.shards }
            };
            let open = open_lanes(consumers.iter().map(shards));
            let shared = if consumers.len() > 1 && open > 1 { open } else { 0 };
            let lanes = lanes(std::iter::once(open).chain(consumers.iter().map(shards)));
            for (n, op) in consumers.iter().enumerate() {
                // Of lanes that consumers share, the first stands for all.
                let open = if shared > 0 { (lanes[0].0, 1) } else { lanes[0] };
                let own = [open, lanes[n + 1]].into_iter().flat_map(|(first, count)| first..first + count);
                let consumer = self.program.ops[*op as usize].station as usize;
                self.stations[consumer].pulls.extend(own.map(|lane| (q, lane)));
            }
            let element = self.architecture.element(self.architecture.stations[s].element);
            let lists = vec![(NONE, NONE); lanes.iter().map(|(_, count)| *count as usize).sum()];
            let fans_out = element.kind.eq_ignore_ascii_case("topic");
            let station = s as u32;
            self.queues.push(MessageQueue { station, fans_out, lists, lanes, shared, consumers, turn: 0, held: 0 });
            self.stations[s].queue = Some(q);
        }
    }

    /// The measured time begins (0) or ends (1): areas count from here, or to here.
    pub(super) fn mark(&mut self, which: u32) {
        if std::mem::replace(&mut self.marked[which as usize], true) {
            return;
        }
        let (now, is_end) = (self.now, which == 1);
        let settle = |from: &mut u128, area: &mut Area| {
            *from = if is_end { area.total(now) - *from } else { area.total(now) };
        };
        settle(&mut self.record.traffic.in_flight, &mut self.in_flight);
        for station in &mut self.stations {
            station.tally.waiting_at[which as usize] = station.waiting.level;
            let Station { tally, waiting, busy, present, capacity, live, any_live, bill, .. } = station;
            match is_end {
                false => bill.open(live.total(now), tally.arrivals),
                true => tally.bill = bill.close(live.total(now), tally.arrivals),
            }
            settle(&mut tally.waiting_area, waiting);
            settle(&mut tally.busy_area, busy);
            settle(&mut tally.present_area, present.count(now, !is_end));
            settle(&mut tally.capacity_area, capacity);
            settle(&mut tally.replica_area, live.count(now, !is_end));
            settle(&mut tally.up_area, any_live);
        }
        if !is_end {
            // Those who wait already are the first that the measured time sees.
            self.stations.iter_mut().for_each(|s| s.tally.queue_max = s.waiting.level);
            self.stations.iter_mut().for_each(|s| s.tally.drained = (s.waiting.level == 0).then_some(now));
        } else {
            self.record.traffic.in_flight_at_stop = self.in_flight.level;
        }
    }

    pub fn finish_run(mut self) -> Replication {
        let is_whole = self.record.partial.is_none();
        self.record.cut = !is_whole;
        if is_whole {
            self.go_to_time(self.now.max(self.until));
            self.close_seconds(self.until);
            self.go_to_time(self.now.max(self.until));
        }
        if self.record.seconds.len() as u64 * 1_000_000_000 < self.until.min(self.now) && self.monitor.next != u64::MAX
        {
            self.close_second();
        }
        self.mark_unmarked();
        #[cfg(debug_assertions)]
        self.assert_laws();
        self.record.measured = self.until.min(self.now).saturating_sub(self.from);
        let traffic = &mut self.record.traffic;
        traffic.in_flight_at_end = traffic.offered - traffic.ended();
        let calls = self.architecture.calls.len();
        let counted = &self.links[..calls];
        traffic.sent = counted.iter().map(|l| l.tally.sent).sum();
        traffic.primary = counted.iter().map(|l| l.tally.primary).sum();
        for request in &mut self.record.requests {
            request.latency.settle();
            request.failed_latency.settle();
            // Every request is of one type.
            traffic.latency.merge(&request.latency);
            traffic.failed_latency.merge(&request.failed_latency);
        }
        self.record.links = self.links.into_iter().take(calls).map(|l| l.finish()).collect();
        self.record.stations = self.stations.into_iter().map(|s| s.finish()).collect();
        if is_whole {
            let length = self.record.measured;
            self.record.partial = unmeasured(length).or_else(|| unfinished(&self.record.traffic, self.now));
        }
        self.record
    }

    /// A run that was cut short ends its measured time where it was cut.
    fn mark_unmarked(&mut self) {
        if !self.marked[0] {
            self.mark(0);
        }
        self.mark(1);
    }

    /// Little's law, the utilisation law and the law of waiting, as identities over the whole run
    /// when it has run empty; conservation always.
    #[cfg(debug_assertions)]
    fn assert_laws(&mut self) {
        let t = &self.record.traffic;
        assert!(t.ended() <= t.offered, "more requests ended than arrived");
        if self.frames.live() > 0 || self.record.partial.is_some() {
            return;
        }
        let now = self.now;
        for (n, station) in self.stations.iter_mut().enumerate() {
            let path = &self.architecture.stations[n].path;
            station.present.count(now, false);
            assert_eq!(station.present.level + station.waiting.level + station.busy.level, 0, "{path} is not empty");
            assert_eq!(station.present.total(now), station.laws.sojourns, "Little's law at {path}");
            assert_eq!(station.waiting.total(now), station.laws.waits, "waiting at {path}");
            let shares = self.replicas.iter().any(|r| r.station as usize == n && r.sharing.is_some());
            assert!(
                shares || station.laws.shared || station.busy.total(now) == station.laws.held,
                "utilisation law at {path}"
            );
        }
        assert_eq!(self.in_flight.level, 0, "no frames, but requests in flight");
    }
}

/// Why a run tells nothing at all.
fn unmeasured(length: u64) -> Option<Arc<str>> {
    (length == 0).then(|| "nothing was measured: the warm-up takes all of the run".into())
}

/// Why a run that was not cut short does not tell what becomes of its requests: most were never seen to end.
fn unfinished(traffic: &Traffic, now: u64) -> Option<Arc<str>> {
    let Traffic { offered, in_flight_at_end, .. } = *traffic;
    let seconds = now as f64 / 1e9;
    let most = in_flight_at_end * 2 > offered;
    most.then(|| format!("{in_flight_at_end} of {offered} requests had not ended after {seconds:.3} s").into())
}

impl Station {
    fn finish(mut self) -> StationTally {
        self.tally.levels = self.present.take();
        self.tally.live_levels = self.live.take();
        self.tally.wait.settle();
        self.tally.response.settle();
        self.tally
    }
}

impl Link {
    fn finish(mut self) -> crate::sim::record::LinkTally {
        self.tally.guards = self.guards.len() as u64;
        self.tally.latency.settle();
        self.tally
    }
}

pub(super) fn cumulative(shares: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |share: &f64| {
        sum += share;
        sum
    };
    shares.iter().map(add).collect()
}

/// Which request types interrupt others.
pub(super) fn preempting(architecture: &Architecture) -> Vec<bool> {
    architecture.request_types.iter().map(|request| request.behavior.preempt).collect()
}

/// Whether any request type interrupts others, from the start or by a fault.
fn may_preempt(architecture: &Architecture, config: &RunConfig) -> bool {
    let by_fault = |event: &ChaosEvent| matches!(event.action, ChaosAction::Set(_, Key::Preempt, _));
    preempting(architecture).contains(&true) || config.chaos.iter().any(by_fault)
}

/// Rank of each request type's priority: 0 is the lowest.
pub(super) fn ranks(architecture: &Architecture) -> Vec<u16> {
    let priorities: Vec<i32> = architecture.request_types.iter().map(|r| r.behavior.priority).collect();
    let mut distinct = priorities.clone();
    distinct.sort_unstable();
    distinct.dedup();
    priorities.iter().map(|p| distinct.partition_point(|d| d < p) as u16).collect()
}

fn stations(architecture: &Architecture, config: &RunConfig, streams: Streams<'_>) -> Vec<Station> {
    let station = |s: &crate::model::Station| {
        let params = StationParams::new(&s.behavior, config);
        let lru = match params.cache.as_ref().map(|c| &c.mode) {
            Some(CacheMode::Lru { entries, keys, ttl }) => Some(Lru::new(*entries, *keys, ttl.map(|d| d.0))),
            _ => None,
        };
        Station {
            beyond: 0,
            sole: NONE,
            service: streams.of(&s.path, "service"),
            before: [0; 3],
            watched: false,
            rate: params.rate.map(|r| Bucket::new(r.rate, r.burst)),
            lru,
            fetches: Default::default(),
            keys: s.behavior.shards.map(|shards| Zipf::new(shards.keys)),
            groups: Vec::new(),
            elections: 0,
            params,
            faults: StationFaults::default(),
            streams: StationStreams::new(&s.path, streams),
            replicas: Vec::new(),
            up: Vec::new(),
            turn: 0,
            waiting: Area::default(),
            busy: Area::default(),
            present: Levels::default(),
            capacity: Area::default(),
            live: Levels::default(),
            any_live: Area::default(),
            throttle: None,
            tally: StationTally::default(),
            queue: None,
            pulls: Vec::new(),
            inbound: 0,
            repairs: 0,
            broken: Vec::new(),
            scaled: (0, 0, 0),
            hung: false,
            forced: None,
            scaling: s.behavior.autoscale,
            look: (0, 0),
            former_failures: None,
            bill: super::parts::Bill::of(s.behavior.cost),
            apart: super::apart::Apart::default(),
            seconds: StationSecond::default(),
            #[cfg(debug_assertions)]
            laws: super::parts::Laws::default(),
        }
    };
    architecture.stations.iter().map(station).collect()
}

fn links(
    architecture: &Architecture,
    config: &RunConfig,
    program: &Program,
    monitor: &Monitor,
    streams: Streams<'_>,
) -> Vec<Link> {
    let own = architecture.calls.iter().enumerate().map(|(n, call)| {
        let mut link = Link::new(LinkParams::of_call(architecture, call, config), &call.path, streams);
        link.watched = monitor.watches(n);
        link
    });
    let extra = program
        .extra_links
        .iter()
        .map(|path| Link::new(LinkParams::new(&crate::model::CallBehavior::default(), config), path, streams));
    own.chain(extra).collect()
}

impl LinkParams {
    /// Compiles a relation. One from a queue delivers: the visibility of the queue is its timeout,
    /// and the queue itself does what retries and fallbacks do elsewhere.
    pub(crate) fn of_call(architecture: &Architecture, call: &crate::model::Call, config: &RunConfig) -> Self {
        let mut params = Self::new(&call.behavior, config);
        if let Entry::Station(id) = call.from {
            let from = architecture.station(id);
            if from.is_queue {
                params.timeout = Some(from.behavior.queue_behavior.visibility.0);
                params.retry = None;
                params.hedge = None;
                params.cancel = false;
            }
        }
        params
    }
}
