//! W1110: more load than the architecture can serve, by the utilisation law.

use super::Context;
use super::scene::{Load, Scene};
use super::traffic::{Traffic, own_time};
use super::words::{count, number, rate, time};
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{Architecture, CallId, Entry, Limit, Place, StationId};
use crate::schema::Key;
use crate::source::Span;

/// The fullest station or pool of each scenario.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scenes in context.scenes() {
        let found = scenes.iter().filter_map(overload);
        let worst = found.max_by(|a, b| {
            (a.severity, a.full.busy).partial_cmp(&(b.severity, b.full.busy)).unwrap_or(std::cmp::Ordering::Equal)
        });
        out.extend(worst.map(|worst| worst.diagnostic()));
    }
}

/// What is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Workers of a station.
    Workers(StationId),
    /// Connections of a relation.
    Pool(CallId),
}

/// Something that serves so many at once, and how many of them the load keeps busy.
#[derive(Debug, Clone, Copy)]
struct Full {
    what: What,
    /// Busy share at the load in question, above 1.
    busy: f64,
    places: f64,
}

struct Overload<'w, 's, 'a> {
    scene: &'w Scene<'s, 'a>,
    full: Full,
    load: Load,
    severity: Severity,
    text: String,
}

fn overload<'w, 's, 'a>(scene: &'w Scene<'s, 'a>) -> Option<Overload<'w, 's, 'a>> {
    let load = scene.load().filter(|load| load.high > 0.0)?;
    let model = scene.roomiest();
    let traffic = Traffic::new(&model, scene.graph, &scene.scenario.base.workload.mix, load.high);
    let full = fullest(&model, &traffic)?;
    // A sweep that begins below the limit, and a peak that passes, look for it on purpose.
    let on_purpose = full.busy * load.low / load.high <= 1.0;
    let severity = if on_purpose || is_assumed(&model, full.what) { Severity::Hint } else { Severity::Warning };
    let text = describe(&model, &traffic, full, load);
    Some(Overload { scene, full, load, severity, text })
}

/// What is more than full at this traffic, and fullest.
fn fullest(model: &Architecture, traffic: &Traffic) -> Option<Full> {
    let stations = (0..model.stations.len() as u32).map(StationId).filter_map(|id| workers(model, traffic, id));
    let pools = (0..model.calls.len() as u32).map(CallId).filter_map(|id| pool(model, traffic, id));
    stations.chain(pools).filter(|full| full.busy > 1.0).max_by(|a, b| a.busy.total_cmp(&b.busy))
}

fn workers(model: &Architecture, traffic: &Traffic, id: StationId) -> Option<Full> {
    let station = model.station(id);
    let Limit::At(workers) = station.behavior.concurrency else { return None };
    let places = replicas(model, id) * f64::from(workers);
    let busy = traffic.busy[id.index()] / places;
    (places > 0.0 && !station.is_queue).then_some(Full { what: What::Workers(id), busy, places })
}

fn pool(model: &Architecture, traffic: &Traffic, id: CallId) -> Option<Full> {
    let call = model.call(id);
    let (Entry::Station(from), Some(pool)) = (call.from, call.behavior.pool) else { return None };
    let places = replicas(model, from) * f64::from(pool.size);
    let busy = traffic.call[id.index()] * traffic.wait[id.index()] / places;
    (places > 0.0).then_some(Full { what: What::Pool(id), busy, places })
}

/// Replicas once autoscaling has done all it may.
fn replicas(model: &Architecture, id: StationId) -> f64 {
    let b = &model.station(id).behavior;
    f64::from(b.replicas.max(b.autoscale.map_or(0, |scale| scale.max))) * f64::from(b.shard_count())
}

/// Whether the number that decides came from the standard library.
fn is_assumed(model: &Architecture, what: What) -> bool {
    let station = match what {
        What::Workers(id) => id,
        What::Pool(id) => model.call(id).to,
    };
    let assumed = |name: &str| model.station(station).assumed.iter().any(|known| **known == *name);
    assumed("service_time") || (matches!(what, What::Workers(_)) && assumed("concurrency"))
}

fn describe(model: &Architecture, traffic: &Traffic, full: Full, load: Load) -> String {
    match full.what {
        What::Workers(id) => {
            let station = model.station(id);
            let asked = traffic.station[id.index()];
            let held = traffic.busy[id.index()] / asked;
            let own = own_time(&station.behavior);
            let waiting = if held > own * 1.01 { " (its calls included)" } else { "" };
            format!(
                "at {} `{}` gets {}, and {} held for {}{waiting} can serve {}",
                rate(load.high),
                station.path,
                rate(asked),
                count(full.places as u64, "worker"),
                time(held),
                rate(full.places / held),
            )
        }
        What::Pool(id) => {
            let call = model.call(id);
            let asked = traffic.call[id.index()];
            let held = traffic.wait[id.index()];
            format!(
                "at {} `{}` carries {}, and {} held for {} can carry {}",
                rate(load.high),
                call.path,
                rate(asked),
                count(full.places as u64, "connection"),
                time(held),
                rate(full.places / held),
            )
        }
    }
}

impl Overload<'_, '_, '_> {
    fn diagnostic(&self) -> Diagnostic {
        let (scene, full) = (self.scene, self.full);
        let limit = self.load.high / full.busy;
        let message = format!("{}: utilisation {}{}", self.text, number(full.busy), scene.version_words());
        let mut diagnostic = Diagnostic::new(&codes::W1110, self.at(), message)
            .label(format!("more than {} is more than can be served", rate(limit)))
            .help(self.advice(limit));
        diagnostic.severity = self.severity;
        if let Some((span, text)) = self.other_party() {
            diagnostic = diagnostic.related(span, text);
        }
        diagnostic
    }

    /// The load as written.
    fn at(&self) -> Span {
        let scene = self.scene;
        let written = scene.value_of("load").map(|span| {
            // A parameter: where it got its value.
            let param = scene.flat.params.get(scene.context.loaded.sources.text(span));
            param.and_then(|param| param.value).map_or(span, |value| value.span)
        });
        scene.own(written.unwrap_or_else(|| scene.name_span()))
    }

    fn advice(&self, limit: f64) -> String {
        let more = match self.full.what {
            What::Workers(_) => "more replicas or workers, or less work for each request",
            What::Pool(_) => "a larger pool, or shorter calls",
        };
        if self.severity == Severity::Hint && self.load.low < self.load.high {
            return format!("runs above {} end in overload; if that is not what they are for: {more}", rate(limit));
        }
        format!("it takes {more}")
    }

    /// The number that limits, where the team gave it in this file's model.
    fn other_party(&self) -> Option<(Span, &'static str)> {
        let context = self.scene.context;
        let station = |id, key| context.given(Place::Station(id), key);
        if self.scene.scenario.names_versions {
            return None;
        }
        match self.full.what {
            What::Workers(id) => station(id, Key::Concurrency)
                .or_else(|| station(id, Key::Replicas))
                .or_else(|| station(id, Key::ServiceTime))
                .map(|span| (span, "limits it")),
            What::Pool(id) => context.given_call(id, Key::Pool).map(|span| (span, "limits it")),
        }
    }
}
