//! Execution with an engine that does nothing but say what it was asked for.

use super::event::{FinishedRun, RunEvent, RunInfo, RunStatus};
use super::*;
use crate::measure::{Next, RunMeasures};
use crate::model::{Architecture, RunConfig};
use crate::plan::fixtures::{knob, list, load_scale, project, scenario, shop, version};
use crate::plan::{Plan, PlanOptions};
use crate::schema::KnobKey;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn planned(versions: &[&str], mut scenario: crate::model::Scenario, replications: u32) -> Plan {
    scenario.base.replications = replications;
    let versions = versions
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let mut model = shop();
            // Every second one is the same model as the one before it.
            model.stations[0].behavior.replicas = 1 + n as u32 / 2;
            version(name, model)
        })
        .collect();
    Plan::new(&project(versions, vec![scenario]), &PlanOptions::default()).unwrap()
}

/// A number that depends on everything that a replication is given.
fn fake(_: &Architecture, config: &RunConfig, replication: u32, _: &dyn Fn(f64)) -> f64 {
    config.workload.load.peak() + config.failures * 10.0 + f64::from(replication) / 16.0
}

/// Keeps the replications apart and in their order: 1/3 would round differently in another one.
fn merge(_: &Architecture, config: &RunConfig, parts: Vec<f64>) -> RunMeasures {
    let mut measures = RunMeasures { replications: parts.len() as u32, events: 10, ..RunMeasures::default() };
    measures.metrics.latency.mean = parts.iter().fold(0.0, |sum, part| sum / 3.0 + part);
    measures.metrics.offered = config.workload.load.peak() as u64;
    measures
}

fn run_with(
    plan: &Plan,
    workers: usize,
    interrupt: &AtomicBool,
    simulate: &Replicate<'_, f64>,
) -> (Vec<FinishedRun>, Summary) {
    let ticks = AtomicU64::new(0);
    let clock = || Duration::from_millis(ticks.fetch_add(1, Relaxed));
    let engine = Engine { replicate: simulate, merge: &merge, next: &|_, _, _| Next::Enough };
    let (mut runs, summary) =
        collect(plan, &ExecOptions { workers, interrupt, clock: &clock, cache: None }, &engine, &|_| {});
    runs.iter_mut().for_each(|run| run.cpu_seconds = 0.0);
    (runs, summary)
}

fn run(plan: &Plan, workers: usize, simulate: &Replicate<'_, f64>) -> (Vec<FinishedRun>, Summary) {
    run_with(plan, workers, &AtomicBool::new(false), simulate)
}

#[test]
fn results_do_not_depend_on_the_number_of_workers() {
    let plan = planned(&["v1", "v2", "v3"], load_scale(), 5);
    let (one, summary) = run(&plan, 1, &fake);
    assert_eq!((one.len(), summary.completed, summary.copied, summary.workers), (300, 300, 100, 1));
    assert!(one.iter().enumerate().all(|(n, run)| run.info.index == n as u64 && run.measures.replications == 5));
    for workers in [2, 8] {
        assert_eq!(run(&plan, workers, &fake).0, one);
    }
}

#[test]
fn equal_models_are_simulated_once() {
    let plan = planned(&["v1", "v2", "v3"], load_scale(), 2);
    let calls = AtomicU64::new(0);
    let (runs, summary) = run(&plan, 4, &|a, c, n, p| {
        calls.fetch_add(1, Relaxed);
        fake(a, c, n, p)
    });
    assert_eq!((calls.load(Relaxed), summary.copied, summary.runs(), summary.events), (400, 100, 300, 2000));
    assert_eq!(runs[0].measures, runs[100].measures);
    assert_eq!((&*runs[0].info.name, &*runs[100].info.name), ("v1:LoadScale-100-0", "v2:LoadScale-100-0"));
}

#[test]
fn a_panicking_run_fails_alone_and_says_with_what() {
    let plan = planned(&["v1"], scenario("S", vec![knob(KnobKey::Load, list(&["1", "2", "3"]))]), 6);
    let panicking = |a: &Architecture, config: &RunConfig, n: u32, p: &dyn Fn(f64)| {
        assert!(config.workload.load.peak() != 2.0 || n < 2, "replication {n} is unlucky");
        fake(a, config, n, p)
    };
    for workers in [1, 2, 8] {
        let (runs, summary) = run(&plan, workers, &panicking);
        assert_eq!((summary.completed, summary.failed, summary.interrupted), (2, 1, false));
        let error = runs[1].error.as_deref().unwrap();
        let expected = "the simulation hit a bug (seed 42, run S-2): replication 2 is unlucky (src/exec/tests.rs:";
        assert!(runs[1].status == RunStatus::Failed && error.starts_with(expected), "{error}");
        assert_eq!(*runs[1].measures, RunMeasures::default());
    }
}

