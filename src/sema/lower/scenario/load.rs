//! Who asks how often for what: profiles, arrivals, mixes.

use super::*;
use crate::model::LoadForm;

/// A load as it is written.
enum Formed {
    /// By numbers.
    Shape(LoadShape),
    /// By a file.
    Trace(LoadProfile),
}

/// A number of a load's form that has several values: which one, its values, and the parameter that it was.
type Swept = (usize, Value, Option<String>);

impl Formed {
    fn loaded(&self, lowering: &mut Lowering<'_, '_, '_>, value: &Value) -> Option<LoadProfile> {
        match self {
            Self::Shape(shape) => shape.profile().or_else(|| lowering.no_profile(value.span)),
            Self::Trace(profile) => Some(profile.clone()),
        }
    }
}

/// Arguments side by side, those in braces too.
fn flattened(args: &[Vec<Value>]) -> Vec<Value> {
    let inside = |value: &Value| match &value.value {
        ValueKind::Block(values) => values.clone(),
        _ => vec![value.clone()],
    };
    args.iter().flatten().flat_map(inside).collect()
}

impl<'c> Lowering<'c, '_, '_> {
    /// `profile { … }`, `ramp(…)`, `spike(…)`, `step(…)`, `diurnal(…)`, a list of those; `None`: it is no profile.
    pub(super) fn profiles(&mut self, value: &Value, param: Option<&str>) -> Option<Option<usize>> {
        let is_profile = |value: &Value| matches!(value.value, ValueKind::Call(..) | ValueKind::Block(_));
        match &value.value {
            ValueKind::List(list) if list.iter().any(is_profile) => Some(self.load_choice(list, param)),
            _ if is_profile(value) => Some(self.load_shape(value)),
            _ => None,
        }
    }

    /// One load of several: `[ramp(…), spike(…), 200/s]`.
    fn load_choice(&mut self, list: &[Value], param: Option<&str>) -> Option<usize> {
        let mut labels: Vec<Arc<str>> = Vec::new();
        let mut profiles = Vec::new();
        for item in list {
            let (profile, swept) = self.shape_of(item)?;
            if let Some((_, value, _)) = swept.first() {
                self.diagnostics.push(
                    Diagnostic::new(&codes::E0308, value.span, "a load of a list has no further values")
                        .label("several values"),
                );
                return None;
            }
            labels.push(self.one_line(item.span).into());
            profiles.push(profile.loaded(self, item)?);
        }
        let values = labels.into_iter().enumerate().map(|(n, label)| AxisValue::Choice(label, n)).collect();
        let name = param.unwrap_or("load");
        Some(self.axis(name, AxisValues::List(values), "", vec![Setter::Load(profiles)]))
    }

    /// One load over time; each of its numbers may be a dimension.
    fn load_shape(&mut self, value: &Value) -> Option<usize> {
        let (shape, swept) = self.shape_of(value)?;
        self.scenario.base.workload.load = shape.loaded(self, value)?;
        let Formed::Shape(shape) = shape else { return None };
        let mut last = None;
        for (nth, value, param) in swept {
            last = Some(self.shape_axis(&shape, nth, &value, param.as_deref())?);
        }
        self.scenario.shape = last.map(|_| shape);
        last
    }

    fn shape_axis(&mut self, shape: &LoadShape, nth: usize, value: &Value, param: Option<&str>) -> Option<usize> {
        let is_time = shape.form.dimension(nth, shape.numbers.len()) == Dimension::Duration;
        let unit = if is_time { "s" } else { "/s" };
        if let Some(axis) = self.axis_of_param(param) {
            return Some(self.attach(axis, vec![Setter::Shape(nth)], unit, false));
        }
        match self.values(value, None)? {
            Values::Many(values) => Some(self.axis("load", values, unit, vec![Setter::Shape(nth)])),
            Values::One(_) => None,
        }
    }

