//! What changed between two models: in words, completely, and one thing at a time.

use serde_json::Value;
use sruja::model::{Architecture, ChangeKind, ChangedPart, Project, apply, diff, groups, keep_streams};
use sruja::plan::{Plan, PlanOptions};
use sruja::sema;
use sruja::source::MemoryHost;
use std::path::Path;
use std::sync::Arc;

fn project(text: &str) -> Project {
    let host = MemoryHost::new([("w/a.sruja", text)]);
    let checked = sema::check(&host, Path::new("w/a.sruja"), Path::new("w"));
    checked.project.unwrap_or_else(|| panic!("{text}\n{:?}", checked.diagnostics))
}

fn model(text: &str) -> Architecture {
    let project = project(&format!("{text}\nscenario S {{ load = 10/s }}"));
    let model = project.versions[0].model.as_ref().unwrap_or_else(|why| panic!("{why}"));
    Architecture::clone(model)
}

fn lines(old: &str, new: &str) -> Vec<String> {
    diff(&model(old), &model(new)).iter().map(ToString::to_string).collect()
}

/// The hash that runs on this model have.
fn hash(model: &Architecture) -> String {
    let mut project = project("U = person\nA = service\nU -> A\nscenario S { load = 10/s }");
    project.versions[0].model = Ok(Arc::new(model.clone()));
    let plan = Plan::new(&project, &PlanOptions::default()).unwrap();
    plan.iter().next().unwrap().info.hash.to_string()
}

const SHOP: &str = r#"
U = person "Users"
Bot = external "Bot"
Shop = system "Shop" {
  Web = webapp "Web" { tags ["front"] }
  Api = service "API" { technology "Go" }
  Jobs = queue "Jobs"
  Dead = queue "Dead"
  Worker = service "Worker"
  Db = database "DB" { slo { latency { p95 "200ms" } availability { target "99.9%" } } }
  Cache = cache "Cache"
}
U -> Shop.Web
Bot -> Shop.Api
Shop.Web -> Shop.Api
Shop.Api -> Shop.Cache
Shop.Api -> Shop.Db
Shop.Api -> Shop.Jobs
Shop.Jobs -> Shop.Worker
Shop.Worker -> Shop.Db
behavior Shop.Web {
  service_time lognormal(p50 8ms, p99 60ms)  replicas 2  concurrency 8  queue 50  discipline lifo  nonblocking
  errors 1%  mttf 30d  mttr 5min  repair_crews 1  startup 5s  cost 0.20USD/h  rate_limit 2k/s burst 500
  shed queue > 80%  balance random  discovery { interval 5s  ttl 15s }  patience exponential(2s)
  slowdown linear(10ms)  warmup 3s  deadline propagate
}
behavior Shop.Db { replicas 3 { sync 1  lag 50ms }  shards 2 { key zipf(1.0) over 10k }  availability 99.9% }
behavior Shop.Api { scale { min 3  max 10  metric "cpu > 70%"  interval 20s  cooldown 200s }  coalesce }
behavior Shop.Cache { cache { lru 100  key zipf(0.8) over 1k  ttl 30s  hit_time 1ms } }
behavior Shop.Worker { cache { hit_ratio 30%  hit_time 2ms } }
behavior Shop.Jobs { delivery at_most_once  visibility 20s  max_deliveries 4  dead_letter Shop.Dead  capacity 1k  lag 5ms }
behavior Shop.Web -> Shop.Api {
  latency 1ms  loss 1%  timeout 300ms  cancel  retry 3 { backoff exponential(50ms, 2x, max 1s)  jitter full  budget 10%  on [timeout] }
  circuit_breaker { errors 40%  window 20s  min_calls 30  open 4s  half_open 2 }  pool 20 { wait 100ms }  bulkhead 50
  hedge after p95  fallback Shop.Cache
}
behavior Shop.Api -> Shop.Db { calls 2  write  probability 80%  circuit_breaker { consecutive 5 } }
flow Buy "Buy" { step U -> Shop.Web  step Shop.Web -> Shop.Api  step Shop.Api -> Shop.Db }
deployment Prod "Prod" { node East "E" { containerInstance Shop.Api } node West "W" { containerInstance Shop.Db } }
causal_loop R1 "Retries" { Shop.Api -> Shop.Db "+" Shop.Db -> Shop.Api "+" }
"#;

