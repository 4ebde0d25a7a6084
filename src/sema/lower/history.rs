//! Scenarios against the commits of a history.
//!
//! The scenarios are those of the file as it is now; the model is that of each commit, its imports
//! resolved inside the commit. Commits that answer alike whatever was asked of one of them have its model.

use super::version::Runner;
use super::{Built, architecture, build, scenario};
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{Architecture, Case, Commit, NOT_THERE, Scenario, VersionModel};
use crate::sema::History;
use crate::sema::declare::declare;
use crate::sema::load::{self, Loaded, Unit, commit};
use crate::sema::template::Flat;
use crate::source::git::{CommitInfo, Dependency, GitError, Repository, Selection, TreeHost};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{self, Item, StatementKind};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many commits a sweep takes that names none.
const LAST: &str = "last 50";
/// Fewest digits of an abbreviated commit, as in git.
const SHORT: usize = 7;

/// Which commits a scenario is run on, and where it says so.
struct Wanted {
    selection: Selection,
    span: Span,
}

/// The commits that a scenario names; `None` when it names none, or in words that mean nothing.
fn named(flat: &Flat<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Wanted> {
    let mut found: Option<Wanted> = None;
    for statement in &flat.statements {
        let StatementKind::Commits(words) = &statement.kind else { continue };
        let texts: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
        match Selection::parse(&texts) {
            // The later statement of a template's heir takes the place of the earlier one.
            Ok(selection) => found = Some(Wanted { selection, span: statement.span }),
            Err(error) => {
                let span = words.get(error.word).map_or(statement.span, |word| word.span);
                let help = "commits: `main~42..main every 7`, `#1, #14, #21..#42`, `last 50`, `tags \"v*\"`, `since \"2026-01-01\"`";
                diagnostics.push(Diagnostic::new(&codes::E0507, span, error.message).help(help));
            }
        }
    }
    found
}

/// Whether a scenario names commits.
pub fn names_commits(flat: &Flat<'_>) -> bool {
    flat.statements.iter().any(|statement| matches!(statement.kind, StatementKind::Commits(_)))
}

/// Adds a case for each commit that a scenario names, or that the sweep asks for.
pub fn add<'a>(
    run: &mut Runner<'_, 'a>,
    flats: &[Flat<'a>],
    sweep: Option<&History>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let any_named = flats.iter().any(names_commits);
    for flat in flats {
        let own = named(flat, diagnostics);
        let Some(sweep) = sweep else { continue };
        let wanted = match (&sweep.selection, own) {
            (Some(selection), _) => Wanted { selection: selection.clone(), span: flat.node.span },
            (None, Some(own)) => own,
            (None, None) if !sweep.all_scenarios || any_named => continue,
            (None, None) => {
                let Ok(selection) = Selection::parse_text(LAST) else { continue };
                Wanted { selection, span: flat.node.span }
            }
        };
        if let Err(found) = commits(run, flat, &wanted, sweep) {
            diagnostics.push(*found);
        }
    }
}

fn commits<'a>(
    run: &mut Runner<'_, 'a>,
    flat: &Flat<'a>,
    wanted: &Wanted,
    sweep: &History,
) -> Result<(), Box<Diagnostic>> {
    let failed = |error: GitError| Box::new(load::git_error(&error, flat_span(wanted, run.loaded)));
    let place = Place::of(run.loaded, sweep, wanted)?;
    let commits = wanted.selection.commits(&place.repository).map_err(failed)?;
    let ids: Vec<String> = commits.iter().map(|commit| commit.id.clone()).collect();
    let paths = place.repository.follow(&place.path, &ids);
    let outer = outer(run.base);
    let mut models = Models { run, flat, outer, known: HashMap::new() };
    let mut found = Vec::with_capacity(commits.len());
    for (commit, path) in commits.iter().zip(&paths) {
        found.push(models.at(&place.repository, commit, path));
    }
    if found.iter().all(|model| matches!(&**model, Outcome::Absent)) {
        let message = format!("none of the {} commits has the file `{}`", found.len(), place.path.display());
        return Err(Box::new(
            Diagnostic::new(&codes::E0508, flat_span(wanted, run.loaded), message)
                .help("its path is taken from the root of the repository; choose commits that have it"),
        ));
    }
    let short = short(&ids);
    for ((info, outcome), id) in commits.into_iter().zip(found).zip(&ids) {
        add_case(run, flat, Arc::new(commit(info)), &id[..short], &outcome);
    }
    Ok(())
}

/// The head of what asks for commits.
fn flat_span(wanted: &Wanted, loaded: &Loaded<'_>) -> Span {
    wanted.span.first_line(loaded.sources.text(wanted.span))
}

/// How many digits tell all ids apart.
fn short(ids: &[String]) -> usize {
    let longest = ids.iter().map(String::len).min().unwrap_or(SHORT);
    let distinct = ids.iter().collect::<BTreeSet<_>>().len();
    let differ = |digits: &usize| ids.iter().map(|id| &id[..*digits]).collect::<BTreeSet<_>>().len() == distinct;
    (SHORT.min(longest)..longest).find(differ).unwrap_or(longest)
}

/// Where the file is in which repository.
struct Place {
    repository: Repository,
    path: PathBuf,
}

