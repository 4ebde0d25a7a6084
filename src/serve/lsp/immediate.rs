//! Answers that the text alone gives, or what was known before: they never wait for a check.

use super::capabilities::Client;
use super::checker::Shared;
use super::convert::{self, Ruler};
use super::documents::Documents;
use crate::ide::{completion, folding, format, library, selection, signature, symbols};
use crate::source::FileId;
use crate::syntax;
use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The document that a request is about.
pub fn document(params: &Value) -> Option<PathBuf> {
    params.pointer("/textDocument/uri").and_then(Value::as_str).map(|uri| convert::path(&uri.into()))
}

/// The answer to a request; `None` for one that needs a check.
pub fn answer(request: &Request, documents: &Documents, shared: &Shared, client: &Client) -> Option<Response> {
    let at = At { request, documents, shared, client };
    Some(match request.method.as_str() {
        "textDocument/completion" => at.with(At::complete),
        "textDocument/signatureHelp" => at.with(At::signature),
        "textDocument/documentSymbol" => at.with(At::outline),
        "textDocument/foldingRange" => at.with(At::folds),
        "textDocument/selectionRange" => at.with(At::selections),
        "textDocument/formatting" => at.with(At::format),
        "textDocument/rangeFormatting" => at.with(At::format_range),
        "textDocument/onTypeFormatting" => at.with(At::format_on_type),
        "workspace/textDocumentContent" => at.content(),
        _ => return None,
    })
}

struct At<'a> {
    request: &'a Request,
    documents: &'a Documents,
    shared: &'a Shared,
    client: &'a Client,
}

/// A document that is open.
struct Open {
    path: PathBuf,
    text: Arc<str>,
}

