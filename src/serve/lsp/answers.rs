//! Answers that need a check: one thread gives them, in order, each as soon as enough has been checked.

use super::capabilities::{Client, Settings};
use super::checker::{Need, Shared};
use super::convert::{self, Encoding, Ruler};
use super::immediate::{document, markdown, symbol_kind};
use super::{Cancelled, Outbox, bug, guard};
use crate::ide::{
    Location, World, actions, calls, hints, hover, lens, library, links, references, rename, symbols, tokens,
};
use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// A request on its way.
pub struct Asked {
    /// The request.
    pub request: Request,
    /// Set when the client no longer wants it.
    pub cancelled: Arc<AtomicBool>,
    /// The text that its places are of, where the document is open.
    pub text: Option<Arc<str>>,
}

/// The thread that answers.
pub struct Worker<'a> {
    /// What is known.
    pub shared: &'a Shared,
    /// Where answers go.
    pub out: Outbox,
    /// What it can.
    pub client: Client,
    /// What the user has set.
    pub settings: &'a Mutex<Settings>,
    /// Requests that are under way.
    pub cancelled: &'a Cancelled,
}

/// Why a request has no answer.
enum No {
    Method,
    Params(String),
    Changed,
    Cancelled,
    Refused(String),
}

impl Worker<'_> {
    /// Answers until the server ends.
    pub fn run(&self, asked: mpsc::Receiver<Asked>) {
        for asked in asked {
            let id = asked.request.id.clone();
            let answer = guard(|| self.answer(&asked));
            let response = match answer {
                Err(()) => bug(id.clone()),
                Ok(Ok(value)) => Response::new_ok(id.clone(), value),
                Ok(Err(no)) => refusal(&asked.request, no),
            };
            self.cancelled.end(&id);
            self.out.send(response);
        }
    }

    fn answer(&self, asked: &Asked) -> Result<Value, No> {
        let need = match asked.request.method.as_str() {
            // The load may come from the scenario of a file that imports this one.
            "textDocument/inlayHint"
            | "textDocument/references"
            | "textDocument/rename"
            | "workspace/symbol"
            | "callHierarchy/incomingCalls" => Need::Settled,
            _ => Need::Warm,
        };
        let is_cancelled = || asked.cancelled.load(Ordering::Relaxed);
        let world = self.shared.wait(need, is_cancelled).ok_or(No::Cancelled)?;
        if is_cancelled() {
            return Err(No::Cancelled);
        }
        let path = document(&asked.request.params);
        // Places of an older text mean something else in a newer one.
        let has_changed = |(path, text): (&PathBuf, &Arc<str>)| world.text(path).is_some_and(|now| now != &**text);
        if path.as_ref().zip(asked.text.as_ref()).is_some_and(has_changed) {
            return Err(No::Changed);
        }
        let at = At { worker: self, world: &world, path: path.unwrap_or_default(), params: &asked.request.params };
        let answer = at.dispatch(&asked.request.method)?;
        if is_cancelled() { Err(No::Cancelled) } else { Ok(answer) }
    }
}

fn refusal(request: &Request, no: No) -> Response {
    let (code, message) = match no {
        No::Method => (ErrorCode::MethodNotFound, format!("`{}` is not offered", request.method)),
        No::Params(why) => (ErrorCode::InvalidParams, why),
        No::Changed => (ErrorCode::ContentModified, "the text has changed since".into()),
        No::Cancelled => (ErrorCode::RequestCanceled, "cancelled".into()),
        No::Refused(why) => (ErrorCode::RequestFailed, why),
    };
    Response::new_err(request.id.clone(), code as i32, message)
}

/// One request, with what is known.
struct At<'a> {
    worker: &'a Worker<'a>,
    world: &'a World,
    path: PathBuf,
    params: &'a Value,
}

fn value(answer: impl Serialize) -> Value {
    // The types of the protocol have no maps with keys that are no strings.
    serde_json::to_value(answer).unwrap_or_default()
}

