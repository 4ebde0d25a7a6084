//! One test a request: a text with a cursor, what is asked there, what comes back.

use super::client::{Client, applied, covered, marked, position};
use serde_json::{Value, json};

const SHOP: &str = r#"Customer = person "Customer"
Shop = system "Shop" {
  Api = service "API" { technology "Java" }
  Db = database "Orders" { technology "PostgreSQL" }
  Api -> Db "reads"
}
Customer -> Shop.Api "shops"
behavior Shop.Api { service_time 5ms replicas 2 concurrency 8 }
behavior Shop.Db { service_time 20ms concurrency 8 }
behavior Shop.Api -> Shop.Db { timeout 400ms retry 2 }
scenario Base "Base" {
  param peak = 5x
  load = 100..300 step 100
  duration 10s
  at 3s surge load peak for 2s
  expect p95(Shop.Api) < 200ms
}
"#;

/// The shop with a cursor behind the n-th `what`.
fn cursor(what: &str, n: usize) -> String {
    let at = SHOP.match_indices(what).nth(n).unwrap().0 + what.len();
    format!("{}$0{}", &SHOP[..at], &SHOP[at..])
}

fn shop() -> Client {
    Client::with(&[("shop.sruja", SHOP)])
}

/// What every range of the answer covers.
fn texts(answer: &Value) -> Vec<&'static str> {
    answer.as_array().unwrap().iter().map(|one| covered(SHOP, &one["range"])).collect()
}

fn labels(answer: &Value) -> Vec<String> {
    answer["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_session_begins_with_capabilities_and_ends_orderly() {
    let client = shop();
    let capabilities = &client.initialized["capabilities"];
    assert_eq!(capabilities["textDocumentSync"]["change"], 2);
    assert_eq!(capabilities["positionEncoding"], "utf-16");
    for provider in [
        "completionProvider",
        "hoverProvider",
        "definitionProvider",
        "referencesProvider",
        "documentSymbolProvider",
        "workspaceSymbolProvider",
        "codeActionProvider",
        "codeLensProvider",
        "documentLinkProvider",
        "documentFormattingProvider",
        "documentRangeFormattingProvider",
        "documentOnTypeFormattingProvider",
        "renameProvider",
        "foldingRangeProvider",
        "selectionRangeProvider",
        "callHierarchyProvider",
        "semanticTokensProvider",
        "inlayHintProvider",
        "signatureHelpProvider",
        "documentHighlightProvider",
    ] {
        assert!(!capabilities[provider].is_null(), "{provider}");
    }
    assert_eq!(client.end(), Some(0));
}

#[test]
fn diagnostics_follow_every_change_and_go_with_the_file() {
    let mut client = Client::with(&[("other.sruja", "A = system \"A\" {\n")]);
    client.settle();
    assert_eq!(client.published["other.sruja"][0]["code"], "E0102", "files that are not open are checked, too");
    client.open("new.sruja", "A = system \"A\"\nA -> B\n");
    client.settle();
    let found = &client.published["new.sruja"];
    assert_eq!((found[0]["code"].as_str(), found[0]["severity"].as_u64()), (Some("E0201"), Some(1)));
    assert_eq!(
        found[0]["range"],
        json!({ "start": { "line": 1, "character": 5 }, "end": { "line": 1, "character": 6 } })
    );
    assert!(found[0]["message"].as_str().unwrap().contains("nothing is called `B`"), "{found:?}");
    // Incremental: the declaration is typed in above.
    let range = json!({ "start": { "line": 0, "character": 14 }, "end": { "line": 0, "character": 14 } });
    client.change("new.sruja", json!([{ "range": range, "text": "\nB = system \"B\"" }]));
    client.settle();
    assert!(!client.published["new.sruja"].iter().any(|found| found["code"] == "E0201"));
    client.rewrite("new.sruja", "A = {");
    client.settle();
    assert!(!client.published["new.sruja"].is_empty());
    client.close("new.sruja");
    client.settle();
    assert!(client.published["new.sruja"].is_empty(), "it is not on disk");
}

#[test]
fn a_file_that_is_opened_as_it_is_on_disk_is_told_of() {
    let mut client = Client::with(&[("a.sruja", "A = system \"A\"\n")]);
    client.settle();
    assert!(!client.published.contains_key("a.sruja"));
    client.open("a.sruja", "A = system \"A\"\n");
    client.settle();
    assert!(client.published.contains_key("a.sruja"), "the client learns that its version has been checked");
}

#[test]
fn an_edit_of_an_import_is_felt_by_whoever_imports_it() {
    let files = [
        ("lib.sruja", "Db = database \"Db\"\n"),
        ("main.sruja", "import \"./lib.sruja\"\nA = system \"A\"\nA -> Db\n"),
    ];
    let mut client = Client::with(&files);
    client.settle();
    assert!(!client.published.get("main.sruja").is_some_and(|all| all.iter().any(|d| d["code"] == "E0201")));
    client.open("lib.sruja", "Store = database \"Db\"\n");
    client.settle();
    assert!(client.published["main.sruja"].iter().any(|found| found["code"] == "E0201"));
    client.close("lib.sruja");
    client.settle();
    assert!(!client.published["main.sruja"].iter().any(|found| found["code"] == "E0201"), "the disk counts again");
    client.sandbox.write("lib.sruja", "Other = database \"Db\"\n");
    let uri = client.uri("lib.sruja");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 2 }] }));
    client.settle();
    assert!(client.published["main.sruja"].iter().any(|found| found["code"] == "E0201"));
}

