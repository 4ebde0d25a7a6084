//! What a run in which nothing fails needs of calls, ops, stations and relations.

use crate::sim::kernel::NONE;
use crate::sim::record::Moments;
use crate::sim::rng::{Rng, Sampler};
use crate::sim::stats::{Area, LOW, NEVER, Squares};
use crate::sim::world::parts::Station;

/// Parents from here on are external requests: of the n-th type.
pub(super) const ROOTS: u32 = NONE - 1 - (u16::MAX as u32 + 1);

/// A call under way: a cache line. What its op says of it is here, too, so that nothing else has to be looked up.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Visit {
    /// When it was made.
    pub started: u64,
    /// When it reached its station.
    pub arrived: u64,
    /// Own work there.
    pub work: u64,
    /// The call whose program made it, [`ROOTS`] and a request type, or `NONE`: nobody waits for it.
    pub parent: u32,
    /// The op that it carries out, and its station and its place among the relations that are timed or guarded.
    pub op: u32,
    pub station: u32,
    pub lane: u32,
    /// The op that it makes next, and the one behind the last, beside the flags.
    pub next: u32,
    until: u32,
    /// Calls that it waits for.
    pub children: u32,
    /// Its replica.
    pub at: u32,
    /// Who is behind it in its line.
    pub behind: u32,
    /// How often it makes the next op still.
    pub left: u16,
    /// The number of its caller's replica among those of its station.
    pub caller: u16,
    /// When it took its worker.
    #[cfg(debug_assertions)]
    pub begun: u64,
}

/// Where flags stand beside the number of an op.
const BESIDE: u32 = 27;

/// Ops that can be numbered so.
pub(super) const MOST_OPS: usize = 1 << BESIDE;

impl Visit {
    /// The way of its op begins.
    #[inline(always)]
    pub fn set_out(&mut self, way: &Way) {
        (self.station, self.lane, self.next) = (way.station, way.lane, way.start);
        self.until = way.end | u32::from(way.flags) << BESIDE;
    }

    /// The op behind its last.
    #[inline(always)]
    pub fn end(&self) -> u32 {
        self.until & ((1 << BESIDE) - 1)
    }

    #[inline(always)]
    pub fn flags(&self) -> u16 {
        (self.until >> BESIDE) as u16
    }
}

/// Calls under way, in slots that are used again.
#[derive(Debug)]
pub(super) struct Visits {
    slots: Vec<Visit>,
    /// The first free slot, in a chain by `behind`.
    free: u32,
    live: u32,
}

impl Visits {
    pub const EMPTY: Self = Self { slots: Vec::new(), free: NONE, live: 0 };

    /// A slot that is free, with whatever was left in it.
    #[inline(always)]
    pub fn take(&mut self) -> Option<u32> {
        let slot = self.free;
        if slot == NONE {
            return None;
        }
        self.free = self.slots[slot as usize].behind;
        self.live += 1;
        Some(slot)
    }

    /// A slot more; how many there are then.
    pub fn grow(&mut self) -> usize {
        self.slots.push(Visit::FRESH);
        self.live += 1;
        self.slots.len()
    }

    #[inline(always)]
    pub fn give(&mut self, slot: u32) {
        self.live -= 1;
        self.slots[slot as usize].behind = self.free;
        self.free = slot;
    }

    /// How many are under way.
    pub fn live(&self) -> u32 {
        self.live
    }
}

impl std::ops::Index<u32> for Visits {
    type Output = Visit;

