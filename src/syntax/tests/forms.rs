//! Every form of statement, as text and as tree.

use super::brief;
use super::*;
use crate::syntax::ast::*;

/// Each line of a scenario gives these statements.
#[test]
fn simulation_statements() {
    for (text, wants) in [
        ("load.range 100..5000 step 200", vec!["load = 100..5000 step 200"]),
        ("load = 100..5000 step 200", vec!["load = 100..5000 step 200"]),
        ("load: 10k/min", vec!["load = 10k/min"]),
        ("load 200/s", vec!["load = 200/s"]),
        ("failures.range 0..30%", vec!["failures = 0..30%"]),
        ("load = 1..1000 log 4", vec!["load = 1..1000 log 4"]),
        ("load = [100, 200,\n 500]", vec!["load = [100,200,500]"]),
        (
            "duration 120s   warmup 20s   replications 5   seed 42",
            vec!["set duration 120s", "set warmup 20s", "set replications 5", "set seed 42"],
        ),
        ("duration: 10s", vec!["set duration 10s"]),
        ("duration = 10s; warmup = 1s", vec!["set duration 10s", "set warmup 1s"]),
        ("users 500 think 2s", vec!["set users 500", "set think 2s"]),
        ("users = [10, 20]", vec!["users = [10,20]"]),
        ("target = Shop.Payment", vec!["target = Shop.Payment"]),
        ("load = profile { 0s 200/s  60s 200/s }", vec!["load = profile({0s 200/s 60s 200/s})"]),
        ("load = trace(\"a.csv\")", vec!["load = trace(\"a.csv\")"]),
        ("traffic { Checkout 30%  Browse 70% }", vec!["traffic Checkout 30% Browse 70%"]),
        ("traffic { Checkout: 30%, Browse: 70% }", vec!["traffic Checkout 30% Browse 70%"]),
        ("Shop.Api.replicas = 2..8", vec!["Shop.Api.replicas = 2..8"]),
        ("Shop.Api->Shop.Db.timeout = [100ms, 250ms, 1s]", vec!["Shop.Api->Shop.Db.timeout = [100ms,250ms,1s]"]),
        ("A -> B.retry.budget: 10%", vec!["A->B.retry.budget = 10%"]),
        ("zip { load = [1, 2] A.replicas = [3, 4] }", vec!["zip load=[1,2] A.replicas=[3,4]"]),
        ("sample 500", vec!["sample 500"]),
        ("sample 500 latin", vec!["sample 500 latin"]),
        (
            "exclude when load > 2000/s and failures > 20%",
            vec!["exclude ((load Greater 2000/s) and (failures Greater 20%))"],
        ),
        ("exclude when A->B.timeout > 1s", vec!["exclude (A->B.timeout Greater 1s)"]),
        (
            "priority high   timeout 60s   sync milestone [30%, 90%] timeout 5s",
            vec!["set priority high", "set timeout 60s", "sync milestone [30%,90%] timeout 5s"],
        ),
        ("sync lockstep\ntimeout 60s", vec!["sync lockstep []", "set timeout 60s"]),
        ("checkpoint every 30s keep 3", vec!["checkpoint 30s keep 3"]),
        ("param peak = 5x\nparam target\nparam x: 3", vec!["param peak 5x", "param target", "param x 3"]),
        ("abstract", vec!["abstract"]),
        ("group \"A b\"", vec!["group \"A b\""]),
        ("group: \"A b\"  load = 5", vec!["group \"A b\"", "load = 5"]),
        ("group = 5", vec!["group = 5"]),
        ("arrivals poisson", vec!["arrivals poisson"]),
        ("arrivals Customer mmpp(50/s, 170/s, switch 5/s)", vec!["arrivals Customer mmpp(50/s,170/s,switch 5/s)"]),
        ("arrivals batch geometric(5)", vec!["arrivals batch(geometric(5))"]),
        ("tiers simple 1x, medium 3x, complex 8x", vec!["tiers simple 1x medium 3x complex 8x"]),
        ("tiers a 1x, b 3x strategy multiply", vec!["tiers a 1x b 3x by multiply"]),
        (
            "quality { p95 < 500ms weight 0.5  error_rate < 1% weight 0.5 }",
            vec!["quality (p95 Less 500ms)*0.5 (error_rate Less 1%)*0.5"],
        ),
        ("simulate with exec \"./sim --load {load}\"", vec!["exec \"./sim --load {load}\""]),
        ("versions [v1, v2]", vec!["versions v1 v2"]),
        ("versions \"arch/*.sruja\"", vec!["versions arch/*.sruja"]),
        ("commits main~42..main every 7", vec!["commits main~42..main every 7"]),
        ("commits #1, #14, #21..#42", vec!["commits #1 #14 #21..#42"]),
        ("commits last 50\nduration 5s", vec!["commits last 50", "set duration 5s"]),
        ("commits tags \"v*\" since \"2026-01-01\"", vec!["commits tags v* since 2026-01-01"]),
        ("commits main~4..main every 2  duration 5s", vec!["commits main~4..main every 2", "set duration 5s"]),
        ("behavior A { replicas 3 }", vec!["behavior { replicas 3 }"]),
    ] {
        assert_eq!(brief::statements(text), wants, "{text}");
    }
}

