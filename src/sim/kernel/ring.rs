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

/// Timers in order of expiry. Only the first needs an event, and only the first event a place in the heap.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Ring {
    timers: VecDeque<Expiry>,
    /// The event (time, sequence) that is in the heap, and those that follow it there one by one.
    scheduled: Option<(u64, u32)>,
    later: VecDeque<(u64, u32)>,
    /// Whether the heap holds an event for this ring.
    pub armed: bool,
}

impl Ring {
    /// Adds a timer. Nearly always the latest; earlier ones only after the length has changed.
    pub fn push(&mut self, timer: Expiry) {
        let mut at = self.timers.len();
        while at > 0 && self.timers[at - 1].time > timer.time {
            at -= 1;
        }
        if at == self.timers.len() { self.timers.push_back(timer) } else { self.timers.insert(at, timer) }
    }

    /// The next timer that `is_live`; void ones before it are dropped.
    pub fn front(&mut self, is_live: impl Fn(&Expiry) -> bool) -> Option<Expiry> {
        while let Some(timer) = self.timers.front().copied() {
            if is_live(&timer) {
                return Some(timer);
            }
            self.timers.pop_front();
        }
        None
    }

    /// Removes the first timer.
    pub fn pop(&mut self) {
        self.timers.pop_front();
    }

    /// Schedules an event. Whether the heap has to hold it; if not, it follows the one that is there.
    pub fn schedule(&mut self, time: u64, sequence: u32) -> bool {
        let event = (time, sequence);
        if self.scheduled.is_none_or(|first| event < first) {
            self.scheduled.get_or_insert(event);
            return true;
        }
        let mut at = self.later.len();
        while at > 0 && self.later[at - 1] > event {
            at -= 1;
        }
        if at == self.later.len() {
            self.later.push_back(event)
        } else {
            self.later.insert(at, event)
        }
        false
    }

    /// An event of the heap has happened; returns the one that takes its place.
    pub fn happened(&mut self, sequence: u32) -> Option<(u64, u32)> {
        if self.scheduled.is_none_or(|(_, scheduled)| scheduled != sequence) {
            return None;
        }
        self.scheduled = self.later.pop_front();
        self.scheduled
    }

    /// Events that are not in the heap yet.
    pub fn later(&self) -> usize {
        self.later.len()
    }

    /// Drops void timers once they outnumber what can be live: memory follows what is in flight.
    pub fn compact(&mut self, live: usize, is_live: impl Fn(&Expiry) -> bool) {
        if self.timers.len() > 64 + 2 * live {
            self.timers.retain(is_live);
        }
    }
}
