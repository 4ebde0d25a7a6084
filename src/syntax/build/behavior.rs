//! `behavior SELECTOR { … }` and the attributes in it.

use super::{expr, value};
use crate::diag::{Diagnostic, codes};
use crate::schema::{ATTRIBUTES, Attribute, DISTRIBUTIONS, Type, find_attribute, find_distribution, group_of, nearest};
use crate::source::Spanned;
use crate::syntax::ast::{Behavior, Ident, Property, Selector, Value, ValueKind};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// Words that mean something in the braces where properties stand, beyond the schema's attributes.
#[derive(Clone, Copy)]
pub struct Scope {
    /// The attribute in whose braces we are.
    pub group: Option<&'static str>,
    /// Further words: those of a step.
    pub extra: &'static [(&'static str, Type)],
}

/// Attributes of elements and relations.
pub const PLAIN: Scope = Scope { group: None, extra: &[] };

impl Scope {
    fn find(self, word: &str) -> Option<Shape> {
        let extra = self.extra.iter().find(|(name, _)| *name == word).map(|(_, ty)| Shape { ty: *ty, name: None });
        extra.or_else(|| find_attribute(self.group, word).map(Shape::of))
    }

    /// Whether `word` is an attribute here.
    pub fn knows(self, word: &str) -> bool {
        self.find(word).is_some()
    }

    fn nearest(self, word: &str) -> Option<&'static str> {
        let rows = ATTRIBUTES.iter().filter(|row| row.group == self.group);
        let names = rows.flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()));
        nearest(word, names.chain(self.extra.iter().map(|(name, _)| *name)))
    }
}

/// What an attribute takes, and its name where it may hold further attributes.
#[derive(Clone, Copy)]
struct Shape {
    ty: Type,
    name: Option<&'static str>,
}

impl Shape {
    fn of(row: &'static Attribute) -> Self {
        Self { ty: row.ty, name: Some(row.name) }
    }
}

/// `behavior` stands here and begins a block.
pub fn behavior(c: &mut Cursor<'_>) -> Behavior {
    let mark = c.mark();
    c.bump();
    let selector = selector(c);
    let properties = block(c, PLAIN);
    Behavior { selector, properties, span: c.since(mark) }
}

fn selector(c: &mut Cursor<'_>) -> Selector {
    if c.opens_block() {
        return Selector::Enclosing;
    }
    let word = c.word();
    let beside = matches!(c.nth(1), Some(Kind::Word | Kind::Text));
    if beside && matches!(word, "kind" | "technology" | "tech" | "tag") && c.is(Kind::Word) {
        c.bump();
        let Some(name) = c.text_or_word() else { return Selector::Enclosing };
        return match word {
            "kind" => Selector::Kind(name),
            "tag" => Selector::Tag(name),
            _ => Selector::Technology(name),
        };
    }
    let Some(from) = c.path_if() else {
        let (span, word) = (c.here(), c.word());
        c.report(
            Diagnostic::new(&codes::E0101, span, format!("`{word}` selects nothing"))
                .label("not expected here")
                .help("write `behavior Shop.Api { … }`, `behavior A -> B { … }`, or `kind`, `technology` or `tag` and its name"),
        );
        while !c.is_done() && !c.opens_block() && c.same_line() {
            c.skip();
        }
        return Selector::Enclosing;
    };
    if !c.nth_is_arrow(0) {
        return Selector::Element(from);
    }
    let swap = super::relation::arrow(c);
    match c.path_if() {
        Some(to) if swap => Selector::Relation(to, from),
        Some(to) => Selector::Relation(from, to),
        None => Selector::Element(from),
    }
}

/// The properties in the braces that open here.
pub fn block(c: &mut Cursor<'_>, scope: Scope) -> Vec<Property> {
    if !c.opens_block() {
        let span = c.behind();
        c.report(
            Diagnostic::new(&codes::E0101, span, "the attributes are missing")
                .label("`{ … }` is missing here")
                .help("attributes stand in braces: `{ replicas 3 }`"),
        );
        return Vec::new();
    }
    c.inside(|c| properties(c, scope))
}

fn properties(c: &mut Cursor<'_>, scope: Scope) -> Vec<Property> {
    let mut found = Vec::new();
    while !c.is_done() {
        if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
            continue;
        }
        found.extend(property(c, scope));
    }
    found
}

