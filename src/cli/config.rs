//! `sruja.toml`: defaults of a workspace.
//!
//! The table of keys says all there is to know; the reference in `docs/` is generated from it. A
//! mistake is a diagnostic with its place, and an unknown key is one: a setting with a typo in its
//! name must not silently do nothing.

use super::args::{ColorChoice, FailOn, ProgressChoice, assignment};
use super::lints::{LEVEL_WORDS, Level, Levels, Lint};
use crate::diag::codes::{E0503, E0504};
use crate::diag::{self, Diagnostic};
use crate::schema::nearest;
use crate::source::{FileId, Span};
use clap::ValueEnum;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What `sruja.toml` says; `None` where it says nothing.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Workers.
    pub jobs: Option<u16>,
    /// Seed of the random streams.
    pub seed: Option<u64>,
    /// Largest number of runs.
    pub limit: Option<u64>,
    /// Whether results are written as JSON.
    pub format: Option<Format>,
    /// When to use colours.
    pub color: Option<ColorChoice>,
    /// How progress is shown.
    pub progress: Option<ProgressChoice>,
    /// Whether results are kept and used.
    pub cache: Option<bool>,
    /// Folder of the results.
    pub cache_dir: Option<String>,
    /// Most room for them, MiB.
    pub cache_limit: Option<u64>,
    /// What the lints count for.
    pub lints: Levels,
    /// Scenarios that `run` and `expand` take when none is named.
    pub scenario: Vec<String>,
    /// Assignments made before those of the command line.
    pub set: Vec<(String, String)>,
    /// What makes `run` exit with 1.
    pub fail_on: Option<FailOn>,
}

/// The formats that every command has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Identifies a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Jobs,
    Seed,
    Limit,
    Format,
    Color,
    Progress,
    Cache,
    CacheDir,
    CacheLimit,
    Scenario,
    Set,
    FailOn,
}

/// One key of `sruja.toml`.
#[derive(Debug)]
pub struct ConfigKey {
    key: Key,
    /// The table it stands in; empty at the top.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What its value looks like.
    pub form: &'static str,
    /// A value as one would write it.
    pub example: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

const fn key(
    key: Key,
    path: (&'static str, &'static str),
    form: &'static str,
    example: &'static str,
    doc: &'static str,
) -> ConfigKey {
    ConfigKey { key, table: path.0, name: path.1, form, example, doc }
}

/// Every key, except those of `[lints]`, which are codes.
pub static CONFIG_KEYS: &[ConfigKey] = &[
    key(Key::Jobs, ("", "jobs"), "a whole number from 1", "4", "Workers, as `-j` gives them."),
    key(Key::Seed, ("", "seed"), "a whole number", "42", "Seed of the random streams, as `--seed` gives it."),
    key(
        Key::Limit,
        ("", "limit"),
        "a whole number from 1",
        "100_000",
        "Plans of more runs are refused, as `--limit` does.",
    ),
    key(Key::Format, ("", "format"), "`\"text\"` or `\"json\"`", "\"text\"", "What results are written as."),
    key(Key::Color, ("", "color"), "`\"auto\"`, `\"always\"` or `\"never\"`", "\"auto\"", "When to use colours."),
    key(
        Key::Progress,
        ("", "progress"),
        "`\"auto\"`, `\"plain\"`, `\"json\"` or `\"none\"`",
        "\"plain\"",
        "How progress is shown.",
    ),
    key(
        Key::Cache,
        ("", "cache"),
        "`true` or `false`",
        "true",
        "Whether results are kept and used again; `false` does what `--no-cache` does.",
    ),
    key(
        Key::CacheDir,
        ("", "cache_dir"),
        "the path of a folder",
        "\".sruja/cache\"",
        "Where results are kept, relative to this file.",
    ),
    key(
        Key::CacheLimit,
        ("", "cache_limit"),
        "a whole number of MiB from 1",
        "1024",
        "Most room that results take; the oldest go first.",
    ),
    key(
        Key::Scenario,
        ("run", "scenario"),
        "a list of names or globs",
        "[\"LoadScale\", \"*Outage\"]",
        "Scenarios that `run` and `expand` take when `--scenario` names none.",
    ),
    key(
        Key::Set,
        ("run", "set"),
        "a list of `\"PATH=VALUE\"`",
        "[\"Shop.Api.replicas=4\"]",
        "Assignments made before those of `--set`.",
    ),
    key(
        Key::FailOn,
        ("run", "fail_on"),
        "`\"violation\"` or `\"never\"`",
        "\"violation\"",
        "What makes `run` exit with 1, as `--fail-on` gives it.",
    ),
];

/// The tables of `sruja.toml`.
const TABLES: [&str; 2] = ["run", "lints"];

/// Reads the text of a `sruja.toml`.
pub fn parse(file: FileId, text: &str) -> Result<Config, Vec<Diagnostic>> {
    let table = DeTable::parse(text).map_err(|error| vec![not_toml(file, text, &error)])?;
    let mut reader = Reader { file, config: Config::default(), found: Vec::new() };
    reader.table("", table.get_ref());
    diag::sort(&mut reader.found);
    if reader.found.is_empty() { Ok(reader.config) } else { Err(reader.found) }
}

fn not_toml(file: FileId, text: &str, error: &toml::de::Error) -> Diagnostic {
    let range = error.span().unwrap_or(0..0);
    let end = range.end.min(text.len());
    Diagnostic::new(&E0504, Span::new(file, range.start.min(end), end), format!("not TOML: {}", error.message()))
}

struct Reader {
    file: FileId,
    config: Config,
    found: Vec<Diagnostic>,
}

impl Reader {
    fn table(&mut self, table: &str, entries: &DeTable<'_>) {
        for (name, value) in entries {
            match (table, name.get_ref().as_ref(), value.get_ref()) {
                ("", inner @ ("run" | "lints"), DeValue::Table(entries)) => self.table(inner, entries),
                ("", inner @ ("run" | "lints"), _) => self.wrong(value, &format!("`[{inner}]` is a table")),
                ("lints", code, _) => self.lint(code, name, value),
                (table, key, _) => self.entry(table, key, name, value),
            }
        }
    }

