//! Names: what is declared, and what a path means from where it stands.

use crate::schema::{KindRole, find_kind, nearest};
use crate::source::Span;
use crate::syntax::ast;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A declared thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SymbolId(pub u32);

/// What a symbol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Part of the running system, or a person.
    Element,
    /// A requirement, a decision, a loop, a view: relations may end here, traffic does not.
    Other,
    /// A narrative path or a simulation.
    Scenario,
    /// A place where things run.
    Domain,
}

/// One declaration.
#[derive(Debug, Clone)]
pub struct Symbol {
    /// Full dotted path.
    pub path: Arc<str>,
    /// Where its name was declared.
    pub span: Span,
    /// What it is.
    pub class: Class,
    /// Its kind as written.
    pub kind: Arc<str>,
    /// What things of this kind mean to a simulation.
    role: KindRole,
    /// The element around it.
    pub parent: Option<SymbolId>,
    /// Elements in it, in order.
    pub children: Vec<SymbolId>,
    /// What is known of it from its declaration and its body.
    pub facts: Facts,
}

/// What an element says of itself.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Title.
    pub title: Option<Arc<str>>,
    /// Technology.
    pub technology: Option<Arc<str>>,
    /// Tags, those of metadata included.
    pub tags: Vec<String>,
    /// Marked as somebody else's.
    pub external: bool,
    /// Other names: `canonical_id`, `id`, `aliases`.
    pub aliases: Vec<String>,
    /// Metadata with a single text.
    pub metadata: Vec<(ast::Ident, ast::Text)>,
    /// `slo` blocks.
    pub slos: Vec<ast::Slo>,
    /// `scale` blocks.
    pub scales: Vec<Vec<ast::Property>>,
}

/// Why a path means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// Nothing is called so; the nearest name, if any is near.
    Unknown(Option<String>),
    /// Several are.
    Ambiguous(Vec<String>),
}

/// Everything declared.
#[derive(Debug, Clone, Default)]
pub struct Names {
    symbols: Vec<Symbol>,
    by_path: HashMap<Arc<str>, SymbolId>,
    by_last: HashMap<String, Vec<SymbolId>>,
    kinds: HashMap<String, Span>,
    /// Every kind that a symbol has: many symbols share few texts.
    kind_words: HashSet<Arc<str>>,
    /// How often the nearest name was looked for.
    guesses: Guesses,
}

/// A count that can be shared between threads.
#[derive(Debug, Default)]
struct Guesses(AtomicU32);

impl Clone for Guesses {
    fn clone(&self) -> Self {
        Self(AtomicU32::new(self.0.load(Ordering::Relaxed)))
    }
}

/// The nearest of many names takes a while to find, and after so many unknown ones nobody meant them.
const MOST_GUESSES: u32 = 200;

