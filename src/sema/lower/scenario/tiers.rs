//! `tiers` and `quality`: sizes of the load, and what a run is worth.
//!
//! `linear` (the default): each factor is of the load. `multiply`: each factor is of the tier before it, so that
//! `1x, 3x, 8x` are 1, 3 and 24 times the load. `adaptive`: load and replicas grow together (weak scaling, Gustafson
//! 1988), so that what is seen to grow is overhead.

use super::*;
use crate::model::{ExpectationOrigin, Tier, Window};
use crate::source::Spanned;

/// Ways in which tiers scale.
const STRATEGIES: &[&str] = &["linear", "multiply", "adaptive"];

impl Lowering<'_, '_, '_> {
    pub(super) fn tiers(&mut self, tiers: &[(ast::Ident, Spanned<Quantity>)], strategy: Option<&ast::Ident>) {
        let strategy_word = strategy.map_or("linear", |word| word.value.as_str());
        if let Some(word) = strategy {
            self.one_of("strategy", &word.value, word.span, STRATEGIES);
        }
        let mut labels: Vec<Arc<str>> = Vec::new();
        let mut scaled: Vec<Tier> = Vec::new();
        for (name, factor) in tiers {
            if !matches!(factor.value.dimension(), Dimension::Factor | Dimension::Count) || factor.value.si() <= 0.0 {
                self.measures("a tier", factor, Dimension::Factor);
                return;
            }
            let before = scaled.last().map_or(1.0, |tier: &Tier| tier.load);
            let load = factor.value.si() * if strategy_word == "multiply" { before } else { 1.0 };
            labels.push(name.value.as_str().into());
            scaled.push(Tier { load, replicas: if strategy_word == "adaptive" { load } else { 1.0 } });
        }
        let values = labels.into_iter().enumerate().map(|(n, label)| AxisValue::Choice(label, n)).collect();
        self.axis("tier", AxisValues::List(values), "", vec![Setter::Tier(scaled)]);
    }

    /// Each part is a condition of the whole run with a weight.
    pub(super) fn quality(&mut self, parts: &[(Expr, Spanned<Quantity>)], span: Span) {
        let total: f64 = parts.iter().map(|(_, weight)| weight.value.si()).sum();
        for (condition, weight) in parts {
            if !matches!(weight.value.dimension(), Dimension::Count | Dimension::Share) || weight.value.si() < 0.0 {
                self.measures("`weight`", weight, Dimension::Count);
                return;
            }
            self.quality_part(condition, weight.value.si());
        }
        if total <= 0.0 {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0302, span, "no part of `quality` has a weight").label("all of them are zero"),
            );
        }
    }

    fn quality_part(&mut self, condition: &Expr, weight: f64) {
        let context = Context { built: self.built, flat: self.flat, sources: self.sources() };
        let text = context.text(condition.span);
        let Some(lowered) = context.condition(condition, self.diagnostics) else { return };
        // Behind all expectations, wherever it is written.
        let slos = self.built.architecture.slos.len();
        let expects =
            self.flat.statements.iter().filter(|statement| matches!(statement.kind, StatementKind::Expect(_))).count();
        let index = slos + expects + self.quality.len();
        self.thresholds(condition, |nth| Setter::Expectation(index, nth));
        self.quality.push(Expectation {
            text: text.into(),
            condition: lowered,
            window: Window::Whole,
            origin: ExpectationOrigin::Quality(weight),
            period: None,
        });
    }
}
