//! `sruja run`: expand, simulate, rank, report.

use crate::cli::args::RunArgs;
use crate::cli::cache;
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::compile;
use crate::cli::session::Session;
use crate::cli::settings::{PlanSettings, RunSettings};
use crate::cli::simulate::{deliver, format, simulate, verdict};
use crate::model::Project;

/// Runs every scenario of the files and reports, one file after the other.
pub fn run(session: &mut Session<'_>, args: &RunArgs) -> Result<Exit, Failure> {
    let first = args.files.first().map_or(".".as_ref(), |file| file.as_path());
    let config = session.workspace(first)?.config;
    let settings = PlanSettings::of(&args.plan, &config);
    let format = format(&args.how, &config);
    let how = RunSettings::of(&args.how, &config, session.host);
    let keeps = cache::is_wanted(args.how.no_cache, &config, session.host);
    let Some(checked) = compile(session, &args.files, &settings.set)? else { return Ok(Exit::Usage) };
    let projects: Vec<Project> = checked.into_iter().filter_map(|checked| checked.project).collect();
    let (mut reports, mut exit) = (Vec::new(), Exit::Ok);
    for (file, project) in args.files.iter().zip(&projects) {
        let cache = if keeps { Some(cache::open(session, file)?) } else { None };
        let simulated = simulate(session, project, &settings, how, cache.as_ref())?;
        let report = simulated.report(file, project);
        exit = exit.max(verdict(&report, &simulated.summary, how));
        reports.push(report);
    }
    deliver(session, &args.how, format, &reports, exit)
}
