//! Replicas that come and go: kills, pauses, random failures, starts.

use super::frame::*;
use super::parts::Replica;
use super::{Kind, World, payload};
use crate::model::Failures;
use crate::quantity::Duration;
use crate::sim::kernel::NONE;

impl World<'_> {
    pub(super) fn start_replicas(&mut self) {
        for s in 0..self.stations.len() {
            for _ in 0..self.stations[s].params.replicas.saturating_mul(self.stations[s].params.shards) {
                self.add_replica(s, 0);
            }
            self.refresh(s);
        }
        for s in 0..self.stations.len() {
            self.schedule_autoscale(s);
        }
    }

    /// Another replica of a station, ready after `startup`.
    pub(super) fn add_replica(&mut self, s: usize, startup: u64) -> u32 {
        let id = self.replicas.len() as u32;
        let ordinal = self.stations[s].replicas.len() as u32;
        let classes = self.priorities();
        let mut replica = Replica::new(s as u32, ordinal, &self.stations[s].params, classes);
        replica.ready_at = self.now.saturating_add(startup);
        self.replicas.push(replica);
        self.stations[s].replicas.push(id);
        self.schedule_failure(s, id);
        if startup > 0 {
            self.heap.push(self.now.saturating_add(startup), payload(Kind::Replica, id));
        }
        id
    }

    /// How many priorities request types have.
    pub(super) fn priorities(&self) -> usize {
        usize::from(self.ranks.iter().copied().max().unwrap_or(0)) + 1
    }

    /// Finds out again which replicas take requests and how many workers there are.
    pub(super) fn refresh(&mut self, s: usize) {
        let now = self.now;
        let replicas = &mut self.replicas;
        let station = &mut self.stations[s];
        station.up.clear();
        let (mut capacity, mut live) = (0, 0);
        for &id in &station.replicas {
            let at = &mut replicas[id as usize];
            at.up = at.kills == 0 && !at.failed && now >= at.ready_at;
            if at.up && !at.retired && at.drains == 0 {
                station.up.push(id);
                live += 1;
                capacity += if at.pauses == 0 { u64::from(at.workers) } else { 0 };
            }
        }
        station.sole = if let [only] = station.up[..] { only } else { NONE };
        station.hung = !station.up.is_empty() && station.up.iter().all(|r| replicas[*r as usize].hangs > 0);
        station.capacity.set(now, capacity);
        station.live.set(now, live);
        station.any_live.set(now, live.min(1));
        if let (0, Some(lru)) = (live, &mut station.lru) {
            lru.clear();
        }
        let queue = station.queue;
        if station.params.routed {
            self.regroup(s);
        }
        if let Some(q) = queue {
            self.deliver_all(q);
        }
        self.pull(s);
    }

    pub(super) fn is_paused(&self, s: usize) -> bool {
        self.stations[s]
            .up
            .iter()
            .all(|r| self.replicas[*r as usize].pauses > 0 || self.replicas[*r as usize].hangs > 0)
    }

    /// A replica is gone: what it serves and what waits there fails.
    pub(super) fn crash(&mut self, replica: u32) {
        let s = self.replicas[replica as usize].station as usize;
        self.abandonment = true;
        self.refresh(s);
        let mut lost = self.present_at(replica);
        lost.retain(|frame| self.withdraw_from(replica, *frame));
        // Answered in order of arrival, whatever slots they have.
        lost.sort_by_key(|frame| (self.frames[*frame].arrived, *frame));
        for frame in lost {
            let slot = &mut self.frames[frame];
            slot.mark(FAILED | HIT, false);
            self.reply(frame, Outcome::Error);
        }
    }

    /// Takes a request away from a replica, unless it has ended meanwhile: with another one's fetch, for which it waited.
    pub(super) fn withdraw_from(&mut self, replica: u32, frame: u32) -> bool {
        let slot = &self.frames[frame];
        let is_here = slot.is(PRESENT) && slot.replica == replica;
        if is_here {
            self.withdraw(frame);
        }
        is_here
    }

    /// Everybody at a replica, in the order in which they are to be taken away.
    pub(super) fn present_at(&self, replica: u32) -> Vec<u32> {
        let is_here =
            |f: &Frame| f.replica == replica && f.state != State::Sent && f.state.at_callee() && f.is(PRESENT);
        let here: Vec<u32> = (0..self.frames.capacity()).filter(|n| is_here(&self.frames[*n])).collect();
        // In order of arrival, whatever slots they have.
        let mut here: Vec<(u64, u32)> = here.into_iter().map(|n| (self.frames[n].arrived, n)).collect();
        here.sort_unstable();
        // First those that wait: none of them must move up when a worker falls free.
        let queued = |n: u32| self.frames[n].state == State::Queued;
        let (waiting, working): (Vec<_>, Vec<_>) = here.into_iter().partition(|(_, n)| queued(*n));
        waiting.into_iter().chain(working).map(|(_, frame)| frame).collect()
    }

    /// One more or one fewer cause keeps a replica down.
    pub(super) fn kill(&mut self, replica: u32, down: bool) {
        let at = &mut self.replicas[replica as usize];
        let was_up = at.up;
        let s = at.station as usize;
        if down {
            at.kills += 1;
            // Before a restart it may still end what it has.
            if was_up || at.present > 0 {
                self.crash(replica);
            }
            return self.refresh(s);
        }
        at.kills = at.kills.saturating_sub(1);
        if at.kills == 0 {
            self.start_again(s, replica);
        }
    }

    /// A replica that was gone is started: it serves after its startup.
    pub(super) fn start_again(&mut self, s: usize, replica: u32) {
        let startup = self.stations[s].params.startup;
        self.starts_at(s, replica, self.now.saturating_add(startup));
        if startup > 0 {
            self.heap.push(self.now.saturating_add(startup), payload(Kind::Replica, replica));
        }
        self.refresh(s);
    }

    /// A replica starts cold during the run.
    pub(super) fn starts_at(&mut self, s: usize, replica: u32, time: u64) {
        let warmup = self.stations[s].params.warmup;
        let at = &mut self.replicas[replica as usize];
        at.ready_at = time;
        at.warm_at = if warmup == 0 { 0 } else { time.saturating_add(warmup) };
    }

    /// Stands still, or goes on where it was.
    pub(super) fn pause(&mut self, replica: u32, still: bool) {
        let s = self.replicas[replica as usize].station as usize;
        self.settle_sharing(replica);
        let at = &mut self.replicas[replica as usize];
        let before = at.pauses;
        at.pauses = if still { at.pauses + 1 } else { at.pauses.saturating_sub(1) };
        if (before == 0) != (at.pauses == 0) {
            self.freeze(replica, still);
            self.reschedule_sharing(s, replica);
        }
        self.refresh(s);
        if !still {
            self.next_waiting(s, replica);
        }
    }

    /// Stops the services under way, keeping what is left of each; or lets them go on.
    fn freeze(&mut self, replica: u32, still: bool) {
        let served = |f: &Frame| f.replica == replica && f.state == State::Serving && f.is(HOLDS);
        let here: Vec<u32> = (0..self.frames.capacity()).filter(|n| served(&self.frames[*n])).collect();
        for frame in here {
            let slot = &mut self.frames[frame];
            if still && !slot.is(PAUSED) {
                slot.ends = slot.ends.saturating_sub(self.now);
                slot.pending = 0;
                slot.mark(PAUSED, true);
            } else if !still && slot.is(PAUSED) {
                let left = slot.ends;
                slot.mark(PAUSED, false);
                slot.ends = self.now.saturating_add(left);
                self.after(left, Kind::Served, frame);
            }
        }
    }

    // ---- failures as a random process

    fn schedule_failure(&mut self, s: usize, replica: u32) {
        let station = &mut self.stations[s];
        let Some(failures) = station.params.failures else { return };
        let units = station.streams.failures.exponential();
        self.plan_replica(replica, units, failures.mttf);
    }

    /// A replica fails or is repaired after so many times the mean.
    fn plan_replica(&mut self, replica: u32, units: f64, mean: Duration) {
        let wait = (mean.0 as f64 * units) as u64;
        let time = self.now.saturating_add(wait);
        let at = &mut self.replicas[replica as usize];
        at.pending = self.heap.push(time, payload(Kind::Replica, replica));
        at.life = Some((units, self.now));
    }

    /// Other times to failure and to repair from now on; `before` are those until now. Both are memoryless: what is left
    /// is stretched as the mean is, and nothing is drawn anew. Where nothing fails any more, what has failed is repaired
    /// as before.
    pub(super) fn change_failures(&mut self, s: usize, before: Option<Failures>) {
        let after = self.stations[s].params.failures;
        if before == after {
            return;
        }
        let repaired_by = self.stations[s].former_failures.take().or(before);
        self.stations[s].former_failures = repaired_by.filter(|_| after.is_none());
        for replica in self.stations[s].replicas.clone() {
            let is_failed = self.replicas[replica as usize].failed;
            self.stretch_life(s, replica, if is_failed { repaired_by } else { before }, after);
        }
        self.next_repair(s);
    }

    fn stretch_life(&mut self, s: usize, replica: u32, before: Option<Failures>, after: Option<Failures>) {
        let at = &mut self.replicas[replica as usize];
        let failed = at.failed;
        // Repairs under way go on, and who waits for a crew has none.
        if failed && (after.is_none() || self.stations[s].broken.contains(&replica)) {
            return;
        }
        let mean = |failures: Failures| if failed { failures.mttr } else { failures.mttf };
        let left = at.life.map(|(units, since)| {
            let gone = before.map_or(0.0, |rule| (self.now - since) as f64 / mean(rule).0.max(1) as f64);
            (units - gone).max(0.0)
        });
        at.life = left.map(|units| (units, self.now));
        match (left, after) {
            (Some(units), Some(rule)) => self.plan_replica(replica, units, mean(rule)),
            (None, Some(_)) => self.schedule_failure(s, replica),
            (_, None) => at.pending = 0,
        }
    }

    /// A replica fails, is repaired, or has started.
    pub(super) fn replica_event(&mut self, replica: u32, sequence: u32) {
        let s = self.replicas[replica as usize].station as usize;
        if self.replicas[replica as usize].pending != sequence {
            return self.refresh(s);
        }
        if self.replicas[replica as usize].failed { self.repaired(s, replica) } else { self.fails(s, replica) }
    }

    fn fails(&mut self, s: usize, replica: u32) {
        let was_up = self.replicas[replica as usize].up;
        let at = &mut self.replicas[replica as usize];
        (at.failed, at.life) = (true, None);
        if was_up {
            self.crash(replica);
        }
        self.refresh(s);
        self.stations[s].broken.push(replica);
        self.next_repair(s);
    }

    fn next_repair(&mut self, s: usize) {
        loop {
            let station = &mut self.stations[s];
            let Some(failures) = station.params.failures.or(station.former_failures) else { return };
            let has_crew = failures.repair_crews == 0 || station.repairs < failures.repair_crews;
            if station.broken.is_empty() || !has_crew {
                return;
            }
            let replica = station.broken.remove(0);
            station.repairs += 1;
            let units = station.streams.failures.exponential();
            self.plan_replica(replica, units, failures.mttr);
        }
    }

    fn repaired(&mut self, s: usize, replica: u32) {
        let at = &mut self.replicas[replica as usize];
        (at.failed, at.life) = (false, None);
        let ready_at = at.ready_at;
        self.starts_at(s, replica, self.now.max(ready_at));
        self.stations[s].repairs = self.stations[s].repairs.saturating_sub(1);
        self.refresh(s);
        self.schedule_failure(s, replica);
        self.next_repair(s);
    }
}
