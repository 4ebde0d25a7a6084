//! Ctrl-C: the first stops taking new runs and reports what there is; the second ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether the user wants to stop. Asks the system to tell from the first call on.
pub fn flag() -> &'static AtomicBool {
    // Without a handler Ctrl-C just ends the process, as it would anyway.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
    &INTERRUPTED
}
