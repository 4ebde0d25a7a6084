//! `slo { … }` and `scale { … }`.

use super::{behavior, opaque, value};
use crate::diag::{Diagnostic, codes};
use crate::schema::nearest;
use crate::source::Spanned;
use crate::syntax::ast::{Property, Slo, Value};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::Kind;

/// Objectives and what is said of them.
pub const WORDS: &[&str] = &[
    "availability",
    "latency",
    "errorRate",
    "throughput",
    "cost",
    "target",
    "window",
    "current",
    "p50",
    "p90",
    "p95",
    "p99",
    "p999",
    "mean",
    "max",
    "error_rate",
    "description",
    "metric",
    "min",
    "median",
    "avg",
    "unit",
];

/// `slo` stands here.
pub fn slo(c: &mut Cursor<'_>) -> Slo {
    let mark = c.mark();
    c.bump();
    let mut entries = Vec::new();
    c.inside(|c| group(c, "", &mut entries));
    Slo { entries, span: c.since(mark) }
}

/// Entries of one group, their names behind `prefix`.
fn group(c: &mut Cursor<'_>, prefix: &str, entries: &mut Vec<(Spanned<String>, Value)>) {
    while !c.is_done() {
        if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
            continue;
        }
        if !c.is(Kind::Word) {
            let (span, word) = (c.here(), c.word());
            c.report(
                Diagnostic::new(&codes::E0101, span, format!("`{word}` is no objective"))
                    .label("not expected here")
                    .help("objectives are written `availability { target \"99.9%\" }`"),
            );
            c.recover();
            continue;
        }
        entry(c, prefix, entries);
    }
}

fn entry(c: &mut Cursor<'_>, prefix: &str, entries: &mut Vec<(Spanned<String>, Value)>) {
    let key = c.ident();
    c.eat_separator();
    if !WORDS.contains(&key.value.as_str())
        && let Some(meant) = nearest(&key.value, WORDS.iter().copied())
    {
        c.report(
            Diagnostic::new(&codes::E0204, key.span, format!("`{}` is no objective", key.value))
                .label("nobody knows this")
                .help(format!("did you mean `{meant}`?"))
                .suggest(format!("write `{meant}`"), key.span, meant),
        );
        opaque::rest_of_entry(c);
        return;
    }
    let name = if prefix.is_empty() { key.value.clone() } else { format!("{prefix}.{}", key.value) };
    if c.opens_block() {
        c.inside(|c| group(c, &name, entries));
        return;
    }
    let next_key = c.is(Kind::Word) && WORDS.contains(&c.word());
    let found = if next_key { None } else { value::value(c) };
    match found {
        Some(value) => entries.push((Spanned::new(name, key.span), value)),
        None => value::missing_value(c, &key, "a text such as `\"99.9%\"`"),
    }
}

/// `scale` stands here.
pub fn scale(c: &mut Cursor<'_>) -> Spanned<Vec<Property>> {
    let mark = c.mark();
    c.bump();
    let properties = behavior::block(c, behavior::Scope { group: Some("scale"), extra: &[] });
    Spanned::new(properties, c.since(mark))
}
