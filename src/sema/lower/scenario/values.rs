//! Values, and axes for whatever has several.

use super::*;

impl<'c> Lowering<'c, '_, '_> {
    /// One value, or the values of an axis.
    pub(super) fn values<'v>(&mut self, value: &'v Value, key: Option<Key>) -> Option<Values<'v>> {
        match &value.value {
            ValueKind::Range(range) => match range.grid() {
                Ok(grid) => Some(Values::Many(AxisValues::Grid(grid))),
                Err(why) => {
                    self.diagnostics.push(bad_range(value.span, &why));
                    None
                }
            },
            ValueKind::List(list) if list.is_empty() => {
                self.diagnostics
                    .push(Diagnostic::new(&codes::E0303, value.span, "an empty list").label("no values to sweep"));
                None
            }
            ValueKind::List(list) => {
                let values: Option<Vec<AxisValue>> = list.iter().map(|item| self.axis_value(item, key)).collect();
                values.map(|values| Values::Many(AxisValues::List(values)))
            }
            _ => Some(Values::One(value)),
        }
    }

    pub(super) fn axis_value(&mut self, item: &Value, key: Option<Key>) -> Option<AxisValue> {
        if let Some(key) = key {
            let typed = behavior::typed_value(self.loaded, self.built, key, item, self.diagnostics)?;
            if quantity_of(item).is_none() {
                return Some(AxisValue::Value(self.one_line(item.span).into(), typed));
            }
        }
        match quantity_of(item) {
            Some(q) => Some(AxisValue::Quantity(q)),
            None => {
                let message = format!("a quantity belongs here, not {}", describe(item));
                self.diagnostics.push(Diagnostic::new(&codes::E0301, item.span, message));
                None
            }
        }
    }

    pub(super) fn axis(&mut self, name: &str, values: AxisValues, unit: &str, setters: Vec<Setter>) -> usize {
        self.scenario.axes.push(Axis {
            name: name.into(),
            values,
            unit: Unit::find(unit).unwrap_or(Unit::NONE),
            setters,
        });
        self.scenario.axes.len() - 1
    }

    /// Parameters with several values are axes, in the order of their declaration.
    pub(super) fn param_axes(&mut self) {
        let mut swept: Vec<(Span, &str, &Value)> = Vec::new();
        for (name, param) in &self.flat.params {
            if let Some(value) = param.value.filter(|value| is_swept(value) && !lists_names(value)) {
                swept.push((param.declared, name, value));
            }
        }
        swept.sort_by_key(|(span, ..)| *span);
        for (_, name, value) in swept {
            if let Some(Values::Many(values)) = self.values(value, None) {
                self.axis(name, values, "", Vec::new());
            }
        }
    }

    pub(super) fn axis_of_param(&self, param: Option<&str>) -> Option<usize> {
        let param = param?;
        self.scenario.axes.iter().position(|axis| &*axis.name == param)
    }

    /// A part of a chaos event: a fixed value, or an axis.
    pub fn slot(&mut self, value: &Value, name: &str, unit: &str, event: usize, slot: ChaosSlot) {
        let (bound, param) = self.flat.bound(value);
        if let Some(axis) = self.axis_of_param(param) {
            self.scenario.axes[axis].setters.push(Setter::Chaos(event, slot));
            return;
        }
        match self.values(bound, None) {
            Some(Values::One(one)) => self.fixed_slot(one, unit, event, &slot),
            Some(Values::Many(values)) => drop(self.axis(name, values, unit, vec![Setter::Chaos(event, slot)])),
            None => {}
        }
    }

    pub(super) fn fixed_slot(&mut self, value: &Value, unit: &str, event: usize, slot: &ChaosSlot) {
        if matches!(slot, ChaosSlot::Amount | ChaosSlot::Decrease) {
            // The action was built with it.
            return;
        }
        let duration = self.scenario.base.duration;
        let found = quantity_of(value).and_then(|q| match q.dimension() {
            // `at 50%` of the run.
            Dimension::Share => Some(Quantity {
                number: crate::quantity::Decimal::from_f64(duration.seconds() * q.si())?,
                unit: second(),
            }),
            _ => Some(q.or_unit(Unit::find(unit)?))
                .filter(|q| q.dimension() == Dimension::Duration && q.number.signum() >= 0),
        });
        match found {
            Some(q) => crate::model::set_chaos_slot(&mut self.scenario.base, event, slot, &AxisValue::Quantity(q)),
            None => self.diagnostics.push(Diagnostic::new(
                &codes::E0301,
                value.span,
                format!("a time such as `30s` belongs here, not {}", describe(value)),
            )),
        }
    }

    /// An axis over what an event hits.
    pub fn choice_axis(&mut self, name: &str, labels: Vec<Arc<str>>, event: usize, actions: Vec<ChaosAction>) {
        let values = labels.into_iter().enumerate().map(|(n, label)| AxisValue::Choice(label, n)).collect();
        self.axis(name, AxisValues::List(values), "", vec![Setter::Chaos(event, ChaosSlot::Target(actions))]);
    }

    /// The same event at other places: at the same times, and varied with it.
    pub fn also(&mut self, event: usize, actions: Vec<ChaosAction>) {
        for action in actions {
            let first = &self.scenario.base.chaos[event];
            let copy = ChaosEvent { action, ..first.clone() };
            let at = self.scenario.base.chaos.len();
            self.scenario.base.chaos.push(copy);
            for axis in &mut self.scenario.axes {
                let of_first = |setter: &Setter| match setter {
                    Setter::Chaos(n, slot) if *n == event => Some(Setter::Chaos(at, slot.clone())),
                    _ => None,
                };
                let copies: Vec<Setter> = axis.setters.iter().filter_map(of_first).collect();
                axis.setters.extend(copies);
            }
        }
    }

    /// A fixed time, parameters replaced; of a sweep its first.
    pub fn time(&mut self, value: &Value) -> Option<Duration> {
        let found = self.first_quantity(value).map(|q| q.or_unit(second())).and_then(|q| q.duration());
        if found.is_none() {
            self.diagnostics.push(Diagnostic::new(
                &codes::E0301,
                value.span,
                format!("a time such as `30s` belongs here, not {}", describe(value)),
            ));
        }
        found
    }

    /// The quantity of a value, parameters replaced; of a sweep its first.
    pub fn first_quantity(&self, value: &Value) -> Option<Quantity> {
        let (bound, _) = self.flat.bound(value);
        quantity_of(&self.first_value(bound))
    }

    /// A value; of a sweep its first.
    pub fn first_value(&self, value: &Value) -> Value {
        match &value.value {
            ValueKind::Range(range) => Value::new(ValueKind::Quantity(range.start.or_unit(range.end.unit)), value.span),
            ValueKind::List(list) => list.first().cloned().unwrap_or_else(|| value.clone()),
            _ => value.clone(),
        }
    }
}
