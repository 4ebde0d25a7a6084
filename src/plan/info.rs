//! What a concrete run is called and what it stands for.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Identity of one concrete run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Place in the plan, from 0.
    pub index: u64,
    /// `LoadScale-100-0`, with the version before it where there are several.
    pub name: Arc<str>,
    /// The scenario.
    pub scenario: Arc<str>,
    /// The version; `working` is the file itself.
    pub version: Arc<str>,
    /// The commit it was read from.
    pub commit: Option<Arc<str>>,
    /// Swept values in the order of the axes.
    pub params: Vec<(Arc<str>, ParamValue)>,
    /// The seed.
    pub seed: u64,
    /// Hash of everything that the result depends on.
    pub hash: Arc<str>,
}

/// A swept value: a number in base units, or a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParamValue {
    /// In base units.
    Number(f64),
    /// A name, a word, a distribution.
    Text(Arc<str>),
}
