//! Chaos events: a verb, what it hits, how much, and when; modifiers in any order, before or behind.

use super::{behavior, expr, statement, value};
use crate::diag::{Diagnostic, codes};
use crate::quantity::{Decimal, Quantity};
use crate::schema::{CHAOS_VERBS, Verb, find_knob, find_verb, nearest};
use crate::source::Spanned;
use crate::syntax::ast::{
    Chaos, ChaosTarget, ChaosTargets, Ident, Path, StatementKind, Target, Value, ValueKind, When,
};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// Words that stand before the verb.
pub const LEADING: &[&str] = &["at", "when", "every", "introduce", "inject", "after", "random", "any"];
/// Words that name an amount.
pub const AMOUNTS: &[&str] =
    &["by", "to", "loss", "jitter", "rate", "share", "factor", "cv", "grace", "downtime", "load"];
/// Words for one instance of an element.
pub const INSTANCES: &[&str] = &["replica", "replicas", "instance", "instances", "pod", "pods"];
/// Words that stand alone.
pub const FLAGS: &[&str] =
    &["oneway", "partial", "bidirectional", "graceful", "cold", "rolling", "canary", "symmetric", "full"];

/// Whether a chaos event begins here.
pub fn starts(c: &Cursor<'_>) -> bool {
    let word = c.word();
    if LEADING.contains(&word) {
        return matches!(c.nth(1), Some(Kind::Word | Kind::Number | Kind::Open(_) | Kind::Text));
    }
    if matches!(word, "partial") && statement::is_verb(c.nth_word(1)) {
        return true;
    }
    let another_meaning = find_knob(word).is_some() && !(c.nth(1) == Some(Kind::Word) && c.nth_same_line(1));
    find_verb(word).is_some() && !another_meaning
}

fn empty(verb: Ident) -> Chaos {
    Chaos {
        verb,
        targets: ChaosTargets::default(),
        amounts: Vec::new(),
        properties: Vec::new(),
        introduced: false,
        flags: Vec::new(),
        at: None,
        when: None,
        length: None,
        every: None,
        ramp: None,
        random: None,
    }
}

/// A chaos event stands here.
pub fn chaos(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let mut event = empty(Spanned::new(String::new(), c.here()));
    while leading(c, &mut event)? {}
    let verb = verb(c)?;
    let row = find_verb(&verb.value)?;
    event.verb = verb;
    while part(c, &mut event, row.verb)? {}
    check_target(c, &event, row.verb);
    Some(StatementKind::Chaos(Box::new(event)))
}

/// A modifier before the verb; `None` when it is broken.
fn leading(c: &mut Cursor<'_>, event: &mut Chaos) -> Option<bool> {
    if c.is_word("introduce") || c.is_word("inject") {
        c.bump();
        event.introduced = true;
        // `introduce a partial partition`
        c.eat_word("a");
        return Some(true);
    }
    if FLAGS.contains(&c.word()) && c.is(Kind::Word) {
        event.flags.push(c.ident());
        return Some(true);
    }
    if is_any_of(c) {
        any_of(c, event);
        return Some(true);
    }
    modifier(c, event)
}

/// `any 2 of`, `any [1, 2] of`, `any n of`.
fn is_any_of(c: &Cursor<'_>) -> bool {
    c.is_word("any") && (c.nth(1) == Some(Kind::Number) || c.nth_word(c.nth_behind(1)) == "of")
}

fn verb(c: &mut Cursor<'_>) -> Option<Ident> {
    if c.is(Kind::Word) && find_verb(c.word()).is_some() {
        return Some(c.ident());
    }
    let (word, span) = (c.word(), c.here());
    if !c.is(Kind::Word) {
        c.report(
            Diagnostic::new(&codes::E0111, span, "the event does nothing")
                .label("an action is missing here")
                .help("write what happens: `at 30s kill Shop.Db`"),
        );
        if c.same_line() {
            c.recover();
        }
        return None;
    }
    let names = CHAOS_VERBS.iter().flat_map(|verb| std::iter::once(verb.name).chain(verb.aliases.iter().copied()));
    let meant = nearest(word, names);
    let mut diagnostic =
        Diagnostic::new(&codes::E0205, span, format!("`{word}` is no chaos action")).label("nobody knows this action");
    diagnostic = match meant {
        Some(meant) => {
            diagnostic.help(format!("did you mean `{meant}`?")).suggest(format!("write `{meant}`"), span, meant)
        }
        None => diagnostic.help("actions are `kill`, `restart`, `pause`, `slow`, `fail`, `partition`, `delay`, `drop`, `throttle`, `surge`, `set`, `outage` and others"),
    };
    c.report(diagnostic);
    c.bump();
    match meant {
        Some(meant) => Some(Spanned::new(meant.to_owned(), span)),
        None => {
            while !c.is_done() && c.same_line() && !c.is(Kind::Semicolon) {
                c.skip();
            }
            None
        }
    }
}

