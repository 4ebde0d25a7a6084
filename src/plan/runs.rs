//! The plan: every concrete run, made from its number.

use super::axis::{Cells, PointCells};
use super::case::{PlanCase, Size};
use super::{PlanError, RunInfo, filter, hash, name};
use crate::model::{Case, Project, Setter};
use crate::schema::SettingKey;
use std::collections::HashMap;
use std::sync::Arc;

/// What narrows or bounds a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanOptions {
    /// Most runs.
    pub limit: u64,
    /// Only scenarios that one of these globs matches; all without any.
    pub scenarios: Vec<String>,
    /// Replaces every scenario's seed.
    pub seed: Option<u64>,
}

impl Default for PlanOptions {
    /// All scenarios, at most 100 000 runs.
    fn default() -> Self {
        Self { limit: 100_000, scenarios: Vec::new(), seed: None }
    }
}

/// Every concrete run of a project, made from its number when it is asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) cases: Vec<PlanCase>,
    /// Number of the first run of each case, and of the one after the last.
    pub(super) starts: Vec<u64>,
    /// For each case the earlier one whose runs are the same, if any.
    same_as: Vec<Option<usize>>,
}

/// One concrete run: what it is called and which combination it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRun {
    /// Its identity.
    pub info: RunInfo,
    /// Which case of the plan.
    pub case: usize,
    /// Index of the value of each axis.
    pub point: Vec<u64>,
}

impl Plan {
    /// Plans every scenario that takes part. A plan beyond the limit is refused before anything is
    /// computed.
    pub fn new(project: &Project, options: &PlanOptions) -> Result<Self, PlanError> {
        let selected = filter::select(project, &options.scenarios)?;
        check_size(&selected, options.limit)?;
        let cases = prepare(project, &selected, options)?;
        let starts = starts(&cases);
        let total = starts.last().copied().unwrap_or(0);
        if total == 0 {
            return Err(PlanError::Empty { excluded: !cases.is_empty() });
        }
        if total > options.limit {
            return Err(too_many(&cases, total, options.limit));
        }
        name::check_unique(&cases)?;
        let same_as = same_as(&cases);
        Ok(Self { cases, starts, same_as })
    }

    /// How many runs; at least one.
    pub fn len(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Never true: a plan without runs is an error.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Run `index`, from 0; `None` beyond the end.
    pub fn run(&self, index: u64) -> Option<PlannedRun> {
        let number = self.case_of(index)?;
        let case = &self.cases[number];
        let mut point = Vec::with_capacity(case.axes.len());
        case.point(index - self.starts[number], &mut point);
        Some(PlannedRun { info: info(case, index, &point), case: number, point })
    }

    /// Every run in order.
    pub fn iter(&self) -> impl Iterator<Item = PlannedRun> + '_ {
        (0..self.len()).map_while(|index| self.run(index))
    }

    /// The case that run `index` belongs to.
    pub(super) fn case_of(&self, index: u64) -> Option<usize> {
        (index < self.len()).then(|| self.starts.partition_point(|start| *start <= index) - 1)
    }

    /// The earlier run that has the hash of run `index` because its whole case does, as when two
    /// versions have the same model.
    pub fn original(&self, index: u64) -> Option<u64> {
        let case = self.case_of(index)?;
        self.same_as[case].map(|first| self.starts[first] + index - self.starts[case])
    }

    /// The runs whose [`Plan::original`] is run `index`.
    pub fn copies(&self, index: u64) -> impl Iterator<Item = u64> + '_ {
        let case = self.case_of(index);
        let is_copy = move |(_, same_as): &(usize, &Option<usize>)| case.is_some() && **same_as == case;
        let local = index - case.map_or(index, |case| self.starts[case]);
        self.same_as.iter().enumerate().filter(is_copy).map(move |(copy, _)| self.starts[copy] + local)
    }
}

/// Refuses what is known to be too large without computing anything.
fn check_size(selected: &[&Case], limit: u64) -> Result<(), PlanError> {
    let mut total = 0u128;
    let mut worst: Option<(Size, &Case)> = None;
    for case in selected {
        let size = Size::of(&case.scenario, limit)?;
        total = total.saturating_add(size.count);
        if worst.as_ref().is_none_or(|(worst, _)| size.count > worst.count) {
            worst = Some((size, case));
        }
    }
    match worst {
        Some((size, case)) if total > u128::from(limit) => Err(blame(size, case, selected, total, limit)),
        _ => Ok(()),
    }
}

