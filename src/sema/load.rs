//! Files and their imports, inside the workspace root.

use super::parsed::Parsed;
use super::stdlib::{self, STDLIB, is_stdlib};
use crate::diag::{Diagnostic, codes};
use crate::model::Commit;
use crate::source::git::{CommitInfo, GitError, Repository};
use crate::source::{FileId, Host, HostError, SourceMap, Span, tidy};
use crate::syntax::ast::StatementKind;
use crate::syntax::{self, ast};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Largest file that is read.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Most files of one workspace.
const MAX_FILES: usize = 2_000;

/// One parsed file.
#[derive(Clone)]
pub struct Unit {
    /// Its syntax; shared between the versions that have it.
    pub ast: Arc<ast::File>,
    /// Whether it belongs to the standard library.
    pub is_std: bool,
    /// The names taken from it; `None`: everything.
    pub names: Option<BTreeSet<String>>,
}

/// A file and all that it imports.
pub struct Loaded<'h> {
    /// Where files come from.
    host: &'h dyn Host,
    /// The workspace root, links resolved.
    root: PathBuf,
    /// Texts.
    pub sources: SourceMap,
    /// Files, imports before their importers, the standard library first, the entry last.
    pub units: Vec<Unit>,
    /// What went wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Texts of files that versions name, by [`version_key`].
    pub versions: BTreeMap<String, Vec<Unit>>,
    /// Files that a pattern of a `versions` statement matches: their paths as keys of `versions`.
    pub version_files: BTreeMap<String, Vec<String>>,
    /// Commits that versions are read from, by [`version_key`].
    pub version_commits: BTreeMap<String, Arc<Commit>>,
    /// The invocation that this commit was loaded for.
    around: Option<Around<'h>>,
}

/// The files of the work tree, as a commit's scenarios see them.
struct Around<'h> {
    host: &'h dyn Host,
    root: PathBuf,
    /// How many files it has: they come first.
    files: usize,
}

/// What the files of a version are kept under: its path, behind its revision where it has one.
pub fn version_key(origin: &ast::VersionOrigin) -> Option<String> {
    match origin {
        ast::VersionOrigin::File(path) => Some(path.value.clone()),
        ast::VersionOrigin::Git { reference, path } => Some(format!("{}:{}", reference.value, path.value)),
        ast::VersionOrigin::Overlay { .. } | ast::VersionOrigin::Missing => None,
    }
}

impl Loaded<'_> {
    /// The file that was asked for.
    pub fn entry(&self) -> Option<&Unit> {
        self.units.last().filter(|unit| !unit.is_std)
    }

    /// The numbers of a data file (`empirical("file.csv")`), relative to the file that names it: the
    /// last column of each line, a first line of words skipped. `Err` says what is wrong.
    pub fn numbers(&self, named_in: FileId, from: &str) -> Result<Vec<f64>, String> {
        Ok(self.rows(named_in, from)?.into_iter().map(|row| row.last).collect())
    }

    /// The lines of a data file with a number in their last column; otherwise as [`Self::numbers`].
    pub fn rows(&self, named_in: FileId, from: &str) -> Result<Vec<Row>, String> {
        let path = import_path(Path::new(&self.sources.file(named_in).name), from).map_err(str::to_owned)?;
        let path = if Path::new(from).extension().is_none() { path.with_extension("") } else { path };
        let (host, root) = match &self.around {
            Some(around) if (named_in.0 as usize) < around.files => (around.host, &around.root),
            _ => (self.host, &self.root),
        };
        let real = host.canonical(&path).map_err(|error| error.to_string())?;
        if !real.starts_with(root) {
            return Err("it lies outside the workspace".into());
        }
        let bytes = host.read(&path, MAX_FILE_BYTES).map_err(|error| error.to_string())?;
        parse_rows(&String::from_utf8_lossy(&bytes))
    }
}