#[test]
fn what_importers_say_of_a_file_stands_while_it_is_edited() {
    let part = "D = service \"D\"\nF = service \"F\"\n";
    let user =
        "import \"./part.sruja\"\nU = person \"U\"\nU -> D \"asks\"\nscenario Only { load = 5/s duration 10s }\n";
    let mut client = Client::with(&[("part.sruja", part), ("user.sruja", user)]);
    // By itself the file has no traffic at all: that none reaches F is said by the one that imports it.
    let unreached = |found: &[Value]| {
        let lines = found.iter().filter(|one| one["code"] == "W1101").map(|one| one["range"]["start"]["line"].as_u64());
        lines.collect::<Vec<_>>()
    };
    client.open("part.sruja", part);
    client.settle();
    assert_eq!(unreached(&client.published["part.sruja"]), [Some(1)]);
    for lines in 1..=20 {
        client.told.clear();
        client.rewrite("part.sruja", &("// a line\n".repeat(lines) + part));
        client.settle();
        let of_part: Vec<_> = client.told.iter().filter(|(path, _)| path == "part.sruja").collect();
        assert!(!of_part.is_empty());
        for (_, found) in of_part {
            assert_eq!(unreached(found), [Some(1 + lines as u64)], "{found:?}");
        }
    }
    client.rewrite("part.sruja", &(part.to_owned() + "D -> F \"asks\"\n"));
    client.settle();
    assert!(unreached(&client.published["part.sruja"]).is_empty());
}

#[test]
fn lints_have_the_levels_of_the_workspace() {
    let mut client = Client::with(&[("sruja.toml", "[lints]\nW1119 = \"error\"\n"), ("shop.sruja", SHOP)]);
    let text = SHOP.replace("  load = 100..300 step 100\n", "");
    client.open("shop.sruja", &text);
    client.settle();
    let severity = |client: &Client| {
        client.published["shop.sruja"].iter().find(|d| d["code"] == "W1119").map(|d| d["severity"].clone())
    };
    assert_eq!(severity(&client), Some(json!(1)));
    client.open("sruja.toml", "[lints]\nW1119 = \"off\"\n");
    client.settle();
    assert_eq!(severity(&client), None);
    client.rewrite("sruja.toml", "[lints]\nW1119 = \"loud\"\n");
    client.settle();
    assert!(client.published.iter().any(|(path, found)| path.ends_with("sruja.toml") && !found.is_empty()));
    client.rewrite("sruja.toml", "[lints]\nW1119 = \"off\"\n");
    client.settle();
    assert!(client.published.iter().all(|(path, found)| !path.ends_with("sruja.toml") || found.is_empty()));
}

#[test]
fn hover_tells_where_each_value_comes_from() {
    let mut client = shop();
    let answer = client.at("textDocument/hover", "shop.sruja", &cursor("Shop.Api", 0), json!({})).unwrap();
    let page = answer["contents"]["value"].as_str().unwrap();
    assert!(page.starts_with("## `Shop.Api`: service"), "{page}");
    assert!(page.contains("| service_time | `5ms` | `behavior Shop.Api` shop.sruja:8 |"), "{page}");
    assert!(page.contains("*assumed*"), "{page}");
    let (_, at) = marked(&cursor("Api ->", 0));
    let relation = client.ask_at("textDocument/hover", "shop.sruja", at, json!({})).unwrap();
    let page = relation["contents"]["value"].as_str().unwrap();
    assert!(page.contains("| timeout | `400ms` | `behavior Shop.Api -> Shop.Db` shop.sruja:10 |"), "{page}");
    for (word, n, wanted) in [
        ("service_time", 0, "an attribute of"),
        ("surge", 0, "a chaos verb"),
        ("p95", 0, "a metric"),
        ("database", 0, "a kind of elements"),
        ("duration", 0, "a setting of scenarios"),
        ("peak", 1, "a parameter of the scenario"),
        ("expect", 0, "A condition that the run is held to"),
    ] {
        let (_, at) = marked(&cursor(word, n));
        let answer = client.ask_at("textDocument/hover", "shop.sruja", at, json!({})).unwrap();
        assert!(answer["contents"]["value"].as_str().is_some_and(|page| page.contains(wanted)), "{word}: {answer}");
    }
}

