//! The only door to files, environment and clocks.

use super::git::{GitError, Repository};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// Why a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing there.
    #[error("no such file")]
    NotFound,
    /// A folder, a pipe, a device: not a regular file.
    #[error("not a regular file")]
    NotAFile,
    /// Larger than the caller allows, in bytes.
    #[error("{size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The system said no.
    #[error("{0}")]
    Io(String),
}

/// A file that [`Host::files`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Where.
    pub path: PathBuf,
    /// How many bytes.
    pub size: u64,
    /// When it was last written, since some fixed instant: older ones are smaller.
    pub written: Duration,
}

/// Writes a text to where it is told.
pub type Pieces<'a> = &'a dyn Fn(&mut dyn Write) -> io::Result<()>;

/// Effects that the core may have, so that it can be tested in process and embedded in an editor.
pub trait Host: Sync {
    /// The bytes of a regular file of at most `limit` bytes.
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, HostError>;
    /// Every `.sruja` file below `folder`, sorted by path; hidden and ignored folders are left out.
    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, HostError>;
    /// Replaces a file as a whole: readers see the old or the new text, never half of one.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), HostError>;
    /// As [`Host::write`], piece by piece: what is written is never held as a whole.
    fn write_pieces(&self, path: &Path, work: Pieces<'_>) -> Result<(), HostError> {
        let mut bytes = Vec::new();
        work(&mut bytes).map_err(|error| HostError::Io(error.to_string()))?;
        self.write(path, &bytes)
    }
    /// Makes a folder and those above it; one that is there is fine.
    fn create_folder(&self, _: &Path) -> Result<(), HostError> {
        Err(HostError::Io("this host makes no folders".into()))
    }
    /// Removes a file.
    fn remove(&self, _: &Path) -> Result<(), HostError> {
        Err(HostError::Io("this host removes nothing".into()))
    }
    /// Every regular file below `folder`, hidden ones too, sorted by path; what cannot be looked at is left out.
    fn files(&self, _: &Path) -> Vec<FileEntry> {
        Vec::new()
    }
    /// Whether `path` is a folder.
    fn is_dir(&self, path: &Path) -> bool;
    /// The path with links resolved; the file must exist.
    fn canonical(&self, path: &Path) -> Result<PathBuf, HostError>;
    /// An environment variable.
    fn env(&self, name: &str) -> Option<String>;
    /// Time since some fixed instant; never goes back. Reaches `meta` and displays, no result.
    fn monotonic(&self) -> Duration;
    /// The repository that `near` lies in; by default there is none.
    fn repository(&self, near: &Path) -> Result<Repository, GitError> {
        Err(GitError::NoRepository(near.display().to_string()))
    }
}

/// The machine we run on.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealHost;

