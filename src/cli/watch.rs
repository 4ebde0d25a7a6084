//! Does something again whenever a file changes.

use super::exit::{Exit, Failure};
use super::session::Session;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// Editors write a file in several steps; what comes within this time is one change.
const SETTLE: Duration = Duration::from_millis(80);
/// Wipes the screen and what scrolled off it.
const CLEAR: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// Does `work` now and after every change of the files it read or of a folder among `paths`. Ends
/// when the process is interrupted.
pub fn repeat(
    session: &mut Session<'_>,
    paths: &[PathBuf],
    mut work: impl FnMut(&mut Session<'_>) -> Result<Vec<String>, Failure>,
) -> Result<Exit, Failure> {
    let (send, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(send).map_err(watch_failure)?;
    let mut watched = BTreeSet::new();
    loop {
        if session.terminal.out_is_terminal {
            session.terminal.print(CLEAR)?;
        }
        let read = match work(session) {
            Ok(read) => read,
            Err(Failure::Closed) => return Ok(Exit::Ok),
            Err(failure) => {
                session.fail(&failure);
                Vec::new()
            }
        };
        watch_folders(session, &mut watcher, &mut watched, paths, &read)?;
        session.note("watching for changes; Ctrl-C ends");
        wait(&changes)?;
    }
}

/// Watches the folders of everything that was read or named. Folders rather than files, because
/// editors replace a file; each by itself rather than whole trees, because a build folder may hold
/// more than the system can watch.
fn watch_folders(
    session: &Session<'_>,
    watcher: &mut RecommendedWatcher,
    watched: &mut BTreeSet<PathBuf>,
    paths: &[PathBuf],
    read: &[String],
) -> Result<(), Failure> {
    let named = paths.iter().filter(|path| session.host.is_dir(path)).cloned();
    let files = paths.iter().map(PathBuf::as_path).chain(read.iter().map(Path::new));
    let around = files.filter_map(Path::parent).map(Path::to_owned);
    let folders: Vec<_> =
        named.chain(around).map(|path| if path == Path::new("") { ".".into() } else { path }).collect();
    for folder in folders {
        if session.host.is_dir(&folder) && watched.insert(folder.clone()) {
            watcher.watch(&folder, RecursiveMode::NonRecursive).map_err(watch_failure)?;
        }
    }
    Ok(())
}

/// Returns when something has changed and nothing has for a moment.
fn wait(changes: &Receiver<notify::Result<Event>>) -> Result<(), Failure> {
    let gone = |_| Failure::Watch("the system's watcher has ended".into());
    while !matters(&changes.recv().map_err(gone)?.map_err(watch_failure)?) {}
    while changes.recv_timeout(SETTLE).is_ok() {}
    Ok(())
}

/// Whether what `work` finds may be different now. Our own reading is an event too, and writes
/// through a temporary file.
fn matters(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| is_source(path))
}

/// A file that is read, or a folder that may hold one.
fn is_source(path: &Path) -> bool {
    match path.extension() {
        Some(extension) => extension == "sruja" || path.ends_with("sruja.toml"),
        None => true,
    }
}

fn watch_failure(error: notify::Error) -> Failure {
    Failure::Watch(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind};

    #[test]
    fn only_changes_of_sources_matter() {
        let event = |kind, path: &str| Event::new(kind).add_path(path.into());
        let create = EventKind::Create(CreateKind::Any);
        assert!(matters(&event(create, "/w/a.sruja")) && matters(&event(create, "/w/sruja.toml")));
        assert!(matters(&event(create, "/w/new-folder")));
        assert!(!matters(&event(create, "/w/a.sruja.sruja-tmp")) && !matters(&event(create, "/w/a.rs")));
        assert!(!matters(&event(EventKind::Access(AccessKind::Any), "/w/a.sruja")));
    }
}
