//! A walk over the tree that finds what the formatter may respell: aliases, and signs whose
//! spacing depends on what they are.

use super::ast::*;
use crate::schema::{find_attribute, find_verb, group_of};
use crate::source::Span;

/// What the walk finds.
#[derive(Debug, Default)]
pub struct Spelling {
    /// Aliases and their canonical spelling.
    pub aliases: Vec<(Span, &'static str)>,
    /// `A->B.attr`: paths whose arrow takes no blanks.
    pub tight: Vec<Span>,
    /// Signs of comparison, which take blanks.
    pub comparisons: Vec<Span>,
}

/// Walks over `file`; with `rename`, aliases become canonical in the tree too.
pub fn spelling(file: &mut File, rename: bool) -> Spelling {
    let mut walk = Walk { found: Spelling::default(), rename };
    walk.items(&mut file.items);
    walk.found.tight.sort();
    walk.found.comparisons.sort();
    walk.found
}

struct Walk {
    found: Spelling,
    rename: bool,
}

impl Walk {
    fn items(&mut self, items: &mut [Item]) {
        items.iter_mut().for_each(|item| self.item(item));
    }

    fn item(&mut self, item: &mut Item) {
        match item {
            Item::Element(element) => self.items(&mut element.body),
            Item::Wrapper(wrapper) => self.items(&mut wrapper.items),
            Item::Relation(relation) => self.properties(&mut relation.properties, None),
            Item::Behavior(behavior) => self.properties(&mut behavior.properties, None),
            Item::Scale(properties) => self.properties(&mut properties.value, Some("scale")),
            Item::Scenario(scenario) => self.scenario(scenario),
            Item::Version(version) => self.version(version),
            Item::Search(search) => self.search(search),
            Item::Import(_)
            | Item::Kind(_)
            | Item::Tag(_)
            | Item::Deployment(_)
            | Item::Loop(_)
            | Item::Slo(_)
            | Item::Metadata(_)
            | Item::Field(_)
            | Item::Ranking(_)
            | Item::Opaque(_)
            | Item::Error(_) => {}
        }
    }

    fn alias(&mut self, name: &mut Ident, canonical: &'static str) {
        if name.value != canonical {
            self.found.aliases.push((name.span, canonical));
            if self.rename {
                canonical.clone_into(&mut name.value);
            }
        }
    }

    fn properties(&mut self, properties: &mut [Property], group: Option<&'static str>) {
        for property in properties {
            let row = find_attribute(group, &property.name.value);
            if let Some(row) = row {
                self.alias(&mut property.name, row.name);
            }
            property.values.iter_mut().for_each(|value| self.value(value));
            // `lru 1000 { key … }` holds its neighbours' attributes.
            let inner = row.map(|row| if group_of(row.name).next().is_some() { row.name } else { group.unwrap_or("") });
            self.properties(&mut property.block, inner);
        }
    }

    fn value(&mut self, value: &mut Value) {
        match &mut value.value {
            ValueKind::Condition(expr) => self.expr(expr),
            ValueKind::List(values) | ValueKind::Block(values) => values.iter_mut().for_each(|value| self.value(value)),
            ValueKind::Attribute(values, _) => values.iter_mut().for_each(|value| self.value(value)),
            ValueKind::Call(_, arguments) => arguments.iter_mut().flatten().for_each(|value| self.value(value)),
            _ => {}
        }
    }

    /// The attributes in the braces of an assigned one.
    fn assigned(&mut self, target: &Target, value: &mut Value) {
        if let (Some(row), ValueKind::Attribute(_, block)) = (target.attribute(), &mut value.value) {
            let inner = if group_of(row.name).next().is_some() { row.name } else { row.group.unwrap_or("") };
            self.properties(block, Some(inner));
        }
    }

    fn target(&mut self, target: &Target) {
        if target.from.is_some() {
            self.found.tight.push(target.span);
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Compare(a, op, b) => {
                self.found.comparisons.push(op.span);
                self.expr(a);
                self.expr(b);
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::Not(a) => self.expr(a),
            ExprKind::Target(target) => self.target(target),
            ExprKind::Quantity(_) | ExprKind::Name(..) | ExprKind::Text(_) => {}
        }
    }

    fn scenario(&mut self, scenario: &mut Scenario) {
        for step in &mut scenario.steps {
            self.properties(&mut step.properties, None);
        }
        for statement in &mut scenario.statements {
            self.statement(&mut statement.kind);
        }
    }

    fn statement(&mut self, kind: &mut StatementKind) {
        match kind {
            StatementKind::Assign(target, value) => {
                self.target(target);
                self.value(value);
                self.assigned(target, value);
            }
            StatementKind::Zip(pairs) => pairs.iter().for_each(|(target, _)| self.target(target)),
            StatementKind::Exclude(expr) => self.expr(expr),
            StatementKind::Expect(expect) => self.expr(&mut expect.condition),
            StatementKind::Quality(parts) => parts.iter_mut().for_each(|(expr, _)| self.expr(expr)),
            StatementKind::Behavior(behavior) => self.properties(&mut behavior.properties, None),
            StatementKind::Chaos(event) => self.chaos(event),
            _ => {}
        }
    }

    fn chaos(&mut self, event: &mut Chaos) {
        if let Some(row) = find_verb(&event.verb.value) {
            self.alias(&mut event.verb, row.name);
        }
        if let Some(target) = &event.targets.attribute {
            self.target(target);
        }
        if let Some(when) = &mut event.when {
            self.expr(&mut when.condition);
        }
        self.properties(&mut event.properties, None);
    }

    fn version(&mut self, version: &mut Version) {
        let VersionOrigin::Overlay { changes, .. } = &mut version.origin else { return };
        for change in changes {
            match change {
                Change::Assign(target, _) => self.target(target),
                Change::Add(item) => self.item(item),
                Change::Remove(_) => {}
            }
        }
    }

    fn search(&mut self, search: &mut Search) {
        search.over.iter().for_each(|(target, _)| self.target(target));
        search.subject_to.iter_mut().for_each(|expr| self.expr(expr));
        if let Some((_, expr)) = &mut search.objective {
            self.expr(expr);
        }
    }
}
