//! A history whose regression is known: who is blamed, what is said of it, and what is simulated at all.

use crate::repository::Repo;
use crate::support::{Outcome, outcome};
use serde_json::Value;
use std::path::Path;

/// How many commits, and the number of the one that makes it worse.
const COMMITS: usize = 40;
const TURN: usize = 24;

/// A model of the shop.
#[derive(Clone)]
struct Shop {
    remark: String,
    title: &'static str,
    mail: &'static str,
    mail_replicas: u32,
    db: &'static str,
    timeout: &'static str,
    more: &'static str,
    load: &'static str,
}

impl Shop {
    fn new() -> Self {
        Self {
            remark: String::new(),
            title: "API",
            mail: "Mail",
            mail_replicas: 3,
            db: "5ms",
            timeout: "2s",
            more: "",
            load: "load = 50",
        }
    }

    /// Three changes at once, one of which matters.
    fn slow(self) -> Self {
        Self { db: "12ms", mail_replicas: 2, timeout: "1s", ..self }
    }

    fn text(&self) -> String {
        let Self { remark, title, mail, mail_replicas, db, timeout, more, load } = self;
        format!(
            "{remark}U = person \"Users\"\nApi = service \"{title}\"\nDb = database \"DB\"\n\
             {mail} = service \"Mail\" {{ canonical_id \"the-mail\" }}\n\
             U -> Api\nApi -> Db\nApi -> {mail}\n\
             behavior Api {{ service_time exponential(2ms)  concurrency 16  replicas 2 }}\n\
             behavior Db {{ service_time exponential({db})  concurrency 4 }}\n\
             behavior {mail} {{ service_time exponential(1ms)  concurrency 4  replicas {mail_replicas} }}\n\
             behavior Api -> Db {{ timeout {timeout} }}\n{more}\n\
             scenario Load {{ {load}  duration 5s  replications 5  seed 7  expect p95 < 35ms }}\n"
        )
    }
}

/// The model of commit `n` of the known history: remarks and titles come and go, an element that nobody calls is
/// added, one is renamed, and commit 24 makes three changes, one of which makes it slow.
fn shop(n: usize) -> Shop {
    let mut shop = Shop::new();
    if n.is_multiple_of(3) {
        shop.remark = format!("// Remark {n}.\n");
    }
    if n >= 8 {
        shop.title = "Interface";
    }
    if n >= 12 {
        shop.more = "Archive = service \"Archive\"";
    }
    if n >= 30 {
        shop.mail = "Mailer";
    }
    if n >= TURN { shop.slow() } else { shop }
}

/// A history of these numbers; the broken ones call what is not there.
fn repo_of(numbers: impl Iterator<Item = usize>, broken: &[usize]) -> Repo {
    let mut repo = Repo::new();
    for n in numbers {
        let text = shop(n).text() + if broken.contains(&n) { "Api -> Nobody\n" } else { "" };
        repo.commit(&format!("Change {n}"), &[("arch/main.sruja", Some(&text)), ("notes", Some(&n.to_string()))]);
    }
    repo
}

fn known(broken: &[usize]) -> Repo {
    repo_of(1..=COMMITS, broken)
}

/// The commit of a number, as runs are called by it.
fn short(repo: &Repo, number: usize) -> String {
    let back = COMMITS - number;
    repo.git.revparse_single(&format!("HEAD~{back}")).unwrap().id().to_string()[..7].to_owned()
}

fn sruja(repo: &Repo, args: &[&str]) -> Outcome {
    let mut all = vec![args[0], "arch/main.sruja"];
    all.extend(&args[1..]);
    repo.sandbox.sruja(&all)
}

/// With the results of earlier runs.
fn cached(repo: &Repo, args: &[&str]) -> Outcome {
    outcome(repo.sandbox.command(args).env_remove("SRUJA_NO_CACHE"), "")
}

fn list<'v>(value: &'v Value, of: &str) -> Vec<&'v str> {
    value.as_array().unwrap().iter().filter_map(|entry| entry[of].as_str()).collect()
}