#[expect(clippy::disallowed_methods, reason = "this is the door itself")]
mod real {
    use super::*;
    use std::ffi::OsString;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Instant, UNIX_EPOCH};

    /// Everything that `work` writes.
    fn whole(out: std::fs::File, work: Pieces<'_>) -> io::Result<()> {
        let mut out = io::BufWriter::with_capacity(1 << 16, out);
        work(&mut out)?;
        out.flush()
    }

    fn convert(error: std::io::Error) -> HostError {
        match error.kind() {
            std::io::ErrorKind::NotFound => HostError::NotFound,
            _ => HostError::Io(error.to_string()),
        }
    }

    /// A name that no other thread or process writes to.
    fn own_name(path: &Path) -> Result<OsString, HostError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut name = path.file_name().ok_or(HostError::NotAFile)?.to_owned();
        name.push(format!(".{}-{}.sruja-tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        Ok(name)
    }

    fn looked_at(entry: &ignore::DirEntry) -> Option<FileEntry> {
        let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let written = meta.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        Some(FileEntry { path: entry.path().to_owned(), size: meta.len(), written })
    }

    impl Host for RealHost {
        fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, HostError> {
            let meta = std::fs::metadata(path).map_err(convert)?;
            if !meta.is_file() {
                return Err(HostError::NotAFile);
            }
            if meta.len() > limit {
                return Err(HostError::TooLarge { size: meta.len(), limit });
            }
            std::fs::read(path).map_err(convert)
        }

        fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, HostError> {
            let walk = ignore::WalkBuilder::new(folder).follow_links(false).require_git(false).build();
            let mut found = Vec::new();
            for entry in walk {
                let entry = entry.map_err(|error| HostError::Io(error.to_string()))?;
                if entry.path().extension().is_some_and(|ext| ext == "sruja")
                    && entry.file_type().is_some_and(|t| t.is_file())
                {
                    found.push(entry.into_path());
                }
            }
            found.sort();
            Ok(found)
        }

        fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), HostError> {
            self.write_pieces(path, &|out| out.write_all(bytes))
        }

        fn write_pieces(&self, path: &Path, work: Pieces<'_>) -> Result<(), HostError> {
            // A device or a pipe is written to; only a file can be replaced.
            if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
                let out = std::fs::OpenOptions::new().write(true).open(path).map_err(convert)?;
                return whole(out, work).map_err(convert);
            }
            let beside = path.with_file_name(own_name(path)?);
            let written = std::fs::File::create(&beside).and_then(|out| whole(out, work));
            let written = written.and_then(|()| std::fs::rename(&beside, path));
            if written.is_err() {
                // What is left of it is of no use to anybody; the first error is the one to tell.
                let _ = std::fs::remove_file(&beside);
            }
            written.map_err(convert)
        }

        fn create_folder(&self, path: &Path) -> Result<(), HostError> {
            std::fs::create_dir_all(path).map_err(convert)
        }

        fn remove(&self, path: &Path) -> Result<(), HostError> {
            std::fs::remove_file(path).map_err(convert)
        }

        fn files(&self, folder: &Path) -> Vec<FileEntry> {
            let walk = ignore::WalkBuilder::new(folder).standard_filters(false).follow_links(false).build();
            let mut found: Vec<FileEntry> = walk.filter_map(|entry| looked_at(&entry.ok()?)).collect();
            found.sort_by(|a, b| a.path.cmp(&b.path));
            found
        }

        fn is_dir(&self, path: &Path) -> bool {
            path.is_dir()
        }

        fn canonical(&self, path: &Path) -> Result<PathBuf, HostError> {
            std::fs::canonicalize(path).map_err(convert)
        }

        fn env(&self, name: &str) -> Option<String> {
            std::env::var(name).ok()
        }

        fn monotonic(&self) -> Duration {
            static START: OnceLock<Instant> = OnceLock::new();
            START.get_or_init(Instant::now).elapsed()
        }

        fn repository(&self, near: &Path) -> Result<Repository, GitError> {
            Repository::open(near)
        }
    }
}

/// A host of files in memory, for tests and embedders.
#[derive(Debug, Clone, Default)]
pub struct MemoryHost {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryHost {
    /// A host that holds `files`, path and content.
    pub fn new<'a, T: AsRef<[u8]>>(files: impl IntoIterator<Item = (&'a str, T)>) -> Self {
        let files = files.into_iter().map(|(path, content)| (tidy(Path::new(path)), content.as_ref().to_vec()));
        Self { files: files.collect() }
    }
}

/// `path` without `.`, and with `..` taken back where a name stands before it: by its text alone, whatever links there
/// are on disk.
pub fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

impl Host for MemoryHost {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, HostError> {
        let bytes = self.files.get(&tidy(path)).ok_or(HostError::NotFound)?;
        let size = bytes.len() as u64;
        if size > limit { Err(HostError::TooLarge { size, limit }) } else { Ok(bytes.clone()) }
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, HostError> {
        let folder = tidy(folder);
        Ok(self
            .files
            .keys()
            .filter(|p| p.starts_with(&folder) && p.extension().is_some_and(|e| e == "sruja"))
            .cloned()
            .collect())
    }

    fn write(&self, _: &Path, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::Io("a memory host is read-only".into()))
    }

    fn is_dir(&self, path: &Path) -> bool {
        let path = tidy(path);
        self.files.keys().any(|file| file != &path && file.starts_with(&path))
    }

    fn canonical(&self, path: &Path) -> Result<PathBuf, HostError> {
        let path = tidy(path);
        if self.files.contains_key(&path) || self.is_dir(&path) { Ok(path) } else { Err(HostError::NotFound) }
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}
