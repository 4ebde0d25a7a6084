//! Which commits: ranges, numbers, tags, dates.

use super::{CommitInfo, GitError, Repository};
use git2::Oid;
use std::collections::{HashMap, HashSet};

/// Most commits that one selection gives.
const MAX_COMMITS: usize = 100_000;

/// Which commits of a history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    parts: Vec<Part>,
    /// Patterns of tags.
    tags: Vec<String>,
    /// Not before, seconds since 1970.
    since: Option<i64>,
    /// Not after.
    until: Option<i64>,
    /// The branch whose line is counted; HEAD without.
    branch: Option<String>,
    /// Every so many, from the oldest on.
    every: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `main~42..main`, both ends included.
    Range(String, String),
    /// `#21..#42`, both ends included.
    Numbers(u64, u64),
    /// The newest of the line.
    Last(u64),
    /// One revision.
    One(String),
}

/// Why words select nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectionError {
    /// Which of the words is wrong.
    pub word: usize,
    /// What is wrong with it.
    pub message: String,
}

impl Selection {
    /// From words: `main~42..main every 7`, `#1 #14 #21..#42`, `last 50`, `tags v* since 2026-01-01`, `branch main`.
    pub fn parse(words: &[&str]) -> Result<Self, SelectionError> {
        let mut selection = Self::default();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let value = words.get(at + 1).copied();
            let wrong = |message: String| SelectionError { word: (at + 1).min(words.len() - 1), message };
            let needed = || value.ok_or_else(|| wrong(format!("`{word}` needs a value")));
            match *word {
                "every" => selection.every = Some(count(needed()?).map_err(wrong)?),
                "last" => selection.parts.push(Part::Last(count(needed()?).map_err(wrong)?)),
                "tags" => selection.tags.push(needed()?.to_owned()),
                "branch" => selection.branch = Some(needed()?.to_owned()),
                "since" => selection.since = Some(date(needed()?, false).map_err(wrong)?),
                "until" => selection.until = Some(date(needed()?, true).map_err(wrong)?),
                _ => {
                    let part = Part::parse(word).map_err(|message| SelectionError { word: at, message })?;
                    selection.parts.push(part);
                    at += 1;
                    continue;
                }
            }
            at += 2;
        }
        Ok(selection)
    }

    /// From a text with words between blanks and commas.
    pub fn parse_text(text: &str) -> Result<Self, SelectionError> {
        let words: Vec<&str> =
            text.split([' ', ',', '\t']).map(|w| w.trim_matches(['"', '\''])).filter(|w| !w.is_empty()).collect();
        Self::parse(&words)
    }

    /// Both together: the commits of either, under the conditions of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self.tags.extend(other.tags);
        self.since = other.since.or(self.since);
        self.until = other.until.or(self.until);
        self.branch = other.branch.or(self.branch);
        self.every = other.every.or(self.every);
        self
    }

    /// Whether it says nothing: every commit of the line.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The commits, oldest first, each once.
    pub fn commits(&self, repository: &Repository) -> Result<Vec<CommitInfo>, GitError> {
        let tip = repository.commit_id(self.branch.as_deref().unwrap_or("HEAD"))?;
        let line = repository.line(tip)?;
        let numbers: HashMap<Oid, u64> = line.iter().copied().zip(1..).collect();
        let tags = self.tagged(repository)?;
        let mut found = self.listed(repository, &line, &tags)?;
        let mut seen = HashSet::new();
        found.retain(|id| seen.insert(*id));
        if found.iter().all(|id| numbers.contains_key(id)) {
            found.sort_by_key(|id| numbers.get(id).copied());
        }
        let named: HashMap<Oid, &str> = tags.iter().rev().map(|(name, id)| (*id, name.as_str())).collect();
        let mut commits = Vec::with_capacity(found.len());
        for id in found {
            let info = repository.describe(id)?;
            let tag = named.get(&id).map(|tag| (*tag).to_owned());
            commits.push(CommitInfo { number: numbers.get(&id).copied(), tag, ..info });
        }
        let off_the_line = commits.iter().any(|commit| commit.number.is_none());
        if off_the_line && self.parts.is_empty() {
            commits.sort_by(|a, b| (a.time, &a.tag).cmp(&(b.time, &b.tag)));
        }
        self.narrow(commits)
    }

    fn tagged(&self, repository: &Repository) -> Result<Vec<(String, Oid)>, GitError> {
        let mut tags = Vec::new();
        for pattern in &self.tags {
            tags.extend(repository.tags(pattern)?);
        }
        Ok(tags)
    }

    fn listed(&self, repository: &Repository, line: &[Oid], tags: &[(String, Oid)]) -> Result<Vec<Oid>, GitError> {
        if self.parts.is_empty() && self.tags.is_empty() {
            return Ok(line.to_vec());
        }
        let mut found: Vec<Oid> = tags.iter().map(|(_, id)| *id).collect();
        for part in &self.parts {
            found.extend(part.commits(repository, line)?);
        }
        Ok(found)
    }

    fn narrow(&self, mut commits: Vec<CommitInfo>) -> Result<Vec<CommitInfo>, GitError> {
        commits.retain(|commit| self.since.is_none_or(|since| commit.time >= since));
        commits.retain(|commit| self.until.is_none_or(|until| commit.time <= until));
        let every = usize::try_from(self.every.unwrap_or(1)).unwrap_or(usize::MAX);
        let commits: Vec<CommitInfo> = commits.into_iter().step_by(every.max(1)).collect();
        match commits.len() {
            0 => Err(GitError::NothingSelected(self.to_string())),
            many if many > MAX_COMMITS => {
                Err(GitError::NothingSelected(format!("{many} commits are more than {MAX_COMMITS}")))
            }
            _ => Ok(commits),
        }
    }
}

