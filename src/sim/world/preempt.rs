//! Preemptive-resume priority: a request of higher priority takes the worker of a lower one, whose work goes
//! on later where it stopped.

use super::World;
use super::frame::*;
use crate::model::Discipline;
use crate::sim::kernel::NONE;

impl World<'_> {
    /// Makes room for a request that may interrupt others; whether there was anybody to interrupt.
    pub(super) fn preempts(&mut self, s: usize, frame: u32, replica: u32) -> bool {
        let request = usize::from(self.frames[frame].request);
        let rank = self.ranks[request];
        let may = self.stations[s].params.discipline == Discipline::Priority
            && self.replicas[replica as usize].pauses == 0
            && self.preempting[request];
        let lowest = |frame: &&u32| (self.rank_of(**frame), std::cmp::Reverse(self.frames[**frame].begun));
        let victim = self.replicas[replica as usize].serving.iter().filter(|f| self.is_served(**f)).min_by_key(lowest);
        match victim.copied().filter(|victim| may && self.rank_of(*victim) < rank) {
            Some(victim) => {
                self.interrupt(s, victim, replica);
                true
            }
            None => false,
        }
    }

    fn rank_of(&self, frame: u32) -> u16 {
        self.ranks[usize::from(self.frames[frame].request)]
    }

    fn is_served(&self, frame: u32) -> bool {
        self.frames[frame].state == State::Serving && self.frames[frame].is(HOLDS)
    }

    /// Back to the head of its line, with what is left of its work.
    fn interrupt(&mut self, s: usize, frame: u32, replica: u32) {
        let (now, class) = (self.now, self.class_of(frame, replica));
        let at = &mut self.replicas[replica as usize];
        at.busy -= 1;
        at.waiting += 1;
        at.serving.retain(|served| *served != frame);
        let (head, tail) = &mut at.queues[class];
        let next = std::mem::replace(head, frame);
        match next {
            NONE => *tail = frame,
            next => self.frames[next].prev = frame,
        }
        let station = &mut self.stations[s];
        station.busy.lower(now);
        station.waiting.raise(now);
        let slot = &mut self.frames[frame];
        #[cfg(debug_assertions)]
        {
            station.laws.held += u128::from(now - slot.begun);
        }
        slot.work = slot.ends - now;
        (slot.prev, slot.next, slot.begun, slot.pending, slot.state) = (NONE, next, now, 0, State::Queued);
        slot.mark(HOLDS, false);
        slot.mark(INTERRUPTED, true);
    }
}
