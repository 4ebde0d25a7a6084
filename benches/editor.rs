//! The figures of the language server: an editing session of 2 000 keystrokes in a workspace of 50 files and 5 000
//! elements. `cargo bench --bench editor`; prints, compares with nothing.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stdout, reason = "a bench may fail loudly")]

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use sruja::ide::Place;
use sruja::serve::lsp;
use sruja::source::{Host, RealHost};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FILES: usize = 50;
const ELEMENTS: usize = 100;
const KEYSTROKES: usize = 2_000;
/// What is typed, again and again: it is a statement only at its end, and every third makes one that has a mistake.
const TYPED: [&str; 3] = [
    "Extra = service \"Extra\" { technology \"Go\" }\nExtra -> E5 \"asks\" { timeout 200ms }\n",
    "behavior E7 {\n  service_time 4ms\n  concurrency 16\n}\n",
    "Wrong -> Nowhere \"asks\" { timeout 5 }\n",
];

struct Client {
    connection: Connection,
    next: i32,
}

impl Client {
    fn notify(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification::new(method.into(), params).into()).unwrap();
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.connection.sender.send(Request::new(id.clone(), method.into(), params).into()).unwrap();
        loop {
            if let Message::Response(response) = self.connection.receiver.recv().unwrap()
                && response.id == id
            {
                return serde_json::to_value(&response).unwrap();
            }
        }
    }

    /// Waits for what is said of this version.
    fn published(&self, version: i32) {
        loop {
            if let Message::Notification(note) = self.connection.receiver.recv().unwrap()
                && note.method == "textDocument/publishDiagnostics"
                && note.params["version"] == version
            {
                return;
            }
        }
    }
}

fn workspace() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/editor");
    std::fs::create_dir_all(&folder).unwrap();
    for n in 0..FILES - 1 {
        std::fs::write(folder.join(format!("part{n}.sruja")), part(n, "")).unwrap();
    }
    let imports: String = (0..FILES - 1).map(|n| format!("import \"./part{n}.sruja\"\n")).collect();
    let calls: String = (0..FILES - 1).map(|n| format!("User -> S{n}.E0 \"uses\" {{ timeout 2s }}\n")).collect();
    let scenario = "scenario Base \"Base\" {\n  load = 100..1000 step 100\n  duration 60s\n  expect p95 < 500ms\n}\n";
    std::fs::write(folder.join("main.sruja"), format!("{imports}User = person \"User\"\n{calls}{scenario}")).unwrap();
    folder
}

/// A system of a hundred elements, in chains of ten; `more` stands in its braces, at their end.
fn part(n: usize, more: &str) -> String {
    let mut text = format!("// Part {n}\nS{n} = system \"System {n}\" {{\n");
    for e in 0..ELEMENTS + 2 {
        text += &format!("  E{e} = service \"Service {e}\" {{ technology \"Go\" description \"Number {e}\" }}\n");
        if e % 10 != 0 {
            text += &format!("  E{} -> E{e} \"calls\" {{ timeout {}ms }}\n", e - 1, 1500 - 100 * (e % 10));
        } else if e > 0 {
            text += &format!("  E0 -> E{e} \"calls\" {{ timeout 1500ms }}\n");
        }
    }
    for e in (0..ELEMENTS).step_by(3) {
        text += &format!("  behavior E{e} {{ service_time {}ms replicas 2 concurrency 32 }}\n", 1 + e % 7);
    }
    text + more + "}\n"
}

fn place(host: &dyn Host, _: &Path, named: &Path) -> Place {
    Place { root: host.canonical(named).unwrap(), weigh: Arc::new(|found| found), trouble: None }
}

/// Resident memory at its highest, MB.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what:26} {:5} × p50 {:7.2} ms   p99 {:7.2} ms   max {:7.2} ms", times.len(), at(0.5), at(0.99), at(1.0));
}

fn main() {
    let folder = workspace();
    let uri = |file: &str| format!("file://{}/{file}", folder.display());
    let (server, connection) = Connection::memory();
    let thread = std::thread::spawn(move || lsp::talk(server, &RealHost, place));
    let mut client = Client { connection, next: 0 };
    let started = Instant::now();
    client.ask("initialize", json!({ "capabilities": {}, "rootUri": uri("").trim_end_matches('/') }));
    client.notify("initialized", json!({}));
    client.ask("workspace/symbol", json!({ "query": "no such name" }));
    println!("first check of everything: {:.0} ms", started.elapsed().as_secs_f64() * 1e3);

    let (file, lines) = ("part7.sruja", part(7, "").lines().count() as u32);
    let document = uri(file);
    let open = json!({ "uri": document, "languageId": "sruja", "version": 0, "text": part(7, "") });
    client.notify("textDocument/didOpen", json!({ "textDocument": open }));
    client.published(0);
    let (mut diagnostics, mut completions, mut hints) = (Vec::new(), Vec::new(), Vec::new());
    let keys: Vec<char> = TYPED.concat().chars().cycle().take(KEYSTROKES).collect();
    let (mut line, mut column) = (lines - 1, 0);
    for (n, key) in keys.iter().enumerate() {
        let version = n as i32 + 1;
        let at = json!({ "line": line, "character": column });
        let changes = json!([{ "range": { "start": at, "end": at }, "text": key.to_string() }]);
        let begun = Instant::now();
        let identifier = json!({ "uri": document, "version": version });
        client.notify("textDocument/didChange", json!({ "textDocument": identifier, "contentChanges": changes }));
        (line, column) = if *key == '\n' { (line + 1, 0) } else { (line, column + 1) };
        let position = json!({ "line": line, "character": column });
        if n % 4 == 3 {
            // As an editor asks: right behind the keystroke, while it is being checked.
            let asked = Instant::now();
            client.ask("textDocument/completion", json!({ "textDocument": { "uri": document }, "position": position }));
            completions.push(asked.elapsed());
            client.ask("workspace/symbol", json!({ "query": "no such name" }));
        } else {
            client.published(version);
            diagnostics.push(begun.elapsed());
        }
        if n % 20 == 19 {
            let asked = Instant::now();
            let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": line + 9, "character": 0 } });
            client.ask("textDocument/inlayHint", json!({ "textDocument": { "uri": document }, "range": range }));
            hints.push(asked.elapsed());
        }
    }
    report("keystroke to diagnostics", diagnostics);
    report("completion", completions);
    report("hints", hints);
    println!("memory at its highest: {:.0} MB", memory());
    client.ask("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    thread.join().unwrap();
}
