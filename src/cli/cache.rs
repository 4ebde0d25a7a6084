//! Which cache a file's runs have: `--no-cache` and the environment over `sruja.toml` over built-in.

use super::config::Config;
use super::exit::Failure;
use super::session::Session;
use super::workspace::Workspace;
use crate::exec::ResultCache;
use crate::plan::Plan;
use crate::source::Host;
use crate::store::{Cache, Place};
use std::path::Path;

/// Largest cache unless somebody says otherwise, in MiB.
const DEFAULT_LIMIT: u64 = 1024;
/// The folder in a workspace that is the tool's own.
const OWN: &str = ".sruja";

/// Whether results are kept and used at all.
pub fn is_wanted(no_cache: bool, config: &Config, host: &dyn Host) -> bool {
    let is_off = |value: String| !matches!(value.as_str(), "" | "0" | "false");
    !no_cache && config.cache.unwrap_or(true) && !host.env("SRUJA_NO_CACHE").is_some_and(is_off)
}

/// Where the cache of a workspace lies.
pub fn place(workspace: &Workspace) -> Place {
    let config = &workspace.config;
    let own = workspace.root.join(OWN);
    let (folder, ignored) = match &config.cache_dir {
        Some(folder) => (workspace.root.join(folder), None),
        None => (own.join("cache"), Some(own)),
    };
    Place { folder, ignored, limit: config.cache_limit.unwrap_or(DEFAULT_LIMIT).saturating_mul(1 << 20) }
}

/// The cache of the runs of `file`.
pub fn open<'a>(session: &Session<'a>, file: &Path) -> Result<Cache<'a>, Failure> {
    let workspace = session.workspace_of(file)?;
    Ok(Cache::new(session.host, place(&workspace), &name_in(session.host, &workspace.root, file)))
}

/// What `file` is called in its workspace, with `/` on every system.
pub fn name_in(host: &dyn Host, root: &Path, file: &Path) -> String {
    let whole = host.canonical(file).unwrap_or_else(|_| file.to_owned());
    let inside = whole.strip_prefix(root).unwrap_or(&whole);
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Does `work` with the results of earlier invocations at hand; what it took to write new ones is told with `-v`.
pub fn with<T>(
    session: &mut Session<'_>,
    cache: Option<&Cache<'_>>,
    plan: &Plan,
    work: impl FnOnce(&Session<'_>, Option<ResultCache<'_>>) -> T,
) -> T {
    let Some(cache) = cache else { return work(session, None) };
    let conditions = |index: u64| plan.materialise(&plan.run(index)?).ok();
    let texts = |index: u64| {
        let events = conditions(index).map(|(_, config)| config.chaos).unwrap_or_default();
        events.into_iter().map(|event| event.text).collect()
    };
    let done = work(
        session,
        Some(ResultCache {
            find: &|info| cache.find(info, || texts(info.index)),
            keep: &|info, measures| {
                if let Some((model, config)) = conditions(info.index) {
                    cache.keep(info, &model, &config, measures);
                }
            },
        }),
    );
    if let Some(error) = cache.close() {
        session.detail(&format!("results are not kept: {error}"));
    }
    done
}
