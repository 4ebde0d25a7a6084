//! Versions of the architecture, and scenarios against each of them.

use super::{Built, architecture, behavior, build, history, place, scenario};
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{Architecture, Case, Project, VersionModel, assign, keep_streams};
use crate::schema::nearest;
use crate::sema::declare::{Declared, declare};
use crate::sema::lints;
use crate::sema::load::{Loaded, Unit, version_key};
use crate::sema::template::{self, Flat};
use crate::sema::{History, Meaning};
use crate::source::Span;
use crate::syntax::ast::{self, Change, StatementKind, Target, VersionOrigin};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The model of the file itself.
pub const WORKING: &str = "working";

/// Everything that the entry file can run, and what its names mean; `None` when there is no file.
pub fn project<'a>(
    loaded: &'a Loaded<'a>,
    sets: &[ast::Statement],
    sweep: Option<&History>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Project, Meaning)> {
    loaded.entry()?;
    let mut own = Vec::new();
    let base = build(
        loaded,
        &loaded.units,
        declare(&loaded.units, &[], &BTreeMap::new(), &mut own),
        &HashMap::new(),
        &mut own,
    );
    // A file that only compares versions has no model of its own: its behavior blocks speak of the versions'.
    let only_compares = base.architecture.elements.is_empty() && !base.declared.versions.is_empty();
    own.retain(|d| !only_compares || !matches!(d.code.id, "E0201" | "E0202" | "E0218"));
    diagnostics.append(&mut own);
    let versions = Versions::new(&base.declared);
    let mut project = Project::default();
    let mut run = Runner {
        loaded,
        sets,
        base: &base,
        versions: &versions,
        built: BTreeMap::new(),
        project: &mut project,
        failed: BTreeMap::new(),
    };
    let flats = run.scenarios(diagnostics);
    for flat in &flats {
        run.scenario(flat, diagnostics);
    }
    run.project.weights = weights(&base.declared, diagnostics);
    lints::run(loaded, &base, &flats, run.project, diagnostics);
    if sweep.is_some_and(|sweep| sweep.all_scenarios) {
        run.project.cases.clear();
    }
    // A scenario that names commits and no version was lowered against the file's own model to be checked.
    run.project.cases.retain(|case| {
        let of_case = |flat: &&Flat<'_>| scenario::bare(flat).name == case.scenario.name;
        case.scenario.names_versions || !flats.iter().find(of_case).is_some_and(history::names_commits)
    });
    if diagnostics.iter().all(|found| found.severity != Severity::Error) {
        history::add(&mut run, &flats, sweep, diagnostics);
    }
    run.forget_unused_versions();
    keep_random_streams(&mut project.versions);
    for search in &base.declared.searches {
        not_yet(search.span, &format!("`{}`", search.keyword.value), loaded, &mut project, diagnostics);
    }
    project.not_simulated.sort();
    project.not_simulated.dedup();
    Some((project, base.meaning()))
}

/// Elements that a version renames draw the numbers that they draw in the version before.
fn keep_random_streams(versions: &mut [VersionModel]) {
    let mut before: Option<Arc<Architecture>> = None;
    // As written and as kept, by address: versions of one model stay versions of one model.
    let mut done: HashMap<*const Architecture, [Arc<Architecture>; 2]> = HashMap::new();
    for version in versions {
        let Ok(model) = &mut version.model else { continue };
        let old = before.as_ref().filter(|old| !Arc::ptr_eq(old, model));
        let [_, kept] = done.entry(Arc::as_ptr(model)).or_insert_with(|| {
            let kept = old.and_then(|old| keep_streams(old, model)).map_or_else(|| Arc::clone(model), Arc::new);
            [Arc::clone(model), kept]
        });
        *model = Arc::clone(kept);
        before = Some(Arc::clone(model));
    }
}

fn not_yet(span: Span, what: &str, loaded: &Loaded<'_>, project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.push(
        Diagnostic::new(
            &codes::W1501,
            span.first_line(loaded.sources.text(span)),
            format!("{what} is not simulated yet"),
        )
        .label("without effect in this version"),
    );
    project.not_simulated.push(what.into());
}

/// Declared versions by name.
struct Versions<'a> {
    by_name: BTreeMap<&'a str, &'a ast::Version>,
    order: Vec<&'a str>,
}

