//! Misses of a cache of keys: an entry is there once its miss was answered, and misses of one key may share a fetch.

use super::World;
use super::frame::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The misses of one station.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Fetches {
    /// The key of each frame that has missed and is here.
    keys: BTreeMap<u32, u32>,
    /// By key, where misses share: who fetches, and who waits for that in order of arrival.
    shared: BTreeMap<u32, (u32, Vec<u32>)>,
}

impl Fetches {
    /// A frame is gone: its key, and who has waited for it.
    fn leave(&mut self, frame: u32) -> Option<(u32, Vec<u32>)> {
        let key = self.keys.remove(&frame)?;
        let Some((first, waiting)) = self.shared.get_mut(&key) else { return Some((key, Vec::new())) };
        if *first != frame {
            waiting.retain(|other| *other != frame);
            return None;
        }
        let (_, waiting) = self.shared.remove(&key)?;
        waiting.iter().for_each(|other| {
            self.keys.remove(other);
        });
        Some((key, waiting))
    }
}

impl World<'_> {
    /// Whether a miss waits for whoever fetches the same.
    #[cold]
    pub(super) fn joins(&mut self, s: usize, frame: u32, replica: u32, key: u32) -> bool {
        let shares = self.stations[s].params.coalesce;
        let fetches = &mut self.stations[s].fetches;
        let Some((_, waiting)) = fetches.shared.get_mut(&key).filter(|_| shares) else { return false };
        waiting.push(frame);
        fetches.keys.insert(frame, key);
        let slot = &mut self.frames[frame];
        (slot.replica, slot.state, slot.children) = (replica, State::Calling, 0);
        self.appear(s, frame, replica);
        true
    }

    /// A miss that was let in fetches.
    #[cold]
    pub(super) fn fetches(&mut self, s: usize, frame: u32, key: u32) {
        if !self.frames[frame].is(PRESENT) {
            return;
        }
        let station = &mut self.stations[s];
        station.fetches.keys.insert(frame, key);
        if station.params.coalesce {
            station.fetches.shared.insert(key, (frame, Vec::new()));
        }
    }

    /// A request has left: what it has fetched is kept, and those who waited for it end as it did.
    #[cold]
    pub(super) fn fetched(&mut self, s: usize, frame: u32, ok: bool) {
        let now = self.now;
        let station = &mut self.stations[s];
        let Some((key, waiting)) = station.fetches.leave(frame) else { return };
        if let (true, Some(lru)) = (ok, &mut station.lru) {
            lru.fill(key, now);
        }
        for other in waiting {
            self.finish(other, if ok { Outcome::Success } else { Outcome::Error });
        }
    }
}