/// Reads `entry` and everything that it imports.
pub fn load<'h>(host: &'h dyn Host, entry: &Path, root: &Path, parsed: Option<Arc<Parsed>>) -> Loaded<'h> {
    let mut loader = Loader { parsed, ..Loader::new(host, root) };
    for ((name, text), file) in STDLIB.iter().zip(stdlib::files()) {
        let id = loader.sources.add(*name, *text);
        debug_assert_eq!(id, file.ast.id, "the standard library comes first");
        loader.diagnostics.extend(file.diagnostics.iter().cloned());
        loader.units.push(Unit { ast: Arc::clone(&file.ast), is_std: true, names: None });
    }
    loader.read(entry, None, None);
    loader.read_versions(entry);
    loader.loaded(None)
}

impl<'h> Loaded<'h> {
    /// What stood in one commit, where `path` is the entry: with `outer`, its imports alone stood there, and
    /// it is itself as it is now.
    pub fn of_commit(&self, commit: &'h dyn Host, path: &Path, outer: Option<&Unit>) -> Loaded<'h>
    where
        Self: 'h,
    {
        let mut loader = Loader::new(commit, Path::new(""));
        loader.sources = self.sources.clone();
        loader.units = self.units.iter().filter(|unit| unit.is_std).cloned().collect();
        match outer {
            None => loader.read(path, None, None),
            Some(entry) => {
                loader.read_imports(path, &entry.ast);
                loader.units.push(entry.clone());
            }
        }
        let files = self.sources.iter().count();
        loader.loaded(Some(Around { host: self.host, root: self.root.clone(), files }))
    }

    /// The repository of a path, or of the entry.
    pub fn repository(&self, near: &Path) -> Result<Repository, GitError> {
        self.host.repository(near)
    }

    /// The path with links resolved.
    pub fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.host.canonical(path).ok()
    }
}

struct Loader<'h> {
    host: &'h dyn Host,
    root: PathBuf,
    sources: SourceMap,
    units: Vec<Unit>,
    diagnostics: Vec<Diagnostic>,
    /// Index into `units` of each file already read, by its real path.
    done: BTreeMap<PathBuf, usize>,
    /// Files being read, outermost first, with the names they are shown by.
    open: Vec<(PathBuf, String)>,
    versions: BTreeMap<String, Vec<Unit>>,
    version_files: BTreeMap<String, Vec<String>>,
    version_commits: BTreeMap<String, Arc<Commit>>,
    /// What stands before the paths of files where they are shown: `v1.2:`.
    prefix: String,
    /// What was parsed before.
    parsed: Option<Arc<Parsed>>,
}

impl<'h> Loader<'h> {
    fn new(host: &'h dyn Host, root: &Path) -> Self {
        let root = host.canonical(root).unwrap_or_else(|_| root.to_path_buf());
        Self {
            host,
            root,
            sources: SourceMap::new(),
            units: Vec::new(),
            diagnostics: Vec::new(),
            done: BTreeMap::new(),
            open: Vec::new(),
            versions: BTreeMap::new(),
            version_files: BTreeMap::new(),
            version_commits: BTreeMap::new(),
            prefix: String::new(),
            parsed: None,
        }
    }

