//! From the paths of a command line to checked files.

use super::exit::Failure;
use super::session::Session;
use super::settings::PlanSettings;
use super::workspace::{Workspace, Workspaces};
use crate::diag::{self, Diagnostic, Label, Severity};
use crate::model::Project;
use crate::plan::{Plan, PlanError, PlanOptions};
use crate::sema::{self, Checked};
use crate::source::{FileId, Host, SourceFile, SourceMap, Span};
use crate::syntax::ast;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One file to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// As it is shown.
    pub path: PathBuf,
    /// The folder that was named, or the folder of the file that was named.
    pub named: PathBuf,
}

/// Every file that `paths` mean, once each; a folder means every `.sruja` file below it.
pub fn collect(host: &dyn Host, paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut inputs: Vec<Input> = Vec::new();
    for path in paths {
        for input in below(host, path)? {
            if !inputs.iter().any(|known| known.path == input.path) {
                inputs.push(input);
            }
        }
    }
    Ok(inputs)
}

fn below(host: &dyn Host, path: &Path) -> Result<Vec<Input>, Failure> {
    let failed = |error| Failure::Input { path: path.to_owned(), error };
    host.canonical(path).map_err(failed)?;
    if !host.is_dir(path) {
        let named = path.parent().unwrap_or(path).to_owned();
        return Ok(vec![Input { path: undotted(path), named }]);
    }
    let files = host.list(path).map_err(failed)?;
    if files.is_empty() {
        return Err(Failure::usage(format!("no .sruja files below {}", path.display())));
    }
    Ok(files.iter().map(|file| Input { path: undotted(file), named: path.to_owned() }).collect())
}

/// Without the `./` in front.
fn undotted(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}

/// Checks files that are to be run; `None` when one has errors, which are then shown, or
/// otherwise what was understood of each. Warnings are `check`'s business.
pub fn compile(
    session: &mut Session<'_>,
    paths: &[PathBuf],
    set: &[(String, String)],
) -> Result<Option<Vec<(Input, Checked)>>, Failure> {
    let inputs = collect(session.host, paths)?;
    let mut workspaces = Workspaces::new(session.host);
    let mut all = Vec::new();
    let options =
        sema::Options { set: assignments(set), history: Some(sema::History::default()), ..sema::Options::default() };
    for input in &inputs {
        let workspace = workspaces.of(&input.path, &input.named)?;
        all.push(sema::check_with(session.host, &input.path, &workspace.root, &options));
    }
    Ok(sound(session, all).map(|all| inputs.into_iter().zip(all).collect()))
}

/// Assignments as the checker takes them.
pub fn assignments(set: &[(String, String)]) -> Vec<String> {
    set.iter().map(|(path, value)| format!("{path}={value}")).collect()
}

/// What was checked, when nothing of it is an error; errors are shown.
pub fn sound(session: &mut Session<'_>, all: Vec<Checked>) -> Option<Vec<Checked>> {
    let broken: Vec<_> = all.iter().filter(|checked| checked.diagnostics.iter().any(is_error)).collect();
    for checked in &broken {
        let errors: Vec<_> = checked.diagnostics.iter().filter(|found| is_error(found)).cloned().collect();
        session.show(&checked.sources, &errors, 1);
    }
    if broken.is_empty() { Some(all) } else { None }
}

/// The plan of a project, or why there is none.
pub fn plan(project: &Project, settings: &PlanSettings) -> Result<Plan, Failure> {
    let options = PlanOptions { limit: settings.limit, scenarios: settings.scenario.clone(), seed: settings.seed };
    Plan::new(project, &options).map_err(no_plan)
}

