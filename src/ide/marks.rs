//! What each word of a file means: one walk over its tree, for whoever explains, colours, finds or renames.

use super::library;
use crate::schema::{
    Attribute, StandardKind, Subject, Type, Word, attributes_named, find_attribute, find_distribution, find_kind,
    find_knob, find_metric, find_setting, find_verb,
};
use crate::sema::{Meaning, Names, SymbolId};
use crate::source::Span;
use crate::syntax::ast::*;
use std::collections::BTreeMap;

/// A word and what it means.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Where it stands.
    pub span: Span,
    /// What it means.
    pub sense: Sense,
}

/// What a word means.
#[derive(Debug, Clone, Copy)]
pub enum Sense {
    /// Something declared.
    Symbol(SymbolId),
    /// A kind: where the model declares it, and what the language knows of it.
    Kind(Option<Span>, Option<&'static StandardKind>),
    /// A tag.
    Tag,
    /// A word of the language; of a kind see above.
    Word(Word),
    /// A parameter of a scenario, by where it is declared.
    Param(Span),
    /// A version, by where it is declared.
    Version(Span),
    /// A step of a flow, by where it is declared.
    Step(Span),
    /// A template of the standard library.
    Template(&'static Scenario),
    /// The path of an import.
    Import,
}

/// Every word of `tree` that means something, in order of place.
pub fn marks(tree: &File, meaning: Option<&Meaning>) -> Vec<Mark> {
    let mut walk = Walk {
        names: meaning.map(|meaning| &meaning.names),
        out: Vec::new(),
        locals: BTreeMap::new(),
        versions: versions(&tree.items).map(|version| (version.name.value.clone(), version.name.span)).collect(),
        tree,
    };
    walk.items(&tree.items, None);
    walk.out.sort_by_key(|mark| mark.span);
    walk.out.dedup_by_key(|mark| mark.span);
    walk.out
}

/// The mark at an offset: the narrowest that touches it.
pub fn mark_at(marks: &[Mark], offset: u32) -> Option<&Mark> {
    marks.iter().filter(|mark| mark.span.touches(offset)).min_by_key(|mark| mark.span.end - mark.span.start)
}

struct Walk<'a> {
    names: Option<&'a Names>,
    tree: &'a File,
    out: Vec<Mark>,
    /// Parameters and steps of the scenario at hand.
    locals: BTreeMap<String, Sense>,
    versions: BTreeMap<String, Span>,
}

type Scope = Option<SymbolId>;

impl<'a> Walk<'a> {
    fn mark(&mut self, span: Span, sense: Sense) {
        if span.end > span.start {
            self.out.push(Mark { span, sense });
        }
    }

    fn items(&mut self, items: &'a [Item], scope: Scope) {
        items.iter().for_each(|item| self.item(item, scope));
    }

    fn item(&mut self, item: &'a Item, scope: Scope) {
        match item {
            Item::Element(element) => self.element(element, scope),
            Item::Relation(relation) => self.relation(relation, scope),
            Item::Behavior(behavior) => self.behavior(behavior, scope),
            Item::Scenario(scenario) => self.scenario(scenario, scope),
            Item::Wrapper(wrapper) => self.wrapper(wrapper, scope),
            Item::Deployment(deployment) => self.deployment(deployment, scope, None),
            Item::Loop(node) => self.feedback(node, scope),
            Item::Version(version) => self.version(version),
            Item::Search(search) => self.search(search, scope),
            Item::Kind(kind) => self.kind(&kind.name),
            Item::Tag(tag) => self.mark(tag.name.span, Sense::Tag),
            Item::Scale(block) => self.properties(&block.value, Some("scale"), &[Subject::Station], scope),
            Item::Import(import) => self.import(import),
            Item::Opaque(opaque) => {
                if let Some(id) = &opaque.id {
                    self.declared(id, scope);
                }
            }
            Item::Slo(_) | Item::Metadata(_) | Item::Field(_) | Item::Ranking(_) | Item::Error(_) => {}
        }
    }

    fn import(&mut self, import: &'a Import) {
        self.mark(import.from.span, Sense::Import);
        for name in import.names.iter().flatten() {
            if let Some(id) = self.names.and_then(|names| names.exact(&name.value)) {
                self.mark(name.span, Sense::Symbol(id));
            }
        }
    }

