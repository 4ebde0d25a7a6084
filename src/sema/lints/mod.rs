//! Lints: what an architect would want to be told. One file a lint; its words stand in the table of codes.
//!
//! To add one: copy a neighbour, give its code a row (with an example that raises it and one that does
//! not), and list it in [`LINTS`]. A lint speaks of what the team wrote: numbers that the standard library
//! assumed are at most a hint. The whole of them is one pass over a model: nothing here is quadratic.
//!
//! Two codes of this family are raised where they are found: W1118 by the reading of flows, W1119 by the
//! lowering of scenarios.

mod bounds;
mod breaker_never_trips;
mod call_cycle;
mod capacity;
mod chaos_idle;
mod chaos_no_effect;
mod chaos_overlap;
mod chaos_time;
mod context;
mod failing;
mod fallback_loop;
mod few_samples;
mod graph;
mod guessed_entrance;
mod idle_knob;
mod idle_pool;
mod idle_selector;
mod impossible_expectation;
mod kind_typo;
mod loop_type;
mod no_chaos;
mod no_consumer;
mod no_effect;
mod no_timeout;
mod objective_chain;
mod retry_backoff;
mod retry_chain;
mod scene;
mod short_timeout;
mod single_sweep;
mod sweep_range;
mod timeout_order;
mod traffic;
mod unreachable;
mod unused_param;
mod warmup;
mod words;

pub use context::Context;
pub use retry_chain::{Amplification, amplification};

use super::load::Loaded;
use super::lower::Built;
use super::template::Flat;
use crate::diag::{Code, Diagnostic, Severity, codes};
use crate::model::Project;

/// One lint.
pub struct Lint {
    /// Its code, with its documentation.
    pub code: &'static Code,
    /// What it finds.
    pub check: fn(&Context<'_, '_>, &mut Vec<Diagnostic>),
}

/// Every lint, by code.
pub static LINTS: &[Lint] = &[
    Lint { code: &codes::W1101, check: unreachable::check },
    Lint { code: &codes::W1102, check: call_cycle::check },
    Lint { code: &codes::W1103, check: timeout_order::check },
    Lint { code: &codes::W1104, check: retry_chain::check },
    Lint { code: &codes::W1105, check: retry_backoff::check },
    Lint { code: &codes::W1106, check: sweep_range::check },
    Lint { code: &codes::W1107, check: chaos_idle::check },
    Lint { code: &codes::W1108, check: impossible_expectation::check },
    Lint { code: &codes::W1109, check: loop_type::check },
    Lint { code: &codes::W1110, check: capacity::check },
    Lint { code: &codes::W1111, check: kind_typo::check },
    Lint { code: &codes::W1112, check: no_timeout::check },
    Lint { code: &codes::W1113, check: idle_pool::check },
    Lint { code: &codes::W1114, check: breaker_never_trips::check },
    Lint { code: &codes::W1115, check: chaos_time::check },
    Lint { code: &codes::W1116, check: warmup::check },
    Lint { code: &codes::W1120, check: no_chaos::check },
    Lint { code: &codes::W1121, check: unused_param::check },
    Lint { code: &codes::W1122, check: few_samples::check },
    Lint { code: &codes::W1123, check: fallback_loop::check },
    Lint { code: &codes::W1124, check: no_consumer::check },
    Lint { code: &codes::W1125, check: short_timeout::check },
    Lint { code: &codes::W1127, check: idle_selector::check },
    Lint { code: &codes::W1128, check: objective_chain::check },
    Lint { code: &codes::W1130, check: no_effect::check },
    Lint { code: &codes::W1131, check: guessed_entrance::check },
    Lint { code: &codes::W1132, check: idle_knob::check },
    Lint { code: &codes::W1133, check: single_sweep::check },
    Lint { code: &codes::W1134, check: chaos_no_effect::check },
    Lint { code: &codes::W1136, check: chaos_overlap::check },
];

/// Runs every lint.
pub fn run(
    loaded: &Loaded<'_>,
    built: &Built<'_>,
    flats: &[Flat<'_>],
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let context = Context::new(loaded, built, flats, project);
    soften_narratives(&context, diagnostics);
    let mut found = Vec::new();
    let broken = diagnostics.iter().any(|found| found.severity == Severity::Error);
    for lint in LINTS.iter().filter(|lint| !(broken && OF_TRAFFIC.contains(&lint.code.id))) {
        (lint.check)(&context, &mut found);
    }
    // An attribute of a block for many relations is told of once, of the first that it does not fit.
    let mut said = std::collections::HashSet::new();
    found.retain(|diagnostic| said.insert((diagnostic.code.id, diagnostic.span)));
    diagnostics.append(&mut found);
}

/// Lints about where traffic goes. After an error a relation may be missing, and they would blame the rest of the
/// model for it.
const OF_TRAFFIC: &[&str] = &["W1101", "W1107", "W1110", "W1124"];

/// The steps of a picture tell a story; only what is simulated must follow the request.
fn soften_narratives(context: &Context<'_, '_>, diagnostics: &mut [Diagnostic]) {
    let stories = diagnostics.iter_mut().filter(|found| found.code.id == codes::W1118.id);
    stories.filter(|found| context.is_picture(found.span)).for_each(|found| found.severity = Severity::Hint);
}

#[cfg(test)]
mod tests;
