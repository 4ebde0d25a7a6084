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
    /// Time at each level that is low, and at higher ones: those that are common need no memory of their own.
    low: [u64; LOW],
    higher: Vec<u64>,
}

/// Levels at which a count mostly stands: so many that they fill a cache line.
pub(crate) const LOW: usize = 8;

/// Later than all.
pub(crate) const NEVER: u64 = u64::MAX;

/// What a count has stood at low levels, for somebody who goes on with it: since when it stands, or [`NEVER`], and for how
/// long it has stood at each.
pub(crate) type Stood = (u64, [u64; LOW]);

impl Default for Levels {
    fn default() -> Self {
        Self { area: Area::default(), since: NEVER, low: [0; LOW], higher: Vec::new() }
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

    /// Rises and falls, each in order of time; of one instant, what rises comes first.
    #[inline(never)]
    pub fn follow<T>(&mut self, rises: &[T], falls: &[T], time: impl Fn(&T) -> u64) {
        if self.since != NEVER {
            self.note_all(rises, falls, &time);
        }
        let sum = |all: &[T]| (all.len() as u64, all.iter().map(|one| u128::from(time(one))).sum());
        self.area.shift(sum(rises), sum(falls));
    }

    /// Time at each level while it rises and falls.
    fn note_all<T>(&mut self, mut rises: &[T], mut falls: &[T], time: &impl Fn(&T) -> u64) {
        let (mut level, mut since) = (self.area.level as usize, self.since);
        loop {
            let (up, down) = (rises.first().map_or(NEVER, time), falls.first().map_or(NEVER, time));
            let now = up.min(down);
            if now == NEVER {
                break;
            }
            self.stood(level, now - since);
            since = now;
            if up <= down {
                (level, rises) = (level + 1, &rises[1..]);
            } else {
                (level, falls) = (level - 1, &falls[1..]);
            }
        }
        self.since = since;
    }

    /// Times count from now on, or no longer.
    pub fn count(&mut self, now: u64, counts: bool) -> &mut Area {
        self.note(now);
        self.since = if counts { now } else { NEVER };
        &mut self.area
    }

    /// Lends it to somebody who goes on with it; times at higher levels stay.
    pub fn lend(&self) -> (Area, Stood) {
        (self.area, (self.since, self.low))
    }

    /// Takes it back.
    pub fn take_back(&mut self, area: Area, (since, low): Stood) {
        (self.area, self.since, self.low) = (area, since, low);
    }

    /// While it was lent it stood at a level that is not low for a time.
    #[cold]
    pub fn stood_high(&mut self, level: usize, length: u64) {
        self.stood(level, length);
    }

    /// Time at each level from 0 to the highest, ns; what was higher than can be told apart is in the last.
    pub fn take(&mut self) -> Vec<u64> {
        let mut times = std::mem::take(&mut self.low).to_vec();
        times.append(&mut self.higher);
        let highest = times.iter().rposition(|time| *time > 0);
        times.truncate(highest.map_or(0, |highest| highest + 1));
        times
    }

    #[inline]
    fn note(&mut self, now: u64) {
        if self.since == NEVER {
            return;
        }
        let length = now - std::mem::replace(&mut self.since, now);
        self.stood(self.area.level as usize, length);
    }

    /// It stood at a level for a time.
    #[inline(always)]
    fn stood(&mut self, level: usize, length: u64) {
        let time = if level < LOW { self.low.get_mut(level) } else { self.higher.get_mut(level - LOW) };
        match time {
            Some(time) => *time += length,
            None => self.note_new(level - LOW, length),
        }
    }

    /// It stood where it never stood before.
    #[cold]
    fn note_new(&mut self, above: usize, length: u64) {
        let at = above.min(MOST - LOW);
        if at >= self.higher.len() {
            self.higher.resize(at + 1, 0);
        }
        self.higher[at] += length;
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
