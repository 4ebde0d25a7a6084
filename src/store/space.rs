//! How much room the cache takes: never much more than its limit, and looked at rarely.

use crate::source::{FileEntry, Host};
use std::path::Path;

/// What share of the limit may be written before somebody looks.
const SHARE: u64 = 8;

/// Where the number of bytes written since somebody last looked stands.
const WRITTEN: &str = "written";

/// The folders in which everything else stands.
pub(super) const RESULTS: &str = "results";
pub(super) const RECIPES: &str = "recipes";
const SHELVES: [&str; 2] = [RESULTS, RECIPES];

/// Whether so many bytes are worth a look.
pub(super) fn is_due(written: u64, limit: u64) -> bool {
    written >= limit / SHARE
}

/// Adds `written` bytes to the account; once an eighth of the limit has come together, the oldest files go until
/// seven eighths are left. Two processes at once may lose a part of the count, which delays the next look.
pub(super) fn account(host: &dyn Host, folder: &Path, limit: u64, written: u64) {
    let place = folder.join(WRITTEN);
    let before = host.read(&place, 64).ok().and_then(|text| String::from_utf8(text).ok()?.trim().parse::<u64>().ok());
    let due = before.is_none_or(|before| is_due(before.saturating_add(written), limit));
    if due {
        remove_oldest(host, own_files(host, folder), limit - limit / SHARE);
    }
    let left = if due { 0 } else { before.unwrap_or(0) + written };
    // When it cannot be written, the next invocation looks.
    let _ = host.write(&place, left.to_string().as_bytes());
}

/// The files in `folder` that are the cache's: somebody may have pointed it at a folder that holds others, too.
pub fn own_files(host: &dyn Host, folder: &Path) -> Vec<FileEntry> {
    let below = SHELVES.iter().flat_map(|shelf| host.files(&folder.join(shelf)));
    below.filter(|file| is_own(&file.path)).collect()
}

/// Whether it is called by a hash, or was about to be when its process ended.
fn is_own(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (hash, rest) = name.split_at_checked(32).unwrap_or((name, "?"));
    hash.bytes().all(|byte| byte.is_ascii_hexdigit()) && (rest.is_empty() || rest.ends_with(".sruja-tmp"))
}

/// Removes files, the oldest first, until no more than `keep` bytes are left.
fn remove_oldest(host: &dyn Host, mut files: Vec<FileEntry>, keep: u64) {
    let mut total: u64 = files.iter().map(|file| file.size).sum();
    files.sort_by(|a, b| (a.written, &a.path).cmp(&(b.written, &b.path)));
    for file in files {
        if total <= keep {
            return;
        }
        // Another process may have been faster.
        let _ = host.remove(&file.path);
        total -= file.size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::HostError;
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::sync::Mutex;
    use std::time::Duration;

    /// Files in memory, each as old as its turn.
    #[derive(Default)]
    struct Shelf {
        files: Mutex<BTreeMap<PathBuf, (Vec<u8>, u64)>>,
        looks: Mutex<u32>,
    }

    impl Host for Shelf {
        fn read(&self, path: &Path, _: u64) -> Result<Vec<u8>, HostError> {
            self.files.lock().unwrap().get(path).map(|(bytes, _)| bytes.clone()).ok_or(HostError::NotFound)
        }
        fn list(&self, _: &Path) -> Result<Vec<PathBuf>, HostError> {
            Ok(Vec::new())
        }
        fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), HostError> {
            let mut files = self.files.lock().unwrap();
            let turn = files.values().map(|(_, turn)| turn + 1).max().unwrap_or(0);
            files.insert(path.into(), (bytes.to_vec(), turn));
            Ok(())
        }
        fn remove(&self, path: &Path) -> Result<(), HostError> {
            self.files.lock().unwrap().remove(path).map(|_| ()).ok_or(HostError::NotFound)
        }
        fn files(&self, folder: &Path) -> Vec<FileEntry> {
            *self.looks.lock().unwrap() += 1;
            let files = self.files.lock().unwrap();
            let entry = |(path, (bytes, turn)): (&PathBuf, &(Vec<u8>, u64))| FileEntry {
                path: path.clone(),
                size: bytes.len() as u64,
                written: Duration::from_secs(*turn),
            };
            files.iter().filter(|(path, _)| path.starts_with(folder)).map(entry).collect()
        }
        fn is_dir(&self, _: &Path) -> bool {
            true
        }
        fn canonical(&self, path: &Path) -> Result<PathBuf, HostError> {
            Ok(path.into())
        }
        fn env(&self, _: &str) -> Option<String> {
            None
        }
        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn place(n: u32) -> PathBuf {
        format!("c/results/{n:02x}/{n:032x}").into()
    }

    /// Writes `count` files of 100 bytes each, with an account of each.
    fn filled(count: u32, limit: u64) -> Shelf {
        let shelf = Shelf::default();
        for n in 0..count {
            shelf.write(&place(n), &[0; 100]).unwrap();
            account(&shelf, Path::new("c"), limit, 100);
        }
        shelf
    }

    #[test]
    fn the_limit_holds_and_the_oldest_go() {
        let shelf = filled(1000, 8000);
        let looks = *shelf.looks.lock().unwrap();
        let size: u64 = own_files(&shelf, Path::new("c")).iter().map(|file| file.size).sum();
        assert!((6000..=8000).contains(&size), "{size}");
        assert!(shelf.read(&place(999), 100).is_ok() && shelf.read(&place(0), 100).is_err());
        assert!(looks < 2 * 1000 / 5, "an eighth of the limit comes together between two looks at two folders");
    }

    #[test]
    fn nothing_goes_below_the_limit() {
        assert_eq!(own_files(&filled(50, 8000), Path::new("c")).len(), 50);
    }

    #[test]
    fn an_account_that_is_no_number_is_made_anew() {
        let shelf = filled(100, 1 << 20);
        shelf.write(Path::new("c/written"), b"x\xff").unwrap();
        account(&shelf, Path::new("c"), 8000, 1);
        assert_eq!(shelf.read(Path::new("c/written"), 9).unwrap(), b"0");
        assert!(own_files(&shelf, Path::new("c")).len() < 80);
    }

    #[test]
    fn what_somebody_else_has_there_stays() {
        let shelf = filled(10, 8000);
        let others = ["c/thesis.tex", "c/results/thesis.tex", "c/results/ab/thesis.tex", "elsewhere/x"];
        others.iter().for_each(|path| shelf.write(Path::new(path), &[0; 9000]).unwrap());
        shelf.write(Path::new(&format!("c/results/00/{:032x}.1-2.sruja-tmp", 7)), b"left over").unwrap();
        assert_eq!(own_files(&shelf, Path::new("c")).len(), 11);
        account(&shelf, Path::new("c"), 8, 100);
        assert!(own_files(&shelf, Path::new("c")).is_empty());
        assert!(others.iter().all(|path| shelf.read(Path::new(path), 9000).is_ok()));
    }
}
