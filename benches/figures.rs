//! The figures of `docs/src/performance.md`: `cargo bench`, or `cargo bench -- engine` for some of them.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

/// The allocator of the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// A file of 10 000 elements, and the project that it means.
static LARGE: LazyLock<String> = LazyLock::new(|| estate(100));

/// A company of so many systems, 100 elements each, as teams describe theirs: titles, descriptions,
/// technologies, owners, relations with labels, behavior where somebody has measured.
fn estate(systems: usize) -> String {
    let mut text = String::from("import { * } from 'sruja.ai/stdlib'\n\nCustomer = person \"Customer\"\n");
    for n in 0..systems {
        // Writing to a text cannot fail.
        let _ = system(&mut text, n, n + 1 < systems);
    }
    text + "Customer -> D0.Entry \"visits\"\n\nscenario LoadScale \"Load scale\" {\n  load.range 100..5000 step 200\n  \
            failures.range 0..30%\n  duration 60s   warmup 10s   seed 42\n  expect p95 < 250ms\n  expect error_rate < 1%\n}\n"
}

fn system(text: &mut String, n: usize, has_next: bool) -> std::fmt::Result {
    const SERVICES: usize = 60;
    writeln!(text, "\n// ---- domain {n}\n\nD{n} = system \"Domain {n}\" {{")?;
    writeln!(text, "  description \"Everything that domain {n} does for the others\"")?;
    writeln!(text, "  metadata {{ owner \"team-{n}\" tier \"gold\" tags [\"domain\", \"critical\"] }}")?;
    writeln!(text, "  Entry = gateway \"Entrance {n}\" {{ technology \"NGINX\" }}")?;
    for k in 1..=SERVICES {
        let technology = ["Go", "Java, Spring Boot", "Node.js"][k % 3];
        writeln!(text, "  Service{k} = microservice \"Service {k} of {n}\" {{")?;
        writeln!(text, "    description \"Answers questions about part {k} of domain {n}, and keeps its data\"")?;
        writeln!(text, "    technology \"{technology}\"\n  }}")?;
    }
    for k in 1..=15 {
        writeln!(text, "  Db{k} = database \"Data {k} of {n}\" {{ technology \"PostgreSQL 16\" }}")?;
        writeln!(text, "  Service{} -> Db{k} \"reads and writes\" [sql]", 4 * k)?;
    }
    for k in 1..=15 {
        writeln!(text, "  Cache{k} = cache \"Cache {k} of {n}\" {{ technology \"Redis\" }}")?;
        writeln!(text, "  Service{} -> Cache{k} \"looks up\"", 4 * k - 1)?;
    }
    for k in 1..=4 {
        writeln!(text, "  Topic{k} = queue \"Topic {k}\" {{ technology \"Kafka\" }}")?;
        writeln!(text, "  Worker{k} = worker \"Worker {k}\" {{ technology \"Java\" }}")?;
        writeln!(text, "  Service{} -> Topic{k} \"announces\"\n  Topic{k} -> Worker{k} \"delivers\"", 4 * k + 1)?;
    }
    writeln!(text, "  Entry -> Service1 \"forwards\"")?;
    for k in 2..=SERVICES {
        writeln!(text, "  Service{} -> Service{k} \"asks\"", k.div_ceil(3))?;
    }
    writeln!(text, "}}\n")?;
    for k in (3..=SERVICES).step_by(3) {
        writeln!(text, "behavior D{n}.Service{k} {{")?;
        writeln!(text, "  service_time lognormal(p50 4ms, p99 15ms)   // measured")?;
        writeln!(text, "  replicas 4   concurrency 64   queue 100\n  cost 0.20USD/h\n}}")?;
        writeln!(text, "behavior D{n}.Service{} -> D{n}.Service{k} {{ latency 0.3ms  timeout 2s }}", k.div_ceil(3))?;
    }
    if has_next {
        writeln!(text, "D{n}.Service1 -> D{0}.Entry \"asks\"\nD{n}.Service2 -> D{0} \"reports to\"", n + 1)?;
    }
    Ok(())
}

