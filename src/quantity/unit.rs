//! Every unit of the language, once.

use std::fmt;

/// What a quantity measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// A bare number: how many.
    Count,
    /// Seconds.
    Duration,
    /// 1/s.
    Rate,
    /// A part of the whole, 0 to 1.
    Share,
    /// A multiple, `3x`.
    Factor,
    /// Bytes.
    Bytes,
    /// USD per hour.
    MoneyPerTime,
    /// USD per call.
    MoneyPerCall,
}

impl Dimension {
    /// The word a user reads, with an example.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Count => "a bare number such as `3`",
            Self::Duration => "a duration such as `30ms`",
            Self::Rate => "a rate such as `500/s`",
            Self::Share => "a share such as `30%`",
            Self::Factor => "a factor such as `3x`",
            Self::Bytes => "a size such as `512MB`",
            Self::MoneyPerTime => "a cost by the hour such as `0.12USD/h`",
            Self::MoneyPerCall => "a cost by the call such as `0.40USD/M`",
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "a bare number",
            Self::Duration => "a duration",
            Self::Rate => "a rate",
            Self::Share => "a share",
            Self::Factor => "a factor",
            Self::Bytes => "a size",
            Self::MoneyPerTime => "a cost by the hour",
            Self::MoneyPerCall => "a cost by the call",
        })
    }
}

/// A unit: its symbol, what it measures, and how many base units it is.
#[derive(Debug, PartialEq)]
pub struct Unit {
    /// As written behind the number.
    pub symbol: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// Base units (s, 1/s, share, byte, USD/h, USD) in one of it.
    pub scale: f64,
}

const fn unit(symbol: &'static str, dimension: Dimension, scale: f64) -> Unit {
    Unit { symbol, dimension, scale }
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const YEAR_HOURS: f64 = 8766.0;

use Dimension::*;

/// Every unit, the preferred spelling of a scale first.
pub static UNITS: &[Unit] = &[
    unit("", Count, 1.0),
    unit("k", Count, 1e3),
    unit("M", Count, 1e6),
    unit("G", Count, 1e9),
    unit("ns", Duration, 1e-9),
    unit("us", Duration, 1e-6),
    unit("µs", Duration, 1e-6),
    unit("ms", Duration, 1e-3),
    unit("s", Duration, 1.0),
    unit("sec", Duration, 1.0),
    unit("min", Duration, MINUTE),
    unit("m", Duration, MINUTE),
    unit("h", Duration, HOUR),
    unit("d", Duration, DAY),
    unit("w", Duration, 7.0 * DAY),
    unit("/s", Rate, 1.0),
    unit("rps", Rate, 1.0),
    unit("krps", Rate, 1e3),
    unit("k/s", Rate, 1e3),
    unit("M/s", Rate, 1e6),
    unit("/min", Rate, 1.0 / MINUTE),
    unit("k/min", Rate, 1e3 / MINUTE),
    unit("M/min", Rate, 1e6 / MINUTE),
    unit("/h", Rate, 1.0 / HOUR),
    unit("k/h", Rate, 1e3 / HOUR),
    unit("M/h", Rate, 1e6 / HOUR),
    unit("/d", Rate, 1.0 / DAY),
    unit("k/d", Rate, 1e3 / DAY),
    unit("M/d", Rate, 1e6 / DAY),
    unit("%/s", Rate, 1e-2),
    unit("%", Share, 1e-2),
    unit("x", Factor, 1.0),
    unit("B", Bytes, 1.0),
    unit("kB", Bytes, 1e3),
    unit("KB", Bytes, 1e3),
    unit("MB", Bytes, 1e6),
    unit("GB", Bytes, 1e9),
    unit("TB", Bytes, 1e12),
    unit("KiB", Bytes, 1024.0),
    unit("MiB", Bytes, 1_048_576.0),
    unit("GiB", Bytes, 1_073_741_824.0),
    unit("TiB", Bytes, 1_099_511_627_776.0),
    unit("USD/h", MoneyPerTime, 1.0),
    unit("USD/d", MoneyPerTime, 1.0 / 24.0),
    unit("USD/month", MoneyPerTime, 12.0 / YEAR_HOURS),
    unit("USD/M", MoneyPerCall, 1e-6),
    unit("USD/k", MoneyPerCall, 1e-3),
    unit("USD", MoneyPerCall, 1.0),
];

impl Unit {
    /// The unit of a bare number.
    pub const NONE: &'static Unit = &UNITS_NONE;

    /// The unit spelt `symbol`.
    pub fn find(symbol: &str) -> Option<&'static Unit> {
        if symbol.is_empty() { Some(Self::NONE) } else { UNITS.iter().find(|unit| unit.symbol == symbol) }
    }
}

static UNITS_NONE: Unit = unit("", Count, 1.0);
