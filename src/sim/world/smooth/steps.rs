//! The way of a request: the steps of `callee`, `caller` and `program` that are left where nothing fails.

use super::Smooth;
use super::parts::*;
use crate::sim::kernel::{Event, NONE};
use crate::sim::policies::balance;
use crate::sim::world::frame::Outcome;
use crate::sim::world::parts::Station;
use crate::sim::world::{Kind, payload};

impl Smooth<'_, '_> {
    /// The next request of a stream.
    #[inline(never)]
    pub(super) fn arrival(&mut self, n: usize) {
        let (request, op) = (self.world.arrivals[n].request(), self.world.arrivals[n].entry());
        self.world.now = self.now;
        self.world.note_request(request);
        self.launch(op, ROOTS + request as u32, 0);
        let world = &mut *self.world;
        let stream = &mut world.arrivals[n];
        stream.pass(&world.config.workload.load, world.surge, world.until);
        let next = stream.upcoming();
        self.schedule_arrival(n, next);
    }

    /// The next arrival of a stream, if there is one.
    #[inline(always)]
    pub(super) fn schedule_arrival(&mut self, n: usize, time: Option<u64>) {
        let event = time.map(|time| Event { time, sequence: self.heap.reserve(), payload: n as u32 });
        self.agenda.set(n, event);
    }

    /// Makes a call, in its only attempt.
    #[inline(always)]
    fn launch(&mut self, op: u32, parent: u32, caller: u32) {
        let visit = self.visits.take().unwrap_or_else(|| self.grow());
        let way = &mut self.ways[op as usize];
        way.taken += 1;
        let Way { lane, station, flags, .. } = *way;
        let slot = &mut self.visits[visit];
        (slot.started, slot.parent, slot.op) = (self.now, parent, op);
        slot.set_out(way);
        if lane != NONE {
            slot.caller = caller as u16;
            self.admit(lane, caller);
        }
        if flags & AT_ONCE != 0 { self.enter(visit, station, flags) } else { self.send(op, visit) }
    }

    #[cold]
    fn grow(&mut self) -> u32 {
        let count = self.visits.grow();
        self.has_failed |= count > self.world.most_frames;
        (count - 1) as u32
    }

    /// Whoever finds its pool or bulkhead full waits or is refused.
    #[inline(always)]
    fn admit(&mut self, lane: u32, caller: u32) {
        let lane = &mut self.lanes[lane as usize];
        let open = &mut self.open[(lane.counters + caller) as usize];
        *open += 1;
        let (admits, is_close) = lane.admits(caller, *open);
        self.has_failed |= !admits;
        self.is_close |= is_close;
    }

    #[inline(never)]
    fn send(&mut self, op: u32, visit: u32) {
        if self.goes_by_road(op, Kind::Arrive, visit) {
            return;
        }
        match self.world.links[self.log.links[op as usize] as usize].delay_of_request() {
            Some(0) => self.arrive(visit),
            Some(delay) => self.after(delay, Kind::Arrive, visit),
            None => self.has_failed = true,
        }
    }

    /// Lets a step happen after `delay`; without one it is no event.
    #[inline(always)]
    fn after(&mut self, delay: u64, kind: Kind, visit: u32) {
        let step = payload(kind, visit);
        if delay == 0 {
            self.ready.push(u64::from(step));
        } else {
            self.heap.push(self.now.saturating_add(delay), step);
        }
    }

    /// A call reaches its station by the network.
    #[inline(never)]
    pub(super) fn arrive(&mut self, visit: u32) {
        let slot = &self.visits[visit];
        self.enter(visit, slot.station, slot.flags());
    }

    /// A request appears at its station: a worker takes it, or it joins the line.
    #[inline(always)]
    fn enter(&mut self, visit: u32, s: u32, flags: u16) {
        let (now, slot, desk) = (self.now, &mut self.visits[visit], &mut self.desks[s as usize]);
        let work = desk.service.draw(&mut desk.draws);
        let high = desk.comes(now);
        slot.arrived = now;
        let (busy, waiting) = if flags & SOLE != 0 {
            (desk.busy, desk.waiting)
        } else {
            slot.at = choose(&mut self.world.stations[s as usize], &self.seats);
            let seat = &mut self.seats[slot.at as usize];
            seat.present += 1;
            (seat.busy, seat.waiting)
        };
        if let Some((level, length)) = high {
            self.world.stations[s as usize].present.stood_high(level, length);
        }
        if busy < desk.workers {
            desk.unwaited += u64::from(self.measures);
            self.begin(visit, s, flags, work, self.measures);
        } else if waiting < desk.places {
            slot.work = work;
            self.join_line(visit, s, flags);
        } else {
            self.has_failed = true;
        }
    }

    /// A worker takes a request; its end is known at once.
    #[inline(always)]
    fn begin(&mut self, visit: u32, s: u32, flags: u16, work: u64, counts: bool) {
        let (now, desk) = (self.now, &mut self.desks[s as usize]);
        #[cfg(debug_assertions)]
        {
            self.visits[visit].begun = now;
        }
        desk.begins(now);
        if counts {
            desk.serves(work);
        }
        if flags & SOLE == 0 {
            self.seats[self.visits[visit].at as usize].busy += 1;
        }
        self.after(work, Kind::Served, visit);
    }