    fn loaded(self, around: Option<Around<'h>>) -> Loaded<'h> {
        Loaded {
            host: self.host,
            root: self.root,
            sources: self.sources,
            units: self.units,
            diagnostics: self.diagnostics,
            versions: self.versions,
            version_files: self.version_files,
            version_commits: self.version_commits,
            around,
        }
    }

    /// Reads one file and, first, what it imports. `asked` is the import that wants it.
    fn read(&mut self, path: &Path, asked: Option<&ast::Import>, names: Option<BTreeSet<String>>) {
        let shown = format!("{}{}", self.prefix, show(path));
        let real = self.host.canonical(path).unwrap_or_else(|_| path.to_path_buf());
        if let Some(found) = self.done.get(&real) {
            merge_names(&mut self.units[*found].names, names);
            return;
        }
        if let Some(at) = self.open.iter().position(|(open, _)| *open == real) {
            self.report_cycle(at, asked);
            return;
        }
        if asked.is_some() && self.is_outside(path) {
            self.report_outside(asked, &shown);
            return;
        }
        let Some(id) = self.add_text(path, &shown, asked) else { return };
        let text = &self.sources.file(id).text;
        let (ast, diagnostics) = match &self.parsed {
            Some(parsed) => parsed.parse(id, text),
            None => {
                let (ast, diagnostics) = syntax::parse(id, text);
                (Arc::new(ast), diagnostics.into())
            }
        };
        self.diagnostics.extend(diagnostics.iter().cloned());
        self.open.push((real.clone(), shown));
        self.read_imports(path, &ast);
        self.open.pop();
        self.done.insert(real, self.units.len());
        self.units.push(Unit { ast, is_std: false, names });
    }

    /// Whether a path leads out of the workspace, links followed; a file that is not there counts by its folder.
    fn is_outside(&self, path: &Path) -> bool {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match self.host.canonical(path).or_else(|_| self.host.canonical(folder)) {
            Ok(real) => !real.starts_with(&self.root),
            Err(_) => path.components().next() == Some(Component::ParentDir),
        }
    }

    fn read_imports(&mut self, importer: &Path, ast: &ast::File) {
        for import in ast::imports(&ast.items) {
            let from = import.from.value.as_str();
            if is_stdlib(from) {
                continue;
            }
            if self.sources.iter().count() > MAX_FILES {
                self.diagnostics.push(
                    Diagnostic::new(
                        &codes::E0208,
                        import.from.span,
                        format!("more than {MAX_FILES} files in one workspace"),
                    )
                    .help("merge small files"),
                );
                return;
            }
            let names = import.names.as_ref().map(|names| names.iter().map(|name| name.value.clone()).collect());
            match import_path(importer, from) {
                Ok(path) => self.read(&path, Some(import), names),
                Err(help) => self.diagnostics.push(
                    Diagnostic::new(
                        &codes::E0209,
                        import.from.span,
                        format!("`{from}` is not a path inside the workspace"),
                    )
                    .label("absolute paths, drives and addresses are not read")
                    .help(help),
                ),
            }
        }
    }

    /// Adds the text of a file to the sources, or a diagnostic.
    fn add_text(&mut self, path: &Path, shown: &str, asked: Option<&ast::Import>) -> Option<FileId> {
        match self.host.read(path, MAX_FILE_BYTES) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(mut text) => {
                    if text.starts_with('\u{feff}') {
                        text.remove(0);
                    }
                    Some(self.sources.add(shown, text))
                }
                Err(error) => {
                    self.report_encoding(shown, &error);
                    None
                }
            },
            Err(error) => {
                self.report_unreadable(shown, &error, asked);
                None
            }
        }
    }

    fn report_encoding(&mut self, shown: &str, error: &std::string::FromUtf8Error) {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let valid = String::from_utf8_lossy(&bytes[..at]).into_owned();
        let line = valid.matches('\n').count() + 1;
        let byte = bytes.get(at).copied().unwrap_or_default();
        let id = self.sources.add(shown, valid);
        self.diagnostics.push(
            Diagnostic::new(
                &codes::E0108,
                Span::new(id, at, at),
                format!("byte 0x{byte:02x} at offset {at} (line {line}) is not UTF-8"),
            )
            .label("valid up to here")
            .help("save the file as UTF-8"),
        );
    }

    fn report_unreadable(&mut self, shown: &str, error: &HostError, asked: Option<&ast::Import>) {
        let (code, help) = match error {
            HostError::TooLarge { .. } => (&codes::E0113, "split the file and import its parts"),
            _ if asked.is_some() => (&codes::E0208, "imports are relative to the file that has them: './kinds.sruja'"),
            _ => (&codes::E0501, "check the path"),
        };
        let message = format!("cannot read `{shown}`: {error}");
        let span = match asked {
            Some(import) => import.from.span,
            None => Span::new(self.sources.add(shown, ""), 0, 0),
        };
        self.diagnostics.push(Diagnostic::new(code, span, message).help(help));
    }

    fn report_cycle(&mut self, at: usize, asked: Option<&ast::Import>) {
        let Some(import) = asked else { return };
        let mut names: Vec<&str> = self.open[at..].iter().map(|(_, shown)| shown.as_str()).collect();
        names.push(names[0]);
        let message = if names.len() == 2 {
            "the file imports itself".into()
        } else {
            format!("files import each other: {}", names.join(" → "))
        };
        self.diagnostics.push(
            Diagnostic::new(&codes::E0210, import.from.span, message)
                .label("closes the circle")
                .help("move what both need into a third file"),
        );
    }

    fn report_outside(&mut self, asked: Option<&ast::Import>, shown: &str) {
        let Some(import) = asked else { return };
        self.diagnostics.push(
            Diagnostic::new(
                &codes::E0209,
                import.from.span,
                format!("`{shown}` lies outside the workspace `{}`", show(&self.root)),
            )
            .label("leads out of the workspace")
            .help("put a `sruja.toml` into the folder that holds both, which makes it the workspace root"),
        );
    }

    /// Reads the files that `version … from` statements of the entry name, each with its own imports.
    fn read_versions(&mut self, entry: &Path) {
        let Some(unit) = self.units.last().filter(|unit| !unit.is_std) else { return };
        let ast = Arc::clone(&unit.ast);
        let patterns: Vec<ast::Text> = version_patterns(&ast).cloned().collect();
        for version in ast::versions(&ast.items) {
            let Some(key) = version_key(&version.origin).filter(|key| !self.versions.contains_key(key)) else {
                continue;
            };
            match &version.origin {
                ast::VersionOrigin::Git { reference, path } => self.read_git_version(entry, key, reference, path),
                ast::VersionOrigin::File(file) => self.read_version(entry, file),
                ast::VersionOrigin::Overlay { .. } | ast::VersionOrigin::Missing => {}
            }
        }
        for file in patterns.iter().flat_map(|pattern| self.matching_files(entry, pattern)).collect::<Vec<_>>() {
            if !self.versions.contains_key(&file.value) {
                self.read_version(entry, &file);
            }
        }
    }

    /// Reads a version and its imports from a commit.
    fn read_git_version(&mut self, entry: &Path, key: String, reference: &ast::Text, path: &ast::Text) {
        let folder = entry.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let read = || {
            let repository = self.host.repository(folder)?;
            let id = repository.resolve(&reference.value)?;
            Ok((repository.info(&id)?, repository.tree(&id)?, repository))
        };
        let (info, tree, repository) = match read() {
            Ok(found) => found,
            Err(error) => {
                self.diagnostics.push(git_error(&error, reference.span));
                return;
            }
        };
        // As `git show REF:PATH` takes it, from the root; else from the folder of this file.
        let here = repository.work_tree().and_then(|root| {
            let folder = self.host.canonical(folder).ok()?;
            Some(tidy(&folder.strip_prefix(root).ok()?.join(&path.value)))
        });
        let from_root = tidy(Path::new(&path.value));
        let at = here.filter(|here| tree.content(&from_root).is_none() && tree.content(here).is_some());
        let units = self.units.iter().filter(|unit| unit.is_std).cloned().collect();
        let mut inner = Loader::new(&tree, Path::new(""));
        inner.prefix = format!("{}:", reference.value);
        (inner.sources, inner.units) = (std::mem::take(&mut self.sources), units);
        let import = ast::Import { names: None, from: path.clone(), alias: None, span: path.span };
        inner.read(&at.unwrap_or(from_root), Some(&import), None);
        self.sources = inner.sources;
        self.diagnostics.extend(inner.diagnostics);
        self.versions.insert(key.clone(), inner.units);
        self.version_commits.insert(key, Arc::new(commit(info)));
    }

    /// Files that `versions "arch/*.sruja"` means, sorted; remembered under the pattern.
    fn matching_files(&mut self, entry: &Path, pattern: &ast::Text) -> Vec<ast::Text> {
        let (folder, name) = pattern.value.rsplit_once('/').unwrap_or((".", &pattern.value));
        let at = entry.parent().unwrap_or(Path::new("")).join(folder);
        let all = self.host.list(&at).unwrap_or_default();
        let fits = |path: &&PathBuf| {
            path.parent().map(tidy) == Some(tidy(&at))
                && path.file_name().is_some_and(|file| super::lower::glob(name, &file.to_string_lossy()))
        };
        let keys: Vec<String> = all
            .iter()
            .filter(fits)
            .filter_map(|path| Some(format!("{folder}/{}", path.file_name()?.to_string_lossy())))
            .collect();
        self.version_files.insert(pattern.value.clone(), keys.clone());
        keys.into_iter().map(|key| ast::Text::new(key, pattern.span)).collect()
    }

    fn read_version(&mut self, entry: &Path, file: &ast::Text) {
        let import = ast::Import { names: None, from: file.clone(), alias: None, span: file.span };
        let path = match import_path(entry, &file.value) {
            Ok(path) => path,
            Err(help) => {
                let message = format!("`{}` is not a path inside the workspace", file.value);
                self.diagnostics.push(Diagnostic::new(&codes::E0209, file.span, message).help(help));
                return;
            }
        };
        let library: Vec<Unit> = self.units.iter().filter(|unit| unit.is_std).cloned().collect();
        let units = std::mem::replace(&mut self.units, library);
        let done = std::mem::take(&mut self.done);
        self.read(&path, Some(&import), None);
        let version = std::mem::replace(&mut self.units, units);
        self.done = done;
        self.versions.insert(file.value.clone(), version);
    }
}

