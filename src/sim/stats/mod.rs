//! Accumulators: histograms, areas under a count, intervals of confidence.

mod area;
mod buckets;
mod histogram;
mod interval;
mod levels;
mod list;
mod mser;
mod squares;

pub(crate) use area::Area;
pub(crate) use histogram::{Histogram, Sparse, beyond};
pub(crate) use interval::{half_width, is_correlated};
pub(crate) use levels::{LOW, Levels, NEVER};
pub(crate) use mser::mser5;
pub(crate) use squares::Squares;
