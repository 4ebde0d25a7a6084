//! The tree in short, for tests.

use super::*;
use crate::quantity::{RangeSpec, Spacing};
use crate::syntax::ast::*;

pub fn value(value: &Value) -> String {
    match &value.value {
        ValueKind::Quantity(quantity) => quantity.to_string(),
        ValueKind::Plus(quantity) => format!("+{quantity}"),
        ValueKind::Range(range) => self::range(range),
        ValueKind::List(values) => format!("[{}]", values.iter().map(self::value).collect::<Vec<_>>().join(",")),
        ValueKind::Text(text) => format!("{text:?}"),
        ValueKind::Path(path) => path.dotted(),
        ValueKind::Arrow(a, b) => format!("{}->{}", a.dotted(), b.dotted()),
        ValueKind::Call(name, arguments) => {
            let argument = |values: &Vec<Value>| values.iter().map(self::value).collect::<Vec<_>>().join(" ");
            format!("{}({})", name.value, arguments.iter().map(argument).collect::<Vec<_>>().join(","))
        }
        ValueKind::Condition(expr) => self::expr(expr),
        ValueKind::Block(values) => format!("{{{}}}", values.iter().map(self::value).collect::<Vec<_>>().join(" ")),
    }
}

fn range(range: &RangeSpec) -> String {
    let spacing = match range.spacing {
        Spacing::Auto => String::new(),
        Spacing::Step(step) => format!(" step {step}"),
        Spacing::Steps(count) => format!(" steps {count}"),
        Spacing::Log(count) => format!(" log {count}"),
    };
    format!("{}..{}{spacing}", range.start, range.end)
}

pub fn expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Compare(a, op, b) => format!("({} {:?} {})", self::expr(a), op.value, self::expr(b)),
        ExprKind::And(a, b) => format!("({} and {})", self::expr(a), self::expr(b)),
        ExprKind::Or(a, b) => format!("({} or {})", self::expr(a), self::expr(b)),
        ExprKind::Not(a) => format!("not {}", self::expr(a)),
        ExprKind::Quantity(quantity) => quantity.to_string(),
        ExprKind::Name(path, None) => path.dotted(),
        ExprKind::Name(path, Some(Argument::Path(of))) => format!("{}({})", path.dotted(), of.dotted()),
        ExprKind::Name(path, Some(Argument::Arrow(a, b))) => {
            format!("{}({}->{})", path.dotted(), a.dotted(), b.dotted())
        }
        ExprKind::Target(target) => self::target(target),
        ExprKind::Text(text) => format!("{text:?}"),
    }
}

pub fn target(target: &Target) -> String {
    match &target.from {
        Some(from) => format!("{}->{}", from.dotted(), target.path.dotted()),
        None => target.path.dotted(),
    }
}

pub fn property(property: &Property) -> String {
    let mut out = property.name.value.clone();
    for value in &property.values {
        out += &format!(" {}", self::value(value));
    }
    if !property.block.is_empty() {
        out += &format!(" {{ {} }}", properties(&property.block));
    }
    out
}

pub fn properties(properties: &[Property]) -> String {
    properties.iter().map(property).collect::<Vec<_>>().join("; ")
}

pub fn end(end: &End) -> String {
    match end {
        End::Path(path) => path.dotted(),
        End::Text(text) => format!("{:?}", text.value),
    }
}

pub fn step(step: &Step) -> String {
    let to: Vec<_> = step.to.iter().map(end).collect();
    let mut out = format!("{}->{}", end(&step.from), to.join("+"));
    if let Some(name) = &step.name {
        out = format!("{}: {out}", name.value);
    }
    out += &step.label.as_ref().map_or(String::new(), |label| format!(" {:?}", label.value));
    out += &step.tags.iter().map(|tag| format!(" #{}", tag.value)).collect::<String>();
    out += &step.order.map_or(String::new(), |order| format!(" order {}", order.value));
    out += &step.quorum.map_or(String::new(), |quorum| format!(" quorum {}", quorum.value));
    out += &step.compensate.as_ref().map_or(String::new(), |(a, b)| format!(" undo {}->{}", end(a), end(b)));
    if !step.properties.is_empty() {
        out += &format!(" {{ {} }}", properties(&step.properties));
    }
    out
}

fn side(targets: &[crate::source::Spanned<ChaosTarget>]) -> String {
    let one = |target: &crate::source::Spanned<ChaosTarget>| match &target.value {
        ChaosTarget::Path(path) => path.dotted(),
        ChaosTarget::Zone(path) => format!("zone {}", path.dotted()),
        ChaosTarget::Kind(kind) => format!("kind {kind}"),
        ChaosTarget::Tag(tag) => format!("tag {tag}"),
        ChaosTarget::All => "all".to_owned(),
    };
    targets.iter().map(one).collect::<Vec<_>>().join(",")
}

