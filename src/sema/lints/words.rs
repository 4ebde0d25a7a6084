//! Numbers and lists as messages show them.

use crate::quantity::Duration;

/// Seconds as a length of time.
pub fn time(seconds: f64) -> String {
    Duration::from_seconds(seconds).map_or_else(|| format!("{seconds} s"), |length| length.to_string())
}

/// A number with three significant digits, whole from a hundred on.
pub fn number(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 0.1 || v == 0.0 => 2,
        _ => 4,
    };
    let text = format!("{value:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.to_owned()
}

/// A rate.
pub fn rate(per_second: f64) -> String {
    format!("{}/s", number(per_second))
}

/// A share as a percentage, with as many digits as tell it from 100 %.
pub fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `1 replica`, `3 replicas`.
pub fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The first few of some names, in backquotes.
pub fn names(all: &[&str]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = all.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = all.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
