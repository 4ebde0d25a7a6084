//! The syntax tree: what was written, with exact spans, before any name has a meaning.
//!
//! Parsing never fails: whatever could not be read is an [`Item::Error`] (or is left out of its
//! block) and a diagnostic; everything around it is here. Comments and layout are not in the tree;
//! the formatter works on the tokens.

mod blocks;
mod chaos;
mod condition;
mod scenario;

use crate::quantity::{Quantity, RangeSpec};
use crate::source::{FileId, Span, Spanned};
pub use blocks::*;
pub use chaos::*;
pub use condition::*;
pub use scenario::*;

/// One file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Which.
    pub id: FileId,
    /// Its top level.
    pub items: Vec<Item>,
    /// The reason of an `// EXPECTED_FAILURE: reason` marker.
    pub expected_failure: Option<String>,
}

/// A word and where it stands.
pub type Ident = Spanned<String>;

/// The text of a string literal (escapes resolved) and where the literal stands.
pub type Text = Spanned<String>;

/// A dotted name.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Its parts, at least one.
    pub parts: Vec<Ident>,
    /// Where it stands.
    pub span: Span,
}

impl Path {
    /// With dots between.
    pub fn dotted(&self) -> String {
        let mut out = String::with_capacity(self.parts.iter().map(|part| part.value.len() + 1).sum());
        for (n, part) in self.parts.iter().enumerate() {
            out.extend([if n == 0 { "" } else { "." }, &part.value]);
        }
        out
    }
}

/// Something that stands at the top level, in a wrapper or in an element's braces. What is large is
/// boxed: lists of items grow while they are read, and a file has tens of thousands of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `import …`.
    Import(Box<Import>),
    /// `x = kind "X"`, and `element x` of a `specification`.
    Kind(Box<KindDef>),
    /// `x = tag "X"`, and `tag x` of a `specification`.
    Tag(TagDef),
    /// An element, in any of its forms.
    Element(Box<Element>),
    /// `A -> B`.
    Relation(Box<Relation>),
    /// `behavior … { … }`.
    Behavior(Box<Behavior>),
    /// `scenario`, `story`, `flow`: narrative, simulation or both.
    Scenario(Box<Scenario>),
    /// `deployment`, `deploymentNode`, `node`.
    Deployment(Box<Deployment>),
    /// `feedback` or `causal_loop`.
    Loop(Box<Loop>),
    /// `slo { … }`.
    Slo(Slo),
    /// `scale { … }`.
    Scale(Spanned<Vec<Property>>),
    /// `metadata { … }` and `properties { … }`.
    Metadata(Metadata),
    /// `description "…"`, `technology "…"`, `tags […]`, `external` … of an element.
    Field(Field),
    /// `version v2 …`.
    Version(Box<Version>),
    /// `ranking { … }`.
    Ranking(Spanned<Vec<(Ident, Spanned<Quantity>)>>),
    /// `tune …` and `search …`.
    Search(Box<Search>),
    /// `architecture`, `model`, `specification`, `views`, `library`, `extend`: braces around items.
    Wrapper(Box<Wrapper>),
    /// A block of existing files that has a name but no meaning here: `requirement`, `adr`, `policy`,
    /// `view`, `styles`, `overview`, `contract`, `state_machine`, `schema`, `incident` …
    Opaque(Box<Opaque>),
    /// Text that could not be read; a diagnostic says why.
    Error(Span),
}

impl Item {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Import(x) => x.span,
            Self::Kind(x) => x.span,
            Self::Tag(x) => x.span,
            Self::Element(x) => x.span,
            Self::Relation(x) => x.span,
            Self::Behavior(x) => x.span,
            Self::Scenario(x) => x.span,
            Self::Deployment(x) => x.span,
            Self::Loop(x) => x.span,
            Self::Slo(x) => x.span,
            Self::Scale(x) => x.span,
            Self::Metadata(x) => x.span,
            Self::Field(x) => x.span,
            Self::Version(x) => x.span,
            Self::Ranking(x) => x.span,
            Self::Search(x) => x.span,
            Self::Wrapper(x) => x.span,
            Self::Opaque(x) => x.span,
            Self::Error(span) => *span,
        }
    }
}

/// `import { a, b } from '…'`, `import "…" as x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The names in braces; `None` for `*` and for the form without braces.
    pub names: Option<Vec<Ident>>,
    /// What is imported.
    pub from: Text,
    /// The name it gets.
    pub alias: Option<Ident>,
    /// The whole statement.
    pub span: Span,
}

/// `microservice = kind "Microservice" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct KindDef {
    /// Its name.
    pub name: Ident,
    /// Its title.
    pub title: Option<Text>,
    /// The whole statement.
    pub span: Span,
}

/// `critical = tag "Critical"`.
#[derive(Debug, Clone, PartialEq)]
pub struct TagDef {
    /// Its name.
    pub name: Ident,
    /// The whole statement.
    pub span: Span,
}

/// How an element was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementForm {
    /// `Api = container "API"`.
    Assigned,
    /// `container Api "API"`.
    KeywordFirst,
    /// `container "API"`: its id comes from its title.
    TitleOnly,
}

/// An element of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// How it was declared.
    pub form: ElementForm,
    /// Its id; made from the title (whose span it then has) in the form without one.
    pub id: Ident,
    /// Its kind.
    pub kind: Ident,
    /// First text.
    pub title: Option<Text>,
    /// Second text.
    pub description: Option<Text>,
    /// `#tag` and `@tag` behind the title, without their sign.
    pub tags: Vec<Ident>,
    /// What stands in its braces.
    pub body: Vec<Item>,
    /// The whole declaration.
    pub span: Span,
}

