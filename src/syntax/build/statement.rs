//! Simulation statements of scenarios.

use super::item::shown;
use super::{behavior, chaos, expect, expr, scenario, value};
use crate::diag::{Diagnostic, codes};
use crate::quantity::Quantity;
use crate::schema::{Attribute, KNOBS, SETTINGS, Type, find_knob, find_setting, find_verb, group_of, nearest};
use crate::source::Spanned;
use crate::syntax::ast::{Ident, Path, Statement, StatementKind, Target, Text, Value, ValueKind};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// Arrival processes, to tell `arrivals poisson` from `arrivals Customer poisson`.
pub const ARRIVALS: &[&str] = &[
    "poisson",
    "constant",
    "deterministic",
    "erlang",
    "hyperexponential",
    "mmpp",
    "batch",
    "trace",
    "gamma",
    "weibull",
];

/// First words of statements that are neither knobs, settings nor verbs.
pub const WORDS: &[&str] = &[
    "expect",
    "param",
    "arrivals",
    "traffic",
    "zip",
    "sample",
    "exclude",
    "versions",
    "commits",
    "tiers",
    "quality",
    "sync",
    "checkpoint",
    "simulate",
    "behavior",
    "abstract",
    "group",
    "introduce",
];

/// The statement that stands here; at least one token is taken.
pub fn statement(c: &mut Cursor<'_>, out: &mut Vec<Statement>) {
    let mark = c.mark();
    if !c.is(Kind::Word) {
        return unexpected(c);
    }
    let found = read(c);
    let ok = found.is_some();
    let span = c.since(mark);
    out.extend(found.map(|kind| Statement { kind, span }));
    let stuck = c.mark() == mark;
    let rest_of_line = c.same_line() && !c.is(Kind::Semicolon) && !c.is(Kind::Word);
    if !ok && (stuck || rest_of_line) {
        c.recover();
    }
}

fn unexpected(c: &mut Cursor<'_>) {
    let (span, word) = (c.here(), shown(c.word()));
    c.report(
        Diagnostic::new(&codes::E0101, span, format!("`{word}` begins no statement"))
            .label("not expected here")
            .help("a statement begins with a name, such as `load = 100..500` or `at 30s kill Shop.Db`"),
    );
    c.recover();
}

/// `None` when the statement could not be read, and was complained about.
fn read(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let separated = c.nth_is_separator(1);
    let is_statement = matches!(c.word(), "arrivals" | "traffic") || names_group(c);
    if c.nth_is_arrow(1) || (separated && !is_statement && !design_form(c) && !is_setting(c)) {
        return assign(c);
    }
    match c.word() {
        "expect" | "assert" => expect::expect(c).map(StatementKind::Expect),
        "param" => param(c),
        "arrivals" => arrivals(c),
        "abstract" => {
            c.bump();
            Some(StatementKind::Abstract)
        }
        "group" if names_group(c) => group(c),
        "traffic" => traffic(c),
        "zip" => zip(c),
        "sample" => sample(c),
        "exclude" => exclude(c),
        "versions" => Some(versions(c)),
        "commits" => commits(c),
        "tiers" => tiers(c),
        "quality" => quality(c),
        "sync" => sync(c),
        "checkpoint" => checkpoint(c),
        "simulate" => exec(c),
        "behavior" => Some(StatementKind::Behavior(behavior::behavior(c))),
        _ if design_form(c) => chaos::design(c),
        _ if is_setting(c) => setting(c),
        _ if chaos::starts(c) => chaos::chaos(c),
        word if find_knob(scenario_knob(word)).is_some() || value_follows(c) => assign(c),
        _ => unknown(c),
    }
}

/// `group "X"`, `group: "X"`; any other `group` is a name.
fn names_group(c: &Cursor<'_>) -> bool {
    c.word() == "group" && c.nth(1 + usize::from(c.nth_is_separator(1))) == Some(Kind::Text)
}

fn group(c: &mut Cursor<'_>) -> Option<StatementKind> {
    c.bump();
    c.eat_separator();
    c.text_if().map(StatementKind::Group)
}

/// `load.range` is the knob `load`.
fn scenario_knob(word: &str) -> &str {
    word.strip_suffix(".range").unwrap_or(word)
}

/// `start: 10s end: 60s multiplier: 3.0x` and `component: DB latency: +80ms` of design documents.
fn design_form(c: &Cursor<'_>) -> bool {
    let value = c.nth(1 + usize::from(c.nth_is_separator(1)));
    match c.word() {
        "component" | "target" if value == Some(Kind::Word) => {
            let at = 2 + usize::from(c.nth_is_separator(1));
            chaos::is_design_amount(c.nth_word(at)) && c.nth_same_line(at)
        }
        "start" | "multiplier" => value == Some(Kind::Number),
        _ => false,
    }
}