impl<'a> Versions<'a> {
    fn new(declared: &Declared<'a>) -> Self {
        let order = declared.versions.iter().map(|version| version.name.value.as_str()).collect();
        Self {
            by_name: declared.versions.iter().map(|version| (version.name.value.as_str(), *version)).collect(),
            order,
        }
    }

    /// Names that a text means: itself, or those that a glob matches, in order of declaration.
    fn matching(&self, text: &str) -> Vec<&'a str> {
        self.order.iter().copied().filter(|name| glob(text, name)).collect()
    }
}

/// Whether `name` matches a pattern with `*` and `?`.
pub fn glob(pattern: &str, name: &str) -> bool {
    let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut star) = ((0, 0), None);
    while at.1 < n.len() {
        match p.get(at.0) {
            Some('*') => {
                star = Some(at);
                at.0 += 1;
            }
            Some(c) if *c == '?' || *c == n[at.1] => at = (at.0 + 1, at.1 + 1),
            _ => match star {
                Some((s, m)) => {
                    star = Some((s, m + 1));
                    at = (s + 1, m + 1);
                }
                None => return false,
            },
        }
    }
    p[at.0..].iter().all(|c| *c == '*')
}

pub(super) struct Runner<'r, 'a> {
    pub(super) loaded: &'a Loaded<'a>,
    pub(super) sets: &'r [ast::Statement],
    pub(super) base: &'r Built<'a>,
    versions: &'r Versions<'a>,
    /// Index into the project's versions by name.
    built: BTreeMap<String, usize>,
    pub(super) project: &'r mut Project,
    failed: BTreeMap<String, Arc<str>>,
}

