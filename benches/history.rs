//! What the commits of a history cost beside their simulations: `cargo bench --bench history`.
//!
//! The repositories stay at `target/tmp/history-*`; they are made anew each time, with the same commits.

use divan::Bencher;
use divan::counter::ItemsCount;
use git2::{FileMode, Oid, RepositoryInitOptions, Signature, Time};
use sruja::plan::{Plan, PlanOptions};
use sruja::sema::{self, History};
use sruja::source::git::{Repository, Selection};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The allocator of the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// The file, in every commit.
const FILE: &str = "arch/main.sruja";
/// Different models of a history.
const MODELS: usize = 40;

/// A chain of 20 services. Its text is another in each commit that touches it, its meaning in each of the [`MODELS`].
fn model(number: usize, commit: usize) -> String {
    let mut text = format!("// as of commit {commit}\nC = person \"Customer\"\nC -> S0\n");
    for n in 0..20 {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "S{n} = service \"Service {n}\"");
        let _ = writeln!(text, "behavior S{n} {{ service_time {}ms  replicas 2  concurrency 8 }}", 1 + n % 3);
    }
    for n in 1..20 {
        let _ = writeln!(text, "S{} -> S{n}", n - 1);
    }
    let _ = writeln!(text, "behavior S0 -> S1 {{ timeout {}ms }}", 200 + number);
    text + "scenario Drift { load = 20  duration 1s  replications 2  expect p95 < 60ms }\n"
}

/// A history under way: most commits change something else than the model.
struct Line<'g> {
    git: &'g git2::Repository,
    models: Oid,
    tip: Option<Oid>,
}

impl Line<'_> {
    fn commit(&mut self, n: usize, changed: Option<usize>) -> Result<(), git2::Error> {
        let git = self.git;
        if let Some(number) = changed {
            let mut folder = git.treebuilder(None)?;
            folder.insert("main.sruja", git.blob(model(number, n).as_bytes())?, FileMode::Blob.into())?;
            self.models = folder.write()?;
        }
        let mut root = git.treebuilder(None)?;
        root.insert("arch", self.models, FileMode::Tree.into())?;
        root.insert("notes.txt", git.blob(format!("note {n}\n").as_bytes())?, FileMode::Blob.into())?;
        let tree = git.find_tree(root.write()?)?;
        let hour = i64::try_from(n).unwrap_or(i64::MAX).saturating_mul(3600);
        let who = Signature::new("Ann Example", "ann@example.org", &Time::new(hour, 0))?;
        let parent = self.tip.map(|tip| git.find_commit(tip)).transpose()?;
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        self.tip = Some(git.commit(None, &who, &who, &format!("commit {n}"), &tree, &parents)?);
        Ok(())
    }
}

/// A bare repository with so many commits, of which every `touched`th touches the model's file.
fn make(folder: &Path, commits: usize, touched: usize) -> Result<(), git2::Error> {
    let git = git2::Repository::init_opts(folder, RepositoryInitOptions::new().bare(true).initial_head("main"))?;
    // All objects in one pack, as in any repository of some age.
    let odb = git.odb()?;
    let pack = odb.add_new_mempack_backend(1000)?;
    let mut line = Line { git: &git, models: Oid::ZERO_SHA1, tip: None };
    for n in 0..commits {
        line.commit(n, (n % touched == 0).then_some(n * MODELS / commits))?;
    }
    let mut packed = git2::Buf::new();
    pack.dump(&git, &mut packed)?;
    let mut writer = odb.packwriter()?;
    writer.write_all(&packed).map_err(|error| git2::Error::from_str(&error.to_string()))?;
    writer.commit()?;
    line.tip.map_or(Ok(()), |tip| git.reference("refs/heads/main", tip, true, "").map(drop))
}

fn repository(commits: usize, touched: usize) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("history-{commits}"));
    // There is none before the first time.
    let _ = std::fs::remove_dir_all(&folder);
    make(&folder, commits, touched).expect("a repository can be made in the target folder");
    folder
}

/// From the repository to the last run's name: 10 000 commits, 1 000 texts, 40 models.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn plan_10_000_commits(bencher: Bencher) {
    let folder = repository(10_000, 10);
    let plan = || {
        let repository = Repository::open(&folder).expect("it was just made");
        let tip = repository.resolve("main").and_then(|id| repository.tree(&id)).expect("it has a branch");
        let selection = Selection::parse_text("last 10000").expect("a choice of commits");
        let at = Some((repository, PathBuf::from(FILE)));
        let history = Some(History { selection: Some(selection), all_scenarios: true, at });
        let options = sema::Options { history, ..sema::Options::default() };
        let checked = sema::check_with(&tip, Path::new(FILE), Path::new(""), &options);
        let project = checked.project.expect("the models have no mistakes");
        let options = PlanOptions { limit: 100_000, scenarios: Vec::new(), seed: None };
        Plan::new(&project, &options).expect("a run for each commit").len()
    };
    assert_eq!(plan(), 10_000);
    bencher.counter(ItemsCount::new(10_000_usize)).bench(plan);
}

/// The whole command, with nothing kept.
fn sweep(bencher: Bencher, every: usize) {
    let folder = repository(2_000, 10);
    let mut command = Command::new(env!("CARGO_BIN_EXE_sruja"));
    command.args(["sweep", FILE, "--commits", "last 2000", "--format", "json", "--no-cache", "--repo"]).arg(&folder);
    command.args(["--every", &every.to_string()]);
    let report = command.output().expect("the binary runs").stdout;
    let measured = String::from_utf8_lossy(&report).matches("\"status\": \"measured\"").count();
    assert_eq!(measured, MODELS, "each model is measured once");
    bencher.bench_local(|| command.output());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn sweep_2_000_commits_with_40_models(bencher: Bencher) {
    sweep(bencher, 1);
}

/// A commit of each model: what the sweep of all takes beyond this is what the other 1 960 commits take.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn sweep_one_commit_of_each_of_40_models(bencher: Bencher) {
    sweep(bencher, 2_000 / MODELS);
}
