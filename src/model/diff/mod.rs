//! What changed between two models, in the words of the language, and the models in between.
//!
//! Parts are matched by name, elements that were renamed by `canonical_id` or another name of theirs. Nothing that a
//! result depends on can differ without a change that says so.

mod compare;
mod conditions;
mod hybrid;
mod index;
mod rename;

pub use conditions::conditions;
pub use hybrid::apply;
pub use rename::keep_streams;

use super::Architecture;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// One difference between two models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// To what kind of part.
    pub part: Part,
    /// The part by its name in the new model, or in the old one where it is gone: `Shop.Api`, `Shop.Api->Shop.Db`.
    pub path: Arc<str>,
    /// The attribute, where a part stays and an attribute of it does not.
    pub attribute: Option<Arc<str>>,
    /// What was there: the value, the former path, the kind of an element that is gone.
    pub old: Option<Arc<str>>,
    /// What is there now.
    pub new: Option<Arc<str>>,
}

/// What happened to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another name.
    Renamed,
    /// An attribute of it has another value.
    Changed,
    /// What is in it comes in another order.
    Reordered,
}

/// What kind of part a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// An element, with its station or source.
    Element,
    /// Where load comes from.
    Source,
    /// A relation that carries traffic.
    Relation,
    /// A relation that carries none.
    Dependency,
    /// A path of requests.
    Flow,
    /// A failure domain.
    Domain,
    /// An expectation of an `slo` block.
    Objective,
    /// A declared loop.
    Loop,
    /// The model as a whole.
    Model,
}

/// Changes that belong to one part of the model: what can be blamed for a difference in results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What kind of part.
    pub part: Part,
    /// The part, by the name that its changes have.
    pub subject: Arc<str>,
    /// The changes, in the order of the diff.
    pub changes: Vec<Change>,
}

/// Everything that differs, in the order of the new model, what is gone behind the rest of its kind. Empty exactly when
/// no result can differ: titles, other names and the order of tags are no difference.
pub fn diff(old: &Architecture, new: &Architecture) -> Vec<Change> {
    compare::compare(old, new)
}

/// The changes by the part that they belong to. Relations and flows that come or go with an element belong to it.
pub fn groups(changes: &[Change]) -> Vec<Group> {
    let is_moved = |path: &str| {
        let moved = |c: &&Change| c.part == Part::Element && c.is_move() && *c.path == *path;
        changes.iter().find(moved).map(|c| Arc::clone(&c.path))
    };
    let mut out: Vec<Group> = Vec::new();
    for change in changes {
        let (part, subject) = owner(change, &is_moved);
        match out.iter_mut().find(|group| group.part == part && group.subject == subject) {
            Some(group) => group.changes.push(change.clone()),
            None => out.push(Group { part, subject, changes: vec![change.clone()] }),
        }
    }
    out
}

/// The part that a change is put down to.
fn owner(change: &Change, is_moved: &impl Fn(&str) -> Option<Arc<str>>) -> (Part, Arc<str>) {
    let own = |part| (part, Arc::clone(&change.path));
    match change.part {
        Part::Element | Part::Source => own(Part::Element),
        Part::Relation | Part::Dependency | Part::Flow => {
            let ends = change.is_move().then(|| ends(&change.path)).flatten();
            let moved = ends.and_then(|(near, far)| is_moved(far).or_else(|| is_moved(near)));
            match moved {
                Some(element) => (Part::Element, element),
                None if ends.is_some() => own(Part::Relation),
                None => own(change.part),
            }
        }
        part => own(part),
    }
}

/// Both ends of `Shop.Api->Shop.Db`, with or without a number behind it.
fn ends(path: &str) -> Option<(&str, &str)> {
    let (near, far) = path.split_once("->")?;
    Some((near, far.split(['#', ' ']).next().unwrap_or(far)))
}

impl Change {
    fn of(kind: ChangeKind, part: Part, path: &Arc<str>) -> Self {
        Self { kind, part, path: Arc::clone(path), attribute: None, old: None, new: None }
    }

    /// Whether the part came or went.
    fn is_move(&self) -> bool {
        matches!(self.kind, ChangeKind::Added | ChangeKind::Removed)
    }

    /// What a part is, behind its name: the kind of an element, the kind of part elsewhere.
    fn what(&self) -> Option<&str> {
        match self.part {
            Part::Element => self.new.as_deref().or(self.old.as_deref()),
            Part::Relation => None,
            Part::Source => Some("source"),
            Part::Dependency => Some("dependency"),
            Part::Flow => Some("flow"),
            Part::Domain => Some("domain"),
            Part::Objective => Some("objective"),
            Part::Loop => Some("loop"),
            Part::Model => Some("model"),
        }
    }
}

impl fmt::Display for Change {
    /// `~ Shop.Api.replicas 3 → 6`, `+ Shop.Cache (cache)`, `- Shop.Api->Shop.Db`, `> Shop.Api renamed to Shop.Gateway`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what().map(|what| format!(" ({what})")).unwrap_or_default();
        let text = |text: &Option<Arc<str>>| text.clone().unwrap_or_else(|| "none".into());
        match self.kind {
            ChangeKind::Added => write!(f, "+ {}{what}", self.path),
            ChangeKind::Removed => write!(f, "- {}{what}", self.path),
            ChangeKind::Renamed => write!(f, "> {} renamed to {}", text(&self.old), self.path),
            ChangeKind::Reordered => write!(f, "~ {}: another order", self.path),
            ChangeKind::Changed => {
                let attribute = self.attribute.as_deref().unwrap_or("value");
                write!(f, "~ {}.{attribute} {} → {}", self.path, text(&self.old), text(&self.new))
            }
        }
    }
}
