//! The pages of the language's words, from its tables: what `explain` prints, the reference shows and a hover says.

use crate::diag::Code;
use crate::schema::{
    ATTRIBUTES, Attribute, ChaosVerb, DistributionForm, KindRole, Knob, MetricFunction, Setting, StandardKind, Subject,
    Word,
};

/// The page of a word.
pub fn page(word: Word) -> String {
    match word {
        Word::Attribute(attribute) => attribute_page(attribute),
        Word::Verb(verb) => verb_page(verb),
        Word::Metric(metric) => metric_page(metric),
        Word::Distribution(form) => distribution_page(form),
        Word::Knob(knob) => knob_page(knob),
        Word::Setting(setting) => setting_page(setting),
        Word::Kind(kind) => kind_page(kind),
    }
}

/// The page of a standard kind.
pub fn kind_page(kind: &StandardKind) -> String {
    format!("## `{}`: a kind of elements\n\n{} {}\n", kind.name, kind.doc, role(kind.role))
}

/// The page of a code.
pub fn code_page(code: &Code) -> String {
    let heading =
        format!("## {}: {}\n\nSeverity: {}.\n\n{}\n", code.id, code.title, code.severity.word(), code.explanation);
    if code.bad.is_empty() {
        return heading;
    }
    format!("{heading}\nWrong:\n\n{}\nRight:\n\n{}", fenced(code.bad), fenced(code.good))
}

fn fenced(text: &str) -> String {
    format!("```sruja\n{}\n```\n", text.trim_end_matches('\n'))
}

/// The page of a behavior attribute.
pub fn attribute_page(attribute: &Attribute) -> String {
    let of: Vec<_> = attribute.subjects.iter().map(|subject| subject_word(*subject)).collect();
    let mut page = format!("## `{}`: an attribute of {}\n\n{}\n\n", attribute.path(), of.join(" and "), attribute.doc);
    page += &item(&format!("takes {}", attribute.takes()));
    if !attribute.unit.is_empty() {
        page += &item(&format!("a bare number is in `{}`", attribute.unit));
    }
    page += &item(&attribute.default.map_or("no default".into(), |value| format!("default: `{value}`")));
    page += &spellings(attribute.aliases);
    page += &item(&format!("example: `{}`", example(attribute)));
    let inner: Vec<_> =
        ATTRIBUTES.iter().filter(|inner| inner.group == Some(attribute.name)).map(|a| a.path()).collect();
    if let Some(why) = attribute.fixed {
        page += &item(&format!("no fault can change it: {why}"));
    }
    if attribute.group.is_none() && !inner.is_empty() {
        page += &item(&format!("in its braces: `{}`", inner.join("`, `")));
    }
    page
}

/// The attribute as one would write it, in the braces of its group.
fn example(attribute: &Attribute) -> String {
    let own = format!("{} {}", attribute.name, attribute.example);
    let own = own.trim_end();
    attribute.group.map_or_else(|| own.to_owned(), |group| format!("{group} … {{ {own} }}"))
}

fn subject_word(subject: Subject) -> &'static str {
    match subject {
        Subject::Station => "stations",
        Subject::Queue => "queues",
        Subject::Call => "relations",
        Subject::Request => "request types",
        Subject::Source => "sources of traffic",
    }
}

/// The page of a chaos verb.
pub fn verb_page(verb: &ChaosVerb) -> String {
    let forms: Vec<_> = verb.form.split(" | ").collect();
    // A partition names its sides with a bar of its own.
    let forms = if verb.form.contains("A | B") { vec![verb.form] } else { forms };
    let forms: String = forms.iter().map(|form| item(&format!("`{form}`"))).collect();
    let page = format!("## `{}`: a chaos verb\n\n{}\n\n{forms}", verb.name, verb.doc);
    page + &spellings(verb.aliases)
}

/// The page of a metric function.
pub fn metric_page(metric: &MetricFunction) -> String {
    let mut of = vec!["all traffic"];
    of.extend(metric.of_element.then_some("an element"));
    of.extend(metric.of_relation.then_some("a relation"));
    let measures = item(&format!("measures {}", metric.dimension.describe()));
    let page = format!("## `{}`: a metric\n\n{}\n\n{measures}", metric.name, metric.doc);
    page + &item(&format!("of {}", of.join(", ")))
}

/// The page of a form of distributions.
pub fn distribution_page(form: &DistributionForm) -> String {
    let name = form.name;
    let forms = form.parameters.split(" | ").map(|parameters| item(&format!("`{name}({parameters})`")));
    format!("## `{name}`: a distribution\n\n{}\n\n{}", form.doc, forms.collect::<String>())
}

/// The page of a knob.
pub fn knob_page(knob: &Knob) -> String {
    let unit = if knob.unit.is_empty() { String::new() } else { format!("; a bare number is in `{}`", knob.unit) };
    let measures = item(&format!("takes {}{unit}", knob.dimension.describe()));
    format!("## `{}`: a knob of scenarios\n\n{}\n\n{measures}{}", knob.name, knob.doc, spellings(knob.aliases))
}

/// The page of a setting.
pub fn setting_page(setting: &Setting) -> String {
    let default =
        if setting.default.is_empty() { "no default".into() } else { format!("default: `{}`", setting.default) };
    let page = format!("## `{}`: a setting of scenarios\n\n{}\n\n", setting.name, setting.doc);
    page + &item(&default) + &later(setting.simulated)
}

/// What a kind means to a simulation, in a sentence.
pub fn role(role: KindRole) -> &'static str {
    match role {
        KindRole::Source => "A source of traffic.",
        KindRole::Station => "Serves requests when it has no children.",
        KindRole::Queue => "Takes messages and delivers them to its consumers.",
        KindRole::External => "A source when it has only outgoing relations, else it serves requests.",
        KindRole::Other => "No part of the running system.",
    }
}

/// A line of a list.
pub fn item(text: &str) -> String {
    format!("- {text}\n")
}

fn spellings(aliases: &[&str]) -> String {
    if aliases.is_empty() { String::new() } else { item(&format!("also read as `{}`", aliases.join("`, `"))) }
}

fn later(simulated: bool) -> String {
    if simulated { String::new() } else { item("**not simulated yet**: checked, and `run` says that it has no effect") }
}
