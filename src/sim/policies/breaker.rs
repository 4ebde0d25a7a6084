//! Circuit breaker: closed, open, half open.

use crate::model::{Breaker, BreakerTrip};
use serde::{Deserialize, Serialize};

const SLICES: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Phase {
    Closed,
    /// Since then.
    Open(u64),
    /// Probes let through, probes that came back well.
    HalfOpen(u32, u32),
}

/// What a breaker says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Goes through.
    Pass,
    /// Goes through and decides about what follows.
    Probe,
    /// Does not go through.
    Refuse,
}

/// State of one breaker. The sliding window is kept in 16 slices of its length.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct BreakerState {
    phase: Phase,
    /// Counts changes of phase, so that late answers of another phase are ignored.
    pub epoch: u8,
    in_a_row: u32,
    /// The slice that is counted in, when it ends, of which window, and what all of that has: calls and failures.
    slice: u64,
    slice_ends: u64,
    window: u64,
    inside: (u32, u32),
    slices: [(u64, u32, u32); SLICES],
}

impl Default for BreakerState {
    fn default() -> Self {
        Self {
            phase: Phase::Closed,
            epoch: 0,
            in_a_row: 0,
            slice: 0,
            slice_ends: 0,
            window: 0,
            inside: (0, 0),
            slices: [(u64::MAX, 0, 0); SLICES],
        }
    }
}

impl BreakerState {
    /// Asks for passage at `now`. A call exactly at the end of `open` is a probe.
    pub fn ask(&mut self, rule: &Breaker, now: u64) -> Verdict {
        if let Phase::Open(since) = self.phase {
            if now < since.saturating_add(rule.open.0) {
                return Verdict::Refuse;
            }
            self.enter(Phase::HalfOpen(0, 0));
        }
        match &mut self.phase {
            Phase::HalfOpen(sent, _) if *sent < rule.half_open.max(1) => {
                *sent += 1;
                Verdict::Probe
            }
            Phase::HalfOpen(..) => Verdict::Refuse,
            _ => Verdict::Pass,
        }
    }

    /// A call that went through in `epoch` came back; returns whether the breaker opened by it.
    pub fn report(&mut self, rule: &Breaker, now: u64, epoch: u8, ok: bool) -> bool {
        if epoch != self.epoch {
            return false;
        }
        match self.phase {
            Phase::Open(_) => false,
            Phase::HalfOpen(sent, good) => self.probed(rule, now, sent, good, ok),
            Phase::Closed => self.counted(rule, now, ok),
        }
    }

    /// A probe will never come back: another may take its place.
    pub fn withdraw(&mut self, epoch: u8) {
        if let (true, Phase::HalfOpen(sent, _)) = (epoch == self.epoch, &mut self.phase) {
            *sent = sent.saturating_sub(1);
        }
    }

    fn probed(&mut self, rule: &Breaker, now: u64, sent: u32, good: u32, ok: bool) -> bool {
        if !ok {
            self.enter(Phase::Open(now));
            return true;
        }
        let good = good + 1;
        self.phase = Phase::HalfOpen(sent, good);
        if good >= rule.half_open.max(1) {
            self.enter(Phase::Closed);
        }
        false
    }

    fn counted(&mut self, rule: &Breaker, now: u64, ok: bool) -> bool {
        let trips = match rule.trip {
            BreakerTrip::Consecutive(n) => {
                self.in_a_row = if ok { 0 } else { self.in_a_row + 1 };
                self.in_a_row >= n.max(1)
            }
            BreakerTrip::ErrorShare { share, window, min_calls } => {
                let (calls, failures) = self.slide(window.0, now, ok);
                !ok && calls >= min_calls && f64::from(failures) >= share * f64::from(calls)
            }
        };
        if trips {
            self.enter(Phase::Open(now));
        }
        trips
    }

    /// Adds a result to the window; returns the calls and failures in it.
    #[inline]
    fn slide(&mut self, window: u64, now: u64, ok: bool) -> (u32, u32) {
        if now >= self.slice_ends || window != self.window {
            self.next_slice(window, now);
        }
        let current = &mut self.slices[(self.slice % SLICES as u64) as usize];
        let failed = u32::from(!ok);
        (current.1, current.2) = (current.1 + 1, current.2 + failed);
        self.inside = (self.inside.0 + 1, self.inside.1 + failed);
        self.inside
    }

    /// Another slice begins, and what is too old is forgotten.
    #[inline(never)]
    fn next_slice(&mut self, window: u64, now: u64) {
        let length = (window / SLICES as u64).max(1);
        let slice = now / length;
        (self.slice, self.slice_ends, self.window) = (slice, (slice + 1).saturating_mul(length), window);
        let current = &mut self.slices[(slice % SLICES as u64) as usize];
        if current.0 != slice {
            *current = (slice, 0, 0);
        }
        let inside = self.slices.iter().filter(|s| s.0 != u64::MAX && s.0 + SLICES as u64 > slice);
        self.inside = inside.fold((0, 0), |sum, s| (sum.0 + s.1, sum.1 + s.2));
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.epoch = self.epoch.wrapping_add(1);
        self.in_a_row = 0;
        (self.slice_ends, self.inside) = (0, (0, 0));
        self.slices = [(u64::MAX, 0, 0); SLICES];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Duration;

    /// Case D09.
    #[test]
    fn opens_after_three_failures_and_probes_at_the_end_of_open() {
        let rule = Breaker { trip: BreakerTrip::Consecutive(3), open: Duration(10), half_open: 1 };
        let mut breaker = BreakerState::default();
        let mut passed = Vec::new();
        for now in 0..30 {
            if breaker.ask(&rule, now) != Verdict::Refuse {
                passed.push(now);
                let epoch = breaker.epoch;
                breaker.report(&rule, now, epoch, now >= 15);
            }
        }
        assert_eq!(passed, [0, 1, 2, 12, 22, 23, 24, 25, 26, 27, 28, 29]);
    }

    #[test]
    fn half_open_lets_no_more_than_its_probes_through() {
        let rule = Breaker { trip: BreakerTrip::Consecutive(1), open: Duration(10), half_open: 2 };
        let mut breaker = BreakerState::default();
        assert!(breaker.report(&rule, 0, 0, false));
        let verdicts: Vec<Verdict> = (0..3).map(|_| breaker.ask(&rule, 10)).collect();
        assert_eq!(verdicts, [Verdict::Probe, Verdict::Probe, Verdict::Refuse]);
        let epoch = breaker.epoch;
        breaker.report(&rule, 11, epoch, true);
        assert_eq!(breaker.ask(&rule, 11), Verdict::Refuse);
        breaker.report(&rule, 12, epoch, true);
        assert_eq!(breaker.ask(&rule, 12), Verdict::Pass);
    }

    #[test]
    fn the_window_forgets() {
        let trip = BreakerTrip::ErrorShare { share: 0.5, window: Duration(1600), min_calls: 4 };
        let rule = Breaker { trip, open: Duration(10), half_open: 1 };
        let mut breaker = BreakerState::default();
        assert!((0..3).all(|now| !breaker.report(&rule, now, 0, false)));
        assert!(!breaker.report(&rule, 5000, 0, false), "the first three are long gone");
    }
}
