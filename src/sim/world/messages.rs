//! Asynchronous elements: messages accepted at once, delivered when a consumer has a free worker.
//!
//! A message is a frame of its own that stays until it is done or dead. Each delivery is a call from
//! it to a consumer, whose timeout is the visibility of the queue: after that the message comes back,
//! while the work at the consumer goes on for nobody.

use super::frame::*;
use super::program::DEEPEST;
use super::{Kind, World};
use crate::model::{Delivery, Limit};
use crate::sim::kernel::NONE;

impl World<'_> {
    /// A producer's call reaches the queue.
    pub(super) fn accept_message(&mut self, s: usize, frame: u32) {
        let Some(q) = self.stations[s].queue else { return };
        let capacity = self.stations[s].params.queue.capacity;
        if self.stations[s].up.is_empty() || self.stations[s].faults.disk_full {
            return self.reply(frame, Outcome::Error);
        }
        if self.stations[s].hung {
            self.frames[frame].replica = self.stations[s].up[0];
            return self.swallow(frame);
        }
        let full = matches!(capacity, Limit::At(most) if self.queues[q as usize].held >= u64::from(most));
        if full || !self.admits(s) {
            return self.reject(s, frame);
        }
        self.draw_poison(s, frame);
        let mut span = self.program.ops[self.frames[frame].op as usize].callee;
        if self.frames[frame].depth >= DEEPEST {
            // A cycle of queues: the message has gone round often enough.
            span.end = span.start;
        }
        let is_own = span == self.program.stations[s];
        if is_own && !self.queues[q as usize].fans_out && span.start < span.end {
            self.keep_message(s, q, frame, NONE);
        } else {
            (span.start..span.end).for_each(|op| self.keep_message(s, q, frame, op));
        }
        if span.start == span.end {
            self.stations[s].tally.ended += u64::from(self.is_measured());
        }
        self.reply(frame, Outcome::Success);
    }

    /// Keeps a message for the consumer called by `op`, or for any.
    fn keep_message(&mut self, s: usize, q: u32, from: u32, op: u32) {
        let (sent, number) = (self.frames[from], self.place_in_batch(from));
        let slot = self.frames.take(Frame::FRESH);
        let generation = self.frames[slot].generation;
        let queue = &mut self.queues[q as usize];
        queue.held += 1;
        let list = if op == NONE { 0 } else { self.list_of(q, op) };
        self.frames[slot] = Frame {
            generation,
            started: self.now,
            arrived: self.now,
            op,
            parent_generation: number,
            replica: NONE,
            left: q,
            request: sent.request,
            depth: sent.depth,
            pc: sent.pc,
            flags: sent.flags & (COUNTED | PRIMARY),
            state: State::Message,
            ..Frame::FRESH
        };
        self.frames[slot].children = self.lane_of(q, list, slot);
        self.stations[s].present.raise(self.now);
        let lag = self.stations[s].params.queue.lag.0;
        self.after(lag, Kind::Message, slot);
    }

    /// Which request of a batch a call is for: those of one instant ask for different things.
    fn place_in_batch(&self, frame: u32) -> u32 {
        if self.config.workload.users.is_some() {
            return 0;
        }
        let mut slot = &self.frames[frame];
        while slot.parent < ROOT && self.frames[slot.parent].generation == slot.parent_generation {
            slot = &self.frames[slot.parent];
        }
        // Of a message, which goes by no relation, it is kept.
        if slot.parent == ROOT || slot.link == NONE { slot.parent_generation } else { 0 }
    }

    /// The list of the consumer that `op` calls.
    fn list_of(&self, q: u32, op: u32) -> u32 {
        let link = self.program.ops[op as usize].link;
        let consumers = &self.queues[q as usize].consumers;
        consumers.iter().position(|c| self.program.ops[*c as usize].link == link).map_or(0, |n| n as u32 + 1)
    }

    /// A message waits for delivery, at the end of its list.
    pub(super) fn message_ready(&mut self, message: u32) {
        let (q, list) = (self.frames[message].left, self.frames[message].children as usize);
        let queue = &mut self.queues[q as usize];
        let s = queue.station as usize;
        let last = std::mem::replace(&mut queue.lists[list].1, message);
        if last == NONE {
            queue.lists[list].0 = message;
        } else {
            self.frames[last].next = message;
        }
        let slot = &mut self.frames[message];
        (slot.state, slot.prev, slot.next, slot.begun) = (State::Message, last, NONE, self.now);
        let station = &mut self.stations[s];
        station.waiting.raise(self.now);
        if self.now >= self.from && self.now < self.until {
            station.tally.queue_max = station.tally.queue_max.max(station.waiting.level);
        }
        self.deliver(q, list as u32);
    }

    /// Delivers from one list while consumers have room.
    pub(super) fn deliver(&mut self, q: u32, list: u32) {
        if list < self.queues[q as usize].shared {
            return self.deliver_shared(q);
        }
        let s = self.queues[q as usize].station as usize;
        while self.delivers(s) {
            let message = self.queues[q as usize].lists[list as usize].0;
            if message == NONE {
                return;
            }
            let Some(op) = self.consumer_for(q, message) else { return };
            self.take_message(q, list, message);
            self.hand_over(s, message, op);
        }
    }

    /// Whether a queue hands out messages now.
    pub(super) fn delivers(&self, s: usize) -> bool {
        !self.stations[s].up.is_empty() && !self.is_paused(s) && !self.stations[s].faults.undelivered
    }

    /// The op by which a message goes out: its own, or that of the next consumer with room.
    pub(super) fn consumer_for(&mut self, q: u32, message: u32) -> Option<u32> {
        let own = self.frames[message].op;
        let room = |world: &Self, op: u32| world.has_room(message, op);
        if own != NONE {
            return room(self, own).then_some(own);
        }
        let queue = &self.queues[q as usize];
        let n = queue.consumers.len();
        let turn = queue.turn as usize;
        let found = (0..n).map(|k| (turn + k) % n).find(|k| room(self, queue.consumers[*k]))?;
        self.queues[q as usize].turn = (found + 1) as u32;
        Some(self.queues[q as usize].consumers[found])
    }

    /// Whether the consumer called by `op` takes a message now.
    fn has_room(&self, message: u32, op: u32) -> bool {
        let s = self.program.ops[op as usize].station as usize;
        let station = &self.stations[s];
        if station.queue.is_some() {
            return true;
        }
        if self.pulls_by_data(s) {
            return self.puller(s, message, op, true).is_some();
        }
        let taken = station.busy.level + station.waiting.level + u64::from(station.inbound);
        !station.up.is_empty() && taken < station.capacity.level
    }

    pub(super) fn take_message(&mut self, q: u32, list: u32, message: u32) {
        let next = self.frames[message].next;
        let queue = &mut self.queues[q as usize];
        queue.lists[list as usize].0 = next;
        if next == NONE {
            queue.lists[list as usize].1 = NONE;
        } else {
            self.frames[next].prev = NONE;
        }
        let (now, slot) = (self.now, &mut self.frames[message]);
        let station = &mut self.stations[queue.station as usize];
        station.waiting.lower(now);
        #[cfg(debug_assertions)]
        {
            station.laws.waits += u128::from(now - slot.begun);
        }
        if slot.is(COUNTED) && slot.attempt == 0 {
            station.tally.wait.record(now - slot.arrived);
        }
        slot.attempt = slot.attempt.saturating_add(1);
        (slot.state, slot.begun) = (State::Calling, now);
    }

    pub(super) fn hand_over(&mut self, s: usize, message: u32, op: u32) {
        self.stations[s].busy.raise(self.now);
        let again = self.frames[message].attempt > 1;
        let consumer = self.program.ops[op as usize].station as usize;
        self.stations[consumer].inbound += 1;
        if again {
            self.frames[message].mark(PRIMARY, false);
        }
        let replica = self.reserve(consumer, message, op).unwrap_or(NONE);
        let call = Call { replica, ..self.call_from(message, op, true, DELIVERY | INBOUND) };
        self.begin_call(call, op);
    }

    /// A consumer has room: it takes what waits for it.
    pub(super) fn pull(&mut self, s: usize) {
        for n in 0..self.stations[s].pulls.len() {
            let (q, list) = self.stations[s].pulls[n];
            self.deliver(q, list);
        }
    }

    /// A delivery has ended.
    pub(super) fn delivered(&mut self, message: u32, ok: bool) {
        let slot = self.frames[message];
        let s = self.queues[slot.left as usize].station as usize;
        self.stations[s].busy.lower(self.now);
        #[cfg(debug_assertions)]
        {
            self.stations[s].laws.held += u128::from(self.now - slot.begun);
        }
        let rules = self.stations[s].params.queue;
        let spent = rules.delivery == Delivery::AtMostOnce || u32::from(slot.attempt) >= rules.max_deliveries;
        if !ok && !spent {
            return self.message_ready(message);
        }
        self.end_message(s, message, ok);
        if !ok && rules.delivery == Delivery::AtLeastOnce {
            self.bury(s, &slot);
        }
    }

    fn end_message(&mut self, s: usize, message: u32, ok: bool) {
        let slot = self.frames[message];
        let (now, measured) = (self.now, self.is_measured());
        self.queues[slot.left as usize].held -= 1;
        let station = &mut self.stations[s];
        station.present.lower(now);
        #[cfg(debug_assertions)]
        {
            station.laws.sojourns += u128::from(now - slot.arrived);
        }
        station.tally.ended += u64::from(measured);
        station.seconds.ended += 1;
        station.seconds.succeeded += u64::from(ok);
        if ok {
            if slot.is(COUNTED) {
                station.tally.succeeded += 1;
                station.tally.response.record(now - slot.arrived);
            }
            self.monitor.station(s, now - slot.arrived);
        }
        self.free(message);
    }

    /// A message is dead: it is counted, and sent where dead messages go.
    fn bury(&mut self, s: usize, message: &Frame) {
        self.stations[s].tally.dead_letters += u64::from(message.is(COUNTED));
        let op = self.program.dead_letters[s];
        if op != NONE {
            let Frame { request, depth, .. } = *message;
            let call = Call { request, depth, ..Call::DETACHED };
            self.begin_call(call, op);
        }
    }

    /// Delivers from every list of a queue: it is back after a fault.
    pub(super) fn deliver_all(&mut self, q: u32) {
        let queue = &self.queues[q as usize];
        let lists = std::iter::once(0).chain(queue.shared.max(1)..queue.lists.len() as u32);
        lists.for_each(|list| self.deliver(q, list));
    }
}
