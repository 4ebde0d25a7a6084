//! The words of the language, each with its row in one of the tables: for whoever explains them.

use super::{
    ATTRIBUTES, Attribute, CHAOS_VERBS, ChaosVerb, DISTRIBUTIONS, DistributionForm, KINDS, KNOBS, Knob, METRICS,
    MetricFunction, SETTINGS, Setting, StandardKind,
};

/// A word that the language knows.
#[derive(Debug, Clone, Copy)]
pub enum Word {
    /// A behavior attribute.
    Attribute(&'static Attribute),
    /// A chaos verb.
    Verb(&'static ChaosVerb),
    /// A metric function.
    Metric(&'static MetricFunction),
    /// A form of distributions.
    Distribution(&'static DistributionForm),
    /// A knob of scenarios.
    Knob(&'static Knob),
    /// A setting of scenarios.
    Setting(&'static Setting),
    /// A standard kind.
    Kind(&'static StandardKind),
}

impl Word {
    /// Every word, in the order of the tables.
    pub fn all() -> impl Iterator<Item = Self> {
        let attributes = ATTRIBUTES.iter().map(Self::Attribute);
        attributes
            .chain(CHAOS_VERBS.iter().map(Self::Verb))
            .chain(METRICS.iter().map(Self::Metric))
            .chain(DISTRIBUTIONS.iter().map(Self::Distribution))
            .chain(KNOBS.iter().map(Self::Knob))
            .chain(SETTINGS.iter().map(Self::Setting))
            .chain(KINDS.iter().map(Self::Kind))
    }

    /// Every name that it goes by, the proper one first.
    pub fn names(self) -> Vec<String> {
        let with = |name: &str, aliases: &[&str]| {
            std::iter::once(name).chain(aliases.iter().copied()).map(str::to_owned).collect()
        };
        match self {
            Self::Attribute(attribute) => {
                let mut names: Vec<String> = with(&attribute.path(), attribute.aliases);
                names.push(attribute.name.to_owned());
                names
            }
            Self::Verb(verb) => with(verb.name, verb.aliases),
            Self::Metric(metric) => with(metric.name, &[]),
            Self::Distribution(form) => with(form.name, &[]),
            Self::Knob(knob) => with(knob.name, knob.aliases),
            Self::Setting(setting) => with(setting.name, &[]),
            Self::Kind(kind) => with(kind.name, &[]),
        }
    }
}
