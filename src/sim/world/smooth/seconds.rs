//! Seconds and the measured time: what happened in each, from as little memory as can be.
//!
//! A model of a thousand stations has more to note of each second than a thousand requests leave behind. Relations and
//! stations of the world are told only when the measured time begins or ends, or when probes look at every second.

use super::Smooth;
use crate::sim::world::World;
use crate::sim::world::monitor::figures_of_second;

/// What has happened since the world was last told.
#[derive(Debug)]
pub(super) struct Seconds {
    /// Whether anybody looks at every second.
    probes: bool,
    /// Calls by relation: in the current second, and in the measured time.
    calls: Vec<u32>,
    measured_calls: Vec<u64>,
    /// Who has come and gone by station in the measured time, and who has gone in the current second.
    measured_moves: Vec<[u64; 2]>,
    gone: Vec<u32>,
    /// Areas of those who wait and of busy workers when the second began, by station, and whether anybody has waited since.
    before: Vec<[u128; 2]>,
    waited: Vec<bool>,
    /// Workers of each station, and whether they have no limit.
    capacity: Vec<(u64, bool)>,
    /// When the second began.
    began: u64,
}

impl Seconds {
    pub fn new(world: &World<'_>) -> Self {
        let (links, stations) = (world.links.len(), world.stations.len());
        let capacity = world.stations.iter().map(|s| (s.capacity.level, s.params.workers == u32::MAX));
        Self {
            probes: world.monitor.has_probes(),
            calls: vec![0; links],
            measured_calls: vec![0; links],
            measured_moves: vec![[0; 2]; stations],
            gone: vec![0; stations],
            before: vec![[0; 2]; stations],
            waited: vec![false; stations],
            capacity: capacity.collect(),
            began: 0,
        }
    }

    /// Somebody waits at a station.
    #[inline]
    pub fn note_wait(&mut self, s: u32) {
        self.waited[s as usize] = true;
    }
}

impl Smooth<'_, '_> {
    /// Sums up what relations and stations have counted since this was last done. What counts as measured is the same for
    /// all of it.
    pub(super) fn gather(&mut self) {
        let Self { ways, desks, log, seconds, measures, .. } = self;
        let measured = u64::from(*measures);
        for (way, link) in ways.iter_mut().zip(&log.links).filter(|(way, _)| way.taken > 0) {
            let taken = std::mem::take(&mut way.taken);
            let calls = &mut seconds.calls[*link as usize];
            *calls = calls.wrapping_add(taken);
            seconds.measured_calls[*link as usize] += u64::from(taken) * measured;
        }
        for (s, desk) in desks.iter_mut().enumerate() {
            let moves = desk.take_moves();
            seconds.gone[s] = seconds.gone[s].wrapping_add(moves[1]);
            let sums = &mut seconds.measured_moves[s];
            *sums = [0, 1].map(|n| sums[n] + u64::from(moves[n]) * measured);
        }
    }

    /// Closes every second that ends at or before `time`.
    pub(super) fn close_seconds(&mut self, time: u64) {
        if self.seconds.probes {
            self.tell();
            self.tell_seconds();
            return self.world.close_seconds(time);
        }
        while let Some(end) = self.world.end_of_second(time) {
            self.world.go_to_time(end);
            self.close_second(end);
        }
    }

    fn close_second(&mut self, now: u64) {
        let (mut second, length) = self.world.take_second();
        if self.world.monitor.is_detailed() {
            let calls = &self.seconds.calls[..self.world.architecture.calls.len()];
            second.calls = calls.iter().map(|count| [*count, *count, 0]).collect();
            second.stations = (0..self.desks.len()).map(|s| self.second_of(s, now, length)).collect();
        }
        self.seconds.calls.fill(0);
        self.seconds.gone.fill(0);
        self.seconds.began = now;
        self.world.record.seconds.push(second);
    }

    /// The figures of a station in the second that ends now.
    fn second_of(&mut self, s: usize, now: u64, length: u64) -> [f64; 3] {
        let Seconds { before, waited, capacity, began, .. } = &mut self.seconds;
        let [waiting_before, busy_before] = &mut before[s];
        let busy = self.desks[s].busy().total(now);
        let mut areas = [0, busy - std::mem::replace(busy_before, busy), 0];
        if waited[s] {
            let waiting = &self.world.stations[s].waiting;
            areas[0] = waiting.total(now) - std::mem::replace(waiting_before, waiting.total(now));
            waited[s] = waiting.level > 0;
        }
        let (workers, unbounded) = capacity[s];
        areas[2] = u128::from(workers) * u128::from(now - *began);
        figures_of_second(areas, length, unbounded)
    }

    /// Tells the world all but what belongs to the current second.
    pub(super) fn tell(&mut self) {
        let Self { world, desks, seconds, .. } = self;
        for (link, count) in world.links.iter_mut().zip(&mut seconds.measured_calls) {
            link.note_measured_calls(std::mem::take(count));
        }
        for ((station, desk), moves) in world.stations.iter_mut().zip(desks).zip(&mut seconds.measured_moves) {
            desk.tell(station);
            let [came, went] = std::mem::take(moves);
            (station.tally.arrivals, station.tally.ended) = (station.tally.arrivals + came, station.tally.ended + went);
        }
    }

    /// Tells the world what belongs to the current second.
    pub(super) fn tell_seconds(&mut self) {
        let Self { world, log, seconds, .. } = self;
        for ((link, count), times) in world.links.iter_mut().zip(&mut seconds.calls).zip(&mut log.times) {
            link.note_calls_of_second(std::mem::take(count));
            let ended = std::mem::take(&mut times.ended);
            [3, 4].into_iter().for_each(|cell| link.second[cell] = link.second[cell].wrapping_add(ended));
        }
        for (s, station) in world.stations.iter_mut().enumerate() {
            let gone = u64::from(std::mem::take(&mut seconds.gone[s]));
            station.seconds.ended += gone;
            station.seconds.succeeded += gone;
            if !seconds.probes {
                let [waiting, busy] = seconds.before[s];
                station.before = [waiting, busy, station.capacity.total(seconds.began)];
            }
        }
    }

    /// The measured time begins or ends.
    #[inline(never)]
    pub(super) fn mark(&mut self, which: u32) {
        self.tell();
        self.world.mark(which);
        self.desks.iter_mut().zip(&self.world.stations).for_each(|(desk, station)| desk.hear(station));
    }
}
