//! Results of earlier runs, as a user meets them: by the binary, in folders of their own.

use crate::support::{Outcome, Sandbox, outcome};
use serde_json::Value;
use std::path::{Path, PathBuf};

const SHOP: &str = r#"
// The shop.
Users = person "Users"
Shop = system "Shop" {
  Api = container "API"
  Db = database "DB"
}
Users -> Shop.Api "buys"
Shop.Api -> Shop.Db "reads"
behavior Shop.Api { service_time exponential(5ms)  replicas 3  concurrency 1 }
behavior Shop.Db { service_time exponential(5ms)  replicas 2  concurrency 1 }
scenario Load "Load" {
  load = [50, 100, 200]
  duration 4s   warmup 1s   replications 2   seed 7
  at 2s slow any 1 of [Shop.Api, Shop.Db] by 2x for 1s
  expect p95 < 250ms
}
"#;

fn shop() -> Sandbox {
    Sandbox::with(&[("shop.sruja", SHOP)])
}

fn sruja(sandbox: &Sandbox, args: &[&str]) -> Outcome {
    outcome(sandbox.command(args).env_remove("SRUJA_NO_CACHE"), "")
}

/// The report without `meta`, and how many of its runs were kept.
fn run(sandbox: &Sandbox, extra: &[&str]) -> (String, u64) {
    let args = [&["run", "shop.sruja", "--format", "json", "--progress", "none"], extra].concat();
    let done = sruja(sandbox, &args);
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{args:?}");
    let (head, rest) = done.stdout.split_once(" \"meta\": {").unwrap();
    let (meta, tail) = rest.split_once('}').unwrap();
    let meta: Value = serde_json::from_str(&format!("{{{meta}}}")).unwrap();
    (format!("{head}{tail}"), meta["cache_hits"].as_u64().unwrap())
}

fn changed(sandbox: &Sandbox, from: &str, to: &str) {
    let text = sandbox.text("shop.sruja");
    assert!(text.contains(from), "{from}");
    sandbox.write("shop.sruja", text.replace(from, to));
}

/// Every file of a kind in the cache.
fn files(sandbox: &Sandbox, kind: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&sandbox.dir.join(".sruja/cache").join(kind), &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

#[test]
fn the_second_run_simulates_nothing_and_says_the_same_with_any_number_of_workers() {
    let sandbox = shop();
    let (cold, none) = run(&sandbox, &["--no-cache"]);
    assert_eq!((none, files(&sandbox, "").len()), (0, 0), "--no-cache neither reads nor writes");
    assert_eq!(run(&sandbox, &["-j", "2"]), (cold.clone(), 0));
    for workers in ["1", "2", "8"] {
        assert_eq!(run(&sandbox, &["-j", workers]), (cold.clone(), 3), "{workers} workers");
    }
    assert_eq!(run(&sandbox, &["--no-cache"]), (cold, 0));
    assert_eq!((files(&sandbox, "results").len(), files(&sandbox, "recipes").len()), (3, 1));
    assert_eq!(sandbox.text(".sruja/.gitignore"), "*\n");
}

#[test]
fn words_never_simulate_again_and_numbers_do() {
    let sandbox = shop();
    assert_eq!(run(&sandbox, &[]).1, 0);
    changed(&sandbox, "// The shop.", "// Another remark,\n// longer than before.\n");
    changed(&sandbox, "container \"API\"", "container \"Interface\" \"What everybody talks to.\"");
    changed(&sandbox, "scenario Load \"Load\"", "scenario Load \"Under load\"");
    changed(&sandbox, "at 2s slow any 1 of [Shop.Api, Shop.Db]", "at 2000ms slow any 1 of [ Shop.Api, Shop.Db ]");
    let (warm, hits) = run(&sandbox, &[]);
    assert_eq!((warm.as_str(), hits), (run(&sandbox, &["--no-cache"]).0.as_str(), 3), "also in the words of today");
    changed(&sandbox, "replicas 3", "replicas 4");
    assert_eq!(run(&sandbox, &[]).1, 0);
    changed(&sandbox, "[50, 100, 200]", "[50, 100, 210]");
    assert_eq!(run(&sandbox, &[]).1, 2);
    changed(&sandbox, "replicas 4", "replicas 3");
    assert_eq!(run(&sandbox, &[]).1, 2, "what was there before still is");
    assert_eq!(run(&sandbox, &["--seed", "8"]).1, 0);
    changed(&sandbox, "Shop.Db { service_time exponential(5ms)", "Shop.Db { service_time exponential(5.01ms)");
    assert_eq!(run(&sandbox, &[]).1, 0);
}

type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);

