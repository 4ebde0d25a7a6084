//! The form of the call or the chaos event that is being written.

use super::context::{Block, context};
use crate::schema::{Type, find_attribute, find_distribution, find_metric, find_verb};

/// A form and which of its parts is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The whole, with parameters as they stand in it.
    pub label: String,
    /// First and last byte of each parameter in the label.
    pub parameters: Vec<(u32, u32)>,
    /// The one that the cursor is in.
    pub active: usize,
    /// One sentence.
    pub doc: String,
}

/// The forms that fit where the cursor is; several where a distribution can be given in several ways.
pub fn signatures(text: &str, offset: u32) -> Vec<Signature> {
    let around = context(text, offset);
    if around.in_comment || around.literal.is_some() {
        return Vec::new();
    }
    if let Some(call) = &around.call {
        return of_call(&call.name, call.argument);
    }
    let words = around.words();
    if let Some(verb) = words.iter().rev().find_map(|word| find_verb(word)).filter(|_| in_scenario(&around.blocks)) {
        return verb.form.split(" | ").map(|form| plain(form, verb.doc)).collect();
    }
    let attribute = words.last().and_then(|word| find_attribute(None, word)).filter(|row| row.ty != Type::Flag);
    let row = attribute.filter(|_| in_attributes(&around.blocks));
    row.map(|row| plain(&format!("{} {}", row.name, row.example), &format!("takes {}. {}", row.ty.describe(), row.doc)))
        .into_iter()
        .collect()
}

fn in_scenario(blocks: &[Block]) -> bool {
    blocks.last() == Some(&Block::Scenario)
}

fn in_attributes(blocks: &[Block]) -> bool {
    matches!(blocks.last(), Some(Block::Behavior | Block::Relation | Block::Step))
}

fn plain(label: &str, doc: &str) -> Signature {
    Signature { label: label.into(), parameters: Vec::new(), active: 0, doc: doc.into() }
}

fn of_call(name: &str, active: usize) -> Vec<Signature> {
    if let Some(form) = find_distribution(name) {
        return form.parameters.split(" | ").map(|parameters| form_of(name, parameters, active, form.doc)).collect();
    }
    let metric = find_metric(name).map(|metric| {
        let of = match (metric.of_element, metric.of_relation) {
            (true, true) => "element or A -> B",
            (false, true) => "A -> B",
            _ => "element",
        };
        form_of(name, of, active, metric.doc)
    });
    let backoff = BACKOFFS.iter().find(|(known, _)| *known == name);
    let backoff =
        backoff.map(|(name, parameters)| form_of(name, parameters, active, "Waiting before a further attempt."));
    metric.or(backoff).into_iter().collect()
}

/// The forms of a backoff that take several values; `exponential` alone is a distribution, too.
const BACKOFFS: &[(&str, &str)] = &[("linear", "step"), ("decorrelated", "base, max")];

fn form_of(name: &str, parameters: &str, active: usize, doc: &str) -> Signature {
    let mut label = format!("{name}(");
    let mut places = Vec::new();
    for (n, parameter) in parameters.split(", ").enumerate() {
        if n > 0 {
            label.push_str(", ");
        }
        places.push((label.len() as u32, (label.len() + parameter.len()) as u32));
        label.push_str(parameter);
    }
    label.push(')');
    let active = active.min(places.len().saturating_sub(1));
    Signature { label, parameters: places, active, doc: doc.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_active_parameter_follows_the_commas() {
        let text = "behavior A { service_time normal(5ms, ";
        let found = signatures(text, text.len() as u32);
        assert_eq!((found[0].label.as_str(), found[0].active), ("normal(mean, sd)", 1));
        assert_eq!(found[0].parameters, [(7, 11), (13, 15)]);
        assert_eq!(signatures("scenario S { at 5s slow ", 24)[0].label, "slow X by 5x");
        assert!(signatures("behavior A { retry ", 19)[0].label.starts_with("retry "));
        assert!(signatures("A = system \"normal(\"", 19).is_empty());
    }
}
