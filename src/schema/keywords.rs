//! The words that begin statements, for whoever writes them: editors, grammars of highlighters.

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// The top level of a file.
    Top,
    /// The braces of an element.
    Element,
    /// The braces of a scenario.
    Scenario,
    /// The braces of a flow.
    Flow,
    /// The braces of a version.
    Version,
}

/// A word that begins a statement.
#[derive(Debug)]
pub struct Keyword {
    /// The word.
    pub name: &'static str,
    /// Where it may stand.
    pub places: &'static [Where],
    /// The statement, with `${1:…}` for what the writer fills in.
    pub form: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

const fn keyword(name: &'static str, places: &'static [Where], form: &'static str, doc: &'static str) -> Keyword {
    Keyword { name, places, form, doc }
}

use Where::{Element, Flow, Scenario, Top, Version};

/// Every keyword, by place.
pub static KEYWORDS: &[Keyword] = &[
    keyword("import", &[Top], "import \"./${1:file}.sruja\"", "Takes what another file declares."),
    keyword(
        "behavior",
        &[Top, Element, Scenario, Version],
        "behavior ${1:Shop.Api} {\n  service_time ${2:10ms}\n}",
        "Says how an element, a relation, a kind, a technology or whatever has a tag performs.",
    ),
    keyword(
        "scenario",
        &[Top],
        "scenario ${1:Base} \"${2:title}\" {\n  load = ${3:100/s}\n  duration ${4:60s}\n  expect ${5:p95 < 200ms}\n}",
        "The conditions of a simulation: load, what varies, faults, expectations.",
    ),
    keyword(
        "flow",
        &[Top],
        "flow ${1:Checkout} \"${2:title}\" {\n  step ${3:Customer} -> ${4:Shop.Api}\n}",
        "The path of a request as steps.",
    ),
    keyword(
        "story",
        &[Top],
        "story ${1:Checkout} \"${2:title}\" {\n  step ${3:Customer} -> ${4:Shop.Api}\n}",
        "A flow, told.",
    ),
    keyword(
        "version",
        &[Top],
        "version ${1:v2} \"${2:title}\" extends ${3:working} {\n  $0\n}",
        "Another version of the architecture: changes of this one, or a file.",
    ),
    keyword(
        "deployment",
        &[Top],
        "deployment ${1:prod} \"${2:title}\" {\n  $0\n}",
        "Where things run: zones and nodes.",
    ),
    keyword(
        "ranking",
        &[Top],
        "ranking { ${1:violations} ${2:0.5} }",
        "What counts how much when versions are compared.",
    ),
    keyword("extend", &[Top], "extend ${1:Shop} {\n  $0\n}", "Adds to an element that was declared before."),
    keyword("specification", &[Top], "specification {\n  $0\n}", "Kinds and tags."),
    keyword("description", &[Element], "description \"${1:text}\"", "What the element is for."),
    keyword(
        "technology",
        &[Element],
        "technology \"${1:PostgreSQL}\"",
        "What it is made of; the standard library knows many.",
    ),
    keyword("tags", &[Element], "tags [\"${1:critical}\"]", "Tags, for selectors of behavior and chaos."),
    keyword("metadata", &[Element], "metadata {\n  ${1:owner} \"${2:team}\"\n}", "Further facts."),
    keyword(
        "slo",
        &[Element],
        "slo {\n  latency { p95 \"${1:200ms}\" }\n}",
        "What is promised; it becomes an expectation.",
    ),
    keyword("scale", &[Element], "scale { min ${1:2} max ${2:10} metric \"cpu > 70%\" }", "Autoscaling."),
    keyword("external", &[Element], "external", "Somebody else's."),
    keyword("expect", &[Scenario], "expect ${1:p95 < 200ms}", "A condition that the run is held to."),
    keyword("at", &[Scenario], "at ${1:30s} ${2:kill} ${3:Shop.Db} for ${4:20s}", "A fault at an instant."),
    keyword(
        "when",
        &[Scenario],
        "when ${1:queue(Shop.Api) > 100} for ${2:5s} ${3:kill} ${4:Shop.Db}",
        "A fault after a condition.",
    ),
    keyword(
        "random",
        &[Scenario],
        "random mttf ${1:5m} mttr ${2:30s} ${3:kill} ${4:Shop.Db}",
        "A fault again and again, at random.",
    ),
    keyword("param", &[Scenario], "param ${1:peak} = ${2:5x}", "A parameter that an extending scenario may set."),
    keyword("arrivals", &[Scenario], "arrivals ${1:poisson}", "How requests arrive at the mean rate."),
    keyword("traffic", &[Scenario], "traffic { ${1:Checkout} ${2:30%} }", "Shares of request types."),
    keyword("versions", &[Scenario], "versions [${1:v1}, ${2:v2}]", "The versions that it is run on."),
    keyword("commits", &[Scenario], "commits last ${1:50}", "The commits that it is run on."),
    keyword(
        "zip",
        &[Scenario],
        "zip { ${1:load} = [${2:100, 200}] ${3:users} = [${4:10, 20}] }",
        "Sweeps that go along together.",
    ),
    keyword("sample", &[Scenario], "sample ${1:500}", "So many points of the sweep instead of all."),
    keyword("exclude", &[Scenario], "exclude when ${1:load > 1000}", "Leaves combinations out."),
    keyword("tiers", &[Scenario], "tiers ${1:simple 1x, medium 3x, complex 8x}", "Sizes of the same load."),
    keyword("quality", &[Scenario], "quality { ${1:p95 < 500ms} weight ${2:1.0} }", "A weighted score of conditions."),
    keyword("abstract", &[Scenario], "abstract", "A template: not run by itself."),
    keyword("group", &[Scenario], "group \"${1:name}\"", "Reported together with the others of this name."),
    keyword("step", &[Flow], "step ${1:Shop.Api} -> ${2:Shop.Db}", "A call of the flow."),
    keyword("remove", &[Version], "remove ${1:Shop.Cache}", "Takes an element or a relation away."),
];

/// The keywords of a place.
pub fn keywords_of(place: Where) -> impl Iterator<Item = &'static Keyword> {
    KEYWORDS.iter().filter(move |keyword| keyword.places.contains(&place))
}

/// The keyword of this spelling.
pub fn find_keyword(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name == name)
}