fn changed(old: &str, new: &str) -> Vec<String> {
    assert!(SHOP.contains(old), "{old}");
    lines(SHOP, &SHOP.replace(old, new))
}

#[test]
fn a_change_is_a_line_in_the_words_of_the_language() {
    let none: [&str; 0] = [];
    let cases: &[(&str, &str, &[&str])] = &[
        ("replicas 2", "replicas 6", &["~ Shop.Web.replicas 2 → 6"]),
        ("timeout 300ms", "timeout 1250ms", &["~ Shop.Web->Shop.Api.timeout 300ms → 1.25s"]),
        ("queue 50 ", "queue unbounded ", &["~ Shop.Web.queue 50 → unbounded"]),
        (
            "p99 60ms",
            "p99 90ms",
            &["~ Shop.Web.service_time lognormal(p50 8ms, p99 60ms) → lognormal(p50 8ms, p99 90ms)"],
        ),
        ("hedge after p95", "", &["~ Shop.Web->Shop.Api.hedge after p95 → none"]),
        ("fallback Shop.Cache", "", &["~ Shop.Web->Shop.Api.fallback Shop.Cache → none"]),
        ("dead_letter Shop.Dead", "", &["~ Shop.Jobs.dead_letter Shop.Dead → none"]),
        (
            "technology \"Go\"",
            "technology \"Rust\"",
            &[
                "~ Shop.Api.technology Go → Rust",
                // The profile of the standard library comes with it.
                "~ Shop.Api.service_time lognormal(p50 1ms, p99 10ms) → lognormal(p50 500us, p99 3ms)",
                "~ Shop.Api.queue 4096 → 1024",
            ],
        ),
        ("\"Web\" {", "\"Another title\" {", &none),
        ("nonblocking", "blocking", &["~ Shop.Web.blocking no → yes"]),
        ("lru 100", "lru 200", &["~ Shop.Cache.cache.lru 100 → 200"]),
        ("on [timeout]", "on [timeout, error]", &["~ Shop.Web->Shop.Api.retry.on [timeout] → [timeout, error]"]),
        (
            "p95 \"200ms\"",
            "p95 \"300ms\"",
            &["+ p95(Shop.Db) < 300ms (slo) (objective)", "- p95(Shop.Db) < 200ms (slo) (objective)"],
        ),
        (
            "containerInstance Shop.Db",
            "containerInstance Shop.Web",
            &["~ Shop.Web.deployed_to none → Prod.West", "~ Shop.Db.deployed_to Prod.West → none"],
        ),
        (
            "step Shop.Api -> Shop.Db }",
            "}",
            &["~ Buy.steps Shop.Web->Shop.Api, Shop.Api->Shop.Db → Shop.Web->Shop.Api"],
        ),
        (
            "step Shop.Api -> Shop.Db }",
            "step Shop.Api -> Shop.Db probability 50% }",
            &["~ Buy.step 2.probability 100% → 50%"],
        ),
        ("Worker -> Shop.Db\n", "Worker -> Shop.Db\nShop.Worker -> Shop.Cache\n", &["+ Shop.Worker->Shop.Cache"]),
        (
            "Shop.Api -> Shop.Cache\nShop.Api -> Shop.Db\n",
            "Shop.Api -> Shop.Db\nShop.Api -> Shop.Cache\n",
            &["~ Shop.Api: another order"],
        ),
    ];
    for (old, new, wanted) in cases {
        assert_eq!(changed(old, new), *wanted, "{old} → {new}");
    }
}

#[test]
fn an_element_that_comes_or_goes_brings_its_relations() {
    let added = SHOP.replace("Shop.Worker -> Shop.Db\n", "Shop.Worker -> Shop.Db\nShop.Api -> Shop.Search\n");
    let added = added.replace("  Cache = cache", "  Search = service \"S\"\n  Cache = cache");
    assert_eq!(lines(SHOP, &added), ["+ Shop.Search (service)", "+ Shop.Api->Shop.Search"]);
    assert_eq!(lines(&added, SHOP), ["- Shop.Search (service)", "- Shop.Api->Shop.Search"]);
    let found = groups(&diff(&model(SHOP), &model(&added)));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].part, &*found[0].subject), (ChangedPart::Element, "Shop.Search"));
    let alone = apply(&model(SHOP), &model(&added), &found[0]).unwrap();
    assert_eq!(hash(&alone), hash(&model(&added)));
}

