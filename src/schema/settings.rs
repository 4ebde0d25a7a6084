//! The knobs and settings of scenarios.

use crate::quantity::Dimension;

/// Identifies a knob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is documented by its row in the table")]
pub enum KnobKey {
    Load,
    Failures,
    Latency,
    Retries,
    Lag,
    Users,
    Think,
}

/// A knob: a dimension that every scenario has without naming an element.
#[derive(Debug)]
pub struct Knob {
    /// Which one.
    pub key: KnobKey,
    /// Canonical spelling.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// What its values measure.
    pub dimension: Dimension,
    /// Unit that a bare number takes.
    pub unit: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

/// Every knob.
pub static KNOBS: &[Knob] = &[
    Knob {
        key: KnobKey::Load,
        name: "load",
        aliases: &[],
        dimension: Dimension::Rate,
        unit: "/s",
        doc: "Requests a second offered by all sources together.",
    },
    Knob {
        key: KnobKey::Failures,
        name: "failures",
        aliases: &["errors"],
        dimension: Dimension::Share,
        unit: "%",
        doc: "Share of calls that fail at every station.",
    },
    Knob {
        key: KnobKey::Latency,
        name: "latency",
        aliases: &[],
        dimension: Dimension::Duration,
        unit: "ms",
        doc: "Network time added to every call, each way.",
    },
    Knob {
        key: KnobKey::Retries,
        name: "retries",
        aliases: &["retryPolicy", "retry_policy"],
        dimension: Dimension::Count,
        unit: "",
        doc: "The retry count of every relation that retries.",
    },
    Knob {
        key: KnobKey::Lag,
        name: "lag",
        aliases: &[],
        dimension: Dimension::Duration,
        unit: "ms",
        doc: "The lag of every queue.",
    },
    Knob {
        key: KnobKey::Users,
        name: "users",
        aliases: &[],
        dimension: Dimension::Count,
        unit: "",
        doc: "Users of a closed loop: each waits for its reply and thinks before it asks again.",
    },
    Knob {
        key: KnobKey::Think,
        name: "think",
        aliases: &[],
        dimension: Dimension::Duration,
        unit: "s",
        doc: "Mean think time of a user of a closed loop.",
    },
];

/// The knob spelt `name`, aliases included.
pub fn find_knob(name: &str) -> Option<&'static Knob> {
    KNOBS.iter().find(|knob| knob.name == name || knob.aliases.contains(&name))
}

/// Identifies a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is documented by its row in the table")]
pub enum SettingKey {
    Duration,
    Warmup,
    Replications,
    Seed,
    Precision,
    Priority,
    Timeout,
}

/// A setting: how a scenario is run, rather than what happens in it.
#[derive(Debug)]
pub struct Setting {
    /// Which one.
    pub key: SettingKey,
    /// Its name.
    pub name: &'static str,
    /// Value when nobody gives one.
    pub default: &'static str,
    /// Whether this version acts on it; if not, `run` says so.
    pub simulated: bool,
    /// One sentence.
    pub doc: &'static str,
}

/// Every setting.
pub static SETTINGS: &[Setting] = &[
    Setting {
        key: SettingKey::Duration,
        name: "duration",
        default: "60s",
        simulated: true,
        doc: "Simulated time in which requests arrive, warm-up included.",
    },
    Setting {
        key: SettingKey::Warmup,
        name: "warmup",
        default: "10%",
        simulated: true,
        doc: "Simulated time at the start that is not measured. Unless given: a tenth of the duration, and more where \
              MSER-5 finds that a steady run takes longer to settle.",
    },
    Setting {
        key: SettingKey::Replications,
        name: "replications",
        default: "3",
        simulated: true,
        doc: "Independent repetitions; intervals come from their spread.",
    },
    Setting {
        key: SettingKey::Seed,
        name: "seed",
        default: "1",
        simulated: true,
        doc: "Names the random streams: the same seed gives the same result.",
    },
    Setting {
        key: SettingKey::Precision,
        name: "precision",
        default: "",
        simulated: true,
        doc: "Adds replications, at least 5 and at most 1000, until half the 95 % interval of mean latency is at most \
              this share of the mean; `replications` is then how many to begin with.",
    },
    Setting {
        key: SettingKey::Priority,
        name: "priority",
        default: "normal",
        simulated: false,
        doc: "high, normal or background: which runs go first.",
    },
    Setting {
        key: SettingKey::Timeout,
        name: "timeout",
        default: "",
        simulated: false,
        doc: "Time of the wall clock after which a run ends with what it has.",
    },
];

/// The setting called `name`.
pub fn find_setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}
