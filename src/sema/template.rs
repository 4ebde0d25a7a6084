//! Scenarios with what they inherit: `extends` flattened, parameters bound.

use super::declare::Declared;
use crate::diag::{Diagnostic, codes};
use crate::schema::{by_likeness, nearest};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Statement, StatementKind, ValueKind};
use std::collections::BTreeMap;

/// A scenario with everything that it inherits.
#[derive(Clone)]
pub struct Flat<'a> {
    /// The scenario itself.
    pub node: &'a ast::Scenario,
    /// Its statements, the template's first: a later assignment of the same left side has taken the
    /// place of the earlier one; events and expectations add up.
    pub statements: Vec<&'a Statement>,
    /// Parameters and their values.
    pub params: BTreeMap<String, Param<'a>>,
}

/// A parameter of a scenario.
#[derive(Clone, Copy)]
pub struct Param<'a> {
    /// Where it was declared.
    pub declared: Span,
    /// Its value.
    pub value: Option<&'a ast::Value>,
}

/// Flattens one scenario; `None` when what it extends cannot be found.
pub fn flatten<'a>(
    node: &'a ast::Scenario,
    declared: &Declared<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Flat<'a>> {
    flatten_with(node, &[], declared, diagnostics)
}

/// [`flatten`], with further statements behind its own.
fn flatten_with<'a>(
    node: &'a ast::Scenario,
    further: &'a [Statement],
    declared: &Declared<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Flat<'a>> {
    let chain = chain(node, declared, diagnostics)?;
    let mut flat = Flat { node, statements: Vec::new(), params: BTreeMap::new() };
    let own = chain.into_iter().rev().flat_map(|scenario| &scenario.statements);
    own.chain(further).for_each(|statement| flat.add(statement));
    // Without its parameters the rest of the scenario means nothing.
    flat.is_bound(diagnostics).then_some(flat)
}

/// Whether it stands for every scenario that is imported: `scenario extends * { … }`.
pub fn is_for_all(node: &ast::Scenario) -> bool {
    node.id.is_none() && node.extends.as_ref().is_some_and(|base| base.dotted() == ast::EVERY_IMPORTED)
}

/// Every imported scenario that can be run and that the file does not restate, with the statements of `node`
/// ([`is_for_all`]) behind its own.
pub fn flatten_all<'a>(
    node: &'a ast::Scenario,
    declared: &Declared<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Flat<'a>> {
    let is_own = |imported: &ast::Scenario| {
        let mut own = declared.entry_scenarios.iter();
        own.any(|own| std::ptr::eq(*own, imported) || (own.id.is_some() && same_name(own, imported)))
    };
    let imported = declared.scenarios.iter().filter(|scoped| !scoped.is_std).map(|scoped| scoped.node);
    let runs = |node: &&ast::Scenario| !is_abstract(node) && has_conditions(node) && !is_for_all(node);
    let wanted: Vec<&ast::Scenario> = imported.filter(runs).filter(|imported| !is_own(imported)).collect();
    if wanted.is_empty() {
        let at = node.extends.as_ref().map_or(node.span, |base| base.span);
        diagnostics.push(
            Diagnostic::new(&codes::E0212, at, "no scenario is imported")
                .label("stands for every imported scenario")
                .help("import a file that has some: `import { * } from './platform.sruja'`"),
        );
    }
    wanted.into_iter().filter_map(|imported| flatten_with(imported, &node.statements, declared, diagnostics)).collect()
}

fn same_name(one: &ast::Scenario, other: &ast::Scenario) -> bool {
    one.id.as_ref().map(|id| &id.value) == other.id.as_ref().map(|id| &id.value)
}

/// Whether a scenario only serves as a template.
pub fn is_abstract(node: &ast::Scenario) -> bool {
    node.statements.iter().any(|statement| matches!(statement.kind, StatementKind::Abstract))
}

/// Whether it says anything about the conditions of a simulation; the priority of a flow does not.
pub fn has_conditions(node: &ast::Scenario) -> bool {
    node.extends.is_some() || node.statements.iter().any(|statement| request_attribute(node, statement).is_none())
}

