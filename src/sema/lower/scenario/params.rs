//! Parameters with several values inside conditions: each value is a threshold of its own.

use super::*;

impl Lowering<'_, '_, '_> {
    /// Lets the axes of swept parameters set the numbers of a condition that they stand for.
    pub fn thresholds(&mut self, condition: &Expr, setter: impl Fn(usize) -> Setter) {
        let mut numbers = Vec::new();
        self.numbers(condition, &mut numbers);
        for (nth, param) in numbers.into_iter().enumerate() {
            if let Some(axis) = self.axis_of_param(param.as_deref()) {
                self.scenario.axes[axis].setters.push(setter(nth));
            }
        }
    }

    /// The numbers of a condition from left to right, with the parameters that they were.
    fn numbers(&self, expr: &Expr, out: &mut Vec<Option<String>>) {
        match &expr.kind {
            ExprKind::And(a, b) | ExprKind::Or(a, b) | ExprKind::Compare(a, _, b) => {
                self.numbers(a, out);
                self.numbers(b, out);
            }
            ExprKind::Not(inner) => self.numbers(inner, out),
            ExprKind::Quantity(_) => out.push(None),
            ExprKind::Name(path, None) => {
                let value = crate::sema::values::path_value(path);
                if let (_, Some(param)) = self.flat.bound(&value) {
                    out.push(Some(param.to_owned()));
                }
            }
            _ => {}
        }
    }
}
