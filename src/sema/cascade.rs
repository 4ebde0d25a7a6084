//! Behavior blocks as rules, and which of them an element or relation gets.
//!
//! The most specific wins, attribute by attribute: id or relation, then tag, technology, kind; at
//! equal specificity the later in import order.

use super::declare::Scoped;
use super::names::{Names, SymbolId};
use super::origins::{NAMED, Origin};
use super::values::Typing;
use crate::diag::{Diagnostic, codes};
use crate::model::Value;
use crate::schema::{ATTRIBUTES, Attribute, Key, Subject, attributes_named, find_attribute, group_of, nearest};
use crate::source::Span;
use crate::syntax::ast;
use std::borrow::{Borrow, Cow};
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// One typed attribute of a rule.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Which attribute.
    pub key: Key,
    /// Its value.
    pub value: Value,
    /// Where it was written.
    pub span: Span,
}

/// What a rule applies to, names resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Match {
    Element(SymbolId),
    Relation(SymbolId, SymbolId),
    Kind(String),
    Technology(String),
    Tag(String),
}

impl Match {
    /// How specific, low to high.
    fn rank(&self) -> u8 {
        match self {
            Self::Kind(_) => 0,
            Self::Technology(_) => 1,
            Self::Tag(_) => 2,
            Self::Element(_) | Self::Relation(..) => NAMED,
        }
    }
}

/// How specific a selector of many parts is, and whether it selects what `of` describes; `None`: it names one part.
pub fn selects(selector: &ast::Selector, of: &Subjects<'_>) -> Option<(u8, bool)> {
    let trait_of = match selector {
        ast::Selector::Kind(name) => Match::Kind(name.value.to_lowercase()),
        ast::Selector::Technology(name) => Match::Technology(name.value.to_lowercase()),
        ast::Selector::Tag(name) => Match::Tag(name.value.clone()),
        ast::Selector::Enclosing | ast::Selector::Element(_) | ast::Selector::Relation(..) => return None,
    };
    let does = match &trait_of {
        Match::Kind(kind) => lowercase(of.kind) == kind.as_str(),
        Match::Technology(prefix) => of
            .technology
            .is_some_and(|known| prefixes(&lowercase(known), &BTreeSet::from([prefix.len()])).any(|p| p == prefix)),
        Match::Tag(tag) => of.tags.contains(tag),
        Match::Element(_) | Match::Relation(..) => false,
    };
    Some((trait_of.rank(), does))
}

/// One behavior block, ready to be applied.
#[derive(Debug, Clone)]
pub struct Rule {
    matches: Match,
    settings: Vec<Setting>,
    /// Its place in import order.
    order: usize,
    is_std: bool,
    /// Where its selector stands.
    pub span: Span,
}

/// All rules, found by what they match.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    named: HashMap<Match, Vec<usize>>,
    kinds: HashMap<String, Vec<usize>>,
    tags: HashMap<String, Vec<usize>>,
    technologies: HashMap<String, Vec<usize>>,
    /// How many bytes each of them has, without repeats.
    technology_lengths: BTreeSet<usize>,
}

/// What an element or relation is, for matching.
pub struct Subjects<'a> {
    /// The element and the groups around it, innermost first; empty for a relation.
    pub lineage: &'a [SymbolId],
    /// Kind of the element, or of a relation's callee.
    pub kind: &'a str,
    /// Technology of the element, or of a relation's callee.
    pub technology: Option<&'a str>,
    /// Tags.
    pub tags: &'a [String],
}

