//! `sruja run`: expand, simulate, rank, report.

use crate::cli::args::RunArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::compile;
use crate::cli::session::Session;
use crate::cli::settings::{PlanSettings, RunSettings};

/// Runs every scenario of the files and reports.
pub fn run(session: &mut Session<'_>, args: &RunArgs) -> Result<Exit, Failure> {
    let first = args.files.first().map_or(".".as_ref(), |file| file.as_path());
    let config = session.workspace(first)?.config;
    let plan = PlanSettings::of(&args.plan, &config);
    let _how = RunSettings::of(args, &config, session.host);
    let Some(_checked) = compile(session, &args.files, &plan.set)? else { return Ok(Exit::Usage) };
    // To be wired to `plan`, `exec` and `report`: `_checked` with `plan` and `_how`.
    Err(Failure::usage("`sruja run` is not wired to the simulator yet"))
}