    /// A form of load with the first of each of its numbers, and those that are swept.
    fn shape_of(&mut self, value: &Value) -> Option<(Formed, Vec<Swept>)> {
        let (name, args) = match &value.value {
            ValueKind::Call(name, args) => (name.value.as_str(), flattened(args)),
            ValueKind::Block(values) => ("profile", values.clone()),
            _ => ("constant", vec![value.clone()]),
        };
        let form = match name {
            "constant" => LoadForm::Constant,
            "profile" => LoadForm::Points,
            "ramp" => LoadForm::Ramp,
            "spike" => LoadForm::Spike,
            "step" | "steps" => LoadForm::Steps,
            "diurnal" => LoadForm::Diurnal,
            "trace" => return self.load_trace(value).map(|profile| (Formed::Trace(profile), Vec::new())),
            _ => return self.no_profile(value.span),
        };
        let (mut given, mut swept) = (Vec::new(), Vec::new());
        for arg in &args {
            let (bound, param) = self.flat.bound(arg);
            if is_swept(bound) {
                swept.push((given.len(), bound.clone(), param.map(str::to_owned)));
            }
            // Words such as `at` and `for` only say which number comes.
            given.extend(quantity_of(&self.first_value(bound)));
        }
        let count = given.len();
        let number = |(n, q): (usize, Quantity)| {
            let wanted = form.dimension(n, count);
            let unit = Unit::find(if wanted == Dimension::Duration { "s" } else { "/s" })?;
            let q = q.in_natural(unit)?;
            (q.dimension() == wanted).then(|| q.si())
        };
        match given.into_iter().enumerate().map(number).collect::<Option<Vec<f64>>>() {
            Some(numbers) => Some((Formed::Shape(LoadShape { form, numbers }), swept)),
            None => self.no_profile(value.span),
        }
    }

    fn no_profile<T>(&mut self, span: Span) -> Option<T> {
        self.diagnostics.push(
            Diagnostic::new(&codes::E0304, span, "this is no load profile").label("cannot be read").help(
                "write `profile { 0s 200/s  60s 2000/s }`, `ramp(100/s, 1000/s, 60s)`, `spike(200/s, 2000/s, at 60s, for 10s)`, `step(100/s, 500/s, every 30s)` or `diurnal(100/s, 1000/s, 24h)`",
            ),
        );
        None
    }

    /// `trace("load.csv")`: rates at times, or at the beginnings of equal parts of the duration; linear between them.
    pub(super) fn load_trace(&mut self, value: &Value) -> Option<LoadProfile> {
        let ValueKind::Call(_, args) = &value.value else { return None };
        let Some(ValueKind::Text(file)) = args.first().and_then(|arg| arg.first()).map(|arg| &arg.value) else {
            return self.no_profile(value.span);
        };
        let points = self.loaded.rows(value.span.file, file).and_then(|rows| trace_points(&rows));
        let points = points.map(|points| points.unwrap_or_else(|rates| self.equal_parts(&rates, value.span)));
        match points {
            Ok(points) => Some(LoadProfile { points }),
            Err(why) => {
                self.diagnostics.push(
                    Diagnostic::new(&codes::E0501, value.span, format!("cannot use `{file}`: {why}")).help(
                        "one rate a line, for equal parts of the duration; or a time in seconds and a rate: `60, 500`",
                    ),
                );
                None
            }
        }
    }

