//! The interpreter: runs request programs as discrete events.
//!
//! Nothing completes synchronously: every hop without delay goes through a first-in-first-out list
//! of steps that are ready now, so neither deep call graphs nor long loops use the stack.

mod apart;
mod arrivals;
mod callee;
mod caller;
mod faults;
mod feedforward;
mod fetches;
mod finale;
mod foresight;
mod frame;
mod groups;
mod hedging;
mod messages;
mod mishaps;
mod monitor;
mod parts;
mod preempt;
mod program;
mod pulling;
mod relining;
mod replicas;
mod routing;
mod saga;
mod scale;
mod settings;
mod smooth;
mod tidy;
mod waiting;

use super::chaos::ChaosState;
use super::compile::Program;
use super::kernel::{EventHeap, Ready, Slab};
use super::record::Replication;
use super::stats::Area;
use crate::model::{Architecture, Place, RunConfig};
use arrivals::{ArrivalStream, User};
#[cfg(not(test))]
use frame::Frame;
use hedging::Race;
use monitor::Monitor;
use parts::{Link, MessageQueue, Replica, Station};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(test)]
pub(crate) use frame::Frame;
pub(crate) use monitor::{collect, metrics_of, stations_of};

/// What an event or a ready step is about, in the high bits of its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
enum Kind {
    /// A frame makes its attempt.
    Attempt,
    /// A frame reaches its callee.
    Arrive,
    /// A frame's service ends.
    Served,
    /// A frame's reply reaches its caller.
    Answered,
    /// A frame has waited long enough: for a connection, or in a queue.
    Impatient,
    /// The first timer of a relation expires.
    Timeout,
    /// The next request of an arrival stream.
    Arrival,
    /// A user of a closed loop asks.
    User,
    /// The next job of a replica with processor sharing ends.
    Shared,
    /// A replica fails, is repaired, or has started.
    Replica,
    /// A fault begins, grows or ends.
    Fault,
    /// A message can be delivered.
    Message,
    /// The measured time begins or ends.
    Mark,
    /// An arrival stream changes its rate.
    Modulate,
    /// A station's autoscaler decides.
    Scale,
    /// A second copy of a frame's call is sent, or the slower one called off.
    Hedge,
}

const INDEX_BITS: u32 = 27;

fn payload(kind: Kind, index: u32) -> u32 {
    debug_assert!(index < 1 << INDEX_BITS);
    (kind as u32) << INDEX_BITS | index
}

fn unpack(payload: u32) -> (Kind, u32) {
    // By number, in the order of declaration: this compiles to nothing but a bound.
    let kind = match payload >> INDEX_BITS {
        0 => Kind::Attempt,
        1 => Kind::Arrive,
        2 => Kind::Served,
        3 => Kind::Answered,
        4 => Kind::Impatient,
        5 => Kind::Timeout,
        6 => Kind::Arrival,
        7 => Kind::User,
        8 => Kind::Shared,
        9 => Kind::Replica,
        10 => Kind::Fault,
        11 => Kind::Message,
        12 => Kind::Mark,
        13 => Kind::Modulate,
        14 => Kind::Scale,
        _ => Kind::Hedge,
    };
    (kind, payload & ((1 << INDEX_BITS) - 1))
}

/// Steps without an event of their own that the budget allows for each event.
const STEPS_AN_EVENT: u64 = 32;

/// Frames at most, whatever the budget says: what the payload of an event can number.
const MOST_FRAMES: u64 = (1 << INDEX_BITS) - 1;

/// Declares the world once, with what it borrows and what is its own: only that is saved.
macro_rules! world {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// One replication under way. A plain value but for the architecture it borrows.
        pub(crate) struct World<'a> {
            architecture: &'a Architecture,
            config: &'a RunConfig,
            $($(#[$doc])* $field: $type,)*
        }

        /// A world's own part, lent to be written.
        #[derive(Serialize)]
        struct Lent<'s> {
            $($field: &'s $type,)*
        }

        /// A world's own part, as it was read.
        #[derive(Deserialize)]
        pub(super) struct Kept {
            $($field: $type,)*
        }

        impl<'a> World<'a> {
            fn lend(&self) -> Lent<'_> {
                Lent { $($field: &self.$field,)* }
            }

            /// Goes on with what was kept.
            pub(super) fn resume(architecture: &'a Architecture, config: &'a RunConfig, kept: Kept) -> Self {
                Self { architecture, config, $($field: kept.$field,)* }
            }
        }
    };
}

