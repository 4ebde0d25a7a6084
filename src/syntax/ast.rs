//! The syntax tree: what was written, with exact spans, before any name has a meaning.
//!
//! Parsing never fails: whatever could not be read is an [`Item::Error`] (or is left out of its
//! block) and a diagnostic; everything around it is here. Comments and layout are not in the tree;
//! the formatter works on the tokens.

use crate::quantity::{Quantity, RangeSpec};
use crate::schema::{Attribute, find_attribute};
use crate::source::{FileId, Span, Spanned};

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

/// The word that begins a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScenarioKeyword {
    /// `scenario`.
    Scenario,
    /// `story`.
    Story,
    /// `flow`.
    Flow,
}

/// What `scenario extends * { … }` extends.
pub const EVERY_IMPORTED: &str = "*";

/// A path of requests, the conditions of a simulation, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its first word.
    pub keyword: ScenarioKeyword,
    /// Its name; made from the title in the form without one; absent without either.
    pub id: Option<Ident>,
    /// First text.
    pub title: Option<Text>,
    /// Second text.
    pub description: Option<Text>,
    /// `extends X`; `extends *` ([`EVERY_IMPORTED`]) stands for every scenario that is imported.
    pub extends: Option<Path>,
    /// The path: its steps in order.
    pub steps: Vec<Step>,
    /// The conditions: its simulation statements in order.
    pub statements: Vec<Statement>,
    /// The whole block.
    pub span: Span,
}

/// `step A -> B "label" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its name, for `goto`.
    pub name: Option<Ident>,
    /// Who calls.
    pub from: End,
    /// Who is called; several for `A -> [B, C]`.
    pub to: Vec<End>,
    /// What it says.
    pub label: Option<Text>,
    /// Tags in brackets.
    pub tags: Vec<Ident>,
    /// `order N`.
    pub order: Option<Spanned<Quantity>>,
    /// `quorum N`.
    pub quorum: Option<Spanned<Quantity>>,
    /// `compensate …`: the call that undoes it.
    pub compensate: Option<(End, End)>,
    /// `{ service_time …  probability 60%  repeat geometric(4)  parallel  async  forward  goto STEP }`.
    pub properties: Vec<Property>,
    /// The whole step.
    pub span: Span,
}

/// A simulation statement of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it says.
    pub kind: StatementKind,
    /// The whole statement.
    pub span: Span,
}

/// The forms of simulation statements.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "files have few statements: a box for each would cost more than it saves"
)]
pub enum StatementKind {
    /// `load = 100..5000 step 200`, `load.range 100..5000`, `Shop.Api.replicas = 2..8`,
    /// `Shop.Api->Shop.Db.timeout = […]`, `target = Shop.Payment`.
    Assign(Target, Value),
    /// `duration 120s`, `warmup 20s`, `replications 5`, `seed 42`, `precision 2%`, `priority high`, `timeout 60s`, `users 500`, `think 2s`.
    Setting(Ident, Value),
    /// `param peak = 5x`; without a default the user must give one.
    Param(Ident, Option<Value>),
    /// `arrivals poisson` for all sources, or `arrivals Customer mmpp(…)`.
    Arrivals(Option<Path>, Value),
    /// `abstract`.
    Abstract,
    /// `group "Service coordination"`: reported together with the others of this name.
    Group(Text),
    /// `traffic { Checkout 30%  Browse 70% }`.
    Traffic(Vec<(Path, Spanned<Quantity>)>),
    /// `zip { a = […] b = […] }`.
    Zip(Vec<(Target, Value)>),
    /// `sample 500`, `sample 500 latin`.
    Sample {
        /// How many.
        count: Spanned<Quantity>,
        /// `latin` instead of Sobol.
        latin: bool,
    },
    /// `exclude when COND`.
    Exclude(Expr),
    /// A chaos event.
    Chaos(Box<Chaos>),
    /// `expect COND …`.
    Expect(Expect),
    /// `versions [v1, v2]`, `versions "arch/*.sruja"`.
    Versions(Vec<Text>),
    /// `commits main~42..main every 7`, `commits #1, #14, #21..#42`, `last 50`, `tags "v*"`, `since "…"`: words as written.
    Commits(Vec<Text>),
    /// `tiers simple 1x, medium 3x, complex 8x strategy multiply`.
    Tiers {
        /// Name and factor.
        tiers: Vec<(Ident, Spanned<Quantity>)>,
        /// `linear`, `multiply`, `adaptive`.
        strategy: Option<Ident>,
    },
    /// `quality { p95 < 500ms weight 0.5 … }`.
    Quality(Vec<(Expr, Spanned<Quantity>)>),
    /// `sync free | lockstep | milestone [30%, …] timeout 60s`.
    Sync {
        /// The mode.
        mode: Ident,
        /// Milestones.
        milestones: Vec<Spanned<Quantity>>,
        /// Timeout.
        timeout: Option<Spanned<Quantity>>,
    },
    /// `checkpoint every 30s keep 3`.
    Checkpoint {
        /// How often.
        every: Spanned<Quantity>,
        /// How many are kept.
        keep: Option<Spanned<Quantity>>,
    },
    /// `simulate with exec "…"`.
    Exec(Text),
    /// An attribute block inside a scenario: `behavior X { … }`, which holds in this scenario only.
    Behavior(Behavior),
}

