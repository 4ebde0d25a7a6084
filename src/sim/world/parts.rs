//! Stations, replicas, relations and queues while a run is under way.

use super::apart::Apart;
use super::fetches::Fetches;
use super::frame::{Frame, MEASURED, PRIMARY};
use super::hedging::Quantile;
use super::routing::Group;
use crate::model::{Autoscale, Balance, Cost, Discipline, Failures, Pool};
use crate::sim::chaos::{LinkFaults, StationFaults};
use crate::sim::compile::{LinkParams, StationParams, either};
use crate::sim::kernel::{NONE, Ring};
use crate::sim::policies::bucket::Bucket;
use crate::sim::policies::codel::Codel;
use crate::sim::policies::guard::Guard;
use crate::sim::policies::lru::Lru;
use crate::sim::policies::sharing::Sharing;
use crate::sim::policies::zipf::Zipf;
use crate::sim::record::{LinkTally, StationTally};
use crate::sim::rng::{Rng, Streams};
use crate::sim::stats::{Area, Levels};
use serde::{Deserialize, Serialize};

/// Random streams of a station, one for each purpose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StationStreams {
    pub errors: Rng,
    pub balance: Rng,
    pub cache: Rng,
    pub hits: Rng,
    pub patience: Rng,
    pub failures: Rng,
    pub poison: Rng,
    pub hot: Rng,
    /// Sets the keys of one replication off from those of another.
    pub keys: u64,
}

impl StationStreams {
    pub fn new(path: &str, streams: Streams<'_>) -> Self {
        Self {
            errors: streams.of(path, "errors"),
            balance: streams.of(path, "balance"),
            cache: streams.of(path, "cache"),
            hits: streams.of(path, "hit time"),
            patience: streams.of(path, "patience"),
            failures: streams.of(path, "failures"),
            poison: streams.of(path, "poison"),
            hot: streams.of(path, "hot key"),
            keys: streams.of(path, "keys").bits(),
        }
    }
}

/// What a station does beyond what every station does. Found out whenever its settings or faults change, so that a
/// visit asks once.
pub(super) mod beyond {
    /// On arrival: a queue, a cache, limits, shards and copies, a choice by key, shared workers.
    pub const ARRIVAL: u8 = 1;
    /// To the work: faults and slowdowns.
    pub const WORK: u8 = 1 << 1;
    /// When the work is done: errors and copies.
    pub const END: u8 = 1 << 2;
    /// When a request leaves: probes that look, a cache to fill.
    pub const LEAVING: u8 = 1 << 3;
    /// To its line: another order, patience, messages to pull.
    pub const LINE: u8 = 1 << 4;
    /// Before calls: it gives its worker on.
    pub const CALLS: u8 = 1 << 5;
}

/// A station. What every visit needs comes first, in an order that keeps it to eight cache lines.
#[derive(Serialize, Deserialize)]
#[repr(C, align(64))]
pub(super) struct Station {
    /// See [`beyond`].
    pub beyond: u8,
    /// Whether probes look at it.
    pub watched: bool,
    /// Whether none of its replicas answers.
    pub hung: bool,
    /// The only replica that takes requests; `NONE` when there are none, or several.
    pub sole: u32,
    pub turn: u32,
    /// Deliveries on their way to it.
    pub inbound: u32,
    /// Counters of the current second.
    pub seconds: StationSecond,
    /// Its own queue of messages, when it is an asynchronous element.
    pub queue: Option<u32>,
    /// Replicas that take requests.
    pub up: Vec<u32>,
    pub waiting: Area,
    pub busy: Area,
    pub present: Levels,
    pub tally: StationTally,
    /// Draws the work of its requests.
    pub service: Rng,
    pub params: StationParams,
    pub faults: StationFaults,
    pub streams: StationStreams,
    /// All of its replicas.
    pub replicas: Vec<u32>,
    /// Workers of replicas that are up.
    pub capacity: Area,
    pub live: Levels,
    pub any_live: Area,
    /// Areas of waiting, busy and capacity up to the current second.
    pub before: [u128; 3],
    pub rate: Option<Bucket>,
    pub throttle: Option<Bucket>,
    pub lru: Option<Lru>,
    /// Misses under way.
    pub fetches: Fetches,
    /// How keys of its shards are asked for.
    pub keys: Option<Zipf>,
    /// Its shards as callers see them, where they do not see all that is up.
    pub groups: Vec<Group>,
    /// Elections of a primary under way.
    pub elections: u32,
    /// Lists of messages that it consumes: (queue, list).
    pub pulls: Vec<(u32, u32)>,
    /// Repairs under way, and replicas that wait for a crew.
    pub repairs: u32,
    pub broken: Vec<u32>,
    /// Autoscaling: replicas wanted, area of busy workers at the last decision, no removal before.
    pub scaled: (u128, u128, u64),
    /// Replicas that a fault wants.
    pub forced: Option<u32>,
    /// Its autoscaler, and the event and the instant of its next and its last look.
    pub scaling: Option<Autoscale>,
    pub look: (u32, u64),
    /// How what has failed is repaired while nothing fails any more.
    pub former_failures: Option<Failures>,
    pub bill: Bill,
    /// What holds for some of its replicas only.
    pub apart: Apart,
    #[cfg(debug_assertions)]
    pub laws: Laws,
}