// ---- modifiers

/// `at T`, `for D`, `every D`, `ramp D`, `random mttf D mttr D`, `when COND`: whether one stood here; `None` when broken.
fn modifier(c: &mut Cursor<'_>, event: &mut Chaos) -> Option<bool> {
    let fresh = c.same_line() || event.verb.value.is_empty();
    match c.word() {
        "at" | "after" if fresh && event.at.is_none() => event.at = Some(moment(c)?),
        "when" if fresh && event.when.is_none() => event.when = Some(when(c)?),
        "every" if fresh && c.nth_word(1) == "time" && event.when.is_some() => {
            c.bump();
            c.bump();
            if let Some(when) = &mut event.when {
                when.every_time = true;
            }
        }
        "every" if fresh && event.every.is_none() && c.nth(1) != Some(Kind::Word) => event.every = Some(length(c)?),
        "for" | "during" if event.length.is_none() => event.length = Some(length(c)?),
        "ramp" if event.ramp.is_none() => event.ramp = Some(length(c)?),
        "random" if event.random.is_none() => event.random = Some(random(c)?),
        _ => return Some(false),
    }
    Some(true)
}

/// `at 30s`, `at t=30s`, `at 10s..60s step 10s`.
fn moment(c: &mut Cursor<'_>) -> Option<Value> {
    let name = c.ident();
    if c.is_word("t") && c.nth_is_separator(1) {
        c.bump();
    }
    c.eat_separator();
    required(c, &name, "a time such as `30s`")
}

fn length(c: &mut Cursor<'_>) -> Option<Value> {
    let name = c.ident();
    c.eat_separator();
    required(c, &name, "a duration such as `20s`")
}

fn required(c: &mut Cursor<'_>, name: &Ident, wants: &str) -> Option<Value> {
    if c.is(Kind::Word) && (!c.same_line() || is_next_part(c)) {
        value::missing_value(c, name, wants);
        return None;
    }
    value::required_value(c, name, wants)
}

/// The word here goes on with the event, rather than being the parameter that it may be called like.
fn is_next_part(c: &Cursor<'_>) -> bool {
    let beside = c.nth(1).filter(|_| c.nth_same_line(1));
    let modifier =
        |word| AMOUNTS.contains(&word) || matches!(word, "for" | "at" | "every" | "ramp" | "when" | "during");
    if AMOUNTS.contains(&c.word()) || matches!(c.word(), "for" | "at" | "every" | "ramp") {
        return matches!(beside, Some(Kind::Number | Kind::Plus));
    }
    statement::is_verb(c.word()) && beside == Some(Kind::Word) && !modifier(c.nth_word(1))
}

fn random(c: &mut Cursor<'_>) -> Option<(Value, Value)> {
    let name = c.ident();
    let (mut up, mut down) = (None, None);
    while matches!(c.word(), "mttf" | "mttr") {
        let to_failure = c.is_word("mttf");
        c.bump();
        let found = value::required_value(c, &name, "durations: `random mttf 30min mttr 2min`")?;
        if to_failure { up = Some(found) } else { down = Some(found) }
    }
    if up.is_none() || down.is_none() {
        value::missing_value(c, &name, "both durations: `random mttf 30min mttr 2min`");
    }
    Some((up?, down?))
}

fn when(c: &mut Cursor<'_>) -> Option<When> {
    let name = c.ident();
    let Some(condition) = expr::condition(c, &name) else {
        if c.same_line() {
            c.recover();
        }
        return None;
    };
    let hold = if c.is_word("for") { Some(length(c)?) } else { None };
    Some(When { condition, hold, every_time: false })
}

