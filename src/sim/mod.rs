//! The engine: discrete events over a compiled architecture.

mod kernel;
mod rng;
mod stats;