#[test]
fn chaos_events() {
    for (text, wants) in [
        ("at 30s kill Shop.Db for 20s", "kill of:Shop.Db at:30s for:20s"),
        ("kill DB at t=30s", "kill of:DB at:30s"),
        ("kill DB for 20s at 30s", "kill of:DB at:30s for:20s"),
        (
            "at 10s..60s step 10s partition Shop.Api | Shop.Db loss 60% for 10s",
            "partition of:Shop.Api vs:Shop.Db <loss>:60% at:10s..60s step 10s for:10s",
        ),
        ("at 40s increase Shop.Events.lag by 80% for 30s", "increase attr:Shop.Events.lag <by>:80% at:40s for:30s"),
        ("at 50s kill one of [Shop.Api, Shop.Cache]", "kill of:Shop.Api,Shop.Cache one:of at:50s"),
        ("introduce partial partition", "partition introduced: flag:partial"),
        ("increase queue lag by 80%", "increase of:kind queue attr:lag <by>:80%"),
        ("increase Events lag by 80%", "increase attr:Events.lag <by>:80%"),
        ("kill 1 replica of X at 5s", "kill of:X replicas:1 at:5s"),
        ("kill 50% of X", "kill of:X replicas:50%"),
        ("at 5s kill any 2 of [A, B, C]", "kill of:A,B,C any:2 at:5s"),
        ("slow X by 5x", "slow of:X <by>:5x"),
        ("slow X by +200ms ramp 5s", "slow of:X <by>:+200ms ramp:5s"),
        ("fail X 30% every 10s", "fail of:X <>:30% every:10s"),
        ("partition A, B | C oneway", "partition of:A,B vs:C flag:oneway"),
        ("partition [A, B] | [C]", "partition of:A,B vs:C"),
        ("delay A -> B by 100ms jitter 20ms", "delay of:A to:B <by>:100ms <jitter>:20ms"),
        ("drop A -> B 10%", "drop of:A to:B <>:10%"),
        ("throttle X to 100/s", "throttle of:X <to>:100/s"),
        ("set X.replicas = 5", "set attr:X.replicas <=>:5"),
        ("set A->B.timeout = 5s at 3s", "set attr:A->B.timeout <=>:5s at:3s"),
        ("surge load 5x", "surge attr:load <>:5x"),
        ("exhaust X.pool", "exhaust attr:X.pool"),
        ("outage zone Z for 30s", "outage of:zone Z for:30s"),
        ("deploy X { service_time 5ms replicas 3 }", "deploy of:X set:service_time 5ms; replicas 3"),
        ("scale X to 5", "scale of:X <to>:5"),
        ("clear_cache X", "clear_cache of:X"),
        ("random mttf 30min mttr 2min kill X", "kill of:X random:30min/2min"),
        ("kill X random mttr 2min mttf 30min", "kill of:X random:30min/2min"),
        (
            "when queue(Api) > 100 for 5s kill 1 replica of Api",
            "kill of:Api replicas:1 when:(queue(Api) Greater 100) hold:5s",
        ),
        ("when queue(Api) > 100 every time restart Api", "restart of:Api when:(queue(Api) Greater 100) again:"),
        ("at begin slow target by factor for length", "slow of:target <by>:factor at:begin for:length"),
        ("at 5s kill kind database", "kill of:kind database at:5s"),
        ("at 5s pause tag \"critical\"", "pause of:tag critical at:5s"),
        ("pod-delete X at 5s", "pod-delete of:X at:5s"),
        ("latency DB by 5x", "latency of:DB <by>:5x"),
        ("start: 10s end: 60s multiplier: 3.0x", "surge attr:load <>:3x at:10s for:50s"),
        ("component: DB latency: +80ms", "slow of:DB <by>:+80ms"),
        ("component: X availability: 40%", "fail of:X <>:60%"),
    ] {
        assert_eq!(brief::statements(text), [wants], "{text}");
    }
}