#[test]
fn definitions_are_found_in_other_files() {
    let lib = "Db = database \"Db\"\ncritical = tag \"Critical\"\n";
    let mut client = Client::with(&[("lib.sruja", lib)]);
    let text = "import \"./lib.sruja\"\nA = system \"A\"\nA -> D$0b\n";
    let answer = client.at("textDocument/definition", "main.sruja", text, json!({})).unwrap();
    assert_eq!(
        (answer["uri"].as_str().unwrap(), covered(lib, &answer["range"])),
        (client.uri("lib.sruja").as_str(), "Db")
    );
    let import = json!({ "line": 0, "character": 12 });
    let answer = client.ask_at("textDocument/definition", "main.sruja", import, json!({})).unwrap();
    assert_eq!(answer["uri"], client.uri("lib.sruja"));
    let links =
        client.request("textDocument/documentLink", json!({ "textDocument": { "uri": client.uri("main.sruja") } }));
    assert_eq!(links.unwrap()[0]["target"], client.uri("lib.sruja"));
}

#[test]
fn a_parameter_leads_to_its_declaration() {
    let mut client = shop();
    let answer = client.at("textDocument/definition", "shop.sruja", &cursor("peak", 1), json!({})).unwrap();
    assert_eq!(answer["range"]["start"], position(SHOP, SHOP.find("peak").unwrap()));
}

#[test]
fn references_of_an_element_are_all_its_names() {
    let mut client = shop();
    let more = json!({ "context": { "includeDeclaration": true } });
    let answer = client.at("textDocument/references", "shop.sruja", &cursor("Shop.Db", 0), more).unwrap();
    assert_eq!(texts(&answer), ["Db"; 4], "its declaration, a relation, two behavior blocks");
    let (_, at) = marked(&cursor("Shop.Db", 0));
    let more = json!({ "context": { "includeDeclaration": false } });
    let answer = client.ask_at("textDocument/references", "shop.sruja", at.clone(), more).unwrap();
    assert_eq!(texts(&answer).len(), 3);
    let answer = client.ask_at("textDocument/documentHighlight", "shop.sruja", at, json!({})).unwrap();
    assert_eq!(texts(&answer).len(), 4);
}

#[test]
fn a_rename_reaches_every_file_and_leaves_the_model_as_it_was() {
    let main = "import \"./shop.sruja\"\nAudit = service \"Audit\"\nAudit -> Shop.Db\n";
    let mut client = Client::with(&[("shop.sruja", SHOP), ("main.sruja", main)]);
    client.open("main.sruja", main);
    let text = cursor("Shop.Db", 0);
    let more = json!({ "newName": "Store" });
    let edit = client.at("textDocument/rename", "shop.sruja", &text, more).unwrap();
    let changes = edit["changes"].as_object().unwrap();
    assert_eq!(changes.len(), 2, "{edit}");
    let shop = applied(SHOP, &changes[&client.uri("shop.sruja")]);
    let main = applied(main, &changes[&client.uri("main.sruja")]);
    assert_eq!(shop, SHOP.replace("Shop.Db", "Shop.Store").replace("  Db =", "  Store =").replace("-> Db", "-> Store"));
    assert!(main.ends_with("Audit -> Shop.Store\n"));
    client.rewrite("shop.sruja", &shop);
    client.rewrite("main.sruja", &main);
    client.settle();
    assert!(client.published.values().flatten().all(|found| found["severity"] != 1), "{:?}", client.published);
}

#[test]
fn what_cannot_be_renamed_says_why() {
    let mut client = shop();
    let refused = client.at("textDocument/prepareRename", "shop.sruja", &cursor("service_time", 0), json!({}));
    assert_eq!(refused.unwrap_err()["message"], "this is a word of the language");
    let (_, at) = marked(&cursor("Customer", 0));
    let answer = client.ask_at("textDocument/prepareRename", "shop.sruja", at.clone(), json!({})).unwrap();
    assert_eq!(answer["placeholder"], "Customer");
    let refused = client.ask_at("textDocument/rename", "shop.sruja", at, json!({ "newName": "two words" }));
    assert!(refused.unwrap_err()["message"].as_str().unwrap().contains("is no name"));
}