    /// A name where it is declared.
    fn declared(&mut self, id: &Ident, scope: Scope) -> Scope {
        let names = self.names?;
        let found = names.exact(&names.full_path(&id.value, scope))?;
        self.mark(id.span, Sense::Symbol(found));
        Some(found)
    }

    fn kind(&mut self, kind: &Ident) {
        let declared = self.names.and_then(|names| names.kind_span(&kind.value));
        let standard = find_kind(&kind.value);
        if declared.is_some() || standard.is_some() {
            self.mark(kind.span, Sense::Kind(declared, standard));
        }
    }

    fn element(&mut self, element: &'a Element, scope: Scope) {
        let own = self.declared(&element.id, scope);
        self.kind(&element.kind);
        element.tags.iter().for_each(|tag| self.mark(tag.span, Sense::Tag));
        self.items(&element.body, own.or(scope));
    }

    /// What a path means; every part of it is marked.
    fn path(&mut self, path: &Path, scope: Scope) -> Option<SymbolId> {
        self.parts(&path.parts, scope)
    }

    fn refer(&mut self, path: &Path, scope: Scope) {
        self.path(path, scope);
    }

    fn parts(&mut self, parts: &[Ident], scope: Scope) -> Option<SymbolId> {
        let names = self.names?;
        let dotted = parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
        let found = names.lookup(&dotted, scope)?;
        let mut at = Some(found);
        for part in parts.iter().rev() {
            let Some(symbol) = at else { break };
            self.mark(part.span, Sense::Symbol(symbol));
            at = names.get(symbol).path.rsplit_once('.').and_then(|(outer, _)| names.exact(outer));
        }
        Some(found)
    }

    fn end(&mut self, end: &End, scope: Scope) {
        if let End::Path(path) = end {
            self.path(path, scope);
        }
    }

    fn relation(&mut self, relation: &'a Relation, scope: Scope) {
        self.end(&relation.from, scope);
        relation.to.iter().for_each(|end| self.end(end, scope));
        relation.tags.iter().for_each(|tag| self.mark(tag.span, Sense::Tag));
        self.properties(&relation.properties, None, &[Subject::Call], scope);
    }

    fn behavior(&mut self, behavior: &'a Behavior, scope: Scope) {
        let mut subjects: &[Subject] = &[Subject::Station, Subject::Queue, Subject::Source];
        match &behavior.selector {
            Selector::Enclosing => {}
            Selector::Element(path) => self.refer(path, scope),
            Selector::Relation(from, to) => {
                subjects = &[Subject::Call];
                self.path(from, scope);
                self.path(to, scope);
            }
            Selector::Kind(name) => {
                let declared = self.names.and_then(|names| names.kind_span(&name.value));
                self.mark(name.span, Sense::Kind(declared, find_kind(&name.value)));
            }
            Selector::Tag(name) => self.mark(name.span, Sense::Tag),
            Selector::Technology(_) => {}
        }
        self.properties(&behavior.properties, None, subjects, scope);
    }

    fn properties(&mut self, properties: &'a [Property], group: Option<&str>, subjects: &[Subject], scope: Scope) {
        for property in properties {
            let name = property.name.value.as_str();
            let fits = |row: &&Attribute| row.subjects.iter().any(|subject| subjects.contains(subject));
            let row = attributes_named(group, name).find(fits).or_else(|| find_attribute(group, name));
            if let Some(row) = row {
                self.mark(property.name.span, Sense::Word(Word::Attribute(row)));
            }
            let ty = row.map(|row| row.ty);
            property.values.iter().for_each(|value| self.value(value, ty, scope));
            let inner = row.map_or(name, |row| row.group.unwrap_or(row.name));
            self.properties(&property.block, Some(inner), subjects, scope);
        }
    }

