//! The reference model of the speed figures, and a small builder of architectures for tests and benches.

use crate::model::{
    Architecture, Arrivals, Balance, Call, CallBehavior, CallId, Dist, Element, ElementId, Entry, Limit, LoadProfile,
    Path, RequestBehavior, RequestType, RunConfig, Source, SourceId, Station, StationBehavior, StationId, Workload,
};
use crate::quantity::Duration;
use std::sync::Arc;

/// Builds an architecture piece by piece.
#[derive(Debug, Default)]
pub struct Builder {
    /// What is built.
    pub architecture: Architecture,
}

impl Builder {
    /// A source of this name; returns its id.
    pub fn source(&mut self, name: &str, arrivals: Arrivals) -> SourceId {
        let element = self.element(name, "person", None);
        self.architecture.sources.push(Source { path: name.into(), element, arrivals });
        SourceId(self.architecture.sources.len() as u32 - 1)
    }

    /// A station that behaves so; returns its id.
    pub fn station(&mut self, name: &str, behavior: StationBehavior) -> StationId {
        self.add(name, "service", false, behavior)
    }

    /// A queue (`kind` "queue" or "topic"); returns its id.
    pub fn queue(&mut self, name: &str, kind: &str, behavior: StationBehavior) -> StationId {
        self.add(name, kind, true, behavior)
    }

    fn add(&mut self, name: &str, kind: &str, is_queue: bool, behavior: StationBehavior) -> StationId {
        let id = StationId(self.architecture.stations.len() as u32);
        let element = self.element(name, kind, Some(id));
        let station =
            Station { element, path: name.into(), is_queue, domains: Vec::new(), behavior, assumed: Vec::new() };
        self.architecture.stations.push(station);
        id
    }

    fn element(&mut self, name: &str, kind: &str, station: Option<StationId>) -> ElementId {
        let id = ElementId(self.architecture.elements.len() as u32);
        self.architecture.elements.push(Element {
            path: name.into(),
            title: name.into(),
            kind: kind.into(),
            technology: None,
            parent: None,
            station,
            tags: Vec::new(),
            depends_on: Vec::new(),
            aliases: Vec::new(),
        });
        id
    }

    /// A relation between stations that behaves so.
    pub fn call(&mut self, from: StationId, to: StationId, behavior: CallBehavior) -> CallId {
        let path = format!("{}->{}", self.name(from), self.name(to));
        self.relation(path.into(), Entry::Station(from), to, behavior)
    }

    /// A request type without steps that enters at `to`.
    pub fn request(&mut self, source: SourceId, to: StationId, weight: f64, behavior: CallBehavior) -> CallId {
        let path: Arc<str> = format!("{}->{}", self.architecture.sources[source.index()].path, self.name(to)).into();
        let entry = self.relation(Arc::clone(&path), Entry::Source(source), to, behavior);
        self.architecture.request_types.push(RequestType {
            name: path,
            source,
            entry,
            weight,
            path: Path::Relations,
            behavior: RequestBehavior::default(),
        });
        entry
    }

    fn relation(&mut self, path: Arc<str>, from: Entry, to: StationId, behavior: CallBehavior) -> CallId {
        self.architecture.calls.push(Call { path, from, to, behavior, quorum: None, assumed: Vec::new() });
        CallId(self.architecture.calls.len() as u32 - 1)
    }

    fn name(&self, id: StationId) -> Arc<str> {
        Arc::clone(&self.architecture.station(id).path)
    }
}

/// A station of `workers` workers with this service and no limit to its queue.
pub fn station(service_time: Dist, workers: u32) -> StationBehavior {
    StationBehavior { service_time, concurrency: Limit::At(workers), ..StationBehavior::default() }
}

/// Client → balancer → 4 application servers (1 worker each) → database (4 workers), all exponential
/// 2.8 ms, random splitting. With 1 000/s its exact mean response is 13.1335 ms.
pub fn model() -> Architecture {
    let mut b = Builder::default();
    let client = b.source("Client", Arrivals::Poisson);
    let work = Dist::Exponential { mean: 0.0028 };
    let free = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
    let balancer = b.station("Balancer", free);
    let app = StationBehavior { replicas: 4, balance: Balance::Random, blocking: false, ..station(work.clone(), 1) };
    let app = b.station("App", app);
    let database = b.station("Database", station(work, 4));
    b.request(client, balancer, 1.0, CallBehavior::default());
    b.call(balancer, app, CallBehavior::default());
    b.call(app, database, CallBehavior::default());
    b.architecture
}

/// The run of the speed figures: 1 000/s for so many simulated seconds.
pub fn config(seconds: u64) -> RunConfig {
    RunConfig {
        duration: Duration(seconds * 1_000_000_000),
        warmup: Some(Duration(seconds * 100_000_000)),
        workload: Workload { load: LoadProfile::constant(1000.0), users: None, mix: Vec::new() },
        ..RunConfig::default()
    }
}