/// The left side of an assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// `A` of `A->B.attr`; absent without an arrow.
    pub from: Option<Path>,
    /// `X.attr`, `load`, or `B.attr` behind an arrow: element and attribute still in one path.
    pub path: Path,
    /// The whole left side.
    pub span: Span,
}

impl Target {
    /// The attribute that its last words name, of whatever it is one; of a group the member.
    pub fn attribute(&self) -> Option<&'static Attribute> {
        let named = |n: usize| self.path.parts.len().checked_sub(n).map(|at| self.path.parts[at].value.as_str());
        named(2).and_then(|owner| {
            let (name, inner) = (named(1)?, named(3).is_some());
            let of_group = if inner { find_attribute(Some(owner), name) } else { None };
            of_group.or_else(|| find_attribute(None, name))
        })
    }
}

/// A chaos event.
#[derive(Debug, Clone, PartialEq)]
pub struct Chaos {
    /// The verb as written.
    pub verb: Ident,
    /// What it hits.
    pub targets: ChaosTargets,
    /// How much: `by 5x`, `30%`, `to R`, `loss P`, `= V`; named parts by their word, an unnamed one under "".
    pub amounts: Vec<(Spanned<String>, Value)>,
    /// `deploy X { … }`.
    pub properties: Vec<Property>,
    /// `introduce` was written.
    pub introduced: bool,
    /// `oneway`, `partial`: words that stand alone.
    pub flags: Vec<Ident>,
    /// `at T`, `at t=T`: a value, a range or a list.
    pub at: Option<Value>,
    /// `when COND for D`.
    pub when: Option<When>,
    /// `for D`, `during D`.
    pub length: Option<Value>,
    /// `every D`.
    pub every: Option<Value>,
    /// `ramp D`.
    pub ramp: Option<Value>,
    /// `random mttf D mttr D`.
    pub random: Option<(Value, Value)>,
}

/// What a chaos event hits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChaosTargets {
    /// `kill 1 replica of X`: how many replicas.
    pub replicas: Option<Value>,
    /// `any N of [A, B]`: how many, drawn by the seed.
    pub any: Option<Value>,
    /// `one of [A, B]`: one run for each.
    pub one_of: bool,
    /// `partition A | one of [B, C]`: one run for each of the far side.
    pub one_of_other: bool,
    /// Elements (`X`), `queue`/`zone`/`kind`/`tag` selectors.
    pub elements: Vec<Spanned<ChaosTarget>>,
    /// The far side: `partition A | B`, `delay A -> B`.
    pub other: Vec<Spanned<ChaosTarget>>,
    /// The sides are joined by an arrow: from the first to the second only.
    pub arrow: bool,
    /// `X.attr`, `A->B.attr` of `increase`, `set`, `exhaust`; a knob (`load`) of `surge`.
    pub attribute: Option<Target>,
}

/// One target of a chaos event.
#[derive(Debug, Clone, PartialEq)]
pub enum ChaosTarget {
    /// A name: an element, a parameter of the scenario.
    Path(Path),
    /// `zone Z`, `region R`.
    Zone(Path),
    /// `kind database`, `every queue`.
    Kind(String),
    /// `tag "critical"`.
    Tag(String),
    /// `all`.
    All,
}

/// `when COND for D`, `every time`.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// The condition.
    pub condition: Expr,
    /// How long it must have held.
    pub hold: Option<Value>,
    /// `every time`.
    pub every_time: bool,
}