impl<'a> Runner<'_, 'a> {
    /// Scenarios of the entry file that can be run, flattened.
    fn scenarios(&self, diagnostics: &mut Vec<Diagnostic>) -> Vec<Flat<'a>> {
        let mut flats = Vec::new();
        for node in &self.base.declared.entry_scenarios {
            if template::is_abstract(node) || !template::has_conditions(node) {
                continue;
            }
            match template::is_for_all(node) {
                true => flats.extend(template::flatten_all(node, &self.base.declared, diagnostics)),
                false => flats.extend(template::flatten(node, &self.base.declared, diagnostics)),
            }
        }
        flats
    }

    fn scenario(&mut self, flat: &Flat<'a>, diagnostics: &mut Vec<Diagnostic>) {
        let named = self.version_names(flat, diagnostics);
        let names_versions = named.is_some();
        for name in named.unwrap_or_else(|| vec![WORKING.to_owned()]) {
            self.case(flat, &name, names_versions, diagnostics);
        }
    }

    /// The versions that a scenario names; `None` when it names none.
    fn version_names(&self, flat: &Flat<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
        let mut out: Option<Vec<String>> = None;
        for statement in &flat.statements {
            let StatementKind::Versions(texts) = &statement.kind else { continue };
            let names = out.get_or_insert_default();
            for text in texts {
                let found = self.named_versions(text);
                if found.is_empty() {
                    diagnostics.push(self.unknown_version(text));
                }
                names.extend(found);
            }
        }
        if let Some(names) = &mut out {
            let mut seen = BTreeSet::new();
            names.retain(|name| seen.insert(name.clone()));
        }
        out
    }

    fn named_versions(&self, text: &ast::Text) -> Vec<String> {
        if text.value == WORKING {
            return vec![WORKING.to_owned()];
        }
        if let Some(files) = self.loaded.version_files.get(&text.value) {
            return files.clone();
        }
        self.versions.matching(&text.value).into_iter().map(str::to_owned).collect()
    }

    fn unknown_version(&self, text: &ast::Text) -> Diagnostic {
        let known = self.versions.order.iter().copied().chain([WORKING]);
        let diagnostic = Diagnostic::new(&codes::E0215, text.span, format!("no version is called `{}`", text.value))
            .label("not declared");
        match nearest(&text.value, known) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), text.span, near)
            }
            None => diagnostic.help("declare it: `version v2 \"Two\" extends working { … }`"),
        }
    }

    fn case(&mut self, flat: &Flat<'a>, version: &str, names_versions: bool, diagnostics: &mut Vec<Diagnostic>) {
        if version == WORKING {
            self.lower(flat, self.base, version, names_versions, diagnostics);
            return;
        }
        let mut own = Vec::new();
        let built = self.version(version, &mut Vec::new(), &mut own);
        self.keep_version_diagnostics(version, own, diagnostics);
        match built {
            Some(built) => self.lower(flat, &built, version, names_versions, diagnostics),
            None => self.failed_case(flat, version),
        }
    }

    /// A version that cannot be built is a row that says so.
    fn failed_case(&mut self, flat: &Flat<'a>, version: &str) {
        let why = self.failed.get(version).cloned().unwrap_or_else(|| "the version has errors".into());
        let index = self.add_version(version, Err(why));
        let (mut scenario, _) = scenario::lower(self.loaded, self.base, flat, self.sets, &mut Vec::new());
        scenario.names_versions = true;
        self.project.cases.push(Case { version: index, scenario: Arc::new(scenario) });
    }

    fn lower(
        &mut self,
        flat: &Flat<'a>,
        built: &Built<'a>,
        version: &str,
        names_versions: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        // Where a name is wrong, the traffic is missing for that reason.
        let is_clean = diagnostics.iter().all(|d| d.severity != Severity::Error);
        if built.architecture.request_types.is_empty() && is_clean {
            diagnostics.push(architecture::no_traffic(flat.node.id.as_ref().map_or(flat.node.span, |id| id.span)));
        }
        let (mut scenario, not_simulated) = scenario::lower(self.loaded, built, flat, self.sets, diagnostics);
        scenario.names_versions = names_versions;
        let index = self.add_version(version, Ok(built.architecture.handle()));
        self.project.not_simulated.extend(not_simulated);
        self.project.cases.push(Case { version: index, scenario: Arc::new(scenario) });
    }

    fn add_version(&mut self, name: &str, model: Result<Arc<Architecture>, Arc<str>>) -> usize {
        if let Some(index) = self.built.get(name) {
            return *index;
        }
        let title = self
            .versions
            .by_name
            .get(name)
            .and_then(|version| version.title.as_ref())
            .map(|title| title.value.as_str().into());
        // A file that a pattern found is shown by its stem.
        let shown = name.rsplit('/').next().and_then(|file| file.strip_suffix(".sruja")).unwrap_or(name);
        let origin = self.versions.by_name.get(name).map(|version| &version.origin);
        let commit = origin.and_then(version_key).and_then(|key| self.loaded.version_commits.get(&key).cloned());
        self.project.versions.push(VersionModel { name: shown.into(), title, commit, model });
        self.built.insert(name.to_owned(), self.project.versions.len() - 1);
        self.project.versions.len() - 1
    }

    /// Takes out the versions that no case is left of.
    fn forget_unused_versions(&mut self) {
        let project = &mut *self.project;
        let mut used = vec![false; project.versions.len()];
        project.cases.iter().for_each(|case| used[case.version] = true);
        if used.iter().all(|used| *used) {
            return;
        }
        let places: Vec<usize> = (0..used.len()).map(|n| used[..n].iter().filter(|used| **used).count()).collect();
        let mut is_used = used.iter();
        project.versions.retain(|_| is_used.next().is_some_and(|used| *used));
        project.cases.iter_mut().for_each(|case| case.version = places[case.version]);
    }

    // ---- building versions

    /// The model of a declared version; `None` after a complaint.
    fn version(&mut self, name: &str, open: &mut Vec<String>, diagnostics: &mut Vec<Diagnostic>) -> Option<Built<'a>> {
        let plan = self.overlay_plan(name, open, diagnostics)?;
        let units: &'a [Unit] = plan.units;
        let mut declared = declare(units, &plan.added, &plan.removed, diagnostics);
        // Scenarios, and blocks for all versions, name the elements as this file does; what an overlay leaves of this
        // file's own relations means what it always did.
        let is_overlay = std::ptr::eq(units, self.base.units);
        if !is_overlay {
            declared.names.know_as(&self.base.declared.names);
        }
        let mut built = build(self.loaded, units, declared, &plan.removed_calls, diagnostics);
        for assigned in plan.assigned {
            apply(self.loaded, &mut built, &assigned, diagnostics);
        }
        if is_overlay {
            built.declared.names.know_as(&self.base.declared.names);
        }
        Some(built)
    }

    /// What a version changes of which files, the bases' changes first.
    fn overlay_plan(
        &mut self,
        name: &str,
        open: &mut Vec<String>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<OverlayPlan<'a>> {
        if name == WORKING {
            return Some(OverlayPlan::of(self.base.units));
        }
        if let Some(units) = self.loaded.versions.get(name) {
            let mut plan = OverlayPlan::of(units);
            plan.added = self.shared_behavior();
            return Some(plan);
        }
        let version = *self.versions.by_name.get(name)?;
        if let Some(start) = open.iter().position(|seen| seen == name) {
            // From whichever of its versions one comes, the circle is told of at the first.
            let mut circle: Vec<&ast::Version> =
                open[start..].iter().filter_map(|name| self.versions.by_name.get(name.as_str()).copied()).collect();
            let at = (0..circle.len()).min_by_key(|n| circle[*n].span).unwrap_or(0);
            circle.rotate_left(at);
            let first = circle.first().copied().unwrap_or(version);
            let names = circle.iter().chain([&first]).map(|version| version.name.value.as_str());
            let circle = names.collect::<Vec<_>>().join(" → ");
            diagnostics.push(
                Diagnostic::new(&codes::E0213, first.name.span, format!("versions extend each other: {circle}"))
                    .label("extends itself in the end"),
            );
            return None;
        }
        open.push(name.to_owned());
        match &version.origin {
            VersionOrigin::File(_) | VersionOrigin::Git { .. } => {
                let key = version_key(&version.origin)?;
                let mut plan = OverlayPlan::of(self.loaded.versions.get(&key)?);
                // An older commit of this file has the behavior of then; that of now would undo the history.
                let is_past = matches!(version.origin, VersionOrigin::Git { .. }) && !self.only_compares();
                plan.added = if is_past { Vec::new() } else { self.shared_behavior() };
                Some(plan)
            }
            VersionOrigin::Overlay { base, changes } => {
                let known = base.value == WORKING || self.versions.by_name.contains_key(base.value.as_str());
                if !known {
                    diagnostics.push(self.unknown_version(base));
                    return None;
                }
                let mut plan = self.overlay_plan(&base.value, open, diagnostics)?;
                plan.extend(self.base, changes);
                Some(plan)
            }
            VersionOrigin::Missing => None,
        }
    }

    /// Whether the file has no model of its own.
    fn only_compares(&self) -> bool {
        self.base.architecture.elements.is_empty()
    }

    /// Behavior blocks of the file that compares: they hold in the versions that other files describe, too.
    fn shared_behavior(&self) -> Vec<&'a ast::Item> {
        let items = self.loaded.entry().map(|unit| ast::flatten(&unit.ast.items)).unwrap_or_default();
        items.into_iter().filter(|item| matches!(item, ast::Item::Behavior(_))).collect()
    }

    /// Diagnostics of a version: what its own text says, and what its own files say. A statement of the base that
    /// names something the version removed is no mistake of the base.
    fn keep_version_diagnostics(&self, name: &str, own: Vec<Diagnostic>, diagnostics: &mut Vec<Diagnostic>) {
        let mut spans = Vec::new();
        let mut removes = false;
        let mut at = Some(name);
        while let Some(version) = at.and_then(|name| self.versions.by_name.get(name)) {
            spans.push(version.span);
            removes |= matches!(&version.origin, VersionOrigin::Overlay { changes, .. } if changes.iter().any(|c| matches!(c, Change::Remove(_))));
            at = if let VersionOrigin::Overlay { base, .. } = &version.origin {
                Some(base.value.as_str()).filter(|base| *base != name)
            } else {
                None
            };
            if spans.len() > self.versions.order.len() {
                break;
            }
        }
        let within = |d: &Diagnostic| {
            spans.iter().any(|span| span.file == d.span.file && span.start <= d.span.start && d.span.end <= span.end)
        };
        let of_base = |d: &Diagnostic| self.base.files().contains(&d.span.file);
        let of_removal = |d: &Diagnostic| removes && matches!(d.code.id, "E0201" | "E0218");
        diagnostics.extend(own.into_iter().filter(|d| within(d) || !(of_base(d) || of_removal(d))));
    }
}

