//! Faults: when they begin and end, and what they do while they last.
//!
//! Overlaps: added latency adds, factors multiply, shares combine as 1 - ∏(1-p), a kill wins over
//! everything, of several values set to one attribute the last begun wins.

mod change;
mod effects;
mod timeline;

pub(crate) use change::change;
pub(crate) use effects::{LinkFaults, StationFaults};
pub(crate) use timeline::{ChaosState, RAMP_STEPS, Turn};
