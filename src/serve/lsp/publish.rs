//! What the client is told of each file, and when.
//!
//! A file is told of as soon as it has been checked by itself. What the files that import it say of it comes behind; until
//! then stands what they said last, moved along with the text, so that nothing flickers while somebody types.

use super::Outbox;
use super::convert::{self, Encoding, Ruler};
use super::documents::Heads;
use crate::diag::render::json_diagnostic;
use crate::diag::{Diagnostic, Severity};
use crate::ide::{Desk, Moved, View, World};
use crate::source::SourceMap;
use gen_lsp_types as lsp;
use lsp_server::Notification;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the client has been told.
pub struct Published {
    out: Outbox,
    encoding: Encoding,
    /// By file, what was said of it last.
    said: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
    /// Files of which something else may have to be said.
    due: BTreeSet<PathBuf>,
    /// Files that were told of after their own check: those that import them may have something to add.
    open_ended: BTreeSet<PathBuf>,
    /// By file, what those that import it said of it when all of them had been checked last.
    by_others: BTreeMap<PathBuf, ByOthers>,
    /// Which version of an open file was told of last.
    versions: BTreeMap<PathBuf, i32>,
    /// The open files, as the client calls them.
    pub heads: Arc<Heads>,
}

/// What others say of a file.
struct ByOthers {
    /// The text that the offsets are of.
    text: Arc<str>,
    said: Vec<(u32, u32, lsp::Diagnostic)>,
}

impl Published {
    /// Nothing yet.
    pub fn new(out: Outbox, encoding: Encoding) -> Self {
        Self {
            out,
            encoding,
            said: BTreeMap::new(),
            due: BTreeSet::new(),
            open_ended: BTreeSet::new(),
            by_others: BTreeMap::new(),
            versions: BTreeMap::new(),
            heads: Arc::default(),
        }
    }

    /// Of these files something else may have to be said.
    pub fn mark(&mut self, mut paths: BTreeSet<PathBuf>) {
        self.due.append(&mut paths);
    }

    /// Tells of every file that is due and has been checked by itself, and once more when all that import it have been.
    pub fn publish(&mut self, desk: &Desk, world: &World) {
        let due = std::mem::take(&mut self.due);
        let (now, later) = due.into_iter().partition(|path| desk.is_own_done(path));
        self.due = later;
        let (ended, open) = std::mem::take(&mut self.open_ended).into_iter().partition(|path| desk.is_current(path));
        self.open_ended = open;
        for path in BTreeSet::union(&now, &ended) {
            self.publish_one(desk, world, path);
        }
    }

    fn publish_one(&mut self, desk: &Desk, world: &World, path: &Path) {
        let mut found = diagnostics(world, path, self.encoding);
        if desk.is_current(path) {
            self.note_others(world, path, &found);
        } else {
            self.carry(world, path, &mut found);
            self.open_ended.insert(path.into());
        }
        self.tell(path.into(), found);
    }