/// The error of a plan with `count` runs, most of them of `case`.
fn blame(size: Size, case: &Case, selected: &[&Case], count: u128, limit: u64) -> PlanError {
    let scenario = case.scenario.name.clone();
    let versions = selected.iter().filter(|other| other.scenario.name == scenario).count() as u128;
    if versions > size.len {
        return PlanError::TooLarge { count, limit, dimension: "version".into(), size: versions, scenario };
    }
    PlanError::TooLarge { count, limit, dimension: size.dimension, size: size.len, scenario }
}

/// The error of a plan whose cases are each within the limit, and together beyond it.
fn too_many(cases: &[PlanCase], total: u64, limit: u64) -> PlanError {
    let largest = cases.iter().rev().max_by_key(|case| case.len());
    let (scenario, size) = largest.map_or(("".into(), 0), |case| (case.scenario.name.clone(), case.len()));
    let dimension = "scenario".into();
    PlanError::TooLarge { count: total.into(), limit, dimension, size: size.into(), scenario }
}

fn prepare(project: &Project, selected: &[&Case], options: &PlanOptions) -> Result<Vec<PlanCase>, PlanError> {
    let digests: Vec<_> = project.versions.iter().map(|version| hash::model(&version.model)).collect();
    let mut siblings: HashMap<&str, usize> = HashMap::new();
    selected.iter().for_each(|case| *siblings.entry(&case.scenario.name).or_default() += 1);
    let prepared = |case: &&Case| {
        let version = &project.versions[case.version];
        let has_siblings = siblings.get(&*case.scenario.name).is_some_and(|count| *count > 1);
        PlanCase::new(&case.scenario, version, &digests[case.version], has_siblings, options)
    };
    selected.iter().map(prepared).collect()
}

fn starts(cases: &[PlanCase]) -> Vec<u64> {
    let mut starts = vec![0u64];
    starts.extend(cases.iter().scan(0u64, |end, case| {
        *end = end.saturating_add(case.len());
        Some(*end)
    }));
    starts
}

fn same_as(cases: &[PlanCase]) -> Vec<Option<usize>> {
    let mut first_of: HashMap<hash::Base, usize> = HashMap::new();
    let same = |(number, case): (usize, &PlanCase)| {
        let first = *first_of.entry(case.digest).or_insert(number);
        (first != number && case.is_copy_of(&cases[first])).then_some(first)
    };
    cases.iter().enumerate().map(same).collect()
}

fn info(case: &PlanCase, index: u64, point: &[u64]) -> RunInfo {
    let mut cells = Cells::default();
    let cells = cells.at(&case.axes, point);
    let mut bytes = Vec::with_capacity(64);
    name::push(&mut bytes, &case.prefix, cells);
    let name: Arc<str> = String::from_utf8_lossy(&bytes).into();
    let hash = hash_of(case, cells, &mut bytes);
    bytes.clear();
    hash::push_hex(&hash, &mut bytes);
    RunInfo {
        index,
        name,
        scenario: case.scenario.name.clone(),
        version: case.version.clone(),
        commit: case.commit.clone(),
        params: cells.iter().map(|(axis, cell)| (axis.name.clone(), cell.param.clone())).collect(),
        seed: seed(case, cells),
        hash: String::from_utf8_lossy(&bytes).into(),
    }
}

/// Hash of the run of a case with these values.
pub(super) fn hash_of(case: &PlanCase, cells: PointCells<'_>, scratch: &mut Vec<u8>) -> [u8; hash::VALUE] {
    hash::run(&case.digest, cells.iter().map(|(_, cell)| cell.digest), scratch)
}

/// Seed of the run of a case with these values.
pub(super) fn seed(case: &PlanCase, cells: PointCells<'_>) -> u64 {
    let sets_seed = |setter: &Setter| matches!(setter, Setter::Setting(SettingKey::Seed));
    let swept = cells.iter().filter(|(axis, _)| axis.setters.iter().any(sets_seed)).last();
    swept.map_or(case.seed, |(_, cell)| cell.number.max(0.0) as u64)
}