/// The property that stands here; whatever stands here, at least one token is taken.
pub fn property(c: &mut Cursor<'_>, scope: Scope) -> Option<Property> {
    let mark = c.mark();
    if !c.is(Kind::Word) {
        let (span, word) = (c.here(), c.word());
        c.report(
            Diagnostic::new(&codes::E0101, span, format!("`{word}` is no attribute"))
                .label("not expected here")
                .help("an attribute is a name and its value: `replicas 3`"),
        );
        c.recover();
        return None;
    }
    let Some(shape) = scope.find(c.word()) else {
        unknown(c, scope);
        return None;
    };
    let name = c.ident();
    c.eat_separator();
    let values = values(c, &name, shape.ty, scope)?;
    let block = sub_attributes(c, shape, scope);
    Some(Property { name, values, block, span: c.since(mark) })
}

/// Attributes in the braces that open behind the value of `row`; beside it on its line where `beside` says so.
pub fn further(c: &mut Cursor<'_>, row: &'static Attribute, beside: bool) -> Vec<Property> {
    if !c.opens_block() && !beside {
        return Vec::new();
    }
    sub_attributes(c, Shape::of(row), Scope { group: row.group, extra: &[] })
}

/// The words of one attribute's value where it is more than one: `after p95`, `zipf(1.5) over 100`, `queue > 20%`.
pub fn words(c: &mut Cursor<'_>, name: &Ident, ty: Type) -> Option<Vec<Value>> {
    match ty {
        Type::Shed if !matches!(c.nth(1), Some(Kind::Comparison | Kind::Other | Kind::OddArrow)) => some(c, 1),
        Type::Shed => condition(c, name),
        Type::Hedge if c.is_word("after") => some(c, 2),
        Type::Keys if c.nth_word(1) == "over" || c.nth_word(c.nth_behind(1)) == "over" => some(c, 3),
        _ => some(c, 1),
    }
}

fn some(c: &mut Cursor<'_>, count: usize) -> Option<Vec<Value>> {
    (0..count).map(|_| value::value(c)).collect()
}

/// Attributes in braces behind a value, or beside it on its line (`rate_limit 2k/s burst 500`).
fn sub_attributes(c: &mut Cursor<'_>, shape: Shape, scope: Scope) -> Vec<Property> {
    let Some(name) = shape.name else { return Vec::new() };
    // `lru 1000 { key … ttl … }`: in braces, what has no attributes of its own holds those of its neighbours.
    let own = group_of(name).next().is_some();
    let group = match (own, c.opens_block()) {
        (true, _) => name,
        (false, false) => return Vec::new(),
        (false, true) => match scope.group {
            Some(group) => group,
            None => return no_sub_attributes(c, name),
        },
    };
    let scope = Scope { group: Some(group), extra: &[] };
    if c.opens_block() {
        return c.inside(|c| properties(c, scope));
    }
    let mut found = Vec::new();
    while c.same_line() && c.is(Kind::Word) && find_attribute(Some(group), c.word()).is_some() {
        found.extend(property(c, scope));
    }
    found
}

/// Braces behind an attribute that takes none.
fn no_sub_attributes(c: &mut Cursor<'_>, name: &str) -> Vec<Property> {
    let span = c.here();
    c.report(
        Diagnostic::new(&codes::E0101, span, format!("`{name}` takes no braces"))
            .label("not expected here")
            .help("remove the braces and what is in them"),
    );
    c.skip();
    Vec::new()
}

/// The values of an attribute of type `ty`; `None` when it has none but needs one.
fn values(c: &mut Cursor<'_>, name: &Ident, ty: Type, scope: Scope) -> Option<Vec<Value>> {
    if value_is_missing(c, ty, scope) {
        value::missing_value(c, name, &ty.describe());
        return None;
    }
    // `pool none`: taken away. Whether it can be is the schema's to say.
    if c.is_word("none") && c.same_line() {
        return Some(value::value(c).into_iter().collect());
    }
    match ty {
        Type::Flag => Some(flag(c)),
        Type::Block => Some(off(c)),
        Type::Shed => condition(c, name),
        Type::Hedge | Type::Keys => Some(phrase(c, scope)),
        Type::Arrivals => value::arrivals(c, name, &ty.describe()).map(|value| vec![value]),
        Type::Distribution => {
            let found = value::required_value(c, name, &ty.describe())?;
            distribution(c, found).map(|value| vec![value])
        }
        _ => Some(vec![value::required_value(c, name, &ty.describe())?]),
    }
}

/// Whether the next attribute stands where the value should.
fn value_is_missing(c: &Cursor<'_>, ty: Type, scope: Scope) -> bool {
    if matches!(ty, Type::Flag | Type::Block) {
        return false;
    }
    if matches!(ty, Type::Shed) && c.is(Kind::Word) {
        return false;
    }
    if !c.is(Kind::Word) {
        return !value::starts_value(c);
    }
    let fits = match ty {
        Type::Word(words) | Type::Words(words) => words.contains(&c.word()),
        Type::Element => c.same_line(),
        _ => c.nth(1) == Some(Kind::Open(Bracket::Round)),
    };
    !fits && scope.knows(c.word())
}

