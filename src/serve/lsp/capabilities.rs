//! What the server says that it can do, and what it remembers of the client.

use super::convert::{self, Encoding};
use crate::ide::tokens::LEGEND;
use gen_lsp_types as lsp;
use serde_json::Value;
use std::path::PathBuf;

/// What matters of a client.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// What columns count.
    pub encoding: Encoding,
    /// The folders that it has open.
    pub folders: Vec<PathBuf>,
    /// Whether it fills in `${1:…}`.
    pub snippets: bool,
    /// Whether it can be asked to fetch hints again.
    pub refreshes_hints: bool,
    /// Whether it can be asked to fetch lenses again.
    pub refreshes_lenses: bool,
    /// Whether it watches files when told to.
    pub watches: bool,
    /// Whether it can show texts that lie on no disk: those of the standard library.
    pub opens_library: bool,
}

impl Client {
    /// Of the parameters of `initialize`: read leniently, since clients differ in what they leave out.
    pub fn new(params: &Value) -> Self {
        let is = |pointer: &str| params.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        let encodings = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let utf8 = encodings.is_some_and(|all| all.iter().any(|one| one == "utf-8"));
        Self {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            folders: folders(params),
            snippets: is("/capabilities/textDocument/completion/completionItem/snippetSupport"),
            refreshes_hints: is("/capabilities/workspace/inlayHint/refreshSupport"),
            refreshes_lenses: is("/capabilities/workspace/codeLens/refreshSupport"),
            watches: is("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration"),
            opens_library: params.pointer("/capabilities/workspace/textDocumentContent").is_some_and(Value::is_object),
        }
    }
}

fn folders(params: &Value) -> Vec<PathBuf> {
    let uri = |value: &Value| value.as_str().map(|text| convert::path(&text.into()));
    let listed = params.pointer("/workspaceFolders").and_then(Value::as_array);
    let mut found: Vec<PathBuf> = listed.into_iter().flatten().filter_map(|folder| uri(&folder["uri"])).collect();
    if found.is_empty() {
        let path = || params.pointer("/rootPath").and_then(Value::as_str).map(PathBuf::from);
        found.extend(params.pointer("/rootUri").and_then(uri).or_else(path));
    }
    found
}

/// Settings of the user, section `sruja`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// `sruja.hints.capacity`: load, runs and amplification in the text.
    pub capacity: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { capacity: true }
    }
}

impl Settings {
    /// With what a client says, whole or the section alone.
    pub fn with(mut self, settings: &Value) -> Self {
        let said = ["/sruja/hints/capacity", "/hints/capacity"].iter().find_map(|at| settings.pointer(at)?.as_bool());
        self.capacity = said.unwrap_or(self.capacity);
        self
    }
}

/// The answer to `initialize`; `None` never comes of types of the protocol.
pub fn answer(client: &Client) -> Option<Value> {
    let mut answer = serde_json::to_value(answers(client)).ok()?;
    if client.opens_library {
        // Of version 3.18, which the types at hand do not have yet.
        answer["capabilities"]["workspace"]["textDocumentContent"] =
            serde_json::json!({ "schemes": [convert::LIBRARY] });
    }
    Some(answer)
}

fn answers(client: &Client) -> lsp::InitializeResult {
    let capabilities = lsp::ServerCapabilities {
        position_encoding: Some(match client.encoding {
            Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
            Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(lsp::TextDocumentSync::Options(lsp::TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(lsp::TextDocumentSyncKind::Incremental),
            save: Some(true.into()),
            ..lsp::TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(words(&[".", ">", "\"", "/", "(", "="])),
            ..lsp::CompletionOptions::default()
        }),
        signature_help_provider: Some(lsp::SignatureHelpOptions {
            trigger_characters: Some(words(&["(", ","])),
            ..lsp::SignatureHelpOptions::default()
        }),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        document_highlight_provider: Some(true.into()),
        document_symbol_provider: Some(true.into()),
        workspace_symbol_provider: Some(true.into()),
        code_action_provider: Some(lsp::CodeActionProvider::CodeActionOptions(lsp::CodeActionOptions {
            code_action_kinds: Some(vec![
                lsp::CodeActionKind::QuickFix,
                lsp::CodeActionKind::RefactorRewrite,
                lsp::CodeActionKind::SourceFixAll,
            ]),
            ..lsp::CodeActionOptions::default()
        })),
        code_lens_provider: Some(lsp::CodeLensOptions::default()),
        document_link_provider: Some(lsp::DocumentLinkOptions::default()),
        document_formatting_provider: Some(true.into()),
        document_range_formatting_provider: Some(true.into()),
        document_on_type_formatting_provider: Some(lsp::DocumentOnTypeFormattingOptions {
            first_trigger_character: "\n".into(),
            more_trigger_character: Some(words(&["}"])),
        }),
        rename_provider: Some(lsp::RenameProvider::RenameOptions(lsp::RenameOptions {
            prepare_provider: Some(true),
            ..lsp::RenameOptions::default()
        })),
        folding_range_provider: Some(true.into()),
        selection_range_provider: Some(true.into()),
        call_hierarchy_provider: Some(true.into()),
        inlay_hint_provider: Some(true.into()),
        semantic_tokens_provider: Some(tokens().into()),
        diagnostic_provider: None,
        workspace: Some(lsp::WorkspaceOptions {
            workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(true.into()),
            }),
            ..lsp::WorkspaceOptions::default()
        }),
        ..lsp::ServerCapabilities::default()
    };
    let server_info = lsp::ServerInfo { name: "sruja".into(), version: Some(env!("CARGO_PKG_VERSION").into()) };
    lsp::InitializeResult { capabilities, server_info: Some(server_info) }
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

fn tokens() -> lsp::SemanticTokensOptions {
    lsp::SemanticTokensOptions {
        legend: lsp::SemanticTokensLegend { token_types: words(&LEGEND), token_modifiers: words(&["declaration"]) },
        range: Some(true.into()),
        full: Some(true.into()),
        ..lsp::SemanticTokensOptions::default()
    }
}

/// What the client is asked to watch.
pub fn watchers() -> Value {
    let watch = |glob: &str| serde_json::json!({ "globPattern": glob });
    let options = serde_json::json!({ "watchers": [watch("**/*.sruja"), watch("**/sruja.toml"), watch("**/*.csv")] });
    serde_json::json!({
        "registrations": [{
            "id": "sruja-files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": options,
        }]
    })
}
