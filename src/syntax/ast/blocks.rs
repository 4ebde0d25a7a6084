//! Deployments, loops, versions and searches.

use super::{Expr, Ident, Item, Path, Target, Text, Value};
use crate::quantity::Quantity;
use crate::source::{Span, Spanned};

/// `deployment prod "Production" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Its first word (`deployment`, `deploymentNode`, `node`, `zone`, `region`), or its kind in the assigned form.
    pub keyword: Ident,
    /// Its name; dotted names name their parent.
    pub id: Path,
    /// First text.
    pub title: Option<Text>,
    /// Nodes inside.
    pub children: Vec<Deployment>,
    /// `containerInstance webApp.api`: what runs here.
    pub instances: Vec<Path>,
    /// The whole block.
    pub span: Span,
}

/// `R1 = feedback "Retries" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    /// `feedback` or `causal_loop`.
    pub keyword: Ident,
    /// Its name.
    pub id: Ident,
    /// Its title.
    pub title: Option<Text>,
    /// `loop_type`: what it says it is, lower case.
    pub declared: Option<Spanned<String>>,
    /// Its edges.
    pub edges: Vec<LoopEdge>,
    /// The whole block.
    pub span: Span,
}

/// `A -> B "label" { polarity + delay "1 day" }`.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopEdge {
    /// Cause.
    pub from: Path,
    /// Effect.
    pub to: Path,
    /// `+` or `-`: true for plus.
    pub polarity: Option<Spanned<bool>>,
    /// The whole edge.
    pub span: Span,
}

/// `version v2 "Split" from …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its name.
    pub name: Ident,
    /// Its title.
    pub title: Option<Text>,
    /// Where it comes from.
    pub origin: VersionOrigin,
    /// The whole statement.
    pub span: Span,
}

/// Where a version comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum VersionOrigin {
    /// `from "arch/v1.sruja"`.
    File(Text),
    /// `from git "release-2.0" "arch/main.sruja"`.
    Git {
        /// Commit, tag or branch.
        reference: Text,
        /// Path in it.
        path: Text,
    },
    /// `extends v2 { … }`.
    Overlay {
        /// The version underneath; `working` is the model of the file itself.
        base: Ident,
        /// The changes, in order.
        changes: Vec<Change>,
    },
    /// Could not be read; a diagnostic says why.
    Missing,
}

/// One change of an overlay.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// `Shop.Api.replicas = 6`, `Shop.Api->Shop.Db.pool = 40`.
    Assign(Target, Value),
    /// `remove Shop.Cache`, `remove A -> B`.
    Remove(Target),
    /// Anything that a model may say: new elements, relations, behavior blocks.
    Add(Box<Item>),
}

/// `tune NAME of SCENARIO { … }`, `search NAME of SCENARIO { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// `tune` or `search`.
    pub keyword: Ident,
    /// Its name.
    pub name: Ident,
    /// The scenario.
    pub of: Option<Path>,
    /// `over X 50ms..2s, Y 0..5`.
    pub over: Vec<(Target, Value)>,
    /// `maximize violations`, `minimize p99`.
    pub objective: Option<(Ident, Expr)>,
    /// `subject to …`.
    pub subject_to: Vec<Expr>,
    /// `budget 300`.
    pub budget: Option<Spanned<Quantity>>,
    /// The whole block.
    pub span: Span,
}
