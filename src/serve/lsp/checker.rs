//! Two threads that check. One takes the newest texts, checks the file that is being edited by itself, and publishes what
//! changes. The other checks whatever else is due, one file after the other: nobody who types waits for it.

use super::Outbox;
use super::convert::{self, Encoding, Ruler};
use super::documents::Heads;
use crate::diag::render::json_diagnostic;
use crate::diag::{Diagnostic, Severity};
use crate::ide::{Desk, Done, FindPlace, Job, Step, Texts, Ticket, View, World};
use crate::source::{Host, SourceMap};
use gen_lsp_types as lsp;
use lsp_server::Notification;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What has to be looked at anew.
#[derive(Default)]
struct Inbox {
    texts: Option<(Arc<Texts>, Arc<Heads>)>,
    folders: Option<Vec<PathBuf>>,
    disk: BTreeSet<PathBuf>,
}

impl Inbox {
    fn is_empty(&self) -> bool {
        self.texts.is_none() && self.folders.is_none() && self.disk.is_empty()
    }
}

#[derive(Default)]
struct State {
    inbox: Inbox,
    /// How many changes came in, and how many of them the desk has taken.
    sent: u64,
    taken: u64,
    /// Whether the edited file has been checked, and whether everything has.
    is_warm: bool,
    is_settled: bool,
    world: Arc<World>,
    aside: Aside,
    ends: bool,
}

/// What the second thread is about.
#[derive(Default)]
enum Aside {
    #[default]
    Idle,
    /// It is to do this.
    Offered(Job),
    Busy,
    /// What came of it; nothing when it failed.
    Finished(Ticket, Option<Done>),
}

impl State {
    fn turn(&mut self) -> Turn {
        let finished = match std::mem::take(&mut self.aside) {
            Aside::Finished(ticket, done) => Some((ticket, done)),
            other => {
                self.aside = other;
                None
            }
        };
        let is_idle = matches!(self.aside, Aside::Idle);
        Turn { inbox: std::mem::take(&mut self.inbox), taken: self.sent, finished, is_idle }
    }
}

/// What the first thread has to do.
struct Turn {
    inbox: Inbox,
    /// Changes that have come in up to now.
    taken: u64,
    finished: Option<(Ticket, Option<Done>)>,
    is_idle: bool,
}

