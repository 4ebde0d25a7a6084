//! From an architecture and the conditions of a run to dense tables that the interpreter reads.

mod link;
mod ops;
mod station;

pub(crate) use link::LinkParams;
pub(crate) use ops::{Op, Program, Span};
pub(crate) use station::StationParams;

/// 1 - (1-a)(1-b): either of two independent mishaps.
pub(crate) fn either(a: f64, b: f64) -> f64 {
    if a <= 0.0 {
        return b;
    }
    1.0 - (1.0 - a) * (1.0 - b)
}