impl At<'_> {
    fn dispatch(&self, method: &str) -> Result<Value, No> {
        Ok(match method {
            "textDocument/hover" => value(self.hover()?),
            "textDocument/definition" => value(self.definition()?),
            "textDocument/references" => value(self.references()?),
            "textDocument/documentHighlight" => value(self.highlights()?),
            "textDocument/prepareRename" => value(self.prepare_rename()?),
            "textDocument/rename" => value(self.rename()?),
            "textDocument/documentLink" => value(self.links()),
            "textDocument/codeAction" => value(self.actions()?),
            "textDocument/codeLens" => value(self.lenses()),
            "textDocument/inlayHint" => value(self.hints()?),
            "textDocument/semanticTokens/full" => value(self.tokens(None)),
            "textDocument/semanticTokens/range" => value(self.tokens(Some(self.range()?))),
            "textDocument/prepareCallHierarchy" => value(self.prepare_calls()?),
            "callHierarchy/incomingCalls" => value(self.incoming()?),
            "callHierarchy/outgoingCalls" => value(self.outgoing()?),
            "workspace/symbol" => value(self.symbols()?),
            _ => return Err(No::Method),
        })
    }

    fn params<P: DeserializeOwned>(&self) -> Result<P, No> {
        serde_json::from_value(self.params.clone()).map_err(|error| No::Params(error.to_string()))
    }

    fn encoding(&self) -> Encoding {
        self.worker.client.encoding
    }

    fn ruler(&self) -> Ruler<'_> {
        Ruler::new(self.world.text(&self.path).unwrap_or_default(), self.encoding())
    }

    fn offset(&self) -> Result<u32, No> {
        let at: lsp::TextDocumentPositionParams = self.params()?;
        Ok(self.ruler().offset(at.position))
    }

    fn range(&self) -> Result<(u32, u32), No> {
        let range = self.params.get("range").cloned().unwrap_or_default();
        let range: lsp::Range = serde_json::from_value(range).map_err(|error| No::Params(error.to_string()))?;
        let (start, end) = (self.ruler().offset(range.start), self.ruler().offset(range.end));
        Ok((start.min(end), end.max(start)))
    }

    fn hover(&self) -> Result<Option<lsp::Hover>, No> {
        let found = hover::hover(self.world, &self.path, self.offset()?);
        Ok(found.map(|hover| lsp::Hover {
            contents: lsp::Contents::MarkupContent(markdown(hover.text)),
            range: Some(self.ruler().range(hover.span.0, hover.span.1)),
        }))
    }

    /// Whether the client can go there.
    fn opens(&self, at: &Location) -> bool {
        self.worker.client.opens_library || library::text(&at.path).is_none()
    }

    fn definition(&self) -> Result<Option<lsp::Location>, No> {
        let found = references::definition(self.world, &self.path, self.offset()?).filter(|at| self.opens(at));
        Ok(found.and_then(|at| convert::location(self.world, &at, self.encoding())))
    }

    fn references(&self) -> Result<Vec<lsp::Location>, No> {
        let params: lsp::ReferenceParams = self.params()?;
        let offset = self.offset()?;
        let mut found = references::references(self.world, &self.path, offset);
        if !params.context.include_declaration {
            let declared = references::definition(self.world, &self.path, offset);
            found.retain(|at| Some(at) != declared.as_ref());
        }
        Ok(convert::locations(self.world, &found, self.encoding()))
    }

    fn highlights(&self) -> Result<Vec<lsp::DocumentHighlight>, No> {
        let ruler = self.ruler();
        let found = references::highlights(self.world, &self.path, self.offset()?);
        let one = |at: Location| lsp::DocumentHighlight { range: ruler.range(at.start, at.end), kind: None };
        Ok(found.into_iter().map(one).collect())
    }

    fn prepare_rename(&self) -> Result<Value, No> {
        let found = rename::prepare(self.world, &self.path, self.offset()?).map_err(|why| No::Refused(why.into()))?;
        let text = self.world.text(&found.path).unwrap_or_default();
        let name = text.get(found.start as usize..found.end as usize).unwrap_or_default();
        Ok(json!({
            "range": self.ruler().range(found.start, found.end),
            "placeholder": name.trim_matches(['"', '\'']),
        }))
    }

    fn rename(&self) -> Result<lsp::WorkspaceEdit, No> {
        let params: lsp::RenameParams = self.params()?;
        let found = rename::rename(self.world, &self.path, self.offset()?, &params.new_name).map_err(No::Refused)?;
        Ok(convert::edit(self.world, &found, self.encoding()))
    }

    fn links(&self) -> Vec<lsp::DocumentLink> {
        let ruler = self.ruler();
        let one = |link: links::Link| lsp::DocumentLink {
            range: ruler.range(link.span.0, link.span.1),
            target: Some(convert::uri(&link.to.path)),
            ..lsp::DocumentLink::default()
        };
        let all = links::links(self.world, &self.path).into_iter();
        all.filter(|link| self.opens(&link.to)).map(one).collect()
    }

    fn actions(&self) -> Result<Vec<lsp::CodeAction>, No> {
        let params: lsp::CodeActionParams = self.params()?;
        let (start, end) = self.range()?;
        let all = actions::actions(self.world, &self.path, start, end);
        let ruler = self.ruler();
        let mut found: Vec<lsp::CodeAction> = all.iter().map(|action| self.action(action, &ruler)).collect();
        found.extend(self.fix_all());
        if let Some(only) = &params.context.only {
            let asked: Vec<String> = only.iter().map(|kind| String::from(kind.clone())).collect();
            found.retain(|action| {
                let kind = action.kind.clone().map(String::from).unwrap_or_default();
                asked.iter().any(|asked| kind == *asked || kind.starts_with(&format!("{asked}.")))
            });
        }
        Ok(found)
    }

    fn action(&self, action: &actions::Action<'_>, ruler: &Ruler<'_>) -> lsp::CodeAction {
        let mends = action
            .mends
            .as_ref()
            .map(|(view, found)| vec![super::publish::diagnostic(found, view.analysis.sources(), ruler, Vec::new())]);
        let kind = if mends.is_some() { lsp::CodeActionKind::QuickFix } else { lsp::CodeActionKind::RefactorRewrite };
        lsp::CodeAction {
            title: action.title.clone(),
            kind: Some(kind),
            is_preferred: Some(action.is_certain).filter(|_| mends.is_some()),
            diagnostics: mends,
            edit: Some(convert::edit(self.world, &action.changes, self.encoding())),
            ..lsp::CodeAction::default()
        }
    }

    /// What `check --fix` does to this file, as one action.
    fn fix_all(&self) -> Option<lsp::CodeAction> {
        let fixed = actions::fix_all(self.world, &self.path)?;
        Some(lsp::CodeAction {
            title: "make every certain fix of this file".into(),
            kind: Some(lsp::CodeActionKind::SourceFixAll),
            edit: Some(convert::edit(self.world, &fixed, self.encoding())),
            ..lsp::CodeAction::default()
        })
    }

    fn lenses(&self) -> Vec<lsp::CodeLens> {
        let ruler = self.ruler();
        let uri = convert::uri(&self.path);
        let one = |lens: lens::Lens| {
            let command = match lens.action {
                lens::Action::Run => "sruja.run",
                lens::Action::Expand => "sruja.expand",
            };
            let command = lsp::Command {
                title: lens.title,
                command: command.into(),
                arguments: Some(vec![json!(uri.0), json!(lens.scenario)]),
                ..lsp::Command::default()
            };
            let range = ruler.range(lens.span.0, lens.span.1);
            lsp::CodeLens { range, command: Some(command), data: None }
        };
        lens::lenses(self.world, &self.path).into_iter().map(one).collect()
    }

    fn hints(&self) -> Result<Vec<lsp::InlayHint>, No> {
        if !self.worker.settings.lock().unwrap_or_else(PoisonError::into_inner).capacity {
            return Ok(Vec::new());
        }
        let (start, end) = self.range()?;
        let ruler = self.ruler();
        let one = |hint: hints::Hint| lsp::InlayHint {
            position: ruler.position(hint.at),
            // The protocol has no colours: a red circle is understood everywhere.
            label: if hint.is_over { format!("🔴 {}", hint.label) } else { hint.label }.into(),
            kind: None,
            text_edits: None,
            tooltip: Some(lsp::Tooltip::MarkupContent(markdown(hint.tooltip))),
            padding_left: Some(true),
            padding_right: Some(true),
            data: None,
        };
        Ok(hints::hints(self.world, &self.path, start, end).into_iter().map(one).collect())
    }

    fn tokens(&self, range: Option<(u32, u32)>) -> Option<lsp::SemanticTokens> {
        let view = self.world.view(&self.path)?;
        let ruler = self.ruler();
        let (start, end) = range.unwrap_or((0, u32::MAX));
        let (mut data, mut last) = (Vec::new(), lsp::Position { line: 0, character: 0 });
        let wanted = tokens::tokens(&view).into_iter().filter(|token| token.end >= start && token.start <= end);
        for (from, to, token) in wanted.flat_map(|token| single_lines(view.text(), token)) {
            let at = ruler.position(from);
            let delta_line = at.line - last.line;
            data.push(lsp::SemanticToken {
                delta_line,
                delta_start: if delta_line == 0 { at.character - last.character } else { at.character },
                length: ruler.length(from, to),
                token_type: token.class as u32,
                token_modifiers_bitset: u32::from(token.declares),
            });
            last = at;
        }
        Some(lsp::SemanticTokens { result_id: None, data })
    }

    fn symbols(&self) -> Result<Vec<lsp::SymbolInformation>, No> {
        let params: lsp::WorkspaceSymbolParams = self.params()?;
        let found = symbols::workspace(self.world, &params.query);
        let places: Vec<_> = found.iter().map(|named| named.at.clone()).collect();
        let places = convert::locations(self.world, &places, self.encoding());
        let one = |(named, location): (symbols::Named, lsp::Location)| {
            let (container, name) =
                named.path.rsplit_once('.').map_or((None, named.path.as_str()), |(a, b)| (Some(a), b));
            #[expect(deprecated, reason = "the field has to be given")]
            lsp::SymbolInformation {
                deprecated: None,
                location,
                base_symbol_information: lsp::BaseSymbolInformation {
                    name: name.to_owned(),
                    kind: symbol_kind(named.what),
                    tags: None,
                    container_name: container.map(str::to_owned),
                },
            }
        };
        Ok(found.into_iter().zip(places).map(one).collect())
    }

    fn prepare_calls(&self) -> Result<Option<Vec<lsp::CallHierarchyItem>>, No> {
        let found = calls::prepare(self.world, &self.path, self.offset()?);
        Ok(found.and_then(|node| self.node(&node)).map(|item| vec![item]))
    }

    fn node(&self, node: &calls::Node) -> Option<lsp::CallHierarchyItem> {
        let at = convert::location(self.world, &node.at, self.encoding())?;
        Some(lsp::CallHierarchyItem {
            name: node.path.rsplit('.').next().unwrap_or(&node.path).to_owned(),
            kind: lsp::SymbolKind::Class,
            tags: None,
            detail: Some(format!("{} · {}", node.kind, node.path)),
            uri: at.uri,
            range: at.range,
            selection_range: at.range,
            data: Some(json!({ "path": node.path, "kind": node.kind })),
        })
    }

    /// The element that an item of the hierarchy stands for.
    fn of_item(&self, item: &lsp::CallHierarchyItem) -> Option<calls::Node> {
        let data = item.data.as_ref()?;
        let path = convert::path(&item.uri);
        let ruler = Ruler::new(self.world.text(&path)?, self.encoding());
        let (start, end) = (ruler.offset(item.selection_range.start), ruler.offset(item.selection_range.end));
        let text = |key: &str| data[key].as_str().map(str::to_owned);
        Some(calls::Node { path: text("path")?, kind: text("kind")?, at: Location { path, start, end } })
    }

    fn incoming(&self) -> Result<Vec<lsp::CallHierarchyIncomingCall>, No> {
        let params: lsp::CallHierarchyIncomingCallsParams = self.params()?;
        let Some(of) = self.of_item(&params.item) else { return Ok(Vec::new()) };
        let found = calls::incoming(self.world, &of).into_iter().filter_map(|(node, places)| {
            let from = self.node(&node)?;
            Some(lsp::CallHierarchyIncomingCall { from_ranges: self.in_file(&convert::path(&from.uri), &places), from })
        });
        Ok(found.collect())
    }

    fn outgoing(&self) -> Result<Vec<lsp::CallHierarchyOutgoingCall>, No> {
        let params: lsp::CallHierarchyOutgoingCallsParams = self.params()?;
        let Some(of) = self.of_item(&params.item) else { return Ok(Vec::new()) };
        let caller = convert::path(&params.item.uri);
        let found = calls::outgoing(self.world, &of).into_iter().filter_map(|(node, places)| {
            Some(lsp::CallHierarchyOutgoingCall { to: self.node(&node)?, from_ranges: self.in_file(&caller, &places) })
        });
        Ok(found.collect())
    }

    /// The places that lie in one file: the protocol takes them to be of the caller's.
    fn in_file(&self, path: &Path, places: &[Location]) -> Vec<lsp::Range> {
        let here: Vec<_> = places.iter().filter(|at| at.path == path).cloned().collect();
        convert::locations(self.world, &here, self.encoding()).into_iter().map(|at| at.range).collect()
    }
}

/// A token line by line: most clients take none of several lines.
fn single_lines(text: &str, token: tokens::Token) -> Vec<(u32, u32, tokens::Token)> {
    let part = text.get(token.start as usize..token.end as usize).unwrap_or_default();
    let mut at = token.start;
    let mut found = Vec::new();
    for line in part.split_inclusive('\n') {
        let end = at + line.trim_end_matches(['\n', '\r']).len() as u32;
        if end > at {
            found.push((at, end, token));
        }
        at += line.len() as u32;
    }
    found
}
