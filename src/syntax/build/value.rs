//! Values: quantities, ranges, lists, calls, names.

use crate::diag::{Diagnostic, codes};
use crate::quantity::{Decimal, Quantity, QuantityError, RangeSpec, Spacing, UNITS, Unit, parse_loose};
use crate::schema::nearest;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Ident, Path, Value, ValueKind};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// Whether a value may begin here.
pub fn starts_value(c: &Cursor<'_>) -> bool {
    matches!(
        c.kind(),
        Some(Kind::Number | Kind::Text | Kind::Word | Kind::Plus | Kind::Minus | Kind::Open(Bracket::Square))
    )
}

/// A value, if one stands here; braces count only behind a word, as in `profile { … }`.
pub fn value(c: &mut Cursor<'_>) -> Option<Value> {
    let mark = c.mark();
    let kind = match c.kind()? {
        Kind::Number => number_or_range(c),
        Kind::Text => ValueKind::Text(c.text_if()?.value),
        Kind::Open(Bracket::Square) => ValueKind::List(list(c)),
        Kind::Word => named(c)?,
        Kind::Plus | Kind::Minus if c.nth(1) == Some(Kind::Number) => signed(c)?,
        _ => return None,
    };
    Some(Spanned::new(kind, c.since(mark)))
}

/// An arrival process; `batch geometric(5)` and `batch 5` are a word and its argument.
pub fn arrivals(c: &mut Cursor<'_>, name: &Ident, wants: &str) -> Option<Value> {
    let mark = c.mark();
    let found = required_value(c, name, wants)?;
    let is_argument = c.is(Kind::Number) || (c.is(Kind::Word) && c.nth(1) == Some(Kind::Open(Bracket::Round)));
    match &found.value {
        ValueKind::Path(path) if path.dotted() == "batch" && is_argument => {
            let call = ident_of(path.clone());
            let argument = value(c).into_iter().collect();
            Some(Spanned::new(ValueKind::Call(call, vec![argument]), c.since(mark)))
        }
        _ => Some(found),
    }
}

/// A value, or a complaint that `of` has none; `wants` says what it looks like.
pub fn required_value(c: &mut Cursor<'_>, of: &Ident, wants: &str) -> Option<Value> {
    let found = value(c);
    if found.is_none() {
        missing_value(c, of, wants);
    }
    found
}

/// Says that `of` has no value.
pub fn missing_value(c: &mut Cursor<'_>, of: &Ident, wants: &str) {
    c.report(
        Diagnostic::new(&codes::E0111, of.span, format!("`{}` has no value", of.value))
            .label("a value is missing behind this")
            .help(format!("write {wants}")),
    );
}

/// A quantity, if one stands here.
pub fn quantity(c: &mut Cursor<'_>) -> Option<Spanned<Quantity>> {
    if !c.is(Kind::Number) {
        return None;
    }
    let (text, span) = (c.word(), c.here());
    c.bump();
    Some(Spanned::new(parse_quantity(c, text, span), span))
}

/// A quantity, or a text that says one as prose does (`order "3"`).
pub fn quantity_or_text(c: &mut Cursor<'_>) -> Option<Spanned<Quantity>> {
    if !c.is(Kind::Text) {
        return quantity(c);
    }
    let text = c.text_if()?;
    parse_loose(&text.value).map(|quantity| Spanned::new(quantity, text.span))
}

/// A quantity, or a complaint that `of` has none.
pub fn required_quantity(c: &mut Cursor<'_>, of: &Ident, wants: &str) -> Option<Spanned<Quantity>> {
    let found = quantity(c);
    if found.is_none() {
        missing_value(c, of, wants);
    }
    found
}

/// The quantity that `text` says; where it says none, a diagnostic and the nearest one.
fn parse_quantity(c: &mut Cursor<'_>, text: &str, span: Span) -> Quantity {
    if text.starts_with(['−', '–']) {
        let mended = format!("-{}", text.trim_start_matches(['−', '–']));
        c.report(
            Diagnostic::new(&codes::E0109, span, format!("`{text}` is not a number"))
                .label("this dash is no minus sign")
                .help("write `-`")
                .fix(format!("write `{mended}`"), span, mended.clone()),
        );
        return mended.parse().unwrap_or(Quantity::bare(Decimal::ZERO));
    }
    match text.parse() {
        Ok(quantity) => quantity,
        Err(QuantityError::Unit(unit)) => unknown_unit(c, text, &unit, span),
        Err(QuantityError::Number(_)) => {
            c.report(
                Diagnostic::new(&codes::E0109, span, format!("`{text}` cannot be read as a number"))
                    .label("no number")
                    .help("write digits with at most one point and a unit right behind, such as `1.5ms`"),
            );
            Quantity::bare(Decimal::integer(1))
        }
    }
}