impl Part {
    fn parse(word: &str) -> Result<Self, String> {
        match word.split_once("..") {
            Some((from, to)) => Self::range(word, from, to),
            None => match word.strip_prefix('#') {
                Some(digits) => number(digits).map(|n| Self::Numbers(n, n)),
                None => Ok(Self::One(word.to_owned())),
            },
        }
    }

    fn range(word: &str, from: &str, to: &str) -> Result<Self, String> {
        // `A...B` of git means what either has; a history goes one way.
        let to = to.strip_prefix('.').unwrap_or(to);
        match (from.strip_prefix('#'), to.strip_prefix('#')) {
            (Some(from), Some(to)) => Ok(Self::Numbers(number(from)?, number(to)?)),
            (None, None) if !from.is_empty() => {
                Ok(Self::Range(from.to_owned(), if to.is_empty() { "HEAD" } else { to }.to_owned()))
            }
            _ => Err(format!("`{word}` is no range of commits: `main~42..main`, `#21..#42`")),
        }
    }

    fn commits(&self, repository: &Repository, line: &[Oid]) -> Result<Vec<Oid>, GitError> {
        match self {
            Self::One(revision) => Ok(vec![repository.commit_id(revision)?]),
            Self::Last(count) => {
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                Ok(line[line.len().saturating_sub(count)..].to_vec())
            }
            Self::Numbers(from, to) => numbered(line, *from, *to),
            Self::Range(from, to) => {
                let found = repository.between(repository.commit_id(from)?, repository.commit_id(to)?)?;
                if found.is_empty() { Err(GitError::EmptyRange(format!("{from}..{to}"))) } else { Ok(found) }
            }
        }
    }
}

fn numbered(line: &[Oid], from: u64, to: u64) -> Result<Vec<Oid>, GitError> {
    if from > to {
        return Err(GitError::EmptyRange(format!("#{from}..#{to}")));
    }
    let length = line.len() as u64;
    let outside = [from, to].into_iter().find(|n| *n == 0 || *n > length);
    match outside {
        Some(number) => Err(GitError::NoSuchNumber { number, length }),
        None => Ok(line[from as usize - 1..to as usize].to_vec()),
    }
}

fn number(digits: &str) -> Result<u64, String> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = if all_digits { digits.parse().ok() } else { None };
    number.ok_or_else(|| format!("`#{digits}` is no number of a commit: `#14`"))
}

fn count(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(format!("`{text}` is no number of commits")),
    }
}

/// A day or an instant as seconds since 1970; a day means its start in UTC, or its end.
fn date(text: &str, end: bool) -> Result<i64, String> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok(instant.as_second());
    }
    let day = text.parse::<jiff::civil::Date>().map_err(|_| format!("`{text}` is no date: write `2026-01-31`"))?;
    let start = day.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp().as_second());
    let start = start.map_err(|_| format!("`{text}` is out of range"))?;
    Ok(if end { start + 86_399 } else { start })
}

impl std::fmt::Display for Selection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut words: Vec<String> = self.parts.iter().map(Part::to_string).collect();
        words.extend(self.tags.iter().map(|tag| format!("tags {tag}")));
        words.extend(self.branch.iter().map(|branch| format!("branch {branch}")));
        let day = |seconds: i64| match jiff::Timestamp::from_second(seconds) {
            Ok(instant) => instant.to_string(),
            Err(_) => seconds.to_string(),
        };
        words.extend(self.since.map(|since| format!("since {}", day(since))));
        words.extend(self.until.map(|until| format!("until {}", day(until))));
        words.extend(self.every.map(|every| format!("every {every}")));
        f.write_str(if words.is_empty() { "every commit" } else { "" })?;
        f.write_str(&words.join(" "))
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Range(from, to) => write!(f, "{from}..{to}"),
            Self::Numbers(from, to) if from == to => write!(f, "#{from}"),
            Self::Numbers(from, to) => write!(f, "#{from}..#{to}"),
            Self::Last(count) => write!(f, "last {count}"),
            Self::One(revision) => f.write_str(revision),
        }
    }
}
