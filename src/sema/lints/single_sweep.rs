//! W1133: a sweep of one value.

use super::Context;
use crate::diag::{Diagnostic, codes};

/// Dimensions along which nothing varies.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scene in context.scenes().iter().filter_map(|scenes| scenes.first()) {
        for axis in scene.scenario.axes.iter().filter(|axis| axis.values.len() == 1) {
            let Some(at) = scene.axis_span(axis).map(|span| scene.own(span)) else { continue };
            let only = axis.values.get(0).map_or(String::new(), |value| value.label());
            out.push(
                Diagnostic::new(&codes::W1133, at, format!("`{}` is swept over one value, {only}", axis.name))
                    .label("nothing to compare it with")
                    .help("add a value, or write it without the list: then it stands in no name of a run"),
            );
        }
    }
}