fn unknown_unit(c: &mut Cursor<'_>, text: &str, unit: &str, span: Span) -> Quantity {
    let number = &text[..text.len() - unit.len()];
    let place = Span { start: span.end - unit.len() as u32, ..span };
    let meant = meant_unit(unit);
    let mut diagnostic =
        Diagnostic::new(&codes::E0110, place, format!("`{unit}` is not a unit")).label("nobody knows this unit");
    diagnostic = match meant {
        Some(known) => diagnostic.help(format!("did you mean `{number}{}`?", known.symbol)).suggest(
            format!("write `{}`", known.symbol),
            place,
            known.symbol,
        ),
        None => {
            diagnostic.help("units are `ns us ms s min h d`, `/s /min /h /d`, `%`, `x`, `B kB MB GB`, `USD/h`, `USD/M`")
        }
    };
    c.report(diagnostic);
    let number = Decimal::parse(number).unwrap_or(Decimal::integer(1));
    Quantity { number, unit: meant.unwrap_or(Unit::NONE) }
}

/// The unit that was probably meant: a usual other spelling, prose, or the nearest one.
fn meant_unit(unit: &str) -> Option<&'static Unit> {
    const SPELLINGS: &[(&str, &str)] = &[
        ("msec", "ms"),
        ("msecs", "ms"),
        ("millis", "ms"),
        ("usec", "us"),
        ("micros", "us"),
        ("nsec", "ns"),
        ("nanos", "ns"),
        ("hrs", "h"),
        ("pct", "%"),
        ("×", "x"),
        ("times", "x"),
        ("mb", "MB"),
        ("gb", "GB"),
        ("kb", "kB"),
        ("b", "B"),
        ("K", "k"),
        ("m/s", "M/s"),
        ("K/s", "k/s"),
        ("krps/s", "krps"),
    ];
    let exact = SPELLINGS.iter().find(|(spelling, _)| *spelling == unit).map(|(_, symbol)| *symbol);
    let same_letters = || UNITS.iter().find(|known| known.symbol.eq_ignore_ascii_case(unit)).map(|known| known.symbol);
    if let Some(symbol) = exact.or_else(same_letters) {
        return Unit::find(symbol);
    }
    let prose = parse_loose(&format!("1 {unit}")).map(|quantity| quantity.unit);
    let known = UNITS.iter().map(|known| known.symbol).filter(|symbol| !symbol.is_empty());
    prose.or_else(|| nearest(unit, known).and_then(Unit::find))
}

fn signed(c: &mut Cursor<'_>) -> Option<ValueKind> {
    let plus = c.is(Kind::Plus);
    c.bump();
    let found = quantity(c)?.value;
    let negated = Quantity { number: Decimal::ZERO.checked_sub(found.number)?, ..found };
    Some(if plus { ValueKind::Plus(found) } else { ValueKind::Quantity(negated) })
}

fn number_or_range(c: &mut Cursor<'_>) -> ValueKind {
    let plus = c.word().starts_with('+');
    let Some(start) = quantity(c) else { return ValueKind::Text(String::new()) };
    if !c.is(Kind::Range) {
        return if plus { ValueKind::Plus(start.value) } else { ValueKind::Quantity(start.value) };
    }
    let dots = Spanned::new("..".to_owned(), c.here());
    c.bump();
    let Some(end) = required_quantity(c, &dots, "the end of the range, such as `100..5000`") else {
        return ValueKind::Quantity(start.value);
    };
    let spacing = spacing(c);
    ValueKind::Range(Box::new(RangeSpec { start: start.value, end: end.value, spacing }))
}