#[test]
fn what_is_damaged_or_foreign_is_simulated_again_and_mended() {
    let sandbox = shop();
    let (cold, _) = run(&sandbox, &[]);
    let results = files(&sandbox, "results");
    let damages: [Damage<'_>; 5] = [
        &|bytes| bytes.truncate(bytes.len() / 2),
        &|bytes| bytes.clear(),
        &|bytes| {
            let at = bytes.len() / 2;
            bytes[at] ^= 1;
        },
        &|bytes| *bytes = b"something else altogether".to_vec(),
        // The result of another run.
        &|bytes| *bytes = std::fs::read(&results[1]).unwrap(),
    ];
    for damage in damages {
        let mut bytes = std::fs::read(&results[0]).unwrap();
        damage(&mut bytes);
        std::fs::write(&results[0], bytes).unwrap();
        assert_eq!(run(&sandbox, &[]), (cold.clone(), 2));
        assert_eq!(run(&sandbox, &[]), (cold.clone(), 3));
    }
}

#[test]
fn where_nothing_can_be_written_nothing_is_kept_and_nothing_fails() {
    let sandbox = shop();
    sandbox.write(".sruja", "a file where a folder should be");
    let (cold, _) = run(&sandbox, &[]);
    assert_eq!(run(&sandbox, &[]), (cold, 0));
    let told = sruja(&sandbox, &["-v", "run", "shop.sruja", "--progress", "none"]);
    assert!(told.code == Some(0) && told.stderr.contains("results are not kept: "), "{}", told.stderr);
}

#[test]
fn the_workspace_decides_whether_and_where() {
    let sandbox = shop();
    sandbox.write("sruja.toml", "cache = false\n");
    run(&sandbox, &[]);
    assert_eq!(run(&sandbox, &[]).1, 0);
    sandbox.write("sruja.toml", "cache_dir = \"elsewhere\"\n");
    run(&sandbox, &[]);
    assert_eq!(run(&sandbox, &[]).1, 3);
    assert!(!sandbox.dir.join(".sruja").exists());
    // The folder may hold something else, which is neither hidden from version control nor removed.
    sandbox.write("elsewhere/results/notes.txt", "mine");
    assert_eq!(sruja(&sandbox, &["cache", "clean"]).code, Some(0));
    assert_eq!((run(&sandbox, &[]).1, sandbox.text("elsewhere/results/notes.txt").as_str()), (0, "mine"));
    assert!(!sandbox.dir.join("elsewhere/.gitignore").exists());
    assert_eq!(run(&sandbox, &[]).1, 3);
    let off = outcome(sandbox.command(&["run", "shop.sruja"]).env("SRUJA_NO_CACHE", "1"), "");
    assert!(!off.stdout.contains("simulated before"), "{}", off.stdout);
    let on = sruja(&sandbox, &["run", "shop.sruja"]);
    assert!(on.stdout.contains("3 of 3 runs simulated before; --no-cache simulates them again"), "{}", on.stdout);
}

#[test]
fn two_at_once_do_each_other_no_harm() {
    let sandbox = shop();
    let (cold, _) = run(&sandbox, &["--no-cache"]);
    let together = || run(&sandbox, &[]).0;
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(together)).collect();
        all.into_iter().for_each(|one| assert_eq!(one.join().unwrap(), cold));
    });
    assert_eq!(run(&sandbox, &[]), (cold, 3));
    assert!(files(&sandbox, "").iter().all(|path| !path.to_string_lossy().ends_with(".sruja-tmp")));
}

#[test]
fn its_size_can_be_told_and_it_can_be_removed() {
    let sandbox = shop();
    let size = |sandbox: &Sandbox| sruja(sandbox, &["cache", "size"]).stdout;
    assert!(size(&sandbox).starts_with("0 B in "));
    run(&sandbox, &[]);
    assert!(size(&sandbox).contains("KiB in "), "{}", size(&sandbox));
    let cleaned = sruja(&sandbox, &["cache", "clean"]);
    assert!(cleaned.code == Some(0) && cleaned.stdout.starts_with("removed "), "{cleaned:?}");
    assert!(size(&sandbox).starts_with("0 B in ") && run(&sandbox, &[]).1 == 0);
}

