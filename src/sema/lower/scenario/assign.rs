//! What a scenario assigns: knobs, settings, attributes.

use super::values::whole_steps;
use super::*;

impl<'c> Lowering<'c, '_, '_> {
    /// `X = V`; gives the axis that it made, if it made one.
    pub(super) fn assign(&mut self, target: &Target, value: &Value) -> Option<usize> {
        let path = self.flat.bound_path(&target.path);
        let from = target.from.as_ref().map(|from| self.flat.bound_path(from));
        let parts = &path.parts;
        let alone = parts.len() == 1 || (parts.len() == 2 && parts[1].value == "range");
        if from.is_none() && alone {
            return self.named(&parts[0].clone(), value);
        }
        let target = Target { from, path, span: target.span };
        let found = place::places(self.built, &target, self.diagnostics)?;
        if let ValueKind::Attribute(values, block) = &value.value {
            return self.with_block(&found, &target, value, values, block);
        }
        self.attribute(&found.name, found.attribute.key, &found.places, value)
    }

    /// `3 { backoff constant(10ms) }`: the attribute, and those in its braces.
    fn with_block(
        &mut self,
        found: &place::Places,
        target: &Target,
        value: &Value,
        values: &[Value],
        block: &[ast::Property],
    ) -> Option<usize> {
        let row = found.attribute;
        let only_block = values.is_empty() && !block.is_empty() && !matches!(row.ty, Type::Flag | Type::Block);
        let axis = match values {
            _ if only_block => None,
            [one] => self.attribute(&found.name, row.key, &found.places, one),
            _ => self.attribute(&found.name, row.key, &found.places, value),
        };
        for (target, value) in place::further(found, target, block) {
            self.assign(&target, &value);
        }
        axis
    }

    pub(super) fn attribute(&mut self, name: &str, key: Key, places: &[Place], value: &Value) -> Option<usize> {
        let setters = places.iter().map(|place| Setter::Attribute(*place, key)).collect();
        let (bound, param) = self.flat.bound(value);
        let row = crate::schema::attribute(key);
        let unit = row.unit;
        if let Some(axis) = self.axis_of_param(param) {
            self.fits(axis, key, value.span)?;
            let whole = matches!(row.ty, Type::Count | Type::Limit);
            return Some(self.attach(axis, setters, unit, whole));
        }
        // Words of a parameter are a dimension of its own once it is known what they stand for.
        let name = match param {
            Some(param) if is_swept(bound) => {
                self.kinds.insert(param.to_owned(), row.ty);
                param
            }
            _ => name,
        };
        match self.values(bound, Some(key))? {
            Values::One(value) => {
                let typed = behavior::typed_value(self.loaded, self.built, key, value, self.diagnostics)?;
                self.scenario.fixed.extend(places.iter().map(|place| (*place, key, typed.clone())));
                None
            }
            Values::Many(values) => Some(self.axis(name, values, unit, setters)),
        }
    }

    /// Further things that an axis sets.
    pub(super) fn attach(&mut self, axis: usize, setters: Vec<Setter>, unit: &str, whole: bool) -> usize {
        let axis_of = &mut self.scenario.axes[axis];
        axis_of.setters.extend(setters);
        if std::ptr::eq(axis_of.unit, Unit::NONE) {
            axis_of.unit = Unit::find(unit).unwrap_or(Unit::NONE);
        }
        let given = self.flat.params.get(&*axis_of.name).and_then(|param| param.value);
        if let Some(ValueKind::Range(range)) = given.map(|value| whole_steps(value, whole).value)
            && let Ok(grid) = range.grid()
        {
            axis_of.values = AxisValues::Grid(grid);
        }
        axis
    }

    /// Whether the values of a parameter are such as the attribute takes; complains otherwise.
    fn fits(&mut self, axis: usize, key: Key, at: Span) -> Option<()> {
        let row = crate::schema::attribute(key);
        let axis = &self.scenario.axes[axis];
        let (values, name) = (axis.values.clone(), axis.name.clone());
        for index in [0, values.len().saturating_sub(1)] {
            match values.get(index) {
                Some(AxisValue::Quantity(q)) => {
                    let value = Value::new(ValueKind::Quantity(q), at);
                    behavior::typed_value(self.loaded, self.built, key, &value, self.diagnostics)?;
                }
                Some(_) if self.kinds.get(&*name) != Some(&row.ty) => {
                    let message =
                        format!("`{}` takes {}, and `{name}` is something else", row.path(), row.ty.describe());
                    self.diagnostics.push(Diagnostic::new(&codes::E0301, at, message).label("of another type"));
                    return None;
                }
                _ => {}
            }
        }
        Some(())
    }