#[test]
fn several_events_on_a_line_are_several_events() {
    let found = brief::statements("at 10s kill A for 5s  at 20s restart B\nat 30s kill C\nkill D\nexpect p95 < 5ms");
    assert_eq!(
        found,
        ["kill of:A at:10s for:5s", "restart of:B at:20s", "kill of:C at:30s", "kill of:D", "expect (p95 Less 5ms)",]
    );
}

#[test]
fn expectations() {
    for (text, wants) in [
        ("expect p95(Shop.Api) < 200ms", "expect (p95(Shop.Api) Less 200ms)"),
        ("expect error_rate < 1% during chaos", "expect (error_rate Less 1%) during"),
        ("expect p99.9 <= 1s after chaos as critical", "expect (p99.9 LessOrEqual 1s) after as critical"),
        ("expect p95(A -> B) < 1s from 10s to 60s", "expect (p95(A->B) Less 1s) from 10s to 60s"),
        ("expect not (a > 1 or b > 2) and c == 3", "expect (not ((a Greater 1) or (b Greater 2)) and (c Equal 3))"),
        ("expect goodput > 5/s eventually within 30s", "expect (goodput Greater 5/s) within 30s"),
        ("expect queue(Q) != 5 always", "expect (queue(Q) NotEqual 5) always"),
        ("expect always availability > 99%", "expect (availability Greater 99%) always"),
    ] {
        assert_eq!(brief::statements(text), [wants], "{text}");
    }
}

fn behavior(text: &str) -> String {
    let file = clean(&format!("behavior X {{ {text} }}"));
    let Item::Behavior(behavior) = &file.items[0] else { panic!("no behavior") };
    brief::properties(&behavior.properties)
}

#[test]
fn attributes() {
    for (text, wants) in [
        ("service_time lognormal(p50 8ms, p99 60ms)", "service_time lognormal(p50 8ms,p99 60ms)"),
        ("service_time mixture(99% exponential(1ms), 1% 2s)", "service_time mixture(99% exponential(1ms),1% 2s)"),
        ("replicas 3   concurrency 64   queue none", "replicas 3; concurrency 64; queue none"),
        ("replicas: 3 queue = unbounded", "replicas 3; queue unbounded"),
        ("blocking errors 0.1%", "blocking; errors 0.1%"),
        ("cost 0.20USD/h", "cost 0.2USD/h"),
        ("cache { hit_ratio 85%  hit_time 0.4ms }", "cache { hit_ratio 85%; hit_time 0.4ms }"),
        (
            "cache { lru 1000 { key zipf(0.8) over 10k ttl 30s } hit_time 1ms }",
            "cache { lru 1000 { key zipf(0.8) over 10k; ttl 30s }; hit_time 1ms }",
        ),
        ("rate_limit 2k/s burst 500   shed queue > 80%", "rate_limit 2k/s { burst 500 }; shed (queue Greater 80%)"),
        ("shed queue > 80% replicas 3", "shed (queue Greater 80%); replicas 3"),
        (
            "retry 3 { backoff exponential(50ms, 2x, max 1s)  jitter full  budget 10%  on [timeout, error] }",
            "retry 3 { backoff exponential(50ms,2x,max 1s); jitter full; budget 10%; on [timeout,error] }",
        ),
        ("pool 20 { wait 100ms }   bulkhead 50", "pool 20 { wait 100ms }; bulkhead 50"),
        (
            "pool 20 wait 100ms hedge after p95 fallback cache",
            "pool 20 { wait 100ms }; hedge after p95; fallback cache",
        ),
        ("circuit_breaker { errors 50%  open 5s }", "circuit_breaker { errors 50%; open 5s }"),
        ("shards 8 { key zipf(1.0) over 10k }", "shards 8 { key zipf(1) over 10k }"),
        ("deadline propagate discipline priority", "deadline propagate; discipline priority"),
        ("replicas 3 { sync 1 lag 50ms }", "replicas 3 { sync 1; lag 50ms }"),
        ("scale { min 3 max 10 metric \"cpu > 70%\" }", "scale { min 3; max 10; metric \"cpu > 70%\" }"),
        ("timeout 250ms parallel async", "timeout 250ms; parallel; async"),
        ("timeout \"250 ms\"", "timeout \"250 ms\""),
    ] {
        assert_eq!(behavior(text), wants, "{text}");
    }
}

