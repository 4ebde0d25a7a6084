//! Times are written down as they end and counted later by runs.
//!
//! An event that counted its times at once would wait for one line of memory after the other. Of a log of a thousand
//! entries none waits for the one before, so that the processor fetches many lines at a time. Nothing is logged across
//! the end of a second or of the measured time.

use super::Smooth;
use super::parts::{AT_ONCE, Way};
use crate::sim::stats::Histogram;
use crate::sim::world::World;
use crate::sim::world::foresight::Doubt;

/// Entries after which the log is counted.
const FULL: usize = 1024;

/// A time has ended.
#[derive(Debug, Clone, Copy)]
struct End {
    since: u64,
    now: u64,
    /// An op, and [`ANSWER`].
    op: u32,
}

/// What has ended is not a visit to a station, but a call with network time.
const ANSWER: u32 = 1 << 31;

/// Times of a relation, or at a station of requests that came with network time: without, both are the same.
#[derive(Debug, Clone, Default)]
#[repr(C, align(64))]
pub(super) struct Times {
    counted: Histogram,
    /// How many, since this was last asked.
    pub ended: u32,
    /// Somebody looks at them, or at times of the station that are those of the relation.
    watched: bool,
}

/// Times that have ended.
#[derive(Debug)]
pub(super) struct Log {
    ends: Vec<End>,
    /// Of the relations, then of the stations.
    pub times: Vec<Times>,
    /// Whose the times of each op's visits are, and its relation.
    places: Vec<u32>,
    pub links: Vec<u32>,
}

impl Log {
    /// Empty.
    pub fn new(world: &World<'_>, ways: &[Way]) -> Self {
        let links: Vec<u32> = world.program.ops.iter().map(|op| op.link).collect();
        let count = world.links.len() as u32;
        let place = |(way, link): (&Way, &u32)| if way.is(AT_ONCE) { *link } else { count + way.station };
        let places: Vec<u32> = ways.iter().zip(&links).map(place).collect();
        let mut times = vec![Times::default(); world.links.len() + world.stations.len()];
        let watched = world.links.iter().map(|link| link.watched).chain(world.stations.iter().map(|s| s.watched));
        times.iter_mut().zip(watched).for_each(|(times, watched)| times.watched = watched);
        for (way, place) in ways.iter().zip(&places) {
            let is_watched = world.stations.get(way.station as usize).is_some_and(|station| station.watched);
            times.get_mut(*place as usize).into_iter().for_each(|times| times.watched |= is_watched);
        }
        Self { ends: Vec::with_capacity(2 * FULL), times, places, links }
    }

    #[inline(always)]
    pub fn is_full(&self) -> bool {
        self.ends.len() >= FULL
    }

    /// A request that came by this op leaves its station. Without network time its caller has the answer at once.
    #[inline(always)]
    pub fn leaves(&mut self, op: u32, since: u64, now: u64) {
        self.ends.push(End { since, now, op });
    }

    /// The answer to a call has come by the network.
    pub fn answered(&mut self, op: u32, since: u64, now: u64) {
        self.ends.push(End { since, now, op: op | ANSWER });
    }
}

impl Smooth<'_, '_> {
    /// Counts all that was logged.
    #[inline(never)]
    pub(super) fn count(&mut self) {
        let Self { world, log, ways, .. } = self;
        let (from, length) = (world.from, world.until - world.from);
        let Log { ends, times, places, links } = log;
        for End { since, now, op } in ends.drain(..) {
            let own = if op < ANSWER { places[op as usize] } else { links[(op & !ANSWER) as usize] };
            let (time, times) = (now - since, &mut times[own as usize]);
            times.ended = times.ended.wrapping_add(1);
            if since.wrapping_sub(from) < length {
                times.counted.record(time);
            }
            if times.watched || cfg!(debug_assertions) {
                show(world, &ways[(op & !ANSWER) as usize], links[(op & !ANSWER) as usize], op < ANSWER, time);
            }
        }
    }

    /// Whether what has happened so far lets expect that nothing will fail: the sooner that is known, the less is lost.
    pub(super) fn judge(&self) -> Result<(), Doubt> {
        let times = self.world.until as f64 / self.now.max(1) as f64;
        let timeouts = self.lanes.iter().map(|lane| lane.expected_timeouts(times)).sum::<f64>();
        let is_early = times > 2.0;
        if is_early && (self.is_close || timeouts > 0.5) { Err(Doubt) } else { Ok(()) }
    }

    /// Gives the world what only the end of a run asks for.
    pub(super) fn close(mut self) {
        self.world.steps = self.steps;
        self.tell();
        self.tell_seconds();
        self.desks.iter().zip(&mut self.world.stations).for_each(|(desk, station)| desk.close(station));
        self.keep_guards();
        self.keep_times();
    }

    /// What was seen at a station is what all relations have seen by which it was called without network time, and the rest.
    fn keep_times(&mut self) {
        let Self { world, log, ways, .. } = self;
        log.times.iter_mut().for_each(|times| times.counted.settle());
        let mut own = log.times.split_off(world.links.len());
        let mut stations = vec![crate::sim::kernel::NONE; world.links.len()];
        for (way, link) in ways.iter().zip(&log.links).filter(|(way, _)| way.is(AT_ONCE)) {
            stations[*link as usize] = way.station;
        }
        for ((times, link), s) in log.times.drain(..).zip(&mut world.links).zip(stations) {
            if let Some(own) = own.get_mut(s as usize) {
                own.counted.merge(&times.counted);
            }
            (link.tally.ended, link.tally.latency) = (times.counted.count(), times.counted);
        }
        for (times, station) in own.into_iter().zip(&mut world.stations) {
            (station.tally.succeeded, station.tally.response) = (times.counted.count(), times.counted);
        }
    }
}

/// Shows a time to whoever looks.
#[inline(never)]
fn show(world: &mut World<'_>, way: &Way, link: u32, leaves: bool, time: u64) {
    let (s, link) = (way.station as usize, link as usize);
    #[cfg(debug_assertions)]
    if leaves {
        world.stations[s].laws.sojourns += u128::from(time);
    }
    if leaves && world.stations[s].watched {
        world.monitor.station(s, time);
    }
    if (!leaves || way.is(AT_ONCE)) && world.links[link].watched {
        world.monitor.call(link, time);
    }
}
