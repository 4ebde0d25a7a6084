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
    E0410 Error "an event that begins in two ways",
        "An event begins `at` a time, `when` a condition holds, or at `random`; it comes again `every` so often or `every time` its condition becomes true. Two of a kind contradict each other.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  at 5s when queue(A) > 10 kill A for 1s\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  when queue(A) > 10 kill A for 1s\n}\n";
    E0412 Error "a condition that cannot be read",
        "`--bisect` takes a condition as it stands behind `expect`: `p95 < 200ms`, `error_rate(Shop.Api) < 1% and p99 < 1s`.";
    E0413 Error "a fault that cannot be so",
        "Some replicas of an element can be killed, stopped, restarted, paused, slow, failing, throttled or of another version; an autoscaler, a primary or a cache that they share belongs to the whole element. `graceful` says of `kill` and `restart` that what they hit ends what it has, `cold` that whoever starts again has empty caches, `canary` that one replica runs what `deploy` brings; of other actions they say nothing. A `ramp` is for what has a size, and `increase` for what is a number. And some settings stay as they are once requests are under way: data cannot move to another number of shards meanwhile.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  at 5s quota 1 replica of A\n}\n", good "A = service \"A\" { behavior { scale { min 1  max 3 } } }\nC = person \"C\"\nC -> A\nscenario S {\n  load = 100\n  at 5s quota A\n}\n";
    E0414 Error "a compensation that never comes",
        "A step is undone when it was completed and a later step of the request fails. The only call that a source makes ends with the request: what its callee has done is undone by a step of the callee. And what undoes a step is a call between two parts that run.",
        bad "C = person \"C\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nBuy = flow \"Buy\" {\n  step C -> A { compensate }\n  step A -> B\n}\n", good "C = person \"C\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nBuy = flow \"Buy\" {\n  step C -> A { compensate }\n  step C -> B\n}\n";
    E0415 Error "a step that the request cannot go on with",
        "`goto` names the step that follows instead of the next one. It is a step of the same caller, or of one further up that waits for it: there the request goes back to. A step of another part, which has answered already or was never asked, has nobody to take it.",
        bad "C = person \"C\"\nA = service \"A\"\nB = service \"B\"\nD = service \"D\"\nC -> A\nA -> B\nB -> D\nBuy = flow \"Buy\" {\n  step C -> A\n  step A -> B\n  step inner: B -> D\n  step A -> B { goto inner  probability 30% }\n}\n", good "C = person \"C\"\nA = service \"A\"\nB = service \"B\"\nD = service \"D\"\nC -> A\nA -> B\nB -> D\nBuy = flow \"Buy\" {\n  step C -> A\n  step again: A -> B\n  step B -> D\n  step A -> B { goto again  probability 30% }\n}\n";
    // ---- history and files
    E0501 Error "a file that cannot be read",
        "The message says what the system answered.";
    E0502 Error "a version that cannot be built",
        "The version's own file has errors; they are shown with it. The other versions are still run.";
    E0503 Error "a key that sruja.toml does not have",
        "The keys of `sruja.toml` are listed in the reference; the message offers the nearest one. An unknown key is an error, because a setting with a typo would silently do nothing.";
    E0504 Error "a value that sruja.toml cannot take",
        "The file is not TOML, or the value has another form than its key takes. The message says which form that is.";
    E0505 Error "a history that cannot be read",
        "There is no git repository, it has no commit, or its objects are missing or damaged. History is read from the object database alone: work tree, index and refs are never touched, and no `git` program is needed.";
    E0506 Error "a commit that is not there",
        "A commit is named as git does: an id, a tag, a branch, `main~42`; or by its number along the first parents, `#1` being the oldest. In a shallow clone the older commits are missing: `git fetch --unshallow` gets them.";
    E0507 Error "a choice of no commits",
        "Commits are chosen by `main~42..main` (both ends included), `#1, #14, #21..#42`, `last 50`, `tags \"v*\"`, `since \"2026-01-01\"`, `until`, `branch \"main\"`, and of those `every 7`, from the oldest on. Nothing fits, or the words mean nothing.";
    E0508 Error "a file that no commit has",
        "The file is not in the repository, or in none of the commits that were chosen. Its path is taken from the root of the repository.";
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
    W1101 Warning "an element that nothing reaches",
        "No relation, fallback or dead letter leads from a source of traffic to the element, in no version that is run and by nothing that a scenario sets, so in every run it stands idle: it costs money, keeps no promise and hides a missing relation. Add the relation that leads to it; turn the arrow around where it takes messages from a queue (messages go the way of the arrow); or tag it `external` when it starts work by itself. In a file without scenarios and behavior it is a hint.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nOld = service \"Old\"\nOld -> B\nscenario S { load = 10 }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nOld = service \"Old\"\nA -> Old\nscenario S { load = 10 }\n";
    W1102 Warning "a call cycle without a flow",
        "Without a `flow`, every station makes the calls of all its relations for every request. Around a circle that would never end, so the simulation cuts the circle where it closes, which is hardly what happens in reality. Describe the path of the request with a `flow`, give one of the calls the `probability` with which it goes on, or break the circle.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nB -> A\nscenario S { load = 10 }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nB -> A\nbehavior B -> A { probability 10% }\nscenario S { load = 10 }\n";
    W1103 Warning "a timeout that the caller does not wait for",
        "Timeouts shrink from the outside in: a caller that gives up first makes the inner timeout, its fallback and its retries useless, while the work goes on for nobody. Each inner timeout, times its attempts, fits into the caller's own.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior C -> A { timeout 1s }\nbehavior A -> B { timeout 2s }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior C -> A { timeout 1s }\nbehavior A -> B { timeout 400ms }\n";
    W1104 Warning "retries that multiply along a chain",
        "When the last element of a chain fails, every tier above it tries again, and each of those attempts brings all attempts below it: the factors multiply. Two tiers with two retries each ask nine times, three tiers with three retries 64 times, just when the element can bear it least. Retry at one tier only (the one that knows best whether it is worth it), or give each tier a `budget`, which counts here with the retries that it allows on average.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nD = service \"D\"\nC -> A\nA -> B\nB -> D\nbehavior C -> A { timeout 9s }\nbehavior A -> B { timeout 2s  retry 2 { backoff 100ms } }\nbehavior B -> D { timeout 500ms  retry 2 { backoff 100ms } }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nD = service \"D\"\nC -> A\nA -> B\nB -> D\nbehavior C -> A { timeout 9s }\nbehavior A -> B { timeout 2s }\nbehavior B -> D { timeout 500ms  retry 2 { backoff 100ms } }\n";
    W1105 Warning "a retry without backoff",
        "A call that failed because its callee is overloaded or restarting fails again when it is repeated at once, and the repetition adds to the load. A wait that grows, with jitter so that not all callers come back together, gives the callee time.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A -> B { timeout 100ms  retry 2 }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A -> B { timeout 100ms  retry 2 { backoff exponential(50ms, 2x, max 1s)  jitter full } }\n";
    W1106 Warning "a sweep out of the sensible range",
        "Every attribute has a range in which it means something (`sruja explain` with its name shows it). Values outside make runs that fail or say nothing: shares above 100 %, no replicas at all, a timeout of zero.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  A.replicas = 0..4 step 1\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  A.replicas = 1..4 step 1\n}\n";
    W1107 Warning "chaos on something that gets no traffic",
        "The event hits elements or relations to which no request of this scenario comes: not by the mix of `traffic`, not by the flows, not as a fallback. The runs with and without it are the same, and the scenario proves nothing.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nC -> B\nRead = flow \"Read\" { step C -> A \"reads\" }\nWrite = flow \"Write\" { step C -> B \"writes\" }\nscenario S {\n  load = 10\n  traffic { Read 100% }\n  at 20s kill B for 10s\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nC -> B\nRead = flow \"Read\" { step C -> A \"reads\" }\nWrite = flow \"Write\" { step C -> B \"writes\" }\nscenario S {\n  load = 10\n  traffic { Read 80%  Write 20% }\n  at 20s kill B for 10s\n}\n";
    W1108 Warning "an expectation that can never hold, or always does",
        "Network time and own work set a floor to latency; shares lie between 0 and 100 %; what was not offered cannot be served. An expectation beyond such a bound has the same result in every run, so it checks nothing.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior B { service_time 80ms }\nscenario S {\n  load = 10\n  expect p95(B) < 50ms\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior B { service_time 80ms }\nscenario S {\n  load = 10\n  expect p95(B) < 150ms\n}\n";
    W1109 Warning "a loop that is declared otherwise than its signs say",
        "The type of a loop follows from its signs: an even number of minus signs amplifies (reinforcing), an odd number dampens (balancing). One of the two, the word or a sign, is wrong; the simulation goes by the signs.",
        bad "A = service \"A\"\nB = service \"B\"\nR = feedback \"Retries\" {\n  loop_type \"reinforcing\"\n  A -> B \"load\" { polarity \"+\" }\n  B -> A \"slows down\" { polarity \"-\" }\n}\n", good "A = service \"A\"\nB = service \"B\"\nR = feedback \"Retries\" {\n  loop_type \"balancing\"\n  A -> B \"load\" { polarity \"+\" }\n  B -> A \"slows down\" { polarity \"-\" }\n}\n";
    W1110 Warning "more load than can be served",
        "By the utilisation law the share of time that a worker is busy is the rate of requests times the time that each holds it, over the number of workers. Above 1 the queue grows as long as the load lasts, and no number from that run says anything about the design but that it is too small. Requests are followed through relations, flows, probabilities and caches; a blocking worker is held while it waits for its calls; a pool of connections is full by the same law. It is a hint where a sweep begins below the limit or only a peak is above it, and where the service time was assumed.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior B { service_time 20ms  concurrency 4 }\nscenario S { load = 300 }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior B { service_time 20ms  concurrency 4  replicas 3 }\nscenario S { load = 300 }\n";
    W1111 Warning "a kind that looks misspelt",
        "The kind is neither standard nor declared, and nearly that of another: `warehose` for `warehouse`. It is taken for a kind of its own, so no profile of the standard library and no `behavior kind` block finds it. Mend the word, or declare the kind.",
        bad "warehouse = kind \"Warehouse\"\nNorth = warehose \"North\"\n", good "warehouse = kind \"Warehouse\"\nNorth = warehouse \"North\"\n";
    W1112 Warning "a call that may wait for ever",
        "Without a timeout a call that hangs holds its worker until the end: it is never tried again, however many retries it has, and a few of them bring the caller down. Calls of somebody else's system are spoken of where the model gives timeouts at all.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A -> B { retry 2 { backoff 50ms } }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A -> B { timeout 100ms  retry 2 { backoff 50ms } }\n";
    W1113 Warning "a pool or bulkhead that cannot bind",
        "A blocking worker makes one call at a time, so a replica has never more calls under way than workers. A pool or bulkhead above that number never fills: it protects nothing.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A { concurrency 16 }\nbehavior A -> B { pool 40 }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A { concurrency 64 }\nbehavior A -> B { pool 40 }\n";
    W1114 Warning "a circuit breaker that never opens",
        "A breaker counts failures: it never opens when no call can fail (no timeout, no errors, no limits, no faults in any scenario), nor when fewer calls than `min_calls` come within its window. It is one for each replica of the caller, so each sees its part of the calls only.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A { replicas 4 }\nbehavior A -> B { timeout 1s  circuit_breaker { errors 50%  window 10s  min_calls 100 } }\nscenario S { load = 20 }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A { replicas 4 }\nbehavior A -> B { timeout 1s  circuit_breaker { errors 50%  window 10s  min_calls 20 } }\nscenario S { load = 20 }\n";
    W1115 Warning "chaos outside the measured time",
        "What happens at or after the end of the run never happens, and what is over before the warm-up ends is in no number of the report.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  duration 60s\n  at 90s kill B for 10s\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  duration 120s\n  at 90s kill B for 10s\n}\n";
    W1116 Warning "a warm-up that leaves nothing to measure",
        "The warm-up is part of the duration, and what happens in it is not measured. A tenth of the duration is a good start.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  duration 60s\n  warmup 60s\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  duration 60s\n  warmup 6s\n}\n";
    W1118 Hint "a step away from the request",
        "A request is at one place at a time: a step begins where the one before it ended, or at one of its callers after their replies. This step begins elsewhere, so it was left out of the path.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nBuy = flow \"Buy\" {\n  step C -> A \"asks\"\n  step B -> A \"answers\"\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nBuy = flow \"Buy\" {\n  step C -> A \"asks\"\n  step A -> B \"looks up\"\n  step B -> A \"answers\"\n}\n";
    W1119 Hint "a load that nobody gave",
        "A simulation needs a load. This scenario gives none, so 100 requests a second are assumed; the report says so as well.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  duration 60s\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 50\n  duration 60s\n}\n";
    W1120 Warning "an expectation of a fault that is not there",
        "`during chaos`, `after chaos` and `recovery_time` are measured from the faults of the scenario; a run with `failures` is `during chaos` all the time. This one has none, or one that lasts to the end, after which there is no time left: the expectation is never measured, and a report without a violation would be mistaken for a success.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  expect error_rate < 5% during chaos\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  at 30s kill B for 5s\n  expect error_rate < 50% during chaos\n}\n";
    W1121 Warning "a parameter that is never used",
        "Neither the scenario nor one that extends it says the parameter's name, so giving it another value changes nothing.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  param peak = 50\n  load = 10\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  param peak = 50\n  load = peak\n}\n";
    W1122 Warning "too few requests for the percentile",
        "A percentile is worth what lies beyond it: of 500 requests five are above the 99th, and which five is chance. As a rule at least ten should be: 1000 requests for p99, 10 000 for p99.9, over all replications together and of the traffic that is measured.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 2\n  duration 60s\n  expect p99 < 2s\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 20\n  duration 60s\n  expect p99 < 2s\n}\n";
    W1123 Warning "a fallback to what has just failed",
        "A fallback is called because the callee failed. When it is the callee itself, or always needs it, it fails for the same reason and only adds load.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nD = service \"D\"\nC -> A\nA -> B\nA -> D\nD -> B\nbehavior A -> B { timeout 1s  fallback D }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nD = service \"D\"\nC -> A\nA -> B\nA -> D\nbehavior A -> B { timeout 1s  fallback D }\n";
    W1124 Warning "a queue without a consumer",
        "Messages go into the queue and never come out: it only grows. Consumers are the elements that it points to; messages go the way of the arrow, `Orders -> Worker`, also where the worker asks for them. In a file without scenarios and behavior it is a hint.",
        bad "C = person \"Customer\"\nA = service \"A\"\nQ = queue \"Orders\"\nC -> A\nA -> Q \"puts\"\nscenario S { load = 10 }\n", good "C = person \"Customer\"\nA = service \"A\"\nQ = queue \"Orders\"\nW = worker \"Worker\"\nC -> A\nA -> Q \"puts\"\nQ -> W \"delivers\"\nscenario S { load = 10 }\n";
    W1125 Warning "a timeout that most calls miss",
        "Half of the requests take the callee longer than the caller waits, without any load, queue or fault: most calls time out, and most of the work is done for nobody.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior B { service_time lognormal(p50 300ms, p99 2s) }\nbehavior A -> B { timeout 200ms }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior B { service_time lognormal(p50 300ms, p99 2s) }\nbehavior A -> B { timeout 3s }\n";
    W1127 Warning "a behavior selector that matches nothing",
        "No element (or relation, for a tag) of any version has this kind, technology or tag, so the numbers in the block describe nothing. Technologies match by the beginning of their name, case ignored.",
        bad "Db = database \"Orders\" {\n  technology \"PostgreSQL 16\"\n}\nbehavior technology \"Postgres SQL\" { service_time 3ms }\n", good "Db = database \"Orders\" {\n  technology \"PostgreSQL 16\"\n}\nbehavior technology \"PostgreSQL\" { service_time 3ms }\n";
    W1128 Warning "an objective tighter than its dependencies",
        "What waits for others for every request is available only while all of them are: at best the product of their availabilities. Lower the objective, raise those below it, or make the calls optional with a `fallback`. A call with a `probability` counts with its share.",
        bad "C = person \"Customer\"\nA = service \"A\" {\n  slo { availability { target \"99.95%\" } }\n}\nB = database \"B\" {\n  slo { availability { target \"99.9%\" } }\n}\nC -> A\nA -> B\n", good "C = person \"Customer\"\nA = service \"A\" {\n  slo { availability { target \"99.9%\" } }\n}\nB = database \"B\" {\n  slo { availability { target \"99.95%\" } }\n}\nC -> A\nA -> B\n";
    W1130 Hint "an attribute without effect",
        "The attribute is well formed, but nothing in this model can show it: a way to spread over replicas where there is one, a queue in front of unbounded workers, jitter without a backoff, `cancel` where nobody has a timeout, a time to repair of what never fails, a priority that no element looks at, a fallback of a call that cannot fail. It is said only when it is idle in every place that its block describes, and when no scenario or version gives it something to act on.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior B { balance least_connections }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior B { replicas 3  balance least_connections }\n";
    W1131 Hint "an entrance that nobody named",
        "A model without a source of traffic is entered at the elements that nobody calls. Here every element is called by another, so load enters at the first of the file, and that is a guess: say who makes the requests, and of whom.",
        bad "A = service \"A\"\nB = service \"B\"\nA -> B\nB -> A { probability 10% }\nscenario S { load = 10 }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S { load = 10 }\n";
    W1132 Warning "a knob without effect",
        "The scenario sets or sweeps something that the model does not have: the retries of relations that do not retry, the lag of queues that are not there, the thinking of users that nobody gave, a load beside a closed loop, a mix of one type of request. Every run is the same with and without it, and a sweep of it compares a model with itself.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S {\n  load = 10\n  retries = 0..3 step 1\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nbehavior A -> B { timeout 100ms  retry 2 { backoff 50ms } }\nscenario S {\n  load = 10\n  retries = 0..3 step 1\n}\n";
    W1133 Hint "a sweep of one value",
        "A list or a range with one value makes one run, as the value alone would, and puts it into the run's name: there is nothing to compare it with.",
        bad "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S { load = [10] }\n", good "C = person \"Customer\"\nA = service \"A\"\nB = service \"B\"\nC -> A\nA -> B\nscenario S { load = [10, 20] }\n";
    W1134 Warning "a fault that has nothing to act on",
        "A disk to which nobody writes may fill up, a popular key means nothing where keys are not told apart, and a cache, an autoscaler or a request for replicas that is not there cannot be taken away; a source has no replicas, and in an empty zone there is nothing to hit or to heal: the run is the same with and without the event.",
        bad "C = person \"Customer\"\nA = service \"A\"\nC -> A\nscenario S {\n  load = 10\n  at 5s clear_cache A\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nC -> A\nbehavior A { cache { hit_ratio 80% } }\nscenario S {\n  load = 10\n  at 5s clear_cache A\n}\n";
    W1135 Warning "a loop without an end",
        "A step that goes back to an earlier one each time it is taken, with no way past it, makes a request that never ends: it goes round until the run does. That may be meant, as for a job that comes again and again; a request that users wait for needs a `probability` at the step.",
        bad "A = service \"A\"\nC = person \"C\"\nC -> A\nB = service \"B\"\nA -> B\nBuy = flow \"Buy\" {\n  step C -> A\n  step look: A -> B\n  step A -> B { goto look }\n}\n", good "A = service \"A\"\nC = person \"C\"\nC -> A\nB = service \"B\"\nA -> B\nBuy = flow \"Buy\" {\n  step C -> A\n  step look: A -> B\n  step A -> B { goto look  probability 30% }\n}\n";
    W1136 Warning "changes of one attribute that overlap",
        "Two events set the same attribute at the same time: latencies add and capacities multiply, but an attribute has one value, and it is that of the event that began last (of two that begin together, the later in the file). The other is without effect for as long as both last. A change to the end of the run that a later one replaces for good is a sequence, and is not spoken of.",
        bad "C = person \"Customer\"\nA = service \"A\"\nC -> A\nbehavior A { replicas 4 }\nscenario S {\n  load = 10\n  at 10s set A.replicas = 2 for 30s\n  at 20s set A.replicas = 8 for 30s\n}\n", good "C = person \"Customer\"\nA = service \"A\"\nC -> A\nbehavior A { replicas 4 }\nscenario S {\n  load = 10\n  at 10s set A.replicas = 2 for 10s\n  at 20s set A.replicas = 8 for 30s\n}\n";
}