    fn entry<T>(&mut self, table: &str, name: &str, at: &Spanned<T>, value: &Spanned<DeValue<'_>>) {
        match CONFIG_KEYS.iter().find(|key| key.table == table && key.name == name) {
            Some(key) if self.take(key.key, value.get_ref()).is_some() => {}
            Some(key) => self.wrong(value, &format!("`{name}` takes {}, such as `{}`", key.form, key.example)),
            None => self.unknown(table, name, at.span()),
        }
    }

    /// Stores the value of `key`; `None` when it has the wrong form.
    fn take(&mut self, key: Key, value: &DeValue<'_>) -> Option<()> {
        let config = &mut self.config;
        match key {
            Key::Jobs => config.jobs = Some(whole(value)?.try_into().ok().filter(|n| *n > 0)?),
            Key::Seed => config.seed = Some(whole(value)?),
            Key::Limit => config.limit = Some(whole(value).filter(|n| *n > 0)?),
            Key::Format => config.format = Some(word(value)?),
            Key::Color => config.color = Some(word(value)?),
            Key::Progress => config.progress = Some(word(value)?),
            Key::Cache => config.cache = Some(value.as_bool()?),
            Key::CacheDir => config.cache_dir = Some(value.as_str().filter(|path| !path.is_empty())?.to_owned()),
            Key::CacheLimit => config.cache_limit = Some(whole(value).filter(|n| *n > 0)?),
            Key::Scenario => config.scenario = list(value, |text| Some(text.to_owned()))?,
            Key::Set => config.set = list(value, |text| assignment(text).ok())?,
            Key::FailOn => config.fail_on = Some(word(value)?),
        }
        Some(())
    }

    fn lint<T>(&mut self, name: &str, at: &Spanned<T>, value: &Spanned<DeValue<'_>>) {
        let level = value.get_ref().as_str().and_then(Level::from_word);
        match (Lint::named(name), level) {
            (Ok(lint), Some(level)) => self.config.lints.set(lint, level),
            (Ok(_), None) => {
                self.wrong(value, &format!("the level of a lint is one of `{}`", LEVEL_WORDS.join("`, `")))
            }
            (Err(no), _) => {
                let diagnostic = Diagnostic::new(&E0503, self.span(at.span()), no.message);
                self.found.push(Diagnostic { help: no.help, ..diagnostic });
            }
        }
    }