    /// Keeps what only other files than this one say of it.
    fn note_others(&mut self, world: &World, path: &Path, found: &[lsp::Diagnostic]) {
        let by_others = |(view, _): &(View<'_>, &Diagnostic)| view.analysis.entry != path;
        let all = world.diagnostics(path);
        let others = all.iter().zip(found).filter(|(one, _)| by_others(one));
        let said: Vec<_> = others.map(|((_, one), shown)| (one.span.start, one.span.end, shown.clone())).collect();
        match world.text(path).filter(|_| !said.is_empty()) {
            Some(text) => self.by_others.insert(path.into(), ByOthers { text: text.into(), said }),
            None => self.by_others.remove(path),
        };
    }

    /// Adds what others said last, where the text that they spoke of still stands.
    fn carry(&self, world: &World, path: &Path, found: &mut Vec<lsp::Diagnostic>) {
        let (Some(known), Some(text)) = (self.by_others.get(path), world.text(path)) else { return };
        let (moved, ruler) = (Moved::between(&known.text, text), Ruler::new(text, self.encoding));
        for (start, end, shown) in &known.said {
            let Some((start, end)) = moved.span(*start, *end) else { continue };
            let range = ruler.range(start, end);
            // Its places in `data` and beside it are of the older text.
            let carried = lsp::Diagnostic { range, data: None, related_information: None, ..shown.clone() };
            if !found.iter().any(|other| (&other.range, &other.message) == (&carried.range, &carried.message)) {
                found.push(carried);
            }
        }
    }

    fn tell(&mut self, path: PathBuf, diagnostics: Vec<lsp::Diagnostic>) {
        let version = self.heads.get(&path).map(|head| head.version);
        let known = self.said.get(&path).map_or(&[][..], Vec::as_slice);
        // An open file is told of even when nothing changed: the client learns that its version has been checked.
        if known == diagnostics && version == self.versions.get(&path).copied() {
            return;
        }
        match version {
            Some(version) => self.versions.insert(path.clone(), version),
            None => self.versions.remove(&path),
        };
        let head = self.heads.get(&path);
        let uri = head.map_or_else(|| convert::uri(&path), |head| head.uri.clone());
        let params = lsp::PublishDiagnosticsParams { uri, version, diagnostics: diagnostics.clone() };
        self.said.insert(path, diagnostics);
        let method = "textDocument/publishDiagnostics".into();
        self.out.send(Notification::new(method, params));
    }

    /// What is wrong with `sruja.toml`, at that file.
    pub fn settings(&mut self, trouble: Option<(SourceMap, Vec<Diagnostic>)>) {
        let Some((sources, diagnostics)) = trouble else { return };
        let Some(first) = diagnostics.first() else { return };
        let file = sources.file(first.span.file);
        let ruler = Ruler::new(&file.text, self.encoding);
        let shown = diagnostics.iter().map(|found| diagnostic(found, &sources, &ruler, Vec::new())).collect();
        self.tell(PathBuf::from(&file.name), shown);
    }
}

/// What is said of a file.
pub fn diagnostics(world: &World, path: &Path, encoding: Encoding) -> Vec<lsp::Diagnostic> {
    let Some(text) = world.text(path) else { return Vec::new() };
    let ruler = Ruler::new(text, encoding);
    let one = |(view, found): (View<'_>, &Diagnostic)| {
        let related = related(&view, found, path, &ruler, encoding);
        diagnostic(found, view.analysis.sources(), &ruler, related)
    };
    world.diagnostics(path).into_iter().map(one).collect()
}

/// A diagnostic of the protocol; `data` has it as `sruja check --format json` writes it.
pub fn diagnostic(
    found: &Diagnostic,
    sources: &SourceMap,
    ruler: &Ruler<'_>,
    related: Vec<lsp::DiagnosticRelatedInformation>,
) -> lsp::Diagnostic {
    let label = if found.label.is_empty() { String::new() } else { format!(": {}", found.label) };
    let help = found.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let severity = match found.severity {
        Severity::Error => lsp::DiagnosticSeverity::Error,
        Severity::Warning => lsp::DiagnosticSeverity::Warning,
        Severity::Hint => lsp::DiagnosticSeverity::Hint,
    };
    lsp::Diagnostic {
        range: ruler.range(found.span.start, found.span.end),
        severity: Some(severity),
        code: Some(lsp::Code::String(found.code.id.into())),
        source: Some("sruja".into()),
        message: format!("{}{label}{help}", found.message).into(),
        related_information: Some(related).filter(|related| !related.is_empty()),
        data: Some(json_diagnostic(sources, found)),
        ..lsp::Diagnostic::default()
    }
}

fn related(
    view: &View<'_>,
    found: &Diagnostic,
    path: &Path,
    ruler: &Ruler<'_>,
    encoding: Encoding,
) -> Vec<lsp::DiagnosticRelatedInformation> {
    let one = |label: &crate::diag::Label| {
        let at = view.location(label.span)?;
        let range = if at.path == path {
            ruler.range(at.start, at.end)
        } else {
            Ruler::new(&view.analysis.source(label.span.file).text, encoding).range(at.start, at.end)
        };
        let location = lsp::Location { uri: convert::uri(&at.path), range };
        Some(lsp::DiagnosticRelatedInformation { location, message: label.text.clone() })
    };
    found.related.iter().filter_map(one).collect()
}