/// What the threads of the server share.
#[derive(Default)]
pub struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// How much must have been checked before a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The files that were edited, each by itself.
    Warm,
    /// Everything.
    Settled,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of the state is a single assignment: a panic leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, change: impl FnOnce(&mut Inbox)) {
        let mut state = self.lock();
        change(&mut state.inbox);
        state.sent += 1;
        (state.is_warm, state.is_settled) = (false, false);
        self.changed.notify_all();
    }

    /// The texts of open files, from now on.
    pub fn set_texts(&self, texts: Arc<Texts>, heads: Arc<Heads>) {
        self.send(|inbox| inbox.texts = Some((texts, heads)));
    }

    /// The folders of the workspace, from now on.
    pub fn set_folders(&self, folders: Vec<PathBuf>) {
        self.send(|inbox| inbox.folders = Some(folders));
    }

    /// Files changed on disk.
    pub fn disk_changed(&self, paths: impl IntoIterator<Item = PathBuf>) {
        self.send(|inbox| inbox.disk.extend(paths));
    }

    /// Ends the threads.
    pub fn end(&self) {
        self.lock().ends = true;
        self.changed.notify_all();
    }

    fn set_aside(&self, aside: Aside) {
        self.lock().aside = aside;
        self.changed.notify_all();
    }

    /// The second thread: does what it is offered until the server ends.
    pub fn check_aside(&self, host: &dyn Host) {
        while let Some(job) = self.offered() {
            let done = super::guard(|| job.run(host)).ok();
            self.set_aside(Aside::Finished(job.ticket, done));
        }
    }

    fn offered(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.ends {
                return None;
            }
            if matches!(state.aside, Aside::Offered(_))
                && let Aside::Offered(job) = std::mem::replace(&mut state.aside, Aside::Busy)
            {
                return Some(job);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Wakes whoever waits, to look at what it waits for.
    pub fn wake(&self) {
        let _held = self.lock();
        self.changed.notify_all();
    }

    /// What a check has found; whether that was the last one that was due.
    fn checked(&self, desk: &Desk, world: Arc<World>, taken: u64) -> bool {
        let mut state = self.lock();
        let is_newest = state.inbox.is_empty();
        (state.world, state.taken) = (world, taken);
        state.is_warm = is_newest && desk.is_warm();
        state.is_settled = is_newest && desk.is_settled();
        self.changed.notify_all();
        state.is_settled
    }

    /// What is known, without waiting.
    pub fn world(&self) -> Arc<World> {
        Arc::clone(&self.lock().world)
    }

    /// What is known once enough has been checked; `None` when `stops` says so first, or the server ends.
    pub fn wait(&self, need: Need, stops: impl Fn() -> bool) -> Option<Arc<World>> {
        let mut state = self.lock();
        let wanted = state.sent;
        loop {
            if state.ends || stops() {
                return None;
            }
            let is_ready = state.taken >= wanted
                && match need {
                    Need::Warm => state.is_warm || state.is_settled,
                    Need::Settled => state.is_settled,
                };
            if is_ready {
                return Some(Arc::clone(&state.world));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// What is published of a file is held back at most so long when checks of other files may still add to it: typing
/// faster than they take must not silence everything.
const LONGEST_WAIT: Duration = Duration::from_millis(200);

/// The thread's own things.
pub struct Checker<'a> {
    /// What is shared.
    pub shared: &'a Shared,
    /// The files.
    pub host: &'a dyn Host,
    /// Where messages go.
    pub out: Outbox,
    /// What columns count.
    pub encoding: Encoding,
    /// Called when everything has been checked and what is shown of other files than the edited one may be old.
    pub settled: &'a (dyn Fn() + Sync),
}

impl Checker<'_> {
    /// Checks until the server ends.
    pub fn run(&self, find: FindPlace) {
        let mut desk = Desk::new(find);
        let mut sent = Published::new(self);
        let mut elsewhere = false;
        while let Some(turn) = self.take(&desk, !sent.due.is_empty()) {
            elsewhere |= !turn.inbox.disk.is_empty();
            let due = self.accept(&mut desk, turn.inbox, &mut sent.heads);
            sent.mark(due);
            let finished = turn.finished.and_then(|(ticket, done)| desk.finish(&ticket, done));
            let urgent = self.check_urgent(&mut desk);
            for Step { touched, trouble } in finished.into_iter().chain(urgent) {
                sent.mark(touched);
                sent.settings(trouble);
            }
            if turn.is_idle
                && let Some(job) = desk.next()
            {
                self.shared.set_aside(Aside::Offered(job));
            }
            let world = Arc::new(desk.world());
            // Whoever waits for the checks finds what they said already sent.
            sent.publish(&desk, &world);
            let is_settled = self.shared.checked(&desk, world, turn.taken);
            // The file that is being edited is asked about anyway.
            if is_settled && (std::mem::take(&mut elsewhere) || sent.heads.len() > 1) {
                (self.settled)();
            }
        }
    }

    fn check_urgent(&self, desk: &mut Desk) -> Option<Step> {
        let job = desk.urgent()?;
        let done = super::guard(|| job.run(self.host)).ok();
        desk.finish(&job.ticket, done)
    }

    /// The newest changes and what came of a check, as soon as there are some or something can be done; at the latest
    /// when what `is_held_back` has waited long enough.
    fn take(&self, desk: &Desk, is_held_back: bool) -> Option<Turn> {
        let mut state = self.shared.lock();
        loop {
            if state.ends {
                return None;
            }
            let can_check = !desk.is_warm() || (matches!(state.aside, Aside::Idle) && !desk.is_settled());
            if can_check || !state.inbox.is_empty() || matches!(state.aside, Aside::Finished(..)) {
                return Some(state.turn());
            }
            let changed = &self.shared.changed;
            if is_held_back {
                let waited = changed.wait_timeout(state, LONGEST_WAIT).unwrap_or_else(PoisonError::into_inner);
                state = waited.0;
                if waited.1.timed_out() && !state.ends {
                    return Some(state.turn());
                }
            } else {
                state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Gives the changes to the desk; the files that the client has to be told of, whatever the checks find.
    fn accept(&self, desk: &mut Desk, inbox: Inbox, heads: &mut Arc<Heads>) -> BTreeSet<PathBuf> {
        let mut due = BTreeSet::new();
        if let Some(folders) = inbox.folders {
            due.extend(desk.set_folders(self.host, &folders));
        }
        if let Some((texts, new)) = inbox.texts {
            // Every version of a document is answered, also one in which nothing changed; of settings the checks tell.
            let is_new = |path: &PathBuf| heads.get(path) != new.get(path) && !path.ends_with("sruja.toml");
            due.extend(new.keys().filter(|path| is_new(path)).cloned());
            *heads = new;
            due.extend(desk.set_texts(self.host, texts));
        }
        if !inbox.disk.is_empty() {
            due.extend(desk.disk_changed(self.host, &inbox.disk));
        }
        due
    }
}

/// What the client has been told.
struct Published<'a> {
    checker: &'a Checker<'a>,
    /// By file, what was said of it last.
    said: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
    /// Files of which something else may have to be said, and since when.
    due: BTreeMap<PathBuf, Duration>,
    /// Files of which those that import them have something to say: what is published of them waits for those.
    told_by_others: BTreeSet<PathBuf>,
    /// Which version of an open file was told of last.
    versions: BTreeMap<PathBuf, i32>,
    heads: Arc<Heads>,
}

impl<'a> Published<'a> {
    fn new(checker: &'a Checker<'a>) -> Self {
        Self {
            checker,
            said: BTreeMap::new(),
            due: BTreeMap::new(),
            told_by_others: BTreeSet::new(),
            versions: BTreeMap::new(),
            heads: Arc::default(),
        }
    }

    fn mark(&mut self, paths: BTreeSet<PathBuf>) {
        let now = self.checker.host.monotonic();
        for path in paths {
            self.due.entry(path).or_insert(now);
        }
    }

    fn publish(&mut self, desk: &Desk, world: &World) {
        let now = self.checker.host.monotonic();
        let alone = |path: &Path| desk.is_own_current(path) && !self.told_by_others.contains(path);
        let is_ripe = |path: &Path, since: Duration| {
            desk.is_current(path) || alone(path) || now.saturating_sub(since) > LONGEST_WAIT
        };
        let ripe: Vec<PathBuf> =
            self.due.iter().filter(|(path, since)| is_ripe(path, **since)).map(|(path, _)| path.clone()).collect();
        for path in ripe {
            self.due.remove(&path);
            let diagnostics = diagnostics(world, &path, self.checker.encoding);
            if desk.is_current(&path) {
                let own = world.view(&path).map_or(0, |view| view.analysis.diagnostics(view.id).count());
                match diagnostics.len() > own {
                    true => self.told_by_others.insert(path.clone()),
                    false => self.told_by_others.remove(&path),
                };
            }
            self.tell(path, diagnostics);
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
        self.checker.out.send(Notification::new(method, params));
    }

    /// What is wrong with `sruja.toml`, at that file.
    fn settings(&mut self, trouble: Option<(SourceMap, Vec<Diagnostic>)>) {
        let Some((sources, diagnostics)) = trouble else { return };
        let Some(first) = diagnostics.first() else { return };
        let file = sources.file(first.span.file);
        let ruler = Ruler::new(&file.text, self.checker.encoding);
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