/// What `why-rerun` says of a run, without the first line's file.
fn why(sandbox: &Sandbox, args: &[&str]) -> String {
    let done = sruja(sandbox, &[&["why-rerun"], args].concat());
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{args:?}");
    done.stdout.replace(" (shop.sruja)", "")
}

#[test]
fn why_rerun_names_the_input_that_differs() {
    let sandbox = shop();
    assert_eq!(why(&sandbox, &["Load-100"]), "Load-100: never simulated\n");
    run(&sandbox, &[]);
    assert_eq!(why(&sandbox, &["Load-100"]), "Load-100: cached, nothing differs\n");
    let differs = |line: &str| format!("Load-100: not cached; against the latest result of that name:\n  {line}\n");
    for (from, to, told) in [
        ("replicas 3", "replicas 4", "Shop.Api.replicas  3 → 4"),
        ("duration 4s", "duration 5s", "duration  4s → 5s"),
        ("expect p95 < 250ms", "expect p95 < 250ms\n  expect error_rate < 1%", "expectation  added: error_rate < 1%"),
        ("seed 7", "seed 8", "seed  7 → 8"),
        ("replications 2", "replications 3", "replications  2 → 3"),
        ("by 2x for 1s", "by 3x for 1s", ""),
        ("Db = database \"DB\"", "Db = database \"DB\"\n  Mail = container \"Mail\"", "Shop.Mail  added: container"),
    ] {
        changed(&sandbox, from, to);
        let said = why(&sandbox, &["Load-100", "shop.sruja"]);
        if told.is_empty() {
            assert!(said.contains("fault  removed: ") && said.contains("fault  added: "), "{said}");
        } else {
            assert_eq!(said, differs(told));
        }
        changed(&sandbox, to, from);
    }
    assert_eq!(why(&sandbox, &["Load-100"]), "Load-100: cached, nothing differs\n");
    changed(&sandbox, "[50, 100, 200]", "[50, 120, 200]");
    assert_eq!(
        why(&sandbox, &["Load-*"]),
        "Load-50: cached, nothing differs\nLoad-120: never simulated\nLoad-200: cached, nothing differs\n"
    );
}

#[test]
fn why_rerun_speaks_json_and_knows_what_it_does_not_know() {
    let sandbox = shop();
    run(&sandbox, &[]);
    changed(&sandbox, "replicas 3", "replicas 4");
    let told: Value = serde_json::from_str(&why(&sandbox, &["Load-50", "--format", "json"])).unwrap();
    assert_eq!(told["schema"], "sruja.why-rerun/1");
    let one = &told["runs"][0];
    assert_eq!(
        (&one["file"], &one["run"], &one["state"]),
        (&"shop.sruja".into(), &"Load-50".into(), &"differs".into())
    );
    assert_eq!(one["differences"], serde_json::json!([{"input": "Shop.Api.replicas", "old": "3", "new": "4"}]));
    let unknown = sruja(&sandbox, &["why-rerun", "Lod-50"]);
    assert_eq!(unknown.code, Some(2));
    assert_eq!(unknown.stderr, "error: no run is called `Lod-50`\n help: did you mean `Load-50`?\n");
}

/// What the engine made of `examples/shop.sruja` at this version: events and mean latency of each run.
const THEN: (u32, [(u64, f64); 6]) = (
    1,
    [
        (289_277, 0.06910299433827555),
        (854_532, 0.06390357504301905),
        (1_284_792, 0.07011474158806465),
        (287_187, 0.06523480891235921),
        (863_150, 0.07170582308297027),
        (1_263_748, 0.0667821819044818),
    ],
);

#[test]
fn an_engine_with_other_results_has_another_version() {
    let sandbox = Sandbox::with(&[("shop.sruja", &crate::support::read("examples/shop.sruja"))]);
    let done = sandbox.sruja(&["run", "shop.sruja", "--scenario", "DatabaseTrouble", "--format", "json"]);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let figures =
        |run: &Value| (run["events_simulated"].as_u64().unwrap(), run["metrics"]["latency"]["mean"].as_f64().unwrap());
    let now: Vec<_> = report["runs"].as_array().unwrap().iter().map(figures).collect();
    let is_near = |(a, b): (&(u64, f64), &(u64, f64))| a.0 == b.0 && (a.1 - b.1).abs() < 1e-9;
    assert!(
        sruja::measure::ENGINE_VERSION == THEN.0 && now.iter().zip(&THEN.1).all(is_near),
        "the results have changed: raise measure::ENGINE_VERSION, so that none of before is taken for one of now, and \
         put them here: {now:?}"
    );
}
