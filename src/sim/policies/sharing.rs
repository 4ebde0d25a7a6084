//! Processor sharing in virtual time: nothing is updated for each job, so no digits are lost.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const FINE: u32 = 24;

/// Jobs that share the workers of a replica. Virtual time is the service that each present job has
/// had so far, in ns × 2^24.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sharing {
    clock: u128,
    last: u64,
    jobs: BinaryHeap<Reverse<(u128, u64, u32)>>,
    arrivals: u64,
}

impl Sharing {
    /// Jobs present.
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Brings virtual time up to `now`; at `workers` 0 it stands still.
    pub fn advance(&mut self, now: u64, workers: u32) {
        let length = u128::from(now - self.last) << FINE;
        let jobs = self.jobs.len() as u128;
        if jobs > 0 {
            self.clock += if jobs <= u128::from(workers) { length } else { length * u128::from(workers) / jobs };
        }
        self.last = now;
    }

    /// Adds a job with so much work; call after [`Self::advance`].
    pub fn add(&mut self, job: u32, work: u64) {
        self.arrivals += 1;
        self.jobs.push(Reverse((self.clock + (u128::from(work) << FINE), self.arrivals, job)));
    }

    /// Removes and returns a job whose work is done, if any.
    pub fn finished(&mut self) -> Option<u32> {
        // Half a nanosecond of service: what rounding of the event's time may have left.
        let reached = self.clock + (1 << (FINE - 1));
        let Reverse((end, _, job)) = *self.jobs.peek()?;
        (end <= reached).then(|| {
            self.jobs.pop();
            job
        })
    }

    /// How long until the next job ends, in ns; `None` without jobs or workers.
    pub fn next_end(&self, workers: u32) -> Option<u64> {
        let Reverse((end, ..)) = self.jobs.peek()?;
        if workers == 0 {
            return None;
        }
        let left = end.saturating_sub(self.clock);
        let jobs = self.jobs.len() as u128;
        let stretched = if jobs <= u128::from(workers) { left } else { (left * jobs).div_ceil(u128::from(workers)) };
        Some((stretched.saturating_add((1 << (FINE - 1)) - 1) >> FINE) as u64)
    }

    /// What is left of each job's work, ns, in order of arrival; call after [`Self::advance`].
    pub fn left(self) -> Vec<(u32, u64)> {
        let left = |end: u128| (end.saturating_sub(self.clock) + (1 << (FINE - 1))) >> FINE;
        let mut jobs: Vec<(u64, u32, u64)> =
            self.jobs.iter().map(|Reverse((end, arrival, job))| (*arrival, *job, left(*end) as u64)).collect();
        jobs.sort_unstable();
        jobs.into_iter().map(|(_, job, left)| (job, left)).collect()
    }

    /// Removes one job, wherever it is.
    pub fn remove(&mut self, job: u32) {
        self.jobs.retain(|Reverse((.., j))| *j != job);
    }
}

#[cfg(test)]
mod tests {
    use super::Sharing;

    /// Case D03: A(0,3) B(1,1) C(1.5,0.5) on one core end at 4.5, 3.5, 3.0.
    #[test]
    fn explicit_jobs_end_when_they_must() {
        const MS: u64 = 1_000_000;
        let mut sharing = Sharing::default();
        let mut ends = Vec::new();
        let mut arrivals = vec![(1500, 2, 500), (1000, 1, 1000), (0, 0, 3000)];
        let mut now = 0;
        loop {
            let end = sharing.next_end(1).map(|d| now + d);
            let arrival = arrivals.last().map(|a| a.0 * MS);
            now = match (end, arrival) {
                (None, None) => break,
                (end, arrival) => end.unwrap_or(u64::MAX).min(arrival.unwrap_or(u64::MAX)),
            };
            sharing.advance(now, 1);
            while let Some(job) = sharing.finished() {
                ends.push((job, now / MS));
            }
            if arrival == Some(now) {
                let (_, job, work) = arrivals.pop().unwrap();
                sharing.add(job, work * MS);
            }
        }
        assert_eq!(ends, [(2, 3000), (1, 3500), (0, 4500)]);
    }

    #[test]
    fn equal_jobs_that_arrive_together_end_together() {
        let mut sharing = Sharing::default();
        (0..100_000).for_each(|job| sharing.add(job, 1_000_003));
        let end = sharing.next_end(1).unwrap();
        assert_eq!(end, 100_000 * 1_000_003);
        sharing.advance(end, 1);
        assert!((0..100_000).all(|job| sharing.finished() == Some(job)));
    }
}
