//! Events of runs in which every call succeeds at its first attempt.
//!
//! Most of what a call carries along is for the case that it fails: timers, generations, attempts, what its breaker has
//! seen, where to go back to. In a run in which nothing fails none of that is ever read. Such a run is told here by the
//! same events in the same order, from less: a call and an op are a line of the cache, a relation half of one, a station
//! five; timers and breakers are not kept at all, only looked at when a call has ended. Times are written to a log and
//! counted by runs of it ([`logs`]), so that the misses of the cache overlap.
//!
//! The result is that of the events to the last bit. Should anything fail after all (a timeout ends, a pool or a queue is
//! full, a budget may be used up), nothing is guessed: the run starts over with the event engine.

mod logs;
mod parts;
mod plan;
mod roads;
mod seconds;
mod steps;

use super::foresight::Doubt;
use super::{Kind, World, drain, payload, unpack};
use crate::sim::kernel::{Event, EventHeap, Ready, Tournament};
use crate::sim::record::Replication;
use logs::Log;
use parts::{Desk, Guarded, Lane, Seat, Visits, Way};
use roads::Roads;
use seconds::Seconds;

/// A run under way.
struct Smooth<'w, 'a> {
    now: u64,
    /// The next arrival of each stream and the next that comes by each road, and all other events.
    agenda: Tournament,
    heap: EventHeap,
    roads: Roads,
    visits: Visits,
    /// Ops, by number.
    ways: Vec<Way>,
    desks: Vec<Desk>,
    /// Replicas, by number, of stations that have several.
    seats: Vec<Seat>,
    /// Relations that are timed or guarded.
    lanes: Vec<Lane>,
    guarded: Vec<Guarded>,
    /// Calls of each of their caller replicas under way.
    open: Vec<u32>,
    /// Steps that are ready now, and how many there have been.
    ready: Ready,
    steps: u64,
    log: Log,
    seconds: Seconds,
    measures: bool,
    /// After how many events it is guessed next whether anything will fail.
    trial: u64,
    /// Whether something has failed, or has come close to it: a pool or a line three quarters full.
    has_failed: bool,
    is_close: bool,
    world: &'w mut World<'a>,
}

impl<'a> World<'a> {
    /// Simulates all of a run in which nothing has happened yet; gives it back, still in that state, if not all goes well.
    pub(crate) fn finish_smoothly(mut self, progress: &dyn Fn(f64)) -> Result<Replication, Box<Self>> {
        let Some(run) = Smooth::new(&mut self) else { return Err(Box::new(self)) };
        match run.run(progress) {
            Ok(()) => Ok(self.finish_run()),
            Err(Doubt) => Err(Box::new(Self::at_start(self.architecture, self.config, self.replication))),
        }
    }
}

impl Smooth<'_, '_> {
    fn run(mut self, progress: &dyn Fn(f64)) -> Result<(), Doubt> {
        let (mut calm, mut pause) = (0, 0);
        while let Some((event, is_of_agenda)) = self.upcoming() {
            if event.time < calm {
                self.now = event.time;
            } else if self.turns(event.time)? {
                calm = self.world.next_turn(u64::MAX);
            } else {
                break;
            }
            self.world.record.events += 1;
            if is_of_agenda {
                self.next_of_agenda(event.payload as usize);
            } else {
                self.heap.pop();
                self.dispatch(event.payload);
            }
            while let Some(step) = self.ready.pop() {
                self.note_step();
                self.dispatch(step as u32);
            }
            if self.has_failed {
                return Err(Doubt);
            }
            if self.world.record.events >= pause || self.log.is_full() {
                pause = self.take_stock(progress)?;
            }
        }
        self.world.now = self.now;
        self.take_stock(progress)?;
        self.gather();
        self.close();
        Ok(())
    }

    /// The next event, and whether the agenda has it.
    #[inline(always)]
    fn upcoming(&mut self) -> Option<(Event, bool)> {
        match (self.agenda.first(), self.heap.peek()) {
            (Some(first), Some(other)) if (first.time, first.sequence) > (other.time, other.sequence) => {
                Some((other, false))
            }
            (Some(first), _) => Some((first, true)),
            (None, other) => other.map(|other| (other, false)),
        }
    }

    #[inline(always)]
    fn dispatch(&mut self, payload: u32) {
        let (kind, index) = unpack(payload);
        match kind {
            Kind::Served => self.served(index),
            Kind::Arrive => self.arrive(index),
            Kind::Answered => self.answered(index),
            Kind::Mark => self.mark(index),
            // Nothing else is ever scheduled.
            _ => self.has_failed = true,
        }
    }

    /// The same as [`World::turns`]: a second has ended, or measured time begins or ends. Whether the run goes on.
    #[inline(never)]
    fn turns(&mut self, next: u64) -> Result<bool, Doubt> {
        let is_empty = self.visits.live() == 0;
        let limit = self.world.until.saturating_add(drain(self.world.until));
        if next > limit && !is_empty {
            return Err(Doubt);
        }
        if next > self.world.until && is_empty {
            return Ok(false);
        }
        self.count();
        self.gather();
        if next >= self.world.monitor.next {
            self.close_seconds(next);
        }
        self.world.go_to_time(next);
        (self.now, self.measures) = (next, self.world.measures);
        Ok(true)
    }

    /// Counts what was logged; whether a budget may be used up. Returns after how many events to look again.
    #[inline(never)]
    fn take_stock(&mut self, progress: &dyn Fn(f64)) -> Result<u64, Doubt> {
        const BREATH: u64 = 1 << 16;
        self.count();
        let (events, most) = (self.world.record.events, self.world.config.max_events);
        if events >= most {
            return Err(Doubt);
        }
        if events >= self.trial {
            self.trial = events.saturating_mul(2);
            self.judge()?;
        }
        if events.is_multiple_of(BREATH) {
            // Where no second ends any more counters would wrap.
            self.gather();
            progress((self.now as f64 / self.world.until.max(1) as f64).min(1.0));
        }
        Ok((events / BREATH + 1).saturating_mul(BREATH).min(most))
    }

    /// A step without an event of its own is taken. Those that multiply within an instant may never come to an end.
    #[inline(always)]
    fn note_step(&mut self) {
        self.steps += 1;
        if self.steps.is_multiple_of(1 << 12) {
            self.look_at_steps();
        }
    }

    #[cold]
    fn look_at_steps(&mut self) {
        self.world.steps = self.steps;
        if self.world.exhausted().is_some() {
            self.has_failed = true;
            self.ready.clear();
        }
    }
}