/// What makes a version out of files.
struct OverlayPlan<'a> {
    units: &'a [Unit],
    added: Vec<&'a ast::Item>,
    /// What is removed, and from how many of the added items.
    removed: BTreeMap<String, usize>,
    removed_calls: HashMap<(String, String), usize>,
    assigned: Vec<Assigned<'a>>,
}

/// One assignment of an overlay.
struct Assigned<'a> {
    target: &'a Target,
    value: &'a ast::Value,
    /// How many of the added items stand before it.
    place: usize,
}

impl<'a> OverlayPlan<'a> {
    fn of(units: &'a [Unit]) -> Self {
        Self { units, added: Vec::new(), removed: BTreeMap::new(), removed_calls: HashMap::new(), assigned: Vec::new() }
    }

    fn extend(&mut self, base: &Built<'_>, changes: &'a [Change]) {
        let full = |path: &ast::Path| full_name(base, path);
        for change in changes {
            let place = self.added.len();
            match change {
                Change::Assign(target, value) => self.assigned.push(Assigned { target, value, place }),
                Change::Remove(Target { from: Some(from), path, .. }) => {
                    let pair = (full(from), full(path));
                    self.assigned.retain(|known| known.ends(base) != (Some(pair.0.clone()), pair.1.clone()));
                    self.removed_calls.insert(pair, place);
                }
                Change::Remove(Target { from: None, path, .. }) => {
                    let name = full(path);
                    self.assigned.retain(|known| !known.is_of(base, &name));
                    self.removed.insert(name, place);
                }
                Change::Add(item) => self.added.push(item),
            }
        }
    }
}

