//! Timers of one length: they expire in the order in which they were set, so a queue holds them.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A timer of a slot, void once the slot has moved on to another generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// When, in ns.
    pub time: u64,
    /// Order among events of one instant.
    pub sequence: u32,
    /// Whose.
    pub slot: u32,
    /// In which life of it.
    pub generation: u32,
}

/// Timers in order of expiry, all of them on one event: it happens at the first of them, or earlier, and is then set
/// anew for the first that is left. A timer that is void by then has cost nothing but its place here.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Ring {
    timers: VecDeque<Expiry>,
    /// The latest time of any timer so far.
    last: u64,
    /// The event (time, sequence) that the ring waits for.
    scheduled: Option<(u64, u32)>,
}

/// Void timers that are kept beside the live ones.
const SPARE: usize = 64;

impl Ring {
    /// Adds a timer beside at most `live` that are not void. Nearly always it is the latest; earlier ones come only after
    /// the length has changed. Whether it needs an event, under its own time and sequence.
    pub fn push(&mut self, timer: Expiry, live: usize, is_live: impl Fn(&Expiry) -> bool) -> bool {
        // Memory follows what is in flight.
        if live == 0 {
            self.timers.clear();
        } else if self.timers.len() > SPARE + 2 * live {
            self.timers.retain(is_live);
        }
        if timer.time >= self.last {
            self.last = timer.time;
            self.timers.push_back(timer);
        } else {
            let at = self.timers.partition_point(|other| other.time <= timer.time);
            self.timers.insert(at, timer);
        }
        self.waits_for(timer)
    }

    /// An event of this ring happens: the timer that is due, if one is, and the event that is needed next.
    pub fn happen(
        &mut self,
        (now, sequence): (u64, u32),
        is_live: impl Fn(&Expiry) -> bool,
    ) -> (Option<Expiry>, Option<(u64, u32)>) {
        // A later one: an earlier timer came between, and has an event of its own.
        if self.scheduled != Some((now, sequence)) {
            return (None, None);
        }
        self.scheduled = None;
        let due = self.front(&is_live).filter(|first| (first.time, first.sequence) <= (now, sequence));
        if due.is_some() {
            self.timers.pop_front();
        }
        let next = self.front(&is_live).filter(|next| self.waits_for(*next));
        (due, next.map(|next| (next.time, next.sequence)))
    }

    /// Waits for a timer from now on, unless it waits for something earlier.
    fn waits_for(&mut self, timer: Expiry) -> bool {
        let event = (timer.time, timer.sequence);
        let is_first = self.scheduled.is_none_or(|scheduled| event < scheduled);
        if is_first {
            self.scheduled = Some(event);
        }
        is_first
    }

    /// The first timer that is not void; those before it are dropped.
    fn front(&mut self, is_live: impl Fn(&Expiry) -> bool) -> Option<Expiry> {
        while let Some(timer) = self.timers.front().copied() {
            if is_live(&timer) {
                return Some(timer);
            }
            self.timers.pop_front();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timer(time: u64, sequence: u32) -> Expiry {
        Expiry { time, sequence, slot: sequence, generation: 0 }
    }

    #[test]
    fn timers_that_are_void_cost_one_event_for_all() {
        let mut ring = Ring::default();
        assert!(ring.push(timer(100, 1), 0, |_| true));
        assert!((2..9).all(|n| !ring.push(timer(100 + u64::from(n), n), 1, |_| true)));
        // Only the last is left: the event of the first is set anew for it.
        let is_live = |timer: &Expiry| timer.sequence == 8;
        assert_eq!(ring.happen((100, 1), is_live), (None, Some((108, 8))));
        assert_eq!(ring.happen((108, 8), is_live), (Some(timer(108, 8)), None));
        assert!(ring.push(timer(300, 9), 0, |_| true));
    }

    #[test]
    fn timers_of_one_instant_expire_each_in_its_turn() {
        let mut ring = Ring::default();
        ring.push(timer(100, 1), 0, |_| true);
        ring.push(timer(100, 5), 1, |_| true);
        assert_eq!(ring.happen((100, 1), |timer| timer.sequence == 5), (None, Some((100, 5))));
    }

    #[test]
    fn a_shorter_timer_overtakes() {
        let mut ring = Ring::default();
        ring.push(timer(100, 1), 0, |_| true);
        assert!(ring.push(timer(50, 2), 1, |_| true), "nothing earlier is pending");
        assert_eq!(ring.happen((50, 2), |_| true), (Some(timer(50, 2)), Some((100, 1))));
        // The event that was overtaken and the one that is set for the same timer are one.
        assert_eq!(ring.happen((100, 1), |_| true), (Some(timer(100, 1)), None));
        assert_eq!(ring.happen((100, 1), |_| true), (None, None));
    }
}