/// `expect COND during chaos`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// The condition.
    pub condition: Expr,
    /// When it is measured.
    pub window: Option<Spanned<WindowKind>>,
    /// `as critical`: its severity, when given.
    pub severity: Option<Ident>,
}

/// The windows of expectations.
#[derive(Debug, Clone, PartialEq)]
pub enum WindowKind {
    /// `during chaos`.
    DuringChaos,
    /// `after chaos`.
    AfterChaos,
    /// `from T to T`.
    Between(Value, Value),
    /// `always`.
    Always,
    /// `eventually within D`.
    EventuallyWithin(Value),
}

/// An expression over metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `a < b`.
    Compare(Box<Expr>, Spanned<CompareOp>, Box<Expr>),
    /// `a and b`.
    And(Box<Expr>, Box<Expr>),
    /// `a or b`.
    Or(Box<Expr>, Box<Expr>),
    /// `not a`.
    Not(Box<Expr>),
    /// `200ms`.
    Quantity(Quantity),
    /// `p95(Shop.Api)`, `p95(A -> B)`, `error_rate`, `load`: a metric with its argument, a knob or a parameter.
    Name(Path, Option<Argument>),
    /// `A->B.timeout`: an attribute of a relation.
    Target(Target),
    /// `"v1"`.
    Text(String),
}

/// The argument of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// An element or a request type.
    Path(Path),
    /// A relation.
    Arrow(Path, Path),
}

/// The signs of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum CompareOp {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// `deployment prod "Production" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Its first word (`deployment`, `deploymentNode`, `node`, `zone`, `region`), or its kind in the assigned form.
    pub keyword: Ident,
    /// Its name; dotted names name their parent.
    pub id: Path,
    /// First text.
    pub title: Option<Text>,
    /// Nodes inside.
    pub children: Vec<Deployment>,
    /// `containerInstance webApp.api`: what runs here.
    pub instances: Vec<Path>,
    /// The whole block.
    pub span: Span,
}

/// `R1 = feedback "Retries" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    /// `feedback` or `causal_loop`.
    pub keyword: Ident,
    /// Its name.
    pub id: Ident,
    /// Its title.
    pub title: Option<Text>,
    /// `loop_type`: what it says it is, lower case.
    pub declared: Option<Spanned<String>>,
    /// Its edges.
    pub edges: Vec<LoopEdge>,
    /// The whole block.
    pub span: Span,
}

/// `A -> B "label" { polarity + delay "1 day" }`.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopEdge {
    /// Cause.
    pub from: Path,
    /// Effect.
    pub to: Path,
    /// `+` or `-`: true for plus.
    pub polarity: Option<Spanned<bool>>,
    /// The whole edge.
    pub span: Span,
}

/// `version v2 "Split" from …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its name.
    pub name: Ident,
    /// Its title.
    pub title: Option<Text>,
    /// Where it comes from.
    pub origin: VersionOrigin,
    /// The whole statement.
    pub span: Span,
}

/// Where a version comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum VersionOrigin {
    /// `from "arch/v1.sruja"`.
    File(Text),
    /// `from git "release-2.0" "arch/main.sruja"`.
    Git {
        /// Commit, tag or branch.
        reference: Text,
        /// Path in it.
        path: Text,
    },
    /// `extends v2 { … }`.
    Overlay {
        /// The version underneath; `working` is the model of the file itself.
        base: Ident,
        /// The changes, in order.
        changes: Vec<Change>,
    },
    /// Could not be read; a diagnostic says why.
    Missing,
}

/// One change of an overlay.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// `Shop.Api.replicas = 6`, `Shop.Api->Shop.Db.pool = 40`.
    Assign(Target, Value),
    /// `remove Shop.Cache`, `remove A -> B`.
    Remove(Target),
    /// Anything that a model may say: new elements, relations, behavior blocks.
    Add(Box<Item>),
}

/// `tune NAME of SCENARIO { … }`, `search NAME of SCENARIO { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// `tune` or `search`.
    pub keyword: Ident,
    /// Its name.
    pub name: Ident,
    /// The scenario.
    pub of: Option<Path>,
    /// `over X 50ms..2s, Y 0..5`.
    pub over: Vec<(Target, Value)>,
    /// `maximize violations`, `minimize p99`.
    pub objective: Option<(Ident, Expr)>,
    /// `subject to …`.
    pub subject_to: Vec<Expr>,
    /// `budget 300`.
    pub budget: Option<Spanned<Quantity>>,
    /// The whole block.
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
