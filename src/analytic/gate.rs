//! Calls that need a connection of a pool or a place of a bulkhead: a queue before the queue of the callee.
//!
//! A connection is held from the sending of a call until its answer. With n of them in use the callee answers at the rate
//! at which it would serve n calls that come round and round (flow-equivalent server: Chandy, Herzog and Woo, 1975); the
//! queue for connections is then a birth-death process with that rate, which stops growing when all are in use (Jacobson
//! and Lazowska, 1982). Without time on the way, with exponential service and one caller, that is exact.

use super::centre::Centre;
use super::moments::Moments;
use super::queue::{self, Offer, Waiting};

/// The connections of one caller.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    /// Calls that come to it, 1/s.
    pub rate: f64,
    /// How many may be under way.
    pub size: u32,
    /// How many may be under way or wait for that.
    pub most: Option<u32>,
    /// How long one waits, s.
    pub limit: Option<f64>,
}

/// The callee: a queue with so many workers, and what a connection is held for beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Callee {
    /// Workers.
    pub workers: u32,
    /// Mean time of one, s.
    pub service: f64,
    /// Time on the way and the like, s.
    pub beside: f64,
}

/// What becomes of calls before the gate and behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed {
    /// The wait for a connection.
    pub gate: Waiting,
    /// The wait at the callee: its mean and its chance.
    pub behind: (f64, f64),
}

/// Chances of numbers at a gate, relative to that of none, and what they bring about behind it.
#[derive(Default)]
struct Sums {
    all: f64,
    served: f64,
    waited: f64,
    found_busy: f64,
}

impl Sums {
    fn add(&mut self, weight: f64, speed: f64, wait: f64, busy: f64) {
        self.all += weight;
        self.served += weight * speed;
        self.waited += weight * speed * wait;
        self.found_busy += weight * speed * busy;
    }

    fn scale(&mut self, by: f64) {
        for part in [&mut self.all, &mut self.served, &mut self.waited, &mut self.found_busy] {
            *part *= by;
        }
    }

    fn behind(&self) -> (f64, f64) {
        if self.served > 0.0 { (self.waited / self.served, self.found_busy / self.served) } else { (0.0, 0.0) }
    }
}

impl Gate {
    /// How many connections there are, in effect.
    pub fn width(&self) -> u32 {
        self.size.min(self.most.unwrap_or(u32::MAX))
    }

    /// How many may wait.
    fn places(&self) -> Option<u32> {
        match self.limit {
            Some(limit) if limit <= 0.0 => Some(0),
            _ => self.most.map(|most| most - self.width()),
        }
    }

    /// Whether it turns anybody away.
    pub fn refuses(&self) -> bool {
        self.places().is_some() || self.limit.is_some()
    }

    /// How long a wait that ends in vain takes.
    fn patience(&self) -> Option<f64> {
        self.limit.filter(|limit| *limit > 0.0 && self.places() != Some(0))
    }

    /// Before a callee that nobody waits at: each connection is a worker for so long. Without a place to wait that is
    /// Erlang's loss system, whatever the distribution of the time; else its variance counts as in M/G/c.
    pub fn before_calm(&self, hold: Moments, gaps: f64) -> Result<Waiting, f64> {
        let is_exponential = (hold.scv() - 1.0).abs() < 1e-9;
        let is_poisson = (gaps - 1.0).abs() < 1e-9;
        let workers = self.width();
        let offer = Offer { rate: self.rate, gaps, is_poisson, work: hold, is_exponential, workers };
        let like = Offer { is_exponential: true, is_poisson: true, ..offer };
        match (self.places(), self.patience()) {
            (Some(places), _) => Ok(spread(queue::birth_death(&like, Some(places), 0.0), &offer)),
            (None, Some(limit)) => Ok(spread(queue::deadline(&like, limit), &offer)),
            (None, None) if offer.utilization() >= 1.0 - 1e-9 => Err(f64::from(workers) / hold.mean),
            (None, None) => Ok(offer.unlimited()),
        }
    }

    /// Before a callee with a queue of its own. `Err`: the rate at which it answers at most, where that is too little.
    pub fn before(&self, callee: &Callee) -> Result<Passed, f64> {
        const RARE: f64 = 1e-13;
        let width = self.width();
        let mut centre = Centre::alone(callee.service, callee.workers.min(width));
        let (mut weight, mut before_last, mut speed, mut wait, mut busy) = (1.0, 0.0, 0.0, 0.0, 0.0);
        let mut sums = Sums { all: 1.0, ..Sums::default() };
        for n in 1..=width {
            busy = centre.busy();
            let residence = centre.residence();
            (speed, wait) = (f64::from(n) / (callee.beside + residence), (residence - callee.service).max(0.0));
            centre.take(speed);
            (before_last, weight) = (weight, weight * self.rate / speed);
            sums.add(weight, speed, wait, busy);
            if weight < RARE * sums.all && speed > self.rate {
                return Ok(Passed { gate: Waiting::NONE, behind: sums.behind() });
            }
            if sums.all > 1e200 {
                [&mut weight, &mut before_last].into_iter().for_each(|part| *part *= 1e-200);
                sums.scale(1e-200);
            }
        }
        let gate = self.queue(speed, (sums.all - weight, before_last), weight)?;
        // As long as anybody waits, all are used.
        let total = (sums.all - weight) / (1.0 - gate.probability).max(1e-9);
        sums.add((total * gate.probability - weight).max(0.0), speed, wait, busy);
        Ok(Passed { gate, behind: sums.behind() })
    }

