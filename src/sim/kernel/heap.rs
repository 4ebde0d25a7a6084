//! Pending events in order of (time, sequence).

use serde::{Deserialize, Serialize};

/// An event that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When, in ns.
    pub time: u64,
    /// Its number: unique among pending events, ascending in order of insertion.
    pub sequence: u32,
    /// What it is about, in the words of the caller.
    pub payload: u32,
}

impl Event {
    /// Time in the high bits, then the sequence, then the payload.
    pub(super) fn key(self) -> u128 {
        key(self.time, self.sequence, self.payload)
    }

    pub(super) fn of(key: u128) -> Self {
        unpack(key)
    }
}

/// Events that stand sorted at most; so many go to or come from the heap at once, half of them.
const NEAR: usize = 32;

/// Pending events as packed keys: time in the high bits, then the sequence, then the payload.
///
/// The earliest stand sorted, the others in a 4-ary heap. With few events pending, which is the rule
/// in a small model, all are in the sorted part, whose upkeep is a few moves within two cache lines;
/// with many, most are pushed behind it and come forward by halves of it.
///
/// Sequences wrap after 2^32 events; two events tie wrongly only if they are due at one instant,
/// on both sides of a wrap, which is still the same in every run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct EventHeap {
    /// Latest first: the next event is the last of `nears`. Each is earlier than all of `far`.
    near: [u128; NEAR],
    nears: usize,
    far: QuadHeap,
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
    #[inline]
    pub fn push(&mut self, time: u64, payload: u32) -> u32 {
        let sequence = self.reserve();
        // Whatever is due at the same instant was added before.
        self.add(key(time, sequence, payload), |before| (before >> 64) as u64 > time)
    }

    /// Adds an event under a sequence number that was reserved before.
    pub fn push_at(&mut self, time: u64, sequence: u32, payload: u32) {
        let key = key(time, sequence, payload);
        self.add(key, |before| before > key);
    }

    #[inline(always)]
    fn add(&mut self, key: u128, is_later: impl Fn(u128) -> bool) -> u32 {
        // Behind all that stand sorted, it need not stand there unless everything does.
        let is_near = || self.far.keys.is_empty() || self.nears > 0 && is_later(self.near[0]);
        if self.nears < NEAR && is_near() {
            self.insert(key, is_later);
            return unpack(key).sequence;
        }
        self.add_far(key)
    }

    /// Adds to the heap, or where there is no room without it.
    #[inline(never)]
    fn add_far(&mut self, key: u128) -> u32 {
        if self.nears == NEAR {
            self.send_back();
        }
        if self.nears == 0 || key > self.near[0] {
            self.far.push(key)
        } else {
            self.insert(key, |before| before > key)
        }
        unpack(key).sequence
    }

    /// Puts a key where it belongs among the sorted, where there is room.
    #[inline(always)]
    fn insert(&mut self, key: u128, is_later: impl Fn(u128) -> bool) {
        let Some((mut hole, sorted)) = self.near[..=self.nears % NEAR].split_last_mut() else { return };
        self.nears += 1;
        for before in sorted.iter_mut().rev() {
            if is_later(*before) {
                break;
            }
            *hole = *before;
            hole = before;
        }
        *hole = key;
    }

    /// Sends the later half of the sorted to the heap.
    #[cold]
    fn send_back(&mut self) {
        let Self { near, far, .. } = self;
        near[..NEAR / 2].iter().for_each(|key| far.push(*key));
        near.copy_within(NEAR / 2.., 0);
        self.nears = NEAR - NEAR / 2;
    }

    /// The earliest event.
    #[inline]
    pub fn peek(&mut self) -> Option<Event> {
        if self.nears == 0 {
            self.bring_forward();
        }
        (self.nears > 0).then(|| unpack(self.near[(self.nears - 1) % NEAR]))
    }

    /// When the earliest event is due.
    pub fn next_time(&mut self) -> Option<u64> {
        self.peek().map(|event| event.time)
    }

    /// Removes the earliest event.
    #[inline]
    pub fn pop(&mut self) -> Option<Event> {
        let first = self.peek();
        self.nears = self.nears.saturating_sub(1);
        first
    }

    /// How many are pending, void ones included.
    pub fn len(&self) -> usize {
        self.nears + self.far.keys.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops events that nothing waits for any more.
    pub fn retain(&mut self, is_live: impl Fn(&Event) -> bool) {
        let keep = |key: &u128| is_live(&unpack(*key));
        let mut kept = 0;
        for n in 0..self.nears {
            if keep(&self.near[n]) {
                self.near[kept] = self.near[n];
                kept += 1;
            }
        }
        self.nears = kept;
        self.far.keys.retain(keep);
        // In order they are a heap.
        self.far.keys.sort_unstable();
    }

    #[cold]
    fn bring_forward(&mut self) {
        let Self { near, far, nears, .. } = self;
        *nears = 0;
        for key in std::iter::from_fn(|| far.pop()).take(NEAR / 2) {
            near[*nears] = key;
            *nears += 1;
        }
        near[..*nears].reverse();
    }
}

/// A 4-ary heap, sifted to the bottom and back up.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct QuadHeap {
    keys: Vec<u128>,
}

impl QuadHeap {
    fn push(&mut self, key: u128) {
        self.keys.push(key);
        self.sift_up(self.keys.len() - 1, key);
    }

    fn pop(&mut self) -> Option<u128> {
        let last = self.keys.pop()?;
        let Some(&first) = self.keys.first() else { return Some(last) };
        let hole = self.sink_hole();
        self.sift_up(hole, last);
        Some(first)
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

fn key(time: u64, sequence: u32, payload: u32) -> u128 {
    u128::from(time) << 64 | u128::from(sequence) << 32 | u128::from(payload)
}

fn unpack(key: u128) -> Event {
    Event { time: (key >> 64) as u64, sequence: (key >> 32) as u32, payload: key as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_and_pops_in_any_mixture_keep_the_order() {
        let mut heap = EventHeap::default();
        let mut model = std::collections::BTreeSet::new();
        let mut state = 7_u64;
        for n in 0..40_000_u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Grows to hundreds, falls to none, and grows again.
            if (state >> 60) < if n / 4000 % 2 == 0 { 9 } else { 6 } {
                let time = state >> 40 & 0xffff;
                model.insert((time, heap.push(time, n)));
            } else {
                assert_eq!(heap.pop().map(|event| (event.time, event.sequence)), model.pop_first());
            }
        }
    }

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
