//! `sruja lsp`: the language server.

use crate::cli::exit::{Exit, Failure};
use crate::cli::workspace::{Workspace, Workspaces};
use crate::ide::Place;
use crate::serve::lsp::{self, End};
use crate::source::{Host, RealHost};
use std::path::Path;
use std::sync::Arc;

/// Serves until the editor says goodbye.
pub fn run() -> Exit {
    match lsp::serve(&RealHost, place) {
        End::Orderly => Exit::Ok,
        End::Abrupt => Exit::Findings,
    }
}

/// What holds for a file: what `sruja.toml` says, as `check` reads it. One with mistakes is told of and then left alone.
pub fn place(host: &dyn Host, file: &Path, named: &Path) -> Place {
    let root = || host.canonical(named).unwrap_or_else(|_| named.to_owned());
    match Workspaces::new(host).of(file, named) {
        Ok(Workspace { root, config }) => {
            let levels = config.lints.clone();
            Place { root, weigh: Arc::new(move |found| levels.apply(found)), trouble: None }
        }
        Err(Failure::Config { sources, diagnostics }) => {
            Place { root: root(), weigh: Arc::new(|found| found), trouble: Some((sources, diagnostics)) }
        }
        Err(_) => Place { root: root(), weigh: Arc::new(|found| found), trouble: None },
    }
}