    /// Those who wait, when all connections in use are answered at the rate `speed`.
    fn queue(&self, speed: f64, below: (f64, f64), full: f64) -> Result<Waiting, f64> {
        let ratio = self.rate / speed;
        match (self.places(), self.patience()) {
            (Some(places), _) => Ok(queue::line(self.rate, speed, (full, below.0 + full), Some(places), 0.0)),
            (None, Some(limit)) => Ok(queue::queue_before(self.rate, speed, below, limit)),
            (None, None) if ratio >= 1.0 - 1e-9 => Err(speed),
            (None, None) => {
                let busy = full / (1.0 - ratio);
                let delay = Moments::exponential((speed - self.rate).recip());
                Ok(Waiting { probability: busy / (below.0 + busy), delay, ..Waiting::NONE })
            }
        }
    }
}

/// A wait by exponential times, for others: as the mean wait of M/G/c.
fn spread(waiting: Waiting, offer: &Offer) -> Waiting {
    let factor = (offer.gaps + offer.work.scv()) / 2.0;
    Waiting { delay: waiting.delay.stretched(factor), ..waiting }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(what: &str, value: f64, exact: f64) {
        assert!((value - exact).abs() <= 1e-6 * exact.abs(), "{what}: {value} is not {exact}");
    }

    fn gate(rate: f64, size: u32) -> Gate {
        Gate { rate, size, most: None, limit: None }
    }

    fn markov(rate: f64, workers: u32) -> Waiting {
        let work = Moments::exponential(0.01);
        Offer { rate, gaps: 1.0, is_poisson: true, work, is_exponential: true, workers }.unlimited()
    }

    #[test]
    fn q16_connections_without_a_place_to_wait() {
        for most in [Gate { limit: Some(0.0), ..gate(800.0, 10) }, Gate { most: Some(10), ..gate(800.0, 10) }] {
            let waiting = most.before_calm(Moments::exponential(0.01), 1.0).unwrap();
            close("refused", waiting.refused, 0.121_661_064_252_952);
        }
    }

    #[test]
    fn as_many_connections_as_workers_are_the_queue_of_the_workers() {
        let callee = Callee { workers: 4, service: 0.01, beside: 0.0 };
        let passed = gate(320.0, 4).before(&callee).unwrap();
        close("wait", passed.gate.mean(), markov(320.0, 4).mean());
        assert_eq!(passed.behind.0, 0.0);
    }

    #[test]
    fn more_connections_than_workers_leave_the_sum_of_both_waits_as_it_is() {
        let all = markov(320.0, 4).mean();
        for size in [5, 8, 20] {
            let passed = gate(320.0, size).before(&Callee { workers: 4, service: 0.01, beside: 0.0 }).unwrap();
            close("wait", passed.gate.mean() + passed.behind.0, all);
            assert!(passed.behind.1 <= markov(320.0, 4).probability);
        }
    }

    #[test]
    fn a_callee_that_nobody_waits_at_is_so_many_workers() {
        let callee = Callee { workers: 100, service: 0.006, beside: 0.004 };
        let (one, two) = (gate(320.0, 4).before(&callee).unwrap(), markov(320.0, 4));
        close("wait", one.gate.mean(), two.mean());
        close("chance", one.gate.probability, two.probability);
        assert_eq!(gate(500.0, 4).before(&callee).unwrap_err(), 400.0);
    }

    #[test]
    fn bounded_waits_lose_what_the_bounded_queue_loses() {
        let callee = Callee { workers: 4, service: 0.01, beside: 0.0 };
        let bulkhead = Gate { most: Some(12), ..gate(400.0, 4) }.before(&callee).unwrap();
        // Q15: M/M/4/12.
        close("refused", bulkhead.gate.refused, 0.089_136_490_250_696_37);
        let behind = Gate { most: Some(12), ..gate(400.0, 8) }.before(&callee).unwrap();
        close("refused", behind.gate.refused, 0.089_136_490_250_696_37);
        let calm = Callee { workers: 9, service: 0.01, beside: 0.0 };
        let limited = Gate { limit: Some(0.05), ..gate(90.0, 1) };
        // R03.
        let (one, two) =
            (limited.before(&calm).unwrap().gate, limited.before_calm(Moments::exponential(0.01), 1.0).unwrap());
        assert!((one.given_up - 0.107_306_209).abs() < 1e-6 && (two.given_up - 0.107_306_209).abs() < 1e-6);
    }
}
