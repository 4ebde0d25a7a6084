//! The callee's side of a call: admission, service, end.

use super::apart::warm_time;
use super::frame::*;
use super::mishaps::is_poisoned;
use super::parts::{Replica, Station, beyond};
use super::waiting::join_line;
use super::{Kind, World, schedule};
use crate::model::{Balance, CacheMode, Discipline, ShedRule, Slowdown};
use crate::sim::compile::Program;
use crate::sim::kernel::NONE;
use crate::sim::policies::balance;
use crate::sim::policies::bucket::Bucket;

impl World<'_> {
    pub(super) fn station_of(&self, frame: u32) -> usize {
        self.frames[frame].station as usize
    }

    /// A call reaches its station.
    #[inline(always)]
    pub(super) fn arrive(&mut self, frame: u32) {
        let (now, measured) = (self.now, self.is_measured());
        let Self { frames, stations, replicas, links, program, .. } = self;
        let slot = &mut frames[frame];
        let s = slot.station as usize;
        let station = &mut stations[s];
        slot.arrived = now;
        slot.mark(COUNTED, measured);
        station.tally.arrivals += u64::from(measured);
        let is_unwanted = self.abandonment && links[slot.link as usize].params.cancel;
        if station.goes_beyond(beyond::ARRIVAL) || slot.is(DELIVERY) || is_unwanted || !self.races.is_empty() {
            return self.arrive_by_rules(s, frame);
        }
        let picked = match station.sole {
            NONE => choose(station, replicas),
            sole => Some(sole),
        };
        draw_work(slot, station, program);
        match picked.map(|replica| (replica, replicas[replica as usize].is_there())) {
            Some((replica, true)) => self.enter(s, frame, replica),
            Some(_) => self.miss_stale(s, frame),
            None => self.turn_away(s, frame),
        }
    }

    /// A call reaches a station that asks for more than whether a worker is free.
    #[inline(never)]
    fn arrive_by_rules(&mut self, s: usize, frame: u32) {
        if self.frames[frame].is(DELIVERY) {
            self.settle_delivery(frame);
        }
        let station = &self.stations[s];
        if station.queue.is_some() {
            return self.accept_message(s, frame);
        }
        let is_full = station.faults.disk_full;
        let unwanted = self.is_unwanted(s, frame) || is_full && self.is_write(frame);
        let replica = if unwanted { None } else { self.choose_replica(s, frame) };
        self.draw_work_at(s, frame, replica);
        let has_cache = self.stations[s].params.cache.is_some();
        let missed = if has_cache { self.look_up(s, frame, replica) } else { None };
        match replica {
            _ if unwanted => self.reply(frame, Outcome::Error),
            Some(replica) if !self.replicas[replica as usize].is_there() => self.miss_stale(s, frame),
            _ if !self.admits(s) => self.reject(s, frame),
            None => self.turn_away(s, frame),
            Some(replica) if !self.replica_admits(s, replica) => self.reject(s, frame),
            Some(replica) if missed.is_some_and(|key| self.joins(s, frame, replica, key)) => {}
            Some(replica) => {
                self.enter(s, frame, replica);
                if let Some(key) = missed {
                    self.fetches(s, frame, key);
                }
            }
        }
    }

    /// Asks the cache of a station; a hit takes its own time. Returns the key that it does not have.
    fn look_up(&mut self, s: usize, frame: u32, replica: Option<u32>) -> Option<u32> {
        look_up(&mut self.frames[frame], &mut self.stations[s], replica.map(|at| &self.replicas[at as usize]))
    }

    /// Whether the station skips work that nobody waits for.
    fn is_unwanted(&self, s: usize, frame: u32) -> bool {
        let cancels = || self.links[self.link_of(frame)].params.cancel;
        self.abandonment && (self.stations[s].params.deadline || cancels()) && self.is_for_nobody(frame)
    }

    /// Rate limit, throttling and shedding.
    pub(super) fn admits(&mut self, s: usize) -> bool {
        let now = self.now;
        let station = &mut self.stations[s];
        if station.params.shed.is_some_and(|rule| sheds(rule, station)) {
            return false;
        }
        let take = |bucket: &mut Option<Bucket>| bucket.as_mut().is_none_or(|b| b.take(now));
        take(&mut station.throttle) && take(&mut station.rate)
    }

    /// The replica that a request is sent to; the second copy of a hedged call goes elsewhere.
    #[inline]
    fn choose_replica(&mut self, s: usize, frame: u32) -> Option<u32> {
        let picked = self.pick_replica(s, frame)?;
        let is_second = !self.races.is_empty() && self.is_second(frame);
        Some(if is_second { self.elsewhere(s, frame, picked) } else { picked })
    }

    #[inline]
    fn pick_replica(&mut self, s: usize, frame: u32) -> Option<u32> {
        let is_delivery = self.frames[frame].is(DELIVERY);
        // Messages are pulled: whoever is up knows its queue.
        if self.stations[s].params.routed && !is_delivery {
            return self.pick_routed(s, frame);
        }
        if is_delivery && self.pulls_by_data(s) {
            return self.pick_pulled(s, frame);
        }
        // A message goes where a worker is free.
        let rule = if is_delivery { Balance::LeastConnections } else { self.stations[s].params.balance };
        let key = if rule == Balance::ConsistentHash { self.key_of(s, frame) } else { 0 };
        let station = &mut self.stations[s];
        let replicas = &self.replicas;
        let score = |r: u32| balance::hash(key, u64::from(replicas[r as usize].ordinal));
        let present = |r: u32| match &replicas[r as usize] {
            at if !is_delivery => at.present,
            at if at.pauses > 0 => u32::MAX,
            at => at.busy,
        };
        balance::pick(rule, &station.up, score, &mut station.turn, &mut station.streams.balance, present)
    }

    /// What a request asks a station for, by a number: uniform over requests, the same in all of its retries. Hot ones have
    /// 0, the most popular key.
    pub(super) fn key_of(&self, s: usize, frame: u32) -> u64 {
        let mut slot = &self.frames[frame];
        while slot.parent < ROOT && self.frames[slot.parent].generation == slot.parent_generation {
            slot = &self.frames[slot.parent];
        }
        let of_type = u64::from(slot.request) << 32 | u64::from(slot.parent_generation);
        let station = &self.stations[s];
        let hash = balance::hash(balance::hash(station.streams.keys, slot.started), of_type);
        let hot = station.faults.hot;
        if hot > 0.0 && balance::uniform(balance::hash(hash, 1)) < hot { 0 } else { hash }
    }

    /// The replica that the caller knew is gone: it is refused at once.
    fn miss_stale(&mut self, s: usize, frame: u32) {
        self.stations[s].tally.stale_calls += u64::from(self.frames[frame].is(COUNTED));
        self.turn_away(s, frame);
    }

    /// No replica is up.
    fn turn_away(&mut self, s: usize, frame: u32) {
        self.stations[s].seconds.ended += 1;
        self.reply(frame, Outcome::Error);
    }

    #[inline(always)]
    fn enter(&mut self, s: usize, frame: u32, replica: u32) {
        let (now, measured) = (self.now, self.is_measured());
        let Self { frames, stations, replicas, heap, ready, .. } = self;
        let (slot, station, at) = (&mut frames[frame], &mut stations[s], &mut replicas[replica as usize]);
        slot.replica = replica;
        if at.hangs > 0 {
            return self.swallow(frame);
        }
        if at.sharing.is_some() {
            return self.share(s, frame, replica);
        }
        if at.pauses == 0 && at.busy < at.workers && !self.preemption {
            appear(slot, station, at, now);
            let work = start(slot, station, at, now);
            return schedule(heap, ready, now, (slot, frame), work, Kind::Served);
        }
        let room = at.waiting < station.params.places;
        if room && !station.goes_beyond(beyond::LINE) && !self.preemption {
            station.tally.waited += u64::from(slot.is(COUNTED));
            appear(slot, station, at, now);
            let last = join_line(slot, station, at, now, 0, frame, measured);
            if last != NONE {
                frames[last].next = frame;
            }
            return;
        }
        self.enter_by_rules(s, frame, replica);
    }

    fn enter_by_rules(&mut self, s: usize, frame: u32, replica: u32) {
        let at = &self.replicas[replica as usize];
        let free = at.pauses == 0 && at.busy < at.workers;
        let room = at.waiting < self.stations[s].params.places;
        if free || (self.preemption && self.preempts(s, frame, replica)) {
            self.appear(s, frame, replica);
            return self.begin(s, frame, replica);
        }
        self.stations[s].tally.waited += u64::from(self.frames[frame].is(COUNTED));
        if room {
            self.appear(s, frame, replica);
            self.enqueue(s, frame, replica);
        } else {
            self.reject(s, frame);
        }
    }

    #[inline(always)]
    pub(super) fn appear(&mut self, s: usize, frame: u32, replica: u32) {
        appear(&mut self.frames[frame], &mut self.stations[s], &mut self.replicas[replica as usize], self.now);
    }

    pub(super) fn reject(&mut self, s: usize, frame: u32) {
        let station = &mut self.stations[s];
        station.tally.rejected += u64::from(self.frames[frame].is(COUNTED));
        station.seconds.ended += 1;
        self.reply(frame, Outcome::Rejected);
    }

    /// A worker takes the request; its end is known at once.
    pub(super) fn begin(&mut self, s: usize, frame: u32, replica: u32) {
        let now = self.now;
        let Self { frames, stations, replicas, heap, ready, .. } = self;
        let (slot, at) = (&mut frames[frame], &mut replicas[replica as usize]);
        if self.preemption {
            at.serving.push(frame);
        }
        let work = start(slot, &mut stations[s], at, now);
        schedule(heap, ready, now, (slot, frame), work, Kind::Served);
    }

    /// Own work is done, or copies have what it wrote.
    pub(super) fn served(&mut self, frame: u32) {
        let slot = &self.frames[frame];
        let s = slot.station as usize;
        let station = &self.stations[s];
        let by_rules = station.goes_beyond(beyond::END) || slot.is(DELIVERY) || self.abandonment;
        if (by_rules || slot.state == State::Committing) && !self.goes_on(s, frame) {
            return;
        }
        let slot = &mut self.frames[frame];
        let span = self.program.ops[slot.op as usize].callee;
        if slot.is(HIT) || span.start == span.end {
            return self.finish(frame, Outcome::Success);
        }
        (slot.state, slot.pc, slot.left, slot.children) = (State::Calling, 0, 0, 0);
        if self.stations[s].goes_beyond(beyond::CALLS) {
            self.release_worker(s, frame);
        }
        self.proceed(frame);
    }

    /// Whether a request whose work is done goes on: it has not failed, and waits for no copies, or no longer.
    #[inline(never)]
    fn goes_on(&mut self, s: usize, frame: u32) -> bool {
        if self.frames[frame].state == State::Committing {
            return self.is_committed(s, frame);
        }
        if self.abandonment && self.is_measured() && self.is_for_nobody(frame) {
            self.stations[s].tally.wasted += u128::from(self.frames[frame].work);
        }
        let share = self.errors_at(s, frame);
        let slot = &self.frames[frame];
        let station = &mut self.stations[s];
        let fails = share > 0.0 && station.streams.errors.chance(share);
        if fails || slot.is(DELIVERY) && is_poisoned(&self.frames, slot) {
            station.tally.errors += u64::from(slot.is(COUNTED));
            self.finish(frame, Outcome::Error);
            return false;
        }
        match station.params.replication {
            None => true,
            Some(rule) => !self.waits_for_copies(s, frame, rule),
        }
    }

    /// The request is done here, well or not.
    pub(super) fn finish(&mut self, frame: u32, outcome: Outcome) {
        if !self.sagas.is_empty() {
            self.forget_saga(frame);
        }
        let (now, ok, measured) = (self.now, outcome == Outcome::Success, self.is_measured());
        let Self { frames, stations, replicas, .. } = self;
        let slot = &mut frames[frame];
        if slot.station == NONE {
            return self.close_group(frame, outcome);
        }
        let s = slot.station as usize;
        let station = &mut stations[s];
        if !slot.is(PRESENT) || station.goes_beyond(beyond::LEAVING) || self.preemption {
            // Gone before its worker is given on: the next one must not see it here.
            self.disappear(s, frame, ok);
            self.release_worker(s, frame);
            return self.reply(frame, outcome);
        }
        let replica = slot.replica;
        let at = &mut replicas[replica as usize];
        leave(slot, station, at, now, ok, measured);
        if slot.is(HOLDS) {
            give_back(slot, station, at, now);
            if at.waiting > 0 || station.goes_beyond(beyond::LINE) {
                self.next_waiting(s, replica);
            }
        }
        self.reply(frame, outcome);
    }

    /// Gives the worker back, if it holds one, and lets the next begin.
    pub(super) fn release_worker(&mut self, s: usize, frame: u32) {
        let Self { frames, stations, replicas, .. } = self;
        let slot = &mut frames[frame];
        if !slot.is(HOLDS) {
            return;
        }
        let (station, replica) = (&mut stations[s], slot.replica);
        let at = &mut replicas[replica as usize];
        give_back(slot, station, at, self.now);
        if self.preemption {
            at.serving.retain(|served| *served != frame);
        }
        if at.waiting > 0 || station.goes_beyond(beyond::LINE) {
            self.next_waiting(s, replica);
        }
    }

    /// The request leaves the station.
    pub(super) fn disappear(&mut self, s: usize, frame: u32, ok: bool) {
        let (now, measured) = (self.now, self.is_measured());
        let Self { frames, stations, replicas, .. } = self;
        let slot = &mut frames[frame];
        if !slot.is(PRESENT) {
            return;
        }
        let station = &mut stations[s];
        let time = leave(slot, station, &mut replicas[slot.replica as usize], now, ok, measured);
        if station.goes_beyond(beyond::LEAVING) {
            self.left(s, frame, time, ok);
        }
    }

    /// What else depends on a request that has left.
    #[inline(never)]
    fn left(&mut self, s: usize, frame: u32, time: u64, ok: bool) {
        let has_keys = self.stations[s].lru.is_some();
        if ok {
            self.monitor.station(s, time);
        }
        if has_keys {
            self.fetched(s, frame, ok);
        }
    }

    /// Takes a request away from its callee, wherever it is there: cancelled or killed.
    pub(super) fn withdraw(&mut self, frame: u32) {
        let s = self.station_of(frame);
        let replica = self.frames[frame].replica;
        match self.frames[frame].state {
            State::Sent => self.forget_inbound(frame),
            State::Queued => self.unlink(s, frame),
            State::Serving if self.stations[s].params.discipline == Discipline::ProcessorSharing => {
                self.unshare(s, frame, replica);
            }
            _ => {}
        }
        if !self.sagas.is_empty() {
            self.forget_saga(frame);
        }
        self.frames[frame].pending = 0;
        // Whoever it has called must not wake it up again.
        self.frames[frame].state = State::New;
        self.disappear(s, frame, false);
        self.release_worker(s, frame);
    }
}

