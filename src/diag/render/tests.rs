use super::*;
use crate::diag::codes::{E0102, E0104, E0201, E0203, E0204, W1301};
use crate::diag::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap, Span};

const SHOP: &str = "Shop = system \"Shop\" {\n  Api = container \"API\"\n  Db = database \"Orders\"\n  Api = container \"Another\"\n}\nbehavior Shop.Api {\n  servce_time 3ms\n}\nCustomer -> Shop.Apo \"buys\"\n";

/// Sources, and a way to say "the n-th place where this text stands".
struct Case {
    sources: SourceMap,
}

impl Case {
    fn of(files: &[(&str, &str)]) -> Self {
        let mut sources = SourceMap::new();
        for (name, text) in files {
            sources.add(*name, *text);
        }
        Self { sources }
    }

    fn at(&self, file: u32, text: &str, nth: usize) -> Span {
        let whole = &self.sources.file(FileId(file)).text;
        let (start, _) = whole.match_indices(text).nth(nth).expect("the text stands there");
        Span::new(FileId(file), start, start + text.len())
    }

    fn text(&self, diagnostics: &[Diagnostic], color: bool, unicode: bool) -> String {
        let summary = Summary::of(diagnostics, 1);
        text(&self.sources, diagnostics, &summary, TextStyle { color, unicode, width: 80 })
    }
}

fn shop() -> (Case, Vec<Diagnostic>) {
    let case = Case::of(&[("arch/shop.sruja", SHOP), ("arch/kinds, old.sruja", "Api = service \"API\"\n")]);
    let twice = Diagnostic::new(&E0203, case.at(0, "Api", 1), "`Api` is declared twice in `Shop`")
        .label("this one is ignored")
        .related(case.at(0, "Api", 0), "the first one")
        .help("rename one of them, or write `extend Shop.Api { … }` to add to the first; a system cannot have two parts of one name");
    let typo = Diagnostic::new(&E0204, case.at(0, "servce_time", 0), "nothing is called `servce_time`")
        .label("no attribute of this name")
        .fix("write `service_time`", case.at(0, "servce_time", 0), "service_time");
    let mut path = Diagnostic::new(&E0201, case.at(0, "Shop.Apo", 0), "nothing is called `Shop.Apo`")
        .related(case.at(1, "Api", 0), "an element of a similar name stands here")
        .suggest("write `Shop.Api`", case.at(0, "Shop.Apo", 0), "Shop.Api");
    path.severity = Severity::Warning;
    (case, vec![twice, typo, path])
}

#[test]
fn text_of_several_findings() {
    let (case, found) = shop();
    insta::assert_snapshot!("text_plain", case.text(&found, false, true));
    insta::assert_snapshot!("text_ascii", case.text(&found, false, false));
    let colored = case.text(&found, true, true).replace('\u{1b}', "␛");
    insta::assert_snapshot!("text_color", colored);
}

#[test]
fn text_fits_into_80_columns() {
    let (case, found) = shop();
    let long = case.text(&found, false, true).lines().map(|line| line.chars().count()).max();
    assert!(long <= Some(80), "{long:?}");
}

#[test]
fn json_of_several_findings() {
    let (case, found) = shop();
    insta::assert_snapshot!("json", json(&case.sources, &found, &Summary::of(&found, 2)));
}

#[test]
fn sarif_of_several_findings() {
    let (case, found) = shop();
    insta::assert_snapshot!("sarif", sarif(&case.sources, &found));
}

#[test]
fn annotations_escape_what_would_end_them() {
    let case = Case::of(&[("a,b:c.sruja", "x 100%\ny")]);
    let found = Diagnostic::new(&W1301, Span::new(FileId(0), 2, 8), "100% of it\nis wrong").help("50%");
    let wanted = "::warning file=a%2Cb%3Ac.sruja,line=1,endLine=2,col=3,title=W1301%3A a text that is no quantity\
                  ::100%25 of it%0Ais wrong%0Ahelp: 50%25\n";
    assert_eq!(github(&case.sources, &[found]), wanted);
}

#[test]
fn no_format_lets_an_escape_sequence_through() {
    let case = Case::of(&[("a\u{1b}]0;x\u{7}.sruja", "A = \"\u{1b}[2J\u{9b}31m\u{202e}\"\n")]);
    let evil = "\u{1b}[31mred\u{202e}";
    let found = [Diagnostic::new(&E0104, Span::new(FileId(0), 4, 9), evil)
        .label(evil)
        .help(evil)
        .related(Span::new(FileId(0), 0, 1), evil)
        .fix(evil, Span::new(FileId(0), 0, 1), evil)];
    let summary = Summary::of(&found, 1);
    let style = TextStyle { color: false, unicode: true, width: 80 };
    for out in [text(&case.sources, &found, &summary, style), github(&case.sources, &found)] {
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{out}");
    }
    assert!(!json(&case.sources, &found, &summary).contains('\u{1b}'));
}

#[test]
fn long_lines_and_tall_spans_are_cut_to_what_can_be_looked_at() {
    let long = format!("A = \"{}\" ? \"{}\"\n", "x".repeat(9000), "y".repeat(9000));
    let tall = "Shop = system \"Shop\" {\n".to_owned() + &"  // more\n".repeat(50);
    let case = Case::of(&[("long.sruja", &long), ("tall.sruja", &tall)]);
    let found = [
        Diagnostic::new(&E0104, case.at(0, "?", 0), "unexpected `?`").label("here"),
        Diagnostic::new(&E0104, case.at(0, &"y".repeat(9000), 0), "a long one").label("all of it"),
        Diagnostic::new(&E0102, Span::new(FileId(1), 21, tall.len()), "a block that is never closed")
            .label("opened here"),
    ];
    insta::assert_snapshot!("text_cut", case.text(&found, false, true));
}

#[test]
fn every_place_can_be_shown() {
    let files = ["", "x", "x\n", "é", "\r\n\r\n", "a\rb\r\n", "\t\tx", "日本\n語", "\u{feff}x"];
    for source in files {
        let case = Case::of(&[("a.sruja", source)]);
        for (start, end) in spans(source) {
            let found = Diagnostic::new(&E0104, Span::new(FileId(0), start, end), "m").label("here");
            let shown = case.text(&[found], false, true);
            assert!(shown.contains("a.sruja:") && !shown.contains("Failed"), "{source:?} {start}..{end}\n{shown}");
        }
    }
}

fn spans(text: &str) -> Vec<(usize, usize)> {
    let places: Vec<_> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
    places
        .iter()
        .flat_map(|start| places.iter().filter(move |end| *end >= start).map(move |end| (*start, *end)))
        .collect()
}

#[test]
fn beyond_a_hundred_the_rest_is_counted() {
    let case = Case::of(&[("a.sruja", &"x\n".repeat(130))]);
    let found: Vec<_> =
        (0..130).map(|n| Diagnostic::new(&E0104, Span::new(FileId(0), n * 2, n * 2 + 1), "m")).collect();
    let shown = case.text(&found, false, true);
    assert_eq!(shown.matches("error[E0104]").count(), 100);
    assert!(shown.ends_with("and 30 more; `--format json` lists all\n\n130 errors in 1 file\n"), "{shown}");
}
