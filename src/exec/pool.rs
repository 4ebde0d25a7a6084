//! The workers.

use super::Summary;
use super::active::{ActiveRun, Outcome, bug, lock};
use super::catch::catch;
use super::event::{EVENT_VERSION, FinishedRun, RunEvent, RunInfo, RunStatus};
use super::queue::{Queue, Task};
use crate::measure::{Next, RunMeasures};
use crate::model::{Architecture, RunConfig};
use crate::plan::{Plan, PlannedRun};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Least time between two events of progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// How a plan is run.
#[derive(Clone, Copy)]
pub struct ExecOptions<'a> {
    /// How many workers; at least one is taken.
    pub workers: usize,
    /// Set by whoever wants to stop: no new work is begun.
    pub interrupt: &'a AtomicBool,
    /// Time since some instant. Reaches displays and `meta` only.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
    /// Results of earlier invocations.
    pub cache: Option<ResultCache<'a>>,
}

/// Where results are kept between invocations.
#[derive(Clone, Copy)]
pub struct ResultCache<'a> {
    /// The result of a run, when it is known.
    pub find: &'a (dyn Fn(&RunInfo) -> Option<RunMeasures> + Sync),
    /// Takes a result that would come out the same at any other time.
    pub keep: &'a (dyn Fn(&RunInfo, &RunMeasures) + Sync),
}

/// Makes one replication, by its number, and says now and then which share of it is done.
pub type Replicate<'a, R> = dyn Fn(&Architecture, &RunConfig, u32, &dyn Fn(f64)) -> R + Sync + 'a;

/// Makes one result of the replications of a run, in their order.
pub type Merge<'a, R> = dyn Fn(&Architecture, &RunConfig, Vec<R>) -> RunMeasures + Sync + 'a;

/// What a run needs after these replications, all that were asked for so far, in their order.
pub type NextStage<'a, R> = dyn Fn(&Architecture, &RunConfig, &[R]) -> Next + Sync + 'a;

/// What simulates.
pub struct Engine<'a, R> {
    /// Makes one replication.
    pub replicate: &'a Replicate<'a, R>,
    /// Makes one result of the replications of a run.
    pub merge: &'a Merge<'a, R>,
    /// Asked where a run names a precision or no warm-up.
    pub next: &'a NextStage<'a, R>,
}

/// One less than there are cores, and at least one.
pub fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// Simulates every run of the plan and sends what happens to `sink`, in any order. What a run yields
/// does not depend on the number of workers.
pub fn execute<R: Send>(
    plan: &Plan,
    options: &ExecOptions<'_>,
    engine: &Engine<'_, R>,
    sink: &(dyn Fn(RunEvent) + Sync),
) -> Summary {
    let start = (options.clock)();
    let workers = options.workers.max(1);
    sink(RunEvent::Started { version: EVENT_VERSION, runs: plan.len(), workers });
    let shared = Shared {
        plan,
        options,
        engine,
        sink,
        queue: Queue::new(plan),
        summary: Mutex::new(Summary { workers, ..Summary::default() }),
        last_progress: AtomicU64::new(0),
    };
    match rayon::ThreadPoolBuilder::new().num_threads(workers).build() {
        Ok(pool) => drop(pool.broadcast(|_| shared.work())),
        // The system gives no threads: this one does it all.
        Err(_) => shared.work(),
    }
    shared.skip_rest();
    let summary = shared.close(start);
    sink(finished_event(&summary));
    summary
}

fn finished_event(summary: &Summary) -> RunEvent {
    RunEvent::Finished {
        completed: summary.completed,
        failed: summary.runs() - summary.completed,
        interrupted: summary.interrupted,
        wall_seconds: summary.wall_seconds,
    }
}

/// What all workers see.
struct Shared<'a, R> {
    plan: &'a Plan,
    options: &'a ExecOptions<'a>,
    engine: &'a Engine<'a, R>,
    sink: &'a (dyn Fn(RunEvent) + Sync),
    queue: Queue<R>,
    summary: Mutex<Summary>,
    /// When progress was last sent, in nanoseconds.
    last_progress: AtomicU64,
}