/// A commit as the model has it.
pub fn commit(info: CommitInfo) -> Commit {
    Commit {
        id: info.id.into(),
        number: info.number,
        time: info.time,
        author: info.author.into(),
        subject: info.subject.into(),
        tag: info.tag.map(Into::into),
    }
}

/// The code of a history that could not be read.
pub fn git_code(error: &GitError) -> &'static crate::diag::Code {
    match error {
        GitError::UnknownRevision(_) | GitError::NoSuchNumber { .. } => &codes::E0506,
        GitError::EmptyRange(_) | GitError::NothingSelected(_) => &codes::E0507,
        GitError::NoRepository(_) | GitError::Unusable { .. } | GitError::Empty | GitError::Damaged(_) => &codes::E0505,
    }
}

/// What is to be said of a history that could not be read.
pub fn git_error(error: &GitError, span: Span) -> Diagnostic {
    Diagnostic::new(git_code(error), span, error.to_string()).help(error.help())
}

/// A line of a data file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Counted from 1.
    pub line: usize,
    /// Its first column, where there are several and this is a number.
    pub first: Option<f64>,
    /// Its last column: finite and not below zero.
    pub last: f64,
}

fn parse_rows(text: &str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let (first, cell) = line.rsplit_once([',', ';', '\t']).map_or((None, line), |(rest, last)| (Some(rest), last));
        let first = first.and_then(|rest| rest.split([',', ';', '\t']).next()?.trim().parse().ok());
        let cell = cell.trim();
        match cell.parse::<f64>() {
            Ok(last) if last.is_finite() && last >= 0.0 => rows.push(Row { line: n + 1, first, last }),
            Ok(last) if last < 0.0 => return Err(format!("line {} is below zero", n + 1)),
            Ok(_) => return Err(format!("line {} is without end", n + 1)),
            Err(_) if n == 0 || cell.is_empty() || cell.starts_with('#') => {}
            Err(_) => return Err(format!("line {} is not a number", n + 1)),
        }
    }
    if rows.is_empty() { Err("it has no numbers".into()) } else { Ok(rows) }
}

