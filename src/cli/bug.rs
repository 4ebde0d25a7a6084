//! Panics are bugs of ours; the user sees two lines, not a backtrace.

use crate::diag::codes::R2001;
use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::sync::Mutex;

/// What the latest panic said, and where.
static LATEST: Mutex<Option<String>> = Mutex::new(None);

/// Does `work`; if it panics, gives the two lines to show instead.
pub fn guard<T>(work: impl FnOnce() -> T + UnwindSafe) -> Result<T, String> {
    panic::set_hook(Box::new(remember));
    panic::catch_unwind(work).map_err(|_| message(&latest().unwrap_or_default()))
}

/// Keeps it instead of printing: a panic that is caught at the boundary of a run is a row of the
/// report, and must not write across the progress display.
fn remember(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let said = payload.downcast_ref::<&str>().copied();
    let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let place = info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
    if let Ok(mut latest) = LATEST.lock() {
        *latest = Some(format!("{said}{place}"));
    }
}

fn latest() -> Option<String> {
    LATEST.lock().ok()?.take()
}

fn message(said: &str) -> String {
    let said = crate::diag::render::plain_line(said);
    format!(
        "error[{}]: sruja {} met a bug of its own: {said}\n  please report it with the command and the file that led here",
        R2001.id,
        env!("CARGO_PKG_VERSION"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_two_lines_that_name_place_and_version() {
        let said = guard(|| -> () { panic!("too many ducks") }).unwrap_err();
        assert_eq!(said.lines().count(), 2, "{said}");
        assert!(said.contains("R2001") && said.contains("too many ducks (src/cli/bug.rs:"), "{said}");
        assert_eq!(guard(|| 7), Ok(7));
        let _ = std::panic::take_hook();
    }
}