pub fn chaos(event: &Chaos) -> String {
    let mut parts = vec![event.verb.value.clone()];
    let targets = &event.targets;
    let mut add = |name: &str, text: Option<String>| parts.extend(text.map(|text| format!("{name}:{text}")));
    add("of", (!targets.elements.is_empty()).then(|| side(&targets.elements)));
    add(if targets.arrow { "to" } else { "vs" }, (!targets.other.is_empty()).then(|| side(&targets.other)));
    add("attr", targets.attribute.as_ref().map(target));
    add("replicas", targets.replicas.as_ref().map(value));
    add("any", targets.any.as_ref().map(value));
    add("one", targets.one_of.then(|| "of".to_owned()));
    for (name, amount) in &event.amounts {
        add(&format!("<{}>", name.value), Some(value(amount)));
    }
    add("set", (!event.properties.is_empty()).then(|| properties(&event.properties)));
    add("introduced", event.introduced.then(String::new));
    for flag in &event.flags {
        add("flag", Some(flag.value.clone()));
    }
    add("at", event.at.as_ref().map(value));
    add("for", event.length.as_ref().map(value));
    add("every", event.every.as_ref().map(value));
    add("ramp", event.ramp.as_ref().map(value));
    add("random", event.random.as_ref().map(|(a, b)| format!("{}/{}", value(a), value(b))));
    if let Some(when) = &event.when {
        add("when", Some(expr(&when.condition)));
        add("hold", when.hold.as_ref().map(value));
        add("again", when.every_time.then(String::new));
    }
    parts.join(" ")
}

fn texts(texts: &[Text]) -> String {
    texts.iter().map(|text| text.value.as_str()).collect::<Vec<_>>().join(" ")
}

pub fn statement(statement: &Statement) -> String {
    match &statement.kind {
        StatementKind::Assign(left, right) => format!("{} = {}", target(left), value(right)),
        StatementKind::Setting(name, found) => format!("set {} {}", name.value, value(found)),
        StatementKind::Param(name, None) => format!("param {}", name.value),
        StatementKind::Param(name, Some(found)) => format!("param {} {}", name.value, value(found)),
        StatementKind::Arrivals(of, found) => {
            format!("arrivals {}{}", of.as_ref().map_or(String::new(), |of| of.dotted() + " "), value(found))
        }
        StatementKind::Abstract => "abstract".to_owned(),
        StatementKind::Group(name) => format!("group {:?}", name.value),
        StatementKind::Traffic(mix) => {
            let one = |(path, share): &(Path, crate::source::Spanned<crate::quantity::Quantity>)| {
                format!(" {} {}", path.dotted(), share.value)
            };
            format!("traffic{}", mix.iter().map(one).collect::<String>())
        }
        StatementKind::Zip(pairs) => {
            let one = |(left, right): &(Target, Value)| format!(" {}={}", target(left), value(right));
            format!("zip{}", pairs.iter().map(one).collect::<String>())
        }
        StatementKind::Sample { count, latin } => {
            format!("sample {}{}", count.value, if *latin { " latin" } else { "" })
        }
        StatementKind::Exclude(condition) => format!("exclude {}", expr(condition)),
        StatementKind::Chaos(event) => chaos(event),
        StatementKind::Expect(expect) => {
            let window = expect.window.as_ref().map_or(String::new(), |window| match &window.value {
                WindowKind::DuringChaos => " during".to_owned(),
                WindowKind::AfterChaos => " after".to_owned(),
                WindowKind::Always => " always".to_owned(),
                WindowKind::Between(a, b) => format!(" from {} to {}", value(a), value(b)),
                WindowKind::EventuallyWithin(within) => format!(" within {}", value(within)),
            });
            let severity = expect.severity.as_ref().map_or(String::new(), |word| format!(" as {}", word.value));
            format!("expect {}{window}{severity}", expr(&expect.condition))
        }
        StatementKind::Versions(found) => format!("versions {}", texts(found)),
        StatementKind::Commits(found) => format!("commits {}", texts(found)),
        StatementKind::Tiers { tiers, strategy } => {
            let one = |(name, factor): &(Ident, crate::source::Spanned<crate::quantity::Quantity>)| {
                format!(" {} {}", name.value, factor.value)
            };
            let strategy = strategy.as_ref().map_or(String::new(), |word| format!(" by {}", word.value));
            format!("tiers{}{strategy}", tiers.iter().map(one).collect::<String>())
        }
        StatementKind::Quality(parts) => {
            let one = |(condition, weight): &(Expr, crate::source::Spanned<crate::quantity::Quantity>)| {
                format!(" {}*{}", expr(condition), weight.value)
            };
            format!("quality{}", parts.iter().map(one).collect::<String>())
        }
        StatementKind::Sync { mode, milestones, timeout } => {
            let at: Vec<_> = milestones.iter().map(|at| at.value.to_string()).collect();
            let timeout = timeout.map_or(String::new(), |timeout| format!(" timeout {}", timeout.value));
            format!("sync {} [{}]{timeout}", mode.value, at.join(","))
        }
        StatementKind::Checkpoint { every, keep } => {
            format!("checkpoint {}{}", every.value, keep.map_or(String::new(), |keep| format!(" keep {}", keep.value)))
        }
        StatementKind::Exec(command) => format!("exec {:?}", command.value),
        StatementKind::Behavior(behavior) => format!("behavior {{ {} }}", properties(&behavior.properties)),
    }
}

/// Every statement of the first scenario of `text`.
pub fn statements(text: &str) -> Vec<String> {
    let text = format!("scenario S {{\n{text}\n}}");
    let file = clean(&text);
    let Item::Scenario(scenario) = &file.items[0] else { panic!("no scenario") };
    scenario.statements.iter().map(statement).collect()
}
