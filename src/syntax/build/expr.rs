//! Conditions over metrics: `p95(Shop.Api) < 200ms and error_rate < 1%`.

use super::value;
use crate::diag::{Diagnostic, codes};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Argument, CompareOp, Expr, ExprKind, Ident};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// Conditions of more parts than this are refused, so that no walk over one is deep.
const MAX_PARTS: usize = 256;

/// A condition, or a complaint that `of` has none.
pub fn condition(c: &mut Cursor<'_>, of: &Ident) -> Option<Expr> {
    let found = expr(c, of)?;
    if !is_condition(&found) {
        c.report(
            Diagnostic::new(&codes::E0111, found.span, "the condition compares nothing")
                .label("no comparison")
                .help(format!("write a bound, such as `{} < 200ms`", c.slice(found.span))),
        );
        return None;
    }
    Some(found)
}

fn is_condition(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Compare(..) => true,
        ExprKind::And(a, b) | ExprKind::Or(a, b) => is_condition(a) && is_condition(b),
        ExprKind::Not(a) => is_condition(a),
        _ => false,
    }
}

/// An expression, comparison or not, or a complaint that `of` has none.
pub fn expr(c: &mut Cursor<'_>, of: &Ident) -> Option<Expr> {
    let mut parts = 0;
    or(c, of, &mut parts)
}

fn or(c: &mut Cursor<'_>, of: &Ident, parts: &mut usize) -> Option<Expr> {
    let mut left = and(c, of, parts)?;
    while c.eat_word("or") || double(c, "|") {
        let right = and(c, of, parts)?;
        let span = left.span.to(right.span);
        left = Expr { kind: ExprKind::Or(Box::new(left), Box::new(right)), span };
    }
    Some(left)
}

fn and(c: &mut Cursor<'_>, of: &Ident, parts: &mut usize) -> Option<Expr> {
    let mut left = not(c, of, parts)?;
    while c.eat_word("and") || double(c, "&") {
        let right = not(c, of, parts)?;
        let span = left.span.to(right.span);
        left = Expr { kind: ExprKind::And(Box::new(left), Box::new(right)), span };
    }
    Some(left)
}

/// `&&` and `||`, as in other languages.
fn double(c: &mut Cursor<'_>, sign: &str) -> bool {
    let found = c.word() == sign && c.nth_word(1) == sign;
    if found {
        c.bump();
        c.bump();
    }
    found
}

fn not(c: &mut Cursor<'_>, of: &Ident, parts: &mut usize) -> Option<Expr> {
    let start = c.here();
    let mut odd = false;
    while c.is_word("not") || (c.word() == "!" && c.is(Kind::Other)) {
        c.bump();
        odd = !odd;
    }
    let inner = comparison(c, of, parts)?;
    let span = start.to(inner.span);
    Some(if odd { Expr { kind: ExprKind::Not(Box::new(inner)), span } } else { inner })
}

fn comparison(c: &mut Cursor<'_>, of: &Ident, parts: &mut usize) -> Option<Expr> {
    *parts += 1;
    if *parts > MAX_PARTS {
        let span = c.here();
        c.report(
            Diagnostic::new(&codes::E0107, span, format!("a condition has more than {MAX_PARTS} parts"))
                .label("too many")
                .help("split it into several expectations"),
        );
        return None;
    }
    let left = operand(c, of, parts)?;
    let Some(op) = compare_op(c) else { return Some(left) };
    let sign = Spanned::new(c.slice(op.span).to_owned(), op.span);
    let right = operand(c, &sign, parts)?;
    let span = left.span.to(right.span);
    Some(Expr { kind: ExprKind::Compare(Box::new(left), op, Box::new(right)), span })
}

fn compare_op(c: &mut Cursor<'_>) -> Option<Spanned<CompareOp>> {
    let span = c.here();
    let op = match (c.kind()?, c.word()) {
        (Kind::Comparison, "<") => CompareOp::Less,
        (Kind::Comparison, "<=") | (Kind::Other, "≤") => CompareOp::LessOrEqual,
        (Kind::Comparison, ">") => CompareOp::Greater,
        (Kind::Comparison, ">=") | (Kind::Other, "≥") => CompareOp::GreaterOrEqual,
        (Kind::Comparison, "==") => CompareOp::Equal,
        (Kind::Comparison, "!=") | (Kind::Other, "≠") => CompareOp::NotEqual,
        (Kind::Equals, _) => CompareOp::Equal,
        (Kind::OddArrow, "=>" | "==>") => return odd_comparison(c, span, ">=", CompareOp::GreaterOrEqual),
        _ => return None,
    };
    c.bump();
    Some(Spanned::new(op, span))
}

fn odd_comparison(c: &mut Cursor<'_>, span: Span, meant: &str, op: CompareOp) -> Option<Spanned<CompareOp>> {
    let sign = c.word();
    c.report(
        Diagnostic::new(&codes::E0101, span, format!("`{sign}` compares nothing"))
            .label("no comparison")
            .help(format!("write `{meant}`"))
            .fix(format!("write `{meant}`"), span, meant),
    );
    c.bump();
    Some(Spanned::new(op, span))
}

fn operand(c: &mut Cursor<'_>, of: &Ident, parts: &mut usize) -> Option<Expr> {
    let mark = c.mark();
    let kind = match c.kind() {
        Some(Kind::Number) => ExprKind::Quantity(value::quantity(c)?.value),
        Some(Kind::Text) => ExprKind::Text(c.text_if()?.value),
        Some(Kind::Word) => name(c)?,
        Some(Kind::Open(Bracket::Round)) => return c.inside(|c| or(c, of, parts)),
        _ => {
            value::missing_value(c, of, "a condition such as `p95(Shop.Api) < 200ms`");
            return None;
        }
    };
    Some(Expr { kind, span: c.since(mark) })
}

/// A metric with its argument, a knob, a parameter.
fn name(c: &mut Cursor<'_>) -> Option<ExprKind> {
    if c.nth_is_arrow(1) && c.nth(2) == Some(Kind::Word) {
        return super::statement::target(c).map(ExprKind::Target);
    }
    let path = c.path_if()?;
    if !(c.opens(Bracket::Round) && c.same_line()) {
        return Some(ExprKind::Name(path, None));
    }
    let argument = c.inside(argument);
    Some(ExprKind::Name(path, argument))
}

fn argument(c: &mut Cursor<'_>) -> Option<Argument> {
    let from = c.path_if()?;
    if !c.nth_is_arrow(0) {
        return Some(Argument::Path(from));
    }
    let swap = super::relation::arrow(c);
    let to = c.path_if()?;
    Some(if swap { Argument::Arrow(to, from) } else { Argument::Arrow(from, to) })
}
