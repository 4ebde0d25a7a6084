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

    /// Lets axes set the times of an expectation's window that have several values.
    pub(super) fn window_axes(&mut self, expect: &ast::Expect, expectation: usize) {
        let Some(window) = &expect.window else { return };
        let times = match &window.value {
            ast::WindowKind::EventuallyWithin(within) => vec![("within", within)],
            ast::WindowKind::Between(from, to) => vec![("from", from), ("to", to)],
            ast::WindowKind::DuringChaos | ast::WindowKind::AfterChaos | ast::WindowKind::Always => Vec::new(),
        };
        let condition = self.one_line(expect.condition.span);
        for (nth, (name, value)) in times.into_iter().enumerate() {
            self.window_axis(&format!("{condition}.{name}"), value, Setter::Window(expectation, nth), expectation);
        }
    }

    fn window_axis(&mut self, name: &str, value: &Value, setter: Setter, expectation: usize) {
        let (bound, param) = self.flat.bound(value);
        if let Some(axis) = self.axis_of_param(param) {
            self.attach(axis, vec![setter], "s", false);
            return;
        }
        if let Some(Values::Many(values)) = self.values(bound, None) {
            // A run has its own value there.
            let written = self.one_line(value.span);
            let expectation = &mut self.scenario.base.expectations[expectation];
            expectation.text = expectation.text.replacen(&written, &format!("{{{name}}}"), 1).into();
            self.axis(name, values, "s", vec![setter]);
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
