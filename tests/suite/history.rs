//! `sruja sweep`, the `commits` statement and versions from git, on repositories made for each test.

use crate::repository::{Repo, fingerprint, sweep};
use crate::support::Sandbox;
use serde_json::Value;

/// A model with a database that takes this long, and a scenario.
fn model(service_time: &str, more: &str) -> String {
    format!(
        "U = person \"Users\"\nApi = service \"API\"\nDb = database \"DB\"\nU -> Api\nApi -> Db\n\
         behavior Api {{ service_time 1ms  concurrency 16 }}\n\
         behavior Db {{ service_time {service_time}  concurrency 4 }}\n{more}\n\
         scenario Load {{ load = 50  duration 5s  replications 2  seed 7  expect p95 < 50ms }}\n"
    )
}

/// Number of the commit, status, what went wrong, p95.
fn rows(report: &Value) -> Vec<(String, String, String, f64)> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let row = |run: &Value| {
        let p95 = run["metrics"]["latency"]["p95"].as_f64().unwrap_or(0.0);
        (text(&run["commit"]), text(&run["status"]), text(&run["error"]), p95)
    };
    report["runs"].as_array().unwrap().iter().map(row).collect()
}

fn p95s(report: &Value) -> Vec<f64> {
    rows(report).iter().map(|row| (row.3 * 1e6).round() / 1e6).collect()
}

fn commits(report: &Value) -> Vec<String> {
    rows(report).into_iter().map(|row| row.0).collect()
}

#[test]
fn every_commit_is_a_row_and_equal_models_are_simulated_once() {
    let slow = model("20ms", "");
    let commented = format!("// nothing new\n{slow}");
    let repo = Repo::of(&[&model("5ms", ""), &slow, &commented, &model("30ms", "")]);
    let report = repo.sweep(&[]);
    assert_eq!(p95s(&report), [0.006, 0.021, 0.021, 0.034226]);
    let alone = repo.sweep(&["--commits", "#2"]);
    let events = |report: &Value, n: usize| report["runs"][n]["events_simulated"].as_u64().unwrap();
    assert_eq!(report["runs"][1]["metrics"], alone["runs"][0]["metrics"]);
    assert_eq!(events(&report, 1), events(&report, 2));
    let names: Vec<&str> = report["runs"].as_array().unwrap().iter().filter_map(|run| run["name"].as_str()).collect();
    assert!(names.iter().all(|name| name.len() == 7 + ":Load".len() && name.ends_with(":Load")), "{names:?}");
}