/// `cache off` takes a block away.
fn off(c: &mut Cursor<'_>) -> Vec<Value> {
    if matches!(c.word(), "off" | "false") && c.same_line() {
        value::value(c).into_iter().collect()
    } else {
        Vec::new()
    }
}

/// A flag may be written out: `parallel = true`.
fn flag(c: &mut Cursor<'_>) -> Vec<Value> {
    if matches!(c.word(), "true" | "false" | "on" | "off" | "yes" | "no") && c.same_line() {
        value::value(c).into_iter().collect()
    } else {
        Vec::new()
    }
}

fn condition(c: &mut Cursor<'_>, name: &Ident) -> Option<Vec<Value>> {
    if c.is(Kind::Text) {
        return Some(value::value(c).into_iter().collect());
    }
    let found = expr::condition(c, name)?;
    let span = found.span;
    Some(vec![Spanned::new(ValueKind::Condition(Box::new(found)), span)])
}

/// Values side by side up to the next attribute: `after p95`, `zipf(1.0) over 10k`.
fn phrase(c: &mut Cursor<'_>, scope: Scope) -> Vec<Value> {
    let mut values = Vec::new();
    while values.is_empty() || (c.same_line() && !(c.is(Kind::Word) && scope.knows(c.word()))) {
        match value::value(c) {
            Some(value) => values.push(value),
            None => break,
        }
    }
    values
}

/// Checks the name of a distribution, inside mixtures too; a misspelt one is read as what was meant.
fn distribution(c: &mut Cursor<'_>, found: Value) -> Option<Value> {
    let ValueKind::Call(mut name, arguments) = found.value else { return Some(found) };
    if find_distribution(&name.value).is_none() {
        let meant = nearest(&name.value, DISTRIBUTIONS.iter().map(|form| form.name));
        let mut diagnostic = Diagnostic::new(&codes::E0207, name.span, format!("`{}` is no distribution", name.value))
            .label("nobody knows this distribution");
        diagnostic = match meant {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).suggest(
                format!("write `{meant}`"),
                name.span,
                meant,
            ),
            None => diagnostic.help(format!(
                "distributions are {}",
                DISTRIBUTIONS.iter().map(|form| format!("`{}`", form.name)).collect::<Vec<_>>().join(", ")
            )),
        };
        c.report(diagnostic);
        name.value = meant?.to_owned();
    }
    let check = |c: &mut Cursor<'_>, argument: Vec<Value>| {
        argument.into_iter().map(|value| distribution(c, value)).collect::<Option<Vec<_>>>()
    };
    let arguments = arguments.into_iter().map(|argument| check(c, argument)).collect::<Option<Vec<_>>>()?;
    Some(Spanned::new(ValueKind::Call(name, arguments), found.span))
}

/// A name that is no attribute: says so and steps over what seems to be its value.
fn unknown(c: &mut Cursor<'_>, scope: Scope) {
    let (word, span) = (c.word(), c.here());
    let meant = scope.nearest(word);
    let mut diagnostic =
        Diagnostic::new(&codes::E0204, span, format!("`{word}` is no attribute")).label("nobody knows this attribute");
    diagnostic = match (meant, home(word, scope)) {
        (Some(meant), _) => {
            diagnostic.help(format!("did you mean `{meant}`?")).suggest(format!("write `{meant}`"), span, meant)
        }
        (None, Some(group)) => {
            diagnostic.help(format!("`{word}` stands in the braces of `{group}`: `{group} {{ {word} … }}`"))
        }
        (None, None) => diagnostic.help(choices(scope)),
    };
    c.report(diagnostic);
    c.bump();
    let ends = |c: &Cursor<'_>| c.is(Kind::Semicolon) || (c.is(Kind::Word) && scope.knows(c.word()));
    while c.same_line() && !ends(c) {
        c.skip();
    }
}

/// The attribute in whose braces `word` would mean something.
fn home(word: &str, scope: Scope) -> Option<&'static str> {
    ATTRIBUTES.iter().find(|row| row.name == word && row.group != scope.group).and_then(|row| row.group)
}

fn choices(scope: Scope) -> String {
    match scope.group {
        None => "the attributes are listed in the language reference".into(),
        Some(group) => {
            let names: Vec<_> = group_of(group).map(|row| format!("`{}`", row.name)).collect();
            match names.is_empty() {
                true => format!("`{group}` has no attributes of its own"),
                false => format!("in the braces of `{group}` stand {}", names.join(", ")),
            }
        }
    }
}