mod front {
    use super::*;
    use sruja::source::{FileId, Host, MemoryHost, RealHost};
    use sruja::{diag::Severity, sema, syntax};
    use std::process::Command;

    #[divan::bench]
    fn parse(bencher: Bencher) {
        let text = LARGE.as_str();
        bencher.counter(BytesCount::of_str(text)).bench(|| syntax::parse(FileId(0), black_box(text)));
    }

    #[divan::bench]
    fn format(bencher: Bencher) {
        let text = LARGE.as_str();
        bencher.counter(BytesCount::of_str(text)).bench(|| syntax::format(black_box(text)));
    }

    #[divan::bench]
    fn check_10_000_elements(bencher: Bencher) {
        let host = MemoryHost::new([("w/large.sruja", LARGE.as_str())]);
        let check = || sema::check(&host, Path::new("w/large.sruja"), Path::new("w"));
        let errors: Vec<_> = check().diagnostics.into_iter().filter(|d| d.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "the large file has mistakes: {errors:?}");
        bencher.bench(check);
    }

    /// The whole command, from start to exit; the file stays at `target/tmp/large.sruja`.
    #[divan::bench(sample_count = 20, sample_size = 1)]
    fn check_as_a_command(bencher: Bencher) {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large.sruja");
        RealHost.write(&file, LARGE.as_bytes()).expect("the target folder can be written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sruja"));
        command.arg("check").arg(&file);
        bencher.bench_local(|| command.output());
    }

    #[divan::bench]
    fn check_the_standard_library_alone(bencher: Bencher) {
        let host = MemoryHost::new([("w/small.sruja", "Customer = person \"Customer\"\n")]);
        bencher.bench(|| sema::check(&host, Path::new("w/small.sruja"), Path::new("w")));
    }
}

mod back {
    use super::*;
    use sruja::model::{
        Architecture, Arrivals, CacheMode, CachePolicy, CallBehavior, Dist, KeyPopularity, Pool, Project, RunConfig,
        StationBehavior,
    };
    use sruja::plan::{Plan, PlanOptions, expand};
    use sruja::quantity::Duration;
    use sruja::sim::{self, reference};
    use sruja::source::{Host, MemoryHost, RealHost};
    use sruja::{analytic, exec, sema};
    use std::io;
    use std::process::Command;

    fn shop(set: &[&str]) -> Project {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop.sruja");
        let text = RealHost.read(&file, 1 << 20).expect("the example is there");
        let host = MemoryHost::new([("w/shop.sruja", text)]);
        let options =
            sema::Options { set: set.iter().map(|set| (*set).to_owned()).collect(), ..sema::Options::default() };
        let checked = sema::check_with(&host, Path::new("w/shop.sruja"), Path::new("w"), &options);
        checked.project.expect("the example has no mistakes")
    }

    fn plan(set: &[&str]) -> Plan {
        let options = PlanOptions { limit: 1_000_000, scenarios: vec!["LoadScale".into()], seed: None };
        Plan::new(&shop(set), &options).expect("the scenario can be planned")
    }

    /// Counts what is written and keeps none of it.
    struct Counting(u64);

    impl io::Write for Counting {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn expand_a_million_runs(bencher: Bencher) {
        let plan = plan(&["load=1..1000 step 1", "failures=0..99.9% step 0.1%"]);
        assert_eq!(plan.len(), 1_000_000);
        bencher.counter(ItemsCount::new(plan.len())).bench(|| {
            let mut out = Counting(0);
            expand::jsonl(&plan, &mut out).map(|()| out.0)
        });
    }

