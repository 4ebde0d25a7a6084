//! What may be written next: from the text as it is now, and the names that the last check knew.

use super::context::{Block, Context, context};
use super::docs;
use super::library;
use super::symbols::{in_scope, last_name};
use super::world::World;
use crate::schema::{
    ATTRIBUTES, Attribute, CHAOS_VERBS, DISTRIBUTIONS, KINDS, KNOBS, METRICS, SETTINGS, Subject, Type, Where,
    find_attribute, find_knob, find_metric, find_verb, group_of, keywords_of,
};
use crate::sema::{Class, Meaning, Names, SymbolId, stdlib_files};
use crate::syntax::ast::{self, Item as Node};
use crate::syntax::{Kind, lex};
use std::collections::BTreeSet;
use std::path::Path;

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A keyword.
    Keyword,
    /// A kind of elements.
    Kind,
    /// An element or another name.
    Name,
    /// A behavior attribute, a knob, a setting.
    Property,
    /// A word as a value.
    Value,
    /// A metric or a distribution.
    Function,
    /// A chaos verb.
    Verb,
    /// A scenario or a template.
    Scenario,
    /// A file.
    File,
}

/// One suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is shown and matched.
    pub label: String,
    /// What it is.
    pub what: What,
    /// One line beside it.
    pub detail: String,
    /// Markdown.
    pub doc: String,
    /// What is written, with `${1:…}` for what is to be filled in.
    pub insert: String,
    /// Lower ones come first.
    pub rank: u8,
}

/// Suggestions for a place.
#[derive(Debug, Default)]
pub struct Completion {
    /// What is replaced: first and last byte.
    pub span: (u32, u32),
    /// The suggestions.
    pub items: Vec<Item>,
    /// Whether there are more, which further letters bring.
    pub is_incomplete: bool,
}

/// A list longer than this helps nobody, and takes long to send.
const MOST: usize = 200;

/// What may be written at `offset` of `text`, the file at `path` as it is now.
pub fn complete(world: &World, path: &Path, text: &str, offset: u32) -> Completion {
    let around = context(text, offset);
    if around.in_comment {
        return Completion::default();
    }
    let view = world.view(path);
    let meaning = view.as_ref().and_then(|view| view.meaning());
    let mut list = List { world, path, text, around: &around, meaning, items: Vec::new() };
    let span = match around.literal {
        Some((_, start)) => {
            list.literal();
            (start, offset.max(start))
        }
        None => {
            list.statement();
            around.span
        }
    };
    let typed = around.literal.map_or(around.word, |(typed, _)| typed);
    finished(list.items, typed, span)
}

/// The suggestions that have the letters typed so far, best first.
fn finished(mut items: Vec<Item>, typed: &str, span: (u32, u32)) -> Completion {
    let typed = typed.to_lowercase();
    let fit = |label: &str| {
        let label = label.to_lowercase();
        if label.starts_with(&typed) {
            return Some(0);
        }
        let mut letters = label.chars();
        typed.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(1)
    };
    let mut ranked: Vec<(u8, Item)> = items.drain(..).filter_map(|item| Some((fit(&item.label)?, item))).collect();
    ranked.sort_by(|a, b| (a.0, a.1.rank, &a.1.label).cmp(&(b.0, b.1.rank, &b.1.label)));
    ranked.dedup_by(|b, a| a.1.label == b.1.label);
    let is_incomplete = ranked.len() > MOST;
    ranked.truncate(MOST);
    Completion { span, items: ranked.into_iter().map(|(_, item)| item).collect(), is_incomplete }
}

struct List<'a> {
    world: &'a World,
    path: &'a Path,
    text: &'a str,
    around: &'a Context<'a>,
    meaning: Option<&'a Meaning>,
    items: Vec<Item>,
}

