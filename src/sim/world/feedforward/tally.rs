//! What is counted of a flow: times between two places, how many are between them, requests that end.

use super::flow::{Passing, Rows};
use super::line::Tide;
use super::trial::Trial;
use super::{Window, World};
use crate::sim::record::{Batch, SLOTS};
use crate::sim::stats::Histogram;
use crate::sim::world::foresight::Doubt;

/// Who measures a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A relation, from the call to its end.
    Link(usize),
    /// A station, from the arrival until it is left.
    Station(usize),
    /// A request type.
    Request(usize),
}

/// Times from an instant in a request's row until it passes a place: measured once for all who ask for the same.
#[derive(Debug)]
pub(super) struct Lapse {
    slot: usize,
    owners: Vec<Owner>,
    /// Whoever waits so long gives up.
    patience: Option<u64>,
    trial: Trial,
    times: Histogram,
    counted: u64,
}

impl Lapse {
    pub fn new(world: &World<'_>, slot: usize, owner: Owner, patience: Option<u64>) -> Self {
        let (trial, times) = (Trial::new(world), Histogram::default());
        Self { slot, owners: vec![owner], patience, trial, times, counted: 0 }
    }

    /// Somebody else asks for the same times.
    pub fn join(&mut self, owner: Owner, patience: Option<u64>) {
        self.owners.push(owner);
        self.patience = self.patience.into_iter().chain(patience).min();
    }

    /// Counts those who pass; nobody may have given up.
    #[inline(never)]
    pub fn measure(
        &mut self,
        world: &mut World<'_>,
        flow: &[Passing],
        rows: &Rows,
        window: Window,
    ) -> Result<(), Doubt> {
        if let Some(patience) = self.patience {
            self.wait(flow, rows, patience)?;
        }
        let time = |passing: &Passing| passing.time - rows.get(passing.row, self.slot);
        let mut counted = 0;
        for passing in flow {
            let since = rows.get(passing.row, self.slot);
            if window.counts(since) {
                counted += 1;
                self.times.record(passing.time - since);
            }
        }
        self.counted += counted;
        for owner in &self.owners {
            world.passes(*owner, flow.len() as u64, window, flow.iter().map(time));
        }
        Ok(())
    }

    /// Looks whether anybody has given up. How many will is guessed by an exponential tail.
    fn wait(&mut self, flow: &[Passing], rows: &Rows, patience: u64) -> Result<(), Doubt> {
        let mut sum = 0.0;
        for passing in flow {
            let time = passing.time - rows.get(passing.row, self.slot);
            if time >= patience {
                return Err(Doubt);
            }
            sum += time as f64;
        }
        self.trial.add(flow.len() as u64, sum, |mean| (-(patience as f64) / mean).exp())
    }

    /// Gives everybody what was measured.
    pub fn settle(self, world: &mut World<'_>) {
        for owner in self.owners {
            let times = self.times.clone();
            match owner {
                Owner::Link(n) => {
                    let tally = &mut world.links[n].tally;
                    (tally.latency, tally.ended) = (times, self.counted);
                }
                Owner::Station(s) => {
                    let tally = &mut world.stations[s].tally;
                    (tally.response, tally.succeeded) = (times, self.counted);
                }
                Owner::Request(n) => {
                    let tally = &mut world.record.requests[n];
                    (tally.latency, tally.ended) = (times, self.counted);
                }
            }
        }
    }
}

/// Requests that have ended one after the other and have arrived in the same part of the run.
#[derive(Debug, Clone, Copy, Default)]
struct Streak {
    number: usize,
    from: u64,
    until: u64,
    count: u64,
    sum: u128,
}

impl Streak {
    #[inline]
    fn has(&self, started: u64) -> bool {
        (self.from..self.until).contains(&started)
    }

    #[inline]
    fn add(&mut self, time: u64) {
        self.count += 1;
        self.sum += u128::from(time);
    }
}