impl Names {
    /// The symbol.
    pub fn get(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.0 as usize]
    }

    /// The symbol's facts, to add to them.
    pub fn facts_mut(&mut self, id: SymbolId) -> &mut Facts {
        &mut self.symbols[id.0 as usize].facts
    }

    /// How many symbols there are.
    pub(in crate::sema) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// All symbols in order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (SymbolId, &Symbol)> {
        self.symbols.iter().enumerate().map(|(n, symbol)| (SymbolId(n as u32), symbol))
    }

    /// Adds a declaration; `Err` gives the one that has the path already.
    pub fn declare(
        &mut self,
        name: &str,
        span: Span,
        class: Class,
        kind: &str,
        parent: Option<SymbolId>,
    ) -> Result<SymbolId, SymbolId> {
        let path = self.full_path(name, parent);
        if let Some(first) = self.by_path.get(&path) {
            // Governance and scenarios may share a name with an element: the element has it.
            if class != Class::Element || self.get(*first).class == Class::Element {
                return Err(*first);
            }
        }
        let id = SymbolId(self.symbols.len() as u32);
        self.by_path.insert(Arc::clone(&path), id);
        self.note_last(name.rsplit('.').next().unwrap_or(name), id);
        if let Some(parent) = parent {
            self.symbols[parent.0 as usize].children.push(id);
        }
        let role = find_kind(kind).map_or(KindRole::Station, |kind| kind.role);
        let (kind, children, facts) = (self.kind_word(kind), Vec::new(), Facts::default());
        self.symbols.push(Symbol { path, span, class, kind, role, parent, children, facts });
        Ok(id)
    }

    /// The full path that something called `name` has inside `parent`.
    pub fn full_path(&self, name: &str, parent: Option<SymbolId>) -> Arc<str> {
        match parent {
            Some(parent) => [&self.get(parent).path, ".", name].concat().into(),
            None => name.into(),
        }
    }

    fn note_last(&mut self, last: &str, id: SymbolId) {
        match self.by_last.get_mut(last) {
            Some(known) => known.push(id),
            None => {
                self.by_last.insert(last.to_owned(), vec![id]);
            }
        }
    }

    fn kind_word(&mut self, kind: &str) -> Arc<str> {
        if let Some(known) = self.kind_words.get(kind) {
            return Arc::clone(known);
        }
        let word = Arc::from(kind);
        self.kind_words.insert(Arc::clone(&word));
        word
    }

    /// Declares a kind.
    pub fn declare_kind(&mut self, name: &str, span: Span) {
        self.kinds.entry(name.to_owned()).or_insert(span);
    }

    /// Whether a kind is declared or standard.
    pub fn knows_kind(&self, name: &str) -> bool {
        self.kinds.contains_key(name) || find_kind(name).is_some()
    }

    /// Names of declared kinds, those of the standard library included, in no order.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// Where a kind that the model declares has its name.
    pub fn kind_span(&self, name: &str) -> Option<Span> {
        self.kinds.get(name).copied()
    }

    /// The symbol of this full path.
    pub fn exact(&self, path: &str) -> Option<SymbolId> {
        self.by_path.get(path).copied()
    }

    /// Takes over how another version names the same elements: those that were renamed are found by either path. They
    /// are the same when they have a `canonical_id` or another name in common, when the path of one is another name of
    /// the other, or when they are parts of the same name in elements that are the same.
    pub fn know_as(&mut self, other: &Names) {
        let has_names = |names: &Names| names.symbols.iter().any(|symbol| !symbol.facts.aliases.is_empty());
        if !has_names(self) && !has_names(other) {
            return;
        }
        let mut same: HashMap<SymbolId, SymbolId> = HashMap::new();
        for (theirs, symbol) in other.iter().filter(|(_, symbol)| symbol.class == Class::Element) {
            let found = self.exact(&symbol.path).or_else(|| self.renamed(symbol, other)).or_else(|| {
                let parent = same.get(&symbol.parent?)?;
                self.exact(&self.full_path(symbol.path.rsplit('.').next()?, Some(*parent)))
            });
            let Some(own) = found else { continue };
            same.insert(theirs, own);
            if self.get(own).path != symbol.path {
                self.also(&symbol.path, own);
            }
        }
    }

    /// The element that was called as another version's is, if that version has nothing of its name.
    fn renamed(&self, theirs: &Symbol, other: &Names) -> Option<SymbolId> {
        let known_as = |symbol: &Symbol, name: &str| symbol.facts.aliases.iter().any(|alias| alias == name);
        let is_same = |symbol: &Symbol| {
            known_as(symbol, &theirs.path)
                || known_as(theirs, &symbol.path)
                || theirs.facts.aliases.iter().any(|alias| known_as(symbol, alias))
        };
        let is_free = |symbol: &Symbol| symbol.class == Class::Element && other.exact(&symbol.path).is_none();
        self.iter().find(|(_, symbol)| is_free(symbol) && is_same(symbol)).map(|(id, _)| id)
    }

    /// Another full path of a symbol, unless something has it.
    fn also(&mut self, path: &Arc<str>, id: SymbolId) {
        if self.by_path.contains_key(path) {
            return;
        }
        self.by_path.insert(Arc::clone(path), id);
        self.facts_mut(id).aliases.push(path.to_string());
        let last = path.rsplit('.').next().unwrap_or(path);
        if !self.by_last.get(last).is_some_and(|known| known.contains(&id)) {
            self.note_last(last, id);
        }
    }

    /// What `path` means inside `scope`: the full name, innermost scope outwards; else the one
    /// element whose path ends so; else the one that has the last part as its name.
    pub fn resolve(&self, path: &str, scope: Option<SymbolId>) -> Result<SymbolId, Unresolved> {
        self.seek(path, scope).map_err(|why| why.unwrap_or_else(|| Unresolved::Unknown(self.nearest(path))))
    }

    /// [`Names::resolve`] without a guess at what may have been meant.
    pub fn lookup(&self, path: &str, scope: Option<SymbolId>) -> Option<SymbolId> {
        self.seek(path, scope).ok()
    }

    /// What `path` means; `Err(None)` when nothing is called so.
    fn seek(&self, path: &str, scope: Option<SymbolId>) -> Result<SymbolId, Option<Unresolved>> {
        if let Some(found) = self.in_scopes(path, scope).or_else(|| self.exact(path)) {
            return Ok(found);
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        let candidates = self.by_last.get(last).map_or(&[][..], Vec::as_slice);
        let suffix = format!(".{path}");
        let ending: Vec<SymbolId> =
            candidates.iter().copied().filter(|id| self.get(*id).path.ends_with(&suffix)).collect();
        match (ending.as_slice(), candidates) {
            ([only], _) | ([], [only]) => Ok(*only),
            ([], []) => self.by_alias(path).or_else(|| self.by_case(last)).ok_or(None),
            _ => self.prefer_elements(if ending.is_empty() { candidates } else { &ending }).map_err(Some),
        }
    }

    fn in_scopes(&self, path: &str, scope: Option<SymbolId>) -> Option<SymbolId> {
        let mut scope = scope;
        let mut full = String::new();
        while let Some(id) = scope {
            let symbol = self.get(id);
            full.clear();
            full.extend([&symbol.path, ".", path]);
            if let Some(found) = self.exact(&full) {
                return Some(found);
            }
            scope = symbol.parent;
        }
        None
    }

    /// Among several of the same name, the only one that is an element.
    fn prefer_elements(&self, candidates: &[SymbolId]) -> Result<SymbolId, Unresolved> {
        let elements: Vec<SymbolId> =
            candidates.iter().copied().filter(|id| self.get(*id).class == Class::Element).collect();
        match elements.as_slice() {
            [only] => Ok(*only),
            _ => Err(Unresolved::Ambiguous(candidates.iter().map(|id| self.get(*id).path.to_string()).collect())),
        }
    }

    fn by_alias(&self, path: &str) -> Option<SymbolId> {
        self.iter().find(|(_, symbol)| symbol.facts.aliases.iter().any(|alias| alias == path)).map(|(id, _)| id)
    }

    /// The only one of this name when case is ignored: `kill DB` means `Shop.Db`.
    fn by_case(&self, last: &str) -> Option<SymbolId> {
        let same = |symbol: &Symbol| symbol.path.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case(last));
        let mut found = self.iter().filter(|(_, symbol)| same(symbol));
        let first = found.next()?.0;
        found.next().is_none().then_some(first)
    }

    fn nearest(&self, path: &str) -> Option<String> {
        if self.guesses.0.fetch_add(1, Ordering::Relaxed) >= MOST_GUESSES {
            return None;
        }
        let paths = self.symbols.iter().map(|symbol| &*symbol.path);
        if let Some(near) = nearest(path, paths) {
            return Some(near.to_owned());
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        let mut lasts: Vec<&str> =
            self.symbols.iter().map(|symbol| symbol.path.rsplit('.').next().unwrap_or(&symbol.path)).collect();
        lasts.sort_unstable();
        lasts.dedup();
        let near = nearest(last, lasts)?;
        match self.by_last.get(near).map(Vec::as_slice) {
            Some([only]) => Some(self.get(*only).path.to_string()),
            _ => Some(near.to_owned()),
        }
    }

    /// What an element means to a simulation.
    pub fn role(&self, id: SymbolId) -> KindRole {
        let symbol = self.get(id);
        match symbol.class {
            Class::Element => {}
            Class::Other | Class::Scenario | Class::Domain => return KindRole::Other,
        }
        match symbol.role {
            KindRole::Station | KindRole::Queue if self.is_external(id) => KindRole::External,
            role => role,
        }
    }

    /// Marked as external, or by kind.
    pub fn is_external(&self, id: SymbolId) -> bool {
        let facts = &self.get(id).facts;
        facts.external || facts.tags.iter().any(|tag| tag.eq_ignore_ascii_case("external"))
    }

    /// Whether the element has parts that are elements.
    pub fn is_group(&self, id: SymbolId) -> bool {
        self.get(id)
            .children
            .iter()
            .any(|child| self.get(*child).class == Class::Element && self.role(*child) != KindRole::Other)
    }

    /// A symbol and those around it, innermost first.
    pub fn lineage(&self, symbol: SymbolId) -> impl Iterator<Item = SymbolId> + '_ {
        std::iter::successors(Some(symbol), |id| self.get(*id).parent)
    }

    /// Whether `inner` is `outer` or lies in it.
    pub fn within(&self, inner: SymbolId, outer: SymbolId) -> bool {
        self.lineage(inner).any(|id| id == outer)
    }
}

/// Something for some of the symbols, which are numbered densely: found without a hash.
#[derive(Debug)]
pub struct BySymbol<T>(Vec<Option<T>>);

impl<T> Default for BySymbol<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> BySymbol<T> {
    /// What is kept for a symbol.
    pub fn get(&self, symbol: SymbolId) -> Option<&T> {
        self.0.get(symbol.0 as usize)?.as_ref()
    }

    /// Whether something is kept for a symbol.
    pub fn contains(&self, symbol: SymbolId) -> bool {
        self.get(symbol).is_some()
    }

    /// The place of a symbol, empty or not.
    pub fn entry(&mut self, symbol: SymbolId) -> &mut Option<T> {
        let at = symbol.0 as usize;
        if self.0.len() <= at {
            self.0.resize_with(at + 1, || None);
        }
        &mut self.0[at]
    }
}
