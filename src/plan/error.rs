//! Why there is no plan.

use std::sync::Arc;

/// Why a project has no plan. Each has a code, so that a front end can explain it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// More runs than the limit; nothing was allocated.
    #[error(
        "the plan has {} runs, more than the limit of {limit}; `{dimension}` of `{scenario}` alone has {} values",
        shown(*count), shown(*size)
    )]
    TooLarge {
        /// How many runs; `u128::MAX` stands for that many or more.
        count: u128,
        /// How many are allowed.
        limit: u64,
        /// The dimension to blame: the largest one.
        dimension: Arc<str>,
        /// How many values it has.
        size: u128,
        /// Whose dimension it is.
        scenario: Arc<str>,
    },
    /// No runs at all.
    #[error("{}", if *excluded { "nothing to run: `exclude` leaves no combination" } else { "nothing to run: there is no scenario" })]
    Empty {
        /// There are scenarios, but they leave out every combination.
        excluded: bool,
    },
    /// A filter that no scenario matches.
    #[error("no scenario matches `{name}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownScenario {
        /// The filter.
        name: String,
        /// The scenario that was probably meant.
        nearest: Option<Arc<str>>,
    },
    /// Two combinations with one name.
    #[error("two runs have the name `{name}`: {first}, and {second}")]
    DuplicateName {
        /// The name.
        name: String,
        /// The values of the first.
        first: String,
        /// The values of the second.
        second: String,
    },
    /// Lists that cannot be paired value by value.
    #[error("`zip` of `{scenario}` pairs `{first}` with {first_len} values and `{second}` with {second_len}")]
    UnequalZip {
        /// Whose `zip`.
        scenario: Arc<str>,
        /// Its first dimension.
        first: Arc<str>,
        /// How many values that has.
        first_len: u64,
        /// The first dimension of another length.
        second: Arc<str>,
        /// How many values that has.
        second_len: u64,
    },
}

impl PlanError {
    /// The id of its row in the table of codes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "E0401",
            Self::Empty { .. } => "E0402",
            Self::UnequalZip { .. } => "E0403",
            Self::DuplicateName { .. } => "E0406",
            Self::UnknownScenario { .. } => "E0407",
        }
    }
}

/// A count with its thousands grouped.
fn shown(count: u128) -> String {
    if count == u128::MAX {
        return "more than 10^38".into();
    }
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_size_limit_and_culprit() {
        let error = PlanError::TooLarge {
            count: 1_000_000_000_000,
            limit: 100_000,
            dimension: "load".into(),
            size: 1_000_000,
            scenario: "Huge".into(),
        };
        let text = "the plan has 1 000 000 000 000 runs, more than the limit of 100000; `load` of `Huge` alone has 1 000 000 values";
        assert_eq!((error.to_string().as_str(), error.code()), (text, "E0401"));
    }

    #[test]
    fn every_code_is_in_the_table_of_codes() {
        let table = include_str!("../diag/codes.rs");
        let unequal = PlanError::UnequalZip {
            scenario: "S".into(),
            first: "a".into(),
            first_len: 1,
            second: "b".into(),
            second_len: 2,
        };
        let unknown = PlanError::UnknownScenario { name: "x".into(), nearest: None };
        let twice = PlanError::DuplicateName { name: "x".into(), first: "a".into(), second: "b".into() };
        for error in [unequal, unknown, twice, PlanError::Empty { excluded: false }] {
            assert!(table.contains(error.code()), "{error}");
        }
    }
}
