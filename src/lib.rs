//! sruja finds out how a software architecture behaves before it exists.
//!
//! Data flows one way: text → [`syntax`] → [`sema`] → [`model`] → [`plan`] → [`exec`] events →
//! [`report`]. The front end and the back end meet at [`model`] and never import each other;
//! `tests/suite/layers.rs` holds every module to that.

pub mod analysis;
pub mod analytic;
pub mod cli;
pub mod diag;
pub mod exec;
pub mod ide;
pub mod measure;
pub mod model;
pub mod plan;
pub mod quantity;
pub mod report;
pub mod schema;
pub mod sema;
pub mod serve;
pub mod sim;
pub mod source;
pub mod store;
pub mod syntax;