impl List<'_> {
    fn add(&mut self, label: impl Into<String>, what: What, rank: u8, detail: impl Into<String>) -> &mut Item {
        let label = label.into();
        let item = Item { insert: label.clone(), label, what, detail: detail.into(), doc: String::new(), rank };
        self.items.push(item);
        let last = self.items.len() - 1;
        &mut self.items[last]
    }

    // ---- texts

    fn literal(&mut self) {
        let words = self.around.words();
        let last = words.last().copied().unwrap_or_default();
        let is_import = words.first() == Some(&"import");
        match last {
            _ if is_import => self.files(),
            "technology" | "tech" => self.technologies(),
            "kind" => self.kinds(""),
            "tag" | "[" | "," if words.contains(&"versions") => self.versions(),
            "versions" => self.versions(),
            "tag" | "tags" | "[" | "," => self.tags(),
            _ => {}
        }
    }

    fn files(&mut self) {
        self.add("sruja.ai/stdlib", What::File, 1, "the standard library");
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let mut seen = BTreeSet::new();
        for analysis in self.world.analyses() {
            let other = analysis.paths().filter(|path| *path != self.path);
            seen.extend(other.filter_map(|path| relative(folder, path)));
        }
        for path in seen {
            self.add(path, What::File, 0, "a file of this workspace");
        }
    }

    fn technologies(&mut self) {
        let blocks = stdlib_files().iter().flat_map(|file| &file.ast.items);
        let names = blocks.filter_map(|item| match item {
            Node::Behavior(block) => match &block.selector {
                ast::Selector::Technology(name) => Some(name.value.clone()),
                _ => None,
            },
            _ => None,
        });
        for name in names.collect::<BTreeSet<_>>() {
            self.add(name, What::Value, 0, "a technology that the standard library has a profile of");
        }
    }

    fn tags(&mut self) {
        let Some(meaning) = self.meaning else { return };
        let tags = meaning.names.iter().flat_map(|(_, symbol)| symbol.facts.tags.iter().cloned());
        for tag in tags.collect::<BTreeSet<_>>() {
            self.add(tag, What::Value, 0, "a tag");
        }
    }

    fn versions(&mut self) {
        let versions = self.versions_of_file();
        for (name, title) in versions {
            self.add(name, What::Name, 0, title);
        }
    }

    /// Names behind the word `version`: also of a file that is broken elsewhere.
    fn versions_of_file(&self) -> Vec<(String, String)> {
        let tokens = lex(self.text).tokens;
        let named = tokens.windows(2).filter(|pair| pair[0].first && pair[0].text(self.text) == "version");
        named.map(|pair| (pair[1].text(self.text).to_owned(), "a version of this file".into())).collect()
    }

    // ---- statements

    fn statement(&mut self) {
        let words = self.around.words();
        let previous = self.around.previous();
        if let Some(call) = self.around.call.clone() {
            return self.argument(&call.name);
        }
        if matches!(previous, Some((Kind::Arrow, _))) {
            return self.names(0);
        }
        match self.around.block().cloned() {
            Some(Block::Behavior) => self.attributes(&[Subject::Station, Subject::Queue, Subject::Source]),
            Some(Block::Relation) => self.attributes(&[Subject::Call]),
            Some(Block::Step) => self.attributes(&[Subject::Request, Subject::Call]),
            Some(Block::Group(group)) => self.members(group),
            Some(Block::Scenario) => self.scenario(&words),
            Some(Block::Flow) => self.flow(&words),
            Some(Block::Version) => self.version(&words),
            Some(Block::Other(word)) => self.other(&word, &words),
            None | Some(Block::Plain | Block::Element(_) | Block::Extend(_)) => self.model(&words),
        }
    }

    /// In the parentheses of a call.
    fn argument(&mut self, name: &str) {
        if find_metric(name).is_some() {
            self.names(0);
        } else if name == "mixture" {
            self.distributions(0);
        } else if matches!(name, "not" | "and" | "or" | "expect" | "when") {
            self.conditions();
        }
    }

    /// At the top, and in the braces of an element.
    fn model(&mut self, words: &[&str]) {
        match words {
            [] => {
                let place = self.around.place().unwrap_or(Where::Top);
                self.keywords(place);
                self.kinds("${1:Name} \"${2:title}\"");
                self.names(2);
            }
            ["behavior", ..] => {
                for word in ["kind", "technology", "tag"] {
                    self.add(word, What::Keyword, 1, "selects by").insert = format!("{word} \"${{1:name}}\"");
                }
                self.names(0);
            }
            ["version", .., "extends"] => {
                self.add("working", What::Name, 0, "the file itself");
                self.versions();
            }
            ["version", _, ..] => {
                self.add("extends", What::Keyword, 0, "changes of another version");
                self.add("from", What::Keyword, 0, "a file, or `git \"REF\" \"PATH\"`");
            }
            ["scenario" | "story" | "flow", .., "extends"] => self.scenarios(),
            ["scenario" | "story" | "flow", _, ..] => {
                self.add("extends", What::Keyword, 0, "takes over a template");
            }
            ["extend"] => self.names(0),
            [_, "="] => {
                self.kinds("");
                for word in ["kind", "tag", "feedback", "deployment"] {
                    self.add(word, What::Keyword, 1, "");
                }
            }
            _ => {}
        }
    }

    fn keywords(&mut self, place: Where) {
        for keyword in keywords_of(place) {
            let item = self.add(keyword.name, What::Keyword, 1, keyword.doc);
            item.insert = keyword.form.into();
        }
    }

    /// Kinds; as the beginning of a declaration where `rest` is what follows.
    fn kinds(&mut self, rest: &str) {
        let declared = self.meaning.map(|meaning| meaning.names.kinds().map(str::to_owned).collect::<BTreeSet<_>>());
        let standard: BTreeSet<String> = KINDS.iter().map(|kind| kind.name.to_owned()).collect();
        for kind in KINDS {
            let item = self.add(kind.name, What::Kind, 1, kind.doc);
            item.doc = docs::kind_page(kind);
            if !rest.is_empty() {
                item.insert = format!("{} {rest}", kind.name);
            }
        }
        for name in declared.unwrap_or_default().difference(&standard) {
            let item = self.add(name.as_str(), What::Kind, 0, "a kind of this model");
            if !rest.is_empty() {
                item.insert = format!("{name} {rest}");
            }
        }
    }

    /// Elements and whatever else is declared, as they can be written here.
    fn names(&mut self, rank: u8) {
        let Some(meaning) = self.meaning else { return };
        if let Some((outer, _)) = self.around.word.rsplit_once('.') {
            return self.children(meaning, outer, rank);
        }
        let typed = self.around.word.to_lowercase();
        let scope = self.around.scope();
        // A large model has more names than can be looked at one by one in every keystroke's list.
        let fits = |name: &str| {
            let mut letters = name.chars().flat_map(char::to_lowercase);
            typed.chars().all(|wanted| letters.any(|letter| letter == wanted))
        };
        let found: Vec<(String, SymbolId)> = in_scope(&meaning.names, &scope)
            .into_iter()
            .filter(|(name, id)| fits(name) && is_speakable(&meaning.names, *id))
            .take(MOST * 2)
            .collect();
        for (name, id) in found {
            self.name(meaning, name, id, rank);
        }
    }

    fn name(&mut self, meaning: &Meaning, label: String, id: SymbolId, rank: u8) {
        let symbol = meaning.names.get(id);
        let title = symbol.facts.title.iter().map(|title| format!(" · {title}")).collect::<String>();
        self.add(label, What::Name, rank, format!("{}{title}", symbol.kind));
    }

    /// What stands behind a point: parts of the element, and where they can be said, its attributes.
    fn children(&mut self, meaning: &Meaning, outer: &str, rank: u8) {
        let scope = meaning.names.exact(&self.around.scope());
        let Some(id) = meaning.names.lookup(outer, scope) else { return };
        let children = meaning.names.get(id).children.clone();
        for child in children {
            let last = last_name(meaning.names.get(child)).to_owned();
            self.name(meaning, format!("{outer}.{last}"), child, rank);
        }
    }

    /// Attributes behind a point, as assignments and expectations write them: `Shop.Api.replicas`.
    fn attributes_behind(&mut self) {
        let (Some(meaning), Some((outer, _))) = (self.meaning, self.around.word.rsplit_once('.')) else { return };
        let is_relation = matches!(self.around.previous(), Some((Kind::Arrow, _)));
        let subjects: &[Subject] = if is_relation { &[Subject::Call] } else { &[Subject::Station, Subject::Queue] };
        if let Some((owner, group)) = outer.rsplit_once('.')
            && group_of(group).next().is_some()
            && meaning.names.lookup(owner, None).is_some()
        {
            for row in group_of(group) {
                self.attribute(row, &format!("{outer}."), false);
            }
            return;
        }
        if meaning.names.lookup(outer, None).is_none() {
            return;
        }
        for row in ATTRIBUTES.iter().filter(|row| row.group.is_none() && fits(row, subjects)) {
            self.attribute(row, &format!("{outer}."), false);
        }
    }

    /// One attribute, with what it takes, its unit and its default.
    fn attribute(&mut self, row: &'static Attribute, prefix: &str, with_value: bool) {
        let unit = if row.unit.is_empty() { String::new() } else { format!(" in {}", row.unit) };
        let default = row.default.map(|value| format!(", default {value}")).unwrap_or_default();
        let detail = format!("{}{unit}{default}", short(row.ty));
        let item = self.add(format!("{prefix}{}", row.name), What::Property, 0, detail);
        item.doc = docs::attribute_page(row);
        if with_value && row.ty != Type::Flag && !row.example.is_empty() {
            // The example of a group has braces of its own.
            let example = row.example.replace('}', "\\}").replace('$', "\\$");
            item.insert = format!("{} ${{1:{example}}}", row.name);
        }
    }

    // ---- behavior

    fn attributes(&mut self, subjects: &[Subject]) {
        if let Some(row) = self.row_before(None) {
            return self.value(row);
        }
        for row in ATTRIBUTES.iter().filter(|row| row.group.is_none() && fits(row, subjects)) {
            self.attribute(row, "", true);
        }
    }

    fn members(&mut self, group: &'static str) {
        if let Some(row) = self.row_before(Some(group)) {
            return self.value(row);
        }
        for row in group_of(group) {
            self.attribute(row, "", true);
        }
    }

    /// The attribute right before the cursor that still wants a value.
    fn row_before(&self, group: Option<&str>) -> Option<&'static Attribute> {
        let words = self.around.words();
        let last = match words.as_slice() {
            [.., name, "=" | ":" | "["] => name,
            [.., name] => name,
            [] => return None,
        };
        find_attribute(group, last).filter(|row| row.ty != Type::Flag && row.ty != Type::Block)
    }

    fn value(&mut self, row: &'static Attribute) {
        let words = |list: &mut Self, words: &[&str]| {
            for word in words {
                list.add(*word, What::Value, 0, row.path());
            }
        };
        match row.ty {
            Type::Word(all) | Type::Words(all) => words(self, all),
            Type::Distribution => self.distributions(0),
            Type::Limit => words(self, &["none", "unbounded"]),
            Type::Backoff => {
                words(self, &["none"]);
                for form in ["constant(${1:10ms})", "linear(${1:10ms})", "exponential(${1:10ms}, ${2:2x}, max ${3:1s})"]
                {
                    let label = form.split('(').next().unwrap_or(form);
                    self.add(label, What::Function, 0, "a backoff").insert = form.into();
                }
            }
            Type::Element => self.names(0),
            Type::Arrivals => words(self, &["poisson", "constant"]),
            Type::Hedge => words(self, &["after p95"]),
            _ => {}
        }
        if !row.example.is_empty() {
            let item = self.add(row.example, What::Value, 1, "an example");
            item.doc = docs::attribute_page(row);
        }
    }

    fn distributions(&mut self, rank: u8) {
        for form in DISTRIBUTIONS {
            let parameters = form.parameters.split(" | ").next().unwrap_or_default();
            let item = self.add(form.name, What::Function, rank, form.doc);
            item.doc = docs::distribution_page(form);
            item.insert = format!("{}(${{1:{parameters}}})", form.name);
        }
    }

    // ---- scenarios

    fn scenario(&mut self, words: &[&str]) {
        let leads =
            |word: &&str| matches!(*word, "at" | "when" | "every" | "introduce" | "inject" | "random" | "after");
        match words {
            [] => {
                self.keywords(Where::Scenario);
                self.knobs(" = ${1:100}");
                self.settings();
                self.names(3);
                self.attributes_behind();
            }
            ["expect" | "assert" | "exclude" | "quality", ..] => self.conditions(),
            ["versions", ..] => self.versions(),
            ["commits", ..] => {
                for word in ["last", "tags", "since", "until", "branch", "every"] {
                    self.add(word, What::Keyword, 0, "commits");
                }
            }
            ["traffic" | "arrivals", ..] => self.names(0),
            ["target", "="] => self.names(0),
            [first, ..] if find_knob(first).is_some() => self.params(),
            [first, ..] if leads(first) || find_verb(first).is_some() => self.chaos(words),
            [.., "=" | "["] => {
                self.params();
                self.assigned(words);
            }
            _ => {}
        }
    }

    /// The value of `X.attr =`.
    fn assigned(&mut self, words: &[&str]) {
        let name = words.iter().rev().find(|word| word.contains('.')).and_then(|path| path.rsplit('.').next());
        if let Some(row) = name.and_then(|name| find_attribute(None, name)) {
            self.value(row);
        }
    }

    fn chaos(&mut self, words: &[&str]) {
        let verb = words.iter().find_map(|word| find_verb(word).filter(|_| *word != "at"));
        match verb {
            None if words.first() == Some(&"when") && !words.contains(&"for") => {
                self.conditions();
                self.verbs();
            }
            None => self.verbs(),
            Some(verb) => {
                self.names(0);
                self.attributes_behind();
                let followers =
                    ["by", "to", "for", "every", "ramp", "replica of", "zone", "kind", "tag", "one of", "any"];
                for word in followers {
                    self.add(word, What::Keyword, 2, verb.form);
                }
            }
        }
    }

    fn verbs(&mut self) {
        for verb in CHAOS_VERBS {
            let item = self.add(verb.name, What::Verb, 0, verb.form);
            item.doc = docs::verb_page(verb);
        }
    }

    fn conditions(&mut self) {
        for metric in METRICS {
            let item = self.add(metric.name, What::Function, 0, metric.doc);
            item.doc = docs::metric_page(metric);
            if metric.of_element || metric.of_relation {
                let item = self.add(format!("{}()", metric.name), What::Function, 1, metric.doc);
                item.insert = format!("{}(${{1:element}})", metric.name);
            }
        }
        self.knobs("");
        self.params();
        for word in ["during chaos", "after chaos", "always", "eventually within", "and", "or", "not", "weight"] {
            self.add(word, What::Keyword, 2, "");
        }
        if self.around.word.contains('.') {
            self.names(1);
            self.attributes_behind();
        }
    }

    fn knobs(&mut self, rest: &str) {
        for knob in KNOBS {
            let item = self.add(knob.name, What::Property, 1, knob.doc);
            item.doc = docs::knob_page(knob);
            item.insert = format!("{}{rest}", knob.name);
        }
    }

    fn settings(&mut self) {
        for setting in SETTINGS {
            let default = if setting.default.is_empty() { "…" } else { setting.default };
            let item = self.add(setting.name, What::Property, 1, format!("default {default}"));
            item.doc = docs::setting_page(setting);
            item.insert = format!("{} ${{1:{default}}}", setting.name);
        }
    }

    /// Parameters of this file: found in the text, so that a broken scenario has them, too.
    fn params(&mut self) {
        let tokens = lex(self.text).tokens;
        let named = tokens.windows(2).filter(|pair| pair[0].text(self.text) == "param" && pair[1].kind == Kind::Word);
        for name in named.map(|pair| pair[1].text(self.text).to_owned()).collect::<BTreeSet<_>>() {
            self.add(name, What::Value, 0, "a parameter");
        }
    }

    /// Scenarios of the model and templates of the standard library.
    fn scenarios(&mut self) {
        let own = self.meaning.into_iter().flat_map(|meaning| meaning.names.iter());
        let own: Vec<String> =
            own.filter(|(_, s)| s.class == Class::Scenario).map(|(_, symbol)| symbol.path.to_string()).collect();
        for name in own {
            self.add(name, What::Scenario, 0, "a scenario of this model");
        }
        for (name, template) in library::templates() {
            let title = template.title.as_ref().map_or("", |title| &title.value);
            self.add(name.value.as_str(), What::Scenario, 1, title).doc = library::template_page(template);
        }
    }

    // ---- flows, versions, others

    fn flow(&mut self, words: &[&str]) {
        match words {
            [] => {
                self.keywords(Where::Flow);
                self.names(1);
            }
            _ => self.names(0),
        }
    }

    fn version(&mut self, words: &[&str]) {
        match words {
            [] => {
                self.keywords(Where::Version);
                self.kinds("${1:Name} \"${2:title}\"");
                self.names(1);
                self.attributes_behind();
            }
            ["remove", ..] | ["behavior", ..] => self.names(0),
            [.., "="] => self.assigned(words),
            _ => {}
        }
    }

    fn other(&mut self, word: &str, words: &[&str]) {
        match word {
            "traffic" => self.names(0),
            "quality" => self.conditions(),
            "ranking" if words.is_empty() => self.conditions(),
            _ => {}
        }
    }
}

