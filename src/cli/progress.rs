//! Progress on standard error: a bar for people, lines for logs, events for programs.

use super::args::ProgressChoice;
use super::session::Session;
use crate::exec::event::RunEvent;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// A consumer of events that shows how far the work is.
pub struct Progress {
    kind: Kind,
    total: u64,
    done: AtomicU64,
}

enum Kind {
    Silent,
    Bar(ProgressBar),
    Plain,
    Json,
}

impl Progress {
    /// The display that `choice` means in this session.
    pub fn new(session: &Session<'_>, choice: ProgressChoice, total: u64) -> Self {
        let kind = match choice {
            _ if session.global.quiet => Kind::Silent,
            ProgressChoice::None => Kind::Silent,
            ProgressChoice::Json => Kind::Json,
            ProgressChoice::Plain => Kind::Plain,
            ProgressChoice::Auto if session.terminal.err_is_terminal => Kind::Bar(bar(total)),
            ProgressChoice::Auto => Kind::Silent,
        };
        Self { kind, total, done: AtomicU64::new(0) }
    }

    /// Shows one event; called from any worker.
    pub fn show(&self, event: &RunEvent) {
        if matches!(event, RunEvent::RunFinished(_)) {
            self.finished_one();
        }
        if matches!(self.kind, Kind::Json) {
            self.line(&serde_json::to_string(event).unwrap_or_default());
        }
    }

    fn finished_one(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.kind {
            Kind::Bar(bar) => bar.inc(1),
            // About ten lines, whatever the size of the plan.
            Kind::Plain if done.is_multiple_of((self.total / 10).max(1)) || done == self.total => {
                self.line(&format!("{done} of {} runs", self.total));
            }
            Kind::Silent | Kind::Plain | Kind::Json => {}
        }
    }

    fn line(&self, text: &str) {
        // When standard error is gone nobody can be told.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Kind::Bar(bar) = &self.kind {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("simulating {bar:30} {pos}/{len} runs · {elapsed} · {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("█▉▊▋▌▍▎▏ "));
    bar
}
