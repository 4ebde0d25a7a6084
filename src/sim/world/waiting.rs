//! Queues of replicas, and processor sharing.

use super::callee::{slowed, start};
use super::frame::*;
use super::parts::{Replica, Station, beyond};
use super::{Kind, World, payload, schedule};
use crate::model::Discipline;
use crate::sim::kernel::NONE;

impl World<'_> {
    pub(super) fn enqueue(&mut self, s: usize, frame: u32, replica: u32) {
        let (class, measured) = (self.class_of(frame, replica), self.is_measured());
        let (slot, station) = (&mut self.frames[frame], &mut self.stations[s]);
        let last = join_line(slot, station, &mut self.replicas[replica as usize], self.now, class, frame, measured);
        if last != NONE {
            self.frames[last].next = frame;
        }
        let station = &mut self.stations[s];
        if let Some(patience) = &station.params.patience {
            let wait = patience.draw(&mut station.streams.patience).max(1);
            self.after(wait, Kind::Impatient, frame);
        }
    }

    pub(super) fn class_of(&self, frame: u32, replica: u32) -> usize {
        let classes = self.replicas[replica as usize].queues.len();
        if classes == 1 { 0 } else { usize::from(self.ranks[usize::from(self.frames[frame].request)]).min(classes - 1) }
    }

    /// Takes a request out of its queue.
    pub(super) fn unlink(&mut self, s: usize, frame: u32) {
        let Frame { prev, next, replica, .. } = self.frames[frame];
        let class = self.class_of(frame, replica);
        if prev == NONE {
            self.replicas[replica as usize].queues[class].0 = next;
        } else {
            self.frames[prev].next = next;
        }
        if next == NONE {
            self.replicas[replica as usize].queues[class].1 = prev;
        } else {
            self.frames[next].prev = prev;
        }
        let (slot, station) = (&mut self.frames[frame], &mut self.stations[s]);
        leave_line(slot, station, &mut self.replicas[replica as usize], self.now, self.from);
    }

    /// Lets waiting requests begin while workers are free, then takes messages.
    pub(super) fn next_waiting(&mut self, s: usize, replica: u32) {
        if self.stations[s].goes_beyond(beyond::LINE) || self.preemption {
            return self.next_by_rules(s, replica);
        }
        let (now, from) = (self.now, self.from);
        let Self { frames, stations, replicas, heap, ready, .. } = self;
        let (station, at) = (&mut stations[s], &mut replicas[replica as usize]);
        while at.pauses == 0 && at.busy < at.workers && at.waiting > 0 {
            let frame = at.queues[0].0;
            let slot = &mut frames[frame];
            let next = slot.next;
            at.queues[0] = (next, if next == NONE { NONE } else { at.queues[0].1 });
            leave_line(slot, station, at, now, from);
            let work = start(slot, station, at, now);
            schedule(heap, ready, now, (slot, frame), work, Kind::Served);
            if next != NONE {
                frames[next].prev = NONE;
            }
        }
    }

    fn next_by_rules(&mut self, s: usize, replica: u32) {
        let lifo = self.stations[s].params.discipline == Discipline::Lifo;
        loop {
            let at = &self.replicas[replica as usize];
            if at.pauses > 0 || at.busy >= at.workers || at.waiting == 0 {
                break;
            }
            let Some(&(first, last)) = at.queues.iter().rev().find(|(head, _)| *head != NONE) else { break };
            let frame = if lifo { last } else { first };
            self.unlink(s, frame);
            self.begin_or_drop(s, frame, replica);
        }
        if !self.stations[s].pulls.is_empty() {
            self.pull(s);
        }
    }

    fn begin_or_drop(&mut self, s: usize, frame: u32, replica: u32) {
        let skips = self.abandonment && self.stations[s].params.deadline && self.is_for_nobody(frame);
        let at = &mut self.replicas[replica as usize];
        let slot = &self.frames[frame];
        let wait = self.now - if slot.is(INTERRUPTED) { slot.begun } else { slot.arrived };
        let is_codel = self.stations[s].params.discipline == Discipline::Codel;
        if is_codel && at.codel.drops(self.now, wait, at.waiting == 0) {
            self.disappear(s, frame, false);
            self.reject(s, frame);
        } else if skips {
            self.disappear(s, frame, false);
            self.reply(frame, Outcome::Error);
        } else {
            self.begin(s, frame, replica);
        }
    }

    // ---- processor sharing: everybody present is in service

    pub(super) fn share(&mut self, s: usize, frame: u32, replica: u32) {
        let params = &self.stations[s].params;
        let most = u64::from(params.workers) + u64::from(params.places);
        let at = &self.replicas[replica as usize];
        let jobs = at.sharing.as_ref().map_or(0, |sharing| sharing.len() as u64);
        if params.places != u32::MAX && params.workers != u32::MAX && jobs >= most {
            return self.reject(s, frame);
        }
        let station = &mut self.stations[s];
        let slot = &mut self.frames[frame];
        if slot.is(COUNTED) {
            station.tally.wait.record(0);
            station.tally.service.record(station.faults.stretch(slot.work, self.replicas[replica as usize].ordinal));
            station.tally.waited += u64::from(jobs >= u64::from(station.params.workers));
        }
        (slot.state, slot.begun) = (State::Serving, self.now);
        slot.work = slowed(slot.work, station, &self.replicas[replica as usize], self.now);
        let work = slot.work;
        self.appear(s, frame, replica);
        self.sharing_now(replica, |sharing| sharing.add(frame, work));
        self.reschedule_sharing(s, replica);
    }

    pub(super) fn unshare(&mut self, s: usize, frame: u32, replica: u32) {
        self.sharing_now(replica, |sharing| sharing.remove(frame));
        self.reschedule_sharing(s, replica);
    }

    /// Brings a replica's virtual time up to date and changes it.
    pub(super) fn sharing_now(
        &mut self,
        replica: u32,
        change: impl FnOnce(&mut crate::sim::policies::sharing::Sharing),
    ) {
        let at = &mut self.replicas[replica as usize];
        let workers = if at.pauses > 0 { 0 } else { at.workers };
        if let Some(sharing) = &mut at.sharing {
            sharing.advance(self.now, workers);
            change(sharing);
        }
    }

    /// Brings virtual time up to date before the speed of a replica changes.
    pub(super) fn settle_sharing(&mut self, replica: u32) {
        self.sharing_now(replica, |_| {});
    }

    pub(super) fn reschedule_sharing(&mut self, s: usize, replica: u32) {
        let at = &mut self.replicas[replica as usize];
        let Some(sharing) = &at.sharing else { return };
        let workers = if at.pauses > 0 { 0 } else { at.workers };
        let busy = (sharing.len() as u32).min(at.workers);
        let station = &mut self.stations[s];
        let level = station.busy.level + u64::from(busy) - u64::from(at.busy);
        station.busy.set(self.now, level);
        at.busy = busy;
        at.shared_event = match sharing.next_end(workers) {
            None => 0,
            Some(wait) => self.heap.push(self.now.saturating_add(wait), payload(Kind::Shared, replica)),
        };
    }

    /// The next job of a shared replica may have ended.
    pub(super) fn shared(&mut self, replica: u32, sequence: u32) {
        if self.replicas[replica as usize].shared_event != sequence {
            return;
        }
        self.settle_sharing(replica);
        while let Some(frame) = self.replicas[replica as usize].sharing.as_mut().and_then(|sharing| sharing.finished())
        {
            self.after(0, Kind::Served, frame);
        }
        let s = self.replicas[replica as usize].station as usize;
        self.reschedule_sharing(s, replica);
        if !self.stations[s].pulls.is_empty() {
            self.pull(s);
        }
    }
}

/// A request joins the end of a line; returns who was last there, to be told.
#[inline(always)]
pub(super) fn join_line(
    slot: &mut Frame,
    station: &mut Station,
    at: &mut Replica,
    now: u64,
    class: usize,
    frame: u32,
    measured: bool,
) -> u32 {
    at.waiting += 1;
    let (head, tail) = &mut at.queues[class];
    let last = std::mem::replace(tail, frame);
    if last == NONE {
        *head = frame;
    }
    (slot.prev, slot.next, slot.state) = (last, NONE, State::Queued);
    station.waiting.raise(now);
    if measured {
        station.tally.queue_max = station.tally.queue_max.max(station.waiting.level);
    }
    last
}

/// A request waits in its line no longer; whoever was beside it there knows already.
#[inline(always)]
pub(super) fn leave_line(slot: &mut Frame, station: &mut Station, at: &mut Replica, now: u64, from: u64) {
    at.waiting -= 1;
    slot.pending = 0;
    let since = if slot.is(INTERRUPTED) { slot.begun } else { slot.arrived };
    station.note_wait(now, from, since);
}