#[test]
fn a_panicking_merge_fails_its_run_only() {
    let plan = planned(&["v1"], scenario("S", vec![knob(KnobKey::Load, list(&["1", "2"]))]), 1);
    let merge = |a: &Architecture, config: &RunConfig, parts: Vec<f64>| {
        assert!(config.workload.load.peak() < 2.0, "no merge");
        merge(a, config, parts)
    };
    let options =
        ExecOptions { workers: 2, interrupt: &AtomicBool::new(false), clock: &|| Duration::ZERO, cache: None };
    let (runs, _) =
        collect(&plan, &options, &Engine { replicate: &fake, merge: &merge, next: &|_, _, _| Next::Enough }, &|_| {});
    assert_eq!([runs[0].status, runs[1].status], [RunStatus::Completed, RunStatus::Failed]);
}

#[test]
fn a_run_that_reached_a_limit_is_partial_and_keeps_what_it_has() {
    let plan = planned(&["v1"], scenario("S", vec![]), 3);
    let merge = |a: &Architecture, config: &RunConfig, parts: Vec<f64>| RunMeasures {
        partial: Some("more than 10 events".into()),
        ..merge(a, config, parts)
    };
    let options =
        ExecOptions { workers: 1, interrupt: &AtomicBool::new(false), clock: &|| Duration::ZERO, cache: None };
    let (runs, summary) =
        collect(&plan, &options, &Engine { replicate: &fake, merge: &merge, next: &|_, _, _| Next::Enough }, &|_| {});
    assert_eq!((runs[0].status, runs[0].error.as_deref()), (RunStatus::Partial, Some("more than 10 events")));
    assert_eq!((runs[0].measures.replications, summary.partial, summary.completed), (3, 1, 0));
}

#[test]
fn an_interrupt_skips_what_has_not_begun() {
    let plan = planned(&["v1", "v2"], load_scale(), 4);
    for workers in [1, 2, 8] {
        let interrupt = AtomicBool::new(false);
        let (runs, summary) = run_with(&plan, workers, &interrupt, &|a, config, n, p| {
            interrupt.fetch_or(config.workload.load.peak() == 300.0 && n == 1, Relaxed);
            fake(a, config, n, p)
        });
        assert_eq!((runs.len(), summary.runs(), summary.interrupted), (200, 200, true));
        assert!(runs.iter().enumerate().all(|(n, run)| run.info.index == n as u64));
        let count = |status| runs.iter().filter(|run| run.status == status).count() as u64;
        assert!(summary.skipped > 100 && summary.skipped == count(RunStatus::Skipped));
        assert!(summary.completed >= 2 && summary.completed == count(RunStatus::Completed));
        assert!(summary.partial <= 2 * workers as u64);
        assert_eq!(runs[0].measures, runs[100].measures, "a copy is as complete as its original");
    }
    let interrupt = AtomicBool::new(true);
    let (runs, _) = run_with(&plan, 2, &interrupt, &fake);
    assert!(runs.iter().all(|run| run.status == RunStatus::Skipped));
}

#[test]
fn an_interrupted_run_keeps_its_replications() {
    let plan = planned(&["v1"], scenario("S", vec![]), 10);
    let interrupt = AtomicBool::new(false);
    let (runs, _) = run_with(&plan, 1, &interrupt, &|a, config, n, p| {
        interrupt.fetch_or(n == 2, Relaxed);
        fake(a, config, n, p)
    });
    assert_eq!(runs[0].error.as_deref(), Some("interrupted after 3 of 10 replications"));
    assert_eq!((runs[0].status, runs[0].measures.replications), (RunStatus::Partial, 3));
}

#[test]
fn a_single_run_with_many_replications_uses_all_workers() {
    let plan = planned(&["v1"], scenario("S", vec![]), 4);
    let together = std::sync::Barrier::new(4);
    // Returns only when four replications are under way at once.
    let (runs, _) = run(&plan, 4, &|a, config, n, p| {
        together.wait();
        fake(a, config, n, p)
    });
    assert_eq!(runs[0].measures.replications, 4);
}

