//! Numbers in a reader's words: the units that a user would write.

use crate::exec::event::ParamValue;
use crate::model::Metric;
use crate::quantity::{Dimension, Duration};
use crate::schema::{Type, find_attribute, find_knob};

/// `120ms`.
pub fn seconds(value: f64) -> String {
    match Duration::from_seconds(value) {
        Some(duration) => duration.to_string(),
        None => "—".into(),
    }
}

/// `0.31%`: two significant digits below one percent.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    match value {
        v if !v.is_finite() => "—".into(),
        0.0 => "0%".into(),
        v if v.abs() < 0.01 => "<0.01%".into(),
        v if v.abs() < 1.0 => format!("{}%", trimmed(v, 2)),
        // A share just short of all must not look like all.
        v if v < 100.0 && v > 99.0 => format!("{}%", trimmed((v * 100.0).floor() / 100.0, 2)),
        v => format!("{}%", trimmed(v, 1)),
    }
}

/// `1.2M`, `850`: at most three significant digits.
pub fn count(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        v if !v.is_finite() => return "—".into(),
        v if v >= 999.5e6 => (value / 1e9, "G"),
        v if v >= 999.5e3 => (value / 1e6, "M"),
        v if v >= 9_999.5 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let places = match scaled.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{}{unit}", trimmed(scaled, places))
}

/// `500/s`.
pub fn rate(value: f64) -> String {
    format!("{}/s", count(value))
}

/// `1.20USD/h`.
pub fn money(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.1 { format!("{value:.4}") } else { format!("{value:.2}") }
}

/// At most so many places, without zeros at the end.
pub fn trimmed(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A value of a metric.
pub fn metric(metric: Option<Metric>, value: f64) -> String {
    match metric {
        Some(Metric::Mean | Metric::Quantile(_) | Metric::Max | Metric::RecoveryTime) => seconds(value),
        Some(Metric::ErrorRate | Metric::Availability | Metric::Utilization | Metric::StaleReads) => percent(value),
        Some(Metric::Throughput | Metric::Goodput | Metric::Retries) => rate(value),
        Some(Metric::Amplification) => format!("{}x", trimmed(value, 2)),
        Some(Metric::Cost) => format!("{}USD/h", money(value)),
        Some(Metric::Stability) => trimmed(value, 2),
        Some(Metric::Queue | Metric::LostWrites) | None => count(value),
    }
}

/// A swept value in its natural unit: `load` is bare, as in the names of runs.
pub fn param(name: &str, value: &ParamValue) -> String {
    match value {
        ParamValue::Text(text) => text.to_string(),
        ParamValue::Number(number) => number_of(dimension(name), *number),
    }
}

fn number_of(dimension: Option<Dimension>, number: f64) -> String {
    match dimension {
        Some(Dimension::Duration) => seconds(number),
        Some(Dimension::Share) => format!("{}%", trimmed(number * 100.0, 6)),
        _ => trimmed(number, 6),
    }
}

/// What an axis measures: a knob, or the attribute at the end of its path.
fn dimension(name: &str) -> Option<Dimension> {
    if let Some(knob) = find_knob(name) {
        return Some(knob.dimension);
    }
    let mut parts = name.rsplit('.');
    let (last, group) = (parts.next()?, parts.next());
    let attribute = group.and_then(|g| find_attribute(Some(g), last)).or_else(|| find_attribute(None, last));
    match (attribute.map(|a| a.ty), last) {
        (Some(Type::Duration | Type::Distribution), _) | (None, "at" | "for" | "every" | "ramp") => {
            Some(Dimension::Duration)
        }
        (Some(Type::Share), _) => Some(Dimension::Share),
        _ => None,
    }
}
