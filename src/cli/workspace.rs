//! The folder that a file belongs to, and its `sruja.toml`.

use super::config::{self, Config};
use super::exit::Failure;
use crate::source::{Host, HostError, SourceMap};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A `sruja.toml` larger than this is something else.
const MAX_CONFIG: u64 = 1 << 20;

/// Where imports may reach, and the defaults that hold there.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The folder with `sruja.toml`, else the one that was named.
    pub root: PathBuf,
    /// What `sruja.toml` says.
    pub config: Rc<Config>,
}

/// Finds workspaces; every `sruja.toml` is read once.
pub struct Workspaces<'a> {
    host: &'a dyn Host,
    /// By folder: the nearest one at or above it that has a `sruja.toml`.
    known: BTreeMap<PathBuf, Option<Workspace>>,
}

impl<'a> Workspaces<'a> {
    /// None found yet.
    pub fn new(host: &'a dyn Host) -> Self {
        Self { host, known: BTreeMap::new() }
    }

    /// The workspace of the file or folder `path`; without a `sruja.toml` its root is `named`, the
    /// folder that the user spoke of.
    pub fn of(&mut self, path: &Path, named: &Path) -> Result<Workspace, Failure> {
        let folder = self.canonical(path)?;
        let folder = if self.host.is_dir(&folder) { folder } else { parent(&folder) };
        match self.above(&folder)? {
            Some(workspace) => Ok(workspace),
            None => Ok(Workspace { root: self.canonical(named)?, config: Rc::default() }),
        }
    }

    fn canonical(&self, path: &Path) -> Result<PathBuf, Failure> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        self.host.canonical(path).map_err(|error| Failure::Input { path: path.into(), error })
    }

    fn above(&mut self, folder: &Path) -> Result<Option<Workspace>, Failure> {
        if let Some(known) = self.known.get(folder) {
            return Ok(known.clone());
        }
        let found = match (self.read(folder)?, folder.parent()) {
            (Some(config), _) => Some(Workspace { root: folder.into(), config: Rc::new(config) }),
            (None, Some(parent)) => self.above(parent)?,
            (None, None) => None,
        };
        self.known.insert(folder.into(), found.clone());
        Ok(found)
    }

    fn read(&self, folder: &Path) -> Result<Option<Config>, Failure> {
        let path = folder.join("sruja.toml");
        let bytes = match self.host.read(&path, MAX_CONFIG) {
            Ok(bytes) => bytes,
            Err(HostError::NotFound | HostError::NotAFile) => return Ok(None),
            Err(error) => return Err(Failure::Input { path, error }),
        };
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| Failure::Input { path: path.clone(), error: HostError::Io("not UTF-8".into()) })?;
        let mut sources = SourceMap::new();
        let file = sources.add(path.display().to_string(), text.as_str());
        config::parse(file, &text).map(Some).map_err(|diagnostics| Failure::Config { sources, diagnostics })
    }
}

fn parent(file: &Path) -> PathBuf {
    file.parent().map(Path::to_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryHost;

    #[test]
    fn the_nearest_sruja_toml_above_a_file_makes_the_root() {
        let host = MemoryHost::new([
            ("/w/sruja.toml", "jobs = 3\n"),
            ("/w/arch/sruja.toml", "jobs = 5\n"),
            ("/w/arch/deep/a.sruja", ""),
            ("/w/b.sruja", ""),
            ("/else/c.sruja", ""),
        ]);
        let mut workspaces = Workspaces::new(&host);
        let mut of = |path: &str, named: &str| {
            let found = workspaces.of(Path::new(path), Path::new(named)).unwrap();
            (found.root.display().to_string(), found.config.jobs)
        };
        assert_eq!(of("/w/arch/deep/a.sruja", "/w/arch/deep"), ("/w/arch".into(), Some(5)));
        assert_eq!(of("/w/b.sruja", "/w"), ("/w".into(), Some(3)));
        assert_eq!(of("/else/c.sruja", "/else"), ("/else".into(), None));
    }

    #[test]
    fn a_mistake_in_it_is_a_failure_that_can_be_shown() {
        let host = MemoryHost::new([("/w/sruja.toml", "job = 3\n"), ("/w/a.sruja", "")]);
        let failure = Workspaces::new(&host).of(Path::new("/w/a.sruja"), Path::new("/w")).unwrap_err();
        assert!(matches!(failure, Failure::Config { diagnostics, .. } if diagnostics[0].code.id == "E0503"));
    }
}