#[test]
fn outlines_nest_and_the_workspace_is_searched() {
    let mut client = shop();
    client.open("shop.sruja", SHOP);
    let uri = client.uri("shop.sruja");
    let answer = client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } })).unwrap();
    let names: Vec<&str> = answer.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Customer", "Shop", "Shop.Api", "Shop.Db", "Shop.Api -> Shop.Db", "Base"]);
    assert_eq!(answer[1]["children"][1]["name"], "Db");
    let answer = client.request("workspace/symbol", json!({ "query": "api" })).unwrap();
    assert_eq!((answer[0]["name"].as_str(), answer[0]["containerName"].as_str()), (Some("Api"), Some("Shop")));
}

#[test]
fn completion_knows_the_place() {
    for (text, first) in [
        ("behavior A { serv$0 }", "service_time"),
        ("A = system \"A\"\nB = system \"B\"\nA -> B { retry 2 { jit$0", "jitter"),
        ("A = system \"A\"\nscenario S \"S\" { at 3s kil$0 }", "kill"),
        ("A = system \"A\"\nscenario S \"S\" { expect avail$0", "availability"),
        ("scenario S extends TrafficSp$0", "TrafficSpike"),
        ("A = datab$0", "database"),
        ("beh$0", "behavior"),
    ] {
        let mut client = Client::with(&[]);
        let answer = client.at("textDocument/completion", "a.sruja", text, json!({})).unwrap();
        assert_eq!(labels(&answer).first().map(String::as_str), Some(first), "{text}");
    }
}

#[test]
fn completion_has_units_defaults_names_and_works_on_broken_files() {
    let mut client = shop();
    client.settle();
    let broken = SHOP.replace("scenario Base \"Base\" {", "behavior Shop.Api -> $0\nscenario Base \"Base\" {");
    let answer = client.at("textDocument/completion", "shop.sruja", &broken, json!({})).unwrap();
    let found = labels(&answer);
    assert!(
        ["Customer", "Shop", "Shop.Api", "Shop.Db"].iter().all(|name| found.contains(&(*name).to_owned())),
        "{found:?}"
    );
    let (text, at) = marked("behavior Shop.Api { time$0");
    client.rewrite("shop.sruja", &text);
    let answer = client.ask_at("textDocument/completion", "shop.sruja", at, json!({})).unwrap();
    let item = &answer["items"][0];
    assert_eq!(item["label"], "service_time", "a call's `timeout` does not describe an element");
    assert_eq!(item["detail"], "distribution in ms, default exponential(10ms)");
    assert!(item["documentation"]["value"].as_str().unwrap().contains("Own work of one request"));
    assert_eq!(
        applied(&text, &json!([item["textEdit"]])),
        "behavior Shop.Api { service_time lognormal(p50 8ms, p99 60ms)"
    );
}

#[test]
fn completion_of_parts_texts_and_imports() {
    let mut client = Client::with(&[("shop.sruja", SHOP), ("lib/db.sruja", "Db = database \"Db\"\n")]);
    client.open("shop.sruja", SHOP);
    client.settle();
    for (insert, wanted) in [
        ("expect p95(Shop.$0", "Shop.Db"),
        ("  Shop.Api.repl$0", "Shop.Api.replicas"),
        ("  Shop.Api.cache.$0", "Shop.Api.cache.hit_ratio"),
    ] {
        let text = SHOP.replace("  expect p95(Shop.Api) < 200ms", insert);
        let (plain, at) = marked(&text);
        client.rewrite("shop.sruja", &plain);
        let answer = client.ask_at("textDocument/completion", "shop.sruja", at, json!({})).unwrap();
        assert!(labels(&answer).contains(&wanted.to_owned()), "{insert}: {:?}", labels(&answer));
    }
    let answer = client.at("textDocument/completion", "a.sruja", "import \"$0\"", json!({})).unwrap();
    assert_eq!(labels(&answer), ["./lib/db.sruja", "./shop.sruja", "sruja.ai/stdlib"]);
    let answer =
        client.at("textDocument/completion", "b.sruja", "A = service \"A\" { technology \"Postgre$0", json!({}));
    assert!(labels(&answer.unwrap())[0].to_lowercase().starts_with("postgre"));
}

#[test]
fn snippets_are_for_clients_that_know_them() {
    let snippets = json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
    let mut client = Client::with_options(&[], snippets, json!({}));
    let answer = client.at("textDocument/completion", "a.sruja", "scenari$0", json!({})).unwrap();
    assert_eq!(answer["items"][0]["insertTextFormat"], 2);
    assert!(answer["items"][0]["textEdit"]["newText"].as_str().unwrap().starts_with("scenario ${1:Base}"));
}

