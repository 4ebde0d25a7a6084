//! `sruja sweep`: the scenarios of a file on the commits of its history.

use crate::cli::args::SweepArgs;
use crate::cli::attribution::{self, Means};
use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::{assignments, sound};
use crate::cli::session::Session;
use crate::cli::settings::{PlanSettings, RunSettings};
use crate::cli::simulate::{deliver, format, simulate, verdict};
use crate::cli::{bisect, cache};
use crate::model::Project;
use crate::sema::{self, Checked, History};
use crate::source::Host;
use crate::source::git::{GitError, Repository, Selection, TreeHost};
use crate::store::Cache;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Runs every scenario on every commit and reports.
pub fn run(session: &mut Session<'_>, args: &SweepArgs) -> Result<Exit, Failure> {
    let selection = selection(args)?;
    let place = Place::find(session.host, args)?;
    let config = place.config(session, args)?;
    let settings = PlanSettings::of(&args.plan, &config);
    let format = format(&args.how, &config);
    let how = RunSettings::of(&args.how, &config, session.host);
    let Some(checked) = check(session, &place, selection, &settings, args)? else { return Ok(Exit::Usage) };
    let Some(mut project) = checked.project else { return Ok(Exit::Usage) };
    project.threshold = args.threshold;
    notes(session, &place, &project);
    let cache = place.cache(session, args, &config)?;
    let mut means = Means { session, settings: &settings, how, cache: cache.as_ref() };
    let (mut report, simulated) = match &args.bisect {
        Some(expression) => {
            let found = bisect::search(&mut means, &args.file, &project, expression)?;
            (found.report, found.simulated)
        }
        None => {
            let simulated = simulate(means.session, &project, &settings, how, cache.as_ref())?;
            (simulated.report(&args.file, &project), simulated)
        }
    };
    attribution::explain(&mut means, &simulated, &mut report)?;
    let exit = verdict(&report, &simulated.summary, how);
    deliver(session, &args.how, format, &[report], exit)
}

/// The commits that the options choose; `None` when they choose none.
fn selection(args: &SweepArgs) -> Result<Option<Selection>, Failure> {
    let mut words: Vec<&str> = Vec::new();
    let parts = args.commits.iter().flat_map(|text| text.split([' ', ','])).map(str::trim);
    words.extend(parts.filter(|word| !word.is_empty()));
    let every = args.every.map(|every| every.to_string());
    let options = [("since", &args.since), ("until", &args.until), ("branch", &args.branch), ("every", &every)];
    words.extend(args.tags.iter().flat_map(|tag| ["tags", tag.as_str()]));
    words.extend(options.into_iter().filter_map(|(name, value)| Some([name, value.as_deref()?])).flatten());
    if words.is_empty() {
        return Ok(None);
    }
    let wrong = |message: String| Failure::Plan { code: "E0507", message };
    Selection::parse(&words).map(Some).map_err(|error| wrong(error.message))
}

/// Where the file is.
struct Place {
    repository: Repository,
    /// In the repository, from its root.
    path: PathBuf,
    /// In the work tree, as it is shown; `None`: it is read from the newest commit.
    on_disk: Option<PathBuf>,
}

impl Place {
    fn find(host: &dyn Host, args: &SweepArgs) -> Result<Self, Failure> {
        let folder = args.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let near = args.repo.as_deref().or(folder).unwrap_or(Path::new("."));
        let repository = host.repository(near).map_err(failure)?;
        let below_repository = args.repo.as_ref().map(|repo| repo.join(&args.file));
        for file in std::iter::once(args.file.clone()).chain(below_repository) {
            let Ok(real) = host.canonical(&file) else { continue };
            let inside = repository.work_tree().and_then(|root| real.strip_prefix(root).ok());
            if let Some(path) = inside.filter(|_| !host.is_dir(&real)) {
                let path = path.to_owned();
                return Ok(Self { repository, path, on_disk: Some(file) });
            }
        }
        let revision = args.branch.as_deref().unwrap_or("HEAD");
        let path = args.file.clone();
        let tree = repository.resolve(revision).and_then(|id| repository.tree(&id)).map_err(failure)?;
        match tree.content(&path) {
            Some(_) => Ok(Self { repository, path, on_disk: None }),
            None => Err(Failure::Plan {
                code: "E0508",
                message: format!("`{}` is neither in the work tree nor in {revision}", path.display()),
            }),
        }
    }

    /// The settings of the workspace; a bare repository has none.
    fn config(&self, session: &mut Session<'_>, args: &SweepArgs) -> Result<Rc<Config>, Failure> {
        match &self.on_disk {
            Some(file) => Ok(session.workspace(file)?.config),
            None => Ok(session.workspace(args.repo.as_deref().unwrap_or(Path::new(".")))?.config),
        }
    }

    /// Results of earlier sweeps; the files of a bare repository have no place to keep them.
    fn cache<'h>(
        &self,
        session: &Session<'h>,
        args: &SweepArgs,
        config: &Config,
    ) -> Result<Option<Cache<'h>>, Failure> {
        match &self.on_disk {
            Some(file) if cache::is_wanted(args.how.no_cache, config, session.host) => {
                cache::open(session, file).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn tip(&self) -> Result<TreeHost, Failure> {
        self.repository.resolve("HEAD").and_then(|id| self.repository.tree(&id)).map_err(failure)
    }
}

fn failure(error: GitError) -> Failure {
    Failure::History(error)
}

/// The file checked on all commits; `None` after its errors are shown.
fn check(
    session: &mut Session<'_>,
    place: &Place,
    selection: Option<Selection>,
    settings: &PlanSettings,
    args: &SweepArgs,
) -> Result<Option<Checked>, Failure> {
    let expect = args.bisect.iter().map(|text| ("--bisect", text.clone())).collect();
    let at = Some((place.repository.clone(), place.path.clone()));
    let history = History { selection, all_scenarios: true, at };
    let options =
        sema::Options { set: assignments(&settings.set), expect, history: Some(history), ..sema::Options::default() };
    let checked = match &place.on_disk {
        Some(file) => {
            let root = session.workspace(file)?.root;
            sema::check_with(session.host, file, &root, &options)
        }
        None => sema::check_with(&place.tip()?, &place.path, Path::new(""), &options),
    };
    Ok(sound(session, vec![checked]).and_then(|mut all| all.pop()))
}

/// What a reader has to know of the history.
fn notes(session: &mut Session<'_>, place: &Place, project: &Project) {
    if place.repository.is_shallow() {
        session.note("the clone is shallow: older commits are missing, and #1 is the oldest one that is there");
    }
    session.detail(&format!("{} commits", project.history.len()));
}