    /// The line in which a request is, and how many wait there.
    #[inline(always)]
    fn line(&mut self, s: u32, flags: u16, at: u32) -> (&mut Line, &mut u32) {
        if flags & SOLE != 0 {
            let desk = &mut self.desks[s as usize];
            (&mut desk.line, &mut desk.waiting)
        } else {
            let seat = &mut self.seats[at as usize];
            (&mut seat.line, &mut seat.waiting)
        }
    }

    #[inline(never)]
    fn join_line(&mut self, visit: u32, s: u32, flags: u16) {
        let places = self.desks[s as usize].places;
        let (line, waiting) = self.line(s, flags, self.visits[visit].at);
        *waiting += 1;
        let is_close = *waiting > close_to(places);
        let last = std::mem::replace(&mut line.tail, visit);
        if last == NONE {
            line.head = visit;
        } else {
            self.visits[last].behind = visit;
        }
        self.visits[visit].behind = NONE;
        self.is_close |= is_close;
        self.seconds.note_wait(s);
        let Station { waiting, tally, .. } = &mut self.world.stations[s as usize];
        waiting.raise(self.now);
        if self.measures {
            tally.waited += 1;
            tally.queue_max = tally.queue_max.max(waiting.level);
        }
    }

    /// Lets waiting requests begin while workers are free.
    #[inline(never)]
    fn next_waiting(&mut self, s: u32, flags: u16, at: u32) {
        let (now, from, length) = (self.now, self.world.from, self.world.until - self.world.from);
        let workers = self.desks[s as usize].workers;
        loop {
            let busy = if flags & SOLE != 0 { self.desks[s as usize].busy } else { self.seats[at as usize].busy };
            let (line, waiting) = self.line(s, flags, at);
            if busy >= workers || *waiting == 0 {
                return;
            }
            let visit = line.head;
            *waiting -= 1;
            let Visit { behind: next, arrived, work, .. } = self.visits[visit];
            let (line, _) = self.line(s, flags, at);
            (line.head, line.tail) = (next, if next == NONE { NONE } else { line.tail });
            let station = &mut self.world.stations[s as usize];
            station.note_wait(now, from, arrived);
            let counts = arrived.wrapping_sub(from) < length;
            if counts {
                station.tally.wait.record(now - arrived);
            }
            self.begin(visit, s, flags, work, counts);
        }
    }

    /// Own work is done.
    #[inline(always)]
    pub(super) fn served(&mut self, visit: u32) {
        let slot = &mut self.visits[visit];
        let (station, flags) = (slot.station, slot.flags());
        let has_ended = if slot.next == slot.end() {
            self.finish(visit, station, flags)
        } else {
            (slot.left, slot.children) = (0, 0);
            if flags & HOLDS == 0 {
                self.give_back(visit, station, flags);
            }
            self.proceed(visit)
        };
        if has_ended {
            self.end(visit);
        }
    }

    /// A worker is free again.
    #[inline(always)]
    fn give_back(&mut self, visit: u32, s: u32, flags: u16) {
        let (now, slot) = (self.now, &self.visits[visit]);
        #[cfg(debug_assertions)]
        {
            self.world.stations[s as usize].laws.held += u128::from(now - slot.begun);
        }
        let (at, desk) = (slot.at, &mut self.desks[s as usize]);
        desk.ends(now);
        let waiting = if flags & SOLE != 0 {
            desk.waiting
        } else {
            let seat = &mut self.seats[at as usize];
            seat.busy -= 1;
            seat.waiting
        };
        if waiting > 0 {
            self.next_waiting(s, flags, at);
        }
    }

    /// Makes the next calls of a request, or ends it: whether its caller has the answer now.
    #[inline(always)]
    fn proceed(&mut self, visit: u32) -> bool {
        let slot = &self.visits[visit];
        let (station, flags, end) = (slot.station, slot.flags(), slot.end());
        let (mut next, mut left) = (slot.next, slot.left);
        while next < end {
            let way = &mut self.ways[next as usize];
            let is_made = left > 0 || way.probability >= 1.0 || way.choice.chance(way.probability);
            if is_made {
                let calls = if left > 0 { left } else { way.calls };
                if !way.is(PARALLEL | ASYNCHRONOUS) && calls > 0 {
                    self.call(visit, flags, next, calls);
                    return false;
                }
                if !way.is(ASYNCHRONOUS) && calls > 0 {
                    self.fork(visit, flags, next, calls);
                    return false;
                }
                self.launch_all(visit, flags, next, calls, NONE);
            }
            (next, left) = (next + 1, 0);
        }
        self.finish(visit, station, flags)
    }