impl At<'_> {
    /// The answer to a request about an open document; of another document there is none.
    fn with<P: DeserializeOwned, R: Serialize>(&self, work: impl FnOnce(&Self, P, &Open) -> R) -> Response {
        let id = self.request.id.clone();
        match serde_json::from_value(self.request.params.clone()) {
            Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string()),
            Ok(params) => match document(&self.request.params).and_then(|path| self.open(&path)) {
                None => Response::new_ok(id, Value::Null),
                Some(open) => Response::new_ok(id, work(self, params, &open)),
            },
        }
    }

    /// The text of a file of the standard library.
    fn content(&self) -> Response {
        let id = self.request.id.clone();
        let uri = self.request.params["uri"].as_str().unwrap_or_default();
        match library::text(&convert::path(&uri.into())) {
            Some(text) => Response::new_ok(id, json!({ "text": text })),
            None => Response::new_err(id, ErrorCode::InvalidParams as i32, format!("there is no `{uri}`")),
        }
    }

    fn open(&self, path: &Path) -> Option<Open> {
        Some(Open { path: path.into(), text: self.documents.text(path)? })
    }

    fn ruler<'t>(&self, open: &'t Open) -> Ruler<'t> {
        Ruler::new(&open.text, self.client.encoding)
    }

    fn complete(&self, params: lsp::CompletionParams, open: &Open) -> lsp::CompletionList {
        let ruler = self.ruler(open);
        let offset = ruler.offset(params.text_document_position_params.position);
        let found = completion::complete(&self.shared.world(), &open.path, &open.text, offset);
        let range = ruler.range(found.span.0, found.span.1);
        let items = found.items.into_iter().enumerate().map(|(n, item)| self.item(n, item, range)).collect();
        lsp::CompletionList { is_incomplete: found.is_incomplete, items, ..lsp::CompletionList::default() }
    }

    fn item(&self, n: usize, item: completion::Item, range: lsp::Range) -> lsp::CompletionItem {
        use completion::What;
        let kind = match item.what {
            What::Keyword => lsp::CompletionItemKind::Keyword,
            What::Kind => lsp::CompletionItemKind::Class,
            What::Name => lsp::CompletionItemKind::Variable,
            What::Property => lsp::CompletionItemKind::Property,
            What::Value => lsp::CompletionItemKind::Value,
            What::Function => lsp::CompletionItemKind::Function,
            What::Verb => lsp::CompletionItemKind::Event,
            What::Scenario => lsp::CompletionItemKind::Module,
            What::File => lsp::CompletionItemKind::File,
        };
        let is_snippet = item.insert.contains("${") || item.insert.contains("$0") || item.insert.contains("\\}");
        let (new_text, form) = match (is_snippet, self.client.snippets) {
            (true, true) => (item.insert, lsp::InsertTextFormat::Snippet),
            (true, false) => (filled(&item.insert), lsp::InsertTextFormat::PlainText),
            (false, _) => (item.insert, lsp::InsertTextFormat::PlainText),
        };
        lsp::CompletionItem {
            filter_text: Some(item.label.clone()),
            label: item.label,
            kind: Some(kind),
            detail: Some(item.detail).filter(|detail| !detail.is_empty()),
            documentation: Some(item.doc).filter(|doc| !doc.is_empty()).map(|doc| markdown(doc).into()),
            sort_text: Some(format!("{n:04}")),
            insert_text_format: Some(form),
            text_edit: Some(lsp::TextEdit { range, new_text }.into()),
            ..lsp::CompletionItem::default()
        }
    }

    fn signature(&self, params: lsp::SignatureHelpParams, open: &Open) -> Option<lsp::SignatureHelp> {
        let offset = self.ruler(open).offset(params.text_document_position_params.position);
        let found = signature::signatures(&open.text, offset);
        let active = found.iter().position(|one| one.parameters.len() > one.active).unwrap_or(0);
        let active_parameter = found.get(active).map(|one| (one.active as u32).into());
        let one = |form: signature::Signature| lsp::SignatureInformation {
            parameters: Some(form.parameters.iter().map(|place| parameter(*place)).collect()),
            documentation: Some(markdown(form.doc).into()),
            label: form.label,
            ..lsp::SignatureInformation::default()
        };
        let signatures: Vec<_> = found.into_iter().map(one).collect();
        (!signatures.is_empty()).then_some(lsp::SignatureHelp {
            signatures,
            active_signature: Some(active as u32),
            active_parameter,
        })
    }

    fn outline(&self, _: lsp::DocumentSymbolParams, open: &Open) -> Vec<lsp::DocumentSymbol> {
        let (tree, _) = syntax::parse(FileId(0), &open.text);
        let ruler = self.ruler(open);
        symbols::outline(&tree).into_iter().map(|entry| document_symbol(&ruler, entry)).collect()
    }

    fn folds(&self, _: lsp::FoldingRangeParams, open: &Open) -> Vec<lsp::FoldingRange> {
        let one = |(start_line, end_line, fold)| lsp::FoldingRange {
            start_line,
            end_line,
            kind: match fold {
                folding::Fold::Block => None,
                folding::Fold::Comment => Some(lsp::FoldingRangeKind::Comment),
                folding::Fold::Imports => Some(lsp::FoldingRangeKind::Imports),
            },
            ..lsp::FoldingRange::default()
        };
        folding::folds(&open.text).into_iter().map(one).collect()
    }

    fn selections(&self, params: lsp::SelectionRangeParams, open: &Open) -> Vec<lsp::SelectionRange> {
        let ruler = self.ruler(open);
        let nested = |position: lsp::Position| {
            let ranges = selection::ranges(&open.text, ruler.offset(position));
            let wrap = |parent: Option<Box<lsp::SelectionRange>>, (start, end): &(u32, u32)| {
                Some(Box::new(lsp::SelectionRange { range: ruler.range(*start, *end), parent }))
            };
            ranges.iter().rev().fold(None, wrap).map(|range| *range).unwrap_or_default()
        };
        params.positions.into_iter().map(nested).collect()
    }

    fn format(&self, _: lsp::DocumentFormattingParams, open: &Open) -> Vec<lsp::TextEdit> {
        self.edits(open, format::whole(&open.text))
    }

    fn format_range(&self, params: lsp::DocumentRangeFormattingParams, open: &Open) -> Vec<lsp::TextEdit> {
        let ruler = self.ruler(open);
        let (start, end) = (ruler.offset(params.range.start), ruler.offset(params.range.end));
        self.edits(open, format::range(&open.text, start.min(end), end.max(start)))
    }

    fn format_on_type(&self, params: lsp::DocumentOnTypeFormattingParams, open: &Open) -> Vec<lsp::TextEdit> {
        let offset = self.ruler(open).offset(params.position);
        self.edits(open, format::on_type(&open.text, offset))
    }

    fn edits(&self, open: &Open, edits: Vec<format::Edit>) -> Vec<lsp::TextEdit> {
        let ruler = self.ruler(open);
        let one = |(start, end, new_text)| lsp::TextEdit { range: ruler.range(start, end), new_text };
        edits.into_iter().map(one).collect()
    }
}