/// `priority 2` and `preempt` of a flow: the attribute of a request type, and its value.
pub fn request_attribute<'a>(node: &ast::Scenario, statement: &'a Statement) -> Option<(&'a str, Option<f64>)> {
    let (name, value) = match &statement.kind {
        StatementKind::Setting(name, value) => (name.value.as_str(), value),
        StatementKind::Assign(target, value) if target.from.is_none() && target.path.parts.len() == 1 => {
            (target.path.parts[0].value.as_str(), value)
        }
        _ => return None,
    };
    let number = if let ValueKind::Quantity(q) = &value.value { Some(q.si()) } else { None };
    let is_path = !node.steps.is_empty();
    (is_path && (name == "preempt" || (name == "priority" && number.is_some()))).then_some((name, number))
}

/// The scenario and those that it extends, itself first.
fn chain<'a>(
    node: &'a ast::Scenario,
    declared: &Declared<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<&'a ast::Scenario>> {
    let mut chain = vec![node];
    let mut at = node;
    while let Some(base) = &at.extends {
        let name = base.dotted();
        let found = declared
            .scenarios
            .iter()
            .rev()
            .map(|scoped| scoped.node)
            .find(|candidate| is_named(candidate, &name) && !std::ptr::eq(*candidate, at));
        let Some(found) = found else {
            diagnostics.push(unknown_base(base, declared));
            return None;
        };
        if chain.iter().any(|seen| std::ptr::eq(*seen, found)) {
            diagnostics.push(circle(found, &chain));
            return None;
        }
        chain.push(found);
        at = found;
    }
    Some(chain)
}

fn is_named(scenario: &ast::Scenario, name: &str) -> bool {
    scenario.id.as_ref().is_some_and(|id| id.value == name)
}

fn unknown_base(base: &ast::Path, declared: &Declared<'_>) -> Diagnostic {
    let name = base.dotted();
    let known = declared.scenarios.iter().filter_map(|scoped| scoped.node.id.as_ref()).map(|id| id.value.as_str());
    let diagnostic =
        Diagnostic::new(&codes::E0212, base.span, format!("no scenario is called `{name}`")).label("not declared");
    match nearest(&name, known) {
        Some(near) => {
            diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), base.span, near)
        }
        None if name == ast::EVERY_IMPORTED => {
            diagnostic.help("without a name it stands for every imported scenario: `scenario extends * { … }`")
        }
        None => {
            let of_library = declared.scenarios.iter().filter(|scoped| scoped.is_std);
            let templates = of_library.filter_map(|scoped| scoped.node.id.as_ref()).map(|id| id.value.as_str());
            let names = by_likeness(&name, templates).join(", ");
            diagnostic.help(format!("templates of the standard library: {names}"))
        }
    }
}

fn circle(closing: &ast::Scenario, chain: &[&ast::Scenario]) -> Diagnostic {
    // From whichever of its scenarios one comes, the circle is told of at the first.
    let start = chain.iter().position(|scenario| std::ptr::eq(*scenario, closing)).unwrap_or(0);
    let mut circle = chain[start..].to_vec();
    let at = (0..circle.len()).min_by_key(|n| circle[*n].span).unwrap_or(0);
    circle.rotate_left(at);
    let names = circle.iter().chain(circle.first()).filter_map(|scenario| scenario.id.as_ref());
    let names: Vec<&str> = names.map(|id| id.value.as_str()).collect();
    let span = circle.first().and_then(|scenario| scenario.extends.as_ref()).map_or(closing.span, |base| base.span);
    Diagnostic::new(&codes::E0213, span, format!("scenarios extend each other: {}", names.join(" → ")))
        .label("extends itself in the end")
}

impl<'a> Flat<'a> {
    fn add(&mut self, statement: &'a Statement) {
        if request_attribute(self.node, statement).is_some() {
            return;
        }
        match &statement.kind {
            StatementKind::Abstract => {}
            StatementKind::Param(name, value) => {
                self.params.insert(name.value.clone(), Param { declared: name.span, value: value.as_ref() });
                self.statements.push(statement);
            }
            StatementKind::Assign(target, value) => self.assign(statement, &target_name(target), Some(value)),
            StatementKind::Setting(name, value) => self.assign(statement, &name.value, Some(value)),
            StatementKind::Group(_) => self.regroup(statement),
            StatementKind::Zip(pairs) => {
                for (target, value) in pairs {
                    if let Some(param) = self.params.get_mut(&target_name(target)) {
                        param.value = Some(value);
                    }
                }
                self.statements.push(statement);
            }
            _ => self.statements.push(statement),
        }
    }

