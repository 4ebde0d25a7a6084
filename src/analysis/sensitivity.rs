//! How much of the spread of scores each swept parameter explains.
//!
//! Over a full grid Sobol's indices need no sampling: the first-order index of a parameter is the variance of
//! the means at each of its values over the whole variance; its total index is one less the same for all
//! other parameters together. Where the runs are no full grid nothing is given.

use super::matrix::Scored;
use super::run::mean;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one parameter explains.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamEffect {
    /// The parameter.
    pub param: Arc<str>,
    /// Share of the variance that it explains alone.
    pub first_order: f64,
    /// Share that would be gone if it were fixed: interactions included.
    pub total: f64,
}

/// Effects of the parameters on the score, means over versions and scenarios, largest total first.
pub fn sensitivity(runs: &[Scored]) -> Vec<ParamEffect> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Scored>> = BTreeMap::new();
    for run in runs {
        groups.entry((&run.version, &run.scenario)).or_default().push(run);
    }
    let mut effects: BTreeMap<Arc<str>, Vec<(f64, f64)>> = BTreeMap::new();
    for group in groups.values().filter(|group| is_full_grid(group)) {
        for (name, effect) in group_effects(group) {
            effects.entry(name).or_default().push(effect);
        }
    }
    let mut effects: Vec<ParamEffect> = effects.into_iter().map(|(param, all)| averaged(param, &all)).collect();
    effects.sort_by(|a, b| b.total.total_cmp(&a.total));
    effects
}

fn averaged(param: Arc<str>, all: &[(f64, f64)]) -> ParamEffect {
    ParamEffect { param, first_order: mean(all.iter().map(|e| e.0)), total: mean(all.iter().map(|e| e.1)) }
}

/// Text of a run's value of an axis: values are compared, never computed with.
fn level(run: &Scored, axis: usize) -> String {
    run.params.get(axis).map_or(String::new(), |(_, value)| format!("{value:?}"))
}

fn is_full_grid(group: &[&Scored]) -> bool {
    let axes = group[0].params.len();
    let levels =
        |axis: usize| group.iter().map(|run| level(run, axis)).collect::<std::collections::BTreeSet<_>>().len();
    axes > 0 && group.len() > 2 && (0..axes).map(levels).product::<usize>() == group.len()
}

fn group_effects(group: &[&Scored]) -> Vec<(Arc<str>, (f64, f64))> {
    let axes = group[0].params.len();
    let whole = variance(group.iter().map(|run| run.score).collect());
    if whole < 1e-9 {
        return Vec::new();
    }
    let share = |kept: &dyn Fn(usize) -> bool| (explained(group, kept) / whole).clamp(0.0, 1.0);
    let effect = |axis: usize| {
        let name = group[0].params[axis].0.clone();
        (name, (share(&|a| a == axis), 1.0 - share(&|a| a != axis)))
    };
    (0..axes).map(effect).collect()
}

/// Variance of the mean score over the values of the axes that are kept.
fn explained(group: &[&Scored], kept: &dyn Fn(usize) -> bool) -> f64 {
    let axes = group[0].params.len();
    let mut cells: BTreeMap<Vec<String>, Vec<f64>> = BTreeMap::new();
    for run in group {
        let cell = (0..axes).filter(|a| kept(*a)).map(|a| level(run, a)).collect();
        cells.entry(cell).or_default().push(run.score);
    }
    variance(cells.into_values().map(mean).collect())
}

fn variance(values: Vec<f64>) -> f64 {
    let centre = mean(values.iter().copied());
    mean(values.iter().map(|v| (v - centre).powi(2)))
}
