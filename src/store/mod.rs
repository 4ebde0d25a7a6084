//! What is kept between invocations: results of runs, and the recipes that they were made by.
//!
//! A result lies in a file of its own under the hash of its run; two processes that write the same
//! one write the same bytes. The recipes of one invocation, what each run was called and which model
//! and conditions it had, lie together in a pack. Whatever is cut short, altered, foreign or of another
//! version counts as not there: a result is simulated again and overwritten, never guessed.

mod cache;
mod differences;
mod envelope;
mod recipes;
mod shape;
mod space;

pub use cache::{Cache, Place};
pub use differences::{Difference, Inputs, inputs_differ};
pub use recipes::{Recipe, Recipes};
pub use space::own_files;
