//! A count over time, and the area under it.

use serde::{Deserialize, Serialize};

/// A count and its integral, in count × ns: exact, so that laws can be asserted as identities.
///
/// The area up to `now` is `level × now`, less every rise times its instant, plus every fall times its own. So a
/// change costs an addition, and nothing has to be known of the change before.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Area {
    /// The count now.
    pub level: u64,
    /// Instants of falls less those of rises, modulo 2^128.
    moment: u128,
}

impl Area {
    /// A count that stands there, with the instants of its falls less those of its rises, modulo 2^128.
    pub fn of(level: u64, moment: u128) -> Self {
        Self { level, moment }
    }

    /// From now on at another level.
    pub fn set(&mut self, now: u64, level: u64) {
        let weighed = |level: u64| u128::from(level) * u128::from(now);
        self.moment = self.moment.wrapping_add(weighed(self.level)).wrapping_sub(weighed(level));
        self.level = level;
    }

    /// One more.
    #[inline]
    pub fn raise(&mut self, now: u64) {
        self.moment = self.moment.wrapping_sub(u128::from(now));
        self.level += 1;
    }

    /// One fewer.
    #[inline]
    pub fn lower(&mut self, now: u64) {
        self.moment = self.moment.wrapping_add(u128::from(now));
        self.level -= 1;
    }

    /// So many more and fewer, each with the sum of the instants at which that happened.
    pub fn shift(&mut self, rises: (u64, u128), falls: (u64, u128)) {
        self.moment = self.moment.wrapping_add(falls.1).wrapping_sub(rises.1);
        self.level = self.level + rises.0 - falls.0;
    }

    /// The area up to `now`.
    pub fn total(&self, now: u64) -> u128 {
        self.moment.wrapping_add(u128::from(self.level) * u128::from(now))
    }
}
