//! Hedged calls (Dean and Barroso, The Tail at Scale, 2013): a second copy of a call that takes long.
//!
//! Both copies are attempts of one call, each with a timeout, a connection and a place in the breaker's
//! books of its own. The first success is the call's; a copy that fails while the other is under way is
//! dropped, and the call fails as the last of them. The loser is taken back where a timeout would be
//! (`cancel`), else it goes on for nobody.

use super::World;
use super::frame::*;
use super::{Kind, payload};
use crate::model::{Balance, Hedge};
use crate::sim::kernel::NONE;
use crate::sim::policies::balance;
use serde::{Deserialize, Serialize};

/// First copies that the first estimate of a quantile takes, and every later one.
const FIRST: usize = 100;
const BLOCK: usize = 1000;

/// What a slot knows of the other copy of its call.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Race {
    /// Sequence of the event that sends the second copy, or calls off the slower one; 0: none.
    timer: u32,
    /// The other copy.
    other: u32,
    /// When this one was sent.
    sent: u64,
    /// Whether this one is the second.
    second: bool,
    /// Whether the other has answered.
    lost: bool,
}

const NO_RACE: Race = Race { timer: 0, other: NONE, sent: 0, second: false, lost: false };

/// How long the first copies of a relation take: a quantile of the last thousand of them, the first time of a
/// hundred. A first copy that lost counts with the time at which it was called off. That is too short, but it is
/// beyond the wait for the second copy, and so it does not move the quantile which sets that wait.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Quantile {
    block: Vec<u64>,
    /// The last estimate, ns; none before the first hundred.
    estimate: Option<u64>,
}

impl Quantile {
    fn add(&mut self, time: u64, p: f64) {
        self.block.push(time);
        let full = if self.estimate.is_none() { FIRST } else { BLOCK };
        if self.block.len() < full {
            return;
        }
        // The r-th of n leaves 1 - r/(n+1) above it on average.
        let rank = ((p * (full + 1) as f64).ceil() as usize).clamp(1, full);
        let (_, at, _) = self.block.select_nth_unstable(rank - 1);
        self.estimate = Some(*at);
        self.block.clear();
    }
}

impl World<'_> {
    fn race(&mut self, frame: u32) -> &mut Race {
        let at = frame as usize;
        if self.races.len() <= at {
            self.races.resize(at + 1, NO_RACE);
        }
        &mut self.races[at]
    }

    /// Whether this attempt is the second copy of a call.
    pub(super) fn is_second(&self, frame: u32) -> bool {
        is_second(&self.races, frame)
    }

    /// An attempt of a hedged relation is sent: the second copy will be after its time.
    pub(super) fn plan_hedge(&mut self, n: usize, frame: u32) {
        let Some(rule) = self.links[n].params.hedge else { return };
        let now = self.now;
        self.race(frame).sent = now;
        let wait = match rule {
            Hedge::After(wait) => Some(wait.0),
            Hedge::AfterQuantile(_) => self.links[n].quantile.estimate,
        };
        if let (Some(wait), false) = (wait, self.is_second(frame)) {
            let timer = self.heap.push(now.saturating_add(wait), payload(Kind::Hedge, frame));
            self.race(frame).timer = timer;
        }
    }

    /// A call has not been answered in time, or was answered to its other copy.
    pub(super) fn hedge_event(&mut self, frame: u32, sequence: u32) {
        let race = *self.race(frame);
        if race.timer != sequence {
            return;
        }
        self.race(frame).timer = 0;
        if race.lost { self.call_off(frame) } else { self.hedge(frame) }
    }

    /// Sends the second copy.
    fn hedge(&mut self, frame: u32) {
        let slot = self.frames[frame];
        if self.abandonment && self.is_abandoned(frame) {
            return;
        }
        let Frame { parent, parent_generation, caller, request, depth, op, link, station, .. } = slot;
        let flags = slot.flags & (MEASURED | FALLBACK);
        let copy = self.frames.take(Frame::FRESH);
        let call = Call { parent, parent_generation, caller, replica: NONE, request, flags, depth };
        self.frames[copy].begin(call, slot.started, [op, link, station]);
        self.frames[copy].attempt = slot.attempt;
        if let Some(wait) = self.waits.get(&frame).copied() {
            self.waits.insert(copy, wait);
        }
        *self.race(copy) = Race { other: frame, second: true, ..NO_RACE };
        self.race(frame).other = copy;
        let link = &mut self.links[link as usize];
        link.tally.hedges += u64::from(slot.is(MEASURED));
        link.second[7] += 1;
        self.make_attempt(copy);
    }

    /// An attempt has ended as `outcome`. Whether another copy of its call is still under way, so that this one is
    /// to be dropped.
    pub(super) fn leave_race(&mut self, n: usize, frame: u32, outcome: Outcome) -> bool {
        let race = std::mem::replace(self.race(frame), NO_RACE);
        self.sample(n, race, outcome);
        if race.other == NONE {
            return race.lost;
        }
        self.race(race.other).other = NONE;
        if outcome == Outcome::Success {
            // By an event of its own: a step of the loser's may be ready just now.
            let timer = self.heap.push(self.now, payload(Kind::Hedge, race.other));
            let loser = self.race(race.other);
            (loser.timer, loser.lost) = (timer, true);
        }
        outcome != Outcome::Success
    }

    /// The time of a first copy: to its success, or to when it was given up.
    fn sample(&mut self, n: usize, race: Race, outcome: Outcome) {
        let counts = matches!(outcome, Outcome::Success | Outcome::Timeout) && !race.second;
        if let (true, Some(Hedge::AfterQuantile(p))) = (counts, self.links[n].params.hedge) {
            let time = self.now - race.sent;
            self.links[n].quantile.add(time, p);
        }
    }

    /// The other copy was faster.
    fn call_off(&mut self, frame: u32) {
        let n = self.link_of(frame);
        let race = std::mem::replace(self.race(frame), NO_RACE);
        self.sample(n, race, Outcome::Timeout);
        let state = self.frames[frame].state;
        self.links[n].open -= 1;
        if state == State::Pooled {
            self.leave_pool_queue(n, frame);
        }
        // Neither a success nor a failure to its breaker.
        self.release(n, frame, Outcome::Refused);
        let at_callee = state.at_callee();
        self.abandonment |= at_callee;
        if at_callee && !self.links[n].params.cancel {
            self.frames[frame].mark(ORPHAN, true);
            return;
        }
        if at_callee {
            self.withdraw(frame);
        }
        self.free(frame);
    }

    /// A replica other than the one that has the first copy, if there are others.
    pub(super) fn elsewhere(&mut self, s: usize, frame: u32, picked: u32) -> u32 {
        let other = self.race(frame).other;
        let taken = if other == NONE { NONE } else { self.frames[other].replica };
        if picked != taken || self.known(s, frame).len() < 2 {
            return picked;
        }
        let rule = self.stations[s].params.balance;
        let key = if rule == Balance::ConsistentHash { self.key_of(s, frame) } else { 0 };
        let others: Vec<u32> = self.known(s, frame).iter().copied().filter(|replica| *replica != taken).collect();
        let station = &mut self.stations[s];
        let replicas = &self.replicas;
        let score = |r: u32| balance::hash(key, u64::from(replicas[r as usize].ordinal));
        let present = |r: u32| replicas[r as usize].present;
        balance::pick(rule, &others, score, &mut station.turn, &mut station.streams.balance, present).unwrap_or(picked)
    }
}

/// Whether this attempt is the second copy of a call.
pub(super) fn is_second(races: &[Race], frame: u32) -> bool {
    races.get(frame as usize).is_some_and(|race| race.second)
}