world! {
    /// Counted from 0.
    replication: u32,
    now: u64,
    heap: EventHeap,
    ready: Ready,
    frames: Slab<Frame>,
    /// Frames that the budget allows.
    most_frames: usize,
    program: Program,
    stations: Vec<Station>,
    links: Vec<Link>,
    replicas: Vec<Replica>,
    queues: Vec<MessageQueue>,
    /// What requests would have to undo, by the slot at their first station, in the order of completion.
    sagas: BTreeMap<u32, Vec<u32>>,
    /// The last wait before a retry, by slot, where the next depends on it.
    waits: BTreeMap<u32, u64>,
    /// Copies of hedged calls, by slot; empty where nothing is hedged.
    races: Vec<Race>,
    arrivals: Vec<ArrivalStream>,
    users: Vec<User>,
    chaos: ChaosState,
    monitor: Monitor,
    /// External requests in flight.
    in_flight: Area,
    /// Factor on the load.
    surge: f64,
    /// Part of [0, 1) of each arrival stream in the draws of a trace.
    trace_shares: Vec<(f64, f64)>,
    /// Cumulative shares of the request types, for users.
    mix: Vec<f64>,
    /// Whether any request type interrupts others, now or by a fault: only then is it known who is served.
    preemption: bool,
    /// Which request types do now.
    preempting: Vec<bool>,
    /// Rank of each request type's priority.
    ranks: Vec<u16>,
    /// Places whose attributes a fault has set.
    touched: Vec<Place>,
    /// Measured time is `[from, until)`.
    from: u64,
    until: u64,
    /// Whether it is measured time now.
    measures: bool,
    /// Steps taken.
    steps: u64,
    /// Length of a batch of the measured time.
    batch_length: u64,
    /// Whether any caller has ever given up: only then is it worth asking.
    abandonment: bool,
    /// Whether the measured time has begun, and ended.
    marked: [bool; 2],
    /// Whether nothing is left to do.
    over: bool,
    record: Replication,
}

impl<'a> World<'a> {
    /// A replication in which nothing has happened yet.
    pub fn at_start(architecture: &'a Architecture, config: &'a RunConfig, replication: u32) -> Self {
        let mut world = Self::new(architecture, config, replication);
        world.start();
        world.drain_ready();
        world
    }

    /// Everything that is to come depends on, but for the architecture and the conditions.
    pub fn state(&self) -> impl Serialize {
        self.lend()
    }