#[test]
fn a_broken_version_is_a_failed_run_and_the_others_go_on() {
    let mut broken = version("v1", shop());
    broken.model = Err("v1.sruja: 3 errors".into());
    let project = project(vec![broken, version("v2", shop())], vec![scenario("S", vec![])]);
    let (runs, _) = run(&Plan::new(&project, &PlanOptions::default()).unwrap(), 2, &fake);
    assert_eq!((runs[0].status, runs[0].error.as_deref()), (RunStatus::Failed, Some("v1.sruja: 3 errors")));
    assert_eq!(runs[1].status, RunStatus::Completed);
}

#[test]
fn the_stream_opens_and_closes_and_every_run_ends_once() {
    let plan = planned(&["v1", "v2"], scenario("S", vec![knob(KnobKey::Load, list(&["1", "2"]))]), 3);
    let events = Mutex::new(Vec::new());
    let ticks = AtomicU64::new(0);
    let clock = || Duration::from_secs(ticks.fetch_add(1, Relaxed));
    let options = ExecOptions { workers: 3, interrupt: &AtomicBool::new(false), clock: &clock, cache: None };
    let replicate = |a: &Architecture, config: &RunConfig, n: u32, progress: &dyn Fn(f64)| {
        progress(0.5);
        fake(a, config, n, progress)
    };
    let summary = execute(
        &plan,
        &options,
        &Engine { replicate: &replicate, merge: &merge, next: &|_, _, _| Next::Enough },
        &|event| {
            events.lock().unwrap().push(event);
        },
    );
    let events = events.into_inner().unwrap();
    assert!(matches!(events.first(), Some(RunEvent::Started { runs: 4, workers: 3, .. })));
    assert!(matches!(events.last(), Some(RunEvent::Finished { completed: 4, failed: 0, interrupted: false, .. })));
    let count = |pick: fn(&RunEvent) -> bool| events.iter().filter(|event| pick(event)).count();
    assert_eq!(count(|event| matches!(event, RunEvent::RunStarted { .. })), 2);
    assert_eq!(count(|event| matches!(event, RunEvent::RunFinished(_))), 4);
    assert!(count(|event| matches!(event, RunEvent::Progress { done, .. } if (0.0..=1.0).contains(done))) > 0);
    assert!(summary.wall_seconds > 0.0 && summary.critical_path_seconds > 0.0);
    assert!((0.0..=1.0).contains(&summary.parallel_efficiency()));
}

#[test]
fn stages_are_decided_alike_by_any_number_of_workers() {
    let precision = Some(crate::model::Precision { relative: 0.1, max_replications: 40 });
    let mut scene = scenario("S", vec![knob(KnobKey::Load, list(&["1", "2", "3", "4", "5", "6", "7"]))]);
    scene.base.precision = precision;
    let plan = planned(&["v1"], scene, 2);
    // Every run wants another number, in several stages, and one wants to begin again.
    let next = |_: &Architecture, config: &RunConfig, parts: &[f64]| {
        let goal = 5 + 5 * config.workload.load.peak() as u32;
        assert!(parts.windows(2).all(|pair| pair[0] < pair[1]), "in the order of their numbers");
        match parts.len() as u32 {
            5 if config.workload.load.peak() == 3.0 && config.warmup.is_none() => {
                let warmup = Some(crate::quantity::Duration(1));
                Next::Again(Box::new(RunConfig { warmup, ..config.clone() }))
            }
            made if made < goal => Next::UpTo(made + 5),
            _ => Next::Enough,
        }
    };
    let run = |workers| {
        let options =
            ExecOptions { workers, interrupt: &AtomicBool::new(false), clock: &|| Duration::ZERO, cache: None };
        collect(&plan, &options, &Engine { replicate: &fake, merge: &merge, next: &next }, &|_| {}).0
    };
    let one = run(1);
    let made: Vec<u32> = one.iter().map(|run| run.measures.replications).collect();
    assert_eq!(made, [10, 15, 20, 25, 30, 35, 40]);
    for workers in [2, 8] {
        assert_eq!(run(workers), one);
    }
}

#[test]
fn a_panic_in_the_decision_fails_its_run_only() {
    let mut scene = scenario("S", vec![knob(KnobKey::Load, list(&["1", "2"]))]);
    scene.base.precision = Some(crate::model::Precision { relative: 0.1, max_replications: 9 });
    let plan = planned(&["v1"], scene, 1);
    let next = |_: &Architecture, config: &RunConfig, _: &[f64]| {
        assert!(config.workload.load.peak() < 2.0, "no decision");
        Next::Enough
    };
    let options =
        ExecOptions { workers: 2, interrupt: &AtomicBool::new(false), clock: &|| Duration::ZERO, cache: None };
    let (runs, _) = collect(&plan, &options, &Engine { replicate: &fake, merge: &merge, next: &next }, &|_| {});
    assert_eq!([runs[0].status, runs[1].status], [RunStatus::Completed, RunStatus::Failed]);
}

