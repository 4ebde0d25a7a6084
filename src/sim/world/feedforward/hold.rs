//! Workers that are held during calls.

use super::flow::{Passing, Rows};
use super::line::Tide;
use super::trial::Trial;
use super::{Window, World};
use crate::sim::world::foresight::Doubt;

/// The workers of a station that are held from the arrival of a request until it leaves. There must always be enough:
/// whoever waits for one waits for the calls of others, which is feedback.
#[derive(Debug)]
pub(super) struct Hold {
    station: usize,
    /// Of each replica.
    workers: u32,
    /// How many are there when another one has arrived.
    trial: Trial,
    /// Where each request keeps which replica it is at; none where there is but one.
    seat: Option<usize>,
    held: Vec<u32>,
}

impl Hold {
    pub fn new(world: &World<'_>, station: usize, seat: Option<usize>) -> Self {
        let at = &world.stations[station];
        let (workers, held) = (at.params.workers, vec![0; at.replicas.len()]);
        Self { station, workers, trial: Trial::new(world), seat, held }
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
        if self.workers == u32::MAX { Ok(()) } else { self.count(rises, falls, rows) }
    }

    /// Counts who is at each replica: of one instant, those who arrive first.
    fn count(&mut self, rises: &[Passing], mut falls: &[Passing], rows: &Rows) -> Result<(), Doubt> {
        let mut sum = 0;
        for rise in rises {
            let before = falls.iter().take_while(|fall| fall.time < rise.time).count();
            self.leave(&falls[..before], rows);
            falls = &falls[before..];
            let held = &mut self.held[place(rise, self.seat, rows)];
            *held += 1;
            if *held > self.workers {
                return Err(Doubt);
            }
            sum += u64::from(*held);
        }
        self.leave(falls, rows);
        let workers = f64::from(self.workers);
        self.trial.add(rises.len() as u64, sum as f64, |mean| tail(mean, workers))
    }

    fn leave(&mut self, falls: &[Passing], rows: &Rows) {
        falls.iter().for_each(|fall| self.held[place(fall, self.seat, rows)] -= 1);
    }
}

/// The chance that a Poisson variable of this mean is at least `n`, roughly: so many are present where nobody ever waits
/// (M/G/infinity). By Chernoff's bound and Stirling's formula.
fn tail(mean: f64, n: f64) -> f64 {
    if mean >= n { 1.0 } else { (n - mean + n * (mean / n).ln()).exp() / (std::f64::consts::TAU * n).sqrt() }
}

/// The number of a request's replica.
#[inline]
fn place(passing: &Passing, seat: Option<usize>, rows: &Rows) -> usize {
    seat.map_or(0, |slot| rows.get(passing.row, slot) as usize)
}
