//! The words that statements are made of, beyond those of the schema: editors colour them.

use serde::Serialize;

/// Words by what they do in a statement. A word may stand in several lists.
#[derive(Debug, Serialize)]
pub struct Words {
    /// First words at the top level that are no kinds.
    pub items: Vec<&'static str>,
    /// First words of blocks that are kept and mean nothing to a simulation.
    pub ignored: Vec<&'static str>,
    /// Fields of elements.
    pub fields: Vec<&'static str>,
    /// Words of `slo { … }`.
    pub objectives: Vec<&'static str>,
    /// First words of the parts of a deployment.
    pub places: Vec<&'static str>,
    /// First words of what runs in such a part.
    pub instances: Vec<&'static str>,
    /// First words of a scenario's statements that are neither knobs, settings nor chaos verbs.
    pub statements: Vec<&'static str>,
    /// Arrival processes.
    pub arrivals: Vec<&'static str>,
    /// Attributes that only steps have.
    pub steps: Vec<&'static str>,
    /// Words before a chaos verb.
    pub moments: Vec<&'static str>,
    /// Words for how much of a chaos event.
    pub amounts: Vec<&'static str>,
    /// Words for how a chaos event happens.
    pub manners: Vec<&'static str>,
    /// Words for one replica of an element.
    pub replicas: Vec<&'static str>,
    /// Chaos verbs that may leave out what they hit.
    pub free_verbs: Vec<&'static str>,
    /// Chaos verbs that change an attribute.
    pub attribute_verbs: Vec<&'static str>,
}

/// Every such word.
pub fn words() -> Words {
    super::build::words()
}