#[test]
fn signatures_show_the_parameter_that_is_being_written() {
    let mut client = Client::with(&[]);
    let text = "A = system \"A\"\nbehavior A { service_time normal(5ms, $0";
    let answer = client.at("textDocument/signatureHelp", "a.sruja", text, json!({})).unwrap();
    assert_eq!(answer["signatures"][0]["label"], "normal(mean, sd)");
    assert_eq!(answer["activeParameter"], 1);
    let nothing = client.at("textDocument/signatureHelp", "b.sruja", "A = system \"A\" $0", json!({})).unwrap();
    assert!(nothing.is_null());
}

#[test]
fn files_are_laid_out_whole_in_part_and_while_typing() {
    let text = "A = system \"A\" {\n      B=service \"B\"\n        C=service \"C\"\n}\n";
    let mut client = Client::with(&[]);
    client.open("a.sruja", text);
    let document = json!({ "uri": client.uri("a.sruja") });
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let params = json!({ "textDocument": document, "options": options });
    let edits = client.request("textDocument/formatting", params).unwrap();
    assert_eq!(applied(text, &edits), "A = system \"A\" {\n  B = service \"B\"\n  C = service \"C\"\n}\n");
    client.settle();
    let range = json!({ "start": { "line": 5, "character": 0 }, "end": { "line": 5, "character": 0 } });
    let params = json!({ "textDocument": document, "options": options, "range": range });
    assert_eq!(client.request("textDocument/rangeFormatting", params).unwrap(), json!([]));
    let broken = "A = system \"A\" {\n$0";
    let more = json!({ "ch": "\n", "options": options });
    let (plain, at) = marked(broken);
    client.rewrite("a.sruja", &plain);
    let edits = client.ask_at("textDocument/onTypeFormatting", "a.sruja", at, more).unwrap();
    assert_eq!(applied(&plain, &edits), "A = system \"A\" {\n  ");
}

#[test]
fn every_fix_of_a_diagnostic_is_offered() {
    let text = "A = system \"A\"\nBee = system \"B\"\nA -> Be\nbehavior A { servic_time 5ms }\n";
    let mut client = Client::with(&[]);
    client.open("a.sruja", text);
    client.settle();
    let ask = |client: &mut Client, at: Value, only: Value| {
        let range = json!({ "start": at, "end": at });
        let document = json!({ "uri": client.uri("a.sruja") });
        let context = json!({ "diagnostics": [], "only": only });
        client
            .request("textDocument/codeAction", json!({ "textDocument": document, "range": range, "context": context }))
    };
    let found = ask(&mut client, position(text, text.find("servic_time").unwrap()), json!(["quickfix"])).unwrap();
    assert_eq!(found[0]["title"], "write `service_time`");
    assert_eq!(found[0]["diagnostics"][0]["code"], "E0204");
    let fixed = applied(text, &found[0]["edit"]["changes"][&client.uri("a.sruja")]);
    assert!(fixed.contains("{ service_time 5ms }"), "{fixed}");
}

#[test]
fn what_is_left_unsaid_can_be_said() {
    let mut client = shop();
    let text = format!("{SHOP}Mailer = service \"Mailer\"\nShop.Api -> Mailer\n");
    client.open("shop.sruja", &text);
    let offered = |client: &mut Client, at: Value| {
        let params = json!({
            "textDocument": { "uri": client.uri("shop.sruja") },
            "range": { "start": at, "end": at },
            "context": { "diagnostics": [] },
        });
        client.request("textDocument/codeAction", params).unwrap()
    };
    let made = |client: &Client, found: &Value, title: &str| {
        let action = found.as_array().unwrap().iter().find(|action| action["title"] == title);
        let action = action.unwrap_or_else(|| panic!("{title} in {found}"));
        applied(&text, &action["edit"]["changes"][&client.uri("shop.sruja")])
    };
    let found = offered(&mut client, position(&text, text.find("Mailer").unwrap()));
    let block = made(&client, &found, "create a behavior block for `Mailer`");
    assert!(block.contains("Mailer = service \"Mailer\"\nbehavior Mailer {\n  service_time "), "{block}");
    assert!(made(&client, &found, "add an explicit `service_time`").contains("behavior Mailer {"));
    let found = offered(&mut client, position(&text, text.find("retry").unwrap()));
    let waits = made(&client, &found, "add a backoff");
    assert!(waits.contains("retry 2 { backoff "), "{waits}");
    client.rewrite("shop.sruja", &waits);
    client.settle();
    assert!(client.published["shop.sruja"].iter().all(|d| d["code"] != "W1105" && d["severity"] != 1));
}

