//! Elements and the fields in their braces.

use super::{item, opaque};
use crate::diag::{Diagnostic, codes};
use crate::source::Spanned;
use crate::syntax::ast::{Element, ElementForm, Field, Ident, Metadata, Text};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// Words of an element's braces that take a text, and their canonical names.
const FIELDS: &[(&str, &str)] = &[
    ("description", "description"),
    ("desc", "description"),
    ("technology", "technology"),
    ("tech", "technology"),
    ("title", "title"),
    ("doc", "doc"),
    ("documentation", "doc"),
    ("knowledge", "knowledge"),
    ("version", "version"),
    ("tags", "tags"),
    ("tag", "tags"),
    ("status", "status"),
    ("context", "context"),
    ("decision", "decision"),
    ("consequences", "consequences"),
    ("category", "category"),
    ("enforcement", "enforcement"),
    ("external", "external"),
    ("id", "id"),
    ("canonical_id", "canonical_id"),
    ("aliases", "aliases"),
    ("owner", "owner"),
    ("domain", "domain"),
    ("criticality", "criticality"),
    ("loop_type", "loop_type"),
    ("loop_id", "loop_id"),
    ("source", "source"),
    ("priority", "priority"),
    ("zone", "zone"),
    ("region", "region"),
    ("team", "team"),
    ("url", "url"),
    ("link", "link"),
    ("icon", "icon"),
    ("kind", "kind"),
    ("type", "type"),
    ("severity", "severity"),
    ("responsibility", "responsibility"),
    ("note", "note"),
    ("notes", "note"),
    ("repository", "repository"),
    ("repo", "repository"),
    ("language", "language"),
    ("protocol", "protocol"),
    ("polarity", "polarity"),
];

/// Whether `word` is a field of elements.
pub fn is_field(word: &str) -> bool {
    canonical_field(word).is_some()
}

/// Every field's name.
pub fn field_names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

fn canonical_field(word: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(name, _)| *name == word).map(|(_, canonical)| *canonical)
}

/// `kind` and what follows it in `X = kind "Title" "Description" #tags { … }`; the id is read already.
pub fn assigned(c: &mut Cursor<'_>, mark: usize, id: Ident) -> Element {
    let kind = item::corrected_kind(c);
    // Only requirements have a second word; elsewhere it would be the next statement.
    rest(c, mark, ElementForm::Assigned, id, kind)
}

/// `container Api "API" { … }` or `container "API" { … }`.
pub fn keyword_first(c: &mut Cursor<'_>) -> Element {
    let mark = c.mark();
    let kind = item::corrected_kind(c);
    match c.ident_if() {
        Some(id) => rest(c, mark, ElementForm::KeywordFirst, id, kind),
        None => {
            let id = c.token().map(|token| {
                let title = crate::syntax::literal::unquote(token.text(c.source()));
                Spanned::new(id_of_title(&title), c.span_of(token))
            });
            let id = id.unwrap_or_else(|| Spanned::new(String::new(), c.behind()));
            rest(c, mark, ElementForm::TitleOnly, id, kind)
        }
    }
}

/// Title, description, tags and braces.
fn rest(c: &mut Cursor<'_>, mark: usize, form: ElementForm, id: Ident, kind: Ident) -> Element {
    let title = c.text_if();
    let description = if title.is_some() { c.text_if() } else { None };
    let tags = hash_tags(c);
    let body = if c.opens_block() { c.inside(|c| item::items(c, item::Place::Element)) } else { Vec::new() };
    Element { form, id, kind, title, description, tags, body, span: c.since(mark) }
}

/// The id that a title stands for: runs of blanks, `-` and `_` become `_`, other signs go.
pub fn id_of_title(title: &str) -> String {
    let mut id = String::with_capacity(title.len());
    let mut gap = false;
    for c in title.chars() {
        if c.is_whitespace() || c == '-' || c == '_' {
            gap = true;
        } else if c.is_alphanumeric() {
            if std::mem::take(&mut gap) && !id.is_empty() {
                id.push('_');
            }
            id.push(c);
        }
    }
    if id.starts_with(|c: char| c.is_ascii_digit()) { format!("_{id}") } else { id }
}

/// `#tag @tag …`.
pub fn hash_tags(c: &mut Cursor<'_>) -> Vec<Ident> {
    let mut tags = Vec::new();
    while matches!(c.kind(), Some(Kind::Hash | Kind::At)) && c.nth(1) == Some(Kind::Word) && c.same_line() {
        c.bump();
        tags.extend(c.ident_if());
    }
    tags
}

