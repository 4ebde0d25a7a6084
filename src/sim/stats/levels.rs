//! How long a count stood at each level.

use super::Area;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Levels told apart; whatever is higher counts as this one.
const MOST: usize = 4096;

/// A count over time that also keeps, over the measured time, how long it stood at each level.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct Levels {
    area: Area,
    /// Since when it stands at its level; `NEVER` while times do not count.
    since: u64,
    times: Vec<u64>,
}

/// Later than all.
const NEVER: u64 = u64::MAX;

impl Default for Levels {
    fn default() -> Self {
        Self { area: Area::default(), since: NEVER, times: Vec::new() }
    }
}

impl Levels {
    /// From now on at another level.
    pub fn set(&mut self, now: u64, level: u64) {
        self.note(now);
        self.area.set(now, level);
    }

    /// One more.
    #[inline]
    pub fn raise(&mut self, now: u64) {
        self.note(now);
        self.area.raise(now);
    }

    /// One fewer.
    #[inline]
    pub fn lower(&mut self, now: u64) {
        self.note(now);
        self.area.lower(now);
    }

    /// Times count from now on, or no longer.
    pub fn count(&mut self, now: u64, counts: bool) -> &mut Area {
        self.note(now);
        self.since = if counts { now } else { NEVER };
        &mut self.area
    }

    /// Time at each level from 0, ns; what was higher than can be told apart is in the last.
    pub fn take(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.times)
    }

    #[inline]
    fn note(&mut self, now: u64) {
        if self.since == NEVER {
            return;
        }
        let length = now - std::mem::replace(&mut self.since, now);
        match self.times.get_mut(self.area.level as usize) {
            Some(time) => *time += length,
            None => self.note_higher(length),
        }
    }

    /// It stood where it never stood before.
    #[cold]
    fn note_higher(&mut self, length: u64) {
        let level = (self.area.level as usize).min(MOST);
        if level >= self.times.len() {
            self.times.resize(level + 1, 0);
        }
        self.times[level] += length;
    }
}

impl Deref for Levels {
    type Target = Area;

    fn deref(&self) -> &Area {
        &self.area
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_counted_part() {
        let mut levels = Levels::default();
        levels.raise(5);
        levels.count(10, true);
        levels.raise(12);
        levels.lower(17);
        levels.count(20, false);
        levels.lower(30);
        assert_eq!(levels.take(), [0, 5, 5]);
        assert_eq!(levels.total(30), 7 + 10 + 13);
    }
}
