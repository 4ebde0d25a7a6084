//! Which change caused a difference between two models.
//!
//! Each group of changes is applied to the old model alone and simulated on the same random numbers; its effect is the
//! difference to the old model. Effects need not add up: what is left of the whole is interaction, as when a longer
//! queue matters only together with fewer replicas.

use super::rank::Interval;
use std::sync::Arc;

/// What one group of changes does alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The part of the model that the changes belong to.
    pub subject: Arc<str>,
    /// The figure with these changes less the figure of the old model.
    pub difference: f64,
    /// Of the difference; `None` for fewer than two pairs of replications.
    pub ci95: Option<Interval>,
}

/// A share in a difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// What it does alone.
    pub effect: Effect,
    /// Over the whole difference; `None` where there is none. Above 1 or below 0 where effects work against each other.
    pub share: Option<f64>,
}

/// A difference put down to its causes.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// The new model's figure less the old one's.
    pub whole: f64,
    /// Largest effect first; of equal ones the earlier in the diff.
    pub causes: Vec<Contribution>,
    /// What no cause explains alone.
    pub interaction: f64,
    /// Over the whole difference.
    pub interaction_share: Option<f64>,
}

/// Ranks effects by size and holds them against the whole.
pub fn attribute(whole: f64, effects: Vec<Effect>) -> Attribution {
    let explained: f64 = effects.iter().map(|effect| effect.difference).sum();
    let share = |part: f64| (whole != 0.0).then(|| part / whole);
    let cause = |effect: Effect| Contribution { share: share(effect.difference), effect };
    let mut causes: Vec<Contribution> = effects.into_iter().map(cause).collect();
    causes.sort_by(|a, b| b.effect.difference.abs().total_cmp(&a.effect.difference.abs()));
    let interaction = whole - explained;
    Attribution { whole, causes, interaction, interaction_share: share(interaction) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(subject: &str, difference: f64) -> Effect {
        Effect { subject: subject.into(), difference, ci95: None }
    }

    #[test]
    fn the_largest_effect_comes_first_and_the_rest_is_interaction() {
        let found = attribute(10.0, vec![effect("A", 1.0), effect("B", -2.0), effect("C", 8.0)]);
        let order: Vec<(&str, Option<f64>)> = found.causes.iter().map(|c| (&*c.effect.subject, c.share)).collect();
        assert_eq!(order, [("C", Some(0.8)), ("B", Some(-0.2)), ("A", Some(0.1))]);
        assert_eq!((found.interaction, found.interaction_share), (3.0, Some(0.3)));
    }

    #[test]
    fn shares_of_nothing_are_not_given() {
        let found = attribute(0.0, vec![effect("A", 1.0), effect("B", -1.0)]);
        assert_eq!((found.causes[0].share, found.interaction, found.interaction_share), (None, 0.0, None));
        assert_eq!(&*found.causes[0].effect.subject, "A");
    }
}