/// Why there is no plan, to the user.
pub fn no_plan(error: PlanError) -> Failure {
    Failure::Plan { code: error.code(), message: error.to_string() }
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

/// What checking several files found, over one map of sources.
#[derive(Default)]
pub struct Checkup {
    /// Every file that was read.
    pub sources: SourceMap,
    /// Sorted; what two files found in a common import stands once.
    pub diagnostics: Vec<Diagnostic>,
    names: BTreeMap<String, FileId>,
    /// What else was made for it, held so that the end of the process may spare itself to take it apart.
    rest: Vec<(Option<Project>, Vec<Arc<ast::File>>)>,
}

impl Checkup {
    /// Checks `inputs` with the lints of their workspaces, as `weigh` has them.
    pub fn of(
        host: &dyn Host,
        inputs: &[Input],
        weigh: impl Fn(&Workspace, Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Failure>,
    ) -> Result<Self, Failure> {
        let mut workspaces = Workspaces::new(host);
        let mut checkup = Self::default();
        for input in inputs {
            let workspace = workspaces.of(&input.path, &input.named)?;
            let mut checked = sema::check(host, &input.path, &workspace.root);
            checked.diagnostics = weigh(&workspace, checked.diagnostics)?;
            checkup.absorb(checked);
        }
        diag::sort(&mut checkup.diagnostics);
        Ok(checkup)
    }

    /// Number of the user's own files; embedded ones do not count.
    pub fn files(&self) -> usize {
        self.names.keys().filter(|name| !name.starts_with("std:")).count()
    }

    fn absorb(&mut self, checked: Checked) {
        let ids: Vec<_> = checked.sources.into_files().map(|file| self.number(file)).collect();
        self.rest.push((checked.project, checked.trees));
        self.diagnostics.extend(checked.diagnostics.into_iter().map(|found| renumbered(found, &ids)));
    }

    fn number(&mut self, file: SourceFile) -> FileId {
        if let Some(known) = self.names.get(&file.name) {
            return *known;
        }
        let name = file.name.clone();
        let id = self.sources.adopt(file);
        self.names.insert(name, id);
        id
    }
}

/// `diagnostic` with the numbers that its files have in another map.
fn renumbered(mut diagnostic: Diagnostic, ids: &[FileId]) -> Diagnostic {
    let moved = |span: Span| Span { file: ids[span.file.0 as usize], ..span };
    diagnostic.span = moved(diagnostic.span);
    for Label { span, .. } in &mut diagnostic.related {
        *span = moved(*span);
    }
    for edit in diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
        edit.span = moved(edit.span);
    }
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryHost;

    #[test]
    fn a_folder_means_every_file_below_it_and_a_file_counts_once() {
        let host = MemoryHost::new([("a/x.sruja", ""), ("a/b/y.sruja", ""), ("a/notes.md", "")]);
        let paths = ["a", "./a/x.sruja"].map(PathBuf::from);
        let found = collect(&host, &paths).unwrap();
        assert_eq!(found.iter().map(|i| i.path.to_str().unwrap()).collect::<Vec<_>>(), ["a/b/y.sruja", "a/x.sruja"]);
        assert!(matches!(collect(&host, &["z".into()]), Err(Failure::Input { .. })));
    }

    #[test]
    fn what_two_files_find_in_a_common_import_stands_once() {
        use crate::diag::codes::E0203;
        let checked = |own: &str| {
            let mut sources = SourceMap::new();
            sources.add(own, "a");
            let common = sources.add("common.sruja", "bb");
            let found = Diagnostic::new(&E0203, Span::new(common, 0, 1), "m").fix("t", Span::new(common, 0, 1), "c");
            Checked { sources, diagnostics: vec![found], project: None, trees: Vec::new(), meaning: None }
        };
        let mut checkup = Checkup::default();
        checkup.absorb(checked("x.sruja"));
        checkup.absorb(checked("y.sruja"));
        diag::sort(&mut checkup.diagnostics);
        assert_eq!((checkup.diagnostics.len(), checkup.files()), (1, 3));
        assert_eq!(checkup.sources.file(checkup.diagnostics[0].fixes[0].edits[0].span.file).name, "common.sruja");
    }
}