fn is_setting(c: &Cursor<'_>) -> bool {
    let known = find_setting(c.word()).is_some() || matches!(c.word(), "users" | "think" | "preempt");
    // `timeout X.y = …` and the like do not exist; `users.range` does.
    known && !c.nth_is_arrow(1)
}

/// Something that can only be a value follows on the same line.
fn value_follows(c: &Cursor<'_>) -> bool {
    let number = matches!(c.nth(1), Some(Kind::Number | Kind::Open(Bracket::Square)));
    let call = c.nth(1) == Some(Kind::Word) && c.nth(2) == Some(Kind::Open(Bracket::Round));
    let only_word = c.nth(1) == Some(Kind::Word) && (c.nth(2).is_none() || !c.nth_same_line(2));
    let known = nearest(c.word(), names()).is_some();
    c.nth_same_line(1) && (number && (c.word().contains('.') || !known) || call || (only_word && !known))
}

/// Whether a statement may begin with `word`.
pub fn is_name(word: &str) -> bool {
    names().any(|name| name == word)
}

fn names() -> impl Iterator<Item = &'static str> {
    let verbs = crate::schema::CHAOS_VERBS
        .iter()
        .flat_map(|verb| std::iter::once(verb.name).chain(verb.aliases.iter().copied()));
    let knobs = KNOBS.iter().map(|knob| knob.name).chain(SETTINGS.iter().map(|setting| setting.name));
    WORDS.iter().copied().chain(knobs).chain(verbs)
}

fn unknown(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let (word, span) = (c.word(), c.here());
    let meant = nearest(word, names());
    let mut diagnostic = Diagnostic::new(&codes::E0205, span, format!("`{word}` begins no statement of a scenario"))
        .label("nobody knows this");
    diagnostic = match meant {
        Some(meant) => diagnostic
            .help(format!("did you mean `{meant}`?"))
            .suggest(format!("write `{meant}`"), span, meant),
        None => diagnostic.help("a statement sets something (`load = 100..500`), makes something happen (`at 30s kill Shop.Db`) or expects something"),
    };
    c.report(diagnostic);
    c.recover();
    None
}

// ---- assignments

/// `X.attr`, `A->B.attr`, `load`: the left side of an assignment.
pub fn target(c: &mut Cursor<'_>) -> Option<Target> {
    let mark = c.mark();
    let first = c.path_if()?;
    if !c.nth_is_arrow(0) {
        return Some(Target { from: None, path: scenario::without_range(first), span: c.since(mark) });
    }
    super::relation::arrow(c);
    let path = c.path_if()?;
    Some(Target { from: Some(first), path: scenario::without_range(path), span: c.since(mark) })
}

/// A target, an optional separator and a value.
pub fn assignment(c: &mut Cursor<'_>) -> Option<(Target, Value)> {
    let target = target(c)?;
    c.eat_separator();
    let name = Spanned::new(c.slice(target.span).to_owned(), target.span);
    let value = if next_statement(c) { None } else { attribute_value(c, &name, target.attribute()) };
    if value.is_none() {
        value::missing_value(c, &name, "a value, a range such as `100..5000`, or a list such as `[1, 2, 5]`");
    }
    Some((target, value?))
}

/// The next line begins another statement where the value should stand.
fn next_statement(c: &Cursor<'_>) -> bool {
    c.is(Kind::Word)
        && !c.same_line()
        && (c.nth_is_separator(1) || c.nth(1) == Some(Kind::Number) || names().any(|name| name == c.word()))
}

fn assign(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let (target, value) = assignment(c)?;
    Some(StatementKind::Assign(target, value))
}

/// What an attribute is set to: as in a behavior block, and several of it between commas.
pub fn attribute_value(c: &mut Cursor<'_>, name: &Ident, row: Option<&'static Attribute>) -> Option<Value> {
    let Some(row) = row else { return assigned_value(c) };
    let mark = c.mark();
    let has_words = matches!(row.ty, Type::Shed | Type::Hedge | Type::Keys);
    let values = match row.ty {
        Type::Block if c.opens_block() => Vec::new(),
        _ if has_words && c.opens(Bracket::Square) => vec![several(c, name, row.ty)],
        _ if has_words => behavior::words(c, name, row.ty)?,
        _ if group_of(row.name).next().is_some() && c.opens_block() => Vec::new(),
        _ => vec![assigned_value(c)?],
    };
    let word = c.word();
    let beside = !c.nth_is_separator(1) && !names().any(|name| name == word);
    let block = behavior::further(c, row, beside);
    match <[Value; 1]>::try_from(values) {
        Ok([value]) if block.is_empty() => Some(value),
        Ok([value]) => Some(Spanned::new(ValueKind::Attribute(vec![value], block), c.since(mark))),
        Err(values) => Some(Spanned::new(ValueKind::Attribute(values, block), c.since(mark))),
    }
}

