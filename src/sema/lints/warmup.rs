//! W1116: a warm-up that leaves nothing to measure.

use super::Context;
use super::scene::extent;
use crate::diag::{Diagnostic, codes};
use crate::model::{Axis, Setter};
use crate::schema::SettingKey;

/// Warm-ups as long as the whole run.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scene in context.scenes().iter().filter_map(|scenes| scenes.first()) {
        let base = &scene.scenario.base;
        let swept = |key: SettingKey| {
            let sets = move |setter: &Setter| matches!(setter, Setter::Setting(found) if *found == key);
            scene.scenario.axes.iter().find(move |axis| axis.setters.iter().any(sets))
        };
        let seconds = |axis: &Axis, last: bool| extent(axis).map(|(low, high)| if last { high.si() } else { low.si() });
        let warmup = swept(SettingKey::Warmup).and_then(|axis| seconds(axis, true));
        let length = swept(SettingKey::Duration).and_then(|axis| seconds(axis, false));
        let warmup = warmup.unwrap_or_else(|| base.least_warmup().seconds());
        let length = length.unwrap_or_else(|| base.duration.seconds());
        // Without a warm-up of its own a scenario takes a tenth of its length.
        let Some(at) = scene.value_of("warmup").filter(|_| warmup >= length) else { continue };
        let message = format!("nothing is measured: the warm-up takes all of the {}", super::words::time(length));
        let diagnostic = Diagnostic::new(&codes::W1116, scene.own(at), message)
            .label("as long as the run, or longer")
            .help("a tenth of the duration is a good start");
        out.push(match scene.value_of("duration").filter(|span| !context.is_std(*span)) {
            Some(span) => diagnostic.related(span, "the duration"),
            None => diagnostic,
        });
    }
}
