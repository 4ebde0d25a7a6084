//! Request types: from flows, or one for each relation of a source.

use super::Built;
use super::behavior::with_typing;
use crate::diag::{Diagnostic, codes};
use crate::model::{
    CallId, Entry, Path, Place, Quorum, RequestBehavior, RequestType, RequestTypeId, SourceId, StationId, Step, Value,
};
use crate::schema::{Key, Subject, attribute};
use crate::sema::cascade::{Setting, type_properties};
use crate::sema::load::Loaded;
use crate::sema::names::SymbolId;
use crate::sema::origins::{NAMED, Origin};
use crate::source::Span;
use crate::syntax::ast;
use std::collections::{HashMap, HashSet};
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
    /// Of the first of several that are called together: how many must succeed.
    quorum: Option<Quorum>,
    /// The ends of the call that undoes it.
    undo: Option<(SymbolId, SymbolId)>,
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
    let from_source = is_journey(built, &legs[start..]);
    let mut route = Route {
        source: (legs[start].from, source),
        stack: Vec::new(),
        beside: Vec::new(),
        steps: Vec::new(),
        nodes: Vec::new(),
    };
    if !from_source {
        route.stack.push((entry_to, None));
        report_unending(&legs[start], diagnostics);
    }
    for leg in &legs[start + usize::from(!from_source)..] {
        route.follow(loaded, built, leg, diagnostics);
    }
    route.resolve_gotos(diagnostics);
    let name: Arc<str> = node.id.as_ref().or(node.title.as_ref()).map_or("flow", |text| text.value.as_str()).into();
    let id = RequestTypeId(built.architecture.request_types.len() as u32);
    built.request_of.insert(name.to_string(), id);
    note_given(built, id, node);
    built.architecture.request_types.push(RequestType {
        name,
        source,
        entry,
        weight: 1.0,
        path: Path::Flow { steps: route.steps, from_source },
        behavior: request_behavior(node),
    });
}

/// Remembers where the attributes of a request type stand.
fn note_given(built: &mut Built<'_>, id: RequestTypeId, node: &ast::Scenario) {
    for statement in &node.statements {
        let Some((name, _)) = crate::sema::template::request_attribute(node, statement) else { continue };
        let key = if name == "priority" { Key::Priority } else { Key::Preempt };
        built.origins.insert(Place::Request(id), key, Origin { span: statement.span, is_std: false, rank: NAMED });
    }
}

