//! Declarations to the typed model: architecture, scenarios, versions.

mod architecture;
mod behavior;
mod chaos;
mod expect;
mod flows;
mod history;
pub(in crate::sema) mod place;
mod scenario;
mod slo;
mod version;

pub use architecture::{Built, build, kind_of_word, loop_kind};
pub use version::{glob, project};