/// The name in full of an element, or of the one whose attribute a path names; as written where there is none.
fn full_name(base: &Built<'_>, path: &ast::Path) -> String {
    let names = &base.declared.names;
    let prefix = |length: usize| path.parts[..length].iter().map(|part| part.value.as_str()).collect::<Vec<_>>();
    let found = (1..=path.parts.len()).rev().find_map(|length| names.resolve(&prefix(length).join("."), None).ok());
    found.map_or_else(|| path.dotted(), |id| names.get(id).path.to_string())
}

impl Assigned<'_> {
    /// The near end of a relation, and the element or far end.
    fn ends(&self, base: &Built<'_>) -> (Option<String>, String) {
        (self.target.from.as_ref().map(|from| full_name(base, from)), full_name(base, &self.target.path))
    }

    /// Whether it changes this element, a part of it or a relation of either: it goes when the element does.
    fn is_of(&self, base: &Built<'_>, name: &str) -> bool {
        let is_part =
            |end: &String| end.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let (from, to) = self.ends(base);
        from.as_ref().is_some_and(is_part) || is_part(&to)
    }
}

/// Carries out an assignment: it beats what stands before it, and gives way to later blocks that are as specific.
fn apply(loaded: &Loaded<'_>, built: &mut Built<'_>, assigned: &Assigned<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(found) = place::places(built, assigned.target, diagnostics) else { return };
    let key = found.attribute.key;
    if let ast::ValueKind::Attribute(values, block) = &assigned.value.value {
        for (target, value) in place::further(&found, assigned.target, block) {
            apply(loaded, built, &Assigned { target: &target, value: &value, place: assigned.place }, diagnostics);
        }
        if values.is_empty() && !block.is_empty() && found.attribute.ty != crate::schema::Type::Block {
            return;
        }
    }
    let Some(typed) = behavior::typed_value(loaded, built, key, assigned.value, diagnostics) else { return };
    for place in &found.places {
        if assign(&mut built.architecture, *place, key, &typed).is_ok() {
            built.given(*place, key, assigned.target.span);
        }
        behavior::apply_later(built, *place, &found, assigned.place);
    }
}

/// Dimensions that a ranking may weigh.
const DIMENSIONS: &[&str] = &[
    "performance",
    "scalability",
    "stability",
    "resilience",
    "cost",
    "domain",
    "coupling",
    "complexity",
    "hotspot",
    "loop_risk",
    "constraints",
    "evolution",
];

fn weights(declared: &Declared<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<(Arc<str>, f64)> {
    let mut out: Vec<(Arc<str>, f64)> = Vec::new();
    for ranking in &declared.rankings {
        for (name, weight) in *ranking {
            if DIMENSIONS.contains(&name.value.as_str()) {
                out.retain(|(known, _)| **known != *name.value);
                out.push((name.value.as_str().into(), weight.value.si()));
                continue;
            }
            let mut diagnostic = Diagnostic::new(
                &codes::E0205,
                name.span,
                format!("no dimension of the ranking is called `{}`", name.value),
            )
            .label("not known");
            diagnostic = match nearest(&name.value, DIMENSIONS.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).suggest(
                    format!("write `{near}`"),
                    name.span,
                    near,
                ),
                None => diagnostic.help(format!("there are {}", DIMENSIONS.join(", "))),
            };
            diagnostics.push(diagnostic);
        }
    }
    out
}