#[test]
fn capacity_stands_beside_the_text_and_can_be_turned_off() {
    let mut client = shop();
    client.open("shop.sruja", SHOP);
    let everything = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": client.uri("shop.sruja") }, "range": everything });
    let hints = |client: &mut Client| {
        let answer = client.request("textDocument/inlayHint", params.clone()).unwrap();
        let shown = |hint: &Value| (hint["position"].clone(), hint["label"].as_str().unwrap().to_owned());
        answer.as_array().unwrap().iter().map(shown).collect::<Vec<_>>()
    };
    let found = hints(&mut client);
    let behind = |word: &str| position(SHOP, SHOP.find(word).unwrap() + word.len());
    let at = |word: &str| {
        let place = behind(word);
        found.iter().find(|(at, _)| *at == place).unwrap_or_else(|| panic!("{word} in {found:?}")).1.clone()
    };
    // 300/s × 20 ms on 8 workers.
    assert!(at("  Db").starts_with("ρ 0.75 · "), "{}", at("  Db"));
    assert!(at("scenario Base").starts_with("3 runs × 3 · ≈ "), "{}", at("scenario Base"));
    assert_eq!(at("retry 2"), "at worst ×3");
    let over = SHOP.replace("load = 100..300", "load = 100..500");
    client.rewrite("shop.sruja", &over);
    let found = hints(&mut client);
    assert!(found.iter().any(|(_, label)| label.starts_with("🔴 ρ ≥ 1.25")), "{found:?}");
    // A broken text keeps its hints, at the places as they are now.
    client.rewrite("shop.sruja", &format!("// a line more\n{over}Broken = \n"));
    let moved = hints(&mut client);
    let line = |found: &[(Value, String)]| {
        found.iter().find(|(_, label)| label.contains("ρ ≥ 1.25")).map(|(at, _)| at["line"].as_u64().unwrap())
    };
    assert_eq!(line(&moved), line(&found).map(|line| line + 1));
    client.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "sruja": { "hints": { "capacity": false } } } }),
    );
    assert!(hints(&mut client).is_empty());
}

#[test]
fn the_standard_library_opens_in_clients_that_show_texts_of_servers() {
    let text = "import \"sruja.ai/stdlib\"\nscenario Mine extends TrafficSpike {\n  peak = 8x\n}\n";
    let (capabilities, extends) =
        (json!({ "workspace": { "textDocumentContent": {} } }), json!({ "line": 1, "character": 25 }));
    let mut client = Client::with_options(&[("mine.sruja", text)], capabilities, json!({}));
    let offered = &client.initialized["capabilities"]["workspace"];
    assert_eq!(offered["textDocumentContent"], json!({ "schemes": ["sruja-std"] }));
    client.open("mine.sruja", text);
    let document = json!({ "uri": client.uri("mine.sruja") });
    let params = json!({ "textDocument": document, "position": extends });
    let answer = client.request("textDocument/definition", params.clone()).unwrap();
    assert_eq!(answer["uri"], "sruja-std:///scenarios.sruja");
    let content = client.request("workspace/textDocumentContent", json!({ "uri": answer["uri"] })).unwrap();
    assert_eq!(covered(content["text"].as_str().unwrap(), &answer["range"]), "TrafficSpike");
    let hovered = client.request("textDocument/hover", params.clone()).unwrap();
    assert!(hovered["contents"]["value"].as_str().unwrap().contains("- `peak`"), "{hovered}");
    let links = client.request("textDocument/documentLink", json!({ "textDocument": document })).unwrap();
    assert_eq!(links[0]["target"], "sruja-std:///kinds.sruja");
    let refused = client.request("textDocument/prepareRename", params.clone()).unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("standard library"), "{refused}");
    assert!(client.request("workspace/textDocumentContent", json!({ "uri": "sruja-std:/other.sruja" })).is_err());

    let mut plain = Client::with(&[("mine.sruja", text)]);
    plain.open("mine.sruja", text);
    let params = json!({ "textDocument": { "uri": plain.uri("mine.sruja") }, "position": extends });
    assert_eq!(plain.request("textDocument/definition", params).unwrap(), Value::Null);
}

