//! Exact decimal numbers, so that `0..1 step 0.1` ends exactly at 1.

use std::fmt;

/// `mantissa / 10^scale`, exact. Equality is of the number, not of its spelling.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

/// More digits than this behind the point are refused: no quantity of this language needs them.
const MAX_SCALE: u32 = 18;
/// Keeps every sum and product of two aligned numbers inside `i128`.
const MAX_MANTISSA: i128 = 1_000_000_000_000_000_000;

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// An integer.
    pub fn integer(value: i64) -> Self {
        Self { mantissa: i128::from(value), scale: 0 }
    }

    /// `mantissa / 10^scale` in lowest terms; `None` when out of bounds (18 digits on either side).
    pub fn new(mut mantissa: i128, mut scale: u32) -> Option<Self> {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        (mantissa.abs() <= MAX_MANTISSA * 1_000_000_000_000_000_000 && scale <= MAX_SCALE)
            .then_some(Self { mantissa, scale })
    }

    /// Parses digits with an optional sign, point, `_` groups and exponent (`1e-9`).
    pub fn parse(text: &str) -> Option<Self> {
        let (body, exponent) = split_exponent(text)?;
        let (negative, body) = match body.as_bytes().first()? {
            b'-' => (true, &body[1..]),
            b'+' => (false, &body[1..]),
            _ => (false, body),
        };
        let (mut mantissa, mut scale, mut seen_point, mut seen_digit) = (0i128, 0i32, false, false);
        for byte in body.bytes() {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    scale += i32::from(seen_point);
                    seen_digit = true;
                }
                b'.' if !seen_point => seen_point = true,
                b'_' => {}
                _ => return None,
            }
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        seen_digit.then(|| Self::with_exponent(mantissa, exponent.checked_sub(scale)?))?
    }

    fn with_exponent(mantissa: i128, exponent: i32) -> Option<Self> {
        if exponent >= 0 {
            let factor = 10i128.checked_pow(exponent as u32)?;
            Self::new(mantissa.checked_mul(factor)?, 0)
        } else {
            Self::new(mantissa, exponent.unsigned_abs())
        }
    }

    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        // Below 2^53 both parts are exact, so the one division is correctly rounded.
        self.mantissa as f64 / 10f64.powi(self.scale as i32)
    }

    /// The decimal that prints like `value` with at most 12 significant digits.
    pub fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then(|| Self::parse(&format!("{value:.11e}"))).flatten()
    }

    /// Sum; `None` on overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.align(other)?;
        Self::new(a.checked_add(b)?, scale)
    }

    /// Difference; `None` on overflow.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.align(other)?;
        Self::new(a.checked_sub(b)?, scale)
    }

    /// Product with an integer; `None` on overflow.
    pub fn checked_times(self, factor: i128) -> Option<Self> {
        Self::new(self.mantissa.checked_mul(factor)?, self.scale)
    }

    /// How often `step` fits whole into it: floor division; `None` for a zero step or an overflow.
    pub fn div_floor(self, step: Self) -> Option<i128> {
        let (a, b, _) = self.align(step)?;
        (b != 0).then(|| a.div_euclid(b))
    }

    /// Whether it is a whole number.
    pub fn is_integer(self) -> bool {
        self.scale == 0
    }

    /// Minus, zero or plus one.
    pub fn signum(self) -> i128 {
        self.mantissa.signum()
    }

    fn align(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let lift = |d: Self| d.mantissa.checked_mul(10i128.checked_pow(scale - d.scale)?);
        Some((lift(self)?, lift(other)?, scale))
    }
}

fn split_exponent(text: &str) -> Option<(&str, i32)> {
    match text.find(['e', 'E']) {
        None => Some((text, 0)),
        Some(at) => {
            let exponent: i32 = text[at + 1..].parse().ok()?;
            (exponent.abs() <= 30).then_some((&text[..at], exponent))
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(std::cmp::Ordering::Equal)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match self.align(*other) {
            Some((a, b, _)) => a.partial_cmp(&b),
            None => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if self.scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = self.scale as usize + 1);
        let (whole, part) = digits.split_at(digits.len() - self.scale as usize);
        write!(f, "{sign}{whole}.{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_it_prints() {
        for text in ["0", "1", "-3", "0.1", "12.5", "0.00001", "1000000"] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Decimal::parse("1_000.50").unwrap().to_string(), "1000.5");
        assert_eq!(Decimal::parse("1.5e3").unwrap().to_string(), "1500");
        assert_eq!(Decimal::parse("5e-3").unwrap().to_string(), "0.005");
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", ".", "-", "1.2.3", "abc", "1e999", "1e-99"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn grid_arithmetic_is_exact() {
        let step = Decimal::parse("0.1").unwrap();
        let mut at = Decimal::ZERO;
        for _ in 0..10 {
            at = at.checked_add(step).unwrap();
        }
        assert_eq!(at, Decimal::integer(1));
        assert_eq!(Decimal::integer(1).div_floor(step), Some(10));
    }
}
