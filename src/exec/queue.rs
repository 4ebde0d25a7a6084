//! What the workers do next.

use super::active::{ActiveRun, lock};
use crate::plan::Plan;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What a worker does next.
pub(super) enum Task<R> {
    /// Start this run of the plan, then tell the queue with [`Queue::started`].
    Start(u64),
    /// Make one replication.
    Replicate(Arc<ActiveRun<R>>, u32),
    /// Report a run of which nothing is left to make.
    Finish(Arc<ActiveRun<R>>),
}

/// The replications of runs under way first, then the runs of the plan in order.
pub(super) struct Queue<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
}

struct State<R> {
    /// Runs under way with the number of the next replication to hand out.
    pending: VecDeque<(Arc<ActiveRun<R>>, u32)>,
    /// The next run of the plan.
    next: u64,
    /// One after the last.
    end: u64,
    /// Runs that a worker is starting: their replications are not pending yet.
    starting: usize,
    /// Runs under way that may still ask for more.
    growing: usize,
    /// No new work is handed out.
    stopped: bool,
}

impl<R> Queue<R> {
    /// Everything is still to be done.
    pub fn new(plan: &Plan) -> Self {
        let state =
            State { pending: VecDeque::new(), next: 0, end: plan.len(), starting: 0, growing: 0, stopped: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next task; `None` when there will be none. With `stop`, what has not begun is dropped.
    pub fn take(&self, plan: &Plan, stop: bool) -> Option<Task<R>> {
        let mut state = lock(&self.state);
        state.stopped |= stop;
        loop {
            if let Some(task) = state.pop(plan) {
                return Some(task);
            }
            if state.starting == 0 && state.growing == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A run that [`Task::Start`] asked for is under way; the worker that started it makes its first
    /// replication. `None`: it could not be started.
    pub fn started(&self, run: Option<&Arc<ActiveRun<R>>>) {
        let mut state = lock(&self.state);
        state.starting -= 1;
        state.growing += usize::from(run.is_some_and(|run| run.may_grow));
        if let Some(run) = run.filter(|run| run.replications() > 1) {
            state.pending.push_back((run.clone(), 1));
        }
        self.changed.notify_all();
    }

    /// A run asks for more, from this replication on.
    pub fn grown(&self, run: &Arc<ActiveRun<R>>, first: u32) {
        // Before runs that have not begun: fewer are under way.
        lock(&self.state).pending.push_front((run.clone(), first));
        self.changed.notify_all();
    }

    /// A run that will ask for nothing more.
    pub fn ended(&self, run: &ActiveRun<R>) {
        lock(&self.state).growing -= usize::from(run.may_grow);
        self.changed.notify_all();
    }

    /// The first run that was never started; the end of the plan when all were.
    pub fn first_left(&self) -> u64 {
        lock(&self.state).next
    }
}

impl<R> State<R> {
    fn pop(&mut self, plan: &Plan) -> Option<Task<R>> {
        while let Some((run, number)) = self.pending.pop_front() {
            let left = run.replications() - number;
            if !self.stopped && !run.has_panicked() {
                if left > 1 {
                    self.pending.push_front((run.clone(), number + 1));
                }
                return Some(Task::Replicate(run, number));
            }
            if run.abandon(left) {
                return Some(Task::Finish(run));
            }
        }
        self.start(plan)
    }

    /// The next run that is no copy of an earlier one: copies are reported with their original.
    fn start(&mut self, plan: &Plan) -> Option<Task<R>> {
        while !self.stopped && self.next < self.end {
            let index = self.next;
            self.next += 1;
            if plan.original(index).is_none() {
                self.starting += 1;
                return Some(Task::Start(index));
            }
        }
        None
    }
}
