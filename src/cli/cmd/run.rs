//! `sruja run`: expand, simulate, rank, report.

use crate::cli::args::{FailOn, RunArgs, RunFormat};
use crate::cli::cache;
use crate::cli::config::Format;
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::{compile, plan};
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::settings::{PlanSettings, RunSettings};
use crate::exec::event::FinishedRun;
use crate::exec::{Engine, ExecOptions, ResultCache, Summary, collect};
use crate::model::Project;
use crate::plan::Plan;
use crate::report::out::TextOptions;
use crate::report::{self, MetaInput, Report};
use crate::sim;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Runs every scenario of the files and reports, one file after the other.
pub fn run(session: &mut Session<'_>, args: &RunArgs) -> Result<Exit, Failure> {
    let first = args.files.first().map_or(".".as_ref(), |file| file.as_path());
    let config = session.workspace(first)?.config;
    let settings = PlanSettings::of(&args.plan, &config);
    let format = args.format.unwrap_or(match config.format {
        Some(Format::Json) => RunFormat::Json,
        Some(Format::Text) | None => RunFormat::Text,
    });
    let how = RunSettings::of(args, &config, session.host);
    let keeps = cache::is_wanted(args.no_cache, &config, session.host);
    let Some(checked) = compile(session, &args.files, &settings.set)? else { return Ok(Exit::Usage) };
    let projects: Vec<Project> = checked.into_iter().filter_map(|checked| checked.project).collect();
    let (mut texts, mut exit) = (String::new(), Exit::Ok);
    for (file, project) in args.files.iter().zip(&projects) {
        let cache = if keeps { Some(cache::open(session, file)?) } else { None };
        let plan = plan(project, &settings)?;
        let (runs, summary) =
            cache::with(session, cache.as_ref(), &plan, |session, cache| simulate(session, &plan, how, cache));
        let report = reported(file, project, &plan, runs, &summary);
        texts += &written(session, args, format, &report);
        exit = exit.max(verdict(&report, &summary, how));
    }
    session.finish(args.output.as_deref(), &texts, exit)
}

fn simulate(
    session: &Session<'_>,
    plan: &Plan,
    how: RunSettings,
    cache: Option<ResultCache<'_>>,
) -> (Vec<FinishedRun>, Summary) {
    let host = session.host;
    let options = ExecOptions { workers: how.jobs, interrupt: interrupted(), clock: &|| host.monotonic(), cache };
    let engine = Engine { replicate: &sim::replicate, merge: &sim::merge, next: &sim::next };
    let progress = Progress::new(session, how.progress, plan.len());
    let done = collect(plan, &options, &engine, &|event| progress.show(event));
    progress.finish();
    done
}

fn reported(file: &Path, project: &Project, plan: &Plan, runs: Vec<FinishedRun>, summary: &Summary) -> Report {
    let meta = MetaInput {
        file: file.display().to_string(),
        wall_seconds: summary.wall_seconds,
        workers: summary.workers,
        cache_hits: summary.cached,
    };
    report::build(project, runs, |info| model_of(plan, info.index), meta)
}

fn model_of(plan: &Plan, index: u64) -> Option<(std::sync::Arc<crate::model::Architecture>, crate::model::RunConfig)> {
    plan.materialise(&plan.run(index)?).ok()
}

/// Set by Ctrl-C.
fn interrupted() -> &'static AtomicBool {
    crate::cli::interrupt::flag()
}

fn written(session: &Session<'_>, args: &RunArgs, format: RunFormat, report: &Report) -> String {
    match format {
        RunFormat::Json => report::out::json(report),
        RunFormat::Md => report::out::markdown(report, session.global.verbose),
        RunFormat::Text => {
            let style = session.style();
            let color = style.color && args.output.is_none();
            let options =
                TextOptions { width: style.width, color, unicode: style.unicode, verbose: session.global.verbose };
            report::out::text(report, &options)
        }
    }
}

fn verdict(report: &Report, summary: &Summary, how: RunSettings) -> Exit {
    let violated = report.runs.iter().any(|run| !run.violations.is_empty());
    if summary.interrupted {
        Exit::Interrupted
    } else if summary.failed + summary.partial + summary.skipped > 0 {
        Exit::Incomplete
    } else if violated && how.fail_on == FailOn::Violation {
        Exit::Findings
    } else {
        Exit::Ok
    }
}