/// The replica that takes the next request, where neither its key nor what callers know has a say.
fn choose(station: &mut Station, replicas: &[Replica]) -> Option<u32> {
    let Station { up, turn, streams, params, .. } = station;
    let present = |r: u32| replicas[r as usize].present;
    balance::pick(params.balance, up, |_| 0, turn, &mut streams.balance, present)
}

/// Own work is drawn on arrival, whatever becomes of it: the n-th arrival has the n-th draw.
#[inline(always)]
pub(super) fn draw_work(slot: &mut Frame, station: &mut Station, program: &mut Program) {
    let op = &mut program.ops[slot.op as usize];
    slot.work = match &mut op.service {
        _ if !op.special => station.params.service.draw(&mut station.service),
        Some(own) => own.0.draw(&mut own.1),
        None => station.params.service.draw(&mut station.service),
    };
}

/// A request is at a station from now on.
#[inline]
fn appear(slot: &mut Frame, station: &mut Station, at: &mut Replica, now: u64) {
    station.present.raise(now);
    at.present += 1;
    slot.mark(PRESENT, true);
}

/// A worker takes a request; returns for how long.
#[inline(always)]
pub(super) fn start(slot: &mut Frame, station: &mut Station, at: &mut Replica, now: u64) -> u64 {
    station.busy.raise(now);
    at.busy += 1;
    if slot.is(INTERRUPTED) {
        slot.mark(INTERRUPTED, false);
    } else {
        if station.goes_beyond(beyond::WORK) || now < at.warm_at {
            slot.work = stretched(slot.work, station, at, now);
        }
        if slot.is(COUNTED) {
            station.tally.wait.record(now - slot.arrived);
            station.tally.service.record(slot.work);
        }
    }
    (slot.begun, slot.state) = (now, State::Serving);
    slot.mark(HOLDS, true);
    slot.ends = now.saturating_add(slot.work);
    slot.work
}

