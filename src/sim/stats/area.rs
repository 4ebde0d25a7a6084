//! A count over time, and the area under it.

use serde::{Deserialize, Serialize};

/// A count and its integral, in count × ns: exact, so that laws can be asserted as identities.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Area {
    /// The count now.
    pub level: u64,
    last: u64,
    total: u128,
    window: u128,
}

impl Area {
    /// Brings the area up to `now`.
    pub fn touch(&mut self, now: u64) {
        let length = now - self.last;
        if length > 0 {
            self.total += u128::from(self.level) * u128::from(length);
            self.last = now;
        }
    }

    /// Time since the last touch.
    pub fn since_touch(&self, now: u64) -> u64 {
        now - self.last
    }

    /// From now on at another level.
    pub fn set(&mut self, now: u64, level: u64) {
        self.touch(now);
        self.level = level;
    }

    /// One more.
    pub fn raise(&mut self, now: u64) {
        self.touch(now);
        self.level += 1;
    }

    /// One fewer.
    pub fn lower(&mut self, now: u64) {
        self.touch(now);
        self.level -= 1;
    }

    /// The area up to the last touch.
    pub fn total(&self) -> u128 {
        self.total
    }

    /// The area since the last time this was asked (windows of one second).
    pub fn since_window(&mut self, now: u64) -> u128 {
        self.touch(now);
        let part = self.total - self.window;
        self.window = self.total;
        part
    }
}