#[test]
fn one_commit_of_forty_is_blamed_and_of_its_changes_the_one_that_matters() {
    let repo = known(&[22]);
    let guilty = short(&repo, TURN);
    let report = repo.sweep(&[]);
    let history = &report["history"][0];
    let commits = history["commits"].as_array().unwrap();
    assert_eq!(commits.len(), COMMITS);
    let mut blamed = list(&history["regressions"], "commit");
    blamed.dedup();
    assert_eq!(blamed, [guilty.as_str()], "{}", history["regressions"]);
    assert!(list(&history["regressions"], "metric").contains(&"p95"));

    let row = &commits[TURN - 1];
    assert_eq!((row["commit"].as_str(), row["number"].as_u64()), (Some(guilty.as_str()), Some(TURN as u64)));
    let changes = [
        "~ Db.service_time exponential(5ms) → exponential(12ms)",
        "~ Mail.replicas 3 → 2",
        "~ Api->Db.timeout 2s → 1s",
    ];
    assert_eq!(list(&row["changes"], "text"), changes);
    let attribution = &row["attribution"][0];
    assert_eq!(list(&attribution["causes"], "subject")[0], "Db");
    assert_eq!(attribution["metric"], "p95");
    let share = attribution["causes"][0]["share"].as_f64().unwrap();
    assert!((0.9..1.1).contains(&share), "{attribution}");

    let status = |n: usize| commits[n - 1]["status"].as_str().unwrap();
    assert_eq!(
        [1, 2, 3, 8, 22, 23, TURN, 30, 31].map(status),
        ["measured", "same", "same", "same", "broken", "same", "measured", "measured", "same"]
    );
    assert!(commits[21]["error"].as_str().unwrap().contains("E0201"));
    assert_eq!(list(&commits[29]["changes"], "text"), ["> Mail renamed to Mailer"]);
}

#[test]
fn the_text_names_the_commit_its_changes_and_the_cause() {
    let repo = known(&[22]);
    let guilty = short(&repo, TURN);
    let said = sruja(&repo, &["sweep"]);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    for line in [
        format!("\nLoad: 1 regression: #24 {guilty}\n"),
        "\nHistory of Load  40 commits, 4 different models measured once each\n".to_owned(),
        "  broken: E0201 ".to_owned(),
        format!("\n  #24 {guilty} Change 24  regression\n    ~ Db.service_time exponential(5ms) → exponential(12ms)\n"),
        format!("\n    p95 in {guilty}:Load: 100% from Db\n"),
        " commits not shown: the model stayed as it was\n".to_owned(),
    ] {
        assert!(said.stdout.contains(&line), "{line}\n{}", said.stdout);
    }
}

/// What a search says, and how many commits it looked at.
fn bisect(repo: &Repo, expression: &str) -> (Value, usize) {
    let found = repo.sweep(&["--bisect", expression])["bisect"].take();
    let tested = found["tested"].as_array().unwrap().len();
    (found, tested)
}

#[test]
fn bisect_finds_it_in_few_tests() {
    let repo = known(&[]);
    let (found, tested) = bisect(&repo, "p95  <  30ms");
    assert_eq!((&found["outcome"], &found["expression"]), (&"found".into(), &"p95 < 30ms".into()));
    assert_eq!(found["first_bad"], short(&repo, TURN));
    assert_eq!(found["last_good"], short(&repo, TURN - 1));
    assert_eq!((&found["untestable"], &found["commits"]), (&serde_json::json!([]), &COMMITS.into()));
    assert!(tested <= COMMITS.ilog2() as usize + 1 + 2, "{tested} tested");
}

#[test]
fn bisect_passes_over_broken_commits_and_says_that_they_may_be_the_first() {
    let repo = known(&[20, TURN - 1]);
    let (found, tested) = bisect(&repo, "p95 < 30ms");
    assert_eq!(found["first_bad"], short(&repo, TURN));
    assert_eq!(found["last_good"], short(&repo, TURN - 2));
    assert_eq!(found["untestable"], serde_json::json!([short(&repo, TURN - 1)]));
    let skipped = found["tested"].as_array().unwrap().iter().filter(|tested| tested["good"].is_null()).count();
    assert!(skipped >= 2 && tested <= COMMITS.ilog2() as usize + 1 + 2 + skipped, "{tested} tested, {skipped} skipped");
}

#[test]
fn bisect_blames_no_commit_for_what_untested_ones_did() {
    let repo = known(&[]);
    // The newest commit differs from the first bad one, and only some of those between them are tested.
    let report = repo.sweep(&["--bisect", "p95 < 30ms"]);
    let history = &report["history"][0];
    let guilty = short(&repo, TURN);
    for row in history["commits"].as_array().unwrap().iter().filter(|row| row["commit"] != guilty.as_str()) {
        assert_eq!((&row["changes"], &row["steps"]), (&serde_json::json!([]), &serde_json::json!([])), "{row}");
    }
    let mut blamed = list(&history["regressions"], "commit");
    blamed.dedup();
    assert_eq!(blamed, [guilty.as_str()]);
    let (bad, _) = bisect(&repo, "p95 < 1ms");
    assert_eq!(bad["outcome"], "all_bad");
    assert_eq!(repo.sweep(&["--bisect", "p95 < 1ms"])["history"][0]["regressions"], serde_json::json!([]));
}