    #[inline(always)]
    fn index(&self, slot: u32) -> &Visit {
        &self.slots[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Visits {
    #[inline(always)]
    fn index_mut(&mut self, slot: u32) -> &mut Visit {
        &mut self.slots[slot as usize]
    }
}

impl Visit {
    /// A slot never used.
    const FRESH: Self = Self {
        started: 0,
        arrived: 0,
        work: 0,
        parent: NONE,
        op: 0,
        station: 0,
        lane: NONE,
        next: 0,
        until: 0,
        children: 0,
        at: 0,
        behind: NONE,
        left: 0,
        caller: 0,
        #[cfg(debug_assertions)]
        begun: 0,
    };
}

/// Without network time.
pub(super) const AT_ONCE: u16 = 1;
/// A worker is held until all calls have ended.
pub(super) const HOLDS: u16 = 1 << 1;
/// Beside its neighbours.
pub(super) const PARALLEL: u16 = 1 << 2;
/// Not waited for.
pub(super) const ASYNCHRONOUS: u16 = 1 << 3;
/// Its station has one replica.
pub(super) const SOLE: u16 = 1 << 4;

/// An op: a cache line.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct Way {
    pub station: u32,
    /// Its place among the relations that are timed or guarded; `NONE`: it is neither.
    pub lane: u32,
    /// Ops that the callee carries out in turn.
    pub start: u32,
    pub end: u32,
    pub probability: f64,
    /// How often it was taken since this was last told.
    pub taken: u32,
    pub calls: u16,
    pub flags: u16,
    pub choice: Rng,
}

impl Way {
    #[inline(always)]
    pub fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// Who waits: first and last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub head: u32,
    pub tail: u32,
}

impl Line {
    pub const EMPTY: Self = Self { head: NONE, tail: NONE };
}

/// One of several replicas of a station.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    pub line: Line,
    pub waiting: u32,
    /// Workers held.
    pub busy: u32,
    /// Requests here at all.
    pub present: u32,
    /// Its number within its station.
    pub ordinal: u32,
}

/// A station: four cache lines. The second and the third are for those who leave, too.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct Desk {
    pub service: Sampler,
    pub draws: Rng,
    /// Instants of departures less those of arrivals, and of ends of service less those of beginnings, modulo 2^128.
    present_moment: u128,
    busy_moment: u128,
    /// Since when so many are present; `NEVER` while that does not count.
    since: u64,
    pub present: u32,
    pub busy: u32,
    /// Workers of each replica; `u32::MAX` is no limit.
    pub workers: u32,
    /// Those who have come and gone since this was last told.
    came: u32,
    went: u32,
    pub waiting: u32,
    /// How long so many were present.
    low: [u64; LOW],
    /// Work of those who arrived in the measured time, and how many of them did not wait.
    work: u128,
    squares: Squares,
    served: u64,
    pub unwaited: u64,
    /// Those who can wait at each replica.
    pub places: u32,
    pub line: Line,
}

impl Desk {
    /// The desk of a station at which nobody has been.
    pub fn new(station: &Station) -> Self {
        Self {
            service: station.params.service.clone(),
            draws: station.service.clone(),
            present_moment: 0,
            busy_moment: 0,
            since: NEVER,
            present: 0,
            busy: 0,
            workers: station.params.workers,
            came: 0,
            went: 0,
            waiting: 0,
            low: [0; LOW],
            work: 0,
            squares: Squares::default(),
            served: 0,
            unwaited: 0,
            places: station.params.places,
            line: Line::EMPTY,
        }
    }

    /// One more is present. Returns how long they stood where only the station counts it.
    #[inline(always)]
    pub fn comes(&mut self, now: u64) -> Option<(usize, u64)> {
        let high = self.stand(now);
        self.present_moment = self.present_moment.wrapping_sub(u128::from(now));
        (self.present, self.came) = (self.present + 1, self.came + 1);
        high
    }

    /// One fewer is present. See [`Self::comes`].
    #[inline(always)]
    pub fn goes(&mut self, now: u64) -> Option<(usize, u64)> {
        let high = self.stand(now);
        self.present_moment = self.present_moment.wrapping_add(u128::from(now));
        (self.present, self.went) = (self.present - 1, self.went + 1);
        high
    }

