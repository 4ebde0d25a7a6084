//! What a request calls: its program, op by op.

use super::World;
use super::frame::*;

/// Calls within calls along cycles at most; deeper ones are not made.
pub(super) const DEEPEST: u8 = 64;

impl World<'_> {
    /// Makes the next calls of a request, or ends it.
    pub(super) fn proceed(&mut self, frame: u32) {
        loop {
            let slot = &self.frames[frame];
            let span = self.program.ops[slot.op as usize].callee;
            let at = span.start + u32::from(slot.pc);
            if slot.is(FAILED) {
                // A source fails as its call did; a station that could not go on answers with an error.
                let outcome = if self.is_group(frame) { slot.outcome } else { Outcome::Error };
                if !self.sagas.is_empty() && self.compensates(frame) {
                    return;
                }
                return self.finish(frame, outcome);
            }
            if at >= span.end {
                return self.finish(frame, Outcome::Success);
            }
            let op = &self.program.ops[at as usize];
            let (parallel, asynchronous) = (op.parallel, op.asynchronous);
            let left = slot.left;
            let calls = if left > 0 { left } else { self.times(at, frame) };
            if calls == 0 || asynchronous {
                self.skip(frame);
                self.launch_all(frame, at, calls, false);
            } else if parallel {
                self.fork(frame, at, calls);
                return;
            } else {
                return self.call(frame, at, calls);
            }
        }
    }

    fn skip(&mut self, frame: u32) {
        self.frames[frame].pc += 1;
        self.frames[frame].left = 0;
    }

    /// One call; `calls - 1` of the same follow.
    #[inline(always)]
    fn call(&mut self, frame: u32, at: u32, calls: u32) {
        let op = &self.program.ops[at as usize];
        let (goto, forward) = if op.special { (op.goto, op.forward) } else { (None, false) };
        let slot = &mut self.frames[frame];
        slot.left = calls - 1;
        slot.children = 1;
        if slot.left == 0 {
            slot.pc += 1;
            if let Some((up, place)) = goto {
                self.go_to(frame, up, place);
            }
        }
        if forward {
            self.hand_on(frame);
        }
        self.launch(frame, at, true, 0);
    }

    /// What follows is another call than the next, of this caller or of one `up`: those between are done then.
    fn go_to(&mut self, mut frame: u32, up: u8, place: u16) {
        for _ in 0..up {
            let span = self.program.ops[self.frames[frame].op as usize].callee;
            self.frames[frame].pc = (span.end - span.start) as u16;
            // Nobody waits for a message but its queue.
            let slot = &self.frames[frame];
            if slot.parent >= ROOT || slot.is(DELIVERY) || self.is_abandoned(frame) {
                return;
            }
            frame = self.frames[frame].parent;
        }
        (self.frames[frame].pc, self.frames[frame].left) = (place, 0);
    }

    /// The request goes on elsewhere: the station has done its part.
    fn hand_on(&mut self, frame: u32) {
        if !self.is_group(frame) {
            let s = self.station_of(frame);
            self.release_worker(s, frame);
            self.disappear(s, frame, true);
        }
    }

    /// All calls of this op and of the parallel ones that follow it, side by side.
    fn fork(&mut self, frame: u32, at: u32, calls: u32) {
        self.branch(frame, at, calls);
        let end = self.program.ops[self.frames[frame].op as usize].callee.end;
        let mut next = at + 1;
        while next < end && self.program.ops[next as usize].parallel && !self.program.ops[next as usize].asynchronous {
            let calls = self.times(next, frame);
            self.branch(frame, next, calls);
            next += 1;
        }
    }

    fn branch(&mut self, frame: u32, at: u32, calls: u32) {
        self.skip(frame);
        self.frames[frame].children += calls;
        self.launch_all(frame, at, calls, true);
    }

    fn launch_all(&mut self, frame: u32, at: u32, calls: u32, waited: bool) {
        for _ in 0..calls {
            self.launch(frame, at, waited, 0);
        }
    }

    /// One of the calls that a request waits for has ended.
    #[inline(always)]
    pub(super) fn child_done(&mut self, frame: u32, outcome: Outcome) {
        let slot = &mut self.frames[frame];
        let op = &self.program.ops[slot.op as usize];
        if op.special && op.quorum.is_some() {
            return self.count_reply(frame, outcome);
        }
        slot.children -= 1;
        if outcome != Outcome::Success {
            slot.mark(FAILED, true);
            slot.outcome = outcome;
        }
        if slot.children > 0 {
            return;
        }
        let is_last = u32::from(slot.pc) >= op.callee.end - op.callee.start;
        if is_last && !slot.is(FAILED) { self.finish(frame, Outcome::Success) } else { self.proceed(frame) }
    }

    /// How many times a call is made for this request.
    #[inline(always)]
    fn times(&mut self, at: u32, frame: u32) -> u32 {
        let op = &self.program.ops[at as usize];
        let endless = op.cyclic && op.closes_cycle && self.is_inside(frame, op.station);
        if self.frames[frame].depth >= DEEPEST || endless {
            return 0;
        }
        let op = &mut self.program.ops[at as usize];
        if op.probability < 1.0 && !op.choice.chance(op.probability) {
            return 0;
        }
        match op.repeat {
            _ if !op.special => op.calls,
            Some(mean) if mean > 1.0 => op.calls.saturating_mul(geometric(mean, op.choice.uniform())),
            _ => op.calls,
        }
    }

    /// Whether the request, or one above it, is at this station.
    fn is_inside(&self, mut frame: u32, station: u32) -> bool {
        loop {
            let slot = &self.frames[frame];
            if slot.station == station {
                return true;
            }
            if slot.parent >= ROOT || self.is_abandoned(frame) {
                return false;
            }
            frame = slot.parent;
        }
    }
}

/// A number from 1 with this mean, by inversion.
pub(super) fn geometric(mean: f64, u: f64) -> u32 {
    if mean <= 1.0 {
        return 1;
    }
    let more = (u.ln() / (1.0 - 1.0 / mean).ln()).floor();
    1 + more.min(1e6) as u32
}