/// A request is at a station no longer; returns how long it was.
#[inline(always)]
fn leave(slot: &mut Frame, station: &mut Station, at: &mut Replica, now: u64, ok: bool, measured: bool) -> u64 {
    slot.mark(PRESENT, false);
    station.present.lower(now);
    at.present -= 1;
    let time = now - slot.arrived;
    #[cfg(debug_assertions)]
    {
        station.laws.sojourns += u128::from(time);
    }
    station.seconds.ended += 1;
    station.seconds.succeeded += u64::from(ok);
    station.tally.ended += u64::from(measured);
    if ok && slot.is(COUNTED) {
        station.tally.succeeded += 1;
        station.tally.response.record(time);
    }
    time
}

/// A request gives its worker back.
#[inline(always)]
pub(super) fn give_back(slot: &mut Frame, station: &mut Station, at: &mut Replica, now: u64) {
    slot.mark(HOLDS, false);
    station.busy.lower(now);
    at.busy -= 1;
    #[cfg(debug_assertions)]
    {
        station.laws.held += u128::from(now - slot.begun);
    }
}

fn look_up(slot: &mut Frame, station: &mut Station, at: Option<&Replica>) -> Option<u32> {
    let now = slot.arrived;
    let (full_at, refill) = station.faults.refill;
    let cold = at.map_or(1.0, |at| warmth(at.warm_at, warm_time(&station.params), now));
    let filled = cold.min(warmth(full_at, refill, now));
    let cache = station.params.cache.as_ref()?;
    let mut asked = None;
    let hit = match (&cache.mode, &mut station.lru) {
        (CacheMode::Lru { .. }, Some(lru)) => {
            let key = lru.draw(&mut station.streams.cache);
            let hot = station.faults.hot > 0.0 && station.streams.hot.chance(station.faults.hot);
            let key = *asked.insert(if hot { 0 } else { key });
            lru.look_up(key, now)
        }
        (CacheMode::HitRatio(ratio), _) => station.streams.cache.chance(*ratio * filled),
        _ => false,
    };
    let hit_time = cache.hit_time.draw(&mut station.streams.hits);
    let counted = u64::from(slot.is(COUNTED));
    station.tally.lookups += counted;
    if hit {
        station.tally.hits += counted;
        slot.work = hit_time;
        slot.mark(HIT, true);
        return None;
    }
    asked
}

