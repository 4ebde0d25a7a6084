//! The line of one station, with nobody else's events between its own.

use super::ends::{Ends, Service};
use super::flow::{Flow, Passing, Rows};
use super::{Window, World};
use crate::sim::policies::balance;
use crate::sim::rng::Rng;
use crate::sim::world::foresight::Doubt;
use crate::sim::world::parts::Station;
use std::collections::VecDeque;

/// A request that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    arrived: u64,
    work: u64,
    row: u32,
}

/// A replica.
#[derive(Debug, Default)]
struct Spot {
    busy: u32,
    waiting: VecDeque<Waiting>,
}

/// Rises and falls of a count within a window: how many, and their instants since it began.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tide {
    rises: (u64, u128),
    falls: (u64, u128),
}

impl Tide {
    #[inline]
    pub fn rise(&mut self, after: u64) {
        self.rises = (self.rises.0 + 1, self.rises.1 + u128::from(after));
    }

    #[inline]
    pub fn fall(&mut self, after: u64) {
        self.falls = (self.falls.0 + 1, self.falls.1 + u128::from(after));
    }

    /// Adds it to the area under the count.
    pub fn settle(self, area: &mut crate::sim::stats::Area, begin: u64) {
        let sum = |(count, after): (u64, u128)| (count, u128::from(count) * u128::from(begin) + after);
        area.shift(sum(self.rises), sum(self.falls));
    }
}

/// A station's line.
#[derive(Debug)]
pub(super) struct Line {
    pub station: usize,
    /// Of each replica; `u32::MAX` is no limit, or one that is not reached.
    workers: u32,
    /// Those who can wait at each replica.
    places: u32,
    /// Where each request keeps which replica it is at, if somebody asks.
    seat: Option<usize>,
    /// Its first replica.
    first: u32,
    /// Whether a worker is free again when its work is done; if not, later, and there are always enough.
    gives_back: bool,
    spots: Vec<Spot>,
    ends: Ends,
    /// The event that has seen the last service without any duration: its end is a step of its own, before which
    /// another request of the same event may arrive.
    momentary: (u64, u64),
    waits: u64,
}

/// What a line works with in a window.
struct Shift<'s> {
    station: &'s mut Station,
    service: Rng,
    window: Window,
    gives_back: bool,
    waiting: Tide,
    busy: Tide,
    events: u64,
}

impl Line {
    /// The line of a station. It gives workers back when their work is done, or there are always enough of them.
    pub fn new(world: &World<'_>, station: usize, gives_back: bool, seat: Option<usize>) -> Self {
        let at = &world.stations[station];
        let workers = if gives_back { at.params.workers } else { u32::MAX };
        Self {
            station,
            workers,
            places: at.params.places,
            seat,
            first: at.replicas.first().copied().unwrap_or(0),
            gives_back,
            spots: at.replicas.iter().map(|_| Spot::default()).collect(),
            ends: Ends::new(u64::from(workers) * at.replicas.len() as u64),
            momentary: (u64::MAX, u64::MAX),
            waits: 0,
        }
    }

    /// Lets everybody arrive who does in a window, and gives out who has been served in it. Returns how many events
    /// there were.
    #[inline(never)]
    pub fn serve(
        &mut self,
        station: &mut Station,
        (from, rows): (&[Passing], &mut Rows),
        to: &mut Flow,
        window: Window,
    ) -> Result<u64, Doubt> {
        let service = station.service.clone();
        let (waiting, busy) = (Tide::default(), Tide::default());
        let mut shift = Shift { station, service, window, gives_back: self.gives_back, waiting, busy, events: 0 };
        for passing in from {
            self.end_before(&mut shift, passing.time, to);
            if self.ends.next() == passing.time {
                self.end_beside(&mut shift, passing, to)?;
            }
            let at = self.arrive(&mut shift, *passing, to)?;
            if let Some(slot) = self.seat {
                rows.set(passing.row, slot, u64::from(at));
            }
        }
        self.end_before(&mut shift, window.until, to);
        Ok(shift.close(self, from.len() as u64))
    }

    /// Lets all services end that do before an instant.
    #[inline(always)]
    fn end_before(&mut self, shift: &mut Shift<'_>, time: u64, to: &mut Flow) {
        while self.ends.next() < time {
            self.end_first(shift, to);
        }
    }

    /// Lets services end at the instant of an arrival if their events come first.
    #[cold]
    fn end_beside(&mut self, shift: &mut Shift<'_>, passing: &Passing, to: &mut Flow) -> Result<(), Doubt> {
        while self.ends.next() == passing.time && !passing.is_before(passing.time, self.ends.begun())? {
            self.end_first(shift, to);
        }
        Ok(())
    }