fn any_of(c: &mut Cursor<'_>, event: &mut Chaos) {
    c.bump();
    event.targets.any = value::value(c);
    c.eat_word("of");
    if c.opens(Bracket::Square) {
        list(c, &mut event.targets.elements);
    }
}

// ---- what is hit, and how much

/// The next part of the event; `Some(false)` at its end, `None` when broken.
fn part(c: &mut Cursor<'_>, event: &mut Chaos, verb: Verb) -> Option<bool> {
    if c.is_done() || modifier(c, event)? {
        return Some(!c.is_done());
    }
    let far = event.targets.arrow || !event.targets.other.is_empty();
    match c.kind()? {
        Kind::Semicolon => return Some(false),
        Kind::Comma if c.nth(1) == Some(Kind::Word) && c.same_line() => c.bump(),
        Kind::Number if c.same_line() => number(c, event),
        Kind::Plus | Kind::Minus => event.amounts.extend(unnamed(c)),
        Kind::Equals | Kind::OddEquals | Kind::Colon => {
            let sign = Spanned::new("=".to_owned(), c.here());
            c.eat_separator();
            let row = event.targets.attribute.as_ref().and_then(Target::attribute);
            let Some(found) = statement::attribute_value(c, &sign, row) else {
                value::missing_value(c, &sign, "a value");
                return None;
            };
            event.amounts.push((sign, found));
        }
        Kind::Pipe => {
            c.bump();
            if !other_side(c, event) {
                missing_side(c);
                return None;
            }
        }
        Kind::Arrow | Kind::OddArrow => {
            super::relation::arrow(c);
            event.targets.arrow = true;
            if !other_side(c, event) {
                missing_end(c);
                return None;
            }
        }
        Kind::Open(Bracket::Square) if c.same_line() && matches!(c.nth(1), Some(Kind::Number | Kind::Plus)) => {
            number(c, event);
        }
        Kind::Open(Bracket::Square) if c.same_line() => {
            let side = if far { &mut event.targets.other } else { &mut event.targets.elements };
            list(c, side);
        }
        Kind::Open(Bracket::Brace) => event.properties = behavior::block(c, behavior::PLAIN),
        Kind::Text if c.same_line() => event.amounts.extend(unnamed(c)),
        Kind::Word => return word(c, event, verb),
        _ => return Some(false),
    }
    Some(true)
}

/// What stands behind the arrow or the bar; whether anything does.
fn other_side(c: &mut Cursor<'_>, event: &mut Chaos) -> bool {
    event.targets.one_of_other |= one_of(c);
    let before = event.targets.other.len();
    targets(c, &mut event.targets.other);
    event.targets.other.len() > before
}

fn missing_end(c: &mut Cursor<'_>) {
    let span = c.behind();
    c.report(
        Diagnostic::new(&codes::E0111, span, "the relation has no far end")
            .label("who is called is missing here")
            .help("write both ends: `A -> B`"),
    );
}

fn missing_side(c: &mut Cursor<'_>) {
    let span = c.behind();
    c.report(
        Diagnostic::new(&codes::E0111, span, "the partition has one side only")
            .label("the other side is missing here")
            .help("write both sides: `partition A | B`"),
    );
}

fn unnamed(c: &mut Cursor<'_>) -> Option<(Spanned<String>, Value)> {
    let span = c.here();
    let Some(found) = value::value(c) else {
        c.bump();
        return None;
    };
    Some((Spanned::new(String::new(), span), found))
}

/// `1 replica of`, `50% of`, `2 of [A, B]`, or an amount.
fn number(c: &mut Cursor<'_>, event: &mut Chaos) {
    let span = c.here();
    let count = value::value(c);
    let instances = INSTANCES.contains(&c.word());
    let of = c.nth_word(usize::from(instances)) == "of";
    // `fail 50% of X` is a share of its requests.
    let is_share = of && !instances && find_verb(&event.verb.value).is_some_and(|row| takes_amount(row.verb));
    if is_share {
        c.bump();
    }
    if is_share || !instances && !of {
        event.amounts.extend(count.map(|amount| (Spanned::new(String::new(), span), amount)));
        return;
    }
    if instances {
        c.bump();
    }
    c.eat_word("of");
    if c.opens(Bracket::Square) && !instances {
        event.targets.any = count;
    } else {
        event.targets.replicas = count;
    }
}