impl Rules {
    /// Types every behavior block and resolves its selector.
    pub fn new(blocks: &[Scoped<'_, ast::Behavior>], names: &Names, typing: &mut Typing<'_, '_>) -> Self {
        let mut rules = Self::default();
        for (order, block) in blocks.iter().enumerate() {
            let Some(matches) = resolve_selector(block, names, typing.diagnostics) else { continue };
            if is_foreign(block.node) {
                typing.diagnostics.push(foreign(block.node));
                continue;
            }
            let settings = type_properties(&block.node.properties, None, subjects_of(&matches), typing);
            rules.add(Rule { matches, settings, order, is_std: block.is_std, span: block.node.span });
        }
        rules
    }

    fn add(&mut self, rule: Rule) {
        let n = self.rules.len();
        match &rule.matches {
            Match::Technology(prefix) => {
                self.technology_lengths.insert(prefix.len());
                self.technologies.entry(prefix.clone()).or_default().push(n);
            }
            Match::Kind(kind) => self.kinds.entry(kind.clone()).or_default().push(n),
            Match::Tag(tag) => self.tags.entry(tag.clone()).or_default().push(n),
            name @ (Match::Element(_) | Match::Relation(..)) => self.named.entry(name.clone()).or_default().push(n),
        }
        self.rules.push(rule);
    }

    /// Settings for an element, weakest first, each with its origin.
    pub fn for_element(&self, of: &Subjects<'_>) -> Vec<(&Setting, Origin)> {
        let mut found = self.by_traits(of);
        // A group's own block reaches what is in it; the innermost is the most specific.
        for (distance, id) in of.lineage.iter().enumerate() {
            found.extend(matching(&self.named, &Match::Element(*id)).map(|n| (n, usize::MAX - distance)));
        }
        self.settings(found, &[Subject::Station, Subject::Queue, Subject::Source])
    }

    /// Settings for a relation between two lineages, weakest first: those that its own block is stronger than, and those
    /// that are as specific as its own block and come later, so that they win.
    pub fn for_relation(
        &self,
        (from, to): (&[SymbolId], &[SymbolId]),
        of: &Subjects<'_>,
        own_place: usize,
    ) -> [Vec<(&Setting, Origin)>; 2] {
        let mut found = self.by_traits(of);
        for (a, near) in from.iter().enumerate() {
            for (b, far) in to.iter().enumerate() {
                found.extend(matching(&self.named, &Match::Relation(*near, *far)).map(|n| (n, usize::MAX - a - b)));
            }
        }
        let (later, found) = found.into_iter().partition(|(n, closeness)| {
            *closeness == usize::MAX && !self.rules[*n].is_std && self.rules[*n].order >= own_place
        });
        [found, later].map(|rules| self.settings(rules, &[Subject::Call]))
    }

    /// Settings of blocks from `order` on that name one of the elements `to` (innermost first), or a relation from one of
    /// `from` to one of them: weakest first.
    pub fn later(&self, order: usize, from: &[SymbolId], to: &[SymbolId]) -> Vec<(&Setting, Origin)> {
        let named = |what: Match, distance: usize| {
            matching(&self.named, &what).map(|n| (n, usize::MAX - distance)).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        for (b, far) in to.iter().enumerate() {
            if from.is_empty() {
                found.extend(named(Match::Element(*far), b));
            }
            for (a, near) in from.iter().enumerate() {
                found.extend(named(Match::Relation(*near, *far), a + b));
            }
        }
        found.retain(|(n, _)| self.rules[*n].order >= order && !self.rules[*n].is_std);
        let subjects: &[Subject] =
            if from.is_empty() { &[Subject::Station, Subject::Queue, Subject::Source] } else { &[Subject::Call] };
        self.settings(found, subjects)
    }

    fn by_traits(&self, of: &Subjects<'_>) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = matching(&self.kinds, &*lowercase(of.kind)).map(|n| (n, 0)).collect();
        if let Some(technology) = of.technology {
            let lower = lowercase(technology);
            // The longer the prefix, the more it says.
            for prefix in prefixes(&lower, &self.technology_lengths) {
                found.extend(matching(&self.technologies, prefix).map(|n| (n, prefix.len())));
            }
        }
        for tag in of.tags {
            found.extend(matching(&self.tags, tag).map(|n| (n, 0)));
        }
        found
    }

    /// The settings of rules, weakest first. What the team wrote is stronger than any rule of the
    /// standard library, however specific: their number must never lose to ours.
    fn settings(&self, mut found: Vec<(usize, usize)>, subjects: &[Subject]) -> Vec<(&Setting, Origin)> {
        found.sort_by_key(|(n, closeness)| {
            let rule = &self.rules[*n];
            (!rule.is_std, rule.matches.rank(), *closeness, rule.order)
        });
        let of_rule = |n: usize| {
            let rule = &self.rules[n];
            rule.settings.iter().map(move |setting| {
                (setting, Origin { span: setting.span, is_std: rule.is_std, rank: rule.matches.rank() })
            })
        };
        let fits = |key: Key| crate::schema::attribute(key).subjects.iter().any(|subject| subjects.contains(subject));
        let mut all = Vec::with_capacity(found.iter().map(|(n, _)| self.rules[*n].settings.len()).sum());
        all.extend(found.into_iter().flat_map(|(n, _)| of_rule(n)).filter(|(setting, _)| fits(setting.key)));
        all
    }

    /// Relation rules with their resolved ends and place, to check that the relation exists.
    pub fn relation_rules(&self) -> impl Iterator<Item = (SymbolId, SymbolId, Span)> + '_ {
        self.rules
            .iter()
            .filter_map(|rule| if let Match::Relation(a, b) = rule.matches { Some((a, b, rule.span)) } else { None })
    }

    /// Rules of kinds and technologies and tags outside the standard library: (what, name, place).
    pub fn trait_rules(&self) -> impl Iterator<Item = (&'static str, &str, Span)> + '_ {
        self.rules.iter().filter(|rule| !rule.is_std).filter_map(|rule| match &rule.matches {
            Match::Kind(name) => Some(("kind", name.as_str(), rule.span)),
            Match::Technology(name) => Some(("technology", name.as_str(), rule.span)),
            Match::Tag(name) => Some(("tag", name.as_str(), rule.span)),
            Match::Element(_) | Match::Relation(..) => None,
        })
    }
}

/// Whether a block in an element's braces says nothing that this language knows: older files have
/// `behavior` blocks of their own meaning.
fn is_foreign(block: &ast::Behavior) -> bool {
    let known = |property: &ast::Property| {
        find_in(None, &property.name.value, &[Subject::Station, Subject::Queue, Subject::Source]).is_some()
    };
    block.selector == ast::Selector::Enclosing && !block.properties.is_empty() && !block.properties.iter().any(known)
}

fn foreign(block: &ast::Behavior) -> Diagnostic {
    let span = block.properties.first().map_or(block.span, |property| property.name.span);
    Diagnostic::new(&codes::W1001, span, "this block has no attribute that the language knows")
        .label("kept, and otherwise ignored")
}

/// The rules of one key, in order.
fn matching<K, Q>(index: &HashMap<K, Vec<usize>>, key: &Q) -> impl Iterator<Item = usize>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Eq + Hash + ?Sized,
{
    index.get(key).into_iter().flatten().copied()
}

/// `text` in small letters; mostly it is already.
fn lowercase(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// What `text` begins with as whole words, of these lengths in bytes: `java 21` with `java`, `javascript` not.
fn prefixes<'t>(text: &'t str, lengths: &BTreeSet<usize>) -> impl Iterator<Item = &'t str> {
    let split = lengths.range(..=text.len()).filter_map(|length| text.split_at_checked(*length));
    split.filter(|(_, rest)| !rest.starts_with(|c: char| c.is_alphabetic())).map(|(prefix, _)| prefix)
}

fn subjects_of(matches: &Match) -> &'static [Subject] {
    match matches {
        Match::Element(_) => &[Subject::Station, Subject::Queue, Subject::Source],
        Match::Relation(..) => &[Subject::Call],
        Match::Kind(_) | Match::Technology(_) | Match::Tag(_) => {
            &[Subject::Station, Subject::Queue, Subject::Source, Subject::Call]
        }
    }
}

