//! Panics of the engine, turned into errors of the run that had them.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

static HOOK: Once = Once::new();

/// What `work` returns, or what it panicked with and where; nothing is printed.
pub(super) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(install);
    let outer = CATCHING.replace(true);
    // Whatever `work` leaves half done is dropped with the run that it belongs to.
    let result = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);
    result.map_err(|_| LAST.take())
}

/// Panics inside [`catch`] are noted, all others go to the hook that was there before.
fn install() {
    let before = take_hook();
    set_hook(Box::new(move |info| {
        if CATCHING.get() {
            LAST.replace(describe(info));
        } else {
            before(info);
        }
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    match info.location() {
        Some(place) => format!("{text} ({}:{})", place.file(), place.line()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::catch;

    #[test]
    fn a_panic_becomes_its_text_and_place() {
        let error = catch(|| -> u32 { panic!("no {}", "luck") }).unwrap_err();
        assert!(error.starts_with("no luck (src/exec/catch.rs:"), "{error}");
        assert_eq!(catch(|| 3), Ok(3));
    }

    #[test]
    fn the_inner_of_two_takes_the_panic() {
        let outer = catch(|| catch(|| -> u32 { panic!("inner") }).is_err());
        assert_eq!(outer, Ok(true));
    }
}
