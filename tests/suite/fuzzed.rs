//! Texts that fuzzing found, made small: none of them stops the compiler.

use sruja::plan::{Plan, PlanOptions};
use sruja::sema;
use sruja::source::MemoryHost;
use std::path::Path;

const FOUND: &[(&str, &str)] = &[(
    "an element in a requirement is called from outside",
    "R = requirement \"R\" { A = service \"A\" }\nB = service \"B\"\nB -> R.A\nscenario S { load = 1 }\n",
)];

#[test]
fn what_fuzzing_found_is_checked_and_planned() {
    for (what, text) in FOUND {
        let host = MemoryHost::new([("w/found.sruja", text)]);
        let checked = sema::check(&host, Path::new("w/found.sruja"), Path::new("w"));
        let Some(project) = checked.project else { continue };
        let plan = Plan::new(&project, &PlanOptions::default());
        let runs = plan.as_ref().map_or(0, Plan::len);
        assert!(runs > 0, "{what}: {:?}", plan.err());
        assert!(plan.unwrap().iter().take(3).all(|run| !run.info.name.is_empty()), "{what}");
    }
}