#[test]
fn bisect_says_in_words_what_it_found() {
    let repo = known(&[TURN - 1]);
    let (guilty, broken, newest) = (short(&repo, TURN), short(&repo, TURN - 1), short(&repo, COMMITS));
    let expect = |expression: &str, lines: &[String], never: &str| {
        let said = sruja(&repo, &["sweep", "--bisect", expression]);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
        lines.iter().for_each(|line| assert!(said.stdout.contains(line), "{line}\n{}", said.stdout));
        assert!(!said.stdout.contains(never), "{}", said.stdout);
    };
    let found = [
        format!("\n#24 {guilty} Change 24 is the first commit that violates p95 < 30ms\n"),
        " of 40 commits tested\n".to_owned(),
        format!("\n  {newest}  40  Change 40  violated\n"),
        format!("each of these may be the first, too, for it has no sound model: {broken}\n"),
        format!("    p95 in {guilty}:Load: 100% from Db\n"),
    ];
    expect("p95 < 30ms", &found, "1 regression");
    let good =
        ["\nthe newest commit holds p95 < 3s: nothing to find\n".to_owned(), "1 of 40 commits tested".to_owned()];
    expect("p95 < 3s", &good, "nothing to compare");
    let bad = [format!("\n#1 {} Change 1 violates p95 < 1ms already, and it is the oldest\n", short(&repo, 1))];
    expect("p95 < 1ms", &bad, "regression");
}

#[test]
fn bisect_with_all_good_or_all_bad_ends_at_once() {
    let repo = known(&[]);
    let (good, tested) = bisect(&repo, "p95 < 3s");
    assert_eq!((&good["outcome"], &good["first_bad"], tested), (&"all_good".into(), &Value::Null, 1));
    let (bad, tested) = bisect(&repo, "p95 < 1ms");
    assert_eq!((&bad["outcome"], &bad["last_good"], tested), (&"all_bad".into(), &Value::Null, 2));
    assert_eq!(bad["first_bad"], short(&repo, 1));
}

#[test]
fn a_condition_that_cannot_be_read_is_underlined() {
    let repo = repo_of(1..=2, &[]);
    for (expression, code, underlined) in [
        ("p95 < 30ms expect p99 < 1s", "E0412", "--bisect:1:1]"),
        ("p95 < 30zs", "E0110", "--bisect:1:9]"),
        ("p95", "E0111", "--bisect:1:1]"),
        ("speed < 1s", "E0206", "--bisect:1:1]"),
        ("p95(Nobody) < 1s", "E0201", "--bisect:1:5]"),
        ("", "E0111", "--bisect:1:1]"),
    ] {
        let said = sruja(&repo, &["sweep", "--bisect", expression]);
        assert!(said.code == Some(2) && said.stdout.is_empty(), "{expression}: {said:?}");
        assert!(said.stderr.contains(code) && said.stderr.contains(underlined), "{expression}: {}", said.stderr);
    }
}

#[test]
fn violations_decide_the_exit_code_and_broken_commits_do_not() {
    let code = |repo: &Repo, more: &[&str]| sruja(repo, &[&["sweep"], more].concat()).code;
    let repo = repo_of([1, 22, TURN].into_iter(), &[22]);
    assert_eq!(code(&repo, &[]), Some(0));
    assert_eq!(code(&repo, &["--fail-on", "violation"]), Some(1));
    assert_eq!(code(&repo, &["--fail-on", "violation", "--commits", "#1,#2"]), Some(0));
    assert_eq!(code(&repo, &["--fail-on", "violation", "--commits", "#1", "--bisect", "p95 < 1ms"]), Some(1));
}

/// How many results are kept.
fn kept(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { kept(&path) } else { 1 }).sum()
}

#[test]
fn one_more_commit_is_one_more_simulation_and_words_are_none() {
    let mut repo = repo_of([1, 12, 13].into_iter(), &[]);
    let results = repo.sandbox.dir.join("arch/.sruja/cache/results");
    let sweep = |repo: &Repo| {
        let done = cached(repo, &["sweep", "arch/main.sruja", "--format", "json"]);
        assert_eq!(done.code, Some(0), "{done:?}");
        let report: Value = serde_json::from_str(&done.stdout).unwrap();
        let runs = report["runs"].as_array().unwrap().len();
        (runs, report["meta"]["cache_hits"].as_u64().unwrap(), kept(&results))
    };
    assert_eq!(sweep(&repo).2, 2);
    assert_eq!(sweep(&repo), (3, 3, 2));
    let text = shop(13).text();
    repo.commit("remark", &[("arch/main.sruja", Some(&format!("// In other words.\n{text}")))]);
    assert_eq!(sweep(&repo), (4, 4, 2));
    repo.commit("title", &[("arch/main.sruja", Some(&text.replace("Interface", "Entrance")))]);
    assert_eq!(sweep(&repo), (5, 5, 2));
    repo.commit("faster", &[("arch/main.sruja", Some(&text.replace("exponential(5ms)", "exponential(4ms)")))]);
    assert_eq!(sweep(&repo), (6, 5, 3));
    assert_eq!(sweep(&repo), (6, 6, 3));
}

