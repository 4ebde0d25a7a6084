//! What the language knows, once: every attribute, kind, knob, chaos verb, metric, distribution
//! and setting. The checker, the defaults, `explain`, the reference in `docs/` and the editors all
//! read these tables; nothing else repeats them.

mod attributes;
mod chaos;
mod distributions;
mod keywords;
mod kinds;
mod metrics;
mod nearest;
mod settings;
mod word;

pub use attributes::{
    ATTRIBUTES, Attribute, Key, Subject, Type, attribute, attributes_named, attributes_of, find_attribute, group_of,
    shared_path,
};
pub use chaos::{CHAOS_VERBS, ChaosVerb, Verb, find_verb};
pub use distributions::{DISTRIBUTIONS, DistributionForm, find_distribution};
pub use keywords::{KEYWORDS, Keyword, Where, find_keyword, keywords_of};
pub use kinds::{KINDS, KindRole, StandardKind, find_kind};
pub use metrics::{METRICS, MetricFunction, find_metric};
pub use nearest::{by_likeness, nearest};
pub use settings::{KNOBS, Knob, KnobKey, SETTINGS, Setting, SettingKey, find_knob, find_setting};
pub use word::Word;