/// A word: a named amount, a flag, a target, or the end of the event.
fn word(c: &mut Cursor<'_>, event: &mut Chaos, verb: Verb) -> Option<bool> {
    let word = c.word();
    let has_target = !event.targets.elements.is_empty() || event.targets.attribute.is_some();
    if AMOUNTS.contains(&word) && !(word == "load" && verb == Verb::Surge) && (c.same_line() || !c.nth_is_separator(1))
    {
        if !matches!(word, "by" | "to") && !is_amount(c, 1) {
            return Some(false);
        }
        let name = c.ident();
        let found = required(c, &name, "how much")?;
        event.amounts.push((name, found));
        return Some(true);
    }
    if !c.same_line() && has_target {
        return Some(false);
    }
    if FLAGS.contains(&word) && !c.nth_is_separator(1) {
        event.flags.push(c.ident());
        return Some(true);
    }
    if one_of(c) {
        event.targets.one_of = true;
        return Some(true);
    }
    if is_any_of(c) {
        any_of(c, event);
        return Some(true);
    }
    if INSTANCES.contains(&c.nth_word(1)) && c.nth_word(2) == "of" {
        event.targets.replicas = value::value(c);
        c.bump();
        c.bump();
        return Some(true);
    }
    if has_target && !continues(c) && takes_amount(verb) && is_amount(c, 0) && event.amounts.is_empty() {
        event.amounts.extend(unnamed(c));
        return Some(true);
    }
    if matches!(word, "and" | "of" | "on" | "from" | "between" | "in") && c.same_line() {
        c.bump();
        return Some(true);
    }
    let next_statement = c.nth_is_separator(1) && !takes_attribute(verb);
    if has_target && !continues(c) || next_statement || (!c.same_line() && statement_word(c)) {
        return Some(false);
    }
    if takes_attribute(verb) {
        attribute(c, event);
    } else {
        targets(c, &mut event.targets.elements);
    }
    Some(true)
}

/// `one of`: whether it stood here.
fn one_of(c: &mut Cursor<'_>) -> bool {
    let found = c.is_word("one") && c.nth_word(1) == "of";
    if found {
        c.bump();
        c.bump();
    }
    found
}

/// An amount stands `n` tokens further on: a number, several in brackets, or a word that can be nothing but the name
/// of a parameter.
fn is_amount(c: &Cursor<'_>, n: usize) -> bool {
    match c.nth(n) {
        Some(Kind::Number | Kind::Plus) => true,
        Some(Kind::Open(Bracket::Square)) => matches!(c.nth(n + 1), Some(Kind::Number | Kind::Plus)),
        Some(Kind::Word) => {
            let word = c.nth_word(n);
            let modifier =
                matches!(word, "for" | "at" | "every" | "ramp" | "when" | "during" | "random" | "and" | "of");
            let goes_on = c.nth_is_arrow(n + 1) || c.nth_is_separator(n + 1) || c.nth(n + 1) == Some(Kind::Pipe);
            let named = statement::is_name(word) || FLAGS.contains(&word) || AMOUNTS.contains(&word);
            c.nth_same_line(n) && !word.contains('.') && !modifier && !goes_on && !named
        }
        _ => false,
    }
}

/// A strength may stand behind the target without a word for it.
fn takes_amount(verb: Verb) -> bool {
    matches!(verb, Verb::Fail | Verb::Drop | Verb::HotKey | Verb::Duplicate | Verb::Poison | Verb::Leak | Verb::Restart)
}

/// A further target of the same list: behind a comma or `and`.
fn continues(c: &Cursor<'_>) -> bool {
    matches!(c.previous(), "," | "and")
}

fn statement_word(c: &Cursor<'_>) -> bool {
    let word = c.word();
    statement::is_verb(word)
        || LEADING.contains(&word)
        || matches!(word, "expect" | "duration" | "warmup" | "seed" | "param")
}

/// Whether the event changes an attribute.
pub fn takes_attribute(verb: Verb) -> bool {
    matches!(verb, Verb::Increase | Verb::Decrease | Verb::Set | Verb::Surge | Verb::Exhaust)
}