    /// A request arrives; returns the number of its replica.
    #[inline(always)]
    fn arrive(&mut self, shift: &mut Shift<'_>, passing: Passing, to: &mut Flow) -> Result<u32, Doubt> {
        let Passing { time, scheduled, row } = passing;
        if self.momentary == (time, scheduled) {
            return Err(Doubt);
        }
        let work = shift.station.params.service.draw(&mut shift.service);
        let at = self.choose(shift.station);
        let spot = &mut self.spots[at as usize];
        let job = Waiting { arrived: time, work, row };
        if spot.busy < self.workers {
            self.begin(shift, job, at, (time, scheduled), to);
        } else if spot.waiting.len() < self.places as usize {
            spot.waiting.push_back(job);
            self.waits += 1;
            shift.waits(time, self.waits);
        } else {
            return Err(Doubt);
        }
        Ok(at)
    }

    /// The replica that takes the next request.
    #[inline(always)]
    fn choose(&self, station: &mut Station) -> u32 {
        if self.spots.len() == 1 {
            return 0;
        }
        let Station { up, turn, streams, params, .. } = station;
        let present = |r: u32| {
            let spot = &self.spots[(r - self.first) as usize];
            spot.busy + spot.waiting.len() as u32
        };
        balance::pick(params.balance, up, |_| 0, turn, &mut streams.balance, present).map_or(0, |r| r - self.first)
    }

    /// A worker takes a request, in the event (time, scheduled); its end is known at once. Whether that is now.
    #[inline(always)]
    fn begin(&mut self, shift: &mut Shift<'_>, job: Waiting, at: u32, event: (u64, u64), to: &mut Flow) -> bool {
        let now = event.0;
        shift.begins(job, now);
        if job.work == 0 {
            self.end_at_once(shift, job.row, event, to);
            return true;
        }
        self.spots[at as usize].busy += 1;
        self.ends.push(Service { ends: now.saturating_add(job.work), begun: now, row: job.row, at });
        false
    }

    /// A service without any duration.
    #[cold]
    fn end_at_once(&mut self, shift: &mut Shift<'_>, row: u32, (now, scheduled): (u64, u64), to: &mut Flow) {
        if self.workers != u32::MAX {
            self.momentary = (now, scheduled);
        }
        shift.gives_back(now, now);
        to.push(Passing { time: now, scheduled, row });
    }

    /// The next service ends; whoever waits for its worker begins.
    #[inline(always)]
    fn end_first(&mut self, shift: &mut Shift<'_>, to: &mut Flow) {
        let Service { ends: now, begun, row, at } = self.ends.pop();
        shift.events += 1;
        shift.gives_back(now, begun);
        to.push(Passing { time: now, scheduled: begun, row });
        self.spots[at as usize].busy -= 1;
        while let Some(job) = self.spots[at as usize].waiting.pop_front() {
            self.waits -= 1;
            shift.waits_no_longer(job, now, self.waits);
            if !self.begin(shift, job, at, (now, begun), to) {
                return;
            }
        }
    }
}

impl Shift<'_> {
    #[inline(always)]
    fn waits(&mut self, now: u64, level: u64) {
        self.waiting.rise(now - self.window.from);
        if self.window.measures {
            self.station.tally.queue_max = self.station.tally.queue_max.max(level);
            self.station.tally.waited += 1;
        }
    }

    #[inline(always)]
    fn waits_no_longer(&mut self, job: Waiting, now: u64, level: u64) {
        self.waiting.fall(now - self.window.from);
        if level == 0 && self.station.tally.drained.is_none() && now >= self.window.measured.0 {
            self.station.tally.drained = Some(now);
        }
        #[cfg(debug_assertions)]
        {
            self.station.laws.waits += u128::from(now - job.arrived);
        }
        let _ = job;
    }

    #[inline(always)]
    fn begins(&mut self, job: Waiting, now: u64) {
        if self.gives_back {
            self.busy.rise(now - self.window.from);
        }
        if self.window.counts(job.arrived) {
            self.station.tally.wait.record(now - job.arrived);
            self.station.tally.service.record(job.work);
        }
    }

    #[inline(always)]
    fn gives_back(&mut self, now: u64, begun: u64) {
        if !self.gives_back {
            return;
        }
        self.busy.fall(now - self.window.from);
        #[cfg(debug_assertions)]
        {
            self.station.laws.held += u128::from(now - begun);
        }
        let _ = begun;
    }

    /// Tells the station what has become of it; returns how many events there were.
    fn close(self, line: &Line, arrivals: u64) -> u64 {
        let Self { station, service, window, waiting, busy, events, .. } = self;
        station.service = service;
        station.tally.arrivals += arrivals * u64::from(window.measures);
        waiting.settle(&mut station.waiting, window.from);
        busy.settle(&mut station.busy, window.from);
        debug_assert_eq!(station.waiting.level, line.waits, "who waits");
        events
    }
}
