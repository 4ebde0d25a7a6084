//! First pass over the trees: what is declared where, and which statements wait for names.

use super::load::Unit;
use super::names::{Class, Names, SymbolId};
use crate::diag::{Diagnostic, codes};
use crate::schema::{KindRole, find_kind};
use crate::source::Span;
use crate::syntax::ast::{self, Item};
use std::collections::{BTreeMap, BTreeSet};

/// A statement and the element in whose braces it stands.
#[derive(Debug)]
pub struct Scoped<'a, T> {
    /// The statement.
    pub node: &'a T,
    /// The element around it.
    pub scope: Option<SymbolId>,
    /// Whether it belongs to the standard library.
    pub is_std: bool,
    /// How many behavior blocks stand before it, in import order.
    pub behaviors_before: usize,
    /// Its place among what overlays add, from 1; 0 in a file.
    pub place: usize,
}

impl<T> Clone for Scoped<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Scoped<'_, T> {}

/// Everything that was declared, by what it is.
#[derive(Default)]
pub struct Declared<'a> {
    /// Names.
    pub names: Names,
    /// Relations, in order.
    pub relations: Vec<Scoped<'a, ast::Relation>>,
    /// Behavior blocks, in order.
    pub behaviors: Vec<Scoped<'a, ast::Behavior>>,
    /// Scenarios, stories and flows, in order.
    pub scenarios: Vec<Scoped<'a, ast::Scenario>>,
    /// Deployments, in order.
    pub deployments: Vec<Scoped<'a, ast::Deployment>>,
    /// Loops, in order.
    pub loops: Vec<Scoped<'a, ast::Loop>>,
    /// Versions, in order.
    pub versions: Vec<&'a ast::Version>,
    /// Rankings, in order.
    pub rankings: Vec<&'a [(ast::Ident, crate::source::Spanned<crate::quantity::Quantity>)]>,
    /// Searches, in order.
    pub searches: Vec<&'a ast::Search>,
    /// Imports, in order.
    pub imports: Vec<&'a ast::Import>,
    /// How many behavior blocks stand before each item that overlays add, and after the last.
    pub behaviors_at: Vec<usize>,
    /// Everything declared at top level in the file that was asked for.
    pub entry_scenarios: Vec<&'a ast::Scenario>,
}

/// Walks all units, and then `extra` items of overlays. What is `removed` is removed from whatever came before: from
/// the units and the first so many of the items.
pub fn declare<'a>(
    units: &'a [Unit],
    extra: &[&'a Item],
    removed: &BTreeMap<String, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Declared<'a> {
    let mut pass = Pass { out: Declared::default(), removed, diagnostics, is_std: false, names: None, place: 0 };
    let entry = units.len().saturating_sub(1);
    for (n, unit) in units.iter().enumerate() {
        pass.is_std = unit.is_std;
        pass.names = unit.names.as_ref();
        let before = pass.out.scenarios.len();
        pass.items(&unit.ast.items, None);
        if n == entry && !unit.is_std {
            pass.out.entry_scenarios = pass.out.scenarios[before..].iter().map(|scoped| scoped.node).collect();
        }
        pass.report_missing_names(unit);
    }
    (pass.is_std, pass.names) = (false, None);
    for item in extra {
        pass.place += 1;
        pass.out.behaviors_at.push(pass.out.behaviors.len());
        pass.item(item, None);
    }
    pass.out.behaviors_at.push(pass.out.behaviors.len());
    pass.out
}

struct Pass<'a, 'd> {
    out: Declared<'a>,
    removed: &'d BTreeMap<String, usize>,
    diagnostics: &'d mut Vec<Diagnostic>,
    is_std: bool,
    names: Option<&'a BTreeSet<String>>,
    /// See [`Scoped::place`].
    place: usize,
}

