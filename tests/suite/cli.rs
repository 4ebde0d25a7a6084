//! The command line as a user or a script meets it.

use crate::support::{Sandbox, outcome};
use serde_json::Value;

const GOOD: &str = "Shop = system \"Shop\" {\n  Api = container \"API\"\n}\nCustomer = person \"Customer\"\nCustomer -> Shop.Api \"buys\"\n";
const UNCLOSED: &str = "Shop = system \"Shop\n";
const QUOTES: &str = "Shop = system “Shop”\n";

#[test]
fn a_good_file_is_worth_one_line() {
    let found = Sandbox::with(&[("shop.sruja", GOOD)]).sruja(&["check"]);
    assert_eq!((found.stdout.as_str(), found.stderr.as_str(), found.code), ("no problems in 1 file\n", "", Some(0)));
}

#[test]
fn quiet_says_nothing_when_nothing_is_wrong() {
    let found = Sandbox::with(&[("shop.sruja", GOOD)]).sruja(&["-q", "check"]);
    assert_eq!((found.stdout.as_str(), found.code), ("", Some(0)));
}

#[test]
fn an_error_is_shown_where_it_stands_and_ends_with_1() {
    let found = Sandbox::with(&[("arch/shop.sruja", UNCLOSED), ("other.sruja", GOOD)]).sruja(&["check"]);
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.stdout.contains("error[E0104]:") && found.stdout.contains("[arch/shop.sruja:1:"), "{}", found.stdout);
    assert!(found.stdout.contains(" in 2 files"), "{}", found.stdout);
    assert_eq!(found.stderr, "");
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let sandbox = Sandbox::with(&[("empty/readme.md", "")]);
    let missing = sandbox.sruja(&["check", "nope.sruja"]);
    assert_eq!((missing.stderr.as_str(), missing.code), ("error: nope.sruja: no such file\n", Some(2)));
    let empty = sandbox.sruja(&["check", "empty"]);
    assert_eq!((empty.stderr.as_str(), empty.code), ("error: no .sruja files below empty\n", Some(2)));
}

