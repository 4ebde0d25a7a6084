//! The caller's side of a call: attempts, timeouts, retries, fallback.

use super::frame::*;
use super::hedging;
use super::parts::Link;
use super::{Kind, World, payload, schedule};
use crate::model::{Backoff, Jitter, RetryOn};
use crate::sim::compile::Op;
use crate::sim::kernel::{Expiry, NONE};
use crate::sim::policies::backoff;
use crate::sim::policies::breaker::Verdict;
use crate::sim::policies::guard::Guard;

/// Flags that belong to one attempt and not to the call.
const OF_ATTEMPT: u16 =
    HOLDS | ORPHAN | COUNTED | PRIMARY | HIT | FAILED | PROBE | ADMITTED | PAUSED | PRESENT | INTERRUPTED | INBOUND;

impl World<'_> {
    /// Makes the call `op` from the program of `parent`; not `waited` for when asynchronous. Such of
    /// `flags` are set as belong to a call.
    #[inline(always)]
    pub(super) fn launch(&mut self, parent: u32, op: u32, waited: bool, flags: u16) {
        self.begin_call(self.call_from(parent, op, waited, flags), op);
    }

    /// What the call `op` from the program of `parent` brings along.
    #[inline(always)]
    pub(super) fn call_from(&self, parent: u32, op: u32, waited: bool, flags: u16) -> Call {
        let above = &self.frames[parent];
        let Op { station, cyclic, .. } = self.program.ops[op as usize];
        Call {
            parent: if waited { parent } else { DETACHED },
            parent_generation: above.generation,
            request: above.request,
            depth: above.depth.saturating_add(u8::from(cyclic)),
            flags: above.flags & PRIMARY | flags,
            caller: self.replicas.get(above.replica as usize).map_or(0, |at| at.ordinal),
            // A group is its caller in all but name.
            replica: if station == NONE { above.replica } else { NONE },
        }
    }

    /// Takes a slot for a call and makes its first attempt. Without network time it arrives at once:
    /// that is as deep as this goes, for whatever comes next is a step of its own.
    pub(super) fn begin_call(&mut self, call: Call, op: u32) {
        let (now, measured) = (self.now, self.is_measured());
        let Self { frames, links, program, .. } = self;
        let frame = frames.take(Frame::FRESH);
        let slot = &mut frames[frame];
        let Op { link, station, .. } = program.ops[op as usize];
        let flags = call.flags | if measured { MEASURED } else { 0 };
        slot.begin(Call { flags, ..call }, now, [op, link, station]);
        let calls = links.get_mut(link as usize);
        if let Some(calls) = calls {
            calls.note_call(measured);
            if station != NONE {
                return self.make_attempt(frame);
            }
        }
        // A group ends by its members, which may be none: that is a step of its own.
        self.after(0, Kind::Attempt, frame);
    }

    pub(super) fn link_of(&self, frame: u32) -> usize {
        self.frames[frame].link as usize
    }

    /// A frame tries again, or falls back.
    pub(super) fn attempt(&mut self, frame: u32) {
        self.frames[frame].state = State::New;
        if self.abandonment && self.is_abandoned(frame) {
            return self.free(frame);
        }
        if self.is_group(frame) {
            return self.open_group(frame);
        }
        self.make_attempt(frame);
    }

    /// Asks breaker, bulkhead and pool, then sends.
    #[inline(always)]
    pub(super) fn make_attempt(&mut self, frame: u32) {
        let slot = &self.frames[frame];
        let n = slot.link as usize;
        let link = &mut self.links[n];
        link.note_attempt(slot);
        if !link.careful || self.is_let_through(n, frame) {
            self.send(n, frame);
        }
    }

    /// Sets the timer; whether the attempt may go now.
    fn is_let_through(&mut self, n: usize, frame: u32) -> bool {
        let (timeout, guarded) = (self.links[n].params.timeout, self.links[n].params.guarded);
        if let Some(timeout) = timeout {
            self.arm(n, frame, timeout);
        }
        !guarded || self.admit(n, frame)
    }

    fn arm(&mut self, n: usize, frame: u32, timeout: u64) {
        let Self { heap, links, frames, .. } = self;
        let (sequence, time) = (heap.reserve(), self.now.saturating_add(timeout));
        let timer = Expiry { time, sequence, slot: frame, generation: frames[frame].generation };
        let Link { timers, open, .. } = &mut links[n];
        if timers.push(timer, *open as usize - 1, |t| frames[t.slot].generation == t.generation) {
            heap.push_at(time, sequence, payload(Kind::Timeout, n as u32));
        }
    }

    /// The first timer of a relation may have expired.
    pub(super) fn expire(&mut self, link: u32, sequence: u32) {
        let n = link as usize;
        let Self { heap, links, frames, .. } = self;
        let is_live = |t: &Expiry| frames[t.slot].generation == t.generation;
        let (due, next) = links[n].timers.happen((self.now, sequence), is_live);
        if let Some((time, sequence)) = next {
            heap.push_at(time, sequence, payload(Kind::Timeout, link));
        }
        match due {
            Some(timer) => self.timed_out(n, timer.slot),
            // Nothing has happened.
            None => self.record.events -= 1,
        }
    }

    fn guard(&mut self, n: usize, frame: u32) -> &mut Guard {
        guard_of(&mut self.links[n].guards, self.frames[frame].caller)
    }

    /// Whether the attempt may go now; if not it is refused or waits for a connection.
    fn admit(&mut self, n: usize, frame: u32) -> bool {
        let now = self.now;
        let Self { links, frames, races, .. } = self;
        let (Link { params, guards, faults, .. }, slot) = (&mut links[n], &mut frames[frame]);
        let guard = guard_of(guards, slot.caller);
        if let Some(share) = params.retry.as_ref().and_then(|retry| retry.budget)
            && slot.attempt == 0
            && !hedging::is_second(races, frame)
        {
            guard.deposit(share);
        }
        let verdict = params.breaker.as_ref().map_or(Verdict::Pass, |rule| guard.breaker.ask(rule, now));
        let epoch = guard.breaker.epoch;
        let full = params.bulkhead.is_some_and(|most| guard.in_use + guard.waiting >= most);
        if verdict == Verdict::Refuse || full {
            if verdict == Verdict::Probe {
                guard.breaker.withdraw(epoch);
            }
            self.refuse(frame);
            return false;
        }
        slot.epoch = epoch;
        slot.mark(PROBE, verdict == Verdict::Probe);
        if faults.drained || params.pool.as_ref().is_some_and(|pool| guard.in_use >= pool.size) {
            let wait = params.pool.and_then(|pool| pool.wait);
            self.wait_for_connection(n, frame, wait.map(|d| d.0));
            return false;
        }
        guard.in_use += 1;
        slot.mark(ADMITTED, true);
        if params.hedge.is_some() {
            self.plan_hedge(n, frame);
        }
        true
    }

    fn refuse(&mut self, frame: u32) {
        self.forget_inbound(frame);
        self.frames[frame].outcome = Outcome::Refused;
        self.frames[frame].state = State::Replying;
        self.after(0, Kind::Answered, frame);
    }

    fn wait_for_connection(&mut self, n: usize, frame: u32, wait: Option<u64>) {
        if wait == Some(0) {
            return self.refuse(frame);
        }
        let guard = self.guard(n, frame);
        guard.waiting += 1;
        let last = std::mem::replace(&mut guard.tail, frame);
        if last == NONE {
            guard.head = frame
        } else {
            self.frames[last].next = frame
        }
        let slot = &mut self.frames[frame];
        (slot.state, slot.prev, slot.next) = (State::Pooled, last, NONE);
        if let Some(wait) = wait {
            self.after(wait, Kind::Impatient, frame);
        }
    }

    pub(super) fn leave_pool_queue(&mut self, n: usize, frame: u32) {
        let (prev, next) = (self.frames[frame].prev, self.frames[frame].next);
        if prev != NONE {
            self.frames[prev].next = next;
        }
        if next != NONE {
            self.frames[next].prev = prev;
        }
        let guard = self.guard(n, frame);
        guard.waiting -= 1;
        if prev == NONE {
            guard.head = next;
        }
        if next == NONE {
            guard.tail = prev;
        }
        self.frames[frame].pending = 0;
    }

    /// It has waited long enough: for a connection, or in a queue.
    pub(super) fn impatient(&mut self, frame: u32) {
        match self.frames[frame].state {
            State::Pooled => {
                let n = self.link_of(frame);
                self.leave_pool_queue(n, frame);
                self.refuse(frame);
            }
            State::Queued => {
                self.withdraw(frame);
                self.reply(frame, Outcome::Timeout);
            }
            _ => {}
        }
    }

    /// Sends the attempt on its way.
    #[inline(always)]
    fn send(&mut self, n: usize, frame: u32) {
        let (slot, link) = (&mut self.frames[frame], &mut self.links[n]);
        link.note_sent(slot);
        slot.state = State::Sent;
        match link.steady {
            Some(0) => self.arrive(frame),
            Some(delay) => self.after(delay, Kind::Arrive, frame),
            None => self.send_by_chance(n, frame),
        }
    }

    /// Sends where chance or a fault has a say in how long it takes.
    #[inline(never)]
    fn send_by_chance(&mut self, n: usize, frame: u32) {
        if self.links[n].doubles() {
            self.double(frame);
        }
        match self.links[n].delay_of_request() {
            None => self.lose(frame),
            Some(0) => self.arrive(frame),
            Some(delay) => self.after(delay, Kind::Arrive, frame),
        }
    }

    /// A message is lost: the caller learns of it when it gives up, or at once if it never would.
    fn lose(&mut self, frame: u32) {
        let n = self.link_of(frame);
        self.forget_inbound(frame);
        self.frames[frame].state = State::Lost;
        if self.links[n].params.timeout.is_none() {
            self.frames[frame].outcome = Outcome::Error;
            self.frames[frame].state = State::Replying;
            self.after(0, Kind::Answered, frame);
        }
    }

    /// The callee has answered; sends the reply on its way.
    #[inline(always)]
    pub(super) fn reply(&mut self, frame: u32, outcome: Outcome) {
        let Self { frames, links, heap, ready, now, .. } = self;
        let slot = &mut frames[frame];
        if slot.is(ORPHAN) {
            return self.free(frame);
        }
        slot.outcome = outcome;
        let link = &mut links[slot.link as usize];
        let Some(delay) = link.steady.or_else(|| link.delay_of_reply()) else { return self.lose(frame) };
        slot.state = State::Replying;
        schedule(heap, ready, *now, (slot, frame), delay, Kind::Answered);
    }

    /// The reply, or a refusal, has reached the caller.
    pub(super) fn answered(&mut self, frame: u32) {
        let slot = &mut self.frames[frame];
        let (n, outcome) = (slot.link as usize, slot.outcome);
        // Voids the timer of this attempt.
        slot.generation = slot.generation.wrapping_add(1);
        let link = &mut self.links[n];
        link.open -= 1;
        if link.careful && link.params.guarded {
            self.release(n, frame, outcome);
            if !self.races.is_empty() && self.leave_race(n, frame, outcome) {
                self.count_failure(n, frame, outcome);
                return self.free(frame);
            }
        }
        if self.abandonment && self.is_abandoned(frame) {
            return self.free(frame);
        }
        if outcome == Outcome::Success { self.complete(frame, outcome) } else { self.failed(n, frame, outcome) }
    }

    /// Gives back what the attempt holds of its caller's pool, and tells the breaker.
    pub(super) fn release(&mut self, n: usize, frame: u32, outcome: Outcome) {
        let now = self.now;
        let Self { links, frames, .. } = self;
        let (Link { params, guards, .. }, slot) = (&mut links[n], &mut frames[frame]);
        let (admitted, probe) = (slot.is(ADMITTED), slot.is(PROBE));
        slot.mark(ADMITTED | PROBE, false);
        let guard = guard_of(guards, slot.caller);
        guard.in_use -= u32::from(admitted);
        let waits = guard.head != NONE;
        let mut opened = None;
        if let Some(rule) = &params.breaker {
            if admitted && outcome != Outcome::Refused {
                let opens = guard.breaker.report(rule, now, slot.epoch, outcome == Outcome::Success);
                opened = opens.then_some(rule.open.0);
            } else if probe {
                guard.breaker.withdraw(slot.epoch);
            }
        }
        if let Some(open) = opened {
            self.breaker_opened(n, open);
        }
        if admitted && waits {
            self.next_connection(n, frame);
        }
    }

    fn breaker_opened(&mut self, n: usize, open: u64) {
        let (from, until) = (self.now.max(self.from), self.now.saturating_add(open).min(self.until));
        self.links[n].tally.open += u128::from(until.saturating_sub(from));
    }

    /// A connection is free: the first that waits for one gets it.
    fn next_connection(&mut self, n: usize, like: u32) {
        let size = self.links[n].pool().map_or(u32::MAX, |pool| pool.size);
        while self.guard(n, like).in_use < size {
            let next = self.guard(n, like).head;
            if next == NONE {
                return;
            }
            self.leave_pool_queue(n, next);
            if self.abandonment && self.is_abandoned(next) {
                self.discard(n, next);
                continue;
            }
            self.guard(n, like).in_use += 1;
            self.frames[next].mark(ADMITTED, true);
            self.plan_hedge(n, next);
            self.send(n, next);
        }
    }

    /// Connections may be free for those who wait: a fault has ended, or has changed the pool.
    pub(super) fn offer_connections(&mut self) {
        for n in 0..self.links.len() {
            for caller in 0..self.links[n].guards.len() {
                let first = self.links[n].guards[caller].head;
                if first != NONE {
                    self.next_connection(n, first);
                }
            }
        }
    }

    /// An attempt that was not sent yet and that nobody waits for any more.
    fn discard(&mut self, n: usize, frame: u32) {
        self.forget_inbound(frame);
        self.links[n].open -= 1;
        if !self.races.is_empty() {
            self.leave_race(n, frame, Outcome::Refused);
        }
        if self.frames[frame].is(PROBE) {
            let epoch = self.frames[frame].epoch;
            self.guard(n, frame).breaker.withdraw(epoch);
        }
        self.free(frame);
    }

    /// The caller gives up on an attempt.
    fn timed_out(&mut self, n: usize, frame: u32) {
        if self.frames[frame].is(ORPHAN) {
            // The slower copy of a hedged call: nobody waits for it.
            return;
        }
        let state = self.frames[frame].state;
        let abandoned = self.is_abandoned(frame);
        let link = &mut self.links[n];
        link.open -= 1;
        link.second[2] += 1;
        link.tally.timeouts += u64::from(self.frames[frame].is(MEASURED));
        if state == State::Pooled {
            self.leave_pool_queue(n, frame);
            self.forget_inbound(frame);
        }
        if self.links[n].params.guarded {
            self.release(n, frame, Outcome::Timeout);
        }
        let hedged = !self.races.is_empty() && self.leave_race(n, frame, Outcome::Timeout);
        let at_callee = state.at_callee();
        let goes_on = at_callee && !self.links[n].params.cancel;
        let call = if goes_on { self.leave_behind(frame) } else { self.take_back(frame, at_callee) };
        if abandoned || hedged { self.free(call) } else { self.failed(n, call, Outcome::Timeout) }
    }

    /// The work goes on at the callee for nobody; the call itself continues in a slot of its own.
    fn leave_behind(&mut self, frame: u32) -> u32 {
        self.abandonment = true;
        let slot = self.frames.take(Frame::FRESH);
        let generation = self.frames[slot].generation;
        self.frames[slot] = Frame { generation, state: State::New, pending: 0, ..self.frames[frame] };
        if let Some(wait) = self.waits.remove(&frame) {
            self.waits.insert(slot, wait);
        }
        self.frames[slot].flags &= !OF_ATTEMPT;
        self.frames[frame].mark(ORPHAN, true);
        slot
    }

    fn take_back(&mut self, frame: u32, at_callee: bool) -> u32 {
        if at_callee {
            // What it has called in turn is for nobody now.
            self.abandonment = true;
            self.withdraw(frame);
        }
        let slot = &mut self.frames[frame];
        slot.generation = slot.generation.wrapping_add(1);
        slot.pending = 0;
        frame
    }

    /// An attempt has failed: tries again, or elsewhere, or gives the call up.
    fn failed(&mut self, n: usize, frame: u32, outcome: Outcome) {
        self.count_failure(n, frame, outcome);
        if self.may_retry(n, frame, outcome) {
            return self.try_again(n, frame);
        }
        let fallback = self.program.ops[self.frames[frame].op as usize].fallback;
        if fallback == NONE || self.frames[frame].is(FALLBACK) {
            return self.complete(frame, outcome);
        }
        let slot = &mut self.frames[frame];
        let Op { link, station, .. } = self.program.ops[fallback as usize];
        (slot.op, slot.link, slot.station) = (fallback, link, station);
        slot.flags = slot.flags & !OF_ATTEMPT | FALLBACK;
        (slot.attempt, slot.pc, slot.left) = (0, 0, 0);
        self.after(0, Kind::Attempt, frame);
    }

    fn count_failure(&mut self, n: usize, frame: u32, outcome: Outcome) {
        let measured = u64::from(self.frames[frame].is(MEASURED));
        let tally = &mut self.links[n].tally;
        match outcome {
            Outcome::Error | Outcome::Rejected => tally.errors += measured,
            Outcome::Refused => tally.refused += measured,
            Outcome::Timeout | Outcome::Success => {}
        }
    }

    fn may_retry(&mut self, n: usize, frame: u32, outcome: Outcome) -> bool {
        let Some(retry) = self.links[n].params.retry else { return false };
        let slot = &self.frames[frame];
        if u32::from(slot.attempt) >= retry.count || !covers(retry.on, outcome) {
            return false;
        }
        retry.budget.is_none() || self.guard(n, frame).withdraw()
    }

    fn try_again(&mut self, n: usize, frame: u32) {
        let Some(retry) = self.links[n].params.retry else { return };
        let slot = &mut self.frames[frame];
        let i = u32::from(slot.attempt);
        let remembers = retry.jitter == Jitter::Decorrelated;
        let previous = if i > 0 && remembers { self.waits.get(&frame).copied().unwrap_or(0) } else { 0 };
        let wait = match retry.backoff {
            Backoff::None => 0,
            rule => backoff::wait(rule, retry.jitter, i, previous, &mut self.links[n].jitter),
        };
        if remembers {
            self.waits.insert(frame, wait);
        }
        slot.flags &= !OF_ATTEMPT;
        slot.attempt = slot.attempt.saturating_add(1);
        (slot.pc, slot.left, slot.children) = (0, 0, 0);
        slot.state = State::Backoff;
        self.after(wait, Kind::Attempt, frame);
    }

    /// A call has ended for good.
    #[inline(always)]
    pub(super) fn complete(&mut self, frame: u32, outcome: Outcome) {
        let ok = outcome == Outcome::Success;
        let slot = &self.frames[frame];
        let n = slot.link as usize;
        let (parent, is_delivery) = (slot.parent, slot.is(DELIVERY));
        let time = self.now - slot.started;
        let link = &mut self.links[n];
        link.note_end(slot.is(MEASURED), time, ok);
        if link.watched && ok {
            self.monitor.call(n, time);
        }
        match parent {
            ROOT => self.request_ended(frame, outcome),
            DETACHED => self.free(frame),
            parent => {
                if ok && !self.program.undo.is_empty() {
                    self.note_step(frame);
                }
                self.free(frame);
                if is_delivery { self.delivered(parent, ok) } else { self.child_done(parent, outcome) }
            }
        }
    }

    /// Ends the life of a slot.
    pub(super) fn free(&mut self, frame: u32) {
        let slot = &mut self.frames[frame];
        slot.generation = slot.generation.wrapping_add(1);
        (slot.state, slot.pending) = (State::Free, 0);
        self.frames.give(frame);
    }

    /// Whether the one who made this call waits for it no longer.
    pub(super) fn is_abandoned(&self, frame: u32) -> bool {
        let slot = &self.frames[frame];
        if slot.parent >= ROOT {
            return slot.is(ORPHAN);
        }
        let above = &self.frames[slot.parent];
        if self.is_group(slot.parent) && above.state == State::Calling && above.generation == slot.parent_generation {
            return slot.is(ORPHAN) || (above.parent < ROOT && self.is_abandoned(slot.parent));
        }
        slot.is(ORPHAN) || above.generation != slot.parent_generation || above.state != State::Calling
    }

    /// Whether anybody further up has given up.
    pub(super) fn is_for_nobody(&self, mut frame: u32) -> bool {
        if !self.abandonment {
            return false;
        }
        while !self.is_abandoned(frame) {
            frame = self.frames[frame].parent;
            if frame >= ROOT {
                return false;
            }
        }
        true
    }
}

/// What the caller's replica of this number keeps.
#[inline(always)]
fn guard_of(guards: &mut Vec<Guard>, caller: u32) -> &mut Guard {
    let caller = caller as usize;
    if guards.len() <= caller {
        add_guards(guards, caller);
    }
    &mut guards[caller]
}

#[cold]
#[inline(never)]
fn add_guards(guards: &mut Vec<Guard>, caller: usize) {
    guards.resize(caller + 1, Guard::default());
}

fn covers(on: RetryOn, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Timeout => on.timeout,
        Outcome::Error => on.error,
        Outcome::Rejected | Outcome::Refused => on.rejected,
        Outcome::Success => false,
    }
}
