//! What a relation does, in ns.

use crate::model::{Breaker, CallBehavior, Hedge, Pool, RetryPolicy, RunConfig};
use crate::sim::rng::Sampler;
use serde::{Deserialize, Serialize};

/// A relation, compiled. Compiled again whenever a fault sets one of its attributes. What a guarded call needs comes first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct LinkParams {
    /// How long the caller waits for an attempt.
    pub timeout: Option<u64>,
    /// Concurrent calls.
    pub bulkhead: Option<u32>,
    /// Whether any state is kept for each caller replica.
    pub guarded: bool,
    /// Whether giving up stops the work.
    pub cancel: bool,
    /// Connections.
    pub pool: Option<Pool>,
    /// A second copy beside the first.
    pub hedge: Option<Hedge>,
    /// Stops calling what fails.
    pub breaker: Option<Breaker>,
    /// Further attempts.
    pub retry: Option<RetryPolicy>,
    /// Network time each way.
    pub latency: Sampler,
    /// Network time of the run, added each way.
    pub extra: u64,
    /// Share of messages lost.
    pub loss: f64,
}

impl LinkParams {
    /// Compiles one relation's behavior.
    pub fn new(b: &CallBehavior, config: &RunConfig) -> Self {
        let budget = b.retry.is_some_and(|r| r.budget.is_some() && r.count > 0);
        Self {
            latency: Sampler::new(&b.latency),
            extra: config.latency.0,
            loss: b.loss,
            timeout: b.timeout.map(|d| d.0),
            cancel: b.cancel,
            retry: b.retry.filter(|r| r.count > 0),
            breaker: b.breaker,
            pool: b.pool,
            bulkhead: b.bulkhead,
            hedge: b.hedge,
            guarded: b.breaker.is_some() || b.pool.is_some() || b.bulkhead.is_some() || b.hedge.is_some() || budget,
        }
    }

    /// How long every message takes, where chance has no say.
    pub fn steady(&self) -> Option<u64> {
        match self.latency {
            Sampler::Constant(latency) if self.loss == 0.0 => Some(latency.saturating_add(self.extra)),
            _ => None,
        }
    }
}
