//! A session of random edits: at every step the server says what a check from scratch says.

use super::client::{Client, position};
use serde_json::{Value, json};
use sruja::diag::render::json_diagnostic;
use sruja::source::MemoryHost;
use std::collections::BTreeMap;
use std::path::Path;

const LIB: &str = "Db = database \"Db\" { technology \"PostgreSQL\" }\nCache = cache \"Cache\"\n";
const MAIN: &str = r#"import "./lib.sruja"
Customer = person "Customer"
Shop = system "Shop 😀" {
  Api = service "API"
  Web = gateway "Web"
  Web -> Api "forwards" { timeout 500ms retry 2 { backoff constant(10ms) } }
}
Customer -> Shop.Web
Shop.Api -> Db { timeout 200ms }
behavior Shop.Api { service_time 5ms concurrency 8 }
scenario Base "Base" {
  load = 100/s
  duration 10s
  at 3s kill Db for 2s
  expect p95 < 200ms
}
"#;
const PIECES: [&str; 16] = [
    "}",
    "{",
    "\"",
    "\n",
    " ",
    "Db",
    "Shop.Api",
    "-> ",
    "behavior ",
    "x",
    "5ms",
    "😀",
    "// ",
    "retry 3",
    "Web = queue \"Q\"\n",
    "import \"./lib.sruja\"\n",
];

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    fn boundary(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap()
    }
}

/// What a check of both files from scratch says of one of them.
fn fresh(texts: &BTreeMap<&str, String>, of: &str) -> Vec<(String, String)> {
    let host = MemoryHost::new(texts.iter().map(|(path, text)| (*path, text)));
    let mut found = Vec::new();
    for entry in texts.keys() {
        let checked = sruja::sema::check(&host, Path::new(entry), Path::new(""));
        for diagnostic in checked.diagnostics {
            if checked.sources.file(diagnostic.span.file).name == of {
                let at = position(&texts[of], diagnostic.span.start as usize);
                let whole = json_diagnostic(&checked.sources, &diagnostic).to_string();
                let key = (diagnostic.span.start, diagnostic.span.end, diagnostic.code.id, diagnostic.message.clone());
                found.push((key, at.to_string(), whole));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.dedup();
    found.into_iter().map(|((.., code, message), at, _)| (code.to_owned(), message + &at)).collect()
}

fn said(client: &Client, of: &str) -> Vec<(String, String)> {
    let one = |found: &Value| {
        let code = found["code"].as_str().unwrap().to_owned();
        let message = found["data"]["message"].as_str().unwrap().to_owned();
        (code, message + &found["range"]["start"].to_string())
    };
    client.published.get(of).map(|all| all.iter().map(one).collect()).unwrap_or_default()
}

#[test]
fn after_every_edit_the_server_says_what_a_fresh_check_says() {
    let mut client = Client::with(&[("lib.sruja", LIB), ("main.sruja", MAIN)]);
    let mut texts = BTreeMap::from([("lib.sruja", LIB.to_owned()), ("main.sruja", MAIN.to_owned())]);
    client.open("lib.sruja", LIB);
    client.open("main.sruja", MAIN);
    let mut random = Random(20_261_122);
    for step in 0..150 {
        let path = if random.below(3) == 0 { "lib.sruja" } else { "main.sruja" };
        let text = texts.get_mut(path).unwrap();
        // Now and then everything is well again, so that the session does not end in rubble.
        if step % 12 == 11 {
            *text = if path == "lib.sruja" { LIB.into() } else { MAIN.into() };
            client.rewrite(path, text);
        } else {
            let (a, b) = (random.boundary(text), random.boundary(text));
            let (start, end) = (a.min(b), a.max(b).min(a.min(b) + random.below(12)));
            let end = (start..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let piece = PIECES[random.below(PIECES.len())];
            let range = json!({ "start": position(text, start), "end": position(text, end) });
            client.change(path, json!([{ "range": range, "text": piece }]));
            text.replace_range(start..end, piece);
        }
        client.settle();
        for of in ["lib.sruja", "main.sruja"] {
            assert_eq!(said(&client, of), fresh(&texts, of), "step {step}, {of}:\n{}", texts[of]);
        }
    }
}
