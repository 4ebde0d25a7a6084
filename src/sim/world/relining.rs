//! Another discipline while requests are under way: whoever waits is lined up anew, whoever is served goes on.
//!
//! Where workers are shared from now on, those who were served share them with all who waited, each with what is left
//! of its work; who holds a worker while it waits for its own calls gives it back. Where they are shared no longer, each
//! keeps what is left of its work: as many as there are workers go on, first those whom the new discipline would choose,
//! and the others wait, in order of arrival.

use super::World;
use super::callee::{give_back, slowed};
use super::frame::*;
use super::parts::Station;
use super::waiting::{join_line, leave_line};
use crate::model::Discipline;
use crate::sim::kernel::NONE;

impl World<'_> {
    /// The discipline of a station was `before` until now.
    pub(super) fn change_discipline(&mut self, s: usize, before: Discipline) {
        let now = self.stations[s].params.discipline;
        if before == now {
            return;
        }
        for replica in self.stations[s].replicas.clone() {
            match (before, now) {
                (Discipline::ProcessorSharing, _) => self.part(s, replica),
                (_, Discipline::ProcessorSharing) => self.share_all(s, replica),
                _ => self.line_up(s, replica),
            }
        }
        #[cfg(debug_assertions)]
        {
            self.stations[s].laws.shared |= before == Discipline::ProcessorSharing;
        }
    }

    /// Lines of a station by other priorities.
    pub(super) fn line_up_all(&mut self, s: usize) {
        for replica in self.stations[s].replicas.clone() {
            self.line_up(s, replica);
        }
    }

    /// Everybody in the lines of a replica, in order of arrival.
    fn waiting_at(&self, replica: u32) -> Vec<u32> {
        let mut waiting = Vec::new();
        for (head, _) in self.replicas[replica as usize].queues.iter().rev() {
            let next = |at: &u32| Some(self.frames[*at].next).filter(|next| *next != NONE);
            waiting.extend(std::iter::successors(Some(*head).filter(|head| *head != NONE), next));
        }
        waiting.sort_by_key(|frame| self.frames[*frame].arrived);
        waiting
    }

    /// Empty lines as the discipline of the station has them.
    fn clear_lines(&mut self, s: usize, replica: u32) {
        let classes = match self.stations[s].params.discipline {
            Discipline::Priority => self.priorities(),
            _ => 1,
        };
        self.replicas[replica as usize].queues = vec![(NONE, NONE); classes];
    }

    /// The same requests in other lines.
    fn line_up(&mut self, s: usize, replica: u32) {
        let waiting = self.waiting_at(replica);
        self.clear_lines(s, replica);
        for frame in waiting {
            let class = self.class_of(frame, replica);
            let (head, tail) = &mut self.replicas[replica as usize].queues[class];
            let last = std::mem::replace(tail, frame);
            match last {
                NONE => *head = frame,
                last => self.frames[last].next = frame,
            }
            (self.frames[frame].prev, self.frames[frame].next) = (last, NONE);
        }
    }

    /// Workers are shared from now on.
    fn share_all(&mut self, s: usize, replica: u32) {
        let waiting = self.waiting_at(replica);
        let holds = |f: &Frame| f.replica == replica && f.is(HOLDS) && f.is(PRESENT);
        let mut holders: Vec<u32> = (0..self.frames.capacity()).filter(|n| holds(&self.frames[*n])).collect();
        holders.sort_by_key(|frame| (self.frames[*frame].arrived, *frame));
        self.clear_lines(s, replica);
        self.replicas[replica as usize].sharing = Some(Box::default());
        let mut jobs: Vec<(u32, u64)> =
            holders.into_iter().filter_map(|frame| self.let_go(s, frame, replica)).collect();
        jobs.extend(waiting.into_iter().map(|frame| (frame, self.join(s, frame, replica))));
        self.sharing_now(replica, |sharing| jobs.into_iter().for_each(|(frame, work)| sharing.add(frame, work)));
        self.reschedule_sharing(s, replica);
    }

    /// A request gives its worker back; what is left of its work, if it is served.
    fn let_go(&mut self, s: usize, frame: u32, replica: u32) -> Option<(u32, u64)> {
        let (now, at) = (self.now, &mut self.replicas[replica as usize]);
        let slot = &mut self.frames[frame];
        give_back(slot, &mut self.stations[s], at, now);
        at.serving.retain(|served| *served != frame);
        if slot.state != State::Serving {
            return None;
        }
        let left = if slot.is(PAUSED) { slot.ends } else { slot.ends.saturating_sub(now) };
        slot.mark(PAUSED, false);
        slot.pending = 0;
        Some((frame, left))
    }

    /// One that has waited is served with all others; returns its work.
    fn join(&mut self, s: usize, frame: u32, replica: u32) -> u64 {
        let (now, from) = (self.now, self.from);
        let (slot, station) = (&mut self.frames[frame], &mut self.stations[s]);
        let at = &mut self.replicas[replica as usize];
        leave_line(slot, station, at, now, from);
        if slot.is(INTERRUPTED) {
            slot.mark(INTERRUPTED, false);
        } else {
            slot.work = slowed(slot.work, station, at, now);
            count_start(slot, station, now);
        }
        (slot.begun, slot.state) = (now, State::Serving);
        slot.work
    }

    /// Workers are shared no longer.
    fn part(&mut self, s: usize, replica: u32) {
        self.settle_sharing(replica);
        let jobs = self.replicas[replica as usize].sharing.take().map_or(Vec::new(), |sharing| sharing.left());
        self.clear_lines(s, replica);
        let (station, at) = (&mut self.stations[s], &mut self.replicas[replica as usize]);
        let level = station.busy.level - u64::from(std::mem::take(&mut at.busy));
        station.busy.set(self.now, level);
        at.shared_event = 0;
        let free = if at.pauses == 0 { at.workers as usize } else { 0 };
        for (frame, left) in &jobs {
            let slot = &mut self.frames[*frame];
            (slot.work, slot.begun) = (*left, self.now);
            slot.mark(INTERRUPTED, true);
        }
        let jobs: Vec<u32> = jobs.into_iter().map(|(frame, _)| frame).collect();
        let mut chosen = jobs.clone();
        match self.stations[s].params.discipline {
            Discipline::Lifo => chosen.reverse(),
            Discipline::Priority => {
                chosen.sort_by_key(|frame| std::cmp::Reverse(self.ranks[usize::from(self.frames[*frame].request)]));
            }
            _ => {}
        }
        chosen.truncate(free);
        for frame in jobs.into_iter().filter(|frame| !chosen.contains(frame)) {
            self.wait_again(s, frame, replica);
        }
        chosen.into_iter().for_each(|frame| self.begin(s, frame, replica));
    }

    /// At the end of its line, with what is left of its work; who was served once is patient.
    fn wait_again(&mut self, s: usize, frame: u32, replica: u32) {
        let (class, measured) = (self.class_of(frame, replica), self.measures);
        let (slot, station) = (&mut self.frames[frame], &mut self.stations[s]);
        let last = join_line(slot, station, &mut self.replicas[replica as usize], self.now, class, frame, measured);
        if last != NONE {
            self.frames[last].next = frame;
        }
    }
}

fn count_start(slot: &Frame, station: &mut Station, now: u64) {
    if slot.is(COUNTED) {
        station.tally.wait.record(now - slot.arrived);
        station.tally.service.record(slot.work);
    }
}
