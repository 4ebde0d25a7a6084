//! Workers that are held during calls.

use super::flow::{Doubt, Passing, Rows};
use super::line::Tide;
use super::{Window, World};

/// The workers of a station that are held from the arrival of a request until it leaves. There must always be enough:
/// whoever waits for one waits for the calls of others, which is feedback.
#[derive(Debug)]
pub(super) struct Hold {
    station: usize,
    /// So many are held at a replica at most. A run in which that becomes fewer than all is better left to events at
    /// once: later it would come to the rest, too.
    most: u32,
    /// Where each request keeps which replica it is at; none where there is but one.
    seat: Option<usize>,
    held: Vec<u32>,
}

impl Hold {
    pub fn new(world: &World<'_>, station: usize, seat: Option<usize>) -> Self {
        let at = &world.stations[station];
        let workers = at.params.workers;
        let most = if workers == u32::MAX { workers } else { workers - workers / 4 };
        Self { station, most, seat, held: vec![0; at.replicas.len()] }
    }

    /// Lets requests arrive and leave.
    pub fn follow(
        &mut self,
        world: &mut World<'_>,
        (rises, falls): (&[Passing], &[Passing]),
        rows: &Rows,
        window: Window,
    ) -> Result<(), Doubt> {
        let mut tide = Tide::default();
        rises.iter().for_each(|passing| tide.rise(passing.time - window.from));
        falls.iter().for_each(|passing| tide.fall(passing.time - window.from));
        let station = &mut world.stations[self.station];
        tide.settle(&mut station.busy, window.from);
        #[cfg(debug_assertions)]
        {
            let sum = |flow: &[Passing]| flow.iter().map(|passing| u128::from(passing.time)).sum::<u128>();
            station.laws.held = station.laws.held.wrapping_add(sum(falls)).wrapping_sub(sum(rises));
        }
        if self.most == u32::MAX { Ok(()) } else { self.count(rises, falls, rows) }
    }

    /// Counts who is at each replica: of one instant, those who arrive first.
    fn count(&mut self, rises: &[Passing], mut falls: &[Passing], rows: &Rows) -> Result<(), Doubt> {
        for rise in rises {
            let before = falls.iter().take_while(|fall| fall.time < rise.time).count();
            self.leave(&falls[..before], rows);
            falls = &falls[before..];
            let held = &mut self.held[place(rise, self.seat, rows)];
            *held += 1;
            if *held > self.most {
                return Err(Doubt);
            }
        }
        self.leave(falls, rows);
        Ok(())
    }

    fn leave(&mut self, falls: &[Passing], rows: &Rows) {
        falls.iter().for_each(|fall| self.held[place(fall, self.seat, rows)] -= 1);
    }
}

/// The number of a request's replica.
#[inline]
fn place(passing: &Passing, seat: Option<usize>, rows: &Rows) -> usize {
    seat.map_or(0, |slot| rows.get(passing.row, slot) as usize)
}
