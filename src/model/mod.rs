//! The typed intermediate representation: an architecture ready to be simulated.
//!
//! Dense ids, plain values, no spans, no names left to resolve. `sema` builds it; `plan` varies
//! it; `sim` and `analytic` read it. Whatever stands here is meant to act.

mod architecture;
mod assign;
mod behavior;
mod diff;
mod dist;
mod expect;
mod load;
mod run;
mod scenario;
mod spell;
pub(crate) mod words;

pub use architecture::{
    Architecture, Call, CallId, DeclaredLoop, Domain, DomainId, Element, ElementId, Entry, LoopKind, Path, Quorum,
    RequestType, RequestTypeId, Source, SourceId, Station, StationId, Step, StepTarget,
};
pub use assign::{AssignError, Place, Value, assign, current};
pub use behavior::{
    Arrivals, Autoscale, Backoff, Balance, Breaker, BreakerTrip, CacheMode, CachePolicy, CallBehavior, Cost, Delivery,
    Discipline, Discovery, Failures, Hedge, Jitter, KeyPopularity, Limit, Pool, QueueBehavior, RateLimit, Replication,
    RequestBehavior, RetryOn, RetryPolicy, Shards, ShedRule, Slowdown, StationBehavior,
};
pub use diff::{Change, ChangeKind, Group, Part as ChangedPart, apply, conditions, diff, groups, keep_streams};
pub use dist::Dist;
pub use expect::{Comparison, Condition, Expectation, ExpectationOrigin, Metric, MetricScope, Term, Window};
pub use load::{LoadForm, LoadShape};
pub use run::{
    ChaosAction, ChaosEvent, ChaosTarget, ElementSet, Healed, LinkSet, LoadProfile, LoadSegment, Manner, Part,
    Precision, RunConfig, Strength, Timing, Trigger, Workload,
};
pub use scenario::{
    Axis, AxisCondition, AxisValue, AxisValues, Case, ChaosSlot, Commit, NOT_THERE, Project, Sample, Scenario, Setter,
    Tier, VersionModel, chaos_targets, part, relative_change, set_amount, set_chaos_slot, typed,
};
pub use spell::{spell_arrivals, spell_call, spell_request, spell_station};
