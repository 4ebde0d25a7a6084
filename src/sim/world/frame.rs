//! One attempt of one call: the state of a request at one station.

use crate::sim::kernel::NONE;
use serde::{Deserialize, Serialize};

/// The parent of external requests.
pub(crate) const ROOT: u32 = u32::MAX - 1;
/// The parent of calls that nobody waits for.
pub(crate) const DETACHED: u32 = NONE;

/// Where an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// Nowhere.
    Free,
    /// Made; not sent yet.
    New,
    /// Waits for a connection.
    Pooled,
    /// On its way to the callee.
    Sent,
    /// Waits for a worker.
    Queued,
    /// Is served.
    Serving,
    /// A write that waits for copies.
    Committing,
    /// Waits for its own calls; a message: is with a consumer.
    Calling,
    /// Its reply is on the way.
    Replying,
    /// Lost; its caller will give up.
    Lost,
    /// Waits before it is tried again.
    Backoff,
    /// A message that waits for delivery.
    Message,
}

impl State {
    /// Whether the callee has it, or will.
    pub fn at_callee(self) -> bool {
        matches!(self, Self::Sent | Self::Queued | Self::Serving | Self::Committing | Self::Calling)
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// Well.
    Success,
    /// The callee answered with an error, or was gone.
    Error,
    /// The caller gave up.
    Timeout,
    /// The callee refused it: queue full, rate limit, shed.
    Rejected,
    /// The caller's own breaker, pool or bulkhead refused it.
    Refused,
}

/// Holds a worker.
pub(crate) const HOLDS: u16 = 1;
/// Its caller has given up; nobody waits for it.
pub(crate) const ORPHAN: u16 = 1 << 1;
/// The call began inside the measured time.
pub(crate) const MEASURED: u16 = 1 << 2;
/// Reached its station inside the measured time.
pub(crate) const COUNTED: u16 = 1 << 3;
/// It and everything above it is a first attempt.
pub(crate) const PRIMARY: u16 = 1 << 4;
/// A cache hit: no calls follow.
pub(crate) const HIT: u16 = 1 << 5;
/// One of its calls has failed.
pub(crate) const FAILED: u16 = 1 << 6;
/// A probe of a half-open breaker.
pub(crate) const PROBE: u16 = 1 << 7;
/// Occupies a place in its caller's pool or bulkhead.
pub(crate) const ADMITTED: u16 = 1 << 8;
/// Its service stands still: the replica is paused.
pub(crate) const PAUSED: u16 = 1 << 9;
/// A fallback call.
pub(crate) const FALLBACK: u16 = 1 << 10;
/// A message's delivery to a consumer.
pub(crate) const DELIVERY: u16 = 1 << 11;
/// Counted in its station's present.
pub(crate) const PRESENT: u16 = 1 << 12;

/// Its service was interrupted: its work is what is left of it.
pub(crate) const INTERRUPTED: u16 = 1 << 13;

/// A delivery under way to its consumer: a worker is kept for it.
pub(crate) const INBOUND: u16 = 1 << 14;

/// One attempt of one call.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Frame {
    /// When the call was first made.
    pub started: u64,
    /// When it reached the callee.
    pub arrived: u64,
    /// When it took its worker.
    pub begun: u64,
    /// Own work there.
    pub work: u64,
    /// When its service ends; what is left of it while the replica is paused.
    pub ends: u64,
    /// The attempt whose program made this call, or `ROOT`, or `DETACHED`.
    pub parent: u32,
    /// That parent's generation; of external requests: the user who waits, or its place in a batch.
    pub parent_generation: u32,
    /// Counts the lives of this slot and its attempts: timers and children of former lives are void.
    pub generation: u32,
    /// Sequence of the event that it waits for; 0: none.
    pub pending: u32,
    /// The op that it carries out, the relation it goes by, and the station it calls.
    pub op: u32,
    pub link: u32,
    pub station: u32,
    /// Where it is served.
    pub replica: u32,
    /// Next in its queue.
    pub next: u32,
    /// Previous in its queue.
    pub prev: u32,
    /// The caller's replica among its station's, for the caller's pools and breakers.
    pub caller: u32,
    /// Calls of the current op still to be made.
    pub left: u32,
    /// Calls that it waits for.
    pub children: u32,
    /// Next op of its own program, from the start of the span.
    pub pc: u16,
    /// Attempts before this one; of a message: deliveries.
    pub attempt: u16,
    /// Type of the external request.
    pub request: u16,
    /// See the constants.
    pub flags: u16,
    /// Calls above it that lie on cycles.
    pub depth: u8,
    /// Where it is.
    pub state: State,
    /// How it ended.
    pub outcome: Outcome,
    /// Epoch of the breaker that let it through.
    pub epoch: u8,
}

/// What a call brings along.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// See [`Frame`].
    pub parent: u32,
    pub parent_generation: u32,
    pub caller: u32,
    pub replica: u32,
    pub request: u16,
    pub flags: u16,
    pub depth: u8,
}

impl Call {
    /// One that nobody waits for, from outside.
    pub const DETACHED: Self =
        Self { parent: DETACHED, parent_generation: 0, caller: 0, replica: NONE, request: 0, flags: 0, depth: 0 };
}

impl Frame {
    /// A call begins in this slot. What is not set here is set before it is read: on arrival, on
    /// beginning, on queueing.
    pub fn begin(&mut self, call: Call, now: u64, [op, link, station]: [u32; 3]) {
        self.started = now;
        (self.parent, self.parent_generation, self.caller) = (call.parent, call.parent_generation, call.caller);
        (self.request, self.flags, self.depth) = (call.request, call.flags, call.depth);
        (self.op, self.link, self.station, self.replica) = (op, link, station, call.replica);
        (self.pc, self.left, self.children, self.attempt) = (0, 0, 0, 0);
        (self.begun, self.pending, self.state) = (0, 0, State::New);
    }

    /// A slot never used.
    pub const FRESH: Self = Self {
        started: 0,
        arrived: 0,
        begun: 0,
        work: 0,
        ends: 0,
        parent: DETACHED,
        parent_generation: 0,
        generation: 1,
        pending: 0,
        op: NONE,
        link: NONE,
        station: NONE,
        replica: NONE,
        next: NONE,
        prev: NONE,
        caller: 0,
        left: 0,
        children: 0,
        pc: 0,
        attempt: 0,
        request: 0,
        flags: 0,
        depth: 0,
        state: State::Free,
        outcome: Outcome::Success,
        epoch: 0,
    };

    /// Whether a flag is set.
    pub fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Sets or clears a flag.
    pub fn mark(&mut self, flag: u16, on: bool) {
        if on { self.flags |= flag } else { self.flags &= !flag }
    }
}