#[test]
fn an_element_has_the_load_of_the_nearest_scenario_or_the_one_that_is_promised() {
    let element =
        |name: &str| format!("{name} = service \"{name}\" {{ behavior {{ service_time 10ms workers 1 }} }}\n");
    let scenario = |name: &str, load: u32| format!("scenario {name} {{ load = {load}/s duration 10s }}\n");
    let slo = "slo { throughput { target \"30/s\" } }";
    let two = [element("A"), scenario("Quiet", 10), element("B"), element("C"), scenario("Busy", 80)].concat();
    let promise =
        "P = service \"P\" { behavior { service_time 10ms workers 1 } SLO }\nU = person \"U\"\nU -> P \"asks\"\n";
    let promise = promise.replace("SLO", slo);
    let user = "import \"./part.sruja\"\nU = person \"U\"\nU -> D \"asks\"\n".to_owned() + &scenario("Only", 50);
    let files =
        [("two.sruja", &two), ("promise.sruja", &promise), ("part.sruja", &element("D")), ("user.sruja", &user)];
    let mut client = Client::with(&files.map(|(name, text)| (name, text.as_str())));
    let mut shown = |file: &str, text: &str, word: &str| {
        client.open(file, text);
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let params = json!({ "textDocument": { "uri": client.uri(file) }, "range": whole });
        let answer = client.request("textDocument/inlayHint", params).unwrap();
        let at = position(text, text.find(word).unwrap() + word.len());
        let hint = answer.as_array().unwrap().iter().find(|hint| hint["position"] == at).cloned().unwrap();
        let rho = hint["label"].as_str().unwrap().split(" · ").next().unwrap().to_owned();
        (rho, hint["tooltip"]["value"].as_str().unwrap().lines().next().unwrap().to_owned())
    };
    let of = |name: &str, load: u32| {
        format!("Closed forms at {load}/s: scenario `{name}`, its highest load, without its faults.")
    };
    assert_eq!(shown("two.sruja", &two, "A"), ("ρ 0.03".into(), of("Quiet", 10)));
    assert_eq!(shown("two.sruja", &two, "C"), ("ρ 0.27".into(), of("Busy", 80)));
    assert_eq!(shown("part.sruja", &element("D"), "D"), ("ρ 0.50".into(), of("Only", 50)));
    let promised = "Closed forms at 30/s: the throughput that `slo` promises.".to_owned();
    assert_eq!(shown("promise.sruja", &promise, "P"), ("ρ 0.30".into(), promised));
}

#[test]
fn scenarios_can_be_run_from_where_they_stand() {
    let mut client = shop();
    client.open("shop.sruja", SHOP);
    let params = json!({ "textDocument": { "uri": client.uri("shop.sruja") } });
    let answer = client.request("textDocument/codeLens", params).unwrap();
    let commands: Vec<_> = answer.as_array().unwrap().iter().map(|lens| lens["command"].clone()).collect();
    assert_eq!((commands[0]["title"].as_str(), commands[0]["command"].as_str()), (Some("Run"), Some("sruja.run")));
    assert_eq!(commands[1]["title"], "Expand: 3 runs");
    assert_eq!(commands[1]["arguments"], json!([client.uri("shop.sruja"), "Base"]));
}

#[test]
fn folds_and_selections_follow_the_braces() {
    let mut client = shop();
    client.open("shop.sruja", SHOP);
    let document = json!({ "uri": client.uri("shop.sruja") });
    let folds = client.request("textDocument/foldingRange", json!({ "textDocument": document })).unwrap();
    let lines: Vec<_> =
        folds.as_array().unwrap().iter().map(|f| (f["startLine"].clone(), f["endLine"].clone())).collect();
    assert_eq!(lines, [(json!(1), json!(4)), (json!(10), json!(15))]);
    let at = position(SHOP, SHOP.find("PostgreSQL").unwrap());
    let params = json!({ "textDocument": document, "positions": [at] });
    let mut range = client.request("textDocument/selectionRange", params).unwrap()[0].clone();
    let mut grown = Vec::new();
    while !range.is_null() {
        grown.push(covered(SHOP, &range["range"]).to_owned());
        range = range["parent"].clone();
    }
    assert_eq!(grown.first().map(String::as_str), Some("\"PostgreSQL\""));
    assert!(grown.windows(2).all(|pair| pair[1].contains(&pair[0])), "{grown:?}");
    assert_eq!(grown.last().map(String::as_str), Some(SHOP));
}

