//! Two threads that check. One takes the newest texts, checks the file that is being edited by itself, and publishes what
//! changes. The other checks whatever else is due, one file after the other: nobody who types waits for it.

use super::Outbox;
use super::convert::Encoding;
use super::documents::Heads;
use super::publish::Published;
use crate::ide::{Desk, Done, FindPlace, Job, Step, Texts, Ticket, World};
use crate::source::Host;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

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
        let mut sent = Published::new(self.out.clone(), self.encoding);
        let mut elsewhere = false;
        while let Some(turn) = self.take(&desk) {
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

    /// The newest changes and what came of a check, as soon as there are some or something can be done.
    fn take(&self, desk: &Desk) -> Option<Turn> {
        let mut state = self.shared.lock();
        loop {
            if state.ends {
                return None;
            }
            let can_check = !desk.is_warm() || (matches!(state.aside, Aside::Idle) && !desk.is_settled());
            if can_check || !state.inbox.is_empty() || matches!(state.aside, Aside::Finished(..)) {
                return Some(state.turn());
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
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
