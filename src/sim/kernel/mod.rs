//! What any discrete-event simulation needs: pending events in order, steps that are due at once,
//! timers of one length, slots that are used again.
//!
//! Nothing here knows what an architecture is, and nothing of it allocates once a simulation has as much
//! pending as it ever will. Time is a whole number, of nanoseconds by convention: it neither drifts nor
//! ties by accident. What ties is taken in order of insertion, so a run is the same on every machine.
//!
//! | part | for | cost |
//! |---|---|---|
//! | [`EventHeap`] | what happens later | O(1) for the next, a few moves for few pending, O(log n) for many |
//! | [`Ready`] | what happens now, after what happens now already | O(1) |
//! | [`Ring`] | timers of one length, nearly all of which are void before they expire | O(1), no cancelling |
//! | [`Tournament`] | the next event of each of many sources, beside few others | O(log n) without jumps |
//! | [`Slab`] | the state of what is in flight, by number | O(1) |
//!
//! There is no general cancel. Whoever schedules an event keeps its sequence number; one that is no
//! longer waited for is recognised when it comes up, by its number, and ignored. A timer carries the
//! generation of its slot instead: a slot that has moved on has voided all of its timers at once.
//!
//! A waiting line with one server, complete:
//!
//! ```
//! use sruja::sim::kernel::EventHeap;
//! use std::collections::VecDeque;
//!
//! const ARRIVAL: u32 = 0;
//! const DEPARTURE: u32 = 1;
//!
//! let mut events = EventHeap::default();
//! let mut line = VecDeque::new();
//! let mut responses = Vec::new();
//! events.push(0, ARRIVAL);
//! while let Some(event) = events.pop() {
//!     let now = event.time;
//!     if event.payload == ARRIVAL {
//!         line.push_back(now);
//!         if line.len() == 1 {
//!             events.push(now + 30, DEPARTURE);
//!         }
//!         if now < 200 {
//!             events.push(now + 20, ARRIVAL);
//!         }
//!     } else {
//!         responses.extend(line.pop_front().map(|arrived| now - arrived));
//!         if !line.is_empty() {
//!             events.push(now + 30, DEPARTURE);
//!         }
//!     }
//! }
//! // Every request waits 10 longer than the one before.
//! assert_eq!(responses, [30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130]);
//! ```

mod heap;
mod ready;
mod ring;
mod slab;
mod tournament;

pub use heap::{Event, EventHeap};
pub use ready::Ready;
pub use ring::{Expiry, Ring};
pub use slab::Slab;
pub use tournament::Tournament;

/// No slot.
pub const NONE: u32 = u32::MAX;
