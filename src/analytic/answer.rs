//! What an evaluation says: a number with what it rests on, or why there is none.

use serde::{Serialize, Serializer};
use std::sync::Arc;

/// The formula or approximation that a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Source {
    /// Offered rates from the routing; utilisation as rate × service / workers.
    Traffic,
    /// No contention: unlimited workers (M/G/∞), or nothing that queues.
    Delay,
    /// M/M/1 and M/M/c with Erlang's C (Kleinrock, Queueing Systems 1, 1975).
    Markov,
    /// M/G/1 by Pollaczek and Khinchine.
    PollaczekKhinchine,
    /// Batches of Poisson arrivals: M^X/G/1, M^X/M/c (Gross and Harris, 1998).
    Batch,
    /// Poisson arrivals whose rate changes with a hidden state: MMPP/M/c as a quasi birth-death process (Neuts, 1981),
    /// MMPP/G/1 (Fischer and Meier-Hellstern, 1993).
    Modulated,
    /// A cache of the latest keys by its characteristic time (Che, Tung and Wang, 2002; Fricker, Robert and Roberts,
    /// 2012).
    Che,
    /// Calls through so many connections: a queue for them before that of the callee, which serves those in flight as
    /// fast as it would serve them alone (flow-equivalent server: Chandy, Herzog and Woo, 1975; Jacobson and Lazowska,
    /// 1982).
    Connections,
    /// GI/M/1: the root of σ = A*(μ(1-σ)) (Kendall, 1953).
    Renewal,
    /// Several workers or other arrivals: Allen and Cunneen with the correction of Krämer and
    /// Langenbach-Belz; arrivals between stations as in Whitt's QNA (1983).
    AllenCunneen,
    /// Processor sharing: means are insensitive to the distribution of work.
    Sharing,
    /// M/M/c/K, and Erlang's B for no places at all.
    Loss,
    /// Erlang A: exponential patience (Palm; Garnett, Mandelbaum and Reiman, 2002).
    Patience,
    /// Head-of-line priorities without preemption (Cobham, 1954).
    Cobham,
    /// The better of two replicas: mean field (Mitzenmacher, 2001; Vvedenskaya et al., 1996).
    PowerOfTwo,
    /// The emptiest replica: as one shared queue, which is a little better.
    SharedQueue,
    /// Workers held during calls: service is own work plus what the calls take.
    Held,
    /// Messages handed to free workers: one queue for all workers of the consumer.
    Delivery,
    /// Timeouts and further attempts as a fixed point.
    Retries,
    /// Open network of product form (Jackson, 1957; Baskett et al., 1975).
    ProductForm,
    /// Parallel calls taken as independent, which is a little too slow.
    ForkJoin,
    /// Closed loop by exact mean value analysis (Reiser and Lavenberg, 1980).
    MeanValue,
    /// A response time along a path by the moments of its parts.
    Moments,
}

impl Source {
    /// In a reader's words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Traffic => "traffic equations",
            Self::Delay => "no queueing",
            Self::Markov => "M/M/c",
            Self::PollaczekKhinchine => "M/G/1, Pollaczek-Khinchine",
            Self::Batch => "M^X/G/c",
            Self::Modulated => "MMPP/G/c",
            Self::Che => "LRU, Che's approximation",
            Self::Connections => "queue for connections",
            Self::Renewal => "GI/M/1",
            Self::AllenCunneen => "G/G/c, Allen-Cunneen",
            Self::Sharing => "M/G/c processor sharing",
            Self::Loss => "M/M/c/K",
            Self::Patience => "Erlang A",
            Self::Cobham => "Cobham priorities",
            Self::PowerOfTwo => "power of two, mean field",
            Self::SharedQueue => "shortest queue as shared queue",
            Self::Held => "workers held during calls",
            Self::Delivery => "one queue for all consumers",
            Self::Retries => "retries as a fixed point",
            Self::ProductForm => "product-form network",
            Self::ForkJoin => "independent branches",
            Self::MeanValue => "mean value analysis",
            Self::Moments => "moments of the path",
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.describe())
    }
}