/// Texts of `versions` statements that name files.
fn version_patterns(file: &ast::File) -> impl Iterator<Item = &ast::Text> {
    let scenarios = ast::flatten(&file.items)
        .into_iter()
        .filter_map(|item| if let ast::Item::Scenario(node) = item { Some(node) } else { None });
    let texts = scenarios
        .flat_map(|node| &node.statements)
        .filter_map(|s| if let ast::StatementKind::Versions(texts) = &s.kind { Some(texts) } else { None });
    texts.flatten().filter(|text| text.value.ends_with(".sruja"))
}

/// The wider of two selections of names.
fn merge_names(known: &mut Option<BTreeSet<String>>, more: Option<BTreeSet<String>>) {
    match (known.as_mut(), more) {
        (Some(names), Some(more)) => names.extend(more),
        _ => *known = None,
    }
}

/// The file that an import means, by its text alone; `Err` says what to write instead.
fn import_path(importer: &Path, from: &str) -> Result<PathBuf, &'static str> {
    let odd = from.is_empty()
        || from.contains(['\\', '\0'])
        || from.contains(':')
        || from.starts_with('/')
        || from.starts_with('~');
    if odd {
        return Err("write a path relative to this file: './kinds.sruja'");
    }
    let folder = importer.parent().unwrap_or(Path::new(""));
    let mut path = tidy(&folder.join(from));
    if path.extension().is_none() {
        path.set_extension("sruja");
    }
    Ok(path)
}

