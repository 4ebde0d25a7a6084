//! A run under way: its replications as they come in.

use super::Engine;
use super::catch::catch;
use super::event::{FinishedRun, RunInfo, RunStatus};
use crate::measure::{Next, RunMeasures};
use crate::model::{Architecture, RunConfig};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A run under way.
pub(super) struct ActiveRun<R> {
    /// Which.
    pub info: RunInfo,
    /// Its model.
    pub architecture: Arc<Architecture>,
    /// Whether it may ask for more than was begun with.
    pub may_grow: bool,
    state: Mutex<State<R>>,
}

struct State<R> {
    /// Its conditions.
    config: Arc<RunConfig>,
    /// Replications asked for so far.
    wanted: u32,
    /// By number, in any order.
    results: Vec<(u32, R)>,
    /// The panic of the lowest replication that had one: the same whoever was faster.
    panic: Option<(u32, String)>,
    /// Neither ended nor dropped.
    open: u32,
    /// Share that is done, over all replications.
    done: f64,
    cpu: f64,
    longest: f64,
}

/// What ended, and what it took.
pub(super) struct Outcome {
    /// The run.
    pub run: FinishedRun,
    /// Seconds of its longest replication and of the merge after it.
    pub critical: f64,
    /// Whether it would come out the same at any other time: nothing was left out and nothing went wrong.
    pub is_whole: bool,
}

/// Locks although a holder panicked: only the sink can, and it leaves no half-made state behind.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The error of a run that panicked: what a report of the bug needs.
pub(super) fn bug(info: &RunInfo, panic: &str) -> Arc<str> {
    format!("the simulation hit a bug (seed {}, run {}): {panic}", info.seed, info.name).into()
}

impl<R> ActiveRun<R> {
    /// A run of which nothing is done yet.
    pub fn new(info: RunInfo, architecture: Arc<Architecture>, config: RunConfig) -> Self {
        let wanted = config.first_replications();
        let may_grow = config.precision.is_some() || config.warmup.is_none();
        let config = Arc::new(config);
        let state =
            State { config, wanted, results: Vec::new(), panic: None, open: wanted, done: 0.0, cpu: 0.0, longest: 0.0 };
        Self { info, architecture, may_grow, state: Mutex::new(state) }
    }

    /// Its conditions.
    pub fn config(&self) -> Arc<RunConfig> {
        lock(&self.state).config.clone()
    }

    /// How many replications were asked for so far.
    pub fn replications(&self) -> u32 {
        lock(&self.state).wanted
    }

    /// Whether a replication panicked, so that the others need not be made.
    pub fn has_panicked(&self) -> bool {
        lock(&self.state).panic.is_some()
    }

    /// One replication went on by a share of itself; how much of the run is done.
    pub fn advance(&self, share: f64) -> f64 {
        let mut state = lock(&self.state);
        state.done += share;
        (state.done / f64::from(state.wanted)).clamp(0.0, 1.0)
    }

    /// A replication ended; whether it was the last.
    pub fn put(&self, number: u32, result: Result<R, String>, seconds: f64) -> bool {
        let mut state = lock(&self.state);
        match result {
            Ok(result) => state.results.push((number, result)),
            Err(panic) if state.panic.as_ref().is_none_or(|(first, _)| number < *first) => {
                state.panic = Some((number, panic));
            }
            Err(_) => {}
        }
        state.cpu += seconds;
        state.longest = state.longest.max(seconds);
        state.open -= 1;
        state.open == 0
    }

    /// So many replications will never be made; whether nothing else is under way.
    pub fn abandon(&self, count: u32) -> bool {
        let mut state = lock(&self.state);
        state.open -= count;
        state.open == 0
    }

    /// When none is open: asks whether more is needed. The number of the next replication to make, if so.
    ///
    /// The answer rests on all replications that were asked for, in their order, and on nothing else.
    pub fn grow(&self, engine: &Engine<'_, R>) -> Option<u32> {
        let mut state = lock(&self.state);
        if !self.may_grow || state.panic.is_some() || state.results.len() as u32 != state.wanted {
            return None;
        }
        let (config, made) = (state.config.clone(), state.wanted);
        let mut results = std::mem::take(&mut state.results);
        results.sort_by_key(|(number, _)| *number);
        let results: Vec<R> = results.into_iter().map(|(_, result)| result).collect();
        let next = catch(|| (engine.next)(&self.architecture, &config, &results));
        state.results = (0..).zip(results).collect();
        match next {
            Ok(Next::Enough) => None,
            Ok(Next::UpTo(count)) if count > made => Some(state.ask_for(count)),
            Ok(Next::UpTo(_)) => None,
            Ok(Next::Again(config)) => Some(state.begin_again(*config)),
            Err(panic) => {
                state.panic = Some((made, panic));
                None
            }
        }
    }

    /// Merges what came in, in the order of replications. Called once, when none is open.
    pub fn finish(&self, engine: &Engine<'_, R>, clock: &dyn Fn() -> std::time::Duration) -> Outcome {
        let (mut results, panic, cpu, longest, config) = {
            let mut state = lock(&self.state);
            let (cpu, longest, config) = (state.cpu, state.longest, state.config.clone());
            (std::mem::take(&mut state.results), state.panic.take(), cpu, longest, config)
        };
        let start = clock();
        let made = results.len() as u32;
        results.sort_by_key(|(number, _)| *number);
        let results = results.into_iter().map(|(_, result)| result).collect();
        let merged = match panic {
            Some((_, panic)) => Err(panic),
            None => catch(|| (engine.merge)(&self.architecture, &config, results)),
        };
        let merging = clock().saturating_sub(start).as_secs_f64();
        let is_whole = merged.is_ok() && made == self.replications();
        let run = self.finished(merged, made, cpu + merging);
        Outcome { run, critical: longest + merging, is_whole }
    }

    fn finished(&self, merged: Result<RunMeasures, String>, made: u32, cpu_seconds: f64) -> FinishedRun {
        let (status, error, measures) = match merged {
            Err(panic) => (RunStatus::Failed, Some(bug(&self.info, &panic)), RunMeasures::default()),
            Ok(measures) => {
                let reason = measures.partial.clone().or_else(|| self.cut_short(made));
                (reason.as_ref().map_or(RunStatus::Completed, |_| RunStatus::Partial), reason, measures)
            }
        };
        FinishedRun { info: self.info.clone(), status, error, measures: Arc::new(measures), cpu_seconds, cached: false }
    }

    fn cut_short(&self, made: u32) -> Option<Arc<str>> {
        let all = self.replications();
        (made < all).then(|| format!("interrupted after {made} of {all} replications").into())
    }
}

impl<R> State<R> {
    /// Asks for so many in all; the number of the first of the new ones.
    fn ask_for(&mut self, count: u32) -> u32 {
        let first = self.wanted;
        self.open = count - first;
        self.wanted = count;
        first
    }

    /// Asks for all of them under other conditions; the number of the first.
    fn begin_again(&mut self, config: RunConfig) -> u32 {
        self.results.clear();
        (self.wanted, self.done) = (0, 0.0);
        let count = config.first_replications();
        self.config = Arc::new(config);
        self.ask_for(count)
    }
}