#[test]
fn what_is_given_instead_of_assumed_is_a_change_for_it_stands_in_the_report() {
    let plain = "U = person\nA = service\nU -> A\n";
    let given = format!("{plain}behavior A {{ replicas 1 }}");
    assert_eq!(lines(plain, &given), ["~ A.replicas 1 (assumed) → 1"]);
}

fn renamed_shop(alias: &str) -> String {
    let text =
        SHOP.replace("Shop.Api", "Shop.Gateway").replace("Api = service \"API\" {", "Gateway = service \"API\" {");
    text.replace("technology \"Go\"", &format!("technology \"Go\" {alias}"))
}

#[test]
fn a_renamed_element_is_the_same_element() {
    let known = "canonical_id \"the-api\"";
    let named = SHOP.replace("technology \"Go\"", &format!("technology \"Go\" {known}"));
    let pairs = [
        (SHOP.to_owned(), renamed_shop("canonical_id \"Shop.Api\"")),
        (SHOP.to_owned(), renamed_shop("aliases [\"Shop.Api\"]")),
        (named, renamed_shop(known)),
    ];
    for (old, new) in &pairs {
        assert_eq!(lines(old, new), ["> Shop.Api renamed to Shop.Gateway"]);
        assert_eq!(lines(new, old), ["> Shop.Gateway renamed to Shop.Api"]);
        let more = new.replace("min 3", "min 4");
        let (from, to) = (model(old), model(&more));
        let to = keep_streams(&from, &to).unwrap();
        let found = groups(&diff(&from, &to));
        assert_eq!(found.len(), 1, "one element, one group: {found:?}");
        assert_eq!(hash(&apply(&from, &to, &found[0]).unwrap()), hash(&to));
    }
}

#[test]
fn a_renamed_system_takes_its_parts_along() {
    let new = SHOP
        .replace("Shop", "Store")
        .replace("Store = system \"Store\" {", "Store = system \"Store\" { canonical_id \"Shop\"");
    assert_eq!(lines(SHOP, &new), ["> Shop renamed to Store"]);
    let (from, to) = (model(SHOP), model(&new.replace("replicas 2 ", "replicas 4 ")));
    let found = groups(&diff(&from, &to));
    assert_eq!(found.len(), 2);
    // The replicas alone: the old names stay.
    let alone = apply(&from, &to, &found[1]).unwrap();
    assert_eq!(diff(&from, &alone).iter().map(ToString::to_string).collect::<Vec<_>>(), ["~ Shop.Web.replicas 2 → 4"]);
}

/// Every leaf of a JSON, by its path.
fn leaves(value: &Value, at: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    let mut each = |name: String, value: &Value| {
        at.push(name);
        leaves(value, at, out);
        at.pop();
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| each(name.clone(), value)),
        Value::Array(values) => values.iter().enumerate().for_each(|(n, value)| each(n.to_string(), value)),
        _ => out.push(at.clone()),
    }
}

fn leaf<'v>(value: &'v mut Value, path: &[String]) -> &'v mut Value {
    path.iter().fold(value, |value, name| match value {
        Value::Array(values) => &mut values[name.parse::<usize>().unwrap()],
        _ => &mut value[name],
    })
}

/// Other values that a leaf may have.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(on) => vec![Value::Bool(!on)],
        Value::Number(n) if n.is_f64() => vec![Value::from(n.as_f64().unwrap() * 0.5 + 0.015625)],
        // Small enough to be an id of what there is.
        Value::Number(n) => vec![Value::from(u64::from(n.as_u64() == Some(0))), Value::Null],
        Value::String(text) => vec![Value::from(format!("{text}x")), Value::Null],
        _ => vec![Value::from(1), Value::from(0.25), Value::from("Lifo")],
    }
}