impl<R: Send> Shared<'_, R> {
    /// What one worker does.
    fn work(&self) {
        while let Some(task) = self.queue.take(self.plan, self.is_interrupted()) {
            match task {
                Task::Start(index) => self.start(index),
                Task::Replicate(run, number) => self.replicate(&run, number),
                Task::Finish(run) => self.finish(&run),
            }
        }
    }

    fn is_interrupted(&self) -> bool {
        self.options.interrupt.load(Ordering::Relaxed)
    }

    fn start(&self, index: u64) {
        let planned = self.plan.run(index);
        if let Some(known) = planned.as_ref().and_then(|planned| self.find(&planned.info)) {
            self.queue.started(None);
            return self.report(known);
        }
        let prepared = planned.map(|planned| self.prepare(planned));
        // Told before anything is sent: the others wait for it.
        self.queue.started(prepared.as_ref().and_then(|prepared| prepared.as_ref().ok()));
        match prepared {
            Some(Ok(run)) => {
                (self.sink)(RunEvent::RunStarted { index, name: run.info.name.clone() });
                self.replicate(&run, 0);
            }
            Some(Err(failed)) => self.report(*failed),
            // The queue hands out runs of the plan only.
            None => {}
        }
    }

    /// The run as an earlier invocation left it.
    fn find(&self, info: &RunInfo) -> Option<FinishedRun> {
        let measures = (self.options.cache?.find)(info)?;
        let error = measures.partial.clone();
        let status = error.as_ref().map_or(RunStatus::Completed, |_| RunStatus::Partial);
        Some(FinishedRun {
            info: info.clone(),
            status,
            error,
            measures: Arc::new(measures),
            cpu_seconds: 0.0,
            cached: true,
        })
    }

    /// The run as the engine takes it, or as it failed.
    fn prepare(&self, planned: PlannedRun) -> Result<Arc<ActiveRun<R>>, Box<FinishedRun>> {
        let reason = match catch(|| self.plan.materialise(&planned)) {
            Ok(Ok((architecture, config))) => return Ok(Arc::new(ActiveRun::new(planned.info, architecture, config))),
            Ok(Err(reason)) => reason,
            Err(panic) => {
                let reason = bug(&planned.info, &panic);
                return Err(Box::new(without_measures(planned.info, RunStatus::Failed, Some(reason))));
            }
        };
        // A commit without a sound model is something to be told of its history, no failure.
        let status = if planned.info.commit.is_some() { RunStatus::Skipped } else { RunStatus::Failed };
        Err(Box::new(without_measures(planned.info, status, Some(reason))))
    }

    fn replicate(&self, run: &Arc<ActiveRun<R>>, number: u32) {
        let start = (self.options.clock)();
        let done = Cell::new(0.0);
        let progress = |share: f64| self.progress(run, &done, share);
        let config = run.config();
        let result = catch(|| (self.engine.replicate)(&run.architecture, &config, number, &progress));
        progress(1.0);
        let seconds = (self.options.clock)().saturating_sub(start).as_secs_f64();
        if run.put(number, result, seconds) {
            match run.grow(self.engine) {
                Some(first) => self.queue.grown(run, first),
                None => self.finish(run),
            }
        }
    }

    /// Notes that a replication is done to `share`, and tells so now and then.
    fn progress(&self, run: &ActiveRun<R>, done: &Cell<f64>, share: f64) {
        let all = run.advance(share - done.replace(share));
        let now = (self.options.clock)().as_nanos() as u64;
        let last = self.last_progress.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(last) >= PROGRESS_EVERY.as_nanos() as u64;
        // Of several workers for which it is due, one sends.
        if is_due && self.last_progress.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            (self.sink)(RunEvent::Progress { index: run.info.index, done: all });
        }
    }

    fn finish(&self, run: &ActiveRun<R>) {
        self.queue.ended(run);
        let Outcome { run, critical, is_whole } = run.finish(self.engine, &self.options.clock);
        if let Some(cache) = self.options.cache.filter(|_| is_whole) {
            (cache.keep)(&run.info, &run.measures);
        }
        {
            let mut summary = lock(&self.summary);
            summary.critical_path_seconds = summary.critical_path_seconds.max(critical);
            summary.cpu_seconds += run.cpu_seconds;
            summary.events += run.measures.events;
        }
        self.report(run);
    }

    /// Sends a run that ended, and with it the runs that are copies of it.
    fn report(&self, run: FinishedRun) {
        for copy in self.plan.copies(run.info.index).filter_map(|index| self.plan.run(index)) {
            let error = run.error.as_ref().map(|error| renamed(error, &run.info.name, &copy.info.name));
            lock(&self.summary).copied += 1;
            self.send(FinishedRun { info: copy.info, error, cpu_seconds: 0.0, ..run.clone() });
        }
        self.send(run);
    }

    fn send(&self, run: FinishedRun) {
        lock(&self.summary).count(&run);
        (self.sink)(RunEvent::RunFinished(Box::new(run)));
    }

    /// Reports the runs that were never started.
    fn skip_rest(&self) {
        let first = self.queue.first_left();
        let was_reported = |index: &u64| self.plan.original(*index).is_some_and(|original| original < first);
        for run in (first..self.plan.len()).filter(|index| !was_reported(index)).filter_map(|n| self.plan.run(n)) {
            self.send(without_measures(run.info, RunStatus::Skipped, None));
        }
    }

    fn close(&self, start: Duration) -> Summary {
        let mut summary = lock(&self.summary);
        summary.wall_seconds = (self.options.clock)().saturating_sub(start).as_secs_f64();
        summary.interrupted = self.is_interrupted();
        *summary
    }
}

fn without_measures(info: RunInfo, status: RunStatus, error: Option<Arc<str>>) -> FinishedRun {
    FinishedRun { info, status, error, measures: Arc::default(), cpu_seconds: 0.0, cached: false }
}

/// The error of a copy names the copy, as [`bug`] does.
fn renamed(error: &Arc<str>, from: &str, to: &str) -> Arc<str> {
    error.replacen(&format!(", run {from}): "), &format!(", run {to}): "), 1).into()
}
