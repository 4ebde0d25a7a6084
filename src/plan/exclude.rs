//! Combinations that `exclude when` leaves out.

use super::axis::PlanAxis;
use super::point::Space;
use crate::model::AxisCondition;

/// Ranks of all combinations that no condition leaves out; `None` as soon as there are more than `most`.
pub(super) fn kept(space: &Space, axes: &[PlanAxis], excludes: &[AxisCondition], most: u64) -> Option<Vec<u128>> {
    let mut kept = Vec::new();
    let mut point = vec![0; axes.len()];
    for rank in 0..space.size() {
        if rank > 0 {
            space.advance(&mut point);
        }
        if !excluded(excludes, axes, &point) {
            if kept.len() as u64 == most {
                return None;
            }
            kept.push(rank);
        }
    }
    Some(kept)
}

/// Whether any condition leaves out this combination.
pub(super) fn excluded(excludes: &[AxisCondition], axes: &[PlanAxis], point: &[u64]) -> bool {
    excludes.iter().any(|condition| holds(condition, axes, point))
}

fn holds(condition: &AxisCondition, axes: &[PlanAxis], point: &[u64]) -> bool {
    let value = |axis: usize| Some((axes.get(axis)?, *point.get(axis)?));
    match condition {
        AxisCondition::Compare(axis, comparison, bound) => {
            value(*axis).is_some_and(|(axis, at)| comparison.holds(axis.number(at), *bound))
        }
        AxisCondition::Is(axis, text) => value(*axis).is_some_and(|(axis, at)| *axis.cell(at).label == **text),
        AxisCondition::And(a, b) => holds(a, axes, point) && holds(b, axes, point),
        AxisCondition::Or(a, b) => holds(a, axes, point) || holds(b, axes, point),
        AxisCondition::Not(inner) => !holds(inner, axes, point),
    }
}
