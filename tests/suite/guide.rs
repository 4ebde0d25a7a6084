//! What the guide shows of a terminal is what its commands print.

use crate::repository::Repo;
use crate::support::{Sandbox, outcome, read};

/// A command of a page, with what the page shows of its output.
struct Sample {
    command: String,
    shown: String,
}

fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = read(&format!("docs/src/guide/{page}"));
    let fence = format!("```{language}\n");
    let starts = text.split(&fence).skip(1);
    starts.filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

/// The commands of a page whose output it shows.
fn samples(page: &str) -> Vec<Sample> {
    let blocks = blocks(page, "text");
    let commands = blocks.iter().flat_map(|block| block.strip_prefix("$ ").into_iter().flat_map(|b| b.split("\n$ ")));
    let pairs = commands.filter_map(|text| text.split_once('\n')).filter(|(_, shown)| !shown.is_empty());
    pairs.map(|(command, shown)| Sample { command: command.into(), shown: shown.into() }).collect()
}

/// The words of a command, in which quotes hold together.
fn words(command: &str) -> Vec<String> {
    let quoted = command.split('\'').enumerate();
    let parts = quoted.flat_map(|(n, part)| if n % 2 == 1 { vec![part] } else { part.split_whitespace().collect() });
    parts.map(str::to_owned).collect()
}

/// A report without the time that it took.
fn timeless(report: &str) -> String {
    let cut = |line: &str| line.find(" events · ").map_or(line.len(), |at| at + " events".len());
    report.lines().map(|line| format!("{}\n", &line[..cut(line)])).collect()
}

#[track_caller]
fn prints(sandbox: &Sandbox, sample: &Sample) {
    let words = words(&sample.command);
    assert_eq!(words[0], "sruja");
    let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let out = outcome(sandbox.command(&args).env_remove("SRUJA_NO_CACHE"), "");
    let is_shown = timeless(&out.stdout).contains(&timeless(&sample.shown));
    assert!(is_shown, "{}\nis shown with\n{}\nand prints\n{}{}", sample.command, sample.shown, out.stdout, out.stderr);
}

/// The shop of the page on history, in eight commits.
fn history() -> Repo {
    let shop = |title: &str, replicas: u32, work: &str, timeout: &str, more: &str| {
        format!(
            "Customer = person \"Customer\"\n\
             Shop = system \"Shop\" {{\n  Api = service \"API\"\n  Db = database \"{title}\"\n  Api -> Db \"asks\"\n}}\n\
             Customer -> Shop.Api \"shops\"\n{more}\
             behavior Shop.Api {{ service_time exponential(8ms)  replicas {replicas}  concurrency 4  cost 0.10USD/h }}\n\
             behavior Shop.Db {{ service_time exponential({work})  concurrency 8  cost 0.40USD/h }}\n\
             behavior Shop.Api -> Shop.Db {{ timeout {timeout} }}\n\
             scenario Busy {{\n  load = 200   duration 60s   warmup 10s   replications 8   seed 1\n  expect p95 < 60ms\n}}\n"
        )
    };
    let arch = "arch/main.sruja";
    let commits = [
        ("The shop as it is", arch, shop("DB", 2, "10ms", "1s", "")),
        ("A readme", "README.md", "# Shop\n".to_owned()),
        ("What the database is for", arch, shop("Orders", 2, "10ms", "1s", "")),
        ("Towards a cache", arch, shop("Orders", 2, "10ms", "1s", "Shop.Api -> Shop.Cache\n")),
        ("A third API server", arch, shop("Orders", 3, "10ms", "1s", "")),
        ("Search in the database, shorter timeout", arch, shop("Orders", 3, "22ms", "500ms", "")),
        ("Review", arch, shop("Orders", 3, "22ms", "500ms", "// Reviewed.\n")),
        ("An index for the search", arch, shop("Orders", 3, "12ms", "500ms", "// Reviewed.\n")),
    ];
    let mut repo = Repo::new();
    repo.pace = 10 * 86_400;
    for (message, path, text) in commits {
        repo.commit(message, &[(path, Some(&text))]);
    }
    repo
}

#[test]
fn the_history_of_the_shop_is_told_as_it_is() {
    let repo = history();
    let samples = samples("history.md");
    assert_eq!(samples.len(), 3);
    let compared = blocks("history.md", "text").into_iter().find(|block| block.starts_with("version ")).unwrap();
    repo.tag("v1.0", repo.git.revparse_single("HEAD~3").unwrap().id());
    for sample in &samples {
        // The page comes to that comparison last, and its scenario is not one of the history.
        if sample.command.contains("Compare") {
            let text = repo.sandbox.text("arch/main.sruja");
            repo.sandbox.write("arch/main.sruja", text + &compared);
        }
        prints(&repo.sandbox, sample);
    }
    let page = read("docs/src/guide/history.md");
    let is_id = |word: &&str| word.len() == 7 && word.chars().all(|c| c.is_ascii_hexdigit());
    let ids = page.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_id);
    assert!(ids.clone().all(|id| repo.git.revparse_single(id).is_ok()), "{:?}", ids.collect::<Vec<_>>());
}

#[test]
fn what_a_page_shows_of_its_own_example_is_what_it_prints() {
    for (page, file) in [("getting-started.md", "shop.sruja"), ("closed-forms.md", "server.sruja")] {
        let sandbox = Sandbox::with(&[(file, &blocks(page, "sruja")[0])]);
        let samples = samples(page);
        assert!(!samples.is_empty(), "{page}");
        samples.iter().for_each(|sample| prints(&sandbox, sample));
    }
}

#[test]
fn a_changed_number_is_why_a_run_is_simulated_again() {
    let shop = |replicas: u32| {
        let model = "U = person \"U\"\nShop = system \"Shop\" { Api = service \"API\" }\nU -> Shop.Api\n";
        format!(
            "{model}behavior Shop.Api {{ replicas {replicas} }}\nscenario Load {{ load = [100, 200]  duration 5s }}\n"
        )
    };
    let sandbox = Sandbox::with(&[("shop.sruja", &shop(3))]);
    let run = outcome(sandbox.command(&["run", "shop.sruja"]).env_remove("SRUJA_NO_CACHE"), "");
    assert_eq!(run.code, Some(0), "{run:?}");
    sandbox.write("shop.sruja", shop(4));
    let samples = samples("cache.md");
    assert_eq!(samples.len(), 1);
    prints(&sandbox, &samples[0]);
}
