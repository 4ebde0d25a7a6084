//! Every word of the language as JSON, for whoever colours it: what stands in `editors/` is made of this, and
//! a test compares.

use crate::quantity::UNITS;
use crate::schema::{
    ATTRIBUTES, Attribute, CHAOS_VERBS, DISTRIBUTIONS, KINDS, KNOBS, KindRole, METRICS, SETTINGS, Type,
};
use crate::syntax::{Words, words};
use serde::Serialize;

/// The words of the language by what they are.
#[derive(Debug, Serialize)]
pub struct Vocabulary {
    /// Kinds of elements.
    pub kinds: Vec<&'static str>,
    /// Words that look like kinds and begin something else.
    pub other_kinds: Vec<&'static str>,
    /// Behavior attributes, aliases included.
    pub attributes: Vec<AttributeWord>,
    /// Knobs of scenarios, aliases included.
    pub knobs: Vec<&'static str>,
    /// Settings of scenarios.
    pub settings: Vec<&'static str>,
    /// Chaos verbs, aliases included.
    pub verbs: Vec<&'static str>,
    /// Metric functions.
    pub metrics: Vec<&'static str>,
    /// Forms of distributions.
    pub distributions: Vec<&'static str>,
    /// Units behind a number.
    pub units: Vec<&'static str>,
    /// Words of statements.
    #[serde(flatten)]
    pub words: Words,
}

/// A word for an attribute.
#[derive(Debug, Serialize)]
pub struct AttributeWord {
    /// As written.
    pub name: &'static str,
    /// The attribute in whose braces it stands.
    pub group: Option<&'static str>,
    /// What follows it: `flag`, `block`, `condition`, `phrase`, `arrivals` or one `value`.
    pub takes: &'static str,
    /// Words that its value may be.
    pub choices: &'static [&'static str],
    /// Whether braces with further attributes may follow.
    pub braces: bool,
}

/// The whole vocabulary.
pub fn vocabulary() -> Vocabulary {
    let kinds = |part: bool| {
        let wanted = KINDS.iter().filter(move |kind| (kind.role != KindRole::Other) == part);
        wanted.map(|kind| kind.name).collect()
    };
    Vocabulary {
        kinds: kinds(true),
        other_kinds: kinds(false),
        attributes: ATTRIBUTES.iter().flat_map(attribute).collect(),
        knobs: KNOBS.iter().flat_map(|knob| spellings(knob.name, knob.aliases)).collect(),
        settings: SETTINGS.iter().map(|setting| setting.name).collect(),
        verbs: CHAOS_VERBS.iter().flat_map(|verb| spellings(verb.name, verb.aliases)).collect(),
        metrics: METRICS.iter().map(|metric| metric.name).collect(),
        distributions: DISTRIBUTIONS.iter().map(|form| form.name).collect(),
        units: UNITS.iter().map(|unit| unit.symbol).filter(|symbol| !symbol.is_empty()).collect(),
        words: words(),
    }
}

fn spellings(name: &'static str, aliases: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    std::iter::once(name).chain(aliases.iter().copied())
}

fn attribute(row: &'static Attribute) -> impl Iterator<Item = AttributeWord> {
    let braces = row.group.is_some() || ATTRIBUTES.iter().any(|inner| inner.group == Some(row.name));
    spellings(row.name, row.aliases).map(move |name| AttributeWord {
        name,
        group: row.group,
        takes: takes(row.ty),
        choices: choices(row.ty),
        braces,
    })
}

fn takes(ty: Type) -> &'static str {
    match ty {
        Type::Flag => "flag",
        Type::Block => "block",
        Type::Shed => "condition",
        Type::Hedge | Type::Keys => "phrase",
        Type::Arrivals => "arrivals",
        _ => "value",
    }
}

fn choices(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Word(words) | Type::Words(words) => words,
        Type::Limit => &["none", "unbounded"],
        _ => &[],
    }
}
