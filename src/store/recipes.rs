//! What runs were made by: for telling later why one has to be made again.

use super::envelope::{self, Head, Kind, MOST_ON_DISK};
use super::space::RECIPES;
use crate::measure::ENGINE_VERSION;
use crate::model::{Architecture, RunConfig};
use crate::plan::RunInfo;
use crate::source::{FileEntry, Host};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

/// What one run was made by. Model and conditions are kept as JSON: a pack outlives the version that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The file, relative to the workspace.
    pub file: Arc<str>,
    /// The name of the run.
    pub name: Arc<str>,
    /// The hash of the run.
    pub hash: Arc<str>,
    /// The engine that made it.
    pub engine: u32,
    /// The seed.
    pub seed: u64,
    /// An [`Architecture`] without titles.
    pub model: Arc<str>,
    /// A [`RunConfig`].
    pub config: Arc<str>,
}

impl Recipe {
    /// That of a run of this model under these conditions.
    pub fn of(file: &Arc<str>, info: &RunInfo, model: &Architecture, config: &RunConfig) -> Self {
        Self {
            file: file.clone(),
            name: info.name.clone(),
            hash: info.hash.clone(),
            engine: ENGINE_VERSION,
            seed: info.seed,
            model: json(&model.plain()),
            config: json(config),
        }
    }
}

fn json(value: &impl Serialize) -> Arc<str> {
    // A derived `Serialize` without maps cannot fail.
    serde_json::to_string(value).unwrap_or_default().into()
}

/// The recipes of one invocation, in which equal models stand once.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pack {
    engine: u32,
    file: Arc<str>,
    models: Vec<Arc<str>>,
    runs: Vec<Packed>,
    #[serde(skip)]
    known: HashMap<Arc<str>, u32>,
    /// Models that were just added: runs of one case share theirs, and a large one takes long to write.
    #[serde(skip)]
    recent: VecDeque<(Arc<Architecture>, u32)>,
    #[serde(skip)]
    size: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Packed {
    name: Arc<str>,
    hash: Arc<str>,
    seed: u64,
    model: u32,
    config: Arc<str>,
}

/// How many models are known by their address.
const RECENT: usize = 8;

const HEAD: Head = Head { kind: Kind::Recipes, engine: 0, shape: 1, key: [0; 16], seed: 0 };

impl Pack {
    /// None yet of this file.
    pub fn of(file: &Arc<str>) -> Self {
        Self { engine: ENGINE_VERSION, file: file.clone(), ..Self::default() }
    }

    /// Bytes of what is in it, about.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Adds that of one run.
    pub fn add(&mut self, info: &RunInfo, model: &Arc<Architecture>, config: &RunConfig) {
        let (model, config) = (self.model(model), json(config));
        self.size += config.len() + info.name.len() + info.hash.len();
        let (name, hash) = (info.name.clone(), info.hash.clone());
        self.runs.push(Packed { name, hash, seed: info.seed, model, config });
    }

    /// The number of a model, which is added when it is new.
    fn model(&mut self, model: &Arc<Architecture>) -> u32 {
        if let Some((_, number)) = self.recent.iter().find(|(known, _)| Arc::ptr_eq(known, model)) {
            return *number;
        }
        let (text, next) = (json(&model.plain()), self.models.len() as u32);
        let number = *self.known.entry(text.clone()).or_insert(next);
        if number == next {
            self.size += text.len();
            self.models.push(text);
        }
        self.recent.truncate(RECENT - 1);
        self.recent.push_front((model.clone(), number));
        number
    }

    /// Name and bytes of its file; `None` when it is empty.
    pub fn sealed(&self) -> Option<(String, Vec<u8>)> {
        let bytes = envelope::seal(&HEAD, self).filter(|_| !self.runs.is_empty())?;
        Some((blake3::hash(&bytes).to_hex()[..32].to_owned(), bytes))
    }

    fn recipes(self) -> impl Iterator<Item = Recipe> {
        let Self { engine, file, models, runs, .. } = self;
        runs.into_iter().filter_map(move |run| {
            let model = models.get(run.model as usize)?.clone();
            let Packed { name, hash, seed, config, .. } = run;
            Some(Recipe { file: file.clone(), name, hash, engine, seed, model, config })
        })
    }
}

/// The latest recipe of every run that there is one of.
#[derive(Debug, Default)]
pub struct Recipes {
    /// By file and name of the run.
    latest: BTreeMap<(Arc<str>, Arc<str>), Recipe>,
}

impl Recipes {
    /// Reads all that the cache in `folder` has; what cannot be read is left out.
    pub fn read(host: &dyn Host, folder: &Path) -> Self {
        let mut packs = host.files(&folder.join(RECIPES));
        packs.sort_by(|a, b| (b.written, &a.path).cmp(&(a.written, &b.path)));
        let mut all = Self::default();
        for recipe in packs.iter().filter_map(|pack| opened(host, pack)).flat_map(Pack::recipes) {
            all.latest.entry((recipe.file.clone(), recipe.name.clone())).or_insert(recipe);
        }
        all
    }

    /// That of the run `name` of `file`.
    pub fn find(&self, file: &str, name: &str) -> Option<&Recipe> {
        self.latest.get(&(file.into(), name.into()))
    }

    /// File and name of every run.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.latest.keys().map(|(file, name)| (&**file, &**name))
    }
}

fn opened(host: &dyn Host, entry: &FileEntry) -> Option<Pack> {
    envelope::open(&HEAD, &host.read(&entry.path, MOST_ON_DISK).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures::{load_scale, plan};

    #[test]
    fn a_pack_has_equal_models_once_and_gives_back_what_was_added() {
        let plan = plan(vec![load_scale()]).unwrap();
        let mut pack = Pack::of(&"shop.sruja".into());
        assert!(pack.sealed().is_none(), "an empty one is not worth a file");
        let mut added = Vec::new();
        for run in plan.iter().take(5) {
            let (model, config) = plan.materialise(&run).unwrap();
            pack.add(&run.info, &model, &config);
            added.push(Recipe::of(&"shop.sruja".into(), &run.info, &model, &config));
        }
        assert_eq!(pack.models.len(), 1);
        let (_, bytes) = pack.sealed().unwrap();
        let opened: Pack = envelope::open(&HEAD, &bytes).unwrap();
        assert_eq!(opened.recipes().collect::<Vec<_>>(), added);
    }
}