/// Whether the source does more than call the first station plainly: further calls of its own, or attributes of the
/// first step, or a way back to it.
fn is_journey(built: &Built<'_>, legs: &[Leg<'_>]) -> bool {
    let is_call = |leg: &&Leg<'_>| leg.from == legs[0].from && station(built, leg.to).is_some();
    let returns = |leg: &Leg<'_>| goto_of(leg.node).is_some_and(|(name, _)| is_called(legs[0].node, &name));
    legs.iter().filter(is_call).count() > 1 || !legs[0].node.properties.is_empty() || legs.iter().any(returns)
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
        let Some(from) = end(&step.from) else { continue };
        let first = legs.len();
        let undo = || step.compensate.as_ref().and_then(|(from, to)| Some((end(from)?, end(to)?)));
        let leg = |to| Leg { from, to, node: step, quorum: None, undo: undo() };
        legs.extend(step.to.iter().filter_map(end).map(leg));
        let members = (legs.len() - first) as u32;
        let needed = step.quorum.as_ref().map(|quorum| (quorum.value.si() as u32).max(1));
        if let Some(needed) = needed.filter(|needed| *needed < members) {
            legs[first].quorum = Some(Quorum { members, needed });
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

/// Stations that a request is at, outermost first, with the step that reached each.
type Stack = Vec<(StationId, Option<u32>)>;

/// The path of a request while its steps are read: who waits for whom.
struct Route<'a> {
    /// Whose request it is.
    source: (SymbolId, SourceId),
    /// Where the request is.
    stack: Stack,
    /// The same for those that were called beside it by one step, and have not been waited for yet.
    beside: Vec<Stack>,
    steps: Vec<Step>,
    /// What each step was written as.
    nodes: Vec<&'a ast::Step>,
}

impl<'a> Route<'a> {
    fn follow(&mut self, loaded: &Loaded<'_>, built: &mut Built<'_>, leg: &Leg<'a>, diagnostics: &mut Vec<Diagnostic>) {
        let Some(to) = station(built, leg.to) else { return };
        let Some((from, parent)) = self.caller(built, leg, to, diagnostics) else { return };
        let call = call(built, from, to);
        let asynchronous = built.architecture.call(call).behavior.asynchronous;
        // The consumers of a queue each take messages of their own.
        let of_queue = matches!(from, Entry::Station(id) if built.architecture.station(id).is_queue);
        let quorum = leg.quorum.filter(|_| !of_queue);
        let compensate = self.undo(built, leg, diagnostics);
        let step = Step { asynchronous, quorum, compensate, ..Step::plain(call, parent) };
        let number = self.steps.len() as u32;
        self.steps.push(with_properties(loaded, built, step, leg.node, diagnostics));
        self.nodes.push(leg.node);
        self.stack.push((to, Some(number)));
    }

    /// Who makes the call of a step, and the step that brought the request there; none for a reply.
    fn caller(
        &mut self,
        built: &Built<'_>,
        leg: &Leg<'a>,
        to: StationId,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(Entry, Option<u32>)> {
        if leg.from == self.source.0 {
            self.go_back_to(0, leg);
            return Some((Entry::Source(self.source.1), None));
        }
        let from = station(built, leg.from)?;
        self.go_beside(from);
        let Some(depth) = self.stack.iter().rposition(|(at, _)| *at == from) else {
            self.report_loose(built, leg, from, diagnostics);
            return None;
        };
        self.go_back_to(depth + 1, leg);
        if self.is_reply(depth, to) {
            self.stack.truncate(depth);
            return None;
        }
        Some((Entry::Station(from), self.stack[depth].1))
    }

    /// The request is where one of the targets of a step with several went, rather than where the last of them did.
    fn go_beside(&mut self, from: StationId) {
        let is_at = |stack: &Stack| stack.iter().any(|(at, _)| *at == from);
        let other = self.beside.iter().rposition(is_at).filter(|_| !is_at(&self.stack));
        if let Some(n) = other {
            std::mem::swap(&mut self.stack, &mut self.beside[n]);
        }
    }

    /// The request is at the first so many again. Those that were called beside the rest have answered then, unless the
    /// same step calls one more.
    fn go_back_to(&mut self, depth: usize, leg: &Leg<'a>) {
        let goes_on = self.nodes.last().is_some_and(|last| std::ptr::eq(*last, leg.node));
        if goes_on && self.stack.len() > depth {
            self.beside.push(self.stack.clone());
        }
        let stack = &self.stack;
        let common = |other: &Stack| stack.iter().zip(other).take_while(|(a, b)| a == b).count();
        self.beside.retain(|other| goes_on || common(other) < depth);
        self.stack.truncate(depth);
    }

    /// The call that undoes a step: by the source itself or a part that runs, to one that runs.
    fn undo(&self, built: &mut Built<'_>, leg: &Leg<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<CallId> {
        leg.node.compensate.as_ref()?;
        let caller = |from: SymbolId| match from == self.source.0 {
            true => Some(Entry::Source(self.source.1)),
            false => station(built, from).map(Entry::Station),
        };
        let Some((from, to)) = leg.undo.and_then(|(from, to)| Some((caller(from)?, station(built, to)?))) else {
            let message = "a compensation that no part of the model calls";
            diagnostics.push(
                Diagnostic::new(&codes::E0414, leg.node.span, message)
                    .label("its ends do not both run")
                    .help("write both ends: `compensate Shop.Api -> Shop.Db`"),
            );
            return None;
        };
        Some(call(built, from, to))
    }

    /// `goto` names a step by its name or its label: of the same caller, or of one that waits further up.
    fn resolve_gotos(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        for n in 0..self.steps.len() {
            let Some((name, span)) = goto_of(self.nodes[n]) else { continue };
            let named: Vec<usize> = (0..self.steps.len()).filter(|k| is_called(self.nodes[*k], &name)).collect();
            let callers = self.callers(n);
            match named.iter().find(|k| callers.contains(&self.steps[**k].parent)) {
                Some(target) => self.steps[n].goto = Some(*target as u32),
                None => diagnostics.push(no_such_step(&name, span, !named.is_empty())),
            }
        }
        for n in 0..self.steps.len() {
            if let Some((name, span)) = goto_of(self.nodes[n]).filter(|_| self.never_ends(n)) {
                diagnostics.push(never_ends(&name, span));
            }
        }
    }

    /// Whether a step goes back for sure, and none on the way from there leads past it.
    fn never_ends(&self, n: usize) -> bool {
        let Some(target) = self.steps[n].goto.map(|step| step as usize).filter(|step| *step <= n) else { return false };
        let leaves = |step: &Step| step.goto.is_some_and(|to| to as usize > n) && step.probability > 0.0;
        self.steps[n].probability >= 1.0 && !self.steps[target..n].iter().any(leaves)
    }

    /// Who makes the call of a step, and those who wait for that one in turn.
    fn callers(&self, step: usize) -> Vec<Option<u32>> {
        let above = |parent: &Option<u32>| parent.map(|n| self.steps[n as usize].parent);
        std::iter::successors(Some(self.steps[step].parent), above).collect()
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

/// The only call that the source makes has not been completed while anything can fail.
fn report_unending(leg: &Leg<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if leg.node.compensate.is_some() {
        let message = "nothing can fail after this step: whatever follows is part of it";
        diagnostics.push(
            Diagnostic::new(&codes::E0414, leg.node.span, message)
                .label("its compensation never comes")
                .help("what its callee has done is undone by a step of the callee: `step Api -> Db { compensate Api -> Db }`; the first step needs one of the same caller behind it"),
        );
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
    for property in other {
        match property.name.value.as_str() {
            "repeat" => step.repeat_geometric = repeat_mean(loaded, built, &property, diagnostics),
            // `goto` is resolved when all steps are known.
            word => step.forward |= word == "forward",
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

/// The name in `goto NAME`.
fn goto_of(node: &ast::Step) -> Option<(String, Span)> {
    let property = node.properties.iter().find(|property| property.name.value == "goto")?;
    let name = match &property.values.first()?.value {
        ast::ValueKind::Path(path) => path.dotted(),
        ast::ValueKind::Text(text) => text.clone(),
        _ => return None,
    };
    Some((name, property.span))
}

fn is_called(node: &ast::Step, name: &str) -> bool {
    let is = |text: &Option<ast::Text>| text.as_ref().is_some_and(|text| text.value == name);
    node.name.as_ref().is_some_and(|own| own.value == name) || is(&node.label)
}

fn never_ends(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&codes::W1135, span, format!("this goes back to `{name}` for ever"))
        .label("nothing leads out of this loop")
        .help(format!("say how often it goes back: `{{ goto {name}  probability 30% }}`"))
}

fn no_such_step(name: &str, span: Span, elsewhere: bool) -> Diagnostic {
    if elsewhere {
        return Diagnostic::new(&codes::E0415, span, format!("`goto {name}` leads away from the request"))
            .label("nobody who waits for this step takes that one")
            .help("go to a step of the same caller, or of one that waits for it");
    }
    Diagnostic::new(&codes::E0201, span, format!("no step of this flow is called `{name}`"))
        .label("not declared")
        .help("a step is named before its ends, `step pay: A -> B`, or by its label")
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
    let requests = &built.architecture.request_types;
    let mut entered: HashSet<CallId> = requests.iter().flat_map(made_by_source).collect();
    // A relation that only a compensation goes by is nobody's request.
    let undone = requests.iter().flat_map(RequestType::steps).filter_map(|step| step.compensate);
    entered.extend(undone.filter(|id| built.call_nodes[id.index()].is_none()));
    for n in 0..built.architecture.calls.len() {
        let id = CallId(n as u32);
        let call = built.architecture.call(id);
        let Entry::Source(source) = call.from else { continue };
        let together = call.quorum.map_or(1, |quorum| quorum.members);
        if (id.0..id.0 + together).any(|n| entered.contains(&CallId(n))) {
            continue;
        }
        let (name, weight) = (Arc::clone(&call.path), call.behavior.weight);
        push_plain(built, name, source, id, weight);
        // `U -> [A, B] quorum 1` is one request, by whichever of its names.
        for n in id.0..id.0 + together {
            entered.insert(CallId(n));
            let name = built.architecture.call(CallId(n)).path.to_string();
            built.request_of.insert(name, RequestTypeId(built.architecture.request_types.len() as u32 - 1));
        }
    }
}

/// The calls that the source itself makes for a request.
fn made_by_source(request: &RequestType) -> Vec<CallId> {
    let own = |step: &&Step| request.is_journey() && step.parent.is_none();
    std::iter::once(request.entry).chain(request.steps().iter().filter(own).map(|step| step.call)).collect()
}

fn push_plain(built: &mut Built<'_>, name: Arc<str>, source: SourceId, entry: CallId, weight: f64) {
    let id = RequestTypeId(built.architecture.request_types.len() as u32);
    built.request_of.insert(name.to_string(), id);
    let request =
        RequestType { name, source, entry, weight, path: Path::Relations, behavior: RequestBehavior::default() };
    built.architecture.request_types.push(request);
}