/// `[queue > 20%, queue > 50%]`: a list of what may be several words each.
fn several(c: &mut Cursor<'_>, name: &Ident, ty: Type) -> Value {
    let mark = c.mark();
    let items = c.inside(|c| {
        let mut items = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Comma) {
                continue;
            }
            let mark = c.mark();
            let Some(words) = behavior::words(c, name, ty) else {
                unexpected_entry(c, "`[after p95, after 20ms]`");
                break;
            };
            let kind = match <[Value; 1]>::try_from(words) {
                Ok([word]) => word.value,
                Err(words) => ValueKind::Attribute(words, Vec::new()),
            };
            items.push(Spanned::new(kind, c.since(mark)));
        }
        items
    });
    Spanned::new(ValueKind::List(items), c.since(mark))
}

/// A value; on the right of an assignment also a word and braces (`profile { … }`) or words side by side (`ramp 1/s 5/s`).
fn assigned_value(c: &mut Cursor<'_>) -> Option<Value> {
    let mark = c.mark();
    if c.is(Kind::Word) && c.nth(1) == Some(Kind::Open(Bracket::Brace)) {
        let name = c.ident();
        let block = value::block_of_values(c);
        return Some(Spanned::new(ValueKind::Call(name, vec![vec![block]]), c.since(mark)));
    }
    if c.opens_block() {
        return Some(value::block_of_values(c));
    }
    let shape = matches!(c.word(), "profile" | "ramp" | "spike" | "step" | "steps" | "diurnal" | "constant");
    let numbers = c.nth(1) == Some(Kind::Number) || (c.nth_word(1) == "from" && c.nth(2) == Some(Kind::Number));
    if shape && numbers && c.nth_same_line(1) {
        let name = c.ident();
        let mut values = Vec::new();
        while c.same_line()
            && (c.is(Kind::Number)
                || (c.is(Kind::Word) && c.nth(1) == Some(Kind::Number) && find_setting(c.word()).is_none()))
        {
            values.extend(value::value(c));
        }
        return Some(Spanned::new(ValueKind::Call(name, vec![values]), c.since(mark)));
    }
    value::value(c)
}

// ---- settings

fn setting(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_separator();
    if name.value == "preempt" {
        let yes = ValueKind::Path(Path { parts: vec![Spanned::new("true".to_owned(), name.span)], span: name.span });
        return Some(StatementKind::Setting(name.clone(), Spanned::new(yes, name.span)));
    }
    let wants = find_setting(&name.value).map_or("a value", |setting| match setting.name {
        "replications" | "seed" => "a whole number",
        "precision" => "a share such as `2%`",
        "priority" => "`high`, `normal` or `background`",
        _ => "a duration such as `60s`",
    });
    if next_statement(c) || (c.is(Kind::Word) && find_setting(c.word()).is_some()) {
        value::missing_value(c, &name, wants);
        return None;
    }
    let value = value::required_value(c, &name, wants)?;
    let sweep = matches!(value.value, ValueKind::Range(_) | ValueKind::List(_));
    if sweep && find_knob(&name.value).is_some() {
        let path = Path { parts: vec![name.clone()], span: name.span };
        return Some(StatementKind::Assign(Target { from: None, path, span: name.span }, value));
    }
    Some(StatementKind::Setting(name, value))
}

fn param(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let keyword = c.ident();
    let Some(name) = c.ident_if() else {
        value::missing_value(c, &keyword, "the name of the parameter: `param peak = 5x`");
        return None;
    };
    if c.eat_separator() {
        let value = parameter(c, &name);
        if value.is_none() {
            value::missing_value(c, &name, "a value: `param peak = 5x`");
        }
        return Some(StatementKind::Param(name, value));
    }
    let value = if c.same_line() && matches!(c.kind(), Some(Kind::Number | Kind::Text | Kind::Open(Bracket::Square))) {
        value::value(c)
    } else {
        None
    };
    Some(StatementKind::Param(name, value))
}

