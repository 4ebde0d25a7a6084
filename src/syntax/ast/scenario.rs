//! Scenarios, stories and flows, and their statements.

use super::{Behavior, Chaos, End, Expect, Expr, Ident, Path, Property, Text, Value};
use crate::quantity::Quantity;
use crate::schema::{Attribute, find_attribute};
use crate::source::{Span, Spanned};

/// The word that begins a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScenarioKeyword {
    /// `scenario`.
    Scenario,
    /// `story`.
    Story,
    /// `flow`.
    Flow,
}

/// What `scenario extends * { … }` extends.
pub const EVERY_IMPORTED: &str = "*";

/// A path of requests, the conditions of a simulation, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its first word.
    pub keyword: ScenarioKeyword,
    /// Its name; made from the title in the form without one; absent without either.
    pub id: Option<Ident>,
    /// First text.
    pub title: Option<Text>,
    /// Second text.
    pub description: Option<Text>,
    /// `extends X`; `extends *` ([`EVERY_IMPORTED`]) stands for every scenario that is imported.
    pub extends: Option<Path>,
    /// The path: its steps in order.
    pub steps: Vec<Step>,
    /// The conditions: its simulation statements in order.
    pub statements: Vec<Statement>,
    /// The whole block.
    pub span: Span,
}

/// `step A -> B "label" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its name, for `goto`.
    pub name: Option<Ident>,
    /// Who calls.
    pub from: End,
    /// Who is called; several for `A -> [B, C]`.
    pub to: Vec<End>,
    /// What it says.
    pub label: Option<Text>,
    /// Tags in brackets.
    pub tags: Vec<Ident>,
    /// `order N`.
    pub order: Option<Spanned<Quantity>>,
    /// `quorum N`.
    pub quorum: Option<Spanned<Quantity>>,
    /// `compensate …`: the call that undoes it.
    pub compensate: Option<(End, End)>,
    /// `{ service_time …  probability 60%  repeat geometric(4)  parallel  async  forward  goto STEP }`.
    pub properties: Vec<Property>,
    /// The whole step.
    pub span: Span,
}

/// A simulation statement of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it says.
    pub kind: StatementKind,
    /// The whole statement.
    pub span: Span,
}

/// The forms of simulation statements.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "files have few statements: a box for each would cost more than it saves"
)]
pub enum StatementKind {
    /// `load = 100..5000 step 200`, `load.range 100..5000`, `Shop.Api.replicas = 2..8`,
    /// `Shop.Api->Shop.Db.timeout = […]`, `target = Shop.Payment`.
    Assign(Target, Value),
    /// `duration 120s`, `warmup 20s`, `replications 5`, `seed 42`, `precision 2%`, `priority high`, `timeout 60s`, `users 500`, `think 2s`.
    Setting(Ident, Value),
    /// `param peak = 5x`; without a default the user must give one.
    Param(Ident, Option<Value>),
    /// `arrivals poisson` for all sources, or `arrivals Customer mmpp(…)`.
    Arrivals(Option<Path>, Value),
    /// `abstract`.
    Abstract,
    /// `group "Service coordination"`: reported together with the others of this name.
    Group(Text),
    /// `traffic { Checkout 30%  Browse 70% }`.
    Traffic(Vec<(Path, Spanned<Quantity>)>),
    /// `zip { a = […] b = […] }`.
    Zip(Vec<(Target, Value)>),
    /// `sample 500`, `sample 500 latin`.
    Sample {
        /// How many.
        count: Spanned<Quantity>,
        /// `latin` instead of Sobol.
        latin: bool,
    },
    /// `exclude when COND`.
    Exclude(Expr),
    /// A chaos event.
    Chaos(Box<Chaos>),
    /// `expect COND …`.
    Expect(Expect),
    /// `versions [v1, v2]`, `versions "arch/*.sruja"`.
    Versions(Vec<Text>),
    /// `commits main~42..main every 7`, `commits #1, #14, #21..#42`, `last 50`, `tags "v*"`, `since "…"`: words as written.
    Commits(Vec<Text>),
    /// `tiers simple 1x, medium 3x, complex 8x strategy multiply`.
    Tiers {
        /// Name and factor.
        tiers: Vec<(Ident, Spanned<Quantity>)>,
        /// `linear`, `multiply`, `adaptive`.
        strategy: Option<Ident>,
    },
    /// `quality { p95 < 500ms weight 0.5 … }`.
    Quality(Vec<(Expr, Spanned<Quantity>)>),
    /// `sync free | lockstep | milestone [30%, …] timeout 60s`.
    Sync {
        /// The mode.
        mode: Ident,
        /// Milestones.
        milestones: Vec<Spanned<Quantity>>,
        /// Timeout.
        timeout: Option<Spanned<Quantity>>,
    },
    /// `checkpoint every 30s keep 3`.
    Checkpoint {
        /// How often.
        every: Spanned<Quantity>,
        /// How many are kept.
        keep: Option<Spanned<Quantity>>,
    },
    /// `simulate with exec "…"`.
    Exec(Text),
    /// An attribute block inside a scenario: `behavior X { … }`, which holds in this scenario only.
    Behavior(Behavior),
}

/// The left side of an assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// `A` of `A->B.attr`; absent without an arrow.
    pub from: Option<Path>,
    /// `X.attr`, `load`, or `B.attr` behind an arrow: element and attribute still in one path.
    pub path: Path,
    /// The whole left side.
    pub span: Span,
}

impl Target {
    /// The attribute that its last words name, of whatever it is one; of a group the member.
    pub fn attribute(&self) -> Option<&'static Attribute> {
        let named = |n: usize| self.path.parts.len().checked_sub(n).map(|at| self.path.parts[at].value.as_str());
        named(2).and_then(|owner| {
            let (name, inner) = (named(1)?, named(3).is_some());
            let of_group = if inner { find_attribute(Some(owner), name) } else { None };
            of_group.or_else(|| find_attribute(None, name))
        })
    }
}