impl<'a> Pass<'a, '_> {
    fn items(&mut self, items: &'a [Item], scope: Option<SymbolId>) {
        for item in items {
            self.item(item, scope);
        }
    }

    fn item(&mut self, item: &'a Item, scope: Option<SymbolId>) {
        if scope.is_none() && !self.wanted(item) {
            return;
        }
        let (is_std, place, behaviors_before) = (self.is_std, self.place, self.out.behaviors.len());
        match item {
            Item::Element(element) => self.element(element, scope),
            Item::Relation(node) => self.out.relations.push(Scoped { node, scope, is_std, behaviors_before, place }),
            Item::Behavior(node) => self.out.behaviors.push(Scoped { node, scope, is_std, behaviors_before, place }),
            Item::Scenario(node) => self.scenario(node, scope),
            Item::Deployment(node) => self.deployment(node, scope, None),
            Item::Loop(node) => {
                self.other(&node.id, &node.keyword.value, scope);
                self.out.loops.push(Scoped { node, scope, is_std, behaviors_before, place });
            }
            Item::Kind(kind) => self.out.names.declare_kind(&kind.name.value, kind.name.span),
            Item::Version(version) => self.out.versions.push(version),
            Item::Ranking(ranking) => self.out.rankings.push(&ranking.value),
            Item::Search(search) => self.out.searches.push(search),
            Item::Import(import) => self.out.imports.push(import),
            Item::Wrapper(wrapper) => self.wrapper(wrapper, scope),
            Item::Opaque(opaque) => {
                if let Some(id) = &opaque.id {
                    self.other(id, &opaque.keyword.value, scope);
                }
            }
            Item::Slo(_) | Item::Scale(_) | Item::Metadata(_) | Item::Field(_) => self.fact(item, scope),
            Item::Tag(_) | Item::Error(_) => {}
        }
    }

    /// Whether a named import takes this top-level item.
    fn wanted(&self, item: &Item) -> bool {
        let Some(names) = self.names else { return true };
        let root = |path: &ast::Path| names.contains(&path.parts[0].value);
        let end = |end: &ast::End| matches!(end, ast::End::Path(path) if root(path));
        match item {
            Item::Element(element) => names.contains(&element.id.value),
            Item::Relation(relation) => end(&relation.from) && relation.to.iter().all(end),
            Item::Scenario(scenario) => scenario.id.as_ref().is_some_and(|id| names.contains(&id.value)),
            Item::Behavior(behavior) => match &behavior.selector {
                ast::Selector::Element(path) => root(path),
                ast::Selector::Relation(from, to) => root(from) && root(to),
                _ => true,
            },
            Item::Kind(kind) => names.contains(&kind.name.value),
            Item::Deployment(_) | Item::Version(_) | Item::Ranking(_) | Item::Search(_) => false,
            _ => true,
        }
    }

    fn report_missing_names(&mut self, unit: &'a Unit) {
        let Some(names) = &unit.names else { return };
        let all = ast::flatten(&unit.ast.items);
        let declared: Vec<&str> = all.iter().filter_map(|item| declared_name(item)).collect();
        let imports: Vec<&ast::Ident> = self
            .out
            .imports
            .iter()
            .filter_map(|import| import.names.as_ref())
            .flatten()
            .filter(|name| names.contains(&name.value))
            .collect();
        for name in imports {
            if !declared.contains(&name.value.as_str()) {
                let mut diagnostic =
                    Diagnostic::new(&codes::E0211, name.span, format!("the file declares no `{}`", name.value));
                if let Some(near) = crate::schema::nearest(&name.value, declared.iter().copied()) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?")).suggest(
                        format!("write `{near}`"),
                        name.span,
                        near,
                    );
                }
                self.diagnostics.push(diagnostic);
            }
        }
    }

    fn element(&mut self, element: &'a ast::Element, scope: Option<SymbolId>) {
        let class = match find_kind(&element.kind.value).map(|kind| kind.role) {
            Some(KindRole::Other) => Class::Other,
            _ => Class::Element,
        };
        let is_removed = || {
            let before = self.removed.get(&*self.out.names.full_path(&element.id.value, scope));
            before.is_some_and(|before| self.place <= *before)
        };
        if !self.removed.is_empty() && is_removed() {
            return;
        }
        let id = match self.out.names.declare(&element.id.value, element.id.span, class, &element.kind.value, scope) {
            Ok(id) => id,
            Err(first) => {
                self.report_duplicate(&element.id, first);
                return;
            }
        };
        let facts = self.out.names.facts_mut(id);
        facts.title = element.title.as_ref().map(|title| title.value.as_str().into());
        facts.tags = element.tags.iter().map(|tag| tag.value.clone()).collect();
        self.items(&element.body, Some(id));
    }

    fn report_duplicate(&mut self, id: &ast::Ident, first: SymbolId) {
        let symbol = self.out.names.get(first);
        self.diagnostics.push(
            Diagnostic::new(&codes::E0203, id.span, format!("`{}` is declared twice", symbol.path))
                .label("declared again here")
                .related(symbol.span, "first declared here")
                .help(format!("rename one of them, or write `extend {} {{ … }}` to add to the first", symbol.path)),
        );
    }

    /// Something that relations may end in but traffic does not; a second one of the same name is no mistake.
    fn other(&mut self, id: &ast::Ident, keyword: &str, scope: Option<SymbolId>) {
        // A name that an element has already stays the element's.
        let _ = self.out.names.declare(&id.value, id.span, Class::Other, keyword, scope);
    }

    fn scenario(&mut self, node: &'a ast::Scenario, scope: Option<SymbolId>) {
        let is_std = self.is_std;
        if let Some(id) = node.id.as_ref().filter(|_| !is_std) {
            let taken = self.out.names.declare(&id.value, id.span, Class::Scenario, "scenario", scope).err();
            if let Some(first) = taken.filter(|first| self.is_own_scenario(*first, id.span)) {
                self.report_duplicate(id, first);
            }
        }
        let (behaviors_before, place) = (self.out.behaviors.len(), self.place);
        self.out.scenarios.push(Scoped { node, scope, is_std, behaviors_before, place });
    }

    /// A scenario may take over the name of one in another file (a template of the library), not of its own.
    fn is_own_scenario(&self, first: SymbolId, span: Span) -> bool {
        let symbol = self.out.names.get(first);
        symbol.class == Class::Scenario && symbol.span.file == span.file
    }

    fn deployment(&mut self, node: &'a ast::Deployment, scope: Option<SymbolId>, parent: Option<&str>) {
        let name = node.id.dotted();
        let path = parent.map_or_else(|| name.clone(), |parent| format!("{parent}.{name}"));
        let _ = self.out.names.declare(&path, node.id.span, Class::Domain, &node.keyword.value, None);
        if parent.is_none() {
            self.out.deployments.push(Scoped {
                node,
                scope,
                is_std: self.is_std,
                behaviors_before: self.out.behaviors.len(),
                place: self.place,
            });
        }
        for child in &node.children {
            self.deployment(child, scope, Some(&path));
        }
    }

    fn wrapper(&mut self, wrapper: &'a ast::Wrapper, scope: Option<SymbolId>) {
        let extended = match &wrapper.name {
            Some(ast::End::Path(path)) if wrapper.keyword.value == "extend" => path,
            _ => {
                self.items(&wrapper.items, scope);
                return;
            }
        };
        match self.out.names.resolve(&extended.dotted(), scope) {
            Ok(id) => self.items(&wrapper.items, Some(id)),
            Err(_) => self.diagnostics.push(
                Diagnostic::new(&codes::E0201, extended.span, format!("nothing is called `{}`", extended.dotted()))
                    .help("`extend` adds to an element that was declared before"),
            ),
        }
    }

    fn fact(&mut self, item: &'a Item, scope: Option<SymbolId>) {
        let Some(scope) = scope else { return };
        let facts = self.out.names.facts_mut(scope);
        match item {
            Item::Slo(slo) => facts.slos.push(slo.clone()),
            Item::Scale(scale) => facts.scales.push(scale.value.clone()),
            Item::Metadata(metadata) => {
                for (key, texts) in &metadata.entries {
                    match (key.value.as_str(), texts.as_slice()) {
                        ("tags" | "tag", texts) => facts.tags.extend(texts.iter().map(|text| text.value.clone())),
                        (_, [only]) => facts.metadata.push((key.clone(), only.clone())),
                        _ => {}
                    }
                }
            }
            Item::Field(field) => add_field(facts, field),
            _ => {}
        }
    }
}

fn add_field(facts: &mut super::names::Facts, field: &ast::Field) {
    let texts = || field.values.iter().map(|text| text.value.clone());
    let first = || field.values.first().map(|text| text.value.as_str().into());
    match field.name.value {
        "technology" | "tech" => facts.technology = first(),
        "title" => facts.title = first(),
        "tags" | "tag" => facts.tags.extend(texts()),
        "external" => facts.external = true,
        "canonical_id" | "id" | "aliases" => facts.aliases.extend(texts()),
        _ => {}
    }
}

fn declared_name(item: &Item) -> Option<&str> {
    match item {
        Item::Element(element) => Some(&element.id.value),
        Item::Kind(kind) => Some(&kind.name.value),
        Item::Tag(tag) => Some(&tag.name.value),
        Item::Scenario(scenario) => scenario.id.as_ref().map(|id| id.value.as_str()),
        Item::Loop(node) => Some(&node.id.value),
        Item::Opaque(opaque) => opaque.id.as_ref().map(|id| id.value.as_str()),
        Item::Version(version) => Some(&version.name.value),
        _ => None,
    }
}