/// The value of a parameter: what it stands for says of which form it is.
fn parameter(c: &mut Cursor<'_>, name: &Ident) -> Option<Value> {
    let mark = c.mark();
    let ty = match () {
        () if c.is(Kind::Word) && c.nth(1) == Some(Kind::Comparison) => Type::Shed,
        () if c.is_word("after") => Type::Hedge,
        () if c.nth_word(1) == "over" || c.nth_word(c.nth_behind(1)) == "over" => Type::Keys,
        () => return assigned_value(c),
    };
    match <[Value; 1]>::try_from(behavior::words(c, name, ty)?) {
        Ok([word]) => Some(word),
        Err(words) => Some(Spanned::new(ValueKind::Attribute(words, Vec::new()), c.since(mark))),
    }
}

fn arrivals(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_separator();
    let source = c.is(Kind::Word)
        && !ARRIVALS.contains(&c.word())
        && c.nth(1) != Some(Kind::Open(Bracket::Round))
        && (c.nth(1) == Some(Kind::Word) || c.nth_is_separator(1));
    let of = if source { c.path_if() } else { None };
    c.eat_separator();
    let wants = "an arrival process such as `poisson` or `mmpp(50/s, 170/s, switch 5/s)`";
    value::arrivals(c, &name, wants).map(|value| StatementKind::Arrivals(of, value))
}

// ---- blocks

fn traffic(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_separator();
    if !c.opens_block() {
        value::missing_value(c, &name, "the mix of request types: `traffic { Checkout 30%  Browse 70% }`");
        return None;
    }
    let mix = c.inside(|c| {
        let mut mix = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Comma) || c.eat(Kind::Semicolon) {
                continue;
            }
            let Some(path) = c.path_if() else {
                unexpected_entry(c, "`Checkout 30%`");
                continue;
            };
            c.eat_separator();
            let name = Spanned::new(path.dotted(), path.span);
            if let Some(share) = value::required_quantity(c, &name, "its share, such as `30%`") {
                mix.push((path, share));
            } else if c.same_line() && !c.is(Kind::Word) {
                c.recover();
            }
        }
        mix
    });
    Some(StatementKind::Traffic(mix))
}

/// Something in braces that is no entry.
pub fn unexpected_entry(c: &mut Cursor<'_>, wants: &str) {
    let (span, word) = (c.here(), shown(c.word()));
    c.report(
        Diagnostic::new(&codes::E0101, span, format!("`{word}` does not belong here"))
            .label("not expected here")
            .help(format!("an entry is written {wants}")),
    );
    c.recover();
}

fn zip(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    if !c.opens_block() {
        value::missing_value(c, &name, "the lists that go together: `zip { a = [1, 2] b = [3, 4] }`");
        return None;
    }
    let pairs = c.inside(|c| {
        let mut pairs = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Comma) || c.eat(Kind::Semicolon) {
                continue;
            }
            if c.is(Kind::Word) {
                pairs.extend(assignment(c));
            } else {
                unexpected_entry(c, "`load = [100, 200]`");
            }
        }
        pairs
    });
    Some(StatementKind::Zip(pairs))
}

fn sample(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_separator();
    let count = value::required_quantity(c, &name, "how many runs: `sample 500`")?;
    let latin = c.eat_word_beside("latin");
    if !latin {
        c.eat_word_beside("sobol");
    }
    Some(StatementKind::Sample { count, latin })
}

fn exclude(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_word("when");
    expr::condition(c, &name).map(StatementKind::Exclude)
}

fn tiers(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_separator();
    let tiers = if c.opens_block() { c.inside(tier_list) } else { tier_list(c) };
    if tiers.is_empty() {
        value::missing_value(c, &name, "names and factors: `tiers simple 1x, medium 3x, complex 8x`");
        return None;
    }
    let strategy = if c.eat_word("strategy") { c.ident_if() } else { None };
    Some(StatementKind::Tiers { tiers, strategy })
}

/// `simple 1x, medium 3x`, the commas optional; the next statement on the line is none of them.
fn tier_list(c: &mut Cursor<'_>) -> Vec<(Ident, Spanned<Quantity>)> {
    let mut tiers = Vec::new();
    while c.is(Kind::Word) && c.nth(1 + usize::from(c.nth_is_separator(1))) == Some(Kind::Number) {
        let tier = c.ident();
        c.eat_separator();
        tiers.extend(value::quantity(c).map(|factor| (tier, factor)));
        if !c.eat(Kind::Comma) && (!c.same_line() || is_name(c.word())) {
            break;
        }
    }
    tiers
}