    fn value(&mut self, value: &'a Value, ty: Option<Type>, scope: Scope) {
        match &value.value {
            ValueKind::Path(path) => self.named_value(path, ty, scope),
            ValueKind::Arrow(from, to) => {
                self.path(from, scope);
                self.path(to, scope);
            }
            ValueKind::Call(name, arguments) => {
                if let Some(form) = find_distribution(&name.value) {
                    self.mark(name.span, Sense::Word(Word::Distribution(form)));
                }
                arguments.iter().flatten().for_each(|value| self.value(value, None, scope));
            }
            ValueKind::List(list) | ValueKind::Block(list) => list.iter().for_each(|v| self.value(v, ty, scope)),
            ValueKind::Condition(expr) => self.expr(expr, scope),
            ValueKind::Attribute(values, properties) => {
                values.iter().for_each(|value| self.value(value, ty, scope));
                self.properties(properties, None, &[], scope);
            }
            ValueKind::Quantity(_) | ValueKind::Plus(_) | ValueKind::Range(_) | ValueKind::Text(_) => {}
        }
    }

    /// A name as a value: a parameter, an element where one is wanted, or a word of the language.
    fn named_value(&mut self, path: &Path, ty: Option<Type>, scope: Scope) {
        if let ([only], Some(local)) = (path.parts.as_slice(), self.locals.get(&path.parts[0].value)) {
            let local = *local;
            return self.mark(only.span, local);
        }
        if ty == Some(Type::Element) || ty.is_none() && path.parts.len() > 1 {
            self.path(path, scope);
        } else if ty.is_none()
            && let Some(id) = self.names.and_then(|names| names.exact(&path.parts[0].value))
        {
            self.mark(path.span, Sense::Symbol(id));
        }
    }

    /// `X.attr`, `A->B.attr`, a knob or a parameter.
    fn target(&mut self, target: &'a Target, scope: Scope) -> Option<Type> {
        if let Some(from) = &target.from {
            self.path(from, scope);
        }
        let parts = &target.path.parts;
        if let ([only], None) = (parts.as_slice(), &target.from) {
            self.knob(only);
            return None;
        }
        if let Some(knob) = parts.first().and_then(|first| find_knob(&first.value)).filter(|_| parts.len() == 2)
            && parts[1].value == "range"
        {
            self.mark(parts[0].span, Sense::Word(Word::Knob(knob)));
            return None;
        }
        // The longest beginning that names an element; an attribute and its group follow.
        for n in (1..=parts.len()).rev() {
            if self.parts(&parts[..n], scope).is_some() {
                return self.attribute_path(&parts[n..]);
            }
        }
        None
    }

    fn attribute_path(&mut self, parts: &[Ident]) -> Option<Type> {
        let mut group: Option<&str> = None;
        let mut ty = None;
        for part in parts {
            let row = find_attribute(group, &part.value)?;
            self.mark(part.span, Sense::Word(Word::Attribute(row)));
            (group, ty) = (Some(row.group.unwrap_or(row.name)), Some(row.ty));
        }
        ty
    }

    fn knob(&mut self, word: &Ident) {
        let sense = self.locals.get(&word.value).copied();
        let knob = find_knob(&word.value).map(Word::Knob);
        let setting = find_setting(&word.value).map(Word::Setting);
        if let Some(sense) = sense.or(knob.or(setting).map(Sense::Word)) {
            self.mark(word.span, sense);
        }
    }

    fn expr(&mut self, expr: &'a Expr, scope: Scope) {
        match &expr.kind {
            ExprKind::Compare(a, _, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                self.expr(a, scope);
                self.expr(b, scope);
            }
            ExprKind::Not(inner) => self.expr(inner, scope),
            ExprKind::Name(path, argument) => self.metric(path, argument.as_ref(), scope),
            ExprKind::Target(target) => drop(self.target(target, scope)),
            ExprKind::Quantity(_) | ExprKind::Text(_) => {}
        }
    }

    fn metric(&mut self, path: &'a Path, argument: Option<&'a Argument>, scope: Scope) {
        let name = path.dotted();
        let local = self.locals.get(&name).copied().filter(|_| argument.is_none());
        if let Some(sense) = local.or_else(|| find_metric(&name).map(Word::Metric).map(Sense::Word)) {
            self.mark(path.span, sense);
        } else if let [only] = path.parts.as_slice() {
            self.knob(only);
        } else {
            for n in (1..path.parts.len()).rev() {
                if self.parts(&path.parts[..n], scope).is_some() {
                    self.attribute_path(&path.parts[n..]);
                    break;
                }
            }
        }
        match argument {
            Some(Argument::Path(path)) => self.refer(path, scope),
            Some(Argument::Arrow(from, to)) => {
                self.path(from, scope);
                self.path(to, scope);
            }
            None => {}
        }
    }