    /// The instant of the last event.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.record.events
    }

    /// Whether nothing is left to do.
    pub fn is_over(&self) -> bool {
        self.over
    }

    fn start(&mut self) {
        self.heap.push(self.from, payload(Kind::Mark, 0));
        self.heap.push(self.until, payload(Kind::Mark, 1));
        self.start_faults();
        self.start_replicas();
        self.start_arrivals();
    }

    /// Goes on until the run is over, so many events have happened in all, or the next event is later
    /// than `time`.
    pub fn advance(&mut self, events: u64, time: u64, progress: &dyn Fn(f64)) {
        let (mut calm, mut pause) = (0, 0);
        while !self.over && self.record.events < events {
            let Some(event) = self.heap.peek() else {
                self.over = true;
                return;
            };
            if event.time < calm {
                self.heap.pop();
                self.now = event.time;
            } else if self.turns(event.time, time) {
                calm = self.next_turn(time);
            } else {
                return;
            }
            self.record.events += 1;
            self.dispatch(event.payload, event.sequence);
            self.drain_ready();
            let is_crowded = self.frames.capacity() as usize > self.most_frames;
            if self.record.events >= pause || is_crowded || self.record.partial.is_some() {
                pause = self.take_stock(progress);
            }
        }
    }

    /// Whether the next event, which may be the first after a second or of the measured time, happens up to `time`, and
    /// the run is not over before. If so, it is taken.
    #[inline(never)]
    fn turns(&mut self, next: u64, time: u64) -> bool {
        let limit = self.until.saturating_add(drain(self.until));
        if next > limit {
            self.over = true;
        } else if next <= time {
            self.over = next > self.until && self.frames.live() == 0;
            if !self.over {
                self.heap.pop();
                if next >= self.monitor.next {
                    self.close_seconds(next);
                }
                self.go_to_time(next);
                return true;
            }
        }
        false
    }

    /// Until when events just happen, one after the other.
    fn next_turn(&self, time: u64) -> u64 {
        let turn = self.monitor.next.min(self.until).min(time.saturating_add(1));
        if self.now < self.from { turn.min(self.from) } else { turn }
    }

    /// Looks whether a budget is used up; returns after how many events to look again.
    #[inline(never)]
    fn take_stock(&mut self, progress: &dyn Fn(f64)) -> u64 {
        const BREATH: u64 = 1 << 16;
        let events = self.record.events;
        if events.is_multiple_of(BREATH) {
            self.tidy();
            progress((self.now as f64 / self.until.max(1) as f64).min(1.0));
        }
        if self.frames.live() > self.most_frames || events >= self.config.max_events {
            self.record.partial = self.exhausted();
        }
        self.over = self.record.partial.is_some();
        (events / BREATH + 1).saturating_mul(BREATH).min(self.config.max_events)
    }

    /// Sets the clock.
    fn go_to_time(&mut self, now: u64) {
        self.now = now;
        self.measures = now >= self.from && now < self.until;
    }

    /// Which budget is used up, in words.
    fn exhausted(&self) -> Option<Arc<str>> {
        let seconds = self.now as f64 / 1e9;
        let (config, events) = (self.config, self.record.events.max(self.steps / STEPS_AN_EVENT));
        if self.frames.live() > self.most_frames {
            Some(format!("more than {} requests in flight after {seconds:.3} s", config.max_in_flight).into())
        } else if events >= config.max_events {
            Some(format!("more than {} events after {seconds:.3} s", config.max_events).into())
        } else {
            None
        }
    }

    /// Takes every step that is ready. Calls that take no time and multiply may never come to an
    /// end within one instant: the budgets hold here too.
    #[inline(always)]
    fn drain_ready(&mut self) {
        while let Some(step) = self.ready.pop() {
            self.dispatch(step as u32, (step >> 32) as u32);
            self.steps += 1;
            if self.steps.is_multiple_of(1 << 12) {
                self.record.partial = self.exhausted();
                if self.record.partial.is_some() {
                    return self.ready.clear();
                }
            }
        }
    }

    fn dispatch(&mut self, payload: u32, sequence: u32) {
        let (kind, index) = unpack(payload);
        match kind {
            Kind::Attempt if self.is_due(index, sequence) => self.attempt(index),
            Kind::Arrive if self.is_due(index, sequence) => self.arrive(index),
            Kind::Served if self.is_due(index, sequence) => self.served(index),
            Kind::Answered if self.is_due(index, sequence) => self.answered(index),
            Kind::Impatient if self.is_due(index, sequence) => self.impatient(index),
            Kind::Message if self.is_due(index, sequence) => self.message_ready(index),
            Kind::Timeout => self.expire(index, sequence),
            Kind::Arrival => self.arrival(index, sequence),
            Kind::User => self.user_asks(index),
            Kind::Shared => self.shared(index, sequence),
            Kind::Replica => self.replica_event(index, sequence),
            Kind::Fault => self.fault_event(index),
            Kind::Mark => self.mark(index),
            Kind::Modulate => self.modulate(index, sequence),
            Kind::Scale => self.autoscale(index, sequence),
            Kind::Hedge => self.hedge_event(index, sequence),
            // Void.
            _ => {}
        }
    }

    /// Whether a frame still waits for an event or a step: it may have been taken back since.
    #[inline]
    fn is_due(&mut self, frame: u32, sequence: u32) -> bool {
        let slot = &mut self.frames[frame];
        let due = slot.pending == sequence;
        if due {
            slot.pending = 0;
        }
        due
    }

    /// Lets a frame's step happen after `delay`; without one it is no event.
    #[inline(always)]
    fn after(&mut self, delay: u64, kind: Kind, frame: u32) {
        let Self { heap, ready, frames, now, .. } = self;
        schedule(heap, ready, *now, (&mut frames[frame], frame), delay, kind);
    }

    fn is_measured(&self) -> bool {
        self.measures
    }
}

/// Lets a frame's step happen after `delay`; without one it is no event.
#[inline(always)]
fn schedule(
    heap: &mut EventHeap,
    ready: &mut Ready,
    now: u64,
    (slot, frame): (&mut Frame, u32),
    delay: u64,
    kind: Kind,
) {
    slot.pending = if delay == 0 {
        let sequence = heap.reserve();
        ready.push(u64::from(sequence) << 32 | u64::from(payload(kind, frame)));
        sequence
    } else {
        heap.push(now.saturating_add(delay), payload(kind, frame))
    };
}

/// How long a run goes on after its last arrival at most: ten times its length, and a minute.
fn drain(duration: u64) -> u64 {
    duration.saturating_mul(10).saturating_add(60_000_000_000)
}
