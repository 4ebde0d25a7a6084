//! How a fault goes about it: of some replicas only, `graceful`, `cold`, `canary`.

use crate::diag::{Diagnostic, codes};
use crate::model::{Manner, Part};
use crate::schema::Verb;
use crate::sema::lower::scenario::Lowering;
use crate::source::Span;
use crate::syntax::ast;

/// Whether everything that is said of how it is done means something for such an action; complains of what does not.
pub fn fits(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, verb: Verb, name: &str) -> bool {
    let mut fits = true;
    if let Some(replicas) = chaos.targets.replicas.as_ref().filter(|_| !hits_some(chaos, verb)) {
        lowering.diagnostics.push(odd(
            replicas.span,
            &format!("`{name}` of some replicas only"),
            instead_of_some(verb),
        ));
        fits = false;
    }
    for flag in chaos.flags.iter().filter(|flag| !goes_with(&flag.value, verb)) {
        let (what, help) = (format!("`{}` of `{name}`", flag.value), instead_of_flag(&flag.value));
        lowering.diagnostics.push(odd(flag.span, &what, help));
        fits = false;
    }
    fits
}

/// Whether an action can hit some replicas of an element and leave the others alone.
fn hits_some(chaos: &ast::Chaos, verb: Verb) -> bool {
    let resource = || chaos.targets.attribute.as_ref()?.path.parts.last().map(|part| part.value.as_str());
    let runs = matches!(verb, Verb::Kill | Verb::Restart | Verb::Pause | Verb::Hang | Verb::Stop | Verb::Deploy);
    runs || matches!(verb, Verb::Slow | Verb::Fail | Verb::Throttle | Verb::Leak)
        || verb == Verb::Exhaust && resource() == Some("memory")
}

fn goes_with(flag: &str, verb: Verb) -> bool {
    match flag {
        // A deployment and `stop` are graceful anyway.
        "graceful" => matches!(verb, Verb::Kill | Verb::Restart | Verb::Stop | Verb::Deploy),
        "cold" => matches!(verb, Verb::Kill | Verb::Restart | Verb::Stop | Verb::Deploy | Verb::Outage),
        "canary" => verb == Verb::Deploy,
        _ => true,
    }
}

fn instead_of_some(verb: Verb) -> &'static str {
    match verb {
        Verb::ClearCache => "write `restart 1 replica of X cold`, or clear the whole cache",
        Verb::Scale => "say how many there are to be: `scale X to 3`",
        Verb::Failover => "it hits the primaries: write `failover X`",
        _ => {
            "name the whole element, or one of `kill`, `stop`, `restart`, `pause`, `hang`, `slow`, `fail`, `throttle`, `leak` and `deploy`"
        }
    }
}

fn instead_of_flag(flag: &str) -> &'static str {
    match flag {
        "graceful" => "it is for `kill` and `restart`: what they hit ends what it has",
        "cold" => {
            "it is for `restart`, `kill`, `stop`, `outage` and `deploy`: whoever starts has empty caches; to empty them write `clear_cache X`"
        }
        _ => "it is for `deploy`: one replica runs the new version",
    }
}

fn odd(at: Span, what: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0413, at, format!("{what} means nothing")).label("cannot be").help(help)
}

fn is_flagged(chaos: &ast::Chaos, flag: &str) -> bool {
    chaos.flags.iter().any(|given| given.value == flag)
}

/// What an event says of how it goes about it.
pub fn of(chaos: &ast::Chaos) -> Manner {
    Manner { graceful: is_flagged(chaos, "graceful"), cold: is_flagged(chaos, "cold") }
}

/// Which replicas a deployment hits: a canary is one unless so many are said.
pub fn deployed(chaos: &ast::Chaos, replicas: Option<Part>) -> Option<Part> {
    replicas.or_else(|| is_flagged(chaos, "canary").then_some(Part::Count(1)))
}