fn resolve_selector(
    block: &Scoped<'_, ast::Behavior>,
    names: &Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Match> {
    match &block.node.selector {
        ast::Selector::Enclosing => block.scope.map(Match::Element),
        ast::Selector::Element(path) => resolve(names, path, block.scope, diagnostics).map(Match::Element),
        ast::Selector::Relation(from, to) => {
            let from = resolve(names, from, block.scope, diagnostics);
            let to = resolve(names, to, block.scope, diagnostics);
            Some(Match::Relation(from?, to?))
        }
        ast::Selector::Kind(name) => Some(Match::Kind(name.value.to_lowercase())),
        ast::Selector::Technology(name) => Some(Match::Technology(name.value.to_lowercase())),
        ast::Selector::Tag(name) => Some(Match::Tag(name.value.clone())),
    }
}

/// What a path means, or a diagnostic.
pub fn resolve(
    names: &Names,
    path: &ast::Path,
    scope: Option<SymbolId>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SymbolId> {
    match names.resolve(&path.dotted(), scope) {
        Ok(id) => Some(id),
        Err(why) => {
            diagnostics.push(unresolved(path, why));
            None
        }
    }
}

/// The diagnostic of a path that means nothing.
pub fn unresolved(path: &ast::Path, why: super::names::Unresolved) -> Diagnostic {
    use super::names::Unresolved;
    match why {
        Unresolved::Unknown(near) => {
            let diagnostic =
                Diagnostic::new(&codes::E0201, path.span, format!("nothing is called `{}`", path.dotted()))
                    .label("not declared");
            match near {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).suggest(
                    format!("write `{near}`"),
                    path.span,
                    near,
                ),
                None => diagnostic.help("declare it, or import the file that does"),
            }
        }
        Unresolved::Ambiguous(all) => {
            let shown = all.iter().take(4).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
            Diagnostic::new(
                &codes::E0202,
                path.span,
                format!("`{}` may be any of {} elements", path.dotted(), all.len()),
            )
            .label(format!("{shown}{}", if all.len() > 4 { " …" } else { "" }))
            .help("write the full path")
        }
    }
}

/// Types properties and those in their braces.
pub fn type_properties(
    properties: &[ast::Property],
    group: Option<&str>,
    subjects: &[Subject],
    typing: &mut Typing<'_, '_>,
) -> Vec<Setting> {
    let mut settings = Vec::with_capacity(properties.len());
    for property in properties {
        let Some(attribute) = find_in(group, &property.name.value, subjects) else {
            report_unknown(property, group, subjects, typing.diagnostics);
            continue;
        };
        let only_block =
            property.values.is_empty() && !property.block.is_empty() && attribute.ty != crate::schema::Type::Flag;
        if (!only_block || attribute.ty == crate::schema::Type::Block)
            && let Some(value) = typing.attribute(attribute, property.name.span, &property.values)
        {
            settings.push(Setting { key: attribute.key, value, span: property.span });
        }
        // `cache { lru 1000 { key … } }`: what refines a member of a group belongs to the group.
        let inner = attribute.group.unwrap_or(attribute.name);
        settings.extend(type_properties(&property.block, Some(inner), subjects, typing));
    }
    settings
}

/// The attribute of this name that describes one of the subjects.
fn find_in(group: Option<&str>, name: &str, subjects: &[Subject]) -> Option<&'static Attribute> {
    attributes_named(group, name).find(|a| a.subjects.iter().any(|subject| subjects.contains(subject)))
}

