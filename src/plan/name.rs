//! Names of runs, and the proof that each belongs to one.

use super::PlanError;
use super::axis::{Cells, PlanAxis, PointCells};
use super::case::PlanCase;
use std::collections::{HashMap, HashSet};

/// A longer axis of which only a part is run is not searched for equal labels: the runs are.
const SEARCHED: u64 = 100_000;

/// Appends the name of the run with these values: what all names of its case start with, then each value.
pub(super) fn push(out: &mut Vec<u8>, prefix: &str, cells: PointCells<'_>) {
    out.extend_from_slice(prefix.as_bytes());
    for (_, cell) in cells.iter() {
        out.push(b'-');
        out.extend_from_slice(cell.label.as_bytes());
    }
}

/// Fails when two runs have one name.
///
/// Nearly every plan is cleared by its labels alone: those of an axis differ, and at most one axis
/// has labels with a `-`, so that a name can be taken apart in one way only. Any other plan is walked.
pub(super) fn check_unique(cases: &[PlanCase]) -> Result<(), PlanError> {
    let clear = cases.iter().all(can_be_taken_apart) && prefixes_are_apart(cases);
    if clear { Ok(()) } else { walk(cases) }
}

fn can_be_taken_apart(case: &PlanCase) -> bool {
    let is_searched = |axis: &PlanAxis| axis.len <= SEARCHED || !case.is_partial();
    case.axes.iter().all(|axis| is_searched(axis) && axis.labels_differ())
        && case.axes.iter().filter(|axis| axis.has_dashes()).count() <= 1
}

/// Whether no name of one case can be a name of another: none starts as the other does, up to a `-`.
fn prefixes_are_apart(cases: &[PlanCase]) -> bool {
    let all: HashSet<&str> = cases.iter().map(|case| &*case.prefix).collect();
    let starts_like_another = |prefix: &str| prefix.match_indices('-').any(|(at, _)| all.contains(&prefix[..at]));
    all.len() == cases.len() && !cases.iter().any(|case| starts_like_another(&case.prefix))
}

fn walk(cases: &[PlanCase]) -> Result<(), PlanError> {
    let mut seen: HashMap<[u8; 32], (usize, u64)> = HashMap::new();
    let (mut name, mut point) = (Vec::new(), Vec::new());
    for (number, case) in cases.iter().enumerate() {
        let mut cells = Cells::default();
        for local in 0..case.len() {
            case.point(local, &mut point);
            name.clear();
            push(&mut name, &case.prefix, cells.at(&case.axes, &point));
            // Digests instead of names: a third of the memory.
            if let Some((first, at)) = seen.insert(blake3::hash(&name).into(), (number, local)) {
                return Err(duplicate(&name, (&cases[first], at), (case, local)));
            }
        }
    }
    Ok(())
}

fn duplicate(name: &[u8], first: (&PlanCase, u64), second: (&PlanCase, u64)) -> PlanError {
    PlanError::DuplicateName {
        name: String::from_utf8_lossy(name).into_owned(),
        first: describe(first),
        second: describe(second),
    }
}

/// A run by its values: `S of v1 with load=100, failures=0`.
fn describe((case, local): (&PlanCase, u64)) -> String {
    let mut point = Vec::new();
    case.point(local, &mut point);
    let value = |(axis, index): (&PlanAxis, &u64)| format!("{}={}", axis.name, axis.cell(*index).label);
    let values: Vec<String> = case.axes.iter().zip(&point).map(value).collect();
    let with = if values.is_empty() { String::new() } else { format!(" with {}", values.join(", ")) };
    format!("`{}` of `{}`{with}", case.scenario.name, case.version)
}