/// `X.attr`, `A->B.attr`, `queue lag`, `X lag`, `load`.
fn attribute(c: &mut Cursor<'_>, event: &mut Chaos) {
    let Some(first) = statement::target(c) else { return };
    let beside = c.is(Kind::Word) && c.same_line() && !AMOUNTS.contains(&c.word()) && !statement_word(c);
    let modifier = matches!(c.word(), "for" | "during" | "ramp" | "of" | "and" | "when" | "on");
    // `surge load peak`: how much, by the name of a parameter.
    if beside && !modifier && find_verb(&event.verb.value).is_some_and(|row| row.verb == Verb::Surge) {
        event.targets.attribute = Some(first);
        if let Some(amount) = c.path_if() {
            let span = amount.span;
            event.amounts.push((Spanned::new(String::new(), span), Spanned::new(ValueKind::Path(amount), span)));
        }
        return;
    }
    if !beside || modifier || c.nth_is_separator(1) {
        // `increase lag of X`: the element behind its attribute.
        if c.is_word("of") && c.nth(1) == Some(Kind::Word) {
            c.bump();
            if let Some(mut owner) = c.path_if() {
                owner.parts.extend(first.path.parts);
                event.targets.attribute = Some(Target { from: None, path: owner, span: first.span });
            }
            return;
        }
        event.targets.attribute = Some(first);
        return;
    }
    let Some(name) = c.path_if() else { return };
    let span = first.span.to(name.span);
    let kind = first.path.dotted();
    let kind = kind.strip_suffix('s').unwrap_or(&kind).to_owned();
    if first.from.is_none() && matches!(kind.as_str(), "queue" | "topic" | "stream") {
        event.targets.elements.push(Spanned::new(ChaosTarget::Kind(kind), first.span));
        event.targets.attribute = Some(Target { from: None, path: name, span });
        return;
    }
    let mut path = first.path;
    path.parts.extend(name.parts);
    path.span = path.span.to(name.span);
    event.targets.attribute = Some(Target { from: first.from, path, span });
}

/// One target, or several in brackets or between commas.
fn targets(c: &mut Cursor<'_>, into: &mut Vec<Spanned<ChaosTarget>>) {
    if c.opens(Bracket::Square) {
        return list(c, into);
    }
    into.extend(one_target(c));
    while c.is(Kind::Comma) && c.nth(1) == Some(Kind::Word) && c.same_line() {
        c.bump();
        into.extend(one_target(c));
    }
}

fn list(c: &mut Cursor<'_>, into: &mut Vec<Spanned<ChaosTarget>>) {
    c.inside(|c| {
        while !c.is_done() {
            if c.eat(Kind::Comma) {
                continue;
            }
            match one_target(c) {
                Some(target) => into.push(target),
                None => {
                    statement::unexpected_entry(c, "`[A, B]`");
                    break;
                }
            }
        }
    });
}

fn one_target(c: &mut Cursor<'_>) -> Option<Spanned<ChaosTarget>> {
    let mark = c.mark();
    let word = if c.is(Kind::Word) { c.word() } else { "" };
    let named = matches!(c.nth(1), Some(Kind::Word | Kind::Text)) && c.nth_same_line(1);
    let target = match word {
        "all" if !c.nth_is_arrow(1) => {
            c.bump();
            match c.is(Kind::Word)
                && c.same_line()
                && crate::schema::find_kind(c.word().trim_end_matches('s')).is_some()
            {
                true => ChaosTarget::Kind(c.ident().value.trim_end_matches('s').to_owned()),
                false => ChaosTarget::All,
            }
        }
        "every" if named => {
            c.bump();
            ChaosTarget::Kind(c.ident().value)
        }
        "zone" | "region" if named => {
            c.bump();
            ChaosTarget::Zone(zone(c)?)
        }
        "kind" if named => {
            c.bump();
            ChaosTarget::Kind(c.text_or_word()?.value)
        }
        "tag" if named => {
            c.bump();
            ChaosTarget::Tag(c.text_or_word()?.value)
        }
        _ => ChaosTarget::Path(c.path_if()?),
    };
    Some(Spanned::new(target, c.since(mark)))
}

fn zone(c: &mut Cursor<'_>) -> Option<Path> {
    match c.text_if() {
        Some(text) => Some(Path { span: text.span, parts: vec![text] }),
        None => c.path_if(),
    }
}

