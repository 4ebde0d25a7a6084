//! Under which conditions runs fail: the boxes of one or two bounds on swept parameters that hold most failures.
//!
//! Among the boxes in which at least 90 % of the runs fail, the one with the largest coverage × share⁸; without such a
//! box the one with the best harmonic mean of share and coverage, if failing is at least half as common again
//! inside as everywhere. The runs of a box are then set aside and the next one is sought, at most three. The
//! same for success. Shares are of the runs at hand, not of held-out ones.

use std::collections::BTreeSet;
use std::sync::Arc;

/// A run for pattern search.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its numeric parameters, in one order for all.
    pub params: Vec<(Arc<str>, f64)>,
    /// Whether it belongs to what is sought.
    pub hit: bool,
}

/// One bound of a box.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The parameter.
    pub param: Arc<str>,
    /// At least this; else at most.
    pub at_least: bool,
    /// The bound, one of the parameter's own values.
    pub value: f64,
}

/// A box that holds many hits.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// What must hold.
    pub bounds: Vec<Bound>,
    /// Share of its runs that are hits.
    pub share: f64,
    /// Share of all hits that lie in it.
    pub coverage: f64,
}

/// Purity from which a box counts as a rule.
const PURE: f64 = 0.9;
/// Most boxes.
const MOST: usize = 3;
/// Work beyond which boxes of two bounds are not tried.
const MOST_WORK: usize = 20_000_000;

/// The boxes that hold most hits; none when all or none are hits.
pub fn patterns(outcomes: &[Outcome]) -> Vec<Pattern> {
    let hits = outcomes.iter().filter(|o| o.hit).count();
    if hits == 0 || hits == outcomes.len() {
        return Vec::new();
    }
    let base = hits as f64 / outcomes.len() as f64;
    let mut left: Vec<&Outcome> = outcomes.iter().collect();
    let mut found = Vec::new();
    while found.len() < MOST {
        let Some(best) = best_box(&left, base) else { break };
        left.retain(|o| !is_inside(&best, o));
        found.push(described(best, outcomes, hits));
    }
    found
}

type Box = Vec<(usize, bool, f64)>;

fn is_inside(bounds: &Box, outcome: &Outcome) -> bool {
    bounds.iter().all(|(axis, at_least, value)| {
        let own = outcome.params[*axis].1;
        if *at_least { own >= *value } else { own <= *value }
    })
}

fn described(bounds: Box, outcomes: &[Outcome], hits: usize) -> Pattern {
    let inside: Vec<&Outcome> = outcomes.iter().filter(|o| is_inside(&bounds, o)).collect();
    let hit = inside.iter().filter(|o| o.hit).count() as f64;
    let name = |axis: usize| outcomes[0].params[axis].0.clone();
    let bound = |(axis, at_least, value): (usize, bool, f64)| Bound { param: name(axis), at_least, value };
    Pattern {
        share: hit / inside.len().max(1) as f64,
        coverage: hit / hits as f64,
        bounds: bounds.into_iter().map(bound).collect(),
    }
}

fn best_box(left: &[&Outcome], base: f64) -> Option<Box> {
    let hits = left.iter().filter(|o| o.hit).count();
    if hits == 0 {
        return None;
    }
    let singles = single_bounds(left);
    let pairs = if singles.len().pow(2) * left.len() <= MOST_WORK { pairs(&singles) } else { Vec::new() };
    let mut best: Option<(f64, Box)> = None;
    for candidate in singles.into_iter().map(|bound| vec![bound]).chain(pairs) {
        let merit = merit(&candidate, left, hits, base);
        // Strictly better only: of equals the one with fewer bounds came first.
        if merit > best.as_ref().map_or(0.0, |b| b.0 + 1e-9) {
            best = Some((merit, candidate));
        }
    }
    best.map(|(_, bounds)| bounds)
}

/// Rules stand above all else, by coverage; the rest by the harmonic mean of share and coverage.
fn merit(candidate: &Box, left: &[&Outcome], hits: usize, base: f64) -> f64 {
    let inside = left.iter().filter(|o| is_inside(candidate, o));
    let (count, hit) = inside.fold((0usize, 0usize), |(n, h), o| (n + 1, h + usize::from(o.hit)));
    let (share, coverage) = (hit as f64 / count.max(1) as f64, hit as f64 / hits as f64);
    if hit < 2 || coverage < 0.1 {
        0.0
    } else if share >= PURE {
        // A bound too loose takes in runs that are no hits: purity weighs more than reach.
        1.0 + coverage * share.powi(8)
    } else if share >= 1.5 * base {
        2.0 * share * coverage / (share + coverage)
    } else {
        0.0
    }
}

fn single_bounds(left: &[&Outcome]) -> Box {
    let axes = left.first().map_or(0, |o| o.params.len());
    (0..axes).flat_map(|axis| bounds_of(left, axis)).collect()
}

fn bounds_of(left: &[&Outcome], axis: usize) -> Box {
    let bits: BTreeSet<u64> = left.iter().map(|o| o.params[axis].1.to_bits()).collect();
    let mut levels: Vec<f64> = bits.into_iter().map(f64::from_bits).collect();
    levels.sort_by(f64::total_cmp);
    let above = levels.iter().skip(1).map(|value| (axis, true, *value));
    let below = levels.iter().rev().skip(1).map(|value| (axis, false, *value));
    above.chain(below).collect()
}

fn pairs(singles: &Box) -> Vec<Box> {
    let with_later = |(n, first): (usize, &(usize, bool, f64))| {
        let first = *first;
        singles[n + 1..].iter().filter(move |second| second.0 != first.0).map(move |second| vec![first, *second])
    };
    singles.iter().enumerate().flat_map(with_later).collect()
}
