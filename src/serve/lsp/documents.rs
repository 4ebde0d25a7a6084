//! The open documents, as the client's changes leave them.

use super::convert::{self, Encoding, Ruler};
use crate::ide::Texts;
use gen_lsp_types as lsp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the client calls a document, and which version it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its URI, spelt as the client spells it.
    pub uri: lsp::Uri,
    /// The client's version.
    pub version: i32,
}

/// Heads by path.
pub type Heads = BTreeMap<PathBuf, Head>;

/// What is open.
#[derive(Default)]
pub struct Documents {
    texts: Texts,
    heads: Heads,
}

impl Documents {
    /// A document is open from now on.
    pub fn open(&mut self, document: lsp::TextDocumentItem) {
        let path = convert::path(&document.uri);
        self.texts.insert(path.clone(), plain(document.text));
        self.heads.insert(path, Head { uri: document.uri, version: document.version });
    }

    /// Changes of a document, in order; of one that is not open there are none.
    pub fn change(&mut self, params: lsp::DidChangeTextDocumentParams, encoding: Encoding) {
        let path = convert::path(&params.text_document.text_document_identifier.uri);
        let (Some(text), Some(head)) = (self.texts.get_mut(&path), self.heads.get_mut(&path)) else { return };
        head.version = params.text_document.version;
        let mut new = text.to_string();
        for change in params.content_changes {
            match change {
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    replace(&mut new, &part, encoding);
                }
                lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => new = whole.text,
            }
        }
        *text = plain(new);
    }

    /// A document is no longer open.
    pub fn close(&mut self, uri: &lsp::Uri) {
        let path = convert::path(uri);
        self.texts.remove(&path);
        self.heads.remove(&path);
    }

    /// The text of an open document.
    pub fn text(&self, path: &Path) -> Option<Arc<str>> {
        self.texts.get(path).cloned()
    }

    /// All texts.
    pub fn texts(&self) -> Arc<Texts> {
        Arc::new(self.texts.clone())
    }

    /// All heads.
    pub fn heads(&self) -> Arc<Heads> {
        Arc::new(self.heads.clone())
    }
}

/// The text without a byte order mark, as the checker reads files.
fn plain(text: String) -> Arc<str> {
    text.strip_prefix('\u{feff}').map(Arc::from).unwrap_or_else(|| text.into())
}

fn replace(text: &mut String, part: &lsp::TextDocumentContentChangePartial, encoding: Encoding) {
    let ruler = Ruler::new(text, encoding);
    let (start, end) = (ruler.offset(part.range.start) as usize, ruler.offset(part.range.end) as usize);
    text.replace_range(start.min(end)..end.max(start), &part.text);
}
