//! Who asks how often for what: profiles, arrivals, mixes.

use super::*;

impl<'c> Lowering<'c, '_, '_> {
    /// `profile { … }`, `ramp(…)`, `spike(…)`, `step(…)`, `diurnal(…)`; `None`: it is no profile.
    pub(super) fn profile(&mut self, value: &Value) -> Option<Option<LoadProfile>> {
        let (name, args, span) = match &value.value {
            ValueKind::Call(name, args) => (name.value.as_str(), flattened(args), value.span),
            ValueKind::Block(values) => ("profile", values.clone(), value.span),
            _ => return None,
        };
        let profile = match name {
            "profile" => profile_points(&args),
            "ramp" => ramp(&args),
            "spike" => spike(&args),
            "step" | "steps" => steps(&args),
            "diurnal" => diurnal(&args),
            "trace" => self.load_trace(value),
            _ => None,
        };
        if profile.is_none() && name != "trace" {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0304, span, "this is no load profile").label("cannot be read").help(
                    "write `profile { 0s 200/s  60s 2000/s }`, `ramp(100/s, 1000/s, 60s)`, `spike(200/s, 2000/s, at 60s, for 10s)`, `step(100/s, 500/s, every 30s)` or `diurnal(100/s, 1000/s, 24h)`",
                ),
            );
        }
        Some(profile)
    }

    /// `trace("load.csv")`: rates for equal parts of the duration.
    pub(super) fn load_trace(&mut self, value: &Value) -> Option<LoadProfile> {
        let ValueKind::Call(_, args) = &value.value else { return None };
        let ValueKind::Text(file) = &args.first()?.first()?.value else { return None };
        match self.loaded.numbers(value.span.file, file) {
            Ok(rates) => {
                let step = self.scenario.base.duration.0 / rates.len() as u64;
                let point = |(n, rate): (usize, &f64)| LoadSegment { at: SimTime(n as u64 * step), rate: *rate };
                Some(LoadProfile { points: rates.iter().enumerate().map(point).collect() })
            }
            Err(why) => {
                self.diagnostics.push(
                    Diagnostic::new(&codes::E0501, value.span, format!("cannot use `{file}`: {why}"))
                        .help("one rate a line"),
                );
                None
            }
        }
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