/// `step S`, `steps N`, `log N`: only before a number, so that `step A -> B` stays a step.
fn spacing(c: &mut Cursor<'_>) -> Spacing {
    if c.nth(1) != Some(Kind::Number) || !c.is(Kind::Word) {
        return Spacing::Auto;
    }
    let word = c.word();
    if !matches!(word, "step" | "by" | "steps" | "log") {
        return Spacing::Auto;
    }
    c.bump();
    let Some(amount) = quantity(c) else { return Spacing::Auto };
    match word {
        "step" | "by" => Spacing::Step(amount.value),
        "steps" => whole(c, amount).map_or(Spacing::Auto, Spacing::Steps),
        _ => whole(c, amount).map_or(Spacing::Auto, Spacing::Log),
    }
}

fn whole(c: &mut Cursor<'_>, amount: Spanned<Quantity>) -> Option<u64> {
    let number = amount.value.si();
    if amount.value.number.signum() >= 0 && number.fract() == 0.0 && number < 1e15 {
        return Some(number as u64);
    }
    c.report(
        Diagnostic::new(&codes::E0109, amount.span, "the number of values of a range is a whole number")
            .label("not whole")
            .help("write a whole number such as `5`"),
    );
    None
}

/// `[a, b, c]`; commas are optional.
pub fn list(c: &mut Cursor<'_>) -> Vec<Value> {
    c.inside(|c| {
        let mut values = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Comma) {
                continue;
            }
            c.eat(Kind::Hash);
            match value(c) {
                Some(value) => values.push(value),
                None => {
                    unexpected_in_list(c);
                    break;
                }
            }
        }
        values
    })
}

fn unexpected_in_list(c: &mut Cursor<'_>) {
    let (span, word) = (c.here(), c.word());
    c.report(
        Diagnostic::new(&codes::E0101, span, format!("`{word}` is no value of a list"))
            .label("not expected here")
            .help("a list is written `[a, b, c]`"),
    );
}

/// A name, an arrow between two names, a call, or a word with a block.
fn named(c: &mut Cursor<'_>) -> Option<ValueKind> {
    let path = c.path_if()?;
    if c.opens(Bracket::Round) && c.same_line() {
        let name = ident_of(path);
        return Some(ValueKind::Call(name, arguments(c)));
    }
    if c.nth_is_arrow(0) && c.same_line() && c.nth(1) == Some(Kind::Word) {
        super::relation::arrow(c);
        return Some(ValueKind::Arrow(path, c.path_if()?));
    }
    Some(ValueKind::Path(path))
}

/// A path as one word.
pub fn ident_of(path: Path) -> Ident {
    Spanned::new(path.dotted(), path.span)
}

/// `(p50 8ms, p99 60ms)`: arguments between commas, each one or more values side by side.
fn arguments(c: &mut Cursor<'_>) -> Vec<Vec<Value>> {
    c.inside(|c| {
        let mut arguments = Vec::new();
        while !c.is_done() {
            let argument = side_by_side(c);
            if argument.is_empty() && !c.is(Kind::Comma) {
                let (span, word) = (c.here(), c.word());
                c.report(
                    Diagnostic::new(&codes::E0101, span, format!("`{word}` is no value"))
                        .label("not expected here")
                        .help("arguments are written `(a, b)`"),
                );
                break;
            }
            arguments.push(argument);
            c.eat(Kind::Comma);
        }
        arguments
    })
}

fn side_by_side(c: &mut Cursor<'_>) -> Vec<Value> {
    let mut values = Vec::with_capacity(2);
    loop {
        // `key = value` inside an argument reads as `key value`.
        c.eat_separator();
        match value(c) {
            Some(value) => values.push(value),
            None => return values,
        }
    }
}

/// `{ 0s 200/s  60s 200/s }`: values side by side in braces.
pub fn block_of_values(c: &mut Cursor<'_>) -> Value {
    let mark = c.mark();
    let values = c.inside(|c| {
        let mut values = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Comma) || c.eat(Kind::Semicolon) || c.eat_separator() {
                continue;
            }
            match value(c) {
                Some(value) => values.push(value),
                None => {
                    unexpected_in_list(c);
                    break;
                }
            }
        }
        values
    });
    Spanned::new(ValueKind::Block(values), c.since(mark))
}

/// Says that `of` lacks something, in words of the caller.
pub fn missing_value_named(c: &mut Cursor<'_>, of: &Ident, message: &str, label: &str, help: &str) {
    c.report(Diagnostic::new(&codes::E0111, of.span, format!("`{}` {message}", of.value)).label(label).help(help));
}
