//! `sruja why-rerun`: what differs from the cached result of a run.

use crate::cli::args::{WhyFormat, WhyRerunArgs};
use crate::cli::cache;
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::{collect, compile, plan};
use crate::cli::session::Session;
use crate::cli::settings::PlanSettings;
use crate::diag::render::plain_lines;
use crate::plan::{Plan, matches};
use crate::schema::nearest;
use crate::store::{Cache, Difference, Inputs, Recipes, inputs_differ};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// `sruja.why-rerun/1`.
#[derive(Serialize)]
struct Answer {
    schema: &'static str,
    runs: Vec<Reason>,
}

/// What is to be said of one run.
#[derive(Serialize)]
struct Reason {
    file: String,
    run: String,
    hash: String,
    state: State,
    differences: Vec<Difference>,
}

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Its result is there.
    Cached,
    /// Nothing of that name was ever simulated.
    New,
    /// Another result of that name is there, or was.
    Differs,
    /// The same, but what it was made by cannot be read any more.
    Unreadable,
}

/// Says why the runs of a name have to be simulated, or that they have not.
pub fn run(session: &mut Session<'_>, args: &WhyRerunArgs) -> Result<Exit, Failure> {
    let first = args.file.as_deref().unwrap_or(".".as_ref());
    let workspace = session.workspace(first)?;
    let settings = PlanSettings::of(&args.plan, &workspace.config);
    let recipes = Recipes::read(session.host, &cache::place(&workspace).folder);
    let files = files(session, args, &workspace.root, &recipes)?;
    let Some(checked) = compile(session, &files, &settings.set)? else { return Ok(Exit::Usage) };
    let several = checked.len() > 1;
    let (mut reasons, mut names) = (Vec::new(), BTreeSet::new());
    for (input, checked) in checked {
        let (file, project) = (input.path.as_path(), checked.project.unwrap_or_default());
        let plan = match plan(&project, &settings) {
            Ok(plan) => plan,
            // Of several files some have no scenarios.
            Err(_) if several => continue,
            Err(failure) => return Err(failure),
        };
        let name = cache::name_in(session.host, &workspace.root, file);
        reasons.extend(of_file(&cache::open(session, file)?, &recipes, &plan, &name, &args.run));
        names.extend(plan.iter().map(|run| run.info.name));
    }
    if reasons.is_empty() {
        return Err(unknown(&args.run, names.iter().map(|name| &**name)));
    }
    let text = match args.format.unwrap_or_default() {
        WhyFormat::Json => json(reasons),
        WhyFormat::Text => reasons.iter().map(told).collect(),
    };
    session.finish(None, &text, Exit::Ok)
}

/// The files that were named, else the only one with such a run among those that have results, else every file of this
/// folder.
fn files(session: &Session<'_>, args: &WhyRerunArgs, root: &Path, recipes: &Recipes) -> Result<Vec<PathBuf>, Failure> {
    let is_wanted = |(_, name): &(&str, &str)| matches(&args.run, name);
    let made: BTreeSet<&str> = recipes.names().filter(is_wanted).map(|(file, _)| file).collect();
    let known: Vec<PathBuf> = made.iter().map(|file| root.join(file)).collect();
    let named = match (&args.file, known.as_slice()) {
        (Some(file), _) => file.as_path(),
        (None, [only]) if session.host.canonical(only).is_ok() => only.as_path(),
        (None, _) => Path::new("."),
    };
    Ok(collect(session.host, &[named.to_owned()])?.into_iter().map(|input| input.path).collect())
}

fn of_file(cache: &Cache<'_>, recipes: &Recipes, plan: &Plan, file: &str, glob: &str) -> Vec<Reason> {
    let reason = |index: u64| {
        let planned = plan.run(index)?;
        let info = &planned.info;
        let (model, config) = plan.materialise(&planned).ok()?;
        let (state, differences) = match recipes.find(file, &info.name) {
            _ if cache.has(info, &config) => (State::Cached, Vec::new()),
            None => (State::New, Vec::new()),
            Some(old) => stated(inputs_differ(old, &cache.recipe(info, &model, &config))),
        };
        let (run, hash) = (info.name.to_string(), info.hash.to_string());
        Some(Reason { file: file.to_owned(), run, hash, state, differences })
    };
    let wanted = plan.iter().filter(|run| matches(glob, &run.info.name)).map(|run| run.info.index);
    wanted.filter_map(reason).collect()
}

fn stated(inputs: Inputs) -> (State, Vec<Difference>) {
    match inputs {
        Inputs::Differ(differences) => (State::Differs, differences),
        Inputs::Unreadable(differences) => (State::Unreadable, differences),
    }
}

fn unknown<'n>(run: &str, names: impl Iterator<Item = &'n str>) -> Failure {
    let names: Vec<&str> = names.collect();
    let near = nearest(run, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    let help = near.or_else(|| {
        let some: Vec<_> = names.iter().take(3).copied().collect();
        (!some.is_empty()).then(|| format!("there are runs such as {}; `sruja expand` lists them", some.join(", ")))
    });
    Failure::usage_with_help(format!("no run is called `{run}`"), help)
}

fn json(runs: Vec<Reason>) -> String {
    let answer = Answer { schema: "sruja.why-rerun/1", runs };
    // Text keys and plain values: nothing in it can fail.
    serde_json::to_string_pretty(&answer).unwrap_or_default() + "\n"
}

fn told(reason: &Reason) -> String {
    let what = match reason.state {
        State::Cached => "cached, nothing differs",
        State::New => "never simulated",
        State::Differs => "not cached; against the latest result of that name:",
        State::Unreadable => "not cached; the inputs of the latest result of that name cannot be compared",
    };
    let mut text = format!("{} ({}): {what}\n", reason.run, reason.file);
    for difference in &reason.differences {
        text += &format!("  {difference}\n");
    }
    plain_lines(&text).into_owned()
}
