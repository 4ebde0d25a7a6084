//! The standard kinds of elements; models may declare others.

/// What a kind means to a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindRole {
    /// A source of traffic.
    Source,
    /// Serves requests when it has no children.
    Station,
    /// Takes messages and delivers them to its consumers.
    Queue,
    /// Somebody else's: a source with only outgoing relations, else a station.
    External,
    /// Governance, behaviour or another thing that is no part of the running system.
    Other,
}

/// One standard kind.
#[derive(Debug)]
pub struct StandardKind {
    /// Its name.
    pub name: &'static str,
    /// What it means to a simulation.
    pub role: KindRole,
    /// One sentence.
    pub doc: &'static str,
}

const fn kind(name: &'static str, role: KindRole, doc: &'static str) -> StandardKind {
    StandardKind { name, role, doc }
}

use KindRole::{External, Other, Queue, Source, Station};

/// Every standard kind.
pub static KINDS: &[StandardKind] = &[
    kind("person", Source, "Somebody who uses the system."),
    kind("role", Source, "A role that people have."),
    kind("actor", Source, "Somebody or something that uses the system."),
    kind("user", Source, "Somebody who uses the system."),
    kind("system", Station, "A software system."),
    kind("container", Station, "Something that runs: an application, a store."),
    kind("component", Station, "A part of a container."),
    kind("service", Station, "A service."),
    kind("microservice", Station, "A small service of its own deployment."),
    kind("gateway", Station, "An entrance for requests."),
    kind("load_balancer", Station, "Spreads requests."),
    kind("database", Station, "A database."),
    kind("datastore", Station, "A store of data."),
    kind("storage", Station, "A store of files or objects."),
    kind("cache", Station, "A store of copies, fast and forgetful."),
    kind("search", Station, "A search index."),
    kind("function", Station, "A function as a service."),
    kind("worker", Station, "Works off messages."),
    kind("job", Station, "Runs now and then."),
    kind("webapp", Station, "An application in a browser."),
    kind("mobile", Station, "An application on a phone."),
    kind("cdn", Station, "A content delivery network."),
    kind("queue", Queue, "A queue of messages."),
    kind("topic", Queue, "A topic of messages, each delivered to every consumer."),
    kind("stream", Queue, "A log of messages."),
    kind("external_system", External, "A system of somebody else."),
    kind("external", External, "A system of somebody else."),
    kind("requirement", Other, "A requirement."),
    kind("adr", Other, "A decision and its reasons."),
    kind("policy", Other, "A policy."),
    kind("flow", Other, "The path of a request."),
    kind("scenario", Other, "The path of a request, or the conditions of a simulation."),
    kind("story", Other, "The path of a request."),
    kind("variable", Other, "A quantity of a causal loop."),
    kind("feedback", Other, "A loop of causes."),
    kind("causal_loop", Other, "A loop of causes."),
    kind("view", Other, "A diagram."),
    kind("tag", Other, "A tag."),
    kind("kind", Other, "A kind of elements."),
    kind("deployment", Other, "Where things run."),
    kind("node", Other, "A place where things run."),
];

/// The standard kind called `name`, case ignored.
pub fn find_kind(name: &str) -> Option<&'static StandardKind> {
    KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
}