    fn scenario(&mut self, scenario: &'a Scenario, scope: Scope) {
        if let Some(id) = &scenario.id {
            self.declared(id, scope);
        }
        if let Some(base) = &scenario.extends
            && self.path(base, scope).is_none()
            && let Some((_, template)) = library::templates().find(|(name, _)| name.value == base.dotted())
        {
            self.mark(base.span, Sense::Template(template));
        }
        self.locals = self.inherited(scenario, 0);
        let steps = scenario.steps.iter().filter_map(|step| step.name.as_ref());
        self.locals.extend(steps.map(|name| (name.value.clone(), Sense::Step(name.span))));
        scenario.steps.iter().for_each(|step| self.step(step, scope));
        scenario.statements.iter().for_each(|statement| self.statement(&statement.kind, scope));
        self.locals.clear();
    }

    /// The parameters of a scenario and of those in this file that it extends.
    fn inherited(&self, scenario: &Scenario, depth: usize) -> BTreeMap<String, Sense> {
        const DEEPEST: usize = 16;
        let base = scenario.extends.as_ref().map(Path::dotted);
        let is_base = |name: &Ident| Some(&name.value) == base.as_ref();
        let own = flatten(&self.tree.items).into_iter().find_map(|item| match item {
            Item::Scenario(node) => node.id.as_ref().filter(|name| is_base(name)).map(|_| &**node),
            _ => None,
        });
        let of_library = || library::templates().find(|(name, _)| is_base(name)).map(|(_, node)| node);
        let base = own.or_else(of_library);
        let mut found =
            base.filter(|_| depth < DEEPEST).map(|base| self.inherited(base, depth + 1)).unwrap_or_default();
        found.extend(library::params(scenario).map(|name| (name.value.clone(), Sense::Param(name.span))));
        found
    }

    fn step(&mut self, step: &'a Step, scope: Scope) {
        if let Some(name) = &step.name {
            self.mark(name.span, Sense::Step(name.span));
        }
        self.end(&step.from, scope);
        step.to.iter().for_each(|end| self.end(end, scope));
        if let Some((from, to)) = &step.compensate {
            self.end(from, scope);
            self.end(to, scope);
        }
        self.properties(&step.properties, None, &[Subject::Request, Subject::Call], scope);
    }

    fn statement(&mut self, statement: &'a StatementKind, scope: Scope) {
        match statement {
            StatementKind::Assign(target, value) => {
                let ty = self.target(target, scope);
                self.value(value, ty, scope);
            }
            StatementKind::Setting(name, value) => {
                self.knob(name);
                self.value(value, Some(Type::Metric), scope);
            }
            StatementKind::Param(name, value) => {
                self.mark(name.span, Sense::Param(name.span));
                value.iter().for_each(|value| self.value(value, None, scope));
            }
            StatementKind::Arrivals(path, value) => {
                path.iter().for_each(|path| self.refer(path, scope));
                self.value(value, Some(Type::Arrivals), scope);
            }
            StatementKind::Traffic(mix) => mix.iter().for_each(|(path, _)| self.refer(path, scope)),
            StatementKind::Zip(pairs) => pairs.iter().for_each(|(target, value)| {
                let ty = self.target(target, scope);
                self.value(value, ty, scope);
            }),
            StatementKind::Exclude(expr) => self.expr(expr, scope),
            StatementKind::Chaos(chaos) => self.chaos(chaos, scope),
            StatementKind::Expect(expect) => {
                self.expr(&expect.condition, scope);
                if let Some(WindowKind::Between(a, b)) = expect.window.as_ref().map(|window| &window.value) {
                    self.value(a, None, scope);
                    self.value(b, None, scope);
                }
            }
            StatementKind::Versions(texts) => {
                for text in texts {
                    if let Some(declared) = self.versions.get(&text.value).copied() {
                        self.mark(text.span, Sense::Version(declared));
                    }
                }
            }
            StatementKind::Quality(parts) => parts.iter().for_each(|(expr, _)| self.expr(expr, scope)),
            StatementKind::Behavior(block) => self.behavior(block, scope),
            StatementKind::Abstract
            | StatementKind::Group(_)
            | StatementKind::Sample { .. }
            | StatementKind::Commits(_)
            | StatementKind::Tiers { .. }
            | StatementKind::Sync { .. }
            | StatementKind::Checkpoint { .. }
            | StatementKind::Exec(_) => {}
        }
    }