    /// An assignment to a single word: a knob or a setting.
    pub(super) fn named(&mut self, name: &ast::Ident, value: &Value) -> Option<usize> {
        let word = name.value.as_str();
        // A parameter has its value already: `zip` only says which others it goes with.
        if let Some(axis) = self.axis_of_param(Some(word)) {
            return Some(axis);
        }
        if let Some(knob) = find_knob(word) {
            return self.knob(knob, value);
        }
        if let Some(setting) = find_setting(word) {
            return self.setting(setting, name, value);
        }
        self.diagnostics.push(self.unknown_name(name));
        None
    }

    pub(super) fn unknown_name(&self, name: &ast::Ident) -> Diagnostic {
        let words = KNOBS.iter().map(|knob| knob.name).chain(SETTINGS.iter().map(|setting| setting.name));
        let params = self.flat.params.keys().map(String::as_str);
        let known: Vec<&str> = words.chain(params).collect();
        let diagnostic = Diagnostic::new(
            &codes::E0205,
            name.span,
            format!("no knob, setting or parameter is called `{}`", name.value),
        )
        .label("not known");
        match nearest(&name.value, known.iter().copied()) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), name.span, near)
            }
            None => diagnostic.help("an attribute of an element is written with its path: `Shop.Api.replicas = 2`"),
        }
    }

    pub(super) fn knob(&mut self, knob: &'static Knob, value: &Value) -> Option<usize> {
        self.has_load |= matches!(knob.key, KnobKey::Load | KnobKey::Users);
        let (bound, param) = self.flat.bound(value);
        let whole = knob.dimension == Dimension::Count;
        if let Some(axis) = self.axis_of_param(param) {
            self.check_values(&self.scenario.axes[axis].values.clone(), knob, value.span)?;
            return Some(self.attach(axis, vec![Setter::Knob(knob.key)], knob.unit, whole));
        }
        if knob.key == KnobKey::Load
            && let Some(axis) = self.profiles(bound, param)
        {
            return axis;
        }
        let bound = &whole_steps(bound, whole);
        match self.values(bound, None)? {
            Values::One(value) => {
                if let (KnobKey::Think, ValueKind::Call(..)) = (knob.key, &value.value) {
                    self.think = self.dist(value);
                    return None;
                }
                let q = self.measured(value, knob)?;
                self.set_knob(knob.key, q);
                None
            }
            Values::Many(values) => {
                self.check_values(&values, knob, value.span)?;
                Some(self.axis(knob.name, values, knob.unit, vec![Setter::Knob(knob.key)]))
            }
        }
    }

    pub(super) fn dist(&mut self, value: &Value) -> Option<Dist> {
        match behavior::typed_value(self.loaded, self.built, Key::ServiceTime, value, self.diagnostics) {
            Some(crate::model::Value::Dist(dist)) => Some(dist),
            _ => None,
        }
    }

    pub(super) fn set_knob(&mut self, key: KnobKey, q: Quantity) {
        let base = &mut self.scenario.base;
        let length = || q.duration().unwrap_or_default();
        match key {
            KnobKey::Load => base.workload.load = LoadProfile::constant(q.si()),
            KnobKey::Failures => base.failures = q.si(),
            KnobKey::Latency => base.latency = length(),
            KnobKey::Users => base.workload.users = Some((q.si() as u32, Dist::ZERO)),
            KnobKey::Think => self.think = Some(Dist::Exponential { mean: q.si() }),
            KnobKey::Retries => {
                let calls = place::retrying(self.built);
                self.scenario.fixed.extend(
                    calls.into_iter().map(|id| (Place::Call(id), Key::Retry, crate::model::Value::Number(q.si()))),
                );
            }
            KnobKey::Lag => {
                let value = crate::model::Value::Duration(length());
                self.scenario
                    .fixed
                    .extend(place::queues(self.built).into_iter().map(|place| (place, Key::Lag, value.clone())));
            }
        }
    }

    /// A quantity of the knob's own dimension.
    pub(super) fn measured(&mut self, value: &Value, knob: &Knob) -> Option<Quantity> {
        let unit = Unit::find(knob.unit).unwrap_or(Unit::NONE);
        let found = quantity_of(value).and_then(|q| q.in_natural(unit)).filter(|q| q.dimension() == knob.dimension);
        match found {
            Some(q) if q.number.signum() < 0 || (knob.dimension == Dimension::Share && q.si() > 1.0) => {
                self.diagnostics.push(Diagnostic::new(
                    &codes::E0302,
                    value.span,
                    format!("`{}` is out of its bounds", knob.name),
                ));
                None
            }
            Some(q) => Some(q),
            None => {
                let message = format!("`{}` takes {}, not {}", knob.name, knob.dimension.describe(), describe(value));
                self.diagnostics.push(Diagnostic::new(&codes::E0301, value.span, message));
                None
            }
        }
    }

    pub(super) fn check_values(&mut self, values: &AxisValues, knob: &Knob, span: Span) -> Option<()> {
        let unit = Unit::find(knob.unit).unwrap_or(Unit::NONE);
        let last = values.len().saturating_sub(1);
        for index in [0, last] {
            let Some(AxisValue::Quantity(q)) = values.get(index) else { continue };
            let value = Value::new(ValueKind::Quantity(q.or_unit(unit)), span);
            self.measured(&value, knob)?;
        }
        Some(())
    }

    pub(super) fn setting(&mut self, setting: &'static Setting, name: &ast::Ident, value: &Value) -> Option<usize> {
        if !setting.simulated {
            self.check_setting(setting.key, value);
            let span = name.span.to(value.span);
            self.not_yet(span, &format!("`{}`", setting.name));
            return None;
        }
        let (bound, param) = self.flat.bound(value);
        let unit = match setting.key {
            SettingKey::Duration | SettingKey::Warmup => "s",
            SettingKey::Precision => "%",
            _ => "",
        };
        let whole = matches!(setting.key, SettingKey::Seed | SettingKey::Replications);
        if let Some(axis) = self.axis_of_param(param) {
            return Some(self.attach(axis, vec![Setter::Setting(setting.key)], unit, whole));
        }
        let bound = &whole_steps(bound, whole);
        match self.values(bound, None)? {
            Values::One(value) => self.set_setting(setting, value),
            Values::Many(values) => {
                return Some(self.axis(setting.name, values, unit, vec![Setter::Setting(setting.key)]));
            }
        }
        None
    }

    pub(super) fn set_setting(&mut self, setting: &Setting, value: &Value) {
        let wanted = match setting.key {
            SettingKey::Duration | SettingKey::Warmup => Dimension::Duration,
            SettingKey::Precision => Dimension::Share,
            _ => Dimension::Count,
        };
        let unit = if wanted == Dimension::Duration { second() } else { Unit::NONE };
        let found =
            quantity_of(value).map(|q| q.or_unit(unit)).filter(|q| q.dimension() == wanted && q.number.signum() >= 0);
        let Some(q) = found else {
            let message = format!("`{}` takes {}, not {}", setting.name, wanted.describe(), describe(value));
            self.diagnostics.push(Diagnostic::new(&codes::E0301, value.span, message));
            return;
        };
        let base = &mut self.scenario.base;
        match setting.key {
            SettingKey::Duration => base.duration = q.duration().unwrap_or_default(),
            SettingKey::Warmup => self.warmup = q.duration(),
            SettingKey::Replications => base.replications = q.si().clamp(1.0, 1e6) as u32,
            SettingKey::Seed => base.seed = q.si() as u64,
            SettingKey::Precision => self.precision(value.span, q.si()),
            SettingKey::Priority | SettingKey::Timeout => {}
        }
    }

    pub(super) fn precision(&mut self, span: Span, relative: f64) {
        if relative > 0.0 && relative < 1.0 {
            self.scenario.base.precision = Some(Precision { relative, max_replications: Precision::BUDGET });
            return;
        }
        self.diagnostics.push(
            Diagnostic::new(&codes::E0303, span, "no interval is that narrow, or narrow at all")
                .label("above 0 % and below 100 %")
                .help("`precision 2%` is met when the mean is known to 2 % of itself"),
        );
    }
}
