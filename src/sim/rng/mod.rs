//! Random numbers: a pinned generator, streams named by what they are for, samplers.

mod generator;
mod sampler;
mod special;
mod ziggurat;

pub(crate) use generator::{Rng, Streams};
pub(crate) use sampler::{Sampler, unit_gamma};