#[test]
fn nothing_that_a_hash_depends_on_can_change_in_silence() {
    let base = model(SHOP);
    let whole = serde_json::to_value(&base).unwrap();
    let (mut paths, own) = (Vec::new(), hash(&base));
    leaves(&whole, &mut Vec::new(), &mut paths);
    let (mut seen, mut in_vain) = (0, Vec::new());
    for path in &paths {
        for other in others(leaf(&mut whole.clone(), path)) {
            let mut mutant = whole.clone();
            *leaf(&mut mutant, path) = other.clone();
            let Ok(mutant) = serde_json::from_value::<Architecture>(mutant) else { continue };
            let (differs, changes) = (hash(&mutant) != own, diff(&base, &mutant));
            assert_eq!(differs, !changes.is_empty(), "{path:?} to {other}: {changes:?}");
            // What a station belongs to is no part of its own: such a model cannot be written.
            let nameless = changes.iter().filter(|c| c.part == ChangedPart::Model && path.last().unwrap() != "element");
            in_vain.extend(nameless.map(|_| path.join(".")));
            seen += 1;
        }
    }
    assert!(seen > 450, "{seen}");
    assert!(in_vain.is_empty(), "changes without a name: {in_vain:?}");
}

#[test]
fn all_groups_in_turn_lead_from_one_model_to_the_other() {
    let texts = [
        SHOP.to_owned(),
        SHOP.replace("replicas 2 ", "replicas 4 ").replace("Shop.Api -> Shop.Cache\n", "").replace("timeout 300ms", ""),
        renamed_shop("aliases [\"Shop.Api\"]").replace("max_deliveries 4", "max_deliveries 7"),
        "U = person\nShop = system { Api = service\n New = service }\nU -> Shop.Api\nShop.Api -> Shop.New".to_owned(),
        SHOP.replace("flow Buy", "flow Sell").replace("West", "North"),
    ];
    let models: Vec<Architecture> = texts.iter().map(|text| model(text)).collect();
    for (a, old) in models.iter().enumerate() {
        for (b, new) in models.iter().enumerate().filter(|(b, _)| *b != a) {
            let mut now = old.clone();
            for _ in 0..3 {
                for group in groups(&diff(&now, new)) {
                    now = apply(&now, new, &group).unwrap_or(now);
                }
            }
            let left: Vec<String> = diff(&now, new).iter().map(ToString::to_string).collect();
            let order_only = |c: &sruja::model::Change| c.kind == ChangeKind::Reordered;
            assert!(diff(&now, new).iter().all(order_only), "{a} to {b}: {left:?}");
        }
    }
}

/// Metrics of the run of each version, when files of these texts are versions one after the other.
fn metrics_of_versions(texts: &[String]) -> Vec<Value> {
    let files: Vec<(String, &str)> =
        texts.iter().enumerate().map(|(n, text)| (format!("w/v{n}.sruja"), &**text)).collect();
    let versions: String = (0..texts.len()).map(|n| format!("version v{n} from \"./v{n}.sruja\"\n")).collect();
    let scenario = "scenario S { versions [\"v*\"]  load = 40/s  duration 60s  replications 1 }";
    let main = versions + scenario;
    let all = files.iter().map(|(path, text)| (path.as_str(), *text)).chain([("w/a.sruja", main.as_str())]);
    let checked = sema::check(&MemoryHost::new(all), Path::new("w/a.sruja"), Path::new("w"));
    let project = checked.project.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let plan = Plan::new(&project, &PlanOptions::default()).unwrap();
    let report = crate::support::report(&project, &plan, 1);
    report["runs"].as_array().unwrap().iter().map(|run| run["metrics"].clone()).collect()
}

#[test]
fn a_rename_alone_changes_no_number() {
    let renamed = |from: &str| renamed_shop(&format!("aliases [\"{from}\"]"));
    // Renamed, kept, and renamed once more, beside one that takes the name that has become free.
    let third = renamed("Shop.Api").replace("Shop.Gateway", "Shop.Front").replace("Gateway = ", "Front = ");
    let third = third.replace("aliases [\"Shop.Api\"]", "aliases [\"Shop.Gateway\"]");
    let fourth = third.replace("Jobs = queue", "Api = service \"A new one\"\n  Jobs = queue");
    let texts = [SHOP.to_owned(), renamed("Shop.Api"), renamed("Shop.Api"), third, fourth];
    let found = metrics_of_versions(&texts);
    assert_eq!(found.len(), texts.len());
    assert!(found[0]["requests"].as_u64().unwrap() > 1000);
    found.iter().for_each(|metrics| assert_eq!(*metrics, found[0]));
    // Two elements, of which nobody says that they are the same.
    let strange = metrics_of_versions(&[SHOP.to_owned(), renamed_shop("")]);
    assert_ne!(strange[0], strange[1]);
}
