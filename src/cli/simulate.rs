//! From a project to its report: what `run` and `sweep` share.

use super::args::{FailOn, HowArgs, RunFormat};
use super::config::{Config, Format};
use super::exit::{Exit, Failure};
use super::inputs::plan;
use super::progress::Progress;
use super::session::Session;
use super::settings::{PlanSettings, RunSettings};
use crate::exec::event::RunInfo;
use crate::exec::{Engine, ExecOptions, Summary, collect};
use crate::model::{Architecture, Project, RunConfig};
use crate::plan::Plan;
use crate::report::out::TextOptions;
use crate::report::{self, MetaInput, Report};
use crate::sim;
use std::path::Path;
use std::sync::Arc;

/// Simulates every run of a project and reports.
pub fn simulate(
    session: &mut Session<'_>,
    file: &Path,
    project: &Project,
    settings: &PlanSettings,
    how: RunSettings,
) -> Result<(Report, Summary), Failure> {
    let plan = plan(project, settings)?;
    let host = session.host;
    let interrupt = super::interrupt::flag();
    let options = ExecOptions { workers: how.jobs, interrupt, clock: &|| host.monotonic() };
    let engine = Engine { replicate: &sim::replicate, merge: &sim::merge, next: &sim::next };
    let progress = Progress::new(session, how.progress, plan.len());
    let (runs, summary) = collect(&plan, &options, &engine, &|event| progress.show(event));
    progress.finish();
    let meta = MetaInput {
        file: file.display().to_string(),
        wall_seconds: summary.wall_seconds,
        workers: summary.workers,
        ..MetaInput::default()
    };
    let model_of = |info: &RunInfo| model_of(&plan, info.index);
    Ok((report::build(project, runs, model_of, meta), summary))
}

fn model_of(plan: &Plan, index: u64) -> Option<(Arc<Architecture>, RunConfig)> {
    plan.materialise(&plan.run(index)?).ok()
}

/// The format that was asked for.
pub fn format(args: &HowArgs, config: &Config) -> RunFormat {
    args.format.unwrap_or(match config.format {
        Some(Format::Json) => RunFormat::Json,
        Some(Format::Text) | None => RunFormat::Text,
    })
}

/// A report as text of a format.
pub fn written(session: &Session<'_>, args: &HowArgs, format: RunFormat, report: &Report) -> String {
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