    /// Simulates 600 s at 1 000/s, all of it measured, so that every request counts.
    fn requests(bencher: Bencher, architecture: &Architecture) {
        let config = RunConfig { warmup: Some(Duration(0)), ..reference::config(600) };
        let count = sim::simulate(architecture, &config).metrics.offered;
        bencher.counter(ItemsCount::new(count)).bench(|| sim::simulate(black_box(architecture), &config));
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn engine_mm1(bencher: Bencher) {
        let mut model = reference::Builder::default();
        let source = model.source("Client", Arrivals::Poisson);
        let station = model.station("Server", reference::station(Dist::Exponential { mean: 0.0008 }, 1));
        model.request(source, station, 1.0, CallBehavior::default());
        requests(bencher, &model.architecture);
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn engine_reference_model(bencher: Bencher) {
        requests(bencher, &reference::model());
    }

    /// 50 stations in a tree, blocking, with 16 workers and lognormal work each: what a design looks like. Then with a
    /// narrow pool on every call, and with a cache of the latest keys at every station, which few designs have.
    #[divan::bench(args = ["plain", "pools", "caches"])]
    fn analytic_50_elements(bencher: Bencher, with: &str) {
        let mut model = reference::Builder::default();
        let source = model.source("Client", Arrivals::Poisson);
        let keys = KeyPopularity { exponent: 0.9, keys: 10_000 };
        let latest =
            CachePolicy { mode: CacheMode::Lru { entries: 200, keys, ttl: None }, hit_time: Dist::Constant(0.0005) };
        let station = StationBehavior {
            cache: (with == "caches").then_some(latest),
            ..reference::station(Dist::lognormal_p50_p99(0.004, 0.015), 16)
        };
        let ids: Vec<_> = (0..50).map(|n| model.station(&format!("S{n}"), station.clone())).collect();
        let pool = Pool { size: 6, wait: None };
        let call = CallBehavior {
            latency: Dist::Constant(0.0003),
            probability: 0.7,
            pool: (with == "pools").then_some(pool),
            ..CallBehavior::default()
        };
        model.request(source, ids[0], 1.0, CallBehavior::default());
        for n in 1..50 {
            model.call(ids[(n - 1) / 3], ids[n], call.clone());
        }
        let mut config = reference::config(60);
        config.workload.load = sruja::model::LoadProfile::constant(100.0);
        assert!(analytic::evaluate(&model.architecture, &config).all.p99.value().is_some(), "it has an answer");
        bencher.bench(|| analytic::evaluate(black_box(&model.architecture), &config));
    }

    #[divan::bench(sample_count = 3, sample_size = 1)]
    fn load_scale_of_the_shop_60_s(bencher: Bencher) {
        let plan = plan(&["duration=60s", "warmup=10s"]);
        let engine = exec::Engine { replicate: &sim::replicate, merge: &sim::merge, next: &sim::next };
        let run = || {
            let interrupt = AtomicBool::new(false);
            let options =
                exec::ExecOptions { workers: 2, interrupt: &interrupt, clock: &|| RealHost.monotonic(), cache: None };
            exec::collect(&plan, &options, &engine, &|_| {}).0
        };
        bencher.bench(run);
    }

    /// The whole command with every result at hand; the results stay in `target/tmp/.sruja`.
    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn report_1000_kept_runs(bencher: Bencher) {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop.sruja");
        let text = RealHost.read(&example, 1 << 20).expect("the example is there");
        let text = String::from_utf8_lossy(&text)
            .replace("load.range 100..5000 step 200", "load.range 50..5000 step 50")
            .replace("failures.range 0..30%", "failures.range 0..30% step 3.3%");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("thousand.sruja");
        RealHost.write(&file, text.as_bytes()).expect("the target folder can be written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sruja"));
        command.args(["run", "--scenario", "LoadScale"]).arg(&file).env_remove("SRUJA_NO_CACHE");
        let report = command.output().expect("the binary runs").stdout;
        assert!(String::from_utf8_lossy(&report).contains("1000 runs"), "the scenario has 1000 runs");
        bencher.bench_local(|| command.output());
    }
}
