//! What a lint may look at.

use super::graph::Graph;
use super::scene::Scene;
use crate::model::{Architecture, CallId, Entry, Place, Project, StationId};
use crate::schema::Key;
use crate::sema::load::Loaded;
use crate::sema::lower::Built;
use crate::sema::template::Flat;
use crate::source::{FileId, Span};
use crate::syntax::ast;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What a lint may look at.
pub struct Context<'c, 'a> {
    /// Files.
    pub loaded: &'c Loaded<'c>,
    /// The model of the file itself, and how it came to be.
    pub built: &'c Built<'a>,
    /// Scenarios of the file, with what they inherit.
    pub flats: &'c [Flat<'a>],
    /// What will be run.
    pub project: &'c Project,
    /// Calls of the model of the file.
    pub graph: Rc<Graph>,
    /// Calls of each version's model, side by side with the project's versions.
    graphs: Vec<Option<Rc<Graph>>>,
    /// Files of the team with behavior or with conditions of a simulation.
    simulated: BTreeSet<FileId>,
}

impl<'c, 'a> Context<'c, 'a> {
    /// Indexes what the lints share.
    pub fn new(loaded: &'c Loaded<'c>, built: &'c Built<'a>, flats: &'c [Flat<'a>], project: &'c Project) -> Self {
        let graph = Rc::new(Graph::new(&built.architecture));
        let own: &Architecture = &built.architecture;
        // Most scenarios run against the model of the file itself.
        let of_model =
            |model: &Architecture| if std::ptr::eq(model, own) { Rc::clone(&graph) } else { Graph::new(model).into() };
        let of_version = |model: &crate::model::VersionModel| model.model.as_deref().ok().map(of_model);
        let graphs = project.versions.iter().map(of_version).collect();
        let simulated = simulated(built);
        Self { loaded, built, flats, project, graph, graphs, simulated }
    }

    /// The model of the file.
    pub fn model(&self) -> &'c Architecture {
        &self.built.architecture
    }

    /// Calls of the file's model, with their ids.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, &'c crate::model::Call)> {
        self.model().calls.iter().enumerate().map(|(n, call)| (CallId(n as u32), call))
    }

    /// Stations of the file's model, with their ids.
    pub fn stations(&self) -> impl Iterator<Item = (StationId, &'c crate::model::Station)> {
        self.model().stations.iter().enumerate().map(|(n, station)| (StationId(n as u32), station))
    }

    /// Where the team gave an attribute; `None` where nobody or only the standard library did.
    pub fn given(&self, place: Place, key: Key) -> Option<Span> {
        self.built.origins.get(place, key).filter(|origin| !origin.is_std).map(|origin| origin.span)
    }

    /// The same of a call, without what stands in the braces of the attribute.
    pub fn given_call(&self, call: CallId, key: Key) -> Option<Span> {
        self.given(Place::Call(call), key).map(|span| self.head(span))
    }

    /// The part of a statement before its braces, on its first line.
    pub fn head(&self, span: Span) -> Span {
        let text = self.loaded.sources.text(span);
        let end = text.find(['{', '\n']).unwrap_or(text.len());
        Span { end: span.start + text[..end].trim_end().len() as u32, ..span }
    }

    /// The relation that a call came from; none for calls that a flow or the tool added.
    pub fn relation(&self, call: CallId) -> Option<&'a ast::Relation> {
        self.built.call_nodes[call.index()].map(|scoped| scoped.node)
    }

    /// The statement of that relation, without its braces.
    pub fn relation_span(&self, call: CallId) -> Option<Span> {
        self.relation(call).map(|node| self.head(node.span))
    }

    /// Where a station is declared: its name.
    pub fn declared_at(&self, station: StationId) -> Span {
        self.built.declared.names.get(self.built.symbol_of_station(station)).span
    }

    /// Full path of a station.
    pub fn name(&self, station: StationId) -> &'c str {
        &self.model().station(station).path
    }

    /// Full path of whoever makes a call.
    pub fn caller_name(&self, entry: Entry) -> &'c str {
        match entry {
            Entry::Station(id) => self.name(id),
            Entry::Source(id) => &self.model().sources[id.index()].path,
        }
    }

    /// Whether a place lies in a file that only describes: no scenario to run, no behavior of the team.
    /// Such a model is a picture, and a picture may leave things out.
    pub fn is_picture(&self, at: Span) -> bool {
        !self.simulated.contains(&at.file)
    }

    /// Whether a span lies in the standard library.
    pub fn is_std(&self, span: Span) -> bool {
        self.loaded.units.iter().any(|unit| unit.is_std && unit.ast.id == span.file)
    }

    /// Each scenario with the versions that it runs against.
    pub fn scenes(&self) -> Vec<Vec<Scene<'_, 'a>>> {
        self.flats.iter().map(|flat| self.scenes_of(flat)).collect()
    }

    /// Whether some scenario does something.
    pub fn any_scene(&self, does: impl Fn(&Scene<'_, 'a>) -> bool) -> bool {
        self.flats.iter().any(|flat| self.scenes_of(flat).iter().any(&does))
    }

    fn scenes_of<'s>(&'s self, flat: &'s Flat<'a>) -> Vec<Scene<'s, 'a>> {
        let name = flat.node.id.as_ref().or(flat.node.title.as_ref()).map_or("Run", |text| text.value.as_str());
        let cases = self.project.cases.iter().filter(|case| *case.scenario.name == *name);
        let scene = |case: &'s crate::model::Case| {
            let version = &self.project.versions[case.version];
            let (Ok(model), Some(graph)) = (&version.model, &self.graphs[case.version]) else { return None };
            Some(Scene { context: self, flat, scenario: &case.scenario, model, graph, version: &version.name })
        };
        cases.filter_map(scene).collect()
    }
}

/// Files that say more than what there is and what calls what.
fn simulated(built: &Built<'_>) -> BTreeSet<FileId> {
    let declared = &built.declared;
    let behaviors = declared.behaviors.iter().filter(|block| !block.is_std).map(|block| block.node.span);
    let scenarios = declared.scenarios.iter().filter(|scoped| !scoped.is_std && !scoped.node.statements.is_empty());
    let relations = declared.relations.iter().filter(|scoped| !scoped.is_std && !scoped.node.properties.is_empty());
    let spans = scenarios.map(|scoped| scoped.node.span).chain(relations.map(|scoped| scoped.node.span));
    behaviors.chain(spans).map(|span| span.file).collect()
}
