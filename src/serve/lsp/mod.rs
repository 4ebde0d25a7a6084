//! The language server: one thread takes the messages in order and answers what the text alone tells, one checks the file
//! that is being edited, one all others, one answers what needs a check. A keystroke never waits for anything but the
//! message before it.

mod answers;
mod capabilities;
mod checker;
mod convert;
mod documents;
mod immediate;
mod publish;

use crate::ide::{FindPlace, library};
use crate::source::Host;
use answers::{Asked, Worker};
use capabilities::{Client, Settings};
use checker::{Checker, Shared};
use documents::Documents;
use gen_lsp_types as lsp;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

/// Deep files are read by functions that call themselves: as much room as the main thread has.
const STACK: usize = 16 << 20;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// `shutdown`, then `exit`.
    Orderly,
    /// `exit` without `shutdown`, or the client went away.
    Abrupt,
}

/// Serves a client over standard input and output until it says goodbye.
pub fn serve(host: &dyn Host, find: FindPlace) -> End {
    let (connection, threads) = Connection::stdio();
    let end = talk(connection, host, find);
    // The reader ends with the client's side of the pipe; after an abrupt end there is nobody to wait for.
    if end == End::Orderly {
        let _ = threads.join();
    }
    end
}

/// Serves the client at the other end of a connection.
pub fn talk(connection: Connection, host: &dyn Host, find: FindPlace) -> End {
    let Ok((id, params)) = connection.initialize_start() else { return End::Abrupt };
    let client = Client::new(&params);
    let Some(answer) = capabilities::answer(&client) else { return End::Abrupt };
    if connection.initialize_finish(id, answer).is_err() {
        return End::Abrupt;
    }
    let settings = Settings::default().with(params.get("initializationOptions").unwrap_or(&Value::Null));
    session(&connection, host, find, client, settings)
}

/// From `initialized` to the end.
fn session(connection: &Connection, host: &dyn Host, find: FindPlace, client: Client, settings: Settings) -> End {
    let (shared, out) = (Shared::default(), Outbox::new(connection));
    let settings = Mutex::new(settings);
    let cancelled = Cancelled::default();
    let (send, receive) = mpsc::channel();
    let encoding = client.encoding;
    let refresh = Refresh { client: client.clone(), out: out.clone(), next: AtomicU64::new(0) };
    let checker = Checker { shared: &shared, host, out: out.clone(), encoding, settled: &|| refresh.ask() };
    let worker = Worker {
        shared: &shared,
        out: out.clone(),
        client: client.clone(),
        settings: &settings,
        cancelled: &cancelled,
    };
    thread::scope(|scope| {
        let big = || thread::Builder::new().stack_size(STACK);
        let checks = big().name("check".into()).spawn_scoped(scope, || checker.run(find));
        let aside = big().name("check aside".into()).spawn_scoped(scope, || shared.check_aside(host));
        let answers = big().name("answer".into()).spawn_scoped(scope, || worker.run(receive));
        if checks.is_err() || aside.is_err() || answers.is_err() {
            shared.end();
            return End::Abrupt;
        }
        let folders = client.folders.clone();
        let mut server = Server {
            shared: &shared,
            out,
            client,
            settings: &settings,
            cancelled: &cancelled,
            documents: Documents::default(),
            folders,
            worker: send,
            is_down: false,
        };
        server.begin();
        let end = server.listen(connection);
        drop(server);
        shared.end();
        end
    })
}

/// Sends messages to the client; what cannot be sent any more has nobody to read it.
#[derive(Clone)]
pub struct Outbox(Arc<dyn Fn(Message) + Send + Sync>);

impl Outbox {
    fn new(connection: &Connection) -> Self {
        let sender = connection.sender.clone();
        Self(Arc::new(move |message| {
            let _ = sender.send(message);
        }))
    }

    /// Sends.
    pub fn send(&self, message: impl Into<Message>) {
        (self.0)(message.into());
    }
}

/// Requests that the client no longer wants answered.
#[derive(Default)]
struct Cancelled(Mutex<BTreeMap<RequestKey, Arc<AtomicBool>>>);

/// Requests by the text of their id: numbers and texts cannot be the same.
type RequestKey = String;

impl Cancelled {
    fn key(id: &RequestId) -> RequestKey {
        format!("{id:?}")
    }

    /// A request is under way: the flag that says when it is not wanted any more.
    fn begin(&self, id: &RequestId) -> Arc<AtomicBool> {
        let flag = Arc::new(AtomicBool::new(false));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(Self::key(id), Arc::clone(&flag));
        flag
    }

    fn cancel(&self, id: &RequestId) {
        if let Some(flag) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&Self::key(id)) {
            flag.store(true, Ordering::Relaxed);
        }
    }

    fn end(&self, id: &RequestId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&Self::key(id));
    }
}

/// Asks the client to fetch again what depends on other files than the one that it shows.
struct Refresh {
    client: Client,
    out: Outbox,
    next: AtomicU64,
}

impl Refresh {
    fn ask(&self) {
        let methods = [
            (self.client.refreshes_hints, "workspace/inlayHint/refresh"),
            (self.client.refreshes_lenses, "workspace/codeLens/refresh"),
        ];
        for (_, method) in methods.iter().filter(|(can, _)| *can) {
            let id = format!("refresh-{}", self.next.fetch_add(1, Ordering::Relaxed));
            self.out.send(Request::new(id.into(), (*method).to_owned(), Value::Null));
        }
    }
}