fn quality(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    if !c.opens_block() {
        value::missing_value(c, &name, "conditions and weights: `quality { p95 < 500ms weight 0.5 }`");
        return None;
    }
    let parts = c.inside(|c| {
        let mut parts = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Comma) || c.eat(Kind::Semicolon) {
                continue;
            }
            let mark = c.mark();
            let Some(condition) = expr::condition(c, &name) else {
                if c.mark() == mark || c.same_line() {
                    c.recover();
                }
                continue;
            };
            let place = Spanned::new(c.slice(condition.span).to_owned(), condition.span);
            let weight = if c.eat_word("weight") {
                c.eat_separator();
                value::required_quantity(c, &place, "its weight: `weight 0.5`")
            } else {
                Some(Spanned::new(crate::quantity::Quantity::bare(crate::quantity::Decimal::integer(1)), c.behind()))
            };
            parts.extend(weight.map(|weight| (condition, weight)));
        }
        parts
    });
    Some(StatementKind::Quality(parts))
}

// ---- versions and commits

fn versions(c: &mut Cursor<'_>) -> StatementKind {
    c.bump();
    c.eat_separator();
    if c.opens(Bracket::Square) {
        return StatementKind::Versions(super::element::tag_list(c));
    }
    let mut found: Vec<Text> = c.text_or_word().into_iter().collect();
    while c.is(Kind::Comma) {
        c.bump();
        found.extend(c.text_or_word());
    }
    StatementKind::Versions(found)
}

/// Revisions between commas and options in any order: `main~42..main every 7`, `last 50`, `tags "v*"`.
fn commits(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_separator();
    let mut words: Vec<Text> = Vec::new();
    let mut comma = true;
    while !c.is_done() {
        if option(c, &mut words) {
            comma = false;
        } else if comma && !c.opens_block() && (c.same_line() || !words.is_empty()) {
            words.push(revision(c));
            comma = false;
        } else if c.is(Kind::Comma) {
            c.bump();
            comma = true;
            continue;
        } else {
            break;
        }
    }
    if words.is_empty() {
        value::missing_value(
            c,
            &name,
            "commits: `main~42..main every 7`, `#1, #14`, `last 50`, `tags \"v*\"` or `since \"2026-01-01\"`",
        );
        return None;
    }
    Some(StatementKind::Commits(words))
}

fn option(c: &mut Cursor<'_>, words: &mut Vec<Text>) -> bool {
    let value = c.nth(1);
    let fits = match c.word() {
        "every" | "last" => value == Some(Kind::Number),
        "tags" | "since" | "until" | "branch" => value == Some(Kind::Text),
        _ => false,
    };
    if fits && c.is(Kind::Word) {
        words.push(c.ident());
        words.extend(c.text_if());
        if value == Some(Kind::Number) {
            words.push(c.ident());
        }
    }
    fits
}

/// Tokens without blanks between them: `main~42..main`, `#21..#42`, `[abc]` is none.
fn revision(c: &mut Cursor<'_>) -> Text {
    if let Some(text) = c.text_if() {
        return text;
    }
    let mark = c.mark();
    c.bump();
    while c.touches_previous() && !matches!(c.kind(), Some(Kind::Comma | Kind::Semicolon | Kind::Text)) {
        c.bump();
    }
    let span = c.since(mark);
    Spanned::new(c.slice(span).to_owned(), span)
}

// ---- running

fn sync(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_separator();
    let Some(mode) = c.ident_if() else {
        value::missing_value(c, &name, "`free`, `lockstep` or `milestone [30%, 70%]`");
        return None;
    };
    let mut milestones = Vec::new();
    if c.opens(Bracket::Square) {
        c.inside(|c| {
            while !c.is_done() {
                match value::quantity(c) {
                    Some(at) => milestones.push(at),
                    None => c.skip(),
                }
            }
        });
    }
    let timeout = if c.eat_word_beside("timeout") {
        value::required_quantity(c, &name, "a duration such as `60s`")
    } else {
        None
    };
    Some(StatementKind::Sync { mode, milestones, timeout })
}

fn checkpoint(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name = c.ident();
    c.eat_word("every");
    let every = value::required_quantity(c, &name, "how often: `checkpoint every 30s keep 3`")?;
    let keep =
        if c.eat_word("keep") { value::required_quantity(c, &name, "how many are kept: `keep 3`") } else { None };
    Some(StatementKind::Checkpoint { every, keep })
}

fn exec(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let name: Ident = c.ident();
    c.eat_word("with");
    c.eat_word("exec");
    let command = c.text_if();
    if command.is_none() {
        value::missing_value(c, &name, "the program: `simulate with exec \"./sim --load {load}\"`");
    }
    command.map(StatementKind::Exec)
}

/// Whether `word` is a chaos verb, aliases included.
pub fn is_verb(word: &str) -> bool {
    find_verb(word).is_some()
}