#[test]
fn commits_are_chosen_in_every_way() {
    let texts: Vec<String> = (1..=6).map(|n| model(&format!("{n}ms"), "")).collect();
    let repo = Repo::of(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let all = commits(&repo.sweep(&[]));
    assert_eq!(all.len(), 6);
    let chosen = |args: &[&str]| -> Vec<usize> {
        let found = commits(&repo.sweep(args));
        found.iter().map(|id| all.iter().position(|other| other == id).unwrap() + 1).collect()
    };
    repo.tag("v1", repo.git.revparse_single("HEAD~4").unwrap().id());
    repo.tag("v2", repo.git.revparse_single("HEAD~1").unwrap().id());
    repo.tag("other", repo.git.revparse_single("HEAD").unwrap().id());
    assert_eq!(chosen(&["--commits", "main~3..main"]), [3, 4, 5, 6]);
    assert_eq!(chosen(&["--commits", "main~4..main~1", "--every", "2"]), [2, 4]);
    assert_eq!(chosen(&["--commits", "last 2"]), [5, 6]);
    assert_eq!(chosen(&["--commits", "#1,#3,#5..#6"]), [1, 3, 5, 6]);
    assert_eq!(chosen(&["--commits", "#5, #2"]), [2, 5]);
    assert_eq!(chosen(&["--tags", "v*"]), [2, 5]);
    assert_eq!(chosen(&["--since", "2026-01-01T04:30:00Z"]), [5, 6]);
    assert_eq!(chosen(&["--until", "2026-01-01T02:30:00Z"]), [1, 2]);
    assert_eq!(chosen(&["--commits", "v1"]), [2]);
    assert_eq!(chosen(&["--every", "4"]), [1, 5]);
    assert_eq!(chosen(&["--commits", &all[3][..9]]), [4]);
}

#[test]
fn the_commits_statement_chooses_and_run_and_expand_follow_it() {
    let with = |ms: u32| model(&format!("{ms}ms"), "").replace("{ load", "{ commits main~2..main every 2  load");
    let repo = Repo::of(&[&with(1), &with(2), &with(3)]);
    let count = repo.sandbox.sruja(&["expand", "arch/main.sruja", "--count"]);
    assert_eq!(count.stdout, "2\n");
    let run = repo.sandbox.sruja(&["run", "arch/main.sruja", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(p95s(&report), [0.002, 0.004]);
    assert_eq!(repo.sweep(&[])["runs"].as_array().unwrap().len(), 2);
    assert_eq!(repo.sandbox.sruja(&["check", "arch/main.sruja"]).code, Some(0));
}

#[test]
fn broken_and_missing_commits_are_rows_and_the_sweep_goes_on() {
    let mut repo = Repo::new();
    repo.commit("no model yet", &[("notes.txt", Some("x"))]);
    repo.commit("first", &[("arch/main.sruja", Some(&model("5ms", "")))]);
    repo.commit("broken", &[("arch/main.sruja", Some(&model("5ms", "Api -> Dbx\n")))]);
    repo.commit("mended", &[("arch/main.sruja", Some(&model("6ms", "")))]);
    let out = repo.sandbox.sruja(&["sweep", "arch/main.sruja", "--format", "json"]);
    assert_eq!(out.code, Some(0), "{out:?}");
    let found = rows(&serde_json::from_str(&out.stdout).unwrap());
    let statuses: Vec<&str> = found.iter().map(|row| row.1.as_str()).collect();
    assert_eq!(statuses, ["skipped", "completed", "skipped", "completed"]);
    assert!(found[0].2.contains("not in this commit"), "{found:?}");
    assert!(found[2].2.contains("E0201") && found[2].2.contains("arch/main.sruja:8:8"), "{found:?}");
}

#[test]
fn imports_are_those_of_the_commit() {
    let main = "import { * } from './parts/db'\nU = person \"Users\"\nApi = service \"API\"\nU -> Api\nApi -> Db\n\
                behavior Api { service_time 1ms  concurrency 16 }\nscenario Load { load = 50  duration 5s  replications 2 }\n";
    let db = |ms: u32| format!("Db = database \"DB\"\nbehavior Db {{ service_time {ms}ms  concurrency 4 }}\n");
    let mut repo = Repo::new();
    repo.commit("first", &[("arch/main.sruja", Some(main)), ("arch/parts/db.sruja", Some(&db(5)))]);
    repo.commit("slower", &[("arch/parts/db.sruja", Some(&db(9)))]);
    repo.sandbox.write("arch/parts/db.sruja", db(500));
    assert_eq!(p95s(&repo.sweep(&[])), [0.006, 0.01]);
}

#[test]
fn a_file_of_scenarios_alone_stands_for_all_commits() {
    let part = |ms: u32| model(&format!("{ms}ms"), "").replace("scenario Load", "scenario Unused");
    let mut repo = Repo::new();
    repo.commit("first", &[("arch/model.sruja", Some(&part(5)))]);
    repo.commit("second", &[("arch/model.sruja", Some(&part(9)))]);
    repo.sandbox.write(
        "arch/main.sruja",
        "import { * } from './model'\nscenario Late { load = 50  duration 5s  replications 2 }\n",
    );
    assert_eq!(p95s(&repo.sweep(&[])), [0.006, 0.01]);
}

#[test]
fn a_renamed_file_is_followed() {
    let mut repo = Repo::of(&[&model("5ms", "")]);
    let text = repo.sandbox.text("arch/main.sruja");
    repo.commit("moved", &[("arch/main.sruja", None), ("design/shop.sruja", Some(&text))]);
    repo.commit("slower", &[("design/shop.sruja", Some(&model("9ms", "")))]);
    let report = sweep(&repo.sandbox, "design/shop.sruja", &[]);
    assert_eq!(p95s(&report), [0.006, 0.006, 0.01]);
}

#[test]
fn a_deleted_file_is_a_row_and_comes_back() {
    let mut repo = Repo::of(&[&model("5ms", "")]);
    repo.commit("gone", &[("arch/main.sruja", None), ("other", Some("x"))]);
    repo.commit("back", &[("arch/main.sruja", Some(&model("9ms", "")))]);
    let found = rows(&repo.sweep(&[]));
    assert_eq!(found.iter().map(|row| row.1.as_str()).collect::<Vec<_>>(), ["completed", "skipped", "completed"]);
}

#[test]
fn merges_are_walked_along_the_first_parents() {
    let mut repo = Repo::of(&[&model("5ms", ""), &model("6ms", "")]);
    let [first, second] = ["HEAD~1", "HEAD"].map(|name| repo.git.revparse_single(name).unwrap().id());
    let tree = repo.git.find_commit(first).unwrap().tree_id();
    let side = repo.record("side", tree, &[first], None);
    let merged = repo.git.find_commit(second).unwrap().tree_id();
    repo.record("merge", merged, &[second, side], Some("HEAD"));
    let report = repo.sweep(&[]);
    assert_eq!(p95s(&report), [0.006, 0.007, 0.007]);
    let with_side = repo.sweep(&["--commits", &format!("{side}")]);
    assert_eq!(p95s(&with_side), [0.006]);
}

#[test]
fn nothing_is_touched_and_bare_repositories_and_work_trees_are_read() {
    let repo = Repo::of(&[&model("5ms", ""), &model("9ms", "")]);
    let place = Sandbox::with(&[]);
    let bare = place.dir.join("bare.git");
    let url = repo.sandbox.dir.display().to_string();
    git2::build::RepoBuilder::new().bare(true).clone(&url, &bare).unwrap();
    let before = (fingerprint(&repo.sandbox.dir), fingerprint(&bare));
    let expected = p95s(&repo.sweep(&["--no-cache"]));
    assert_eq!(p95s(&sweep(&place, "arch/main.sruja", &["--repo", "bare.git", "--no-cache"])), expected);
    assert_eq!(p95s(&sweep(&place, "arch/main.sruja", &["--repo", &url, "--no-cache"])), expected);
    assert_eq!(before, (fingerprint(&repo.sandbox.dir), fingerprint(&bare)));
    let linked = place.dir.join("linked");
    repo.git.worktree("linked", &linked, None).unwrap();
    let there = Sandbox { dir: linked };
    assert_eq!(p95s(&sweep(&there, "arch/main.sruja", &["--no-cache"])), expected);
}

#[test]
fn a_shallow_clone_says_so() {
    let repo = Repo::of(&[&model("5ms", ""), &model("9ms", "")]);
    let head = repo.git.revparse_single("HEAD").unwrap().id();
    std::fs::write(repo.sandbox.dir.join(".git/shallow"), format!("{head}\n")).unwrap();
    let out = repo.sandbox.sruja(&["sweep", "arch/main.sruja", "--format", "json"]);
    assert!(out.stderr.contains("shallow"), "{out:?}");
    assert_eq!(p95s(&serde_json::from_str(&out.stdout).unwrap()), [0.01]);
    let beyond = repo.sandbox.sruja(&["sweep", "arch/main.sruja", "--commits", "#2"]);
    assert!(beyond.code == Some(2) && beyond.stderr.contains("E0506"), "{beyond:?}");
}

#[test]
fn links_stay_inside_and_submodules_are_other_repositories() {
    let mut repo = Repo::new();
    repo.sandbox.write("arch/real.sruja", model("5ms", ""));
    std::os::unix::fs::symlink("real.sruja", repo.sandbox.dir.join("arch/main.sruja")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", repo.sandbox.dir.join("arch/out.sruja")).unwrap();
    std::os::unix::fs::symlink("round.sruja", repo.sandbox.dir.join("arch/round.sruja")).unwrap();
    let first = repo.commit("links", &[]);
    let before = repo.git.find_commit(first).unwrap().tree_id();
    let import = repo.git.blob(b"import { * } from '../vendor/model'\n").unwrap();
    let mut update = git2::build::TreeUpdateBuilder::new();
    update.upsert("vendor", first, git2::FileMode::Commit).upsert("arch/real.sruja", import, git2::FileMode::Blob);
    let of_submodule = update.create_updated(&repo.git, &repo.git.find_tree(before).unwrap()).unwrap();
    let second = repo.record("imports from a submodule", of_submodule, &[first], Some("HEAD"));
    repo.record("as it was", before, &[second], Some("HEAD"));
    let place = Sandbox::with(&[]);
    let url = repo.sandbox.dir.join(".git").display().to_string();
    let found = rows(&sweep(&place, "arch/main.sruja", &["--repo", &url, "--no-cache"]));
    assert_eq!(found.iter().map(|row| row.1.as_str()).collect::<Vec<_>>(), ["completed", "skipped", "completed"]);
    assert!(found[1].2.contains("vendor") && found[1].2.contains("submodule"), "{found:?}");
    for file in ["arch/out.sruja", "arch/round.sruja"] {
        let out = place.sruja(&["sweep", file, "--repo", &url]);
        assert!(out.code == Some(2) && out.stderr.contains("E05"), "{out:?}");
    }
}

#[test]
fn versions_come_from_git() {
    let mut repo = Repo::of(&[&model("5ms", "")]);
    repo.tag("release-1", repo.git.head().unwrap().target().unwrap());
    let race = "version v1 from git \"release-1\" \"arch/main.sruja\"\nversion v2 extends v1 { Db.service_time = 30ms }\n\
                scenario Race { versions [v1, v2, working]  load = 50  duration 5s  replications 2 }\n";
    repo.commit("slower", &[("arch/main.sruja", Some(&format!("{}{race}", model("9ms", ""))))]);
    let args = ["run", "arch/main.sruja", "--scenario", "Race", "--format", "json"];
    let out = repo.sandbox.sruja(&args);
    let report: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(p95s(&report), [0.006, 0.033222, 0.01]);
    assert_eq!(report["runs"][0]["commit"].as_str().map(str::len), Some(40));
    let broken = race.replace("release-1", "release-9");
    repo.sandbox.write("arch/main.sruja", format!("{}{broken}", model("9ms", "")));
    let out = repo.sandbox.sruja(&args);
    assert!(out.code == Some(2) && out.stderr.contains("E0506") && out.stderr.contains("release-9"), "{out:?}");
}

#[test]
fn hostile_names_and_places_are_told_of() {
    let repo = Repo::of(&[&model("5ms", "")]);
    let expect = |args: &[&str], code: &str| {
        let mut all = vec!["sweep", "arch/main.sruja"];
        all.extend(args);
        let out = repo.sandbox.sruja(&all);
        assert!(out.code == Some(2) && out.stderr.contains(code) && out.stdout.is_empty(), "{args:?}: {out:?}");
        assert!(!out.stderr.contains('\u{1b}') && !out.stderr.contains("panicked"), "{out:?}");
    };
    for name in ["--commits=--upload-pack=x", "--commits=no-such", "--commits=a\u{1b}[31m", "--commits=HEAD^{/x}"] {
        expect(&[name], "E0506");
    }
    expect(&["--commits=../../x"], "E0507");
    expect(&["--commits", "#0"], "E0506");
    expect(&["--commits", "#99999999999999999999"], "E0507");
    expect(&["--commits", "#7"], "E0506");
    expect(&["--commits", "last 0"], "E0507");
    expect(&["--commits", "last"], "E0507");
    expect(&["--since", "yesterday"], "E0507");
    expect(&["--since", "2030-01-01"], "E0507");
    expect(&["--tags", "nothing*"], "E0507");
    expect(&["--branch", "nothing"], "E0506");
    expect(&["--repo", "/"], "E0505");
    let outside = Sandbox::with(&[("a.sruja", &model("5ms", ""))]);
    let out = outside.sruja(&["sweep", "a.sruja"]);
    assert!(out.code == Some(2) && out.stderr.contains("E0505"), "{out:?}");
    let empty = Repo::new();
    empty.sandbox.write("a.sruja", model("5ms", ""));
    let out = empty.sandbox.sruja(&["sweep", "a.sruja"]);
    assert!(out.code == Some(2) && out.stderr.contains("E05"), "{out:?}");
    repo.sandbox.write("new.sruja", model("5ms", ""));
    let out = repo.sandbox.sruja(&["sweep", "new.sruja"]);
    assert!(out.code == Some(2) && out.stderr.contains("E0508"), "{out:?}");
}

#[test]
fn a_damaged_repository_is_told_of() {
    let repo = Repo::of(&[&model("5ms", ""), &model("9ms", "")]);
    let first = repo.git.revparse_single("HEAD~1:arch/main.sruja").unwrap().id().to_string();
    let object = repo.sandbox.dir.join(".git/objects").join(&first[..2]).join(&first[2..]);
    let _ = std::fs::remove_file(&object);
    let out = repo.sandbox.sruja(&["sweep", "arch/main.sruja", "--format", "json"]);
    let found = rows(&serde_json::from_str(&out.stdout).unwrap());
    assert!(found[0].1 == "skipped" && !found[0].2.is_empty() && found[1].1 == "completed", "{found:?}");
    std::fs::write(repo.sandbox.dir.join(".git/HEAD"), "ref: refs/heads/nothing\n").unwrap();
    let out = repo.sandbox.sruja(&["sweep", "arch/main.sruja"]);
    assert!(out.code == Some(2) && out.stderr.contains("E050"), "{out:?}");
}

#[test]
fn a_scenario_that_does_not_fit_an_old_model_breaks_that_row_alone() {
    let with_cache =
        model("5ms", "Cache = cache \"Cache\"\nApi -> Cache\n").replace("expect", "at 1s kill Cache for 1s  expect");
    let repo = Repo::of(&[&model("5ms", ""), &with_cache]);
    let found = rows(&repo.sweep(&[]));
    assert!(found[0].1 == "skipped" && found[0].2.contains("Cache"), "{found:?}");
    assert_eq!(found[1].1, "completed");
}