#[test]
fn selectors() {
    let text = "behavior A.B { }\nbehavior A -> B.C { }\nbehavior kind database {}\nbehavior technology \"PostgreSQL\" {}\n\
                behavior tag \"critical\" {}\nX = system \"X\" { behavior { replicas 2 } }\nbehavior kind { replicas 1 }";
    let file = clean(text);
    let selectors: Vec<String> = file
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Behavior(behavior) => Some(&behavior.selector),
            Item::Element(element) => match &element.body[0] {
                Item::Behavior(behavior) => Some(&behavior.selector),
                _ => None,
            },
            _ => None,
        })
        .map(|selector| match selector {
            Selector::Enclosing => "enclosing".into(),
            Selector::Element(path) => path.dotted(),
            Selector::Relation(a, b) => format!("{}->{}", a.dotted(), b.dotted()),
            Selector::Kind(name) => format!("kind {}", name.value),
            Selector::Technology(name) => format!("technology {}", name.value),
            Selector::Tag(name) => format!("tag {}", name.value),
        })
        .collect();
    assert_eq!(
        selectors,
        ["A.B", "A->B.C", "kind database", "technology PostgreSQL", "tag critical", "enclosing", "kind",]
    );
}

fn steps(text: &str) -> Vec<String> {
    let text = format!("F = flow \"F\" {{\n{text}\n}}");
    let file = clean(&text);
    let Item::Scenario(scenario) = &file.items[0] else { panic!("no flow") };
    assert!(scenario.statements.is_empty(), "{text}");
    scenario.steps.iter().map(brief::step).collect()
}

#[test]
fn steps_of_flows() {
    for (text, wants) in [
        ("step A -> B \"a\" [x, \"y\", #z] order 3", vec!["A->B \"a\" #x #y #z order 3"]),
        ("A -> B \"a\"\n\"Cart Page\" -> Shop \"clicks\"", vec!["A->B \"a\"", "\"Cart Page\"->Shop \"clicks\""]),
        ("step A -> B step B -> C \"x\" step C -> A", vec!["A->B", "B->C \"x\"", "C->A"]),
        ("A -> [B, C] quorum 2", vec!["A->B+C quorum 2"]),
        (
            "step A -> B { service_time exponential(15ms)  repeat geometric(4) probability 60% }",
            vec!["A->B { service_time exponential(15ms); repeat geometric(4); probability 60% }"],
        ),
        ("step pay: A -> B { goto pay async forward }", vec!["pay: A->B { goto pay; async; forward }"]),
        ("step A -> B { compensate A -> B \"release\" }\nB -> C", vec!["A->B undo A->B", "B->C"]),
        ("steps [\n step A -> B \"a\"\n B -> C \"b\"\n]", vec!["A->B \"a\"", "B->C \"b\""]),
        ("step steps -> slot \"c\"\nsteps -> slot", vec!["steps->slot \"c\"", "steps->slot"]),
    ] {
        assert_eq!(steps(text), wants, "{text}");
    }
}

