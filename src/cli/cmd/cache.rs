//! `sruja cache`: how large it is, and away with it.

use crate::cli::args::{CacheAction, CacheArgs};
use crate::cli::cache::place;
use crate::cli::exit::{Exit, Failure};
use crate::cli::session::Session;
use crate::store::own_files;

/// Tells the size of a workspace's cache or removes everything in it.
pub fn run(session: &mut Session<'_>, args: &CacheArgs) -> Result<Exit, Failure> {
    let (CacheAction::Size { path } | CacheAction::Clean { path }) = &args.action;
    let folder = place(&session.workspace(path)?).folder;
    let files = own_files(session.host, &folder);
    let bytes: u64 = files.iter().map(|file| file.size).sum();
    let what = format!("{} in {}", size(bytes), folder.display());
    let done = match args.action {
        CacheAction::Size { .. } => what,
        CacheAction::Clean { .. } => {
            for file in &files {
                let removed = session.host.remove(&file.path);
                removed.map_err(|error| Failure::Output { path: file.path.clone(), error })?;
            }
            format!("removed {what}")
        }
    };
    session.finish(None, &(done + "\n"), Exit::Ok)
}

/// Bytes with a unit of which there are not too many.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