fn report_unknown(
    property: &ast::Property,
    group: Option<&str>,
    subjects: &[Subject],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let (name, span) = (property.name.value.as_str(), property.name.span);
    if let Some(other) = find_attribute(group, name) {
        diagnostics.push(wrong_place(other, span));
        return;
    }
    let mut known: Vec<&str> = match group {
        Some(group) => group_of(group).map(|a| a.name).collect(),
        None => ATTRIBUTES.iter().filter(|a| a.group.is_none()).map(|a| a.name).collect(),
    };
    let inside = group.map_or_else(String::new, |group| format!(" of `{group}`"));
    let mut diagnostic =
        Diagnostic::new(&codes::E0204, span, format!("no attribute{inside} is called `{name}`")).label("not known");
    let fitting = |candidate: &&str| find_in(group, candidate, subjects).is_some();
    known.sort_by_key(|candidate| !fitting(candidate));
    match nearest(name, known.iter().copied()) {
        Some(near) => {
            diagnostic =
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), span, near)
        }
        None if group.is_some() => diagnostic = diagnostic.help(format!("it takes {}", known.join(", "))),
        None => diagnostic = diagnostic.help("`sruja explain attributes` lists them all"),
    }
    diagnostics.push(diagnostic);
}

/// The diagnostic of an attribute that describes something else.
pub fn wrong_place(attribute: &Attribute, span: Span) -> Diagnostic {
    let (of, write) = match attribute.subjects.first() {
        Some(Subject::Call) => ("a relation", "behavior A -> B { … }"),
        Some(Subject::Queue) => ("a queue", "behavior Q { … }"),
        Some(Subject::Request) => ("a step of a flow", "step A -> B { … }"),
        Some(Subject::Source) => ("a source of traffic", "behavior Customer { … }"),
        Some(Subject::Station) | None => ("an element", "behavior A { … }"),
    };
    Diagnostic::new(&codes::E0216, span, format!("`{}` describes {of}", attribute.path()))
        .label("in the wrong place")
        .help(format!("write it in `{write}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn technologies_are_found_by_the_words_that_a_text_begins_with() {
        let lengths = BTreeSet::from([4, 8]);
        let found = |text: &'static str| prefixes(text, &lengths).collect::<Vec<_>>();
        assert_eq!(found("java"), ["java"]);
        assert_eq!(found("java 21, quarkus"), ["java", "java 21,"]);
        assert!(found("javascript").is_empty() && found("jav").is_empty());
        assert!(found("jav😀 and more").is_empty(), "a length in the middle of a character");
    }
}