fn fits(row: &Attribute, subjects: &[Subject]) -> bool {
    row.subjects.iter().any(|subject| subjects.contains(subject))
}

/// Whether relations, faults and expectations may name it.
fn is_speakable(names: &Names, id: SymbolId) -> bool {
    names.get(id).class != Class::Scenario || names.get(id).kind.as_ref() != "scenario"
}

/// A type in a word or two.
fn short(ty: Type) -> &'static str {
    match ty {
        Type::Distribution => "distribution",
        Type::Duration => "duration",
        Type::Rate => "rate",
        Type::Share => "share",
        Type::Count => "whole number",
        Type::Limit => "whole number, none or unbounded",
        Type::Flag => "stands alone",
        Type::Word(_) => "a word",
        Type::Words(_) => "a list of words",
        Type::Block => "a block",
        Type::Backoff => "a backoff",
        Type::Element => "an element",
        Type::Cost => "a cost",
        Type::Shed => "a condition",
        Type::Hedge => "after a time",
        Type::Slowdown => "a slowdown",
        Type::Keys => "a popularity of keys",
        Type::Arrivals => "an arrival process",
        Type::Metric => "a rule",
    }
}

/// The path of a file as an import in a folder writes it.
fn relative(folder: &Path, file: &Path) -> Option<String> {
    if let Ok(below) = file.strip_prefix(folder) {
        return Some(format!("./{}", below.to_str()?.replace('\\', "/")));
    }
    let above = folder.parent()?;
    relative(above, file).map(|path| format!("../{}", path.trim_start_matches("./")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(marked: &str) -> Vec<String> {
        let offset = marked.find("$0").unwrap() as u32;
        let text = marked.replace("$0", "");
        let found = complete(&World::default(), Path::new("/w/a.sruja"), &text, offset);
        found.items.into_iter().map(|item| item.label).collect()
    }

    #[test]
    fn suggestions_fit_the_place_even_where_the_text_is_broken() {
        assert_eq!(labels("behavior A { serv$0")[0], "service_time");
        assert!(labels("behavior A { retry$0").is_empty() || !labels("behavior A { $0").contains(&"timeout".into()));
        assert!(labels("behavior A -> B { timeo$0 }").contains(&"timeout".into()));
        assert_eq!(labels("A -> B { retry 2 { back$0")[0], "backoff");
        assert!(labels("behavior A { discipline $0").contains(&"fifo".into()));
        assert!(labels("scenario S { at 5s ki$0").contains(&"kill".into()));
        assert!(labels("scenario S { expect p9$0").contains(&"p95".into()));
        assert!(labels("scenario S extends Traffic$0").contains(&"TrafficSpike".into()));
        assert!(labels("A = serv$0").contains(&"service".into()));
        assert!(labels("A = service \"x\" { technology \"postg$0").iter().any(|l| l.to_lowercase().contains("postg")));
        assert!(labels("// kil$0").is_empty());
    }

    #[test]
    fn imports_are_relative_to_the_file() {
        assert_eq!(relative(Path::new("/w/a"), Path::new("/w/b/c.sruja")).as_deref(), Some("../b/c.sruja"));
        assert_eq!(relative(Path::new("/w"), Path::new("/w/b/c.sruja")).as_deref(), Some("./b/c.sruja"));
    }
}
