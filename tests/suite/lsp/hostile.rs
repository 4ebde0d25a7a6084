//! What no well-behaved client sends.

use super::client::Client;
use serde_json::{Value, json};

#[test]
fn exit_statuses_tell_how_it_ended() {
    let mut abrupt = Client::with(&[]);
    abrupt.notify("exit", Value::Null);
    assert_eq!(abrupt.leave(), Some(1), "`exit` without `shutdown`");
    assert_eq!(Client::with(&[]).leave(), Some(1), "the pipe was closed");
    assert_eq!(Client::silent(&[]).leave(), Some(1), "nothing was ever said");
    assert_eq!(Client::with(&[]).end(), Some(0));
}

#[test]
fn nothing_is_answered_before_initialize_and_after_shutdown() {
    let mut client = Client::silent(&[]);
    let early = client.request("textDocument/hover", json!({})).unwrap_err();
    assert_eq!(early["code"], -32002);
    drop(client);
    let mut client = Client::with(&[]);
    client.request("shutdown", Value::Null).unwrap();
    let late = client.request("textDocument/hover", json!({})).unwrap_err();
    assert_eq!(late["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.leave(), Some(0));
}

#[test]
fn bytes_that_are_no_messages_end_the_session_without_a_panic() {
    for junk in
        [&b"Content-Length: 5\r\n\r\n{\"a\":"[..], b"hello\r\n\r\n", b"Content-Length: 2\r\n\r\n\xff\xfe", b"\0\0\0"]
    {
        let mut client = Client::with(&[]);
        client.raw(junk);
        assert_eq!(client.leave(), Some(1), "{junk:?}");
    }
}

#[test]
fn unknown_methods_and_wrong_parameters_are_refused_one_by_one() {
    let mut client = Client::with(&[("a.sruja", "A = system \"A\"\n")]);
    assert_eq!(client.request("textDocument/moniker", json!({})).unwrap_err()["code"], -32601);
    for method in ["textDocument/hover", "textDocument/completion", "textDocument/rename", "textDocument/codeAction"] {
        let refused = client.request(method, json!({ "textDocument": 7 })).unwrap_err();
        assert_eq!(refused["code"], -32602, "{method}");
    }
    client.notify("textDocument/didChange", json!({ "what": "ever" }));
    client.notify("no/such/thing", json!([1, 2]));
    client.notify("$/cancelRequest", json!({ "id": 999 }));
    client.notify("$/cancelRequest", json!({}));
    client.settle();
}

#[test]
fn files_that_nobody_knows_have_nothing_to_say() {
    let mut client = Client::with(&[("a.sruja", "A = system \"A\"\n")]);
    let place = |uri: &str| {
        json!({
            "textDocument": { "uri": uri },
            "position": { "line": 0, "character": 0 },
            "positions": [],
            "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } },
            "context": { "diagnostics": [], "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false },
            "options": { "tabSize": 2, "insertSpaces": true },
            "ch": "\n",
            "newName": "x",
        })
    };
    let methods = [
        "completion",
        "hover",
        "definition",
        "references",
        "documentHighlight",
        "documentSymbol",
        "codeAction",
        "codeLens",
        "documentLink",
        "formatting",
        "rangeFormatting",
        "onTypeFormatting",
        "foldingRange",
        "selectionRange",
        "semanticTokens/full",
        "inlayHint",
        "signatureHelp",
        "prepareCallHierarchy",
    ];
    for uri in ["file:///no/such/file.sruja", "untitled:Untitled-1", "", "file://", "file:///%zz"] {
        for method in methods {
            let answer = client.request(&format!("textDocument/{method}"), place(uri));
            let empty = answer.as_ref().is_ok_and(|value| value.is_null() || value == &json!([]));
            assert!(empty, "{method} of {uri}: {answer:?}");
        }
        assert!(client.request("textDocument/rename", place(uri)).is_err());
    }
    client.settle();
}

#[test]
fn an_untitled_document_is_checked_like_any_other() {
    let mut client = Client::with(&[]);
    let document = json!({ "uri": "untitled:Untitled-1", "languageId": "sruja", "version": 1, "text": "A -> B\n" });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.settle();
    assert_eq!(client.published["untitled:Untitled-1"][0]["code"], "E0201");
}

#[test]
fn wrong_positions_are_brought_to_the_nearest_that_there_are() {
    let mut client = Client::with(&[]);
    client.open("a.sruja", "A = system \"😀\"\n");
    let far = u32::MAX;
    for (line, character) in [(0, 13), (0, far), (far, 0), (far, far), (1, 5)] {
        for method in ["hover", "completion", "definition", "signatureHelp", "prepareCallHierarchy"] {
            let at = json!({ "line": line, "character": character });
            client.ask_at(&format!("textDocument/{method}"), "a.sruja", at, json!({})).unwrap();
        }
    }
    // Backwards, beyond the end, and through the middle of a character.
    let at = |line: u32, character: u32| json!({ "line": line, "character": character });
    client.change("a.sruja", json!([{ "range": { "start": at(0, 13), "end": at(0, 13) }, "text": "x" }]));
    client.change("a.sruja", json!([{ "range": { "start": at(9, 9), "end": at(0, 15) }, "text": "" }]));
    client.change(
        "a.sruja",
        json!([{ "range": { "start": at(far, far), "end": at(far, far) }, "text": "\nB = system \"B\"" }]),
    );
    client.settle();
    let params = json!({ "textDocument": { "uri": client.uri("a.sruja") } });
    let outline = client.request("textDocument/documentSymbol", params).unwrap();
    assert_eq!(outline.as_array().unwrap().len(), 2, "{outline}");
}

#[test]
fn changes_of_what_is_not_open_and_negative_places_are_left_out() {
    let mut client = Client::with(&[("a.sruja", "A = system \"A\"\nA -> B\n")]);
    let uri = client.uri("a.sruja");
    let document = json!({ "uri": uri, "version": 3 });
    let change = json!({ "textDocument": document, "contentChanges": [{ "text": "" }] });
    client.notify("textDocument/didChange", change);
    client.settle();
    assert_eq!(client.published["a.sruja"][0]["code"], "E0201", "the file on disk counts");
    let refused = client.ask_at("textDocument/hover", "a.sruja", json!({ "line": -1, "character": 0 }), json!({}));
    assert_eq!(refused.unwrap_err()["code"], -32602);
}

#[test]
fn large_and_deep_files_are_told_of_and_served() {
    let mut client = Client::with(&[]);
    let deep = "A = system \"A\" {\n".repeat(3_000);
    client.open("deep.sruja", &deep);
    let many: String = (0..20_000).map(|n| format!("E{n} = service \"E{n}\"\n")).collect();
    client.open("many.sruja", &many);
    client.settle();
    assert_eq!(client.published["deep.sruja"][0]["code"], "E0107");
    let at = json!({ "line": 19_999, "character": 2 });
    let answer = client.ask_at("textDocument/hover", "many.sruja", at.clone(), json!({})).unwrap();
    assert!(answer["contents"]["value"].as_str().unwrap().contains("E19999"));
    let answer = client.ask_at("textDocument/completion", "many.sruja", at, json!({})).unwrap();
    assert!(answer["items"].as_array().unwrap().len() <= 200);
    client.open("huge.sruja", &"x".repeat(17 << 20));
    client.settle();
    assert_eq!(client.published["huge.sruja"][0]["code"], "E0113");
}

#[test]
fn a_request_that_is_cancelled_says_so_or_is_answered() {
    let many: String = (0..5_000).map(|n| format!("E{n} = service \"E{n}\"\n")).collect();
    let mut client = Client::with(&[]);
    client.open("a.sruja", &many);
    let ids: Vec<i64> = (0..20).map(|_| client.ask("workspace/symbol", json!({ "query": "e" }))).collect();
    for id in &ids[1..] {
        client.notify("$/cancelRequest", json!({ "id": id }));
    }
    assert!(client.answer(ids[0]).is_ok());
    let refused = ids[1..].iter().filter(|id| client.answer(**id).is_err_and(|error| error["code"] == -32800));
    assert!(refused.count() > 0, "each takes a while: the last of twenty cannot have been answered before");
}
