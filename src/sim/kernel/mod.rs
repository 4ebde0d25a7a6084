//! What any discrete-event simulation needs: pending events in order, slots that are used again.
//!
//! Nothing here knows what an architecture is.

mod heap;
mod ready;
mod ring;
mod slab;

pub(crate) use heap::EventHeap;
pub(crate) use ready::Ready;
pub(crate) use ring::{Expiry, Ring};
pub(crate) use slab::Slab;

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;
