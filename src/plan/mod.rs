//! Concrete runs: dimensions to points, names, hashes and seeds, computed lazily.
//!
//! A [`Plan`] knows how many runs there are before it has made any, and makes each from its number
//! alone: nothing here grows with the number of runs except what `exclude` and `sample` keep, which
//! the limit bounds.

mod apply;
mod axis;
mod case;
mod error;
mod exclude;
pub mod expand;
mod filter;
mod hash;
mod info;
mod name;
mod point;
mod runs;
mod sample;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;

pub use error::PlanError;
pub use filter::{known, matches};
pub use info::{ParamValue, RunInfo};
pub use runs::{Plan, PlanOptions, PlannedRun};
