//! What a scenario assigns: knobs, settings, attributes.

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
        if !found.attribute.simulated {
            self.not_yet(target.span, &format!("`{}`", found.attribute.path()));
            return None;
        }
        let setters = found.places.iter().map(|place| Setter::Attribute(*place, found.attribute.key)).collect();
        self.attribute(&found.name, found.attribute.key, &found.places, setters, value)
    }

    pub(super) fn attribute(
        &mut self,
        name: &str,
        key: Key,
        places: &[Place],
        setters: Vec<Setter>,
        value: &Value,
    ) -> Option<usize> {
        let (bound, param) = self.flat.bound(value);
        let unit = crate::schema::attribute(key).unit;
        if let Some(axis) = self.axis_of_param(param) {
            self.scenario.axes[axis].setters.extend(setters);
            self.scenario.axes[axis].unit = Unit::find(unit).unwrap_or(Unit::NONE);
            return Some(axis);
        }
        match self.values(bound, Some(key))? {
            Values::One(value) => {
                let typed = behavior::typed_value(self.loaded, self.built, key, value, self.diagnostics)?;
                self.scenario.fixed.extend(places.iter().map(|place| (*place, key, typed.clone())));
                None
            }
            Values::Many(values) => Some(self.axis(name, values, unit, setters)),
        }
    }

    /// An assignment to a single word: a knob or a setting.
    pub(super) fn named(&mut self, name: &ast::Ident, value: &Value) -> Option<usize> {
        let word = name.value.as_str();
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
        if let Some(axis) = self.axis_of_param(param) {
            self.scenario.axes[axis].setters.push(Setter::Knob(knob.key));
            self.scenario.axes[axis].unit = Unit::find(knob.unit).unwrap_or(Unit::NONE);
            return Some(axis);
        }
        if knob.key == KnobKey::Load
            && let Some(profile) = self.profile(bound)
        {
            self.scenario.base.workload.load = profile?;
            return None;
        }
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
            let span = name.span.to(value.span);
            self.not_yet(span, &format!("`{}`", setting.name));
            return None;
        }
        let (bound, param) = self.flat.bound(value);
        let unit = if matches!(setting.key, SettingKey::Duration | SettingKey::Warmup) { "s" } else { "" };
        if let Some(axis) = self.axis_of_param(param) {
            self.scenario.axes[axis].setters.push(Setter::Setting(setting.key));
            return Some(axis);
        }
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