    /// One call; `calls - 1` of the same follow.
    #[inline(always)]
    fn call(&mut self, visit: u32, flags: u16, op: u32, calls: u16) {
        let slot = &mut self.visits[visit];
        (slot.left, slot.children) = (calls - 1, 1);
        slot.next = op + u32::from(calls == 1);
        let caller = if flags & SOLE != 0 { 0 } else { self.seats[slot.at as usize].ordinal };
        self.launch(op, visit, caller);
    }

    /// All calls of this op and of the parallel ones that follow it, side by side.
    #[inline(never)]
    fn fork(&mut self, visit: u32, flags: u16, first: u32, calls: u16) {
        let end = self.visits[visit].end();
        (self.visits[visit].left, self.visits[visit].children) = (0, u32::from(calls));
        self.launch_all(visit, flags, first, calls, visit);
        let mut next = first + 1;
        while next < end && self.ways[next as usize].flags & (PARALLEL | ASYNCHRONOUS) == PARALLEL {
            let way = &mut self.ways[next as usize];
            let is_made = way.probability >= 1.0 || way.choice.chance(way.probability);
            let calls = if is_made { way.calls } else { 0 };
            self.visits[visit].children += u32::from(calls);
            self.launch_all(visit, flags, next, calls, visit);
            next += 1;
        }
        self.visits[visit].next = next;
    }

    #[inline(never)]
    fn launch_all(&mut self, visit: u32, flags: u16, op: u32, calls: u16, parent: u32) {
        let caller = if flags & SOLE != 0 { 0 } else { self.seats[self.visits[visit].at as usize].ordinal };
        for _ in 0..calls {
            if self.has_failed {
                return;
            }
            self.launch(op, parent, caller);
        }
    }

    /// The request is done here: whether its caller has the answer now.
    #[inline(always)]
    fn finish(&mut self, visit: u32, s: u32, flags: u16) -> bool {
        let (now, slot) = (self.now, &self.visits[visit]);
        let (op, at) = (slot.op, slot.at);
        self.log.leaves(op, slot.arrived, now);
        let desk = &mut self.desks[s as usize];
        if let Some((level, length)) = desk.goes(now) {
            self.world.stations[s as usize].present.stood_high(level, length);
        }
        if flags & SOLE == 0 {
            self.seats[at as usize].present -= 1;
        }
        if flags & HOLDS != 0 {
            self.give_back(visit, s, flags);
        }
        // Nothing else that is ready comes before.
        let is_next = flags & AT_ONCE != 0 && self.ready.is_empty();
        if !is_next {
            self.reply(op, flags, visit);
        }
        is_next
    }

    #[inline(never)]
    fn reply(&mut self, op: u32, flags: u16, visit: u32) {
        if flags & AT_ONCE != 0 {
            return self.after(0, Kind::Answered, visit);
        }
        if self.goes_by_road(op, Kind::Answered, visit) {
            return;
        }
        match self.world.links[self.log.links[op as usize] as usize].delay_of_reply() {
            Some(delay) => self.after(delay, Kind::Answered, visit),
            None => self.has_failed = true,
        }
    }

    /// The reply has reached the caller.
    #[inline(never)]
    pub(super) fn answered(&mut self, visit: u32) {
        let caller = self.complete(visit);
        self.end(caller);
    }

    /// A caller has the answer at once; and if it has ended by that, so has its own.
    #[inline(always)]
    fn end(&mut self, mut visit: u32) {
        while visit != NONE && !self.has_failed {
            self.note_step();
            visit = self.complete(visit);
        }
    }

    /// A call has ended. Returns its caller if that has ended, too, and the one above has the answer now.
    #[inline(always)]
    fn complete(&mut self, visit: u32) -> u32 {
        let now = self.now;
        let slot = &self.visits[visit];
        let (op, parent, started, flags) = (slot.op, slot.parent, slot.started, slot.flags());
        if slot.lane != NONE {
            let lane = &mut self.lanes[slot.lane as usize];
            self.open[lane.counters as usize + usize::from(slot.caller)] -= 1;
            self.has_failed |= lane.ends(now - started);
        }
        if flags & AT_ONCE == 0 {
            self.log.answered(op, started, now);
        }
        self.visits.give(visit);
        if parent >= ROOTS {
            self.request_ended(parent, started);
            return NONE;
        }
        let slot = &mut self.visits[parent];
        slot.children -= 1;
        if slot.children > 0 {
            return NONE;
        }
        if self.proceed(parent) { parent } else { NONE }
    }

    #[inline(never)]
    fn request_ended(&mut self, parent: u32, started: u64) {
        if parent == NONE {
            return;
        }
        let counts = started.wrapping_sub(self.world.from) < self.world.until - self.world.from;
        self.world.now = self.now;
        self.world.note_end_of_request((parent - ROOTS) as usize, started, counts, Outcome::Success);
    }
}

/// The replica that takes the next request.
#[inline(never)]
fn choose(station: &mut Station, seats: &[Seat]) -> u32 {
    let Station { up, turn, streams, params, .. } = station;
    let present = |r: u32| seats[r as usize].present;
    balance::pick(params.balance, up, |_| 0, turn, &mut streams.balance, present).unwrap_or(up[0])
}
