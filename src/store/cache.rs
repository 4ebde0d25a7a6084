//! Results of runs between invocations.

use super::envelope::{self, Head, Kind, MOST_ON_DISK};
use super::recipes::{Pack, Recipe};
use super::{shape, space};
use crate::measure::{ENGINE_VERSION, FaultRecord, RunMeasures};
use crate::model::{Architecture, RunConfig};
use crate::plan::RunInfo;
use crate::source::{Host, HostError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Recipes of more bytes than this do not wait for the end of the invocation.
const PACK: usize = 32 << 20;

/// Where a cache lies and how large it may become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its folder.
    pub folder: PathBuf,
    /// The folder that version control is told to leave alone, when it is the tool's own.
    pub ignored: Option<PathBuf>,
    /// Most bytes on disk.
    pub limit: u64,
}

/// The results of one file's runs, as earlier invocations left them and as this one adds to them.
///
/// Nothing here fails: what cannot be read is simulated, and what cannot be written is not kept.
pub struct Cache<'a> {
    host: &'a dyn Host,
    place: Place,
    /// The file, as its recipes name it.
    file: Arc<str>,
    pending: Mutex<Pack>,
    /// Bytes since the account was last brought up to date.
    written: AtomicU64,
    /// Nothing more is written.
    closed: AtomicBool,
    failure: Mutex<Option<HostError>>,
}

/// A result with the texts of the faults that were injected, for which see [`respelt`].
type Kept = (Vec<Arc<str>>, RunMeasures);

