//! Controlled delay (Nichols and Jacobson, RFC 8289): drops from the head of a queue whose wait
//! stays above a target.

use serde::{Deserialize, Serialize};

const TARGET: u64 = 5_000_000;
const INTERVAL: u64 = 100_000_000;

/// State of one queue; target 5 ms, interval 100 ms.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Codel {
    above_since: Option<u64>,
    dropping: bool,
    next: u64,
    drops: u32,
}

impl Codel {
    /// Whether to drop the request at the head, which has waited for `wait`; `last`: nobody behind it.
    pub fn drops(&mut self, now: u64, wait: u64, last: bool) -> bool {
        if wait < TARGET || last {
            self.above_since = None;
            self.dropping = false;
            return false;
        }
        let since = *self.above_since.get_or_insert(now);
        if !self.dropping {
            return now >= since + INTERVAL && self.begin(now);
        }
        now >= self.next && self.another(now)
    }

    fn begin(&mut self, now: u64) -> bool {
        let recent = now.saturating_sub(self.next) < INTERVAL;
        self.drops = if recent && self.drops > 2 { self.drops - 2 } else { 1 };
        self.dropping = true;
        self.next = now + spacing(self.drops);
        true
    }

    fn another(&mut self, now: u64) -> bool {
        self.drops += 1;
        self.next = now.max(self.next) + spacing(self.drops);
        true
    }
}

fn spacing(drops: u32) -> u64 {
    (INTERVAL as f64 / f64::from(drops).sqrt()) as u64
}