    fn chaos(&mut self, chaos: &'a Chaos, scope: Scope) {
        if let Some(verb) = find_verb(&chaos.verb.value) {
            self.mark(chaos.verb.span, Sense::Word(Word::Verb(verb)));
        }
        for target in chaos.targets.elements.iter().chain(&chaos.targets.other) {
            self.chaos_target(target, scope);
        }
        if let Some(target) = &chaos.targets.attribute {
            self.target(target, scope);
        }
        let times = [&chaos.at, &chaos.length, &chaos.every, &chaos.ramp];
        let parts = [&chaos.targets.replicas, &chaos.targets.any];
        times.into_iter().chain(parts).flatten().for_each(|value| self.value(value, Some(Type::Duration), scope));
        chaos.amounts.iter().for_each(|(_, value)| self.value(value, Some(Type::Metric), scope));
        self.properties(&chaos.properties, None, &[Subject::Station, Subject::Queue, Subject::Call], scope);
        if let Some(when) = &chaos.when {
            self.expr(&when.condition, scope);
        }
    }

    fn chaos_target(&mut self, target: &'a crate::source::Spanned<ChaosTarget>, scope: Scope) {
        match &target.value {
            ChaosTarget::Path(path) | ChaosTarget::Zone(path) => match self.locals.get(&path.dotted()).copied() {
                Some(local) => self.mark(path.span, local),
                None => self.refer(path, scope),
            },
            ChaosTarget::Kind(_) | ChaosTarget::Tag(_) | ChaosTarget::All => {}
        }
    }

    fn wrapper(&mut self, wrapper: &'a Wrapper, scope: Scope) {
        let extended = match &wrapper.name {
            Some(End::Path(path)) if wrapper.keyword.value == "extend" => self.path(path, scope),
            _ => None,
        };
        self.items(&wrapper.items, extended.or(scope));
    }

    fn deployment(&mut self, node: &'a Deployment, scope: Scope, parent: Option<&str>) {
        let name = node.id.dotted();
        let path = parent.map_or_else(|| name.clone(), |parent| format!("{parent}.{name}"));
        if let Some(id) = self.names.and_then(|names| names.exact(&path)) {
            self.mark(node.id.span, Sense::Symbol(id));
        }
        node.instances.iter().for_each(|path| self.refer(path, scope));
        node.children.iter().for_each(|child| self.deployment(child, scope, Some(&path)));
    }

    fn feedback(&mut self, node: &'a Loop, scope: Scope) {
        self.declared(&node.id, scope);
        for edge in &node.edges {
            self.path(&edge.from, scope);
            self.path(&edge.to, scope);
        }
    }

    fn version(&mut self, version: &'a Version) {
        self.mark(version.name.span, Sense::Version(version.name.span));
        let VersionOrigin::Overlay { base, changes } = &version.origin else { return };
        if let Some(declared) = self.versions.get(&base.value).copied() {
            self.mark(base.span, Sense::Version(declared));
        }
        for change in changes {
            match change {
                Change::Assign(target, value) => {
                    let ty = self.target(target, None);
                    self.value(value, ty, None);
                }
                Change::Remove(target) => drop(self.target(target, None)),
                Change::Add(item) => self.item(item, None),
            }
        }
    }

    fn search(&mut self, search: &'a Search, scope: Scope) {
        search.of.iter().for_each(|path| self.refer(path, scope));
        for (target, value) in &search.over {
            self.target(target, scope);
            self.value(value, Some(Type::Metric), scope);
        }
        search.objective.iter().for_each(|(_, expr)| self.expr(expr, scope));
        search.subject_to.iter().for_each(|expr| self.expr(expr, scope));
    }
}