impl World<'_> {
    /// So many pass a place in a window, after these times.
    fn passes(&mut self, owner: Owner, count: u64, window: Window, times: impl Iterator<Item = u64>) {
        match owner {
            Owner::Link(n) => {
                let link = &mut self.links[n];
                link.second[3] += count as u32;
                link.second[4] += count as u32;
                if link.watched {
                    times.for_each(|time| self.monitor.call(n, time));
                }
            }
            Owner::Station(s) => self.leave(s, count, window, times),
            Owner::Request(_) => {}
        }
    }

    fn leave(&mut self, s: usize, count: u64, window: Window, times: impl Iterator<Item = u64>) {
        let station = &mut self.stations[s];
        station.seconds.ended += count;
        station.seconds.succeeded += count;
        station.tally.ended += count * u64::from(window.measures);
        #[cfg(debug_assertions)]
        let times = times.inspect(|time| station.laws.sojourns += u128::from(*time));
        if station.watched {
            times.for_each(|time| self.monitor.station(s, time));
        } else if cfg!(debug_assertions) {
            times.for_each(drop);
        }
    }

    /// Requests of a type end, which arrived at the instant in this slot.
    #[inline(never)]
    pub(super) fn requests_end(
        &mut self,
        request: usize,
        flow: &[Passing],
        (rows, slot): (&Rows, usize),
        window: Window,
    ) {
        let count = flow.len() as u64;
        let inside = count * u64::from(window.measures);
        self.monitor.second.succeeded += count;
        self.record.traffic.ended_inside += inside;
        self.record.traffic.succeeded_inside += inside;
        let mut tide = Tide::default();
        let mut batches = Streak::default();
        for passing in flow {
            let started = rows.get(passing.row, slot);
            tide.fall(passing.time - window.from);
            if window.counts(started) {
                if !batches.has(started) {
                    self.count_batch(batches);
                    batches = self.batch_at(started);
                }
                batches.add(passing.time - started);
            }
            #[cfg(test)]
            self.record.log.push((started, passing.time, true));
        }
        self.count_batch(batches);
        tide.settle(&mut self.in_flight, window.from);
        if !self.record.slots.is_empty() {
            self.fill_slots(flow, (rows, slot));
        }
        if self.monitor.watches_requests(request) {
            let times = flow.iter().map(|passing| passing.time - rows.get(passing.row, slot));
            times.for_each(|time| self.monitor.request(request, Some(time)));
        }
    }

    /// The batch of the measured time that requests of this arrival are in.
    fn batch_at(&self, started: u64) -> Streak {
        let last = self.record.batches.len() - 1;
        let number = (((started - self.from) / self.batch_length) as usize).min(last);
        let from = self.from + number as u64 * self.batch_length;
        let until = if number == last { u64::MAX } else { from + self.batch_length };
        Streak { number, from, until, ..Streak::default() }
    }

    fn count_batch(&mut self, streak: Streak) {
        let Streak { number, count, sum, .. } = streak;
        let part = Batch { ended: count, succeeded: count, sum };
        self.record.batches[number] = self.record.batches[number].and(&part);
        self.record.traffic.succeeded += count;
    }

    /// Counts responses by arrival over the whole run.
    fn fill_slots(&mut self, flow: &[Passing], (rows, slot): (&Rows, usize)) {
        let mut slots = Streak::default();
        for passing in flow {
            let started = rows.get(passing.row, slot);
            if !slots.has(started) {
                self.count_slots(slots);
                slots = self.slot_at(started);
            }
            slots.add(passing.time - started);
        }
        self.count_slots(slots);
    }

    fn slot_at(&self, started: u64) -> Streak {
        let number = self.slot_of(started);
        let begin = |number: usize| (number as u128 * u128::from(self.until)).div_ceil(SLOTS as u128) as u64;
        let until = if number == SLOTS - 1 { u64::MAX } else { begin(number + 1) };
        Streak { number, from: begin(number), until, ..Streak::default() }
    }

    fn count_slots(&mut self, streak: Streak) {
        let slot = &mut self.record.slots[streak.number];
        slot.count += streak.count;
        slot.sum += streak.sum;
    }

    /// Requests arrive at a station where work takes no time and workers never lack.
    pub(super) fn pass_through(&mut self, s: usize, flow: &[Passing], window: Window) {
        let station = &mut self.stations[s];
        station.tally.arrivals += flow.len() as u64 * u64::from(window.measures);
        if window.measures {
            station.tally.wait.record_zeros(flow.len() as u64);
            station.tally.service.record_zeros(flow.len() as u64);
        }
    }
}