/// A path as people read it.
fn show(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Assignments of the command line as syntax: each a source of its own, so that they have spans.
pub fn parse_sets(loaded: &mut Loaded<'_>, sets: &[String]) -> Vec<ast::Statement> {
    sets.iter().filter_map(|set| parse_set(loaded, set)).collect()
}

fn parse_set(loaded: &mut Loaded<'_>, set: &str) -> Option<ast::Statement> {
    let id = loaded.sources.add("--set", set);
    let (mut found, mut diagnostics) = syntax::parse_statements(id, set);
    let is_assignment = |kind: &StatementKind| matches!(kind, StatementKind::Assign(..) | StatementKind::Setting(..));
    let usable = set.contains('=') && matches!(found.as_slice(), [one] if is_assignment(&one.kind));
    if diagnostics.is_empty() && !usable {
        diagnostics.push(
            Diagnostic::new(&codes::E0408, Span::new(id, 0, set.len()), format!("`{set}` is no assignment"))
                .label("`PATH=VALUE` belongs here")
                .help("write `--set load=100..500`, or `--set Shop.Api.replicas=4`"),
        );
    }
    loaded.diagnostics.append(&mut diagnostics);
    found.pop()
}

/// An expectation of the command line as syntax; `option` is its name there.
pub fn parse_expectation(loaded: &mut Loaded<'_>, option: &str, text: &str) -> Option<ast::Statement> {
    let id = loaded.sources.add(option, text);
    let span = Span::new(id, 0, text.len());
    let (found, mut diagnostics) = syntax::parse_expectation(id, text);
    if found.is_none() && diagnostics.is_empty() {
        diagnostics.push(
            Diagnostic::new(&codes::E0412, span, format!("`{text}` is no expectation"))
                .label("one condition belongs here")
                .help("write a condition as behind `expect`: `p95 < 200ms`, `error_rate(Shop.Api) < 1%`"),
        );
    }
    loaded.diagnostics.append(&mut diagnostics);
    found.map(|expect| ast::Statement { kind: StatementKind::Expect(expect), span })
}