    /// Points at the beginnings of equal parts of the duration.
    fn equal_parts(&mut self, rates: &[f64], span: Span) -> Vec<LoadSegment> {
        let mut named = self.flat.statements.iter().filter_map(|statement| duration_of(&statement.kind));
        if let Some(lengths) = named.next_back().map(|value| self.flat.bound(value).0).filter(|value| is_swept(value)) {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0308, span, "parts of which duration? It has several values")
                    .label("equal parts of the duration")
                    .related(lengths.span, "the durations")
                    .help("give each line its time in seconds before the rate: `60, 500`"),
            );
        }
        let step = self.scenario.base.duration.0 / rates.len() as u64;
        let point = |(n, rate): (usize, &f64)| LoadSegment { at: SimTime(n as u64 * step), rate: *rate };
        rates.iter().enumerate().map(point).collect()
    }

    /// Takes the duration, wherever it stands: a load by equal parts of it may stand before it.
    pub(super) fn length_first(&mut self, sets: &[ast::Statement]) {
        let statements = self.flat.statements.iter().copied().chain(sets);
        let mut lengths = statements.filter_map(|statement| duration_of(&statement.kind));
        let Some(value) = lengths.next_back() else { return };
        let given = quantity_of(self.flat.bound(value).0).map(|q| q.or_unit(second())).and_then(|q| q.duration());
        // Whatever is wrong with it is said where it stands.
        self.scenario.base.duration = given.unwrap_or(self.scenario.base.duration);
    }

    pub(super) fn arrivals(&mut self, path: Option<&ast::Path>, value: &Value, span: Span) {
        let (bound, _) = self.flat.bound(value);
        let Some(typed) = behavior::typed_value(self.loaded, self.built, Key::Arrivals, bound, self.diagnostics) else {
            return;
        };
        self.has_load |= matches!(
            typed,
            crate::model::Value::Arrivals(crate::model::Arrivals::Trace(_) | crate::model::Arrivals::Mmpp { .. })
        );
        let sources = (0..self.built.architecture.sources.len() as u32).map(crate::model::SourceId);
        let chosen: Vec<crate::model::SourceId> = match path {
            None => sources.collect(),
            Some(path) => {
                let symbol = crate::sema::cascade::resolve(&self.built.declared.names, path, None, self.diagnostics);
                symbol.and_then(|symbol| self.built.source_of.get(&symbol)).copied().into_iter().collect()
            }
        };
        if chosen.is_empty() && path.is_some() {
            self.diagnostics.push(Diagnostic::new(&codes::E0217, span, "no traffic starts there"));
        }
        self.scenario.fixed.extend(chosen.into_iter().map(|id| (Place::Source(id), Key::Arrivals, typed.clone())));
    }

    pub(super) fn traffic(&mut self, mix: &[(ast::Path, crate::source::Spanned<Quantity>)]) {
        let mut out = Vec::new();
        for (path, share) in mix {
            let name = self.flat.bound_path(path).dotted();
            match place::request(self.built, &name).or_else(|| self.entered(path)) {
                Some(request) => out.push((request, share.value.si())),
                None => self.diagnostics.push(self.unknown_request(path, &name)),
            }
        }
        self.scenario.base.workload.mix = out;
    }

    /// The request type of a source or of the element by which it enters.
    pub(super) fn entered(&self, path: &ast::Path) -> Option<crate::model::RequestTypeId> {
        let symbol = self.built.declared.names.resolve(&path.dotted(), None).ok()?;
        let types = self.built.architecture.request_types.iter();
        let by = |request: &crate::model::RequestType| {
            let source = self.built.source_of.get(&symbol) == Some(&request.source);
            source || self.built.station_of(symbol) == Some(self.built.architecture.call(request.entry).to)
        };
        let mut found = types.enumerate().filter(|(_, request)| by(request));
        let first = found.next()?.0;
        found.next().is_none().then_some(crate::model::RequestTypeId(first as u32))
    }

    pub(super) fn unknown_request(&self, path: &ast::Path, name: &str) -> Diagnostic {
        let known = self.built.request_of.keys().map(String::as_str);
        let diagnostic = Diagnostic::new(&codes::E0201, path.span, format!("no request type is called `{name}`"))
            .label("not declared");
        match nearest(name, known.clone()) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), path.span, near)
            }
            None => diagnostic.help(format!("there are {}", known.collect::<Vec<_>>().join(", "))),
        }
    }
}

/// What a statement sets the duration to.
fn duration_of(kind: &StatementKind) -> Option<&Value> {
    match kind {
        StatementKind::Assign(target, value) if target_name(target) == "duration" => Some(value),
        StatementKind::Setting(name, value) if name.value == "duration" => Some(value),
        _ => None,
    }
}

/// The points of a trace whose lines have times; its rates, where they have none.
fn trace_points(rows: &[crate::sema::load::Row]) -> Result<Result<Vec<LoadSegment>, Vec<f64>>, String> {
    let timed = rows.iter().map(|row| Some((row.line, row.first?, row.last))).collect::<Option<Vec<_>>>();
    let Some(timed) = timed else { return Ok(Err(rows.iter().map(|row| row.last).collect())) };
    let mut points: Vec<LoadSegment> = Vec::with_capacity(timed.len());
    for (line, at, rate) in timed {
        let at = Duration::from_seconds(at).ok_or_else(|| format!("line {line} has no time in seconds"))?;
        let at = SimTime::ZERO + at;
        if points.last().is_some_and(|before| before.at > at) {
            return Err(format!("the time of line {line} is before that of the line above"));
        }
        points.push(LoadSegment { at, rate });
    }
    Ok(Ok(points))
}