impl<'a> Cache<'a> {
    /// The cache at `place` for the runs of `file`, which is named relative to the workspace.
    pub fn new(host: &'a dyn Host, place: Place, file: &str) -> Self {
        let file: Arc<str> = file.into();
        Self {
            host,
            place,
            pending: Mutex::new(Pack::of(&file)),
            file,
            written: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    /// The result of a run; `texts` are those of its faults, in their order.
    pub fn find(&self, info: &RunInfo, texts: impl FnOnce() -> Vec<Arc<str>>) -> Option<RunMeasures> {
        let bytes = self.host.read(&self.path(info), MOST_ON_DISK).ok()?;
        let (old, mut measures) = envelope::open::<Kept>(&head(info)?, &bytes)?;
        if !measures.faults.is_empty() {
            measures.faults = respelt(measures.faults, &old, &texts())?;
        }
        Some(measures)
    }

    /// Whether the result of a run under these conditions is there.
    pub fn has(&self, info: &RunInfo, config: &RunConfig) -> bool {
        self.find(info, || config.chaos.iter().map(|event| event.text.clone()).collect()).is_some()
    }

    /// Keeps the result of a run of this model under these conditions.
    pub fn keep(&self, info: &RunInfo, model: &Arc<Architecture>, config: &RunConfig, measures: &RunMeasures) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        let texts: Vec<&Arc<str>> = config.chaos.iter().map(|event| &event.text).collect();
        let Some(bytes) = head(info).and_then(|head| envelope::seal(&head, &(texts, measures))) else { return };
        if self.write(&self.path(info), &bytes) {
            let mut pending = lock(&self.pending);
            pending.add(info, model, config);
            if pending.size() > PACK {
                self.write_pack(&mut pending);
            }
        }
    }

    /// The recipe of a run as it is now, in the form in which those of earlier runs come back.
    pub fn recipe(&self, info: &RunInfo, model: &Architecture, config: &RunConfig) -> Recipe {
        Recipe::of(&self.file, info, model, config)
    }

    /// Writes the recipes of what was kept. The first failure to write, if there was one.
    pub fn close(&self) -> Option<HostError> {
        self.write_pack(&mut lock(&self.pending));
        self.account(1);
        lock(&self.failure).take()
    }

    fn write_pack(&self, pending: &mut MutexGuard<'_, Pack>) {
        let pack = std::mem::replace(&mut **pending, Pack::of(&self.file));
        if let Some((name, bytes)) = pack.sealed() {
            self.write(&self.place.folder.join(space::RECIPES).join(name), &bytes);
        }
    }

    fn path(&self, info: &RunInfo) -> PathBuf {
        let shelf = info.hash.get(..2).unwrap_or_default();
        self.place.folder.join(space::RESULTS).join(shelf).join(&*info.hash)
    }

    /// Writes a file and whatever folders it needs; whether that went well. After a failure nothing more is tried.
    fn write(&self, path: &Path, bytes: &[u8]) -> bool {
        let written = match self.host.write(path, bytes) {
            Err(HostError::NotFound) => self.make_room(path).and_then(|()| self.host.write(path, bytes)),
            written => written,
        };
        match written {
            Ok(()) => {
                self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                self.account(self.place.limit);
                true
            }
            Err(error) => {
                self.closed.store(true, Ordering::Relaxed);
                lock(&self.failure).get_or_insert(error);
                false
            }
        }
    }

    fn make_room(&self, path: &Path) -> Result<(), HostError> {
        self.host.create_folder(path.parent().unwrap_or(path))?;
        let Some(ignored) = &self.place.ignored else { return Ok(()) };
        let ignore = ignored.join(".gitignore");
        match self.host.read(&ignore, 1 << 16) {
            Err(HostError::NotFound) => self.host.write(&ignore, b"*\n"),
            _ => Ok(()),
        }
    }

    /// Brings the account up to date when `limit` says that enough was written since.
    fn account(&self, limit: u64) {
        let written = self.written.load(Ordering::Relaxed);
        let take = || self.written.compare_exchange(written, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        // Of several workers for which it is due, one does it.
        if written > 0 && space::is_due(written, limit) && take() {
            space::account(self.host, &self.place.folder, self.place.limit, written);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the file of a run must be; `None` for a hash that is none.
fn head(info: &RunInfo) -> Option<Head> {
    let key = u128::from_str_radix(&info.hash, 16).ok().filter(|_| info.hash.len() == 32)?;
    Some(Head {
        kind: Kind::Result,
        engine: ENGINE_VERSION,
        shape: shape::of_results(),
        key: key.to_be_bytes(),
        seed: info.seed,
    })
}

/// The faults of a result with the texts that its run has now: the hash covers what a fault does, not how it is
/// written. `None` when it cannot be told which is which.
fn respelt(faults: Vec<FaultRecord>, old: &[Arc<str>], new: &[Arc<str>]) -> Option<Vec<FaultRecord>> {
    if old == new {
        return Some(faults);
    }
    let respell = |fault: FaultRecord| {
        let is_of = |text: &str| {
            fault.text.strip_prefix(text).is_some_and(|drawn| drawn.is_empty() || drawn.starts_with(" (drawn: "))
        };
        let mut found = old.iter().zip(new).filter(|(old, _)| is_of(old)).map(|(old, new)| (old.len(), new));
        let (length, text) = found.next()?;
        let is_clear = found.all(|other| other == (length, text));
        is_clear.then(|| FaultRecord { text: format!("{text}{}", &fault.text[length..]).into(), ..fault })
    };
    faults.into_iter().map(respell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(texts: &[&str]) -> Vec<FaultRecord> {
        texts.iter().map(|text| FaultRecord { text: (*text).into(), at: 1.0, until: 2.0 }).collect()
    }

    fn texts(texts: &[&str]) -> Vec<Arc<str>> {
        texts.iter().map(|text| (*text).into()).collect()
    }

    #[test]
    fn faults_are_told_in_the_words_of_today() {
        let old = texts(&["at 1s kill A", "at 2s kill any of [A, B]"]);
        let new = texts(&["at 1000ms kill A", "at 2s kill any of [ A, B ]"]);
        let kept = faults(&["at 1s kill A", "at 2s kill any of [A, B] (drawn: B)"]);
        let told = faults(&["at 1000ms kill A", "at 2s kill any of [ A, B ] (drawn: B)"]);
        assert_eq!(respelt(kept.clone(), &old, &new), Some(told));
        assert_eq!(respelt(kept.clone(), &old, &old), Some(kept));
    }

    #[test]
    fn a_fault_that_may_be_either_of_two_is_none() {
        let (old, new) = (texts(&["at 1s kill A", "at 1s kill A"]), texts(&["at 1s kill A", "at 1000ms kill A"]));
        assert_eq!(respelt(faults(&["at 1s kill A"]), &old, &new), None);
        assert_eq!(respelt(faults(&["of another run"]), &old, &new), None);
    }
}