impl Station {
    /// Whether it does anything [`beyond`] the common in this respect.
    #[inline]
    pub fn goes_beyond(&self, what: u8) -> bool {
        self.beyond & what != 0
    }

    /// Finds out what it does beyond the common; to be called whenever it was changed.
    pub fn classify(&mut self) {
        let (params, faults) = (&self.params, &self.faults);
        let limited = params.shed.is_some() || self.rate.is_some() || self.throttle.is_some();
        let chosen = params.routed || params.balance == Balance::ConsistentHash || self.queue.is_some();
        let shares = params.discipline == Discipline::ProcessorSharing;
        let differs = self.apart.asks();
        let arrival =
            limited || chosen || shares || differs || params.cache.is_some() || params.deadline || faults.disk_full;
        let work = params.slowdown.is_some() || faults.slows();
        let fails = faults.errors(params.errors) > 0.0 || !faults.failing.is_empty() || self.apart.fails();
        let end = fails || params.replication.is_some();
        let orders = params.discipline != Discipline::Fifo || params.patience.is_some() || params.deadline;
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        self.beyond = flag(arrival, beyond::ARRIVAL)
            | flag(work, beyond::WORK)
            | flag(end, beyond::END)
            | flag(self.watched || self.lru.is_some(), beyond::LEAVING)
            | flag(orders || !self.pulls.is_empty(), beyond::LINE)
            | flag(!params.blocking, beyond::CALLS);
    }
}

impl Station {
    /// Somebody who has arrived then waits for a worker no longer.
    #[inline]
    pub fn note_wait(&mut self, now: u64, measured_from: u64, arrived: u64) {
        self.waiting.lower(now);
        if self.waiting.level == 0 && self.tally.drained.is_none() && now >= measured_from {
            self.tally.drained = Some(now);
        }
        #[cfg(debug_assertions)]
        {
            self.laws.waits += u128::from(now - arrived);
        }
        let _ = arrived;
    }
}

/// What a station costs, where its prices change during the run.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Bill {
    /// Prices now, and whether they have been others in the measured time.
    cost: Cost,
    changed: bool,
    /// Area of replicas and arrivals when they became what they are.
    since: (u128, u64),
    /// USD up to then.
    usd: f64,
}

impl Bill {
    /// At these prices.
    pub fn of(cost: Cost) -> Self {
        Self { cost, changed: false, since: (0, 0), usd: 0.0 }
    }

    /// It counts from now on.
    pub fn open(&mut self, area: u128, arrivals: u64) {
        self.since = (area, arrivals);
    }

    /// What it is at the end, USD; `None`: nothing has changed.
    pub fn close(&mut self, area: u128, arrivals: u64) -> Option<f64> {
        self.settle(area, arrivals);
        self.changed.then_some(self.usd)
    }

    fn settle(&mut self, area: u128, arrivals: u64) {
        let hours = area.wrapping_sub(self.since.0) as f64 / 3.6e12;
        let calls = (arrivals - self.since.1) as f64;
        self.usd += self.cost.per_replica_hour.unwrap_or(0.0) * hours + self.cost.per_call.unwrap_or(0.0) * calls;
        self.since = (area, arrivals);
    }
}

impl Station {
    /// Other prices from now on.
    pub fn change_cost(&mut self, cost: Cost, now: u64, measured: bool) {
        if cost == self.bill.cost {
            return;
        }
        if measured {
            self.bill.settle(self.live.total(now), self.tally.arrivals);
            self.bill.changed = true;
        }
        self.bill.cost = cost;
    }
}

/// Counters of the current second.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct StationSecond {
    pub ended: u64,
    pub succeeded: u64,
}

