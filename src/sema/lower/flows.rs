//! Request types: from flows, or one for each relation of a source.

use super::Built;
use super::behavior::with_typing;
use crate::diag::{Diagnostic, codes};
use crate::model::{
    CallId, Entry, Path, RequestBehavior, RequestType, RequestTypeId, SourceId, StationId, Step, Value,
};
use crate::schema::{Key, Subject, attribute};
use crate::sema::cascade::{Setting, type_properties};
use crate::sema::load::Loaded;
use crate::sema::names::SymbolId;
use crate::syntax::ast;
use std::collections::HashMap;
use std::sync::Arc;

/// Adds every request type.
pub fn add(loaded: &Loaded<'_>, built: &mut Built<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for scoped in built.declared.scenarios.clone() {
        if !scoped.node.steps.is_empty() {
            add_flow(loaded, built, scoped.node, scoped.scope, diagnostics);
        }
    }
    share_entries(built);
    add_plain(built);
}

/// One step with its ends resolved.
struct Leg<'a> {
    from: SymbolId,
    to: SymbolId,
    node: &'a ast::Step,
}

fn add_flow(
    loaded: &Loaded<'_>,
    built: &mut Built<'_>,
    node: &ast::Scenario,
    scope: Option<SymbolId>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let legs = legs(built, node, scope);
    let Some(start) = legs.iter().position(|leg| built.source_of.contains_key(&leg.from)) else { return };
    let Some(source) = built.source_of.get(&legs[start].from).copied() else { return };
    let Some(entry_to) = station(built, legs[start].to) else { return };
    let entry = call(built, Entry::Source(source), entry_to);
    let first = first_step(loaded, built, &legs[start], entry, diagnostics);
    let mut route = Route { stack: vec![(entry_to, None)], steps: Vec::new() };
    for leg in &legs[start + 1..] {
        route.follow(loaded, built, leg, diagnostics);
    }
    let name: Arc<str> = node.id.as_ref().or(node.title.as_ref()).map_or("flow", |text| text.value.as_str()).into();
    let id = RequestTypeId(built.architecture.request_types.len() as u32);
    built.request_of.insert(name.to_string(), id);
    built.architecture.request_types.push(RequestType {
        name,
        source,
        entry,
        weight: 1.0,
        path: Path::Flow { service_time: first.service_time, steps: route.steps },
        behavior: RequestBehavior { write: first.write, ..request_behavior(node) },
    });
}

/// `priority 2` and `preempt` of a flow.
fn request_behavior(node: &ast::Scenario) -> RequestBehavior {
    let mut behavior = RequestBehavior::default();
    for (name, value) in
        node.statements.iter().filter_map(|statement| crate::sema::template::request_attribute(node, statement))
    {
        match value {
            Some(priority) if name == "priority" => behavior.priority = priority as i32,
            _ => behavior.preempt = true,
        }
    }
    behavior
}

/// Steps whose ends are elements; actors and pages of a story take no part.
fn legs<'a>(built: &Built<'_>, node: &'a ast::Scenario, scope: Option<SymbolId>) -> Vec<Leg<'a>> {
    let end = |end: &ast::End| match end {
        ast::End::Path(path) => {
            built.declared.names.resolve(&path.dotted(), scope).ok().filter(|id| built.element_of.contains(*id))
        }
        ast::End::Text(_) => None,
    };
    let mut legs = Vec::new();
    for step in &node.steps {
        for to in &step.to {
            if let (Some(from), Some(to)) = (end(&step.from), end(to)) {
                legs.push(Leg { from, to, node: step });
            }
        }
    }
    legs
}

fn station(built: &Built<'_>, symbol: SymbolId) -> Option<StationId> {
    built.station_of(symbol).or_else(|| built.entrance(symbol))
}

/// The call between two ends, made when the model has no such relation.
fn call(built: &mut Built<'_>, from: Entry, to: StationId) -> CallId {
    match built.calls_between.get(&(from, to)) {
        Some((first, _)) => *first,
        None => built.add_call(from, to, None),
    }
}