/// Markdown of the protocol.
pub fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}

fn parameter((start, end): (u32, u32)) -> lsp::ParameterInformation {
    lsp::ParameterInformation { label: lsp::ParameterInformationLabel::Tuple((start, end)), documentation: None }
}

/// A snippet with its places filled in, for clients that have none.
fn filled(snippet: &str) -> String {
    let mut out = String::with_capacity(snippet.len());
    let mut rest = snippet.replace("$0", "");
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let tail = rest[start + 2..].to_owned();
        let place = tail.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(':');
        // The end of the place is the first brace that is not escaped.
        let end = place.char_indices().find(|(at, c)| *c == '}' && !place[..*at].ends_with('\\'));
        let end = end.map_or(place.len(), |(at, _)| at);
        out.push_str(&place[..end]);
        rest = place[(end + 1).min(place.len())..].to_owned();
    }
    (out + &rest).replace("\\}", "}").replace("\\$", "$")
}

fn document_symbol(ruler: &Ruler<'_>, entry: symbols::Entry) -> lsp::DocumentSymbol {
    let children = entry.children.into_iter().map(|child| document_symbol(ruler, child)).collect();
    // A client refuses an outline in which a name lies outside of what it names.
    let (start, end) = (entry.span.start.min(entry.name_span.start), entry.span.end.max(entry.name_span.end));
    #[expect(deprecated, reason = "the field has to be given")]
    lsp::DocumentSymbol {
        name: if entry.name.is_empty() { "?".into() } else { entry.name },
        detail: Some(entry.detail),
        kind: symbol_kind(entry.what),
        tags: None,
        deprecated: None,
        range: ruler.range(start, end),
        selection_range: ruler.range(entry.name_span.start, entry.name_span.end),
        children: Some(children),
    }
}

/// The icon of an entry.
pub fn symbol_kind(what: symbols::What) -> lsp::SymbolKind {
    use symbols::What;
    match what {
        What::Element => lsp::SymbolKind::Class,
        What::Source => lsp::SymbolKind::Interface,
        What::Queue => lsp::SymbolKind::Array,
        What::Store => lsp::SymbolKind::Struct,
        What::Scenario => lsp::SymbolKind::Event,
        What::Flow => lsp::SymbolKind::Function,
        What::Version => lsp::SymbolKind::Package,
        What::Kind => lsp::SymbolKind::TypeParameter,
        What::Behavior => lsp::SymbolKind::Property,
        What::Place => lsp::SymbolKind::Namespace,
        What::Other => lsp::SymbolKind::Object,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_without_places_is_what_they_stand_for() {
        assert_eq!(filled("scenario ${1:Base} {\n  $0\n}"), "scenario Base {\n  \n}");
        assert_eq!(filled("retry ${1:3 { backoff x \\}}"), "retry 3 { backoff x }");
        assert_eq!(filled("plain"), "plain");
    }
}
