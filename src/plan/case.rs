//! One scenario against one version, ready for expansion.

use super::axis::PlanAxis;
use super::point::{Space, Unequal};
use super::{PlanError, exclude, hash, sample};
use crate::model::{Architecture, Scenario, VersionModel, assign};
use std::sync::Arc;

/// Combinations looked at before exclusion, for each run that the limit allows.
const WALK: u128 = 1000;
/// Most combinations looked at before exclusion.
const MOST_WALKED: u128 = 1_000_000_000;

/// One scenario against one version, ready for expansion.
#[derive(Debug, Clone)]
pub(super) struct PlanCase {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The version's name.
    pub version: Arc<str>,
    /// Commit it was read from.
    pub commit: Option<Arc<str>>,
    /// The model with what the scenario fixes; `Err` says why there is none.
    pub model: Result<Arc<Architecture>, Arc<str>>,
    /// What its runs' names start with.
    pub prefix: Box<str>,
    /// The seed, unless an axis sets it.
    pub seed: u64,
    /// Its axes in the order written.
    pub axes: Vec<PlanAxis>,
    /// Digest of everything that its runs share.
    pub digest: hash::Base,
    space: Space,
    /// Ranks of its combinations; `None`: all.
    kept: Option<Vec<u128>>,
}

/// How many runs a case has at most, known before anything is computed.
pub(super) struct Size {
    /// How many; `u128::MAX` stands for that many or more.
    pub count: u128,
    /// Whose fault it is.
    pub dimension: Arc<str>,
    /// How many values that has.
    pub len: u128,
}

impl Size {
    /// The size of a scenario against one version.
    pub fn of(scenario: &Scenario, limit: u64) -> Result<Self, PlanError> {
        let space = space(scenario)?;
        let (dimension, len) = largest(scenario, &space);
        let size = Self { count: space.size(), dimension, len };
        Ok(match scenario.sample {
            // Ranks of a product beyond 128 bits cannot be told apart, so that nothing is drawn from it.
            Some(sample) if size.count < u128::MAX => {
                let count = size.count.min(u128::from(sample.count));
                Self { count, dimension: "sample".into(), len: count }
            }
            Some(_) => size,
            None if scenario.excludes.is_empty() || size.count > walkable(limit) => size,
            // Known only after a walk, which `PlanCase::new` takes.
            None => Self { count: 0, ..size },
        })
    }
}

fn walkable(limit: u64) -> u128 {
    (u128::from(limit) * WALK).min(MOST_WALKED)
}

fn largest(scenario: &Scenario, space: &Space) -> (Arc<str>, u128) {
    match space.largest() {
        Some(dimension) => {
            let axis = &scenario.axes[dimension.axes[0]];
            (axis.name.clone(), axis.values.len())
        }
        None => ("scenario".into(), 1),
    }
}

fn space(scenario: &Scenario) -> Result<Space, PlanError> {
    let lens: Vec<u64> =
        scenario.axes.iter().map(|axis| u64::try_from(axis.values.len()).unwrap_or(u64::MAX)).collect();
    Space::new(&lens, &scenario.zips).map_err(|Unequal { first, second }| PlanError::UnequalZip {
        scenario: scenario.name.clone(),
        first: scenario.axes[first].name.clone(),
        first_len: lens[first],
        second: scenario.axes[second].name.clone(),
        second_len: lens[second],
    })
}

impl PlanCase {
    /// Prepares a case whose [`Size`] is within the limit. `digest` is that of the version's model.
    pub fn new(
        scenario: &Arc<Scenario>,
        version: &VersionModel,
        digest: &hash::Base,
        has_siblings: bool,
        options: &super::PlanOptions,
    ) -> Result<Self, PlanError> {
        let seed = options.seed.unwrap_or(scenario.base.seed);
        let mut case = Self {
            scenario: scenario.clone(),
            version: version.name.clone(),
            commit: version.commit.as_ref().map(|commit| commit.id.clone()),
            model: with_fixed(version, scenario),
            prefix: prefix(scenario, version, has_siblings),
            seed,
            axes: scenario.axes.iter().map(|axis| PlanAxis::new(axis, &scenario.base)).collect(),
            digest: hash::case(digest, scenario, seed),
            space: space(scenario)?,
            kept: None,
        };
        case.kept = case.select(options.limit)?;
        Ok(case)
    }

    fn select(&self, limit: u64) -> Result<Option<Vec<u128>>, PlanError> {
        let excludes = &self.scenario.excludes;
        if let Some(sample) = self.scenario.sample {
            let keep = |rank| excludes.is_empty() || !self.is_excluded(rank);
            return Ok(Some(sample::draw(&self.space, sample, self.seed, keep)));
        }
        if excludes.is_empty() {
            return Ok(None);
        }
        match exclude::kept(&self.space, &self.axes, excludes, limit) {
            Some(kept) => Ok(Some(kept)),
            None => Err(self.too_large(limit)),
        }
    }

    fn is_excluded(&self, rank: u128) -> bool {
        let mut point = Vec::new();
        self.space.point(rank, &mut point);
        exclude::excluded(&self.scenario.excludes, &self.axes, &point)
    }

    fn too_large(&self, limit: u64) -> PlanError {
        let (dimension, size) = largest(&self.scenario, &self.space);
        PlanError::TooLarge { count: self.space.size(), limit, dimension, size, scenario: self.scenario.name.clone() }
    }

    /// How many runs.
    pub fn len(&self) -> u64 {
        match &self.kept {
            Some(kept) => kept.len() as u64,
            None => u64::try_from(self.space.size()).unwrap_or(u64::MAX),
        }
    }

    /// Puts the index of each axis' value in run `local` of this case into `point`.
    pub fn point(&self, local: u64, point: &mut Vec<u64>) {
        let rank = self.kept.as_ref().map_or(u128::from(local), |kept| kept[local as usize]);
        self.space.point(rank, point);
    }

    /// Whether only some of the product's combinations are run.
    pub fn is_partial(&self) -> bool {
        self.kept.is_some()
    }

    /// Whether each run of it has the hash of the run of `other` at the same place.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        self.digest == other.digest
            && self.space == other.space
            && self.kept == other.kept
            && self.axes.iter().zip(&other.axes).all(|(a, b)| a.is_same(b))
    }
}

/// The version stands before the scenario only where there are several.
fn prefix(scenario: &Scenario, version: &VersionModel, has_siblings: bool) -> Box<str> {
    if has_siblings { format!("{}:{}", version.name, scenario.name).into() } else { (&*scenario.name).into() }
}

/// The version's model with the attributes that the scenario fixes.
fn with_fixed(version: &VersionModel, scenario: &Scenario) -> Result<Arc<Architecture>, Arc<str>> {
    let mut model = version.model.clone()?;
    for (place, key, value) in &scenario.fixed {
        assign(Arc::make_mut(&mut model), *place, *key, value).map_err(|error| error.to_string())?;
    }
    Ok(model)
}