/// Runs the plan with what `kept` has, by hash, and keeps there what comes of it.
fn run_kept(
    plan: &Plan,
    workers: usize,
    interrupt: &AtomicBool,
    kept: &Mutex<BTreeMap<Arc<str>, RunMeasures>>,
    simulate: &Replicate<'_, f64>,
) -> (Vec<FinishedRun>, Summary) {
    let find = |info: &RunInfo| kept.lock().unwrap().get(&info.hash).cloned();
    let keep = |info: &RunInfo, measures: &RunMeasures| {
        assert_eq!(kept.lock().unwrap().insert(info.hash.clone(), measures.clone()), None, "made twice");
    };
    let cache = Some(ResultCache { find: &find, keep: &keep });
    let engine = Engine { replicate: simulate, merge: &merge, next: &|_, _, _| Next::Enough };
    let options = ExecOptions { workers, interrupt, clock: &|| Duration::ZERO, cache };
    collect(plan, &options, &engine, &|_| {})
}

#[test]
fn what_is_kept_is_not_simulated_and_the_results_are_the_same() {
    let plan = planned(&["v1", "v2", "v3"], load_scale(), 2);
    let cold = run(&plan, 1, &fake).0;
    for workers in [1, 2, 8] {
        let (kept, interrupt) = (Mutex::default(), AtomicBool::new(false));
        let (first, summary) = run_kept(&plan, workers, &interrupt, &kept, &fake);
        assert_eq!((&first, summary.cached, kept.lock().unwrap().len()), (&cold, 0, 200));
        // Half of them are forgotten.
        let mut turn = 0;
        kept.lock().unwrap().retain(|_, _| {
            turn += 1;
            turn % 2 == 0
        });
        let (mut second, summary) = run_kept(&plan, workers, &interrupt, &kept, &fake);
        let cached = second.iter().filter(|run| run.cached).count() as u64;
        assert!((100..300).contains(&cached) && summary.cached == cached && summary.completed == 300);
        assert_eq!(summary.events, 1000, "those that were simulated");
        second.iter_mut().for_each(|run| run.cached = false);
        assert_eq!(second, cold);
        let none = |_: &Architecture, _: &RunConfig, _: u32, _: &dyn Fn(f64)| unreachable!("all are kept");
        assert_eq!(run_kept(&plan, workers, &interrupt, &kept, &none).1.cached, 300);
    }
}

#[test]
fn a_partial_result_that_is_whole_is_kept_and_comes_back_as_one() {
    let plan = planned(&["v1"], scenario("S", vec![]), 3);
    let kept = RunMeasures { partial: Some("more than 10 events".into()), ..RunMeasures::default() };
    let find = |_: &RunInfo| Some(kept.clone());
    let cache = Some(ResultCache { find: &find, keep: &|_, _| unreachable!("nothing is simulated") });
    let options = ExecOptions { workers: 1, interrupt: &AtomicBool::new(false), clock: &|| Duration::ZERO, cache };
    let engine = Engine { replicate: &fake, merge: &merge, next: &|_, _, _| Next::Enough };
    let (runs, summary) = collect(&plan, &options, &engine, &|_| {});
    assert_eq!((runs[0].status, runs[0].error.as_deref()), (RunStatus::Partial, Some("more than 10 events")));
    assert_eq!((summary.partial, summary.cached), (1, 1));
}

#[test]
fn what_was_interrupted_or_failed_is_not_kept() {
    let plan = planned(&["v1"], scenario("S", vec![]), 10);
    let (kept, interrupt) = (Mutex::default(), AtomicBool::new(false));
    let (runs, _) = run_kept(&plan, 1, &interrupt, &kept, &|a, config, n, p| {
        interrupt.fetch_or(n == 2, Relaxed);
        fake(a, config, n, p)
    });
    assert_eq!((runs[0].status, kept.lock().unwrap().len()), (RunStatus::Partial, 0));
    let panicking = |_: &Architecture, _: &RunConfig, n: u32, _: &dyn Fn(f64)| {
        assert!(n < 3, "unlucky");
        0.0
    };
    let (runs, _) = run_kept(&plan, 2, &AtomicBool::new(false), &kept, &panicking);
    assert_eq!((runs[0].status, kept.lock().unwrap().len()), (RunStatus::Failed, 0));
}
