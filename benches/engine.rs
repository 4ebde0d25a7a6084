//! The speed of the engine: `cargo bench --bench engine`, with a word behind `--` for some of it.
//!
//! Everything is measured in one run, beside the reference model written by hand (`floor`): on a machine that does
//! other things too, ratios mean more than rates.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use sruja::model::{
    Architecture, Arrivals, Backoff, Breaker, BreakerTrip, CallBehavior, Dist, Jitter, Pool, RetryPolicy, RunConfig,
    StationBehavior, StationId,
};
use sruja::quantity::{Duration, SimTime};
use sruja::sim::kernel::EventHeap;
use sruja::sim::{self, reference};

/// The allocator of the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "peers/floor.rs"]
#[allow(dead_code, unreachable_pub, clippy::print_stdout)]
mod floor;

fn main() {
    divan::main();
}

/// As many events pending as said; each that happens schedules another.
#[divan::bench(args = [8, 30, 100, 1000, 100_000])]
fn kernel_hold(bencher: Bencher, pending: u32) {
    const EVENTS: u64 = 100_000;
    let mut state = 1_u64;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state >> 34
    };
    let mut heap = EventHeap::default();
    (0..pending).for_each(|n| {
        heap.push(draw(), n);
    });
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(move || {
        for _ in 0..EVENTS {
            if let Some(event) = heap.pop() {
                heap.push(event.time + draw(), event.payload);
            }
        }
        black_box(heap.next_time())
    });
}

/// Simulates a model, and counts its requests.
fn requests(bencher: Bencher, model: &Architecture, config: &RunConfig) {
    let offered = sim::simulate(model, config).metrics.offered as f64 / 0.9;
    bencher.counter(ItemsCount::new(offered as u64)).bench(|| sim::simulate(black_box(model), config));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn reference_floor(bencher: Bencher) {
    bencher.counter(ItemsCount::new(600_000_u64)).bench(|| floor::simulate(black_box(600)));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn reference_model(bencher: Bencher) {
    requests(bencher, &reference::model(), &reference::config(600));
}

/// The same, stepped, which takes events.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn reference_model_by_events(bencher: Bencher) {
    let (model, config) = (reference::model(), reference::config(600));
    bencher.counter(ItemsCount::new(600_000_u64)).bench(|| {
        let mut run = sim::Simulation::new(black_box(&model), &config, 0);
        run.run_until(SimTime(u64::MAX));
        run.finish(&|_| {})
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn mm1(bencher: Bencher) {
    let mut model = reference::Builder::default();
    let source = model.source("Client", Arrivals::Poisson);
    let station = model.station("Server", reference::station(Dist::Exponential { mean: 0.0008 }, 1));
    model.request(source, station, 1.0, CallBehavior::default());
    requests(bencher, &model.architecture, &reference::config(600));
}

/// Timeout, three retries with jitter, breaker and pool.
fn guarded() -> CallBehavior {
    let second = Duration(1_000_000_000);
    let backoff = Backoff::Exponential { base: Duration(50_000_000), factor_milli: 2000, max: second };
    let trip = BreakerTrip::ErrorShare { share: 0.5, window: Duration(10 * second.0), min_calls: 20 };
    CallBehavior {
        timeout: Some(second),
        retry: Some(RetryPolicy { count: 3, backoff, jitter: Jitter::Full, ..RetryPolicy::default() }),
        breaker: Some(Breaker { trip, open: Duration(5 * second.0), half_open: 3 }),
        pool: Some(Pool { size: 1000, wait: None }),
        ..CallBehavior::default()
    }
}

fn service(workers: u32) -> StationBehavior {
    StationBehavior { blocking: false, ..reference::station(Dist::Exponential { mean: 0.001 }, workers) }
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn three_tiers_with_timeouts_and_retries(bencher: Bencher) {
    let mut model = reference::Builder::default();
    let source = model.source("Client", Arrivals::Poisson);
    let tiers = ["Web", "App", "Db"].map(|name| model.station(name, service(4)));
    model.request(source, tiers[0], 1.0, guarded());
    model.call(tiers[0], tiers[1], guarded());
    model.call(tiers[1], tiers[2], guarded());
    requests(bencher, &model.architecture, &reference::config(100));
}

/// So many services in six layers; each calls two of the next with such a chance that a request visits about eight.
fn graph(services: usize, call: &CallBehavior) -> Architecture {
    const LAYERS: usize = 6;
    let mut model = reference::Builder::default();
    let source = model.source("Client", Arrivals::Poisson);
    let width = |n: usize| (services + LAYERS - 1 - n) / LAYERS;
    let mut layer =
        |n: usize| (0..width(n)).map(|k| model.station(&format!("S{n}-{k}"), service(8))).collect::<Vec<StationId>>();
    let layers: Vec<Vec<StationId>> = (0..LAYERS).map(&mut layer).collect();
    for entry in &layers[0] {
        model.request(source, *entry, 1.0, call.clone());
    }
    for pair in layers.windows(2) {
        for (n, from) in pair[0].iter().enumerate() {
            for k in 0..2 {
                let to = pair[1][(n * 7 + k * 13) % pair[1].len()];
                model.call(*from, to, CallBehavior { probability: 0.55, ..call.clone() });
            }
        }
    }
    model.architecture
}

#[divan::bench(args = [10, 100, 1000], sample_count = 20, sample_size = 1)]
fn graph_of_services(bencher: Bencher, services: usize) {
    requests(bencher, &graph(services, &CallBehavior::default()), &reference::config(100));
}

#[divan::bench(args = [10, 100, 1000], sample_count = 20, sample_size = 1)]
fn graph_of_services_all_guarded(bencher: Bencher, services: usize) {
    requests(bencher, &graph(services, &guarded()), &reference::config(100));
}