/// Whether an event may leave out what it hits.
pub fn is_free(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::Partition
            | Verb::Delay
            | Verb::Drop
            | Verb::Surge
            | Verb::Heal
            | Verb::Duplicate
            | Verb::Reorder
            | Verb::ClearCache
    )
}

fn check_target(c: &mut Cursor<'_>, event: &Chaos, verb: Verb) {
    if is_free(verb) || !event.targets.elements.is_empty() || event.targets.attribute.is_some() {
        return;
    }
    let form = find_verb(&event.verb.value).map_or("kill X", |row| row.form);
    let usage = form.split(" | ").map(|form| format!("`{form}`")).collect::<Vec<_>>().join(" or ");
    value::missing_value_named(
        c,
        &event.verb,
        "hits nothing",
        "a name is missing behind this",
        &format!("write {usage}"),
    );
}

// ---- design documents

/// Words of `component: X WORD: …`.
pub fn is_design_amount(word: &str) -> bool {
    matches!(word, "latency" | "availability" | "errors" | "error_rate" | "failure_rate")
}

/// `start: 10s end: 60s multiplier: 3.0x`, `component: DB latency: +80ms`, `component: X availability: 50%`.
pub fn design(c: &mut Cursor<'_>) -> Option<StatementKind> {
    let mark = c.mark();
    let mut event = empty(Spanned::new(String::new(), c.here()));
    let (mut start, mut end) = (None, None);
    while c.is(Kind::Word) && (c.mark() == mark || c.same_line()) {
        let key = c.word();
        if !matches!(key, "start" | "end" | "multiplier" | "component" | "target") && !is_design_amount(key) {
            break;
        }
        let key = c.ident();
        c.eat_separator();
        let found = value::required_value(c, &key, "a value, such as `start: 10s end: 60s multiplier: 3x`")?;
        match key.value.as_str() {
            "start" => start = Some(found),
            "end" => end = Some(found),
            "component" | "target" => design_target(&mut event, found),
            _ => design_amount(&mut event, key, found),
        }
    }
    if event.verb.value.is_empty() {
        event.verb = Spanned::new("surge".to_owned(), c.since(mark));
    }
    event.length = start.as_ref().zip(end.as_ref()).and_then(|(start, end)| between(start, end));
    event.at = start;
    Some(StatementKind::Chaos(Box::new(event)))
}

fn design_target(event: &mut Chaos, found: Value) {
    if let ValueKind::Path(path) = found.value {
        event.targets.elements.push(Spanned::new(ChaosTarget::Path(path), found.span));
    }
}

fn design_amount(event: &mut Chaos, key: Ident, found: Value) {
    let (verb, amount) = match key.value.as_str() {
        "multiplier" => {
            let load = Spanned::new("load".to_owned(), key.span);
            let path = Path { parts: vec![load], span: key.span };
            event.targets.attribute = Some(Target { from: None, path, span: key.span });
            ("surge", found)
        }
        "latency" => ("slow", found),
        "availability" => ("fail", complement(found)),
        _ => ("fail", found),
    };
    let name = if verb == "slow" { "by" } else { "" };
    event.verb = Spanned::new(verb.to_owned(), key.span);
    event.amounts.push((Spanned::new(name.to_owned(), key.span), amount));
}

/// 50 % available is 50 % failing.
fn complement(found: Value) -> Value {
    found.map(|kind| match kind {
        ValueKind::Quantity(up) => {
            let whole = Decimal::integer(if up.unit.symbol == "%" { 100 } else { 1 });
            match whole.checked_sub(up.number) {
                Some(number) => ValueKind::Quantity(Quantity { number, unit: up.unit }),
                None => ValueKind::Quantity(up),
            }
        }
        other => other,
    })
}

fn between(start: &Value, end: &Value) -> Option<Value> {
    let (ValueKind::Quantity(a), ValueKind::Quantity(b)) = (&start.value, &end.value) else { return None };
    let unit = b.unit;
    let from = if a.unit == unit { a.number } else { Decimal::from_f64(a.si() / unit.scale)? };
    let length = Quantity { number: b.number.checked_sub(from)?, unit };
    Some(Spanned::new(ValueKind::Quantity(length), end.span))
}
