//! The reference model written by hand and for nothing else: what a general engine is compared with.
//! `std::collections::BinaryHeap`, doubles only where a draw needs them, one histogram of 10 us.
//!
//!   rustc --edition 2024 -O floor.rs && ./floor 600

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// xoshiro256++
struct Rng([u64; 4]);

impl Rng {
    fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Exponential with this mean in ns.
    fn exponential(&mut self, mean: f64) -> u64 {
        let u = ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        (-u.ln() * mean) as u64
    }
}

/// Events by (time, sequence); what and whose in the low bits of the second word.
#[derive(Default)]
struct Events(BinaryHeap<Reverse<(u64, u64)>>, u64);

impl Events {
    fn push(&mut self, time: u64, kind: usize, slot: u32) {
        self.1 += 1;
        self.0.push(Reverse((time, self.1 << 24 | (kind as u64) << 21 | u64::from(slot))));
    }
}

const ARRIVAL: usize = 7;
const DATABASE: usize = 4;

fn main() {
    let seconds: u64 = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(600);
    let (done, mean) = simulate(seconds);
    println!("{done} {mean}");
}

/// Requests that ended, and their mean response in seconds.
pub fn simulate(seconds: u64) -> (u64, f64) {
    let end = seconds * 1_000_000_000;
    let (mut rng, mut events) = (Rng([1, 2, 3, 4]), Events::default());
    for _ in 0..100 {
        rng.bits();
    }
    let (mut started, mut free): (Vec<u64>, Vec<u32>) = (Vec::new(), Vec::new());
    // Stations 0 to 3 are the application servers.
    let (mut queues, mut busy, workers): ([VecDeque<u32>; 5], [u32; 5], [u32; 5]) =
        (Default::default(), [0; 5], [1, 1, 1, 1, 4]);
    let (mut histogram, mut done, mut sum) = (vec![0_u64; 100_000], 0_u64, 0_u64);
    events.push(0, ARRIVAL, 0);
    while let Some(Reverse((now, packed))) = events.0.pop() {
        let (kind, slot) = ((packed >> 21 & 7) as usize, (packed & 0x1f_ffff) as u32);
        let (to, slot) = if kind == ARRIVAL {
            if now >= end {
                continue;
            }
            events.push(now + rng.exponential(1e6), ARRIVAL, 0);
            let slot = free.pop().unwrap_or_else(|| {
                started.push(0);
                started.len() as u32 - 1
            });
            started[slot as usize] = now;
            ((rng.bits() >> 62) as usize, slot)
        } else {
            match queues[kind].pop_front() {
                Some(next) => events.push(now + rng.exponential(2.8e6), kind, next),
                None => busy[kind] -= 1,
            }
            if kind == DATABASE {
                let time = now - started[slot as usize];
                (done, sum) = (done + 1, sum + time);
                histogram[(time / 10_000).min(99_999) as usize] += 1;
                free.push(slot);
                continue;
            }
            (DATABASE, slot)
        };
        if busy[to] < workers[to] {
            busy[to] += 1;
            events.push(now + rng.exponential(2.8e6), to, slot);
        } else {
            queues[to].push_back(slot);
        }
    }
    (done, sum as f64 / done as f64 / 1e9)
}