/// How far a number can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Exactness {
    /// Exact for the model as it stands, in the long run.
    Exact,
    /// Within this share of it: of the residence (wait plus service) for times and of the value itself otherwise. The
    /// bounds are those that `analytic`'s tests hold the formulas to, against exact answers and the engine.
    Approximate(f64),
}

/// A number with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// In base units: s, 1/s, shares.
    pub value: f64,
    /// How far it can be trusted.
    pub exactness: Exactness,
    /// Where it comes from.
    pub source: Source,
}

/// A number, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// There is one.
    Known(Figure),
    /// There is none: in words, for a reader.
    NotApplicable(Arc<str>),
}

impl Answer {
    /// The number, where there is one.
    pub fn figure(&self) -> Option<Figure> {
        match self {
            Self::Known(figure) => Some(*figure),
            Self::NotApplicable(_) => None,
        }
    }

    /// Its value, where there is one.
    pub fn value(&self) -> Option<f64> {
        self.figure().map(|figure| figure.value)
    }

    /// Why there is no number, where there is none.
    pub fn reason(&self) -> Option<&Arc<str>> {
        match self {
            Self::Known(_) => None,
            Self::NotApplicable(reason) => Some(reason),
        }
    }
}

/// What a number rests on: a source and a relative error, 0 for none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Basis {
    pub source: Source,
    pub error: f64,
}

impl Basis {
    /// Without error.
    pub fn exact(source: Source) -> Self {
        Self { source, error: 0.0 }
    }

    /// Within a share.
    pub fn within(source: Source, error: f64) -> Self {
        Self { source, error }
    }

    /// Of a number that rests on both.
    pub fn and(self, other: Self) -> Self {
        let error = self.error.max(other.error);
        let source = match () {
            () if self.source == other.source || other.source == Source::Delay => self.source,
            () if self.source == Source::Delay => other.source,
            () if error == 0.0 => Source::ProductForm,
            () if self.error >= other.error => self.source,
            () => other.source,
        };
        Self { source, error }
    }

    /// As a figure.
    pub fn figure(self, value: f64) -> Figure {
        let exactness = if self.error > 0.0 { Exactness::Approximate(self.error) } else { Exactness::Exact };
        Figure { value, exactness, source: self.source }
    }
}

/// Why something has no answer. Small and without text, for it spreads along calls in every round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Why {
    /// The whole run.
    Run(&'static str),
    /// Something at a station.
    Station(u32, &'static str),
    /// Something at a relation.
    Call(u32, &'static str),
    /// Offered more than it can serve: the rate offered and the rate it can take, 1/s.
    Saturated(u32, f64, f64),
    /// Offered more calls than its connections can carry: the rate offered and the rate they carry, 1/s.
    Narrow(u32, f64, f64),
    /// Behind a station that lets through an unknown rate.
    Behind(u32),
}

impl Why {
    /// In words.
    pub fn describe(self, architecture: &crate::model::Architecture) -> Arc<str> {
        let station = |n: u32| architecture.stations.get(n as usize).map_or("?", |s| &*s.path);
        let call = |n: u32| architecture.calls.get(n as usize).map_or("?", |c| &*c.path);
        match self {
            Self::Run(what) => what.into(),
            Self::Station(n, what) => format!("{}: {what}", station(n)).into(),
            Self::Call(n, what) => format!("{}: {what}", call(n)).into(),
            Self::Saturated(n, offered, served) => format!(
                "{} is saturated: offered {offered:.4}/s, serves {served:.4}/s, so what waits grows by {:.4}/s",
                station(n),
                offered - served
            )
            .into(),
            Self::Narrow(n, offered, carried) => format!(
                "the connections of {} are saturated: asked for {offered:.4}/s, they carry {carried:.4}/s, so what waits grows by {:.4}/s",
                call(n),
                offered - carried
            )
            .into(),
            Self::Behind(n) => format!("it lies behind {}, whose throughput has no closed form", station(n)).into(),
        }
    }
}
