//! The table of every code.
//!
//! `E01xx` syntax · `E02xx` names · `E03xx` types and units · `E04xx` plan · `E05xx` history and
//! files · `W1xxx` lints · `R2xxx` run time. `sruja explain` and the error index in `docs/` are
//! generated from it. A code is never reused for another meaning.

use super::Severity::{self, Error, Hint, Warning};

/// One code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `E0104`.
    pub id: &'static str,
    /// How bad it is by default.
    pub severity: Severity,
    /// A few words.
    pub title: &'static str,
    /// Why it matters and what to do, in Markdown.
    pub explanation: &'static str,
    /// A file that raises it; empty where it needs more than one file or the outside world.
    pub bad: &'static str,
    /// The same file, mended.
    pub good: &'static str,
}

macro_rules! codes {
    ($($id:ident $severity:ident $title:literal, $explanation:literal $(, bad $bad:literal, good $good:literal)?;)*) => {
        $(
            #[doc = $title]
            pub static $id: Code = Code {
                id: stringify!($id),
                severity: $severity,
                title: $title,
                explanation: $explanation,
                bad: codes!(@text $($bad)?),
                good: codes!(@text $($good)?),
            };
        )*

        /// Every code, in order.
        pub static CODES: &[&Code] = &[$(&$id),*];
    };
    (@text $text:literal) => { $text };
    (@text) => { "" };
}

/// The code called `id`, case ignored.
pub fn find_code(id: &str) -> Option<&'static Code> {
    CODES.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
}

