//! A client: it frames messages, numbers requests and remembers what it was told.

use crate::support::{Sandbox, sruja_in};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longer than any answer takes, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Client {
    pub sandbox: Sandbox,
    child: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    next: i64,
    /// What was last published, by path in the folder.
    pub published: BTreeMap<String, Vec<Value>>,
    /// Everything that was published, in its order.
    pub told: Vec<(String, Vec<Value>)>,
    /// Requests that the server made.
    pub asked: Vec<Value>,
    versions: BTreeMap<String, i64>,
    pub initialized: Value,
}

/// A text with its `$0` taken out, and where that stood: line and UTF-16 column.
pub fn marked(text: &str) -> (String, Value) {
    let at = text.find("$0").expect("a text with a cursor");
    let plain = text.replacen("$0", "", 1);
    (plain.clone(), position(&plain, at))
}

/// Line and UTF-16 column of an offset.
pub fn position(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
    json!({ "line": line, "character": column })
}

/// The offset of a line and UTF-16 column.
pub fn offset(text: &str, at: &Value) -> usize {
    let (line, column) = (at["line"].as_u64().unwrap() as usize, at["character"].as_u64().unwrap() as usize);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = 0;
    for (n, c) in text[start..].char_indices() {
        if units >= column {
            return start + n;
        }
        units += c.len_utf16();
    }
    text.len()
}

/// `text` with edits of the protocol made.
pub fn applied(text: &str, edits: &Value) -> String {
    let mut all: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(text, &range["start"]), offset(text, &range["end"]), edit["newText"].as_str().unwrap())
        })
        .collect();
    all.sort_unstable();
    let mut out = text.to_owned();
    for (start, end, new) in all.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}

/// The text that a range covers.
pub fn covered<'t>(text: &'t str, range: &Value) -> &'t str {
    &text[offset(text, &range["start"])..offset(text, &range["end"])]
}

impl Client {
    /// A server for a folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        Self::with_options(files, json!({}), json!({}))
    }

    pub fn with_options(files: &[(&str, &str)], capabilities: Value, options: Value) -> Self {
        let mut client = Self::silent(files);
        let root = client.uri("");
        let params = json!({
            "processId": null,
            "rootUri": root,
            "capabilities": capabilities,
            "initializationOptions": options,
            "workspaceFolders": [{ "uri": root, "name": "test" }],
        });
        client.initialized = client.request("initialize", params).unwrap();
        client.notify("initialized", json!({}));
        client
    }

    /// A server that has not been spoken to.
    pub fn silent(files: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::with(files);
        let mut child = sruja_in(&sandbox.dir, &["lsp"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
        let (send, messages) = channel();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            while let Some(message) = read(&mut out) {
                if send.send(message).is_err() {
                    break;
                }
            }
        });
        let stdin = child.stdin.take();
        let (published, told, versions, asked) = (BTreeMap::new(), Vec::new(), BTreeMap::new(), Vec::new());
        Self { sandbox, child, stdin, messages, next: 0, published, told, asked, versions, initialized: Value::Null }
    }

    pub fn uri(&self, path: &str) -> String {
        let folder = self.sandbox.dir.canonicalize().unwrap();
        format!("file://{}", folder.join(path).to_str().unwrap().trim_end_matches('/'))
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        // A server that has gone does not read.
        let _ = self.stdin.as_mut().unwrap().write_all(bytes);
        let _ = self.stdin.as_mut().unwrap().flush();
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and gives its number.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        self.next
    }

    /// The answer to a request: its result or its error.
    pub fn answer(&mut self, id: i64) -> Result<Value, Value> {
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("the server answers");
            if message["id"] == id && message.get("method").is_none() {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                };
            }
            self.note(message);
        }
    }

    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    fn note(&mut self, message: Value) {
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap();
            let path = uri.strip_prefix(&format!("{}/", self.uri(""))).unwrap_or(uri).replace("sruja-std:///", "std:");
            let found = message["params"]["diagnostics"].as_array().unwrap().clone();
            self.told.push((path.clone(), found.clone()));
            self.published.insert(path, found);
        } else if message.get("method").is_some() {
            self.asked.push(message);
        }
    }

    pub fn open(&mut self, path: &str, text: &str) {
        let document = json!({ "uri": self.uri(path), "languageId": "sruja", "version": 1, "text": text });
        self.versions.insert(path.into(), 1);
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Changes as the protocol has them.
    pub fn change(&mut self, path: &str, changes: Value) {
        let version = self.versions.get_mut(path).unwrap();
        *version += 1;
        let document = json!({ "uri": format!("file://{}", self.sandbox.dir.canonicalize().unwrap().join(path).display()), "version": *version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// The whole text anew.
    pub fn rewrite(&mut self, path: &str, text: &str) {
        self.change(path, json!([{ "text": text }]));
    }

    pub fn close(&mut self, path: &str) {
        let params = json!({ "textDocument": { "uri": self.uri(path) } });
        self.notify("textDocument/didClose", params);
    }

    /// Waits until everything has been checked and told.
    pub fn settle(&mut self) {
        self.request("workspace/symbol", json!({ "query": "no such name anywhere" })).unwrap();
    }

    /// Opens `path` with a text that has a cursor, and asks something about that place.
    pub fn at(&mut self, method: &str, path: &str, text: &str, more: Value) -> Result<Value, Value> {
        let (plain, position) = marked(text);
        self.open(path, &plain);
        self.ask_at(method, path, position, more)
    }

    pub fn ask_at(&mut self, method: &str, path: &str, position: Value, more: Value) -> Result<Value, Value> {
        let mut params = json!({ "textDocument": { "uri": self.uri(path) }, "position": position });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.request(method, params)
    }

    /// Says goodbye; the exit status.
    pub fn end(mut self) -> Option<i32> {
        self.request("shutdown", Value::Null).unwrap();
        self.notify("exit", Value::Null);
        self.stdin = None;
        self.child.wait().unwrap().code()
    }

    /// Closes the pipe; the exit status.
    pub fn leave(mut self) -> Option<i32> {
        self.stdin = None;
        self.child.wait().unwrap().code()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(from: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                if let Some(text) = header.strip_prefix("Content-Length: ") {
                    length = text.parse().ok()?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