/// Sums that must equal areas in the end.
#[cfg(debug_assertions)]
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Laws {
    pub waits: u128,
    pub held: u128,
    pub sojourns: u128,
    /// Workers were shared for a time, which nobody holds.
    pub shared: bool,
}

/// One replica. What every visit needs comes first, in a cache line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[repr(C, align(64))]
pub(super) struct Replica {
    pub station: u32,
    /// Its number within the station.
    pub ordinal: u32,
    /// Workers held.
    pub busy: u32,
    /// Requests waiting, and here at all.
    pub waiting: u32,
    pub present: u32,
    pub workers: u32,
    /// Causes that keep it down or standing still.
    pub kills: u16,
    pub pauses: u16,
    /// Causes by which it never answers, and by which it takes no new work.
    pub hangs: u16,
    pub drains: u16,
    /// When it is warm.
    pub warm_at: u64,
    pub sharing: Option<Box<Sharing>>,
    pub up: bool,
    /// (first, last) of each priority, lowest first.
    pub queues: Vec<(u32, u32)>,
    /// Requests in service, where requests can be interrupted.
    pub serving: Vec<u32>,
    /// Deliveries on their way to it.
    pub inbound: u32,
    pub failed: bool,
    pub retired: bool,
    pub ready_at: u64,
    /// Whether callers know it, and when that changes; `u64::MAX`: it stays.
    pub listed: bool,
    pub relists_at: u64,
    /// Sequence of its next event.
    pub pending: u32,
    /// What is left until it fails or is repaired, in units of the mean, and since when; `None` where that was never
    /// drawn.
    pub life: Option<(f64, u64)>,
    pub shared_event: u32,
    pub codel: Codel,
}

impl Replica {
    /// Whether it is up and takes new work.
    pub fn is_there(&self) -> bool {
        self.up && self.drains == 0
    }

    pub fn new(station: u32, ordinal: u32, params: &StationParams, priorities: usize) -> Self {
        let classes = if params.discipline == Discipline::Priority { priorities } else { 1 };
        let sharing = (params.discipline == Discipline::ProcessorSharing).then(Box::default);
        Self {
            station,
            ordinal,
            busy: 0,
            waiting: 0,
            present: 0,
            workers: params.workers,
            serving: Vec::new(),
            inbound: 0,
            queues: vec![(NONE, NONE); classes],
            up: false,
            kills: 0,
            pauses: 0,
            hangs: 0,
            drains: 0,
            failed: false,
            retired: false,
            ready_at: 0,
            warm_at: 0,
            listed: false,
            relists_at: u64::MAX,
            pending: 0,
            life: None,
            sharing,
            shared_event: 0,
            codel: Codel::default(),
        }
    }
}

/// A relation, or the pseudo relation of a fallback. What every call needs comes first, in two cache lines.
#[derive(Serialize, Deserialize)]
#[repr(C, align(64))]
pub(super) struct Link {
    /// Calls, attempts, timeouts, successes, ends, sent, primary, second copies of the current second.
    pub second: [u32; 8],
    /// How long every message takes, where neither chance nor a fault has a say.
    pub steady: Option<u64>,
    /// Attempts under way.
    pub open: u32,
    /// Probes that look at it.
    pub watched: bool,
    /// Whether it asks for more than to be sent: a timeout, or state for each caller replica.
    pub careful: bool,
    pub tally: LinkTally,
    pub params: LinkParams,
    pub faults: LinkFaults,
    pub request: Rng,
    pub reply: Rng,
    pub loss: Rng,
    pub jitter: Rng,
    pub delay: Rng,
    pub twice: Rng,
    pub late: Rng,
    pub guards: Vec<Guard>,
    pub timers: Ring,
    pub quantile: Quantile,
}

impl Link {
    pub fn new(params: LinkParams, path: &str, streams: Streams<'_>) -> Self {
        Self {
            steady: params.steady(),
            careful: params.timeout.is_some() || params.guarded,
            params,
            faults: LinkFaults::default(),
            request: streams.of(path, "latency"),
            reply: streams.of(path, "reply latency"),
            loss: streams.of(path, "loss"),
            jitter: streams.of(path, "retry jitter"),
            delay: streams.of(path, "delay"),
            twice: streams.of(path, "duplicates"),
            late: streams.of(path, "reorder"),
            guards: Vec::new(),
            timers: Ring::default(),
            quantile: Quantile::default(),
            open: 0,
            tally: LinkTally::default(),
            second: [0; 8],
            watched: false,
        }
    }
}

impl Link {
    /// A call is made.
    #[inline]
    pub fn note_call(&mut self, measured: bool) {
        self.second[0] += 1;
        self.tally.calls += u64::from(measured);
    }

