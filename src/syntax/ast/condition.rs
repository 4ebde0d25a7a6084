//! Expectations and conditions.

use super::{Ident, Path, Target, Value};
use crate::quantity::Quantity;
use crate::source::{Span, Spanned};

/// `expect COND during chaos`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// The condition.
    pub condition: Expr,
    /// When it is measured.
    pub window: Option<Spanned<WindowKind>>,
    /// `as critical`: its severity, when given.
    pub severity: Option<Ident>,
}

/// The windows of expectations.
#[derive(Debug, Clone, PartialEq)]
pub enum WindowKind {
    /// `during chaos`.
    DuringChaos,
    /// `after chaos`.
    AfterChaos,
    /// `from T to T`.
    Between(Value, Value),
    /// `always`.
    Always,
    /// `eventually within D`.
    EventuallyWithin(Value),
}

/// An expression over metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `a < b`.
    Compare(Box<Expr>, Spanned<CompareOp>, Box<Expr>),
    /// `a and b`.
    And(Box<Expr>, Box<Expr>),
    /// `a or b`.
    Or(Box<Expr>, Box<Expr>),
    /// `not a`.
    Not(Box<Expr>),
    /// `200ms`.
    Quantity(Quantity),
    /// `p95(Shop.Api)`, `p95(A -> B)`, `error_rate`, `load`: a metric with its argument, a knob or a parameter.
    Name(Path, Option<Argument>),
    /// `A->B.timeout`: an attribute of a relation.
    Target(Target),
    /// `"v1"`.
    Text(String),
}

/// The argument of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// An element or a request type.
    Path(Path),
    /// A relation.
    Arrow(Path, Path),
}

/// The signs of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum CompareOp {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}