/// Three commits and a scenario that names two of them and three loads.
fn with_commits(statement: &str) -> Repo {
    let mut repo = Repo::new();
    for n in [1, 13, TURN] {
        let load = "commits last 2  load = 20..60 step 20".replace("commits last 2", statement);
        let text = shop(n).text().replace("load = 50", &load);
        repo.commit(&format!("Change {n}"), &[("arch/main.sruja", Some(&text))]);
    }
    repo
}

fn ids(repo: &Repo, revisions: &[&str]) -> Vec<String> {
    revisions.iter().map(|r| repo.git.revparse_single(r).unwrap().id().to_string()[..7].to_owned()).collect()
}

#[test]
fn runs_are_called_by_commit_and_value() {
    let repo = with_commits("commits last 2");
    let [before, head] = &ids(&repo, &["HEAD~1", "HEAD"])[..] else { panic!() };
    let names = |args: &[&str]| {
        let said = sruja(&repo, args);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
        said.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = [before, head].map(|id| [20, 40, 60].map(|load| format!("{id}:Load-{load}"))).concat();
    assert_eq!(names(&["expand"]), all);
    let report = repo.sweep(&["--set", "load=[30, 50]"]);
    let of_both = [before, head].map(|id| [30, 50].map(|load| format!("{id}:Load-{load}"))).concat();
    assert_eq!(list(&report["runs"], "name"), of_both);
    assert_eq!(report["history"][0]["regressions"][0]["commit"], head.as_str());
}

#[test]
fn versions_and_commits_go_together_and_scenarios_are_chosen() {
    let mut repo = with_commits("");
    let race = "version Tuned { Db.service_time = 1ms }\n\
                scenario Race { versions [Tuned, working]  commits last 1  load = 20  duration 5s  replications 2 }\n";
    let text = repo.sandbox.text("arch/main.sruja") + race;
    repo.commit("race", &[("arch/main.sruja", Some(&text))]);
    let head = &ids(&repo, &["HEAD"])[0];
    let said = sruja(&repo, &["expand", "--scenario", "Race"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let names: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&format!("{head}:Race").as_str()), "{names:?}");
    let report = repo.sweep(&["--scenario", "Load", "--commits", "last 2"]);
    let scenarios = list(&report["runs"], "scenario");
    assert!(scenarios.len() == 6 && scenarios.iter().all(|name| *name == "Load"), "{scenarios:?}");
}

#[test]
fn too_many_combinations_of_commits_are_refused_at_once() {
    let repo = repo_of(1..=3, &[]);
    let begun = std::time::Instant::now();
    for more in [&[][..], &["--bisect", "p95 < 1s"]] {
        let said = sruja(&repo, &[&["sweep", "--set", "load=1..1000000000 step 1"], more].concat());
        assert!(said.code == Some(2) && said.stderr.contains("error[E0401]"), "{said:?}");
    }
    assert!(begun.elapsed().as_secs() < 5);
}

#[test]
fn why_rerun_knows_the_runs_of_commits() {
    let repo = with_commits("commits last 2");
    let [before, head] = &ids(&repo, &["HEAD~1", "HEAD"])[..] else { panic!() };
    let why = |name: &str| {
        let said = cached(&repo, &["why-rerun", name, "arch/main.sruja"]);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
        said.stdout
    };
    assert!(why(&format!("{head}:Load-20")).contains("never simulated"));
    assert_eq!(cached(&repo, &["sweep", "arch/main.sruja"]).code, Some(0));
    let both: Vec<String> = why("*:Load-20").lines().map(|line| line.split(" (").next().unwrap().to_owned()).collect();
    assert_eq!(both, [format!("{before}:Load-20"), format!("{head}:Load-20")]);
    assert_eq!(why("*:Load-*").matches("cached, nothing differs").count(), 6);
    let text = repo.sandbox.text("arch/main.sruja");
    repo.sandbox.write("arch/main.sruja", text.replace("duration 5s", "duration 6s"));
    let told = why(&format!("{head}:Load-20"));
    assert!(told.contains("not cached") && told.contains("duration  5s → 6s"), "{told}");
}
