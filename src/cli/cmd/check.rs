//! `sruja check`: look for mistakes.

use crate::cli::args::{CheckArgs, CheckFormat};
use crate::cli::config::{Config, Format};
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::{Checkup, collect};
use crate::cli::session::Session;
use crate::cli::watch;
use crate::diag::apply_fixes;
use crate::diag::render::{self, Summary, count_of};

/// A fix may bring to light what another one mends; more rounds than this mean that two of them
/// undo each other.
const ROUNDS: usize = 10;

/// Checks once, or again and again with `--watch`.
pub fn run(session: &mut Session<'_>, args: &CheckArgs) -> Result<Exit, Failure> {
    if !args.watch {
        return once(session, args).map(|(_, exit)| exit);
    }
    watch::repeat(session, &args.paths, |session| Ok(once(session, args)?.0))
}

/// Checks, mends if asked to, and shows what is left; gives the names of the files it read.
fn once(session: &mut Session<'_>, args: &CheckArgs) -> Result<(Vec<String>, Exit), Failure> {
    let config = session.workspace(args.paths.first().map_or(".".as_ref(), |path| path.as_path()))?.config;
    let mut checkup = check(session, args)?;
    if args.fix {
        checkup = mend(session, args, checkup)?;
    }
    let summary = Summary::of(&checkup.diagnostics, checkup.files());
    let exit = if summary.errors > 0 { Exit::Findings } else { Exit::Ok };
    let text = rendered(session, &checkup, &summary, format(args, &config));
    let exit = session.finish(args.output.as_deref(), &text, exit)?;
    let names = checkup.sources.iter().map(|(_, file)| file.name.clone()).collect();
    if !args.watch {
        // The process ends here: the system takes its memory back faster than we could, piece by piece.
        std::mem::forget(checkup);
    }
    Ok((names, exit))
}

fn check(session: &mut Session<'_>, args: &CheckArgs) -> Result<Checkup, Failure> {
    let inputs = collect(session.host, &args.paths)?;
    for input in &inputs {
        session.detail(&format!("checking {}", input.path.display()));
    }
    Checkup::of(session.host, &inputs, |workspace, found| {
        Ok(workspace.config.lints.with_flags(&args.lints)?.apply(found))
    })
}

fn mend(session: &mut Session<'_>, args: &CheckArgs, mut checkup: Checkup) -> Result<Checkup, Failure> {
    let mut mended = 0;
    for _ in 0..ROUNDS {
        let made = write_fixes(session, &checkup)?;
        if made == 0 {
            break;
        }
        mended += made;
        checkup = check(session, args)?;
    }
    session.note(&format!("fixed {}", count_of(mended, "problem")));
    Ok(checkup)
}

/// Writes the files with their certain fixes; the number of those.
fn write_fixes(session: &Session<'_>, checkup: &Checkup) -> Result<usize, Failure> {
    let mut made = 0;
    for fixed in apply_fixes(&checkup.sources, &checkup.diagnostics) {
        let name = &checkup.sources.file(fixed.file).name;
        if !name.starts_with("std:") {
            session.write(name.as_ref(), &fixed.text)?;
            made += fixed.count;
        }
    }
    Ok(made)
}

fn format(args: &CheckArgs, config: &Config) -> CheckFormat {
    args.format.unwrap_or(match config.format {
        Some(Format::Json) => CheckFormat::Json,
        Some(Format::Text) | None => CheckFormat::Text,
    })
}

fn rendered(session: &Session<'_>, checkup: &Checkup, summary: &Summary, format: CheckFormat) -> String {
    let (sources, diagnostics) = (&checkup.sources, &checkup.diagnostics);
    match format {
        CheckFormat::Text if session.global.quiet && diagnostics.is_empty() => String::new(),
        CheckFormat::Text => render::text(sources, diagnostics, summary, session.style()),
        CheckFormat::Json => render::json(sources, diagnostics, summary),
        CheckFormat::Sarif => render::sarif(sources, diagnostics),
        CheckFormat::Github => render::github(sources, diagnostics),
    }
}