    /// An attempt is made.
    #[inline]
    pub fn note_attempt(&mut self, slot: &Frame) {
        self.second[1] += 1;
        self.tally.attempts += u64::from(slot.is(MEASURED));
        self.open += 1;
    }

    /// An attempt is sent.
    #[inline]
    pub fn note_sent(&mut self, slot: &Frame) {
        let (measured, primary) = (u64::from(slot.is(MEASURED)), u64::from(slot.is(PRIMARY)));
        self.second[5] += 1;
        self.second[6] += primary as u32;
        self.tally.sent += measured;
        self.tally.primary += measured & primary;
    }

    /// So many calls are made, each in one attempt, which is sent.
    pub fn note_calls(&mut self, count: u64, measured: bool) {
        self.note_calls_of_second(count as u32);
        self.note_measured_calls(count * u64::from(measured));
    }

    /// The part of [`Self::note_calls`] that the current second counts.
    pub fn note_calls_of_second(&mut self, count: u32) {
        [0, 1, 5, 6].into_iter().for_each(|cell| self.second[cell] += count);
    }

    /// The part of [`Self::note_calls`] that the measured time counts.
    pub fn note_measured_calls(&mut self, count: u64) {
        let LinkTally { calls, attempts, sent, primary, .. } = &mut self.tally;
        [calls, attempts, sent, primary].into_iter().for_each(|cell| *cell += count);
    }

    /// A call has ended for good.
    #[inline]
    pub fn note_end(&mut self, measured: bool, time: u64, ok: bool) {
        self.second[3] += u32::from(ok);
        self.second[4] += 1;
        if measured {
            self.tally.ended += 1;
            if ok {
                self.tally.latency.record(time);
            }
        }
    }

    /// Takes other parameters or faults.
    pub fn change(&mut self, params: Option<LinkParams>, faults: LinkFaults) {
        let guarded = self.params.guarded;
        if let Some(params) = params {
            self.params = params;
        }
        // What is held or waited for is given back even if nothing limits it any more.
        self.params.guarded |= guarded || faults.drained;
        self.careful = self.params.timeout.is_some() || self.params.guarded;
        self.faults = faults;
        self.steady = if faults == LinkFaults::default() { self.params.steady() } else { None };
    }

    /// Connections of each caller replica.
    pub fn pool(&self) -> Option<Pool> {
        let own = self.params.pool;
        if self.faults.drained { Some(Pool { size: 0, wait: own.and_then(|pool| pool.wait) }) } else { own }
    }

    /// How long the next request takes; `None`: it is lost.
    pub fn delay_of_request(&mut self) -> Option<u64> {
        let loss = either(self.params.loss, self.faults.cut);
        if loss > 0.0 && self.loss.chance(loss) {
            return None;
        }
        let delay = self.params.latency.draw(&mut self.request);
        let (share, by) = self.faults.late;
        let late = if share > 0.0 && self.late.chance(share) { by as u64 } else { 0 };
        let added = self.faults.delay.draw(&mut self.delay).saturating_add(late);
        Some(delay.saturating_add(self.params.extra).saturating_add(added))
    }

    /// Whether the next request arrives twice.
    pub fn doubles(&mut self) -> bool {
        self.faults.twice > 0.0 && self.twice.chance(self.faults.twice)
    }

    /// How long the next reply takes; `None`: it is lost.
    pub fn delay_of_reply(&mut self) -> Option<u64> {
        if self.faults.reply_cut > 0.0 && self.loss.chance(self.faults.reply_cut) {
            return None;
        }
        let delay = self.params.latency.draw(&mut self.reply);
        Some(delay.saturating_add(self.params.extra).saturating_add(self.faults.reply_delay.draw(&mut self.delay)))
    }
}

/// Messages of an asynchronous element that wait for delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MessageQueue {
    pub station: u32,
    /// Every message goes to every consumer.
    pub fans_out: bool,
    /// (first, last) of each lane.
    pub lists: Vec<(u32, u32)>,
    /// First lane and number of lanes of each list, one for each shard of its consumer. List 0 is open to every consumer,
    /// with a lane for each choice of a shard of each; list n+1 belongs to consumer n.
    pub lanes: Vec<(u32, u32)>,
    /// How many lanes of the open list several consumers share; 0: none.
    pub shared: u32,
    /// Ops of its consumers by the model's own relations.
    pub consumers: Vec<u32>,
    pub turn: u32,
    /// Messages held: waiting, delayed or with a consumer.
    pub held: u64,
}