/// Does `work`; a panic becomes an error of that work alone.
fn guard<T>(work: impl FnOnce() -> T) -> Result<T, ()> {
    // What a panic leaves half done is thrown away with the answer that it would have become.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).map_err(|_| ())
}

/// The thread that takes the messages.
struct Server<'a> {
    shared: &'a Shared,
    out: Outbox,
    client: Client,
    settings: &'a Mutex<Settings>,
    cancelled: &'a Cancelled,
    documents: Documents,
    folders: Vec<PathBuf>,
    worker: mpsc::Sender<Asked>,
    is_down: bool,
}

impl Server<'_> {
    fn begin(&mut self) {
        if self.client.watches {
            let id = RequestId::from("watch".to_owned());
            self.out.send(Request::new(id, "client/registerCapability".into(), capabilities::watchers()));
        }
        self.shared.set_folders(self.folders.clone());
    }

    /// Takes messages until the end.
    fn listen(&mut self, connection: &Connection) -> End {
        for message in &connection.receiver {
            match message {
                Message::Request(request) => self.request(request),
                Message::Notification(note) if note.method == "exit" => {
                    return if self.is_down { End::Orderly } else { End::Abrupt };
                }
                Message::Notification(note) => self.note(note),
                // Answers to our own requests say nothing that is needed.
                Message::Response(_) => {}
            }
        }
        End::Abrupt
    }

    fn request(&mut self, request: Request) {
        if self.is_down {
            let why = "the server has been shut down".to_owned();
            return self.out.send(Response::new_err(request.id, ErrorCode::InvalidRequest as i32, why));
        }
        if request.method == "shutdown" {
            self.is_down = true;
            return self.out.send(Response::new_ok(request.id, Value::Null));
        }
        let answer = guard(|| immediate::answer(&request, &self.documents, self.shared, &self.client));
        match answer {
            Ok(Some(response)) => self.out.send(response),
            Ok(None) => self.ask_worker(request),
            Err(()) => self.out.send(bug(request.id)),
        }
    }

    /// What needs a check goes to the thread that may wait for one.
    fn ask_worker(&mut self, request: Request) {
        let cancelled = self.cancelled.begin(&request.id);
        let text = immediate::document(&request.params).and_then(|path| self.documents.text(&path));
        // It ends after this thread.
        let _ = self.worker.send(Asked { request, cancelled, text });
    }

    fn note(&mut self, note: Notification) {
        match note.method.as_str() {
            "textDocument/didOpen" => self.with(note, |server, params: lsp::DidOpenTextDocumentParams| {
                // Texts of the library are ours: nobody edits them.
                if library::text(&convert::path(&params.text_document.uri)).is_none() {
                    server.documents.open(params.text_document);
                    server.texts_changed();
                }
            }),
            "textDocument/didChange" => self.with(note, |server, params| {
                server.documents.change(params, server.client.encoding);
                server.texts_changed();
            }),
            "textDocument/didClose" => self.with(note, |server, params: lsp::DidCloseTextDocumentParams| {
                server.documents.close(&params.text_document.uri);
                server.texts_changed();
            }),
            "textDocument/didSave" => {
                let saved = immediate::document(&note.params);
                self.shared.disk_changed(saved);
            }
            "workspace/didChangeWatchedFiles" => self.with(note, |server, params: lsp::DidChangeWatchedFilesParams| {
                server.shared.disk_changed(params.changes.iter().map(|change| convert::path(&change.uri)));
            }),
            "workspace/didChangeWorkspaceFolders" => self.with(note, Self::folders_changed),
            "workspace/didChangeConfiguration" => {
                let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
                *settings = settings.with(&note.params["settings"]);
            }
            "$/cancelRequest" => {
                let id = match &note.params["id"] {
                    Value::Number(number) => number.as_i64().and_then(|n| i32::try_from(n).ok()).map(RequestId::from),
                    Value::String(text) => Some(RequestId::from(text.clone())),
                    _ => None,
                };
                if let Some(id) = id {
                    self.cancelled.cancel(&id);
                    self.shared.wake();
                }
            }
            _ => {}
        }
    }

    /// Does something with the parameters of a notification; one that cannot be read is left out, as the protocol asks.
    fn with<P: DeserializeOwned>(&mut self, note: Notification, work: impl FnOnce(&mut Self, P)) {
        if let Ok(params) = serde_json::from_value(note.params) {
            work(self, params);
        }
    }

    fn texts_changed(&self) {
        self.shared.set_texts(self.documents.texts(), self.documents.heads());
    }

    fn folders_changed(&mut self, params: lsp::DidChangeWorkspaceFoldersParams) {
        let removed: Vec<PathBuf> = params.event.removed.iter().map(|folder| convert::path(&folder.uri)).collect();
        self.folders.retain(|folder| !removed.contains(folder));
        self.folders.extend(params.event.added.iter().map(|folder| convert::path(&folder.uri)));
        self.shared.set_folders(self.folders.clone());
    }
}

/// The answer where we failed.
fn bug(id: RequestId) -> Response {
    let message = format!("sruja {} met a bug of its own; please report it", env!("CARGO_PKG_VERSION"));
    Response::new_err(id, ErrorCode::InternalError as i32, message)
}