#[test]
fn wrong_usage_ends_with_2_and_offers_what_was_meant() {
    let sandbox = Sandbox::with(&[]);
    for (args, wanted) in [
        (&["chek"][..], "'check'"),
        (&["check", "--deny", "W1301x"], "did you mean `W1301`?"),
        (&["check", "--allow", "E0201"], "E0201 is not a lint"),
        (&["explain", "servce_time"], "did you mean `service_time`?"),
        (&["man", "chek"], "did you mean `check`?"),
        (&["run", "a.sruja", "--set", "load"], "PATH=VALUE"),
        (&["run", "a.sruja", "-j", "0"], "0"),
        (&["check", "-q", "-v"], "cannot be used with"),
    ] {
        sandbox.write("a.sruja", GOOD);
        let found = sandbox.sruja(args);
        assert_eq!((found.stdout.as_str(), found.code), ("", Some(2)), "{args:?}");
        assert!(found.stderr.contains(wanted), "{args:?}: {}", found.stderr);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let sandbox = Sandbox::with(&[]);
    let version = sandbox.sruja(&["--version"]);
    assert_eq!((version.stdout, version.code), (format!("sruja {}\n", env!("CARGO_PKG_VERSION")), Some(0)));
    let help = sandbox.sruja(&["--help"]);
    assert!(help.stdout.contains("Exit status:") && help.stderr.is_empty());
}

#[test]
fn json_has_the_contracts_keys_in_its_order() {
    let found = Sandbox::with(&[("a.sruja", QUOTES)]).sruja(&["check", "--format", "json"]);
    let value: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!((&value["schema"], found.code), (&Value::from("sruja.check/1"), Some(1)));
    let first = &value["diagnostics"][0];
    assert_eq!(
        (&first["code"], &first["severity"], &first["file"]),
        (&"E0114".into(), &"error".into(), &"a.sruja".into())
    );
    assert_eq!(first["span"]["start"]["line"], 1);
    assert_eq!(first["fixes"][0]["certain"], true);
    let keys = [
        "\"schema\"",
        "\"diagnostics\"",
        "\"code\"",
        "\"message\"",
        "\"help\"",
        "\"span\"",
        "\"related\"",
        "\"summary\"",
    ];
    let places: Vec<_> = keys.iter().map(|key| found.stdout.find(key).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn machine_formats_of_a_good_file_are_complete_documents() {
    let sandbox = Sandbox::with(&[("a.sruja", GOOD)]);
    let json: Value = serde_json::from_str(&sandbox.sruja(&["check", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["summary"], serde_json::json!({"errors": 0, "warnings": 0, "files": 1}));
    let sarif: Value = serde_json::from_str(&sandbox.sruja(&["check", "--format", "sarif"]).stdout).unwrap();
    assert_eq!((&sarif["version"], &sarif["runs"][0]["results"]), (&"2.1.0".into(), &Value::Array(Vec::new())));
    assert_eq!(sandbox.sruja(&["check", "--format", "github"]).stdout, "");
}

#[test]
fn sarif_and_annotations_name_file_and_line() {
    let sandbox = Sandbox::with(&[("my arch/a.sruja", UNCLOSED)]);
    let sarif: Value = serde_json::from_str(&sandbox.sruja(&["check", "--format", "sarif"]).stdout).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&"my%20arch/a.sruja".into(), &1.into())
    );
    let github = sandbox.sruja(&["check", "--format", "github"]).stdout;
    assert!(github.starts_with("::error file=my arch/a.sruja,line=1,"), "{github}");
}

#[test]
fn a_result_can_go_to_a_file() {
    let sandbox = Sandbox::with(&[("a.sruja", UNCLOSED)]);
    let found = sandbox.sruja(&["check", "--format", "json", "-o", "out.json"]);
    assert_eq!((found.stdout.as_str(), found.code), ("", Some(1)));
    assert!(sandbox.text("out.json").contains("E0104"));
    assert_eq!(sandbox.sruja(&["check", "-o", "no/such/folder/x"]).code, Some(2));
}

#[test]
fn fix_mends_what_is_certain_and_reports_the_rest() {
    let sandbox = Sandbox::with(&[("a.sruja", QUOTES), ("b.sruja", UNCLOSED)]);
    let found = sandbox.sruja(&["check", "--fix"]);
    assert_eq!(
        (sandbox.text("a.sruja").as_str(), sandbox.text("b.sruja").as_str()),
        ("Shop = system \"Shop\"\n", UNCLOSED)
    );
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.stderr.starts_with("fixed 1 problem") && !found.stdout.contains("E0114"), "{found:?}");
}

#[test]
fn color_appears_only_where_it_is_wanted() {
    let sandbox = Sandbox::with(&[("a.sruja", UNCLOSED)]);
    let colored =
        |args: &[&str], env: &str| outcome(sandbox.command(args).env("NO_COLOR", env), "").stdout.contains('\u{1b}');
    assert!(!colored(&["check"], ""), "a pipe is no terminal");
    assert!(colored(&["check", "--color", "always"], ""));
    assert!(colored(&["check", "--color", "always"], "1"), "the flag is nearer than the environment");
    sandbox.write("sruja.toml", "color = \"always\"\n");
    assert!(colored(&["check"], "") && !colored(&["check", "--color", "never"], ""));
}

#[test]
fn without_unicode_only_ascii_is_drawn() {
    let sandbox = Sandbox::with(&[("a.sruja", UNCLOSED)]);
    let shown = outcome(sandbox.command(&["check"]).env("LC_ALL", "C"), "").stdout;
    assert!(shown.contains("E0104") && shown.is_ascii(), "{shown}");
}

#[test]
fn lints_follow_the_file_and_the_command_line() {
    let unread = "Shop = system \"Shop\" {\n  slo { latency { p95 \"fast\" } }\n}\n";
    let sandbox = Sandbox::with(&[("a.sruja", unread)]);
    let codes = |args: &[&str]| {
        let found = sandbox.sruja(&[&["check", "--format", "json"], args].concat());
        let value: Value = serde_json::from_str(&found.stdout).unwrap();
        let all = value["diagnostics"].as_array().unwrap().clone();
        let one = all.into_iter().find(|found| found["code"] == "W1301");
        (one.map(|found| found["severity"].as_str().unwrap().to_owned()), found.code)
    };
    assert_eq!(codes(&[]), (Some("warning".into()), Some(0)));
    assert_eq!(codes(&["--deny", "warnings"]), (Some("error".into()), Some(1)));
    assert_eq!(codes(&["--allow", "W1301"]), (None, Some(0)));
    sandbox.write("sruja.toml", "[lints]\nW1301 = \"error\"\n");
    assert_eq!(codes(&[]), (Some("error".into()), Some(1)));
    assert_eq!(codes(&["--warn", "w1301"]), (Some("warning".into()), Some(0)));
}

#[test]
fn a_mistake_in_sruja_toml_is_shown_where_it_stands() {
    let sandbox = Sandbox::with(&[("sruja.toml", "jobs = 2\nsede = 4\n"), ("deep/a.sruja", GOOD)]);
    for command in ["check", "fmt", "run", "expand"] {
        let found = sandbox.sruja(&[command, "deep/a.sruja"]);
        assert_eq!((found.stdout.as_str(), found.code), ("", Some(2)), "{command}");
        assert!(
            found.stderr.contains("sruja.toml:2:1") && found.stderr.contains("did you mean `seed`?"),
            "{}",
            found.stderr
        );
    }
}

#[test]
fn fmt_writes_in_place_and_is_idempotent() {
    let sandbox = Sandbox::with(&[("a.sruja", "Shop = system \"Shop\"   \n"), ("b.sruja", GOOD)]);
    let first = sandbox.sruja(&["fmt"]);
    assert_eq!((first.stdout.as_str(), first.code), ("", Some(0)));
    assert_eq!(first.stderr, "1 file formatted, 1 already formatted\n");
    assert_eq!(sandbox.text("a.sruja"), "Shop = system \"Shop\"\n");
    assert_eq!(sandbox.sruja(&["fmt"]).stderr, "0 files formatted, 2 already formatted\n");
}

#[test]
fn fmt_check_and_diff_change_nothing() {
    let old = "Shop = system \"Shop\"   \n";
    let sandbox = Sandbox::with(&[("a.sruja", old)]);
    let check = sandbox.sruja(&["fmt", "--check"]);
    assert_eq!((check.stdout.as_str(), check.code), ("a.sruja\n", Some(1)));
    let diff = sandbox.sruja(&["fmt", "--diff", "a.sruja"]);
    assert_eq!(diff.code, Some(0));
    assert!(diff.stdout.contains("-Shop = system \"Shop\"   \n+Shop = system \"Shop\"\n"), "{}", diff.stdout);
    assert_eq!(sandbox.text("a.sruja"), old);
    assert_eq!(sandbox.sruja(&["fmt", "--diff", "--check"]).code, Some(1));
}

#[test]
fn fmt_takes_standard_input() {
    let sandbox = Sandbox::with(&[]);
    let found = sandbox.sruja_with_input(&["fmt", "-"], "Shop = system \"Shop\"   \n");
    assert_eq!((found.stdout.as_str(), found.stderr.as_str(), found.code), ("Shop = system \"Shop\"\n", "", Some(0)));
    let broken = sandbox.sruja_with_input(&["fmt", "-"], UNCLOSED);
    assert_eq!((broken.stdout.as_str(), broken.code), ("", Some(2)));
    assert!(broken.stderr.contains("E0104") && broken.stderr.contains("<stdin>:1:"), "{}", broken.stderr);
    assert_eq!(sandbox.sruja_with_input(&["fmt", "--check", "-"], "Shop = system \"Shop\"  \n").code, Some(1));
}

#[test]
fn fmt_leaves_a_broken_file_alone_and_says_so() {
    let sandbox = Sandbox::with(&[("a.sruja", UNCLOSED)]);
    let found = sandbox.sruja(&["fmt"]);
    assert_eq!((sandbox.text("a.sruja").as_str(), found.code), (UNCLOSED, Some(2)));
    assert!(found.stderr.ends_with("0 files formatted, 0 already formatted, 1 file with errors left as they are\n"));
}

#[test]
fn a_file_that_does_not_compile_is_not_run() {
    let sandbox = Sandbox::with(&[("a.sruja", UNCLOSED)]);
    for command in ["run", "expand"] {
        let found = sandbox.sruja(&[command, "a.sruja"]);
        assert_eq!((found.stdout.as_str(), found.code), ("", Some(2)), "{command}");
        assert!(found.stderr.contains("E0104"), "{}", found.stderr);
    }
}

#[test]
fn bytes_that_are_no_text_are_no_panic() {
    let sandbox = Sandbox::with(&[]);
    sandbox.write("a.sruja", [0xff, 0xfe, 0x00, 0x1b, b'\n']);
    let found = sandbox.sruja(&["check"]);
    assert!(matches!(found.code, Some(0..=2)), "{found:?}");
    assert!(!found.stdout.contains('\u{1b}') && !found.stderr.contains("bug"), "{found:?}");
    assert_eq!(sandbox.sruja(&["fmt", "a.sruja"]).code, Some(2));
}

#[test]
fn explain_knows_codes_and_names() {
    let sandbox = Sandbox::with(&[]);
    let all = sandbox.sruja(&["explain"]).stdout;
    assert!(sruja::diag::CODES.iter().all(|code| all.contains(code.id)));
    for (name, wanted) in [
        ("e0104", "Wrong:"),
        ("retry", "an attribute of relations"),
        ("kill", "a chaos verb"),
        ("p99.95", "a metric"),
        ("lognormal", "a distribution"),
        ("load", "a knob of scenarios"),
        ("warmup", "a setting of scenarios"),
        ("database", "a kind of elements"),
        ("fail_on", "a key of sruja.toml"),
    ] {
        let found = sandbox.sruja(&["explain", name]);
        assert!(found.code == Some(0) && found.stdout.contains(wanted), "{name}: {}", found.stdout);
    }
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let sandbox = Sandbox::with(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(sandbox.sruja(&["completions", shell]).stdout.contains("check"), "{shell}");
    }
    assert!(sandbox.sruja(&["man"]).stdout.contains(".TH sruja 1"));
    assert!(sandbox.sruja(&["man", "check"]).stdout.contains("watch"));
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    let sandbox = Sandbox::with(&[]);
    let mut child = sandbox.command(&["completions", "zsh"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.stderr.len(), output.status.code()), (0, Some(0)));
}

#[test]
fn a_device_or_a_pipe_is_written_to_and_not_replaced() {
    let sandbox =
        Sandbox::with(&[("a.sruja", "U = person \"U\"\nA = service \"A\"\nU -> A\nscenario S { load = [1, 2] }\n")]);
    let pipe = sandbox.dir.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    let out = sandbox.sruja(&["expand", "a.sruja", "-o", "pipe"]);
    assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""));
    assert_eq!(reader.join().unwrap(), "S-1\nS-2\n");
    use std::os::unix::fs::FileTypeExt;
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[test]
fn reports_are_one_document_or_one_run_a_line() {
    let model = "U = person\nA = service\nU -> A\nbehavior A { service_time 1ms }\n";
    let text = format!("{model}scenario S {{ load = [10, 20]  duration 5s  replications 1 }}");
    let sandbox = Sandbox::with(&[("a.sruja", &text)]);
    let whole: Value = serde_json::from_str(&sandbox.sruja(&["run", "a.sruja", "--format", "json"]).stdout).unwrap();
    assert_eq!(sandbox.sruja(&["run", "a.sruja", "--format", "jsonl", "-o", "runs"]).stdout, "");
    let lines: Vec<Value> = sandbox.text("runs").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(whole["runs"], Value::Array(lines[..2].to_vec()));
    assert_eq!((&lines[2]["ranking"], &lines[2]["runs"]), (&whole["ranking"], &Value::Array(Vec::new())));
}

/// A folder means each file with a scenario, and each has a report of its own.
#[test]
fn a_folder_is_run_file_by_file() {
    let model = "U = person \"U\"\nA = service \"A\"\nU -> A\n";
    let scenario = |name: &str| {
        format!("import {{ * }} from './model.sruja'\nscenario {name} {{ load = 10/s  duration 5s  replications 1 }}\n")
    };
    let sandbox = Sandbox::with(&[
        ("arch/model.sruja", model),
        ("arch/one.sruja", &scenario("One")),
        ("arch/deep/two.sruja", &scenario("Two").replace("./model", "../model")),
        ("bare/model.sruja", model),
    ]);
    let said = sandbox.sruja(&["run", "arch", "--format", "json"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let reports: Vec<serde_json::Value> = serde_json::Deserializer::from_str(&said.stdout)
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("documents in a row");
    let runs: Vec<&str> = reports.iter().filter_map(|report| report["runs"][0]["name"].as_str()).collect();
    assert_eq!(runs, ["Two", "One"]);
    let text = sandbox.sruja(&["run", "arch"]).stdout;
    assert!(text.contains("arch/one.sruja") && text.contains("arch/deep/two.sruja"), "{text}");
    assert!(!text.contains("arch/model.sruja"), "{text}");
    let bare = sandbox.sruja(&["run", "bare"]);
    assert_eq!(bare.code, Some(2));
    assert!(bare.stderr.contains("no file below bare has a scenario"), "{}", bare.stderr);
}

/// Files of a folder that have none of the scenarios that were asked for are left out; one that no file has is a mistake.
#[test]
fn a_scenario_is_run_in_the_files_that_have_it() {
    let file = |name: &str| {
        format!("U = person\nA = service\nU -> A\nscenario {name} {{ load = 10/s  duration 5s  replications 1 }}\n")
    };
    let sandbox = Sandbox::with(&[
        ("arch/a.sruja", &file("One")),
        ("arch/b.sruja", &file("Two")),
        ("arch/c.sruja", &file("Other")),
    ]);
    let runs = |args: &[&str]| -> Vec<String> {
        let said = sandbox.sruja(&[&["run", "arch", "--format", "jsonl"], args].concat());
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        let lines = said.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| line["name"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(runs(&["--scenario", "Two"]), ["Two"]);
    assert_eq!(runs(&["--scenario", "Two", "--scenario", "O*"]), ["One", "Two", "Other"]);
    let none = sandbox.sruja(&["run", "arch", "--scenario", "One", "--scenario", "Twoo"]);
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("no scenario matches `Twoo`; did you mean `Two`?"), "{}", none.stderr);
    assert!(none.stdout.is_empty());
}

/// What an option was given is shown as it was typed.
#[test]
fn an_option_is_a_source_of_its_own() {
    let file = "U = person \"U\"\nA = service \"A\"\nU -> A\nscenario S { load = 10/s  duration 5s  replications 1 }\n";
    let sandbox = Sandbox::with(&[("a.sruja", file)]);
    let said = sandbox.sruja(&["run", "a.sruja", "--set", "A.replcas=3"]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("--set:1:3") && said.stderr.contains("A.replcas=3"), "{}", said.stderr);
    assert!(!said.stderr.contains("scenario Set"), "{}", said.stderr);
}