/// One end of a relation or step.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// A name.
    Path(Path),
    /// A text: an actor or a page of a story.
    Text(Text),
}

impl End {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Path(path) => path.span,
            Self::Text(text) => text.span,
        }
    }
}

/// `A -> B verb "label" "description" [tags] { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Who calls.
    pub from: End,
    /// Who is called; several for `A -> [B, C]`.
    pub to: Vec<End>,
    /// `uses`, `reads` …
    pub verb: Option<Ident>,
    /// First text.
    pub label: Option<Text>,
    /// Second text.
    pub description: Option<Text>,
    /// `technology "…"`.
    pub technology: Option<Text>,
    /// Tags in brackets.
    pub tags: Vec<Ident>,
    /// `quorum N`.
    pub quorum: Option<Spanned<Quantity>>,
    /// Behavior in its braces.
    pub properties: Vec<Property>,
    /// The whole statement.
    pub span: Span,
}

/// What a `behavior` block applies to.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    /// The element in whose braces it stands.
    Enclosing,
    /// One element.
    Element(Path),
    /// One relation.
    Relation(Path, Path),
    /// Every element of a kind.
    Kind(Spanned<String>),
    /// Every element of a technology, by prefix, case ignored.
    Technology(Spanned<String>),
    /// Every element or relation with a tag.
    Tag(Spanned<String>),
}

/// `behavior SELECTOR { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Behavior {
    /// What it applies to.
    pub selector: Selector,
    /// The attributes.
    pub properties: Vec<Property>,
    /// The whole block.
    pub span: Span,
}

/// One behavior attribute: `retry 3 { backoff … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Its name as written (an alias stays an alias).
    pub name: Ident,
    /// Its values in order; none for a flag.
    pub values: Vec<Value>,
    /// What stands in its braces, and inline sub-attributes (`rate_limit 2k/s burst 500`).
    pub block: Vec<Property>,
    /// The whole attribute.
    pub span: Span,
}

/// A value and where it stands.
pub type Value = Spanned<ValueKind>;

/// The forms of values.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// `30ms`, `5`, `30%`.
    Quantity(Quantity),
    /// `+200ms`: a quantity with a written plus sign, which adds.
    Plus(Quantity),
    /// `100..5000 step 200`.
    Range(Box<RangeSpec>),
    /// `[a, b, c]`; also `a | b` nowhere else.
    List(Vec<Value>),
    /// `"…"`.
    Text(String),
    /// `Shop.Api`, `least_connections`, `unbounded`.
    Path(Path),
    /// `A->B` as a value.
    Arrow(Path, Path),
    /// `lognormal(p50 8ms, p99 60ms)`: each argument is one or more values side by side.
    Call(Ident, Vec<Vec<Value>>),
    /// `queue > 80%`.
    Condition(Box<Expr>),
    /// `{ 0s 200/s 60s 200/s }`: values side by side in braces (load profiles).
    Block(Vec<Value>),
    /// What stands behind an attribute's name where that is more than one value: `after p95`, `zipf(1.5) over 100`,
    /// `3 { backoff constant(10ms) }`.
    Attribute(Vec<Value>, Vec<Property>),
}

/// `slo { … }`: groups of texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// `availability { target "99.9%" window "30 days" }`, flattened: `availability.target`,
    /// `latency.p95`, `latency.current.p95`, `errorRate.target`, `throughput.target`, `cost.target`.
    pub entries: Vec<(Spanned<String>, Value)>,
    /// The whole block.
    pub span: Span,
}

/// `metadata { owner "team-x" }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// Keys and their texts (a single one, or a list).
    pub entries: Vec<(Ident, Vec<Text>)>,
    /// The whole block.
    pub span: Span,
}

/// `description "…"`, `tags "a", "b"`, `external`.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its canonical name: `description`, `technology`, `version`, `tags`, `external`, `canonical_id`,
    /// `id`, `aliases`, `owner`, `domain`, `criticality`, `loop_type`, …
    pub name: Spanned<&'static str>,
    /// Its texts or words.
    pub values: Vec<Text>,
    /// The whole statement.
    pub span: Span,
}

/// Braces around items.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrapper {
    /// `architecture`, `model`, `specification`, `views`, `library`, `extend`.
    pub keyword: Ident,
    /// What it is called, or what it extends.
    pub name: Option<End>,
    /// What stands in it.
    pub items: Vec<Item>,
    /// The whole block.
    pub span: Span,
}

/// A block without meaning to this tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Opaque {
    /// Its first word, or its kind in the assigned form: `requirement`, `adr`, `view` …
    pub keyword: Ident,
    /// The name it declares, if any: relations may end there.
    pub id: Option<Ident>,
    /// Its title.
    pub title: Option<Text>,
    /// Whether the language knows it (and ignores it without a complaint) or a warning was given.
    pub known: bool,
    /// The whole block.
    pub span: Span,
}

/// Imports among `items`, those in wrappers included.
pub fn imports(items: &[Item]) -> impl Iterator<Item = &Import> {
    flatten(items).into_iter().filter_map(|item| if let Item::Import(import) = item { Some(&**import) } else { None })
}

/// Versions among `items`, those in wrappers included.
pub fn versions(items: &[Item]) -> impl Iterator<Item = &Version> {
    flatten(items)
        .into_iter()
        .filter_map(|item| if let Item::Version(version) = item { Some(&**version) } else { None })
}

/// Items with the contents of plain wrappers in their place; `extend` stays a wrapper, for it has a scope.
pub fn flatten(items: &[Item]) -> Vec<&Item> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Item::Wrapper(wrapper) if wrapper.keyword.value != "extend" => out.extend(flatten(&wrapper.items)),
            other => out.push(other),
        }
    }
    out
}