impl Place {
    fn of(loaded: &Loaded<'_>, sweep: &History, wanted: &Wanted) -> Result<Self, Box<Diagnostic>> {
        let span = flat_span(wanted, loaded);
        if let Some((repository, path)) = &sweep.at {
            return Ok(Self { repository: repository.clone(), path: path.clone() });
        }
        let name = loaded.entry().map(|unit| loaded.sources.file(unit.ast.id).name.clone()).unwrap_or_default();
        let entry = loaded.canonical(Path::new(&name)).unwrap_or_else(|| PathBuf::from(&name));
        let near = entry.parent().unwrap_or(Path::new("."));
        let repository = loaded.repository(near).map_err(|error| Box::new(load::git_error(&error, span)))?;
        let inside = repository.work_tree().and_then(|root| entry.strip_prefix(root).ok()).map(Path::to_owned);
        match inside {
            Some(path) => Ok(Self { repository, path }),
            None => Err(Box::new(
                Diagnostic::new(&codes::E0508, span, format!("`{name}` is not in the work tree of its repository"))
                    .help("name the repository: `sruja sweep FILE --repo DIR`"),
            )),
        }
    }
}

/// The entry, where it has no model of its own: then it stands for all commits as it is now, and what it
/// imports is that of the commit.
fn outer(base: &Built<'_>) -> Option<Unit> {
    let entry = base.units.last().filter(|unit| !unit.is_std)?;
    let items = ast::flatten(&entry.ast.items);
    let has_model = items.iter().any(|item| matches!(item, Item::Element(_) | Item::Relation(_)));
    let imports = ast::imports(&entry.ast.items).any(|import| !crate::sema::stdlib::is_stdlib(&import.from.value));
    (!has_model && imports).then(|| entry.clone())
}

/// What a scenario has in one commit.
enum Outcome {
    /// A model, and the scenario lowered against it.
    Model(Arc<Architecture>, Arc<Scenario>, Vec<Arc<str>>),
    /// The file is not there.
    Absent,
    /// It has errors, or the scenario does not fit: in one line.
    Broken(Arc<str>),
}

/// What came of one commit, and what it depends on.
struct Known {
    path: PathBuf,
    asked: BTreeMap<PathBuf, Dependency>,
    outcome: Arc<Outcome>,
}

/// The models of commits, each built once.
struct Models<'m, 'r, 'a> {
    run: &'m Runner<'r, 'a>,
    flat: &'m Flat<'a>,
    outer: Option<Unit>,
    /// By the content of the entry.
    known: HashMap<Option<String>, Vec<Known>>,
}

impl Models<'_, '_, '_> {
    fn at(&mut self, repository: &Repository, commit: &CommitInfo, path: &Path) -> Arc<Outcome> {
        let tree = match repository.tree(&commit.id) {
            Ok(tree) => tree,
            Err(error) => return Arc::new(Outcome::Broken(error.to_string().into())),
        };
        let content = tree.content(path);
        if content.is_none() && self.outer.is_none() {
            return Arc::new(Outcome::Absent);
        }
        let known = self.known.entry(content).or_default();
        let same = |known: &&Known| known.path == path && tree.answers(&known.asked);
        if let Some(found) = known.iter().rev().find(same) {
            return found.outcome.clone();
        }
        let outcome = Arc::new(self.run.commit_outcome(self.flat, &tree, path, self.outer.as_ref()));
        known.push(Known { path: path.to_owned(), asked: tree.asked(), outcome: outcome.clone() });
        outcome
    }
}

impl<'a> Runner<'_, 'a> {
    fn commit_outcome(&self, flat: &Flat<'a>, tree: &TreeHost, path: &Path, outer: Option<&Unit>) -> Outcome {
        let mut loaded = self.loaded.of_commit(tree, path, outer);
        let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
        let mut declared = declare(&loaded.units, &[], &BTreeMap::new(), &mut diagnostics);
        declared.names.know_as(&self.base.declared.names);
        let built = build(&loaded, &loaded.units, declared, &HashMap::new(), &mut diagnostics);
        if built.architecture.request_types.is_empty() && !has_errors(&diagnostics) {
            diagnostics.push(architecture::no_traffic(flat.node.span));
        }
        let (mut scenario, not_simulated) = scenario::lower(&loaded, &built, flat, self.sets, &mut diagnostics);
        scenario.names_versions = true;
        match first_error(&loaded.sources, &mut diagnostics) {
            Some(error) => Outcome::Broken(error),
            None => Outcome::Model(built.architecture.handle(), Arc::new(scenario), not_simulated),
        }
    }
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|found| found.severity == Severity::Error)
}

/// The first error as one line, and how many more there are.
fn first_error(sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) -> Option<Arc<str>> {
    diagnostics.retain(|found| found.severity == Severity::Error);
    crate::diag::sort(diagnostics);
    let first = diagnostics.first()?;
    let at = sources.position(first.span);
    let file = &sources.file(first.span.file).name;
    let more = match diagnostics.len() - 1 {
        0 => String::new(),
        1 => " (and 1 more error)".to_owned(),
        n => format!(" (and {n} more errors)"),
    };
    Some(format!("{} {} at {file}:{}:{}{more}", first.code.id, first.message, at.line, at.column).into())
}

fn add_case(run: &mut Runner<'_, '_>, flat: &Flat<'_>, commit: Arc<Commit>, name: &str, outcome: &Outcome) {
    let (model, scenario) = match outcome {
        Outcome::Model(model, scenario, not_simulated) => {
            run.project.not_simulated.extend(not_simulated.iter().cloned());
            (Ok(model.clone()), scenario.clone())
        }
        Outcome::Absent => (Err(NOT_THERE.into()), bare(flat)),
        Outcome::Broken(error) => (Err(error.clone()), bare(flat)),
    };
    if !run.project.history.iter().any(|known| known.id == commit.id) {
        run.project.history.push(commit.clone());
    }
    let version = VersionModel { name: name.into(), title: None, commit: Some(commit), model };
    run.project.versions.push(version);
    run.project.cases.push(Case { version: run.project.versions.len() - 1, scenario });
}

/// The scenario of a commit without a model: one row that says so.
fn bare(flat: &Flat<'_>) -> Arc<Scenario> {
    Arc::new(scenario::bare(flat))
}
