//! Declarations to the typed model: architecture, scenarios, versions.

mod architecture;
mod behavior;
mod chaos;
mod expect;
mod flows;
mod place;
mod scenario;
mod slo;
mod version;

pub use architecture::{Built, build};
pub use version::{glob, project};
