//! `exclude when`: combinations that are left out.

use super::*;

impl<'c> Lowering<'c, '_, '_> {
    pub(super) fn exclude(&mut self, expr: &Expr) {
        if let Some(condition) = self.axis_condition(expr) {
            self.scenario.excludes.push(condition);
        }
    }

    pub(super) fn axis_condition(&mut self, expr: &Expr) -> Option<AxisCondition> {
        match &expr.kind {
            ExprKind::And(a, b) => {
                Some(AxisCondition::And(Box::new(self.axis_condition(a)?), Box::new(self.axis_condition(b)?)))
            }
            ExprKind::Or(a, b) => {
                Some(AxisCondition::Or(Box::new(self.axis_condition(a)?), Box::new(self.axis_condition(b)?)))
            }
            ExprKind::Not(inner) => Some(AxisCondition::Not(Box::new(self.axis_condition(inner)?))),
            ExprKind::Compare(left, op, right) => self.axis_comparison(left, op.value, right, expr.span),
            _ => {
                self.diagnostics.push(
                    Diagnostic::new(&codes::E0305, expr.span, "a comparison belongs here")
                        .help("for example `load > 2000/s`"),
                );
                None
            }
        }
    }

    pub(super) fn axis_comparison(
        &mut self,
        left: &Expr,
        op: ast::CompareOp,
        right: &Expr,
        span: Span,
    ) -> Option<AxisCondition> {
        let axis = self.axis_named(left)?;
        let unit = self.scenario.axes[axis].unit;
        match &right.kind {
            ExprKind::Quantity(q) => Some(AxisCondition::Compare(axis, expect::comparison(op), q.or_unit(unit).si())),
            ExprKind::Text(text) => Some(AxisCondition::Is(axis, text.as_str().into())),
            ExprKind::Name(path, None) => Some(AxisCondition::Is(axis, path.dotted().into())),
            _ => {
                self.diagnostics.push(Diagnostic::new(&codes::E0305, span, "a dimension is compared with a value"));
                None
            }
        }
    }

    /// The full name of an attribute as dimensions have it; `None` when it is none.
    pub(super) fn attribute_name(&self, from: Option<&ast::Path>, path: &ast::Path) -> Option<String> {
        if path.parts.len() < 2 {
            return None;
        }
        let target = Target { from: from.cloned(), path: path.clone(), span: path.span };
        place::places(self.built, &target, &mut Vec::new()).map(|found| found.name)
    }

    /// The dimension of an event by its last word, where one only has it: `at` is `kill Shop.Db.at`.
    fn axis_of_event(&self, name: &str) -> Option<usize> {
        let is_last = |axis: &Axis| axis.name.rsplit_once('.').is_some_and(|(_, last)| last == name);
        let mut found = (0..self.scenario.axes.len()).filter(|n| is_last(&self.scenario.axes[*n]));
        found.next().filter(|_| found.next().is_none())
    }

    pub(super) fn axis_named(&mut self, expr: &Expr) -> Option<usize> {
        let name = match &expr.kind {
            ExprKind::Name(path, None) => self.attribute_name(None, path).unwrap_or_else(|| path.dotted()),
            ExprKind::Target(target) => {
                self.attribute_name(target.from.as_ref(), &target.path).unwrap_or_else(|| self.one_line(expr.span))
            }
            ExprKind::Text(text) => text.clone(),
            _ => self.one_line(expr.span),
        };
        let canonical = find_knob(&name).map_or(name.as_str(), |knob| knob.name);
        let found = self.scenario.axes.iter().position(|axis| {
            let squeezed = axis.name.replace(' ', "");
            *axis.name == *canonical || *axis.name == *name || squeezed == name.replace(' ', "")
        });
        let found = found.or_else(|| self.axis_of_event(&name));
        if found.is_none() {
            let known = self.scenario.axes.iter().map(|axis| format!("`{}`", axis.name)).collect::<Vec<_>>().join(", ");
            let help = if known.is_empty() {
                "nothing varies above this line".to_owned()
            } else {
                format!("what varies: {known}")
            };
            self.diagnostics.push(
                Diagnostic::new(&codes::E0409, expr.span, format!("`{name}` does not vary in this scenario"))
                    .label("excludes nothing")
                    .help(help),
            );
        }
        found
    }
}