/// `[a, #b, "c"]`.
pub fn tag_list(c: &mut Cursor<'_>) -> Vec<Text> {
    c.inside(|c| {
        let mut tags = Vec::new();
        while !c.is_done() {
            match c.kind() {
                Some(Kind::Comma | Kind::Hash | Kind::At) => c.bump(),
                Some(Kind::Word | Kind::Text) => tags.extend(c.text_or_word()),
                Some(Kind::Number) => tags.push(c.ident()),
                _ => {
                    let (span, word) = (c.here(), c.word());
                    c.report(
                        Diagnostic::new(&codes::E0101, span, format!("`{word}` does not belong in a list"))
                            .label("not expected here")
                            .help("a list is written `[a, b, c]`"),
                    );
                    break;
                }
            }
        }
        tags
    })
}

/// What stands behind `tags`: a list, or texts between commas.
pub fn tags(c: &mut Cursor<'_>) -> Vec<Text> {
    c.eat_separator();
    if c.opens(Bracket::Square) {
        return tag_list(c);
    }
    if matches!(c.kind(), Some(Kind::Hash | Kind::At)) {
        return hash_tags(c);
    }
    let mut tags: Vec<Text> = c.text_or_word().into_iter().collect();
    while !tags.is_empty() && c.is(Kind::Comma) {
        c.bump();
        tags.extend(c.text_or_word());
    }
    tags
}

/// Whether the word here is a field with its value (or the flag `external`).
pub fn starts_field(c: &Cursor<'_>) -> bool {
    let Some(name) = canonical_field(c.word()) else { return false };
    // `owner = person "Owner"` declares an element of that name.
    if c.nth(1) == Some(Kind::Equals) && c.nth(2) == Some(Kind::Word) {
        return false;
    }
    let after = c.nth(1 + usize::from(c.nth_is_separator(1)));
    match name {
        "external" => c.nth(1) != Some(Kind::Word) || !c.nth_same_line(1) || is_field(c.nth_word(1)),
        "tags" | "aliases" => {
            matches!(after, Some(Kind::Text | Kind::Open(Bracket::Square) | Kind::Hash | Kind::At))
        }
        "criticality" | "loop_type" | "priority" | "polarity" | "status" | "type" => {
            matches!(after, Some(Kind::Text | Kind::Word | Kind::Plus | Kind::Minus | Kind::Number))
                && !matches!(c.nth(2), Some(Kind::Open(Bracket::Brace)))
        }
        "source" => matches!(after, Some(Kind::Text)) || (after == Some(Kind::Word) && c.nth(2) == Some(Kind::Text)),
        "version" => matches!(after, Some(Kind::Text | Kind::Number)),
        _ => after == Some(Kind::Text) || (c.nth_is_separator(1) && matches!(after, Some(Kind::Word | Kind::Number))),
    }
}

/// A field stands here.
pub fn field(c: &mut Cursor<'_>) -> Field {
    let mark = c.mark();
    let word = c.ident();
    let name = Spanned::new(canonical_field(&word.value).unwrap_or(""), word.span);
    let values = match name.value {
        "tags" | "aliases" => tags(c),
        "external" => c.text_beside().into_iter().collect(),
        "source" => {
            c.eat_separator();
            c.ident_if().into_iter().chain(c.text_if()).collect()
        }
        _ => {
            c.eat_separator();
            let bare = || Spanned::new(String::new(), word.span);
            vec![match c.kind() {
                Some(Kind::Text) => c.text_if().unwrap_or_else(bare),
                _ => c.ident(),
            }]
        }
    };
    Field { name, values, span: c.since(mark) }
}

/// `metadata { owner "team-x"  tags ["a"] }`, `properties { "k": "v" }`.
pub fn metadata(c: &mut Cursor<'_>) -> Metadata {
    let mark = c.mark();
    c.bump();
    let entries = c.inside(|c| {
        let mut entries = Vec::new();
        while !c.is_done() {
            if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
                continue;
            }
            entries.extend(entry(c));
        }
        entries
    });
    Metadata { entries, span: c.since(mark) }
}

/// A key and its texts; nested blocks are kept in the text and mean nothing.
fn entry(c: &mut Cursor<'_>) -> Option<(Ident, Vec<Text>)> {
    let Some(key) = c.text_or_word() else {
        let (span, word) = (c.here(), c.word());
        c.report(
            Diagnostic::new(&codes::E0101, span, format!("`{word}` is no key"))
                .label("not expected here")
                .help("an entry is a name and its text: `owner \"team-x\"`"),
        );
        c.recover();
        return None;
    };
    c.eat_separator();
    let texts = match c.kind() {
        Some(Kind::Open(Bracket::Square)) => tag_list(c),
        Some(Kind::Text) => tags(c),
        Some(Kind::Open(_)) => {
            c.skip();
            Vec::new()
        }
        Some(_) if c.same_line() => opaque::loose_text(c).into_iter().collect(),
        _ => Vec::new(),
    };
    Some((key, texts))
}
