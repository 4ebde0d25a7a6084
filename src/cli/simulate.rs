//! From a project to its report: what `run` and `sweep` share.

use super::args::{FailOn, HowArgs, RunFormat};
use super::cache;
use super::config::{Config, Format};
use super::exit::{Exit, Failure};
use super::inputs::plan;
use super::progress::Progress;
use super::session::Session;
use super::settings::{PlanSettings, RunSettings};
use crate::exec::event::{FinishedRun, RunInfo};
use crate::exec::{Engine, ExecOptions, ResultCache, Summary, collect};
use crate::model::Project;
use crate::plan::Plan;
use crate::report::out::TextOptions;
use crate::report::{self, MetaInput, Report};
use crate::sim;
use crate::store::Cache;
use std::io::Write;
use std::path::Path;

/// What came of a project.
pub struct Simulated {
    /// Its runs as they were planned.
    pub plan: Plan,
    /// And as they ended, in that order.
    pub runs: Vec<FinishedRun>,
    /// How the work went.
    pub summary: Summary,
}

/// Simulates every run of a project, but for those whose results a cache has.
pub fn simulate(
    session: &mut Session<'_>,
    project: &Project,
    settings: &PlanSettings,
    how: RunSettings,
    cache: Option<&Cache<'_>>,
) -> Result<Simulated, Failure> {
    let plan = plan(project, settings)?;
    let (runs, summary) = cache::with(session, cache, &plan, |session, cache| execute(session, &plan, how, cache));
    Ok(Simulated { plan, runs, summary })
}

fn execute(
    session: &Session<'_>,
    plan: &Plan,
    how: RunSettings,
    cache: Option<ResultCache<'_>>,
) -> (Vec<FinishedRun>, Summary) {
    let host = session.host;
    let interrupt = super::interrupt::flag();
    let options = ExecOptions { workers: how.jobs, interrupt, clock: &|| host.monotonic(), cache };
    let engine = Engine { replicate: &sim::replicate, merge: &sim::merge, next: &sim::next };
    let progress = Progress::new(session, how.progress, plan.len());
    let done = collect(plan, &options, &engine, &|event| progress.show(event));
    progress.finish();
    done
}

impl Simulated {
    /// The report on it.
    pub fn report(&self, file: &Path, project: &Project) -> Report {
        let meta = MetaInput {
            file: file.display().to_string(),
            wall_seconds: self.summary.wall_seconds,
            workers: self.summary.workers,
            cache_hits: self.summary.cached,
        };
        let model_of = |info: &RunInfo| self.plan.materialise(&self.plan.run(info.index)?).ok();
        report::build(project, self.runs.clone(), model_of, meta)
    }
}

/// The format that was asked for.
pub fn format(args: &HowArgs, config: &Config) -> RunFormat {
    args.format.unwrap_or(match config.format {
        Some(Format::Json) => RunFormat::Json,
        Some(Format::Text) | None => RunFormat::Text,
    })
}

/// Writes reports, one after the other, to where the result of the command goes, and ends with `exit`.
pub fn deliver(
    session: &mut Session<'_>,
    args: &HowArgs,
    format: RunFormat,
    reports: &[Report],
    exit: Exit,
) -> Result<Exit, Failure> {
    let (style, verbose) = (session.style(), session.global.verbose);
    let color = style.color && args.output.is_none();
    let options = TextOptions { width: style.width, color, unicode: style.unicode, verbose };
    let write = |report: &Report, out: &mut dyn Write| match format {
        RunFormat::Json => report::out::write_json(report, out),
        RunFormat::Jsonl => report::out::write_jsonl(report, out),
        RunFormat::Md => out.write_all(report::out::markdown(report, verbose).as_bytes()),
        RunFormat::Text => out.write_all(report::out::text(report, &options).as_bytes()),
    };
    let all = |out: &mut dyn Write| reports.iter().try_for_each(|report| write(report, out));
    session.stream(args.output.as_deref(), &all, exit)
}

/// How the process ends after a report.
pub fn verdict(report: &Report, summary: &Summary, how: RunSettings) -> Exit {
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