    /// A scenario is of one group: its own, else its template's.
    fn regroup(&mut self, statement: &'a Statement) {
        self.statements.retain(|other| !matches!(other.kind, StatementKind::Group(_)));
        self.statements.push(statement);
    }

    /// With parameters as the command line gives them.
    pub fn with(&self, sets: &'a [Statement]) -> Self {
        let mut flat = self.clone();
        for set in sets {
            let (name, value) = match &set.kind {
                StatementKind::Assign(target, value) => (target_name(target), value),
                StatementKind::Setting(name, value) => (name.value.clone(), value),
                _ => continue,
            };
            if let Some(param) = flat.params.get_mut(&name) {
                param.value = Some(value);
            }
        }
        flat
    }

    fn assign(&mut self, statement: &'a Statement, name: &str, value: Option<&'a ast::Value>) {
        if let Some(param) = self.params.get_mut(name) {
            param.value = value;
            return;
        }
        let same = |other: &&Statement| match &other.kind {
            StatementKind::Assign(target, _) => target_name(target) == name,
            StatementKind::Setting(setting, _) => setting.value == name,
            _ => false,
        };
        // In its template's place, so that the order of dimensions stays the template's.
        match self.statements.iter().position(same) {
            Some(at) => self.statements[at] = statement,
            None => self.statements.push(statement),
        }
    }

    /// Whether every parameter has a value; complains of those without.
    fn is_bound(&self, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let unbound: Vec<_> = self.params.iter().filter(|(_, param)| param.value.is_none()).collect();
        for (name, param) in &unbound {
            let at = self.node.extends.as_ref().map_or(self.node.span, |base| base.span);
            diagnostics.push(
                Diagnostic::new(&codes::E0214, at, format!("the parameter `{name}` has no value"))
                    .related(param.declared, "declared here without one")
                    .help(format!("give it one: `{name} = …`")),
            );
        }
        unbound.is_empty()
    }

    /// The value with a parameter's name replaced by its value; the parameter it was, if any.
    pub fn bound<'v>(&'v self, value: &'v ast::Value) -> (&'v ast::Value, Option<&'v str>) {
        let mut value = value;
        let mut name = None;
        // Parameters may be given as other parameters; a circle of them ends here.
        for _ in 0..=self.params.len() {
            let ValueKind::Path(path) = &value.value else { break };
            let Some((known, Some(next))) =
                self.params.get_key_value(&path.dotted()).map(|(known, param)| (known, param.value))
            else {
                break;
            };
            name = Some(known.as_str());
            value = next;
        }
        (value, name)
    }

    /// The path with a parameter at its head replaced by the path that it stands for.
    pub fn bound_path(&self, path: &ast::Path) -> ast::Path {
        let Some(head) = path.parts.first() else { return path.clone() };
        let alone = Spanned::new(ValueKind::Path(ast::Path { parts: vec![head.clone()], span: head.span }), head.span);
        let (value, name) = self.bound(&alone);
        match (&value.value, name) {
            (ValueKind::Path(replacement), Some(_)) => {
                let parts = replacement.parts.iter().chain(&path.parts[1..]).cloned().collect();
                ast::Path { parts, span: if path.parts.len() == 1 { replacement.span } else { path.span } }
            }
            _ => path.clone(),
        }
    }
}

/// `load`, `Shop.Api->Shop.Db.timeout`: the left side in one text; `load.range` means `load`.
pub fn target_name(target: &ast::Target) -> String {
    let path = target.path.dotted();
    let path = path.strip_suffix(".range").unwrap_or(&path);
    target.from.as_ref().map_or_else(|| path.to_owned(), |from| format!("{}->{path}", from.dotted()))
}
