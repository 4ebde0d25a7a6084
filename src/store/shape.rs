//! Which fields a result has, as a number: a result that was written with others cannot be read.

use crate::measure::*;
use crate::model::{Metric, MetricScope, Window};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Changes with the name, the order and the kind of every field of [`RunMeasures`], so that a build that
/// adds one never misreads what an older one wrote.
pub(super) fn of_results() -> u64 {
    static SHAPE: LazyLock<u64> = LazyLock::new(|| {
        // A derived `Serialize` with text keys cannot fail.
        let text = serde_json::to_vec(&specimen()).unwrap_or_default();
        let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(&text).as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    });
    *SHAPE
}

/// A result with one of everything.
fn specimen() -> RunMeasures {
    RunMeasures {
        partial: Some("".into()),
        ci95: one([0.0; 2]),
        elements: one(ElementMeasures {
            in_system_shares: vec![0.0],
            drained_after: Some(0.0),
            up_shares: vec![0.0],
            ..Default::default()
        }),
        relations: one(RelationMeasures::default()),
        request_types: one(RequestMeasures::default()),
        probes: vec![Probe {
            metric: Metric::Mean,
            scope: MetricScope::All,
            window: Window::Whole,
            value: 0.0,
            series: vec![0.0],
            spent: vec![[0.0; 2]],
        }],
        windows: vec![WindowMeasures { calls: vec![[0.0; 3]], stations: vec![[0.0; 3]], ..Default::default() }],
        replicates: vec![Replicate::default()],
        faults: vec![FaultRecord { text: "".into(), at: 0.0, until: 0.0 }],
        precision: Some(PrecisionReached { target: 0.0, reached: Some(0.0), met: false }),
        ..Default::default()
    }
}

fn one<T>(value: T) -> BTreeMap<Arc<str>, T> {
    BTreeMap::from([("".into(), value)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn empty_ones(path: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Null => found.push(path.into()),
            Value::Array(list) if list.is_empty() => found.push(path.into()),
            Value::Object(map) if map.is_empty() => found.push(path.into()),
            Value::Array(list) => list.iter().for_each(|value| empty_ones(path, value, found)),
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| empty_ones(&format!("{path}.{key}"), value, found))
            }
            _ => {}
        }
    }

    #[test]
    fn the_specimen_has_one_of_everything() {
        let mut found = Vec::new();
        empty_ones("", &serde_json::to_value(specimen()).unwrap(), &mut found);
        assert!(found.is_empty(), "give the specimen one of: {found:?}");
    }

    /// `postcard` leaves out no field and knows no names: attributes of `serde` that do would break it.
    #[test]
    fn the_specimen_survives_the_way_to_disk() {
        let bytes = postcard::to_stdvec(&specimen()).unwrap();
        assert_eq!(postcard::from_bytes::<RunMeasures>(&bytes).unwrap(), specimen());
    }
}
