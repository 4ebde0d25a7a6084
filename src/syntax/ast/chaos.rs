//! Events of chaos.

use super::{Expr, Ident, Path, Property, Target, Value};
use crate::source::Spanned;

/// A chaos event.
#[derive(Debug, Clone, PartialEq)]
pub struct Chaos {
    /// The verb as written.
    pub verb: Ident,
    /// What it hits.
    pub targets: ChaosTargets,
    /// How much: `by 5x`, `30%`, `to R`, `loss P`, `= V`; named parts by their word, an unnamed one under "".
    pub amounts: Vec<(Spanned<String>, Value)>,
    /// `deploy X { … }`.
    pub properties: Vec<Property>,
    /// `introduce` was written.
    pub introduced: bool,
    /// `oneway`, `partial`: words that stand alone.
    pub flags: Vec<Ident>,
    /// `at T`, `at t=T`: a value, a range or a list.
    pub at: Option<Value>,
    /// `when COND for D`.
    pub when: Option<When>,
    /// `for D`, `during D`.
    pub length: Option<Value>,
    /// `every D`.
    pub every: Option<Value>,
    /// `ramp D`.
    pub ramp: Option<Value>,
    /// `random mttf D mttr D`.
    pub random: Option<(Value, Value)>,
}

/// What a chaos event hits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChaosTargets {
    /// `kill 1 replica of X`: how many replicas.
    pub replicas: Option<Value>,
    /// `any N of [A, B]`: how many, drawn by the seed.
    pub any: Option<Value>,
    /// `one of [A, B]`: one run for each.
    pub one_of: bool,
    /// `partition A | one of [B, C]`: one run for each of the far side.
    pub one_of_other: bool,
    /// Elements (`X`), `queue`/`zone`/`kind`/`tag` selectors.
    pub elements: Vec<Spanned<ChaosTarget>>,
    /// The far side: `partition A | B`, `delay A -> B`.
    pub other: Vec<Spanned<ChaosTarget>>,
    /// The sides are joined by an arrow: from the first to the second only.
    pub arrow: bool,
    /// `X.attr`, `A->B.attr` of `increase`, `set`, `exhaust`; a knob (`load`) of `surge`.
    pub attribute: Option<Target>,
}

/// One target of a chaos event.
#[derive(Debug, Clone, PartialEq)]
pub enum ChaosTarget {
    /// A name: an element, a parameter of the scenario.
    Path(Path),
    /// `zone Z`, `region R`.
    Zone(Path),
    /// `kind database`, `every queue`.
    Kind(String),
    /// `tag "critical"`.
    Tag(String),
    /// `all`.
    All,
}

/// `when COND for D`, `every time`.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// The condition.
    pub condition: Expr,
    /// How long it must have held.
    pub hold: Option<Value>,
    /// `every time`.
    pub every_time: bool,
}
