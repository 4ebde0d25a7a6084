//! Conditions on metrics: expectations, and triggers of chaos events.

use super::{CallId, ElementId, RequestTypeId, StationId};
use crate::quantity::{Duration, SimTime};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Something that should hold in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// As written (or as an `slo` block means it): shown in reports.
    pub text: Arc<str>,
    /// What must hold.
    pub condition: Condition,
    /// When it is measured.
    pub window: Window,
    /// Where it comes from.
    pub origin: ExpectationOrigin,
    /// Time for which its error budget must last; `None`: 30 days.
    pub period: Option<Duration>,
}

/// Where an expectation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ExpectationOrigin {
    /// An `expect` statement.
    Scenario,
    /// An `slo` block.
    Slo,
    /// A part of `quality` with its weight: it is scored, and never violated.
    Quality(f64),
}

/// A condition on metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Condition {
    /// One term compared with another.
    Compare(Term, Comparison, Term),
    /// Both.
    And(Box<Condition>, Box<Condition>),
    /// Either.
    Or(Box<Condition>, Box<Condition>),
    /// The opposite.
    Not(Box<Condition>),
}

impl Condition {
    /// Its `nth` number, counted from left to right.
    pub fn number_mut(&mut self, nth: usize) -> Option<&mut f64> {
        let mut left = nth;
        self.find_number(&mut left)
    }

    fn find_number(&mut self, left: &mut usize) -> Option<&mut f64> {
        match self {
            Self::Compare(a, _, b) => [a, b].into_iter().find_map(|term| match term {
                Term::Value(number) if *left == 0 => Some(number),
                Term::Value(_) => {
                    *left -= 1;
                    None
                }
                Term::Metric(..) => None,
            }),
            Self::And(a, b) | Self::Or(a, b) => match a.find_number(left) {
                None => b.find_number(left),
                found => found,
            },
            Self::Not(inner) => inner.find_number(left),
        }
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Term {
    /// A number in base units.
    Value(f64),
    /// A metric of some traffic.
    Metric(Metric, MetricScope),
}

/// How two terms are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Comparison {
    /// Whether `left` stands in this relation to `right`; never for a number that is none.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right && !left.is_nan() && !right.is_nan(),
        }
    }
}

/// A metric function.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "documented by the rows of schema::METRICS")]
pub enum Metric {
    Mean,
    /// A quantile of the response time; the share from 0 to 1.
    Quantile(f64),
    Max,
    ErrorRate,
    Availability,
    Throughput,
    Goodput,
    Utilization,
    Queue,
    Retries,
    Amplification,
    RecoveryTime,
    Stability,
    Cost,
    StaleReads,
    LostWrites,
}

/// Which traffic a metric is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetricScope {
    /// All external requests.
    All,
    /// One station.
    Station(StationId),
    /// A group: all stations below an element together.
    Group(ElementId),
    /// One relation.
    Call(CallId),
    /// One request type.
    Request(RequestTypeId),
}

/// When an expectation is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Window {
    /// Over the whole measured time.
    Whole,
    /// While any fault is active.
    DuringChaos,
    /// After the last fault has ended.
    AfterChaos,
    /// Between two instants.
    Between(SimTime, SimTime),
    /// In every window of one second.
    Always,
    /// In some window of one second, at most so long after the start of the measured time (or of the
    /// first fault, where there is one), and in every one after it.
    EventuallyWithin(Duration),
}

impl Window {
    /// Puts its `nth` time, counted from left to right, to `time`; `None` when it has no such time.
    pub fn set_time(&mut self, nth: usize, time: Duration) -> Option<()> {
        match (self, nth) {
            (Self::EventuallyWithin(within), 0) => *within = time,
            (Self::Between(from, _), 0) => *from = SimTime::ZERO + time,
            (Self::Between(_, to), 1) => *to = SimTime::ZERO + time,
            _ => return None,
        }
        Some(())
    }
}