#[test]
fn words_are_coloured_by_what_they_mean() {
    let mut client = shop();
    client.open("shop.sruja", SHOP);
    let legend = client.initialized["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"].clone();
    let params = json!({ "textDocument": { "uri": client.uri("shop.sruja") } });
    let answer = client.request("textDocument/semanticTokens/full", params).unwrap();
    let data: Vec<u64> = answer["data"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    let (mut line, mut column) = (0, 0);
    let mut found = Vec::new();
    for token in data.chunks(5) {
        column = if token[0] == 0 { column + token[1] } else { token[1] };
        line += token[0];
        let text = SHOP.lines().nth(line as usize).unwrap();
        let word = &text[column as usize..(column + token[2]) as usize];
        found.push((word, legend[token[3] as usize].as_str().unwrap(), token[4]));
    }
    for wanted in [
        ("Customer", "interface", 1),
        ("person", "type", 0),
        ("Api", "class", 1),
        ("service_time", "property", 0),
        ("surge", "macro", 0),
        ("p95", "function", 0),
        ("peak", "parameter", 1),
        ("peak", "parameter", 0),
        ("400ms", "number", 0),
        ("scenario", "keyword", 0),
    ] {
        assert!(found.contains(&wanted), "{wanted:?} in {found:?}");
    }
}

#[test]
fn the_hierarchy_of_calls_follows_relations() {
    let mut client = shop();
    let items =
        client.at("textDocument/prepareCallHierarchy", "shop.sruja", &cursor("Shop.Api", 0), json!({})).unwrap();
    assert_eq!(items[0]["name"], "Api");
    let params = json!({ "item": items[0] });
    let incoming = client.request("callHierarchy/incomingCalls", params.clone()).unwrap();
    let outgoing = client.request("callHierarchy/outgoingCalls", params).unwrap();
    assert_eq!((incoming[0]["from"]["name"].as_str(), incoming.as_array().unwrap().len()), (Some("Customer"), 1));
    assert_eq!((outgoing[0]["to"]["name"].as_str(), outgoing.as_array().unwrap().len()), (Some("Db"), 1));
    assert_eq!(covered(SHOP, &outgoing[0]["fromRanges"][0]), "Api -> Db \"reads\"");
}

#[test]
fn clients_that_can_are_asked_to_watch_and_to_fetch_hints_again() {
    let capabilities = json!({ "workspace": {
        "didChangeWatchedFiles": { "dynamicRegistration": true },
        "inlayHint": { "refreshSupport": true },
    } });
    let mut client = Client::with_options(&[("shop.sruja", SHOP)], capabilities, json!({}));
    client.open("shop.sruja", SHOP);
    client.settle();
    let uri = client.uri("shop.sruja");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 2 }] }));
    client.settle();
    client.settle();
    let methods: Vec<&str> = client.asked.iter().filter_map(|message| message["method"].as_str()).collect();
    assert!(methods.contains(&"client/registerCapability") && methods.contains(&"workspace/inlayHint/refresh"));
}

#[test]
fn columns_count_what_was_agreed_upon() {
    let text = "A = system \"😀\"\nB = system \"B\" // 😀😀\nA -> Z // 😀\n";
    let utf8 = json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } });
    for (capabilities, encoding, column) in [(json!({}), "utf-16", 14), (utf8, "utf-8", 16)] {
        let mut client = Client::with_options(&[], capabilities, json!({}));
        assert_eq!(client.initialized["capabilities"]["positionEncoding"], encoding);
        client.open("a.sruja", text);
        let end = json!({ "line": 0, "character": column });
        client.change("a.sruja", json!([{ "range": { "start": end, "end": end }, "text": " // Z" }]));
        let options = json!({ "tabSize": 2, "insertSpaces": true });
        let params = json!({ "textDocument": { "uri": client.uri("a.sruja") }, "options": options });
        assert_eq!(client.request("textDocument/formatting", params).unwrap(), json!([]), "errors are not laid out");
        client.settle();
        let found = &client.published["a.sruja"];
        assert!(
            found.iter().any(|d| d["code"] == "E0201" && d["range"]["start"] == json!({ "line": 2, "character": 5 }))
        );
    }
}

#[test]
fn every_keyword_that_is_offered_makes_a_statement() {
    use sruja::schema::{KEYWORDS, Where};
    for keyword in KEYWORDS {
        let mut form = keyword.form.replace("$0", "");
        while let Some(at) = form.find("${") {
            let end = at + form[at..].find('}').unwrap();
            let inner = form[at + 2..end].split_once(':').unwrap().1.to_owned();
            form.replace_range(at..=end, &inner);
        }
        for place in keyword.places {
            let text = match place {
                Where::Top => form.clone(),
                Where::Element => format!("Shop = system \"S\" {{ {form} }}"),
                Where::Scenario => format!("scenario S \"S\" {{ {form} }}"),
                Where::Flow => format!("flow F \"F\" {{ {form} }}"),
                Where::Version => format!("version v2 \"V\" extends working {{ {form} }}"),
            };
            let (_, found) = sruja::syntax::parse(sruja::source::FileId(0), &text);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