/// Own work that the first step asks of its callee, and whether it writes. The first step is the request itself: it is made once, and its
/// source waits for it, or it would be none.
fn first_step(
    loaded: &Loaded<'_>,
    built: &Built<'_>,
    leg: &Leg<'_>,
    entry: CallId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Step {
    let step = with_properties(loaded, built, Step::plain(entry, None), leg.node, diagnostics);
    let of_calls = |property: &&ast::Property| match property.name.value.as_str() {
        "probability" => step.probability < 1.0,
        name => matches!(name, "repeat" | "parallel" | "async"),
    };
    diagnostics.extend(leg.node.properties.iter().filter(of_calls).map(|property| {
        let name = &property.name.value;
        Diagnostic::new(&codes::W1501, property.span, format!("`{name}` of a first step is not simulated yet"))
            .label("the request is made once, and waited for")
            .help("how often a request type is asked for is a matter of `traffic { … }`")
    }));
    step
}

/// The path of a request while its steps are read: who waits for whom.
struct Route {
    /// Stations that the request is at, outermost first, with the step that reached each.
    stack: Vec<(StationId, Option<u32>)>,
    steps: Vec<Step>,
}

impl Route {
    fn follow(&mut self, loaded: &Loaded<'_>, built: &mut Built<'_>, leg: &Leg<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let (Some(from), Some(to)) = (station(built, leg.from), station(built, leg.to)) else { return };
        let Some(depth) = self.stack.iter().rposition(|(at, _)| *at == from) else {
            self.report_loose(built, leg, from, diagnostics);
            return;
        };
        self.stack.truncate(depth + 1);
        if self.is_reply(depth, to) {
            self.stack.truncate(depth);
            return;
        }
        let parent = self.stack[depth].1;
        let call = call(built, Entry::Station(from), to);
        let asynchronous = built.architecture.call(call).behavior.asynchronous;
        let step = Step { asynchronous, ..Step::plain(call, parent) };
        self.steps.push(with_properties(loaded, built, step, leg.node, diagnostics));
        self.stack.push((to, Some(self.steps.len() as u32 - 1)));
    }

    /// A step back to the caller is its reply.
    fn is_reply(&self, depth: usize, to: StationId) -> bool {
        depth > 0 && self.stack[depth - 1].0 == to
    }

    /// A consumer goes on with what it takes from a queue: its own calls follow the relations' order.
    fn report_loose(&self, built: &Built<'_>, leg: &Leg<'_>, from: StationId, diagnostics: &mut Vec<Diagnostic>) {
        let fed_by_queue = built.architecture.calls.iter().any(|call| {
            call.to == from && matches!(call.from, Entry::Station(id) if built.architecture.station(id).is_queue)
        });
        if !fed_by_queue && !built.source_of.contains_key(&leg.from) {
            let name = &built.architecture.station(from).path;
            diagnostics.push(
                Diagnostic::new(
                    &codes::W1118,
                    leg.node.span,
                    format!("the request is not at `{name}` when this step begins"),
                )
                .label("left out of the path")
                .help("a step starts where the one before it ended, or at one of its callers"),
            );
        }
    }
}

fn with_properties(
    loaded: &Loaded<'_>,
    built: &Built<'_>,
    mut step: Step,
    node: &ast::Step,
    diagnostics: &mut Vec<Diagnostic>,
) -> Step {
    let (known, other): (Vec<ast::Property>, Vec<ast::Property>) =
        node.properties.iter().cloned().partition(|p| !matches!(p.name.value.as_str(), "repeat" | "forward" | "goto"));
    let settings: Vec<Setting> =
        with_typing(loaded, built, diagnostics, |_, typing| type_properties(&known, None, &[Subject::Request], typing));
    for setting in settings {
        match (setting.key, setting.value) {
            (Key::ServiceTime, Value::Dist(dist)) => step.service_time = Some(dist),
            (Key::Probability, Value::Number(share)) => step.probability = share,
            (Key::Write, Value::Flag(on)) => step.write = on,
            (Key::Parallel, Value::Flag(on)) => step.parallel = on,
            (Key::Async, Value::Flag(on)) => step.asynchronous = on,
            _ => {}
        }
    }
    // Replies of several callees are waited for together.
    step.parallel |= node.to.len() > 1;
    if let Some(quorum) = node.quorum.as_ref().filter(|quorum| quorum.value.si() < node.to.len() as f64) {
        diagnostics.push(
            Diagnostic::new(&codes::W1501, quorum.span, "`quorum` is not simulated yet")
                .label("waits for all of them in this version"),
        );
    }
    if node.compensate.is_some() {
        diagnostics.push(
            Diagnostic::new(&codes::W1501, node.span, "`compensate` is not simulated yet")
                .label("without effect in this version"),
        );
    }
    for property in other {
        if property.name.value == "repeat" {
            step.repeat_geometric = repeat_mean(loaded, built, &property, diagnostics);
        } else {
            diagnostics.push(not_yet(&property));
        }
    }
    step
}

/// `repeat geometric(4)`: the mean number of times.
fn repeat_mean(
    loaded: &Loaded<'_>,
    built: &Built<'_>,
    property: &ast::Property,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<f64> {
    let value = match property.values.first().map(|value| &value.value) {
        Some(ast::ValueKind::Call(_, args)) => args.first().and_then(|arg| arg.first()).cloned(),
        _ => property.values.first().cloned(),
    };
    let row = attribute(Key::Calls);
    let values: Vec<ast::Value> = value.into_iter().collect();
    match with_typing(loaded, built, diagnostics, |_, typing| typing.attribute(row, property.name.span, &values)) {
        Some(Value::Number(mean)) => Some(mean.max(1.0)),
        _ => None,
    }
}

fn not_yet(property: &ast::Property) -> Diagnostic {
    Diagnostic::new(&codes::W1501, property.span, format!("`{}` is not simulated yet", property.name.value))
        .label("without effect in this version")
}

/// Flows that enter by the same relation share its weight.
fn share_entries(built: &mut Built<'_>) {
    let model = &mut *built.architecture;
    let mut sharing: HashMap<CallId, u32> = HashMap::new();
    model.request_types.iter().for_each(|request| *sharing.entry(request.entry).or_default() += 1);
    for request in &mut model.request_types {
        request.weight = model.calls[request.entry.index()].behavior.weight / f64::from(sharing[&request.entry]);
    }
}

/// Relations of sources by which no flow enters are request types of their own, in the order of the calls.
fn add_plain(built: &mut Built<'_>) {
    let entered: Vec<CallId> = built.architecture.request_types.iter().map(|request| request.entry).collect();
    for n in 0..built.architecture.calls.len() {
        let id = CallId(n as u32);
        let call = built.architecture.call(id);
        let Entry::Source(source) = call.from else { continue };
        if entered.contains(&id) {
            continue;
        }
        let (name, weight) = (Arc::clone(&call.path), call.behavior.weight);
        push_plain(built, name, source, id, weight);
    }
}

fn push_plain(built: &mut Built<'_>, name: Arc<str>, source: SourceId, entry: CallId, weight: f64) {
    let id = RequestTypeId(built.architecture.request_types.len() as u32);
    built.request_of.insert(name.to_string(), id);
    let request =
        RequestType { name, source, entry, weight, path: Path::Relations, behavior: RequestBehavior::default() };
    built.architecture.request_types.push(request);
}
