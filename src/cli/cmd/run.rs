//! `sruja run`: expand, simulate, rank, report.

use crate::cli::args::RunArgs;
use crate::cli::cache;
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::{Input, compile, no_plan};
use crate::cli::session::Session;
use crate::cli::settings::{PlanSettings, RunSettings};
use crate::cli::simulate::{deliver, format, simulate, verdict};
use crate::model::Project;
use crate::plan;
use std::path::{Path, PathBuf};

/// The files that were named, and of folders those that have scenarios.
fn to_run<'p>(
    session: &Session<'_>,
    args: &RunArgs,
    projects: &'p [(Input, Project)],
) -> Result<Vec<(&'p Path, &'p Project)>, Failure> {
    let is_folder = |path: &&PathBuf| session.host.is_dir(path);
    let has_runs =
        |named: &Path| projects.iter().any(|(input, project)| input.named == *named && !project.cases.is_empty());
    if let Some(empty) = args.files.iter().filter(is_folder).find(|folder| !has_runs(folder)) {
        return Err(Failure::usage(format!("no file below {} has a scenario to run", empty.display())));
    }
    let folders: Vec<&PathBuf> = args.files.iter().filter(is_folder).collect();
    let wanted = |input: &Input, project: &Project| !folders.contains(&&input.named) || !project.cases.is_empty();
    let wanted = projects.iter().filter(|(input, project)| wanted(input, project));
    Ok(wanted.map(|(input, project)| (input.path.as_path(), project)).collect())
}

/// What is run of each file: of the scenarios that were asked for those that it has, and every one when none was. A file
/// that has none of them is left out; one that no file has is a mistake.
fn chosen<'p>(
    files: Vec<(&'p Path, &'p Project)>,
    settings: &PlanSettings,
) -> Result<Vec<(&'p Path, &'p Project, PlanSettings)>, Failure> {
    let projects: Vec<&Project> = files.iter().map(|(_, project)| *project).collect();
    plan::known(&projects, &settings.scenario).map_err(no_plan)?;
    let own = |project: &Project| -> Vec<String> {
        let has = |glob: &&String| project.cases.iter().any(|case| plan::matches(glob, &case.scenario.name));
        settings.scenario.iter().filter(has).cloned().collect()
    };
    let of_file = |(file, project): (&'p Path, &'p Project)| {
        let scenario = own(project);
        let wanted = settings.scenario.is_empty() || !scenario.is_empty();
        wanted.then(|| (file, project, PlanSettings { scenario, ..settings.clone() }))
    };
    Ok(files.into_iter().filter_map(of_file).collect())
}

/// Runs every scenario of the files and reports, one file after the other.
pub fn run(session: &mut Session<'_>, args: &RunArgs) -> Result<Exit, Failure> {
    let first = args.files.first().map_or(".".as_ref(), |file| file.as_path());
    let config = session.workspace(first)?.config;
    let settings = PlanSettings::of(&args.plan, &config);
    let format = format(&args.how, &config);
    let how = RunSettings::of(&args.how, &config, session.host);
    let keeps = cache::is_wanted(args.how.no_cache, &config, session.host);
    let Some(checked) = compile(session, &args.files, &settings.set)? else { return Ok(Exit::Usage) };
    let projects: Vec<(Input, Project)> =
        checked.into_iter().filter_map(|(input, checked)| Some((input, checked.project?))).collect();
    let (mut reports, mut exit) = (Vec::new(), Exit::Ok);
    for (file, project, settings) in chosen(to_run(session, args, &projects)?, &settings)? {
        let cache = if keeps { Some(cache::open(session, file)?) } else { None };
        let simulated = simulate(session, project, &settings, how, cache.as_ref())?;
        let report = simulated.report(file, project);
        exit = exit.max(verdict(&report, &simulated.summary, how));
        reports.push(report);
    }
    deliver(session, &args.how, format, &reports, exit)
}
