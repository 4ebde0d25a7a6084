//! `sruja expand`: the concrete runs, nothing executed.

use crate::cli::args::{ExpandArgs, ExpandFormat};
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::{compile, plan};
use crate::cli::session::Session;
use crate::cli::settings::PlanSettings;
use crate::plan::{Plan, expand};
use std::io;

/// Lists the runs.
pub fn run(session: &mut Session<'_>, args: &ExpandArgs) -> Result<Exit, Failure> {
    let config = session.workspace(&args.file)?.config;
    let settings = PlanSettings::of(&args.plan, &config);
    let Some(checked) = compile(session, std::slice::from_ref(&args.file), &settings.set)? else {
        return Ok(Exit::Usage);
    };
    let project = checked.iter().find_map(|(_, checked)| checked.project.as_ref());
    let plan = plan(project.unwrap_or(&crate::model::Project::default()), &settings)?;
    let write = |out: &mut dyn io::Write| match (args.count, args.format.unwrap_or_default()) {
        (true, _) => writeln!(out, "{}", plan.len()),
        (false, format) => list(&plan, format, out),
    };
    session.stream(args.output.as_deref(), &write, Exit::Ok)
}

fn list(plan: &Plan, format: ExpandFormat, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        ExpandFormat::Text => expand::text(plan, out),
        ExpandFormat::Json => expand::json(plan, out),
        ExpandFormat::Jsonl => expand::jsonl(plan, out),
    }
}
