//! The next event of each of a fixed number of sources.

use super::Event;

/// A winner tree: each of so many sources has one pending event or none, and the earliest of all is known. Changing one
/// takes a comparison on each level and no jump that depends on it, which is less than to go through a heap of all events
/// where sources are many and what else is pending is not.
#[derive(Debug, Clone)]
pub struct Tournament {
    /// Keys of the winners, the winner of all at 1, then those of the sources.
    keys: Vec<u128>,
}

/// Nothing is pending.
const NOTHING: u128 = u128::MAX;

impl Tournament {
    /// For so many sources, of which none has an event.
    pub fn new(sources: usize) -> Self {
        Self { keys: vec![NOTHING; 2 * sources.next_power_of_two()] }
    }

    /// The next event of a source, instead of the one that it had; its payload is the caller's.
    #[inline]
    pub fn set(&mut self, source: usize, event: Option<Event>) {
        let mut at = self.keys.len() / 2 + source;
        self.keys[at] = event.map_or(NOTHING, Event::key);
        while at > 1 {
            at /= 2;
            self.keys[at] = self.keys[2 * at].min(self.keys[2 * at + 1]);
        }
    }

    /// The earliest event of all.
    #[inline]
    pub fn first(&self) -> Option<Event> {
        let key = self.keys[1];
        (key != NOTHING).then(|| Event::of(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_wins_and_of_one_instant_the_one_that_came_first() {
        for sources in [1, 2, 3, 7, 64] {
            let mut tournament = Tournament::new(sources);
            assert_eq!(tournament.first(), None);
            let time = |n: usize| (n * 37 % 11) as u64;
            for n in 0..sources {
                let sequence = (sources - n) as u32;
                tournament.set(n, Some(Event { time: time(n), sequence, payload: n as u32 }));
            }
            let mut order = Vec::new();
            while let Some(event) = tournament.first() {
                order.push((event.time, event.sequence));
                tournament.set(event.payload as usize, None);
            }
            assert_eq!(order.len(), sources);
            assert!(order.is_sorted(), "{order:?}");
        }
    }
}
