//! Pending events in order of (time, sequence).

/// An event that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    /// When, in ns.
    pub time: u64,
    /// Its number: unique among pending events, ascending in order of insertion.
    pub sequence: u32,
    /// What it is about, in the words of the caller.
    pub payload: u32,
}

/// A 4-ary heap of packed keys: time in the high bits, then the sequence, then the payload.
///
/// Sequences wrap after 2^32 events; two events tie wrongly only if they are due at one instant,
/// on both sides of a wrap, which is still the same in every run.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventHeap {
    keys: Vec<u128>,
    sequence: u32,
}

impl EventHeap {
    /// Takes the next sequence number without an event.
    pub fn reserve(&mut self) -> u32 {
        // 0 stands for "nothing pending" wherever a sequence is kept.
        self.sequence = self.sequence.wrapping_add(1).max(1);
        self.sequence
    }

    /// Adds an event; returns its sequence number.
    pub fn push(&mut self, time: u64, payload: u32) -> u32 {
        let sequence = self.reserve();
        self.push_at(time, sequence, payload);
        sequence
    }

    /// Adds an event under a sequence number that was reserved before.
    pub fn push_at(&mut self, time: u64, sequence: u32, payload: u32) {
        let key = u128::from(time) << 64 | u128::from(sequence) << 32 | u128::from(payload);
        self.keys.push(key);
        self.sift_up(self.keys.len() - 1, key);
    }

    /// Removes the earliest event.
    pub fn pop(&mut self) -> Option<Event> {
        let last = self.keys.pop()?;
        let Some(&first) = self.keys.first() else { return Some(unpack(last)) };
        let hole = self.sink_hole();
        self.sift_up(hole, last);
        Some(unpack(first))
    }

    /// How many are pending, void ones included.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Drops events that nothing waits for any more.
    pub fn retain(&mut self, is_live: impl Fn(&Event) -> bool) {
        self.keys.retain(|key| is_live(&unpack(*key)));
        // In order they are a heap.
        self.keys.sort_unstable();
    }

    /// Moves the hole at the top down to a leaf; going all the way and back up costs fewer comparisons.
    fn sink_hole(&mut self) -> usize {
        let keys = &mut self.keys[..];
        let mut hole = 0;
        while let Some(children) = keys.get(4 * hole + 1..4 * hole + 5) {
            let ab = if children[1] < children[0] { 1 } else { 0 };
            let cd = if children[3] < children[2] { 3 } else { 2 };
            let best = 4 * hole + 1 + if children[cd] < children[ab] { cd } else { ab };
            keys[hole] = keys[best];
            hole = best;
        }
        self.sink_last(hole)
    }

    /// The last step down, where fewer than four children are left.
    fn sink_last(&mut self, hole: usize) -> usize {
        let first = 4 * hole + 1;
        let Some(best) = (first..self.keys.len()).min_by_key(|n| self.keys[*n]) else { return hole };
        self.keys[hole] = self.keys[best];
        best
    }

    fn sift_up(&mut self, mut at: usize, key: u128) {
        while at > 0 {
            let parent = (at - 1) / 4;
            if self.keys[parent] <= key {
                break;
            }
            self.keys[at] = self.keys[parent];
            at = parent;
        }
        self.keys[at] = key;
    }
}

fn unpack(key: u128) -> Event {
    Event { time: (key >> 64) as u64, sequence: (key >> 32) as u32, payload: key as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_out_by_time_then_by_order_of_insertion() {
        let mut heap = EventHeap::default();
        let mut state = 1_u64;
        for n in 0..5000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            heap.push(state >> 58, n);
        }
        let mut before = (0, 0);
        let mut seen = 0;
        while let Some(event) = heap.pop() {
            assert!((event.time, event.sequence) > before);
            before = (event.time, event.sequence);
            seen += 1;
        }
        assert_eq!(seen, 5000);
    }
}
