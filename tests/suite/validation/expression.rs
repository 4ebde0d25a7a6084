//! Where a metric of a case is read: arithmetic over paths into a report.
//!
//! `elements/A/rejected / elements/A/arrivals`: words that hold a letter are paths into the only run, or with
//! `NAME:` before them into the run of that name; operators stand between blanks. `N..` and `*` in a path are the rest and all of a
//! list. There are `+ - * / < > \` (a list without the members of another), brackets, lists `[a, b]`, and the functions
//! `sum max abs`. A comparison is 1 or 0; `a < b < c` holds when both do. `null` is not a number.

use serde_json::Value;

/// A number or a list of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Number(f64),
    List(Vec<f64>),
}

impl Answer {
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Self::Number(number) => vec![*number],
            Self::List(list) => list.clone(),
        }
    }

    fn number(self) -> Result<f64, String> {
        match self {
            Self::Number(number) => Ok(number),
            Self::List(_) => Err("a list where a number is needed".into()),
        }
    }
}

/// The value of an expression over the runs of a report.
pub fn evaluate(runs: &[Value], text: &str) -> Result<Answer, String> {
    let mut reader = Reader { runs, words: words(text), at: 0 };
    let answer = reader.comparison()?;
    match reader.words.get(reader.at) {
        None => Ok(answer),
        Some(word) => Err(format!("`{word}` is one too many")),
    }
}

fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in text.split_whitespace() {
        let mut rest = part;
        while let Some(at) = rest.find(['(', ')', '[', ']', ',']) {
            words.extend([&rest[..at], &rest[at..=at]].into_iter().filter(|word| !word.is_empty()));
            rest = &rest[at + 1..];
        }
        words.extend(Some(rest).filter(|rest| !rest.is_empty()));
    }
    words
}

struct Reader<'a> {
    runs: &'a [Value],
    words: Vec<&'a str>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn next_if(&mut self, wanted: &[&str]) -> Option<&'a str> {
        let word = self.words.get(self.at).copied().filter(|word| wanted.contains(word))?;
        self.at += 1;
        Some(word)
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        self.next_if(&[word]).map(|_| ()).ok_or_else(|| format!("`{word}` is missing"))
    }

    fn comparison(&mut self) -> Result<Answer, String> {
        let mut left = self.sum()?;
        let mut holds = None;
        while let Some(sign) = self.next_if(&["<", ">"]) {
            let right = self.sum()?;
            let (a, b) = (left.number()?, right.clone().number()?);
            holds = Some(holds.unwrap_or(true) && if sign == "<" { a < b } else { a > b });
            left = right;
        }
        Ok(holds.map_or(left, |holds| Answer::Number(f64::from(u8::from(holds)))))
    }

    fn sum(&mut self) -> Result<Answer, String> {
        let mut left = self.product()?;
        while let Some(sign) = self.next_if(&["+", "-", "\\"]) {
            let right = self.product()?;
            left = match sign {
                "+" => Answer::Number(left.number()? + right.number()?),
                "-" => Answer::Number(left.number()? - right.number()?),
                _ => {
                    let without = right.numbers();
                    Answer::List(left.numbers().into_iter().filter(|n| !without.contains(n)).collect())
                }
            };
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Answer, String> {
        let mut left = self.primary()?;
        while let Some(sign) = self.next_if(&["*", "/"]) {
            let (a, b) = (left.number()?, self.primary()?.number()?);
            left = Answer::Number(if sign == "*" { a * b } else { a / b });
        }
        Ok(left)
    }

    fn primary(&mut self) -> Result<Answer, String> {
        let word = *self.words.get(self.at).ok_or("the end where a value is needed")?;
        self.at += 1;
        match word {
            "(" => self.closed(")"),
            "[" => self.list(),
            "sum" | "max" | "abs" => {
                self.expect("(")?;
                let numbers = self.closed(")")?.numbers();
                Ok(Answer::Number(match word {
                    "sum" => numbers.iter().sum(),
                    "max" => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                    _ => numbers.iter().map(|n| n.abs()).sum(),
                }))
            }
            word => word.parse().map(Answer::Number).or_else(|_| look_up(self.runs, word)),
        }
    }

    fn closed(&mut self, end: &str) -> Result<Answer, String> {
        let answer = self.comparison()?;
        self.expect(end)?;
        Ok(answer)
    }

    fn list(&mut self) -> Result<Answer, String> {
        let mut list = Vec::new();
        while self.next_if(&["]"]).is_none() {
            list.push(self.comparison()?.number()?);
            self.next_if(&[","]);
        }
        Ok(Answer::List(list))
    }
}

/// `NAME:path/into/the/run`, or a path into the first run.
fn look_up(runs: &[Value], word: &str) -> Result<Answer, String> {
    let (name, path) = word.split_once(':').map_or((None, word), |(name, path)| (Some(name), path));
    let is_it = |run: &&Value| name.is_none_or(|name| run["name"] == name);
    let run = runs.iter().find(is_it).ok_or_else(|| format!("no run `{}`", name.unwrap_or_default()))?;
    let mut found = vec![run];
    let mut is_list = false;
    for part in path.split('/') {
        is_list |= part == "*" || part.ends_with("..");
        found = found.into_iter().map(|value| step(value, part, word)).collect::<Result<Vec<_>, _>>()?.concat();
    }
    let numbers: Vec<f64> = found.into_iter().map(number).collect();
    Ok(if is_list { Answer::List(numbers) } else { Answer::Number(numbers[0]) })
}

fn step<'v>(value: &'v Value, part: &str, word: &str) -> Result<Vec<&'v Value>, String> {
    const NOTHING: &Value = &Value::Bool(false);
    if let Some(list) = value.as_array() {
        let from = part.trim_end_matches("..").trim_end_matches('*').parse::<usize>().unwrap_or(0);
        return Ok(match part.ends_with("..") || part == "*" {
            true => list.iter().skip(from).collect(),
            // A list of shares ends where all others are zero.
            false => vec![list.get(from).unwrap_or(NOTHING)],
        });
    }
    value.get(part).map(|found| vec![found]).ok_or_else(|| format!("no `{part}` in `{word}`"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(if value.is_boolean() { 0.0 } else { f64::NAN })
}

#[test]
fn expressions_compute() {
    let run = serde_json::json!({"name": "S-1", "a": {"b": 6, "list": [1, 2, 4]}, "none": null});
    let value = |text: &str| evaluate(std::slice::from_ref(&run), text).map(|answer| answer.numbers());
    assert_eq!(value("a/b / 2 - 1 * ( 1 + 1 )"), Ok(vec![1.0]));
    assert_eq!(value("sum(a/list/1..) + S-1:a/list/0 + a/list/9"), Ok(vec![7.0]));
    assert_eq!(value("[5, 4, 1] \\ a/list/*"), Ok(vec![5.0]));
    assert_eq!(value("1 < 2 < a/b"), Ok(vec![1.0]));
    assert_eq!(value("none < 5"), Ok(vec![0.0]));
    assert!(value("a/c").is_err() && value("X:a/b").is_err() && value("1 2").is_err() && value("( 1").is_err());
}
