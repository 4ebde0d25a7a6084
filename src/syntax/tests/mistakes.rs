//! Wording and place of what is said about mistakes, and that one mistake is said once.

use super::*;

/// `(code, underlined text, message)` of everything said about `text`.
fn said(text: &str) -> Vec<(&'static str, String, String)> {
    let (_, found) = parse(text);
    let row = |d: &Diagnostic| (d.code.id, under(text, d.span).to_owned(), d.message.clone());
    found.iter().map(row).collect()
}

/// Each text has exactly one mistake.
#[test]
fn one_mistake_is_said_once() {
    let mut wrong = String::new();
    for (text, code, underlined, message) in [
        ("A <- B \"x\"\nB -> C", "E0106", "<-", "`<-` means nothing here"),
        ("A <-> B", "E0106", "<->", "`<->` means nothing here"),
        ("A => B", "E0106", "=>", "`=>` means nothing here"),
        ("A --> B", "E0106", "-->", "`-->` means nothing here"),
        ("A → B", "E0106", "→", "`→` means nothing here"),
        (
            "A = system \"A\"\nB = system \"B\"\nA = B \"calls\"",
            "E0106",
            "=",
            "`=` declares an element; a relation needs an arrow",
        ),
        ("A := system \"A\"", "E0101", ":=", "`:=` means nothing here"),
        ("A ->\nB = system \"B\"", "E0111", "->", "the relation goes nowhere"),
        ("A =\nB = system \"B\"", "E0111", "=", "`A =` has no value"),
        ("sytem A \"A\" { B = container \"B\" }", "E0115", "sytem", "`sytem` is no keyword"),
        ("A = contianer \"A\"", "E0115", "contianer", "`contianer` is no keyword"),
        ("scenaro S { load = 5/s }", "E0115", "scenaro", "`scenaro` is no keyword"),
        ("S = scenaro \"S\" { step A -> B }", "E0115", "scenaro", "`scenaro` is no keyword"),
        ("behaviour A { replicas 3 }", "E0115", "behaviour", "`behaviour` is no keyword"),
        ("A = system \"A\" { descripton \"x\" }", "E0115", "descripton", "`descripton` is no keyword"),
        ("A = system \"A\" { description }", "E0111", "description", "`description` has no value"),
        ("behavior A { service_time 30msec }", "E0110", "msec", "`msec` is not a unit"),
        ("behavior A { replicas 3.1.4 }", "E0109", "3.1.4", "`3.1.4` cannot be read as a number"),
        ("scenario S { load = −5 }", "E0109", "−5", "`−5` is not a number"),
        ("behavior A { replicas }", "E0111", "replicas", "`replicas` has no value"),
        ("behavior A { replicas concurrency 3 }", "E0111", "replicas", "`replicas` has no value"),
        ("behavior A { servce_time 3ms replicas 3 }", "E0204", "servce_time", "`servce_time` is no attribute"),
        ("behavior A { backoff none }", "E0204", "backoff", "`backoff` is no attribute"),
        ("behavior A { retry 3 { jiter full } }", "E0204", "jiter", "`jiter` is no attribute"),
        ("A -> B { timout 3ms }", "E0204", "timout", "`timout` is no attribute"),
        ("A = x \"A\" { slo { latency { p59 \"3\" } } }", "E0204", "p59", "`p59` is no objective"),
        ("behavior A { service_time exponental(3ms) }", "E0207", "exponental", "`exponental` is no distribution"),
        ("behavior A { service_time mixture(9% foo(1ms)) }", "E0207", "foo", "`foo` is no distribution"),
        ("scenario S { at 30s explode A for 5s }", "E0205", "explode", "`explode` is no chaos action"),
        ("scenario S { at 30s kil A for 5s }", "E0205", "kil", "`kil` is no chaos action"),
        ("scenario S {\n  durtion 5s\n}", "E0205", "durtion", "`durtion` begins no statement of a scenario"),
        ("scenario S { duration\n warmup 5s }", "E0111", "duration", "`duration` has no value"),
        ("scenario S { at 30s }", "E0111", "", "the event does nothing"),
        ("scenario S { at 30s kill }", "E0111", "kill", "`kill` hits nothing"),
        ("scenario S { at 30s kill A for }", "E0111", "for", "`for` has no value"),
        ("scenario S { partition A | }", "E0111", "", "the partition has one side only"),
        ("scenario S { expect p95(A) }", "E0111", "p95(A)", "the condition compares nothing"),
        ("scenario S { expect p95 < }", "E0111", "<", "`<` has no value"),
        ("scenario S { expect p95 => 5ms }", "E0101", "=>", "`=>` compares nothing"),
        ("scenario S { load = 100.. }", "E0111", "..", "`..` has no value"),
        ("scenario S { load = }", "E0111", "load", "`load` has no value"),
        ("scenario S { step A }", "E0111", "step", "`step` has no value"),
        ("version v1 \"x\"", "E0111", "v1", "`v1` has no value"),
        ("import { a } './b.sruja'", "E0111", "import", "the import names no file"),
        ("A = system “Shop”", "E0114", "“Shop”", "texts stand in plain quotes"),
        ("A = system \"Shop\nB = system \"B\"", "E0104", "\"Shop", "this text is never closed"),
        ("A = system \"Shop {\n  B = container \"B\"\n}", "E0104", "\"Shop", "this text is never closed"),
        ("A = system 'x\nB = system 'B'", "E0104", "'x", "this text is never closed"),
        ("/* a\nA = system \"A\" {", "E0105", "/*", "this comment is never closed"),
        ("A = system \"A\" {\n  B = container \"B\"\n", "E0102", "{", "this `{` is never closed"),
        ("A = system \"A\"\n}\nB = system \"B\"", "E0103", "}", "`}` closes nothing"),
        ("A = system \"A\" {\n  ) description \"x\"\n}", "E0103", ")", "`)` closes nothing"),
        ("A = system \"A\" {\n  tags [\"a\", \"b\"\n  description \"x\"\n}", "E0102", "[", "this `[` is never closed"),
        ("behavior A { service_time exponential(3ms }", "E0102", "(", "this `(` is never closed"),
        ("5 -> A\nB -> A", "E0101", "5", "`5` begins no statement"),
        ("hello\nA -> B", "E0101", "hello", "`hello` alone says nothing"),
        ("A -> B \"x\u{202E}y\"", "E0112", "\u{202E}", "a hidden character: a control of text direction (U+202E)"),
        ("frobnicate X { a }", "W1001", "frobnicate", "`frobnicate` means nothing to this tool"),
        ("A -> B: reads", "W1002", ":", "a relation's label stands in quotes, without a colon"),
    ] {
        let found = said(text);
        if found != [(code, underlined.to_owned(), message.to_owned())] {
            wrong += &format!("{text}\n    {found:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_diagnostic_says_what_to_do_and_names_no_rule() {
    let text = "A <- B\nsytem X\nbehavior A { servce_time 3ms timeout 30msec }\nscenario S { kil A\n load = }\n) (";
    let (_, found) = parse(text);
    assert!(found.len() >= 6, "{}", show(text, &found));
    for diagnostic in found {
        assert!(diagnostic.help.is_some() && !diagnostic.label.is_empty(), "{diagnostic:?}");
        for rule in ["word_char", "odd_", "open_text", "Rule", "expected"] {
            assert!(!diagnostic.message.contains(rule), "{diagnostic:?}");
        }
    }
}

#[test]
fn fixes_mend_what_they_are_offered_for() {
    for (text, mended) in [
        ("A => B", "A -> B"),
        ("A = system “Shop”", "A = system \"Shop\""),
        ("sytem A", "system A"),
        ("behavior A { service_time 30msec }", "behavior A { service_time 30ms }"),
        ("behavior A { service_time 3Ms }", "behavior A { service_time 3ms }"),
        ("behavior A { service_time 3seconds }", "behavior A { service_time 3s }"),
        ("behavior A { servce_time 3ms }", "behavior A { service_time 3ms }"),
        ("scenario S { kil A }", "scenario S { kill A }"),
        ("scenario S { load = −5 }", "scenario S { load = -5 }"),
        ("A = system \"Shop", "A = system \"Shop\""),
        ("A = system \"A\" {\n  B = container \"B\"", "A = system \"A\" {\n  B = container \"B\"\n}"),
        ("A := system \"A\"", "A = system \"A\""),
        ("A -> \u{202E}B", "A -> B"),
    ] {
        let (_, found) = parse(text);
        let edit = &found[0].fixes[0].edits[0];
        let mut fixed = text.to_owned();
        fixed.replace_range(edit.span.range(), &edit.text);
        assert_eq!(fixed, mended);
        assert!(parse(&fixed).1.is_empty(), "{fixed}");
    }
}

#[test]
fn five_mistakes_are_five_diagnostics_and_the_rest_is_read() {
    let text = "Shop = system \"Shop\" {\n  Api = container \"API\"\n  Api => Db \"x\"\n}\n\
                behavior Shop.Api { service_time 8msec replicas 2 }\n\
                behavior Shop.Db { concurency 100 }\n\
                scenario Evening {\n  load = 100/s\n  at 30s explode Shop.Db for 10s\n  expect p95 < 200ms\n}\n\
                Other = system \"Other\" {\n  Web = container \"Web\"\n\nLast = person \"Last\"\nLast -> Other.Web\n";
    let (file, found) = parse(text);
    let codes: Vec<_> = found.iter().map(|d| d.code.id).collect();
    assert_eq!(codes, ["E0106", "E0110", "E0204", "E0205", "E0102"], "{}", show(text, &found));
    assert_eq!(file.items.len(), 7);
}

#[test]
fn indentation_tells_where_a_block_was_meant_to_end() {
    let text = "Shop = system \"Shop\" {\n  Api = container \"API\" {\n    technology \"Go\"\n  Db = database \"Db\"\n}\nC = person \"C\"\n";
    let (file, found) = parse(text);
    assert_eq!(found.len(), 1, "{}", show(text, &found));
    assert_eq!(found[0].span.start as usize, text.find("{\n    tech").unwrap());
    assert_eq!(found[0].related[0].span.start as usize, text.find("\n  Db").unwrap());
    assert_eq!(file.items.len(), 2);
    let crate::syntax::ast::Item::Element(shop) = &file.items[0] else { panic!() };
    assert_eq!(shop.body.len(), 2);
}

#[test]
fn a_marked_file_tells_why_it_is_wrong() {
    let (file, _) = parse("// EXPECTED_FAILURE: the arrow\nA <- B");
    assert_eq!(file.expected_failure.as_deref(), Some("the arrow"));
}
