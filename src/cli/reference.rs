//! The reference: what `explain` prints and what stands in `docs/src/reference/`, both written
//! from the tables of the language, so that neither can promise what the checker does not know.

use super::args::Arguments;
use super::config::{CONFIG_KEYS, ConfigKey};
use super::lints::LEVEL_WORDS;
use crate::diag::{CODES, Code};
use crate::ide::docs::{self, item, role};
use crate::schema::{KINDS, Word, find_metric};
use clap::CommandFactory;

/// Something that can be explained.
#[derive(Debug, Clone, Copy)]
pub enum Topic {
    /// A code.
    Code(&'static Code),
    /// A word of the language.
    Word(Word),
    /// A key of `sruja.toml`.
    Config(&'static ConfigKey),
}

/// Everything that can be explained, in the order of the reference.
pub fn topics() -> impl Iterator<Item = Topic> {
    let codes = CODES.iter().copied().map(Topic::Code);
    codes.chain(Word::all().map(Topic::Word)).chain(CONFIG_KEYS.iter().map(Topic::Config))
}

/// Everything called `name`: a word may be an attribute, a kind and a metric at once.
pub fn find(name: &str) -> Vec<Topic> {
    let found: Vec<_> = topics().filter(|topic| topic.is_called(name)).collect();
    match find_metric(name) {
        Some(percentile) if found.is_empty() => vec![Topic::Word(Word::Metric(percentile))],
        _ => found,
    }
}

impl Topic {
    fn is_called(&self, name: &str) -> bool {
        self.names().iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Every name that it goes by, the proper one first.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Code(code) => vec![code.id.to_owned()],
            Self::Word(word) => word.names(),
            Self::Config(key) => vec![key.name.to_owned()],
        }
    }

    /// Its page, in Markdown, under a heading of the second level.
    pub fn page(&self) -> String {
        match self {
            Self::Code(code) => docs::code_page(code),
            Self::Word(word) => docs::page(*word),
            Self::Config(key) => config_page(key),
        }
    }
}

fn config_page(key: &ConfigKey) -> String {
    let place = if key.table.is_empty() { "at the top".to_owned() } else { format!("in `[{}]`", key.table) };
    let example = item(&format!("example: `{} = {}`", key.name, key.example));
    format!(
        "## `{}`: a key of sruja.toml, {place}\n\n{}\n\n{}{example}",
        key.name,
        key.doc,
        item(&format!("takes {}", key.form))
    )
}

/// A page of `docs/src/reference/`: its file name and its text.
pub fn pages() -> Vec<(&'static str, String)> {
    let sections = |title: &str, intro: &str, pick: fn(&Topic) -> bool| {
        let pages: Vec<_> = topics().filter(pick).map(|topic| topic.page()).collect();
        format!("# {title}\n\n{intro}\n\n{}", pages.join("\n"))
    };
    vec![
        ("codes.md", sections("Error codes", CODES_INTRO, |t| matches!(t, Topic::Code(_)))),
        ("attributes.md", sections("Attributes", ATTRIBUTES_INTRO, |t| matches!(t, Topic::Word(Word::Attribute(_))))),
        ("chaos.md", sections("Chaos verbs", CHAOS_INTRO, |t| matches!(t, Topic::Word(Word::Verb(_))))),
        ("metrics.md", sections("Metrics", METRICS_INTRO, |t| matches!(t, Topic::Word(Word::Metric(_))))),
        (
            "distributions.md",
            sections("Distributions", DISTRIBUTIONS_INTRO, |t| matches!(t, Topic::Word(Word::Distribution(_)))),
        ),
        (
            "settings.md",
            sections("Knobs and settings", SETTINGS_INTRO, |t| {
                matches!(t, Topic::Word(Word::Knob(_) | Word::Setting(_)))
            }),
        ),
        ("kinds.md", kinds_page()),
        ("config.md", sections("sruja.toml", &config_intro(), |t| matches!(t, Topic::Config(_)))),
        ("commands.md", commands_page()),
    ]
}

const CODES_INTRO: &str = "What the tool says about a text has a code. `E01xx` is about syntax, `E02xx` about names, \
`E03xx` about types and units, `E04xx` about the plan, `E05xx` about history and files; `W` codes are lints and have a \
[level](config.md) of your choice; `R` codes appear at run time. `sruja explain CODE` prints one of these pages.";
const ATTRIBUTES_INTRO: &str = "What can be said in a `behavior` block. Whatever nobody says has a default, and the \
report lists each default that was used as *assumed*.";
const CHAOS_INTRO: &str = "What can happen in a scenario: `at 30s kill Shop.Db for 20s`.";
const METRICS_INTRO: &str = "What an expectation can ask for: `expect p95(Shop.Api) < 200ms`. Any percentile can be \
written, such as `p75` or `p99.95`.";
const DISTRIBUTIONS_INTRO: &str = "How times vary: `service_time lognormal(p50 8ms, p99 60ms)`.";
const SETTINGS_INTRO: &str = "Knobs are what a scenario can assign without naming an element: `load = 100..500`. \
Settings say how it is run: `duration 120s`.";

fn config_intro() -> String {
    format!(
        "Defaults of a workspace, found in the folder of a file or the nearest one above it. That folder is also the \
root that imports cannot leave. The command line wins over it. In `[lints]` every `W` code, and `warnings` for all of \
them, takes a level: `\"{}\"`.",
        LEVEL_WORDS.join("\"`, `\"")
    )
}

fn kinds_page() -> String {
    let mut page =
        String::from("# Kinds\n\nThe standard kinds of elements; models may declare others with `x = kind \"X\"`.\n\n");
    page += "| kind | meaning | in a simulation |\n|---|---|---|\n";
    for kind in KINDS {
        page += &format!("| `{}` | {} | {} |\n", kind.name, kind.doc, role(kind.role));
    }
    page
}

fn commands_page() -> String {
    let mut page = String::from("# Commands\n\nAs `sruja COMMAND --help` prints it.\n");
    let mut root = Arguments::command().term_width(90);
    root.build();
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        let mut command = command.clone().term_width(90);
        let help = command.render_long_help().to_string();
        let lines: Vec<_> = help.lines().map(str::trim_end).collect();
        page += &format!("\n## sruja {}\n\n```text\n{}\n```\n", command.get_name(), lines.join("\n"));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_found_by_each_of_its_names() {
        for topic in topics() {
            for name in topic.names() {
                assert!(find(&name).iter().any(|found| found.page() == topic.page()), "{name}");
            }
        }
        assert_eq!(find("p99.95").len(), 1);
        assert!(find("banana").is_empty());
    }
}
