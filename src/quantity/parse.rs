//! Text to quantities: the strict form of the language and the loose one of prose attributes.

use super::{Decimal, Quantity, Unit};

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// No digits, or too many of them.
    #[error("`{0}` is not a number")]
    Number(String),
    /// A unit nobody knows.
    #[error("`{0}` is not a unit")]
    Unit(String),
}

/// A number and its unit, one token: `30ms`, `1.5M/d`, `-3`.
pub(super) fn parse(text: &str) -> Result<Quantity, QuantityError> {
    let split = number_length(text);
    let (number, unit) = text.split_at(split);
    let number = Decimal::parse(number).ok_or_else(|| QuantityError::Number(text.into()))?;
    let unit = Unit::find(unit).ok_or_else(|| QuantityError::Unit(unit.into()))?;
    Ok(Quantity { number, unit })
}

/// How many bytes of `text` are the number: digits, groups, one point, an exponent that has digits.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    while at < bytes.len() && matches!(bytes[at], b'0'..=b'9' | b'_' | b'.') {
        at += 1;
    }
    let exponent = &bytes[at..];
    if matches!(exponent.first(), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(exponent.get(1), Some(b'+' | b'-')));
        let digits = exponent[1 + sign..].iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 {
            return at + 1 + sign + digits;
        }
    }
    at
}

/// Words of prose that mean a unit, longest first.
const PROSE_UNITS: &[(&str, &str)] = &[
    ("requests/second", "/s"),
    ("requests/minute", "/min"),
    ("requests/hour", "/h"),
    ("requests/day", "/d"),
    ("requests/sec", "/s"),
    ("requests/min", "/min"),
    ("requests/s", "/s"),
    ("req/second", "/s"),
    ("req/minute", "/min"),
    ("req/sec", "/s"),
    ("req/min", "/min"),
    ("req/day", "/d"),
    ("req/s", "/s"),
    ("msgs/s", "/s"),
    ("msg/s", "/s"),
    ("events/s", "/s"),
    ("ops/s", "/s"),
    ("/second", "/s"),
    ("/sec", "/s"),
    ("/minute", "/min"),
    ("/hour", "/h"),
    ("/day", "/d"),
    ("tps", "/s"),
    ("qps", "/s"),
    ("milliseconds", "ms"),
    ("microseconds", "us"),
    ("seconds", "s"),
    ("second", "s"),
    ("secs", "s"),
    ("minutes", "min"),
    ("minute", "min"),
    ("mins", "min"),
    ("hours", "h"),
    ("hour", "h"),
    ("days", "d"),
    ("day", "d"),
    ("weeks", "w"),
    ("percent", "%"),
    ("hr", "h"),
];

/// A quantity out of the prose of an existing file: `"99.9%"`, `"30 days"`, `"10000 req/s"`, `"< 200 ms"`,
/// `"10k req/s"`. `None` when the text says more than one plain quantity.
pub fn parse_loose(text: &str) -> Option<Quantity> {
    let text = text.trim().trim_start_matches(['<', '>', '=', '~', '≤', '≥']).trim_start();
    let split = number_length(text);
    let number = Decimal::parse(&text[..split].replace(',', ""))?;
    let unit = text[split..].trim();
    if let Some(unit) = Unit::find(unit) {
        return Some(Quantity { number, unit });
    }
    prose_unit(unit).map(|unit| Quantity { number, unit })
}

fn prose_unit(text: &str) -> Option<&'static Unit> {
    let (prefix, rest) = match text.as_bytes().first()? {
        b'k' | b'K' if text.len() > 1 => ("k", text[1..].trim_start()),
        b'M' if text.len() > 1 => ("M", text[1..].trim_start()),
        _ => ("", text),
    };
    let lookup =
        |word: &str| PROSE_UNITS.iter().find(|(prose, _)| prose.eq_ignore_ascii_case(word)).map(|(_, symbol)| *symbol);
    lookup(text).and_then(Unit::find).or_else(|| Unit::find(&format!("{prefix}{}", lookup(rest)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_survives_printing() {
        for unit in super::super::UNITS {
            let quantity = Quantity { number: Decimal::parse("2.5").unwrap(), unit };
            assert_eq!(quantity.to_string().parse(), Ok(quantity));
        }
    }

    #[test]
    fn prose_is_read_when_it_is_one_quantity() {
        let si = |text| parse_loose(text).map(|q| q.si());
        assert_eq!(si("99.9%"), Some(99.9 * 1e-2));
        assert_eq!(si("30 days"), Some(30.0 * 86_400.0));
        assert_eq!(si("10000 req/s"), Some(10_000.0));
        assert_eq!(si("10k req/s"), Some(10_000.0));
        assert_eq!(si("< 200 ms"), Some(200.0 * 1e-3));
        assert_eq!(si("10M+ users, 1M+ requests/day"), None);
        assert_eq!(si("fast"), None);
    }
}
