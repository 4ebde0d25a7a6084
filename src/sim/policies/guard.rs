//! What a caller's replica keeps for one relation: connections, concurrent calls, breaker, budget.

use super::breaker::BreakerState;
use crate::sim::kernel::NONE;
use serde::{Deserialize, Serialize};

/// Tokens of a retry budget at the start, and the most it holds (Brooker's simulation of the AWS
/// SDK: 5). A first attempt adds `budget` tokens, a retry takes one whole token.
const BUDGET: f64 = 5.0;

/// Pool, bulkhead, breaker and budget of one caller replica and relation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct Guard {
    /// Calls that hold a connection or a place of the bulkhead.
    pub in_use: u32,
    /// Calls that wait for a connection: how many, first and last.
    pub waiting: u32,
    /// See `waiting`.
    pub head: u32,
    /// See `waiting`.
    pub tail: u32,
    tokens: f64,
    /// Its breaker.
    pub breaker: BreakerState,
}

impl Default for Guard {
    fn default() -> Self {
        Self { in_use: 0, waiting: 0, head: NONE, tail: NONE, breaker: BreakerState::default(), tokens: BUDGET }
    }
}

impl Guard {
    /// A first attempt feeds the budget.
    pub fn deposit(&mut self, share: f64) {
        self.tokens = (self.tokens + share).min(BUDGET);
    }

    /// Takes a token for a retry if there is a whole one.
    pub fn withdraw(&mut self) -> bool {
        // Ten deposits of a tenth are a whole token, whatever doubles say.
        let has = self.tokens >= 1.0 - 1e-9;
        if has {
            self.tokens -= 1.0;
        }
        has
    }
}