codes! {
    // ---- syntax
    E0101 Error "unexpected text",
        "The text here is no statement that the language knows at this place. The rest of the file was still read; the message names what was expected.",
        bad "Shop = system \"Shop\" {\n  = description \"x\"\n}\n", good "Shop = system \"Shop\" {\n  description \"x\"\n}\n";
    E0102 Error "a block that is never closed",
        "Every `{` needs its `}`. The message shows the brace that was opened; indentation tells where its end was probably meant.",
        bad "Shop = system \"Shop\" {\n  Api = container \"API\"\n", good "Shop = system \"Shop\" {\n  Api = container \"API\"\n}\n";
    E0103 Error "a closing brace without an opening one",
        "This `}`, `]` or `)` closes nothing.",
        bad "Shop = system \"Shop\"\n}\n", good "Shop = system \"Shop\"\n";
    E0104 Error "a text that is never closed",
        "A string needs its closing quote: `\"…\"`, `'…'`, or `\"\"\"…\"\"\"` for several lines.",
        bad "Shop = system \"Shop\n", good "Shop = system \"Shop\"\n";
    E0105 Error "a comment that is never closed",
        "`/*` needs `*/`.",
        bad "/* a shop\nShop = system \"Shop\"\n", good "/* a shop */\nShop = system \"Shop\"\n";
    E0106 Error "an arrow that means nothing",
        "A relation is written `A -> B`: the caller, the arrow, the callee. `<-`, `<->` and `=>` mean nothing here; write one `->` for each direction.",
        bad "A = service \"A\"\nB = service \"B\"\nA <- B\n", good "A = service \"A\"\nB = service \"B\"\nB -> A\n";
    E0107 Error "nesting that is too deep",
        "Braces, brackets and parentheses may be nested 128 deep. No architecture needs more; a generated file may have gone wrong.";
    E0108 Error "not UTF-8",
        "Files are UTF-8 text. The message names the first byte that is not; save the file as UTF-8.";
    E0109 Error "a number that cannot be read",
        "A quantity is a number with a unit right behind it: `30ms`, `500/s`, `30%`, `3x`, `1.5M/d`.",
        bad "A = service \"A\"\nbehavior A { replicas 3.1.4 }\n", good "A = service \"A\"\nbehavior A { replicas 3 }\n";
    E0110 Error "a unit nobody knows",
        "Units are `ns us ms s min h d`, `/s /min /h /d rps` (with `k` or `M` before them), `%`, `x`, `B kB MB GB KiB MiB GiB`, `USD/h`, `USD/M`.",
        bad "A = service \"A\"\nbehavior A { service_time 30msec }\n", good "A = service \"A\"\nbehavior A { service_time 30ms }\n";
    E0111 Error "a statement without its value",
        "The statement ends before its value. The message says what value it takes.",
        bad "A = service \"A\"\nbehavior A { replicas }\n", good "A = service \"A\"\nbehavior A { replicas 2 }\n";
    E0112 Error "a hidden character",
        "Bidirectional controls make code read differently from what it is (CVE-2021-42574), and control characters have no place in text. Remove them.";
    E0113 Error "a file that is too large",
        "Files of more than 16 MiB are refused.";
    E0114 Error "quotes of a word processor",
        "Texts stand in plain quotes, `\"…\"`.",
        bad "Shop = system “Shop”\n", good "Shop = system \"Shop\"\n";
    E0115 Error "a misspelt keyword",
        "The word is no keyword, but it differs from one by a letter. The message shows the one that was probably meant; the statement was read as if it stood there.",
        bad "Shop = sytem \"Shop\"\n", good "Shop = system \"Shop\"\n";
    W1001 Warning "a block that means nothing to this tool",
        "The block was kept as it is and otherwise ignored: it belongs to another tool, or its first word is misspelt.",
        bad "Shop = system \"Shop\" {\n  sharedArtifact {\n    name \"x\"\n  }\n}\n", good "Shop = system \"Shop\" {\n  description \"x\"\n}\n";
    W1002 Warning "a rare form",
        "The form is read as some existing files mean it; the message shows the usual one.";
    // ---- names
    E0201 Error "a name that nothing has",
        "Names resolve from the innermost element outwards; the last part of a path is enough when exactly one element has it. The message offers the nearest names.",
        bad "Shop = system \"Shop\" {\n  Api = container \"API\"\n}\nCustomer = person \"Customer\"\nCustomer -> Shop.Apo \"buys\"\n", good "Shop = system \"Shop\" {\n  Api = container \"API\"\n}\nCustomer = person \"Customer\"\nCustomer -> Shop.Api \"buys\"\n";
    E0202 Error "a name that several elements have",
        "The last part of a path is enough only when exactly one element has it. Write the full path.",
        bad "A = system \"A\" {\n  Db = database \"Db\"\n}\nB = system \"B\" {\n  Db = database \"Db\"\n}\nC = service \"C\"\nC -> Db\n", good "A = system \"A\" {\n  Db = database \"Db\"\n}\nB = system \"B\" {\n  Db = database \"Db\"\n}\nC = service \"C\"\nC -> A.Db\n";
    E0203 Error "a name declared twice",
        "Two elements of the same parent have the same name; the second is ignored. Rename one, or use `extend` to add to the first.",
        bad "A = service \"A\"\nA = service \"Another\"\n", good "A = service \"A\"\nB = service \"Another\"\n";
    E0204 Error "an attribute nobody knows",
        "The name is no attribute of the language. The message offers the nearest one.",
        bad "A = service \"A\"\nbehavior A { servce_time 3ms }\n", good "A = service \"A\"\nbehavior A { service_time 3ms }\n";
    E0205 Error "a statement nobody knows",
        "The statement begins with a word that means nothing in a scenario.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  durtion 5s\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  duration 5s\n}\n";
    E0206 Error "a metric nobody knows",
        "Metric functions are listed in the language reference.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  expect p95x < 200ms\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  expect p95 < 200ms\n}\n";
    E0207 Error "a distribution nobody knows",
        "Distributions are listed in the language reference.",
        bad "A = service \"A\"\nbehavior A { service_time exponental(3ms) }\n", good "A = service \"A\"\nbehavior A { service_time exponential(3ms) }\n";
    E0208 Error "an import that cannot be read",
        "An import names a `.sruja` file relative to its own, or `sruja.ai/stdlib`.";
    E0209 Error "an import out of the workspace",
        "Imports stay inside the workspace root: the folder with `sruja.toml`, else the folder of the file that was named.";
    E0210 Error "files that import each other",
        "The cycle is drawn in the message. Move what both need into a third file.";
    E0211 Error "an imported name that the file does not have",
        "The file was read, but it declares nothing of that name.";
    E0212 Error "a scenario that nothing has",
        "`extends` names another scenario of this file, of its imports or of the standard library.",
        bad "scenario S extends Nothing {\n}\n", good "scenario S {\n}\n";
    E0213 Error "scenarios that extend each other",
        "The cycle is drawn in the message.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S extends T {\n  load = 100\n}\nscenario T extends S {\n  load = 200\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n}\nscenario T extends S {\n  load = 200\n}\n";
    E0214 Error "a parameter without a value",
        "The template declares the parameter without a default; give it a value in the scenario that extends it.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S extends DependencyOutage {\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S extends DependencyOutage {\n  target = A\n}\n";
    E0215 Error "a version that nothing has",
        "Versions are declared with `version NAME …`; the model of the file itself is called `working`.",
        bad "scenario S {\n  versions [v9]\n}\n", good "scenario S {\n}\n";
    E0216 Error "an attribute in the wrong place",
        "The attribute exists, but describes something else: a station's attribute on a relation, or the other way round.",
        bad "A = service \"A\"\nbehavior A { timeout 3ms }\n", good "A = service \"A\"\nbehavior A { service_time 3ms }\n";
    E0217 Error "a path that is no part of the running system",
        "Only elements that serve requests, and relations between them, have behavior and can be hit by chaos. This name is a requirement, a decision, a person or the like.";
    E0218 Error "a relation that the model does not have",
        "Both elements exist, but nothing goes from the first to the second.",
        bad "A = service \"A\"\nB = service \"B\"\nbehavior A -> B { timeout 1s }\n", good "A = service \"A\"\nB = service \"B\"\nA -> B\nbehavior A -> B { timeout 1s }\n";
    // ---- types and units
    E0301 Error "a value of the wrong kind",
        "Every attribute has a type and a unit. The message names the one that was given and the one that belongs there.",
        bad "A = service \"A\"\nbehavior A { service_time 30% }\n", good "A = service \"A\"\nbehavior A { service_time 30ms }\n";
    E0302 Error "a value out of its bounds",
        "Shares lie between 0 and 100 %, counts and times are not negative.",
        bad "A = service \"A\"\nbehavior A { errors 130% }\n", good "A = service \"A\"\nbehavior A { errors 13% }\n";
    E0303 Error "a range without values",
        "A range `A..B` goes upwards, its step is above zero and both ends measure the same.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 500..100\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100..500\n}\n";
    E0304 Error "a distribution with the wrong parameters",
        "The message shows the parameters that the distribution takes.",
        bad "A = service \"A\"\nbehavior A { service_time erlang(3ms) }\n", good "A = service \"A\"\nbehavior A { service_time erlang(2, 3ms) }\n";
    E0305 Error "a comparison of unlike things",
        "Both sides of a comparison measure the same.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  expect p95 < 5%\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  expect p95 < 5ms\n}\n";
    E0306 Error "a metric of the wrong thing",
        "Some metrics are of elements only, some of relations only, some of all traffic only.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  expect stability(A) > 0.5\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  expect stability > 0.5\n}\n";
    E0307 Error "a word that is not one of the choices",
        "The message lists the words that the attribute takes.",
        bad "A = service \"A\"\nbehavior A { discipline filo }\n", good "A = service \"A\"\nbehavior A { discipline lifo }\n";
    E0308 Error "a sweep where one value belongs",
        "Only assignments of scenarios and positions of chaos events may have several values; a model has one.",
        bad "A = service \"A\"\nbehavior A { replicas 1..4 }\n", good "A = service \"A\"\nbehavior A { replicas 2 }\n";
    W1301 Warning "a text that is no quantity",
        "The attribute is typed, but its text says something that this tool cannot read as one quantity; it is kept and otherwise ignored.",
        bad "Shop = system \"Shop\" {\n  slo { latency { p95 \"fast\" } }\n}\n", good "Shop = system \"Shop\" {\n  slo { latency { p95 \"200ms\" } }\n}\n";
    // ---- plan
    E0401 Error "a plan that is too large",
        "The product of the dimensions is above the limit (100 000 runs unless `--limit` or `sruja.toml` says otherwise). Nothing was allocated. The message names the largest dimension; give it a larger step, pair dimensions with `zip`, or draw with `sample`.";
    E0402 Error "nothing to run",
        "The file has no scenario that can be run: write one, or run the file with `--set load=100`.";
    E0403 Error "lists of unequal length",
        "`zip` pairs its lists value by value, so they have the same length.",
        bad "A = service \"A\"\nscenario S {\n  zip { load = [100, 200]  failures = [0%, 1%, 2%] }\n}\n", good "A = service \"A\"\nscenario S {\n  zip { load = [100, 200]  failures = [0%, 1%] }\n}\n";
    E0404 Error "no traffic",
        "The model has no source of traffic that reaches a station, so there is nothing to simulate. Add a `person` with a relation to what they use.";
    E0406 Error "a name that two runs have",
        "Names of runs are unique; two combinations of this scenario would have the same one.";
    E0407 Error "no scenario of that name",
        "`--scenario` names (or a glob matches) a scenario of the file.";
    E0408 Error "an assignment that cannot be read",
        "`--set` takes `PATH=VALUE`, such as `--set load=100..500` or `--set Shop.Api.replicas=4`.";
    E0409 Error "an exclusion of nothing",
        "`exclude when` compares dimensions of the sweep: what has several values above it.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  exclude when load > 5\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = [100, 200]\n  exclude when load > 150\n}\n";
    // ---- history and files
    E0501 Error "a file that cannot be read",
        "The message says what the system answered.";
    E0502 Error "a version that cannot be built",
        "The version's own file has errors; they are shown with it. The other versions are still run.";
    E0503 Error "a key that sruja.toml does not have",
        "The keys of `sruja.toml` are listed in the reference; the message offers the nearest one. An unknown key is an error, because a setting with a typo would silently do nothing.";
    E0504 Error "a value that sruja.toml cannot take",
        "The file is not TOML, or the value has another form than its key takes. The message says which form that is.";
    W1501 Warning "not simulated yet",
        "The statement is understood and checked, but this version of the tool does not simulate it: the result is the same with and without it. It is never ignored silently.";
    // ---- run time
    R2001 Error "a run that failed",
        "The simulation of one run hit a bug of the tool. The other runs are not affected. Please report it with the seed and the name of the run.";
    R2002 Warning "a run that ended early",
        "The run reached a limit of memory or events; its measures are of the part that was simulated.";
    R2003 Warning "an expectation that was violated",
        "The report says when, by how much and how severely.";
    // ---- lints
    W1101 Warning "an element that nothing reaches", "placeholder";
    W1118 Warning "a step away from the request", "x";
    W1119 Hint "a load that nobody gave", "x";
}