#[test]
fn headers_of_scenarios() {
    for (text, id, title, extends) in [
        ("Checkout = scenario \"Title\" {}", Some("Checkout"), Some("Title"), None),
        ("scenario WatchVideo \"Title\" {}", Some("WatchVideo"), Some("Title"), None),
        ("scenario \"Title only\" {}", Some("Title_only"), Some("Title only"), None),
        ("scenario X", Some("X"), None, None),
        ("scenario X extends Y {}", Some("X"), None, Some("Y")),
        ("scenario X \"T\" extends a.Y {}", Some("X"), Some("T"), Some("a.Y")),
        ("Child = scenario \"T\" extends Y { }", Some("Child"), Some("T"), Some("Y")),
    ] {
        let file = clean(text);
        let Item::Scenario(scenario) = &file.items[0] else { panic!("{text}") };
        assert_eq!(scenario.id.as_ref().map(|id| id.value.as_str()), id, "{text}");
        assert_eq!(scenario.title.as_ref().map(|title| title.value.as_str()), title, "{text}");
        assert_eq!(scenario.extends.as_ref().map(Path::dotted).as_deref(), extends, "{text}");
    }
}

#[test]
fn versions_and_searches() {
    let text = "version v1 \"Monolith\" from \"arch/v1.sruja\"\n\
        version v2 \"Split\" from git \"release-2.0\" \"arch/main.sruja\"\n\
        version v3 \"Bigger pool\" extends v2 { Shop.Api->Shop.Db.pool = 40   remove Shop.Cache   Shop.Api.replicas = 6 N = cache \"N\" A -> N }\n\
        tune R of P { over Shop.Api->Shop.Db.timeout 50ms..2s, A->B.retry 0..5   minimize p99   subject to error_rate < 0.5%, amplification < 2   budget 300 }\n\
        search Weakest of LoadScale { over load 100..5000, latency 0ms..300ms maximize violations budget 200 }\n\
        search Index \"a search index\"\n\
        ranking { performance 0.18 cost 0.10 }";
    let file = clean(text);
    let Item::Version(v3) = &file.items[2] else { panic!() };
    let VersionOrigin::Overlay { base, changes } = &v3.origin else { panic!() };
    assert_eq!((base.value.as_str(), changes.len()), ("v2", 5));
    assert!(matches!(&changes[1], Change::Remove(target) if brief::target(target) == "Shop.Cache"));
    assert!(matches!(&changes[3], Change::Add(item) if matches!(**item, Item::Element(_))));
    let Item::Search(tune) = &file.items[3] else { panic!() };
    let over: Vec<_> = tune.over.iter().map(|(t, v)| format!("{} {}", brief::target(t), brief::value(v))).collect();
    assert_eq!(over, ["Shop.Api->Shop.Db.timeout 50ms..2s", "A->B.retry 0..5"]);
    assert_eq!(
        tune.subject_to.iter().map(brief::expr).collect::<Vec<_>>(),
        ["(error_rate Less 0.5%)", "(amplification Less 2)"]
    );
    assert!(matches!(&file.items[4], Item::Search(search) if search.of.as_ref().unwrap().dotted() == "LoadScale"));
    assert!(matches!(&file.items[5], Item::Element(element) if element.kind.value == "search"));
    assert!(matches!(&file.items[6], Item::Ranking(weights) if weights.value.len() == 2));
}

#[test]
fn spans_underline_what_was_written() {
    let text =
        "Shop = system \"Shop\" {\n  Api -> Db \"writes\" [sql]\n}\nbehavior Shop.Api { retry 3 { budget 10% } }\n";
    let file = clean(text);
    let Item::Element(shop) = &file.items[0] else { panic!() };
    assert_eq!(under(text, shop.id.span), "Shop");
    assert_eq!(under(text, shop.title.as_ref().unwrap().span), "\"Shop\"");
    let Item::Relation(relation) = &shop.body[0] else { panic!() };
    assert_eq!(under(text, relation.span), "Api -> Db \"writes\" [sql]");
    assert_eq!(under(text, relation.to[0].span()), "Db");
    let Item::Behavior(behavior) = &file.items[1] else { panic!() };
    let Selector::Element(path) = &behavior.selector else { panic!() };
    assert_eq!(under(text, path.parts[1].span), "Api");
    assert_eq!(under(text, behavior.properties[0].span), "retry 3 { budget 10% }");
    assert_eq!(under(text, behavior.properties[0].block[0].values[0].span), "10%");
}