fn sheds(rule: ShedRule, station: &Station) -> bool {
    let waiting = station.waiting.level as f64;
    let replicas = station.up.len().max(1) as f64;
    match rule {
        ShedRule::QueueShare(_) if station.params.places == u32::MAX => false,
        ShedRule::QueueShare(share) => waiting > share * f64::from(station.params.places) * replicas,
        ShedRule::QueueLength(n) => waiting > f64::from(n) * replicas,
        ShedRule::Utilization(share) => {
            station.params.workers != u32::MAX && station.busy.level as f64 > share * station.capacity.level as f64
        }
    }
}

/// How warm something is at `now` that rises linearly over a time and is warm at an instant: 0 to 1.
fn warmth(warm_at: u64, over: u64, now: u64) -> f64 {
    if now >= warm_at { 1.0 } else { (1.0 - (warm_at - now) as f64 / over.max(1) as f64).max(0.0) }
}

/// Work at a replica under faults, and as long as it is cold: its speed rises from half to full.
pub(super) fn slowed(work: u64, station: &Station, at: &Replica, now: u64) -> u64 {
    let faulty = station.faults.stretch(work, at.ordinal);
    if now >= at.warm_at || station.params.cache.is_some() {
        return faulty;
    }
    (faulty as f64 * 2.0 / (1.0 + warmth(at.warm_at, station.params.warmup, now)) + 0.5) as u64
}

/// Service under faults and load: faults first, then the slowdown by all who are present.
#[inline(never)]
fn stretched(work: u64, station: &Station, at: &Replica, now: u64) -> u64 {
    let faulty = slowed(work, station, at, now);
    let others = f64::from(at.present.saturating_sub(1));
    match station.params.slowdown {
        None => faulty,
        Some(Slowdown::Linear(seconds)) => faulty.saturating_add((seconds * others * 1e9) as u64),
        Some(Slowdown::Exponential(rate)) => (faulty as f64 * (rate * others).exp()) as u64,
    }
}