    fn wrong(&mut self, value: &Spanned<DeValue<'_>>, message: &str) {
        let found = format!("{} was given", value.get_ref().type_str());
        self.found.push(Diagnostic::new(&E0504, self.span(value.span()), message).label(found));
    }

    fn unknown(&mut self, table: &str, name: &str, at: Range<usize>) {
        let shown = crate::diag::render::plain_line(name);
        let place = if table.is_empty() { "sruja.toml".to_owned() } else { format!("the table `[{table}]`") };
        let diagnostic = Diagnostic::new(&E0503, self.span(at), format!("{place} has no key `{shown}`"));
        self.found.push(match near(table, name) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("it has {}", known(table).collect::<Vec<_>>().join(", "))),
        });
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }
}

/// The nearest key of this table, else the same key of another one.
fn near(table: &str, name: &str) -> Option<String> {
    let elsewhere = CONFIG_KEYS.iter().find(|key| key.name == name && key.table != table);
    let elsewhere = elsewhere.map(|key| match key.table {
        "" => format!("{name}` at the top of the file, before any `[table]"),
        table => format!("[{table}] {name}"),
    });
    elsewhere.or_else(|| nearest(name, known(table)).map(str::to_owned))
}

fn known(table: &str) -> impl Iterator<Item = &'static str> {
    let keys = CONFIG_KEYS.iter().filter(move |key| key.table == table).map(|key| key.name);
    keys.chain(TABLES.into_iter().filter(move |_| table.is_empty()))
}

fn whole(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn word<T: ValueEnum>(value: &DeValue<'_>) -> Option<T> {
    T::from_str(value.as_str()?, false).ok()
}

fn list<T>(value: &DeValue<'_>, take: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(|item| item.get_ref().as_str().and_then(&take)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<(String, &str, Option<String>)> {
        let found = parse(FileId(0), text).unwrap_err();
        found.into_iter().map(|d| (d.message, &text[d.span.range()], d.help)).collect()
    }

    #[test]
    fn every_example_of_the_table_is_taken() {
        for key in CONFIG_KEYS {
            let table = if key.table.is_empty() { String::new() } else { format!("[{}]\n", key.table) };
            let text = format!("{table}{} = {}\n", key.name, key.example);
            assert!(parse(FileId(0), &text).is_ok(), "{text}");
        }
    }

    #[test]
    fn values_arrive() {
        let text =
            "jobs = 3\nseed = 0x10\n[run]\nset = [\"load=100..500\"]\nfail_on = \"never\"\n[lints]\nW1001 = \"off\"\n";
        let config = parse(FileId(0), text).unwrap();
        assert_eq!((config.jobs, config.seed, config.fail_on), (Some(3), Some(16), Some(FailOn::Never)));
        assert_eq!(config.set, [("load".to_owned(), "100..500".to_owned())]);
    }

    #[test]
    fn every_mistake_is_found_with_its_place_and_cure() {
        let found =
            mistakes("job = 3\nseed = \"x\"\nfail_on = \"never\"\n[lints]\nW1031 = \"off\"\nW1001 = \"loud\"\n");
        let help = |text: &str| Some(text.to_owned());
        assert_eq!(found.len(), 5);
        assert_eq!(found[0], ("sruja.toml has no key `job`".into(), "job", help("did you mean `jobs`?")));
        assert_eq!((found[1].1, found[2].2.clone()), ("\"x\"", help("did you mean `[run] fail_on`?")));
        assert_eq!((found[3].1, found[3].2.clone()), ("W1031", help("did you mean `W1301`?")));
        assert_eq!(found[4].0, "the level of a lint is one of `off`, `hint`, `warning`, `error`");
    }

    #[test]
    fn what_is_not_toml_is_an_error_with_a_place() {
        assert_eq!(parse(FileId(0), "jobs = [1,\n").unwrap_err()[0].code.id, "E0504");
        assert_eq!(
            parse(FileId(0), "jobs = 0").unwrap_err()[0].message,
            "`jobs` takes a whole number from 1, such as `4`"
        );
    }
}