    #[inline(always)]
    fn stand(&mut self, now: u64) -> Option<(usize, u64)> {
        if self.since == NEVER {
            return None;
        }
        let length = now - std::mem::replace(&mut self.since, now);
        let level = self.present as usize;
        let Some(time) = self.low.get_mut(level) else { return Some((level, length)) };
        *time += length;
        None
    }

    /// A worker is taken.
    #[inline(always)]
    pub fn begins(&mut self, now: u64) {
        self.busy_moment = self.busy_moment.wrapping_sub(u128::from(now));
        self.busy += 1;
    }

    /// A worker is given back.
    #[inline(always)]
    pub fn ends(&mut self, now: u64) {
        self.busy_moment = self.busy_moment.wrapping_add(u128::from(now));
        self.busy -= 1;
    }

    /// Somebody who counts is served.
    #[inline(always)]
    pub fn serves(&mut self, work: u64) {
        self.work += u128::from(work);
        self.squares.add(work);
        self.served += 1;
    }

    /// How many have come and gone since this was last asked.
    #[inline]
    pub fn take_moves(&mut self) -> [u32; 2] {
        [&mut self.came, &mut self.went].map(std::mem::take)
    }

    /// Workers held.
    #[inline]
    pub fn busy(&self) -> Area {
        Area::of(u64::from(self.busy), self.busy_moment)
    }

    /// Tells a station who is there.
    pub fn tell(&self, station: &mut Station) {
        station.busy = self.busy();
        let present = Area::of(u64::from(self.present), self.present_moment);
        station.present.take_back(present, (self.since, self.low));
    }

    /// Times may count from now on that did not, or no longer.
    pub fn hear(&mut self, station: &Station) {
        (_, (self.since, self.low)) = station.present.lend();
    }

    /// Gives a station what only the end of a run asks for.
    pub fn close(&self, station: &mut Station) {
        station.tally.service = Moments::of(self.served, self.work, self.squares);
        station.tally.wait.record_zeros(self.unwaited);
    }
}

/// A relation that is timed or guarded.
#[derive(Debug)]
#[repr(C, align(32))]
pub(super) struct Lane {
    /// Whoever waits so long gives up, ns; `u64::MAX`: never.
    pub patience: u64,
    /// Calls that have ended, and those of them that have taken at least half of that.
    ended: u32,
    late: u32,
    /// Calls of one caller replica at most, and so many that this is close.
    most: u32,
    close: u32,
    /// Where calls of its first caller replica are counted, and how many of them have called.
    pub counters: u32,
    pub callers: u32,
}

impl Lane {
    /// A relation of which nobody has called.
    pub fn new(patience: u64, most: u32, counters: u32) -> Self {
        Self { patience, ended: 0, late: 0, most, close: close_to(most), counters, callers: 0 }
    }

    /// A call is made of which a caller replica has so many now, this one among them: whether they are too many, and
    /// nearly so.
    #[inline(always)]
    pub fn admits(&mut self, caller: u32, open: u32) -> (bool, bool) {
        self.callers = self.callers.max(caller + 1);
        (open <= self.most, open > self.close)
    }

    /// A call has ended after so long; whether somebody has given up before.
    #[inline(always)]
    pub fn ends(&mut self, time: u64) -> bool {
        self.ended = self.ended.wrapping_add(1);
        self.late = self.late.wrapping_add(u32::from(time >= self.patience / 2));
        time >= self.patience
    }

    /// How many calls will time out in all, if the run is so many times as long as now: where tails are exponential, the
    /// share of twice a time is the square of the share of that time.
    pub fn expected_timeouts(&self, times: f64) -> f64 {
        let ended = f64::from(self.ended.max(1));
        (f64::from(self.late) / ended).powi(2) * ended * times
    }
}

/// How many are close to a limit: three quarters of it.
pub(super) fn close_to(limit: u32) -> u32 {
    limit - limit / 4
}

/// What is rarely asked of such a relation.
#[derive(Debug)]
pub(super) struct Guarded {
    pub link: usize,
    /// Whether anything is kept for each caller replica.
    pub keeps: bool,
}
