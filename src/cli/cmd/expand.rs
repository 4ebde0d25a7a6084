//! `sruja expand`: the concrete runs, nothing executed.

use crate::cli::args::ExpandArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::compile;
use crate::cli::session::Session;
use crate::cli::settings::PlanSettings;

/// Lists the runs.
pub fn run(session: &mut Session<'_>, args: &ExpandArgs) -> Result<Exit, Failure> {
    let config = session.workspace(&args.file)?.config;
    let settings = PlanSettings::of(&args.plan, &config);
    let Some(_checked) = compile(session, std::slice::from_ref(&args.file), &settings.set)? else {
        return Ok(Exit::Usage);
    };
    // To be wired to `plan`: expand `_checked` with `settings`, write `args.format` to `args.output`.
    Err(Failure::usage("`sruja expand` is not wired to the compiler yet"))
}
