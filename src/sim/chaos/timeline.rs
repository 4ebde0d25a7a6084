//! When faults begin and end.

use crate::model::{Architecture, ChaosAction, ChaosEvent, ElementSet, Healed, LinkSet, RunConfig, Strength, Trigger};
use crate::sim::rng::{Rng, Streams};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Steps in which a fault grows along its ramp.
pub(crate) const RAMP_STEPS: u64 = 20;

/// A fault, begun or not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// What happens, with what was drawn.
    pub action: ChaosAction,
    /// What is shown in reports.
    pub text: Arc<str>,
    /// Since when it is active.
    pub since: Option<u64>,
    /// In which order faults have begun.
    pub order: u64,
    /// When it ends; `u64::MAX` with the run.
    pub until: u64,
    /// Its record in the result.
    pub record: usize,
    /// Replicas that it keeps down or still.
    pub replicas: Vec<u32>,
    /// Whether the grace of those that it stops is over.
    pub graceless: bool,
    /// Replicas that a deployment restarts, in order; those of which the memory runs out.
    pub rollout: Vec<u32>,
    /// How far it has come, of what goes in steps: memory, deployments.
    pub steps: u32,
    /// Counts its beginnings: events of former ones are void.
    pub times: u32,
    /// Draws of its times.
    pub rng: Rng,
    /// A trigger's condition: since when it has held, and whether it has fired.
    pub held: Option<u64>,
    pub fired: bool,
    /// First of the monitor's triggers that is its own.
    pub watch: usize,
}

/// All faults of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ChaosState {
    /// In the order of the scenario.
    pub faults: Vec<Fault>,
    /// Events to come: (fault, its number of beginnings, what).
    pub agenda: Vec<(u32, u32, Turn)>,
    /// Beginnings so far.
    pub begun: u64,
}

/// What an event of a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Turn {
    /// Begins.
    Begin,
    /// Grows along its ramp.
    Grow,
    /// What it stops has had its time.
    Grace,
    /// Ends.
    End,
}

impl ChaosState {
    /// The faults of a run, with random choices made.
    pub fn new(architecture: &Architecture, config: &RunConfig, streams: Streams<'_>) -> Self {
        let mut watch = 0;
        let mut named: Vec<String> = Vec::new();
        let mut fault = |event: &ChaosEvent| {
            let name = identity(architecture, &event.action);
            let before = named.iter().filter(|other| **other == name).count();
            named.push(name.clone());
            let name = format!("chaos {name} {before}");
            let mut choice = streams.of(&name, "choice");
            let (action, drawn) = draw(architecture, &event.action, &mut choice);
            let text = drawn.map_or(Arc::clone(&event.text), |d| format!("{} (drawn: {d})", event.text).into());
            let mine = watch;
            if let Trigger::When { condition, .. } = &event.timing.trigger {
                let mut terms = Vec::new();
                crate::sim::world::collect(condition, &mut terms);
                watch += terms.len();
            }
            Fault {
                action,
                text,
                since: None,
                order: 0,
                until: u64::MAX,
                record: 0,
                replicas: Vec::new(),
                graceless: false,
                rollout: Vec::new(),
                steps: 0,
                times: 0,
                rng: streams.of(&name, "times"),
                held: None,
                fired: false,
                watch: mine,
            }
        };
        let faults = config.chaos.iter().map(&mut fault).collect();
        Self { faults, agenda: Vec::new(), begun: 0 }
    }

    /// Whether any fault is active that does not end at `now`.
    pub fn is_active_after(&self, now: u64) -> bool {
        self.faults.iter().any(|f| f.since.is_some() && f.until > now)
    }

    /// Active faults in the order in which they have begun.
    pub fn active(&self) -> Vec<usize> {
        let mut active: Vec<usize> = (0..self.faults.len()).filter(|n| self.faults[*n].since.is_some()).collect();
        active.sort_by_key(|n| self.faults[*n].order);
        active
    }
}

impl Fault {
    /// How many times as long service takes when so many steps of memory are used, of [`RAMP_STEPS`]: the cost of
    /// collecting garbage is inversely proportional to the memory that is free (Appel 1987).
    pub fn pressure(&self) -> Strength {
        let free = RAMP_STEPS.saturating_sub(u64::from(self.steps)).max(1);
        Strength { factor: RAMP_STEPS as f64 / free as f64, add: 0.0 }
    }

    /// How much of its full strength it has at `now`: 0 to 1 along its ramp.
    pub fn strength(&self, ramp: u64, now: u64) -> f64 {
        let Some(since) = self.since else { return 0.0 };
        if ramp == 0 { 1.0 } else { ((now - since) as f64 / ramp as f64).min(1.0) }
    }
}

/// What names the random streams of a fault: what it does to whom, not how that is written or where
/// it stands, so that neither another spelling nor another fault moves its numbers.
fn identity(architecture: &Architecture, action: &ChaosAction) -> String {
    let stations = |verb: &str, set: &ElementSet| {
        let paths: Vec<&str> = set.stations.iter().map(|id| &*architecture.station(*id).path).collect();
        format!("{verb} {}", paths.join(" "))
    };
    let links = |verb: &str, set: &LinkSet| {
        let paths: Vec<&str> = set.links.iter().map(|(id, ..)| &*architecture.call(*id).path).collect();
        format!("{verb} {}", paths.join(" "))
    };
    match action {
        ChaosAction::Kill(set) => stations("kill", set),
        ChaosAction::Restart(set, _) => stations("restart", set),
        ChaosAction::Pause(set) => stations("pause", set),
        ChaosAction::Slow(set, _) => stations("slow", set),
        ChaosAction::Fail(set, _) => stations("fail", set),
        ChaosAction::Throttle(set, _) => stations("throttle", set),
        ChaosAction::Scale(set, _) => stations("scale", set),
        ChaosAction::ClearCache(set) => stations("clear cache", set),
        ChaosAction::Failover(set) => stations("failover", set),
        ChaosAction::HotKey(set, _) => stations("hot key", set),
        ChaosAction::FillMemory(set) => stations("fill memory", set),
        ChaosAction::FillDisk(set) => stations("fill disk", set),
        ChaosAction::Leak(set, _) => stations("leak", set),
        ChaosAction::Deploy(set, _) => stations("deploy", set),
        ChaosAction::DrainPool(set) => links("drain pool", set),
        ChaosAction::Cut(set, _) => links("cut", set),
        ChaosAction::Delay(set, ..) => links("delay", set),
        ChaosAction::Set(place, key, _) => format!("set {place:?} {key:?}"),
        ChaosAction::Multiply(place, key, _) => format!("multiply {place:?} {key:?}"),
        ChaosAction::Add(place, key, _) => format!("add {place:?} {key:?}"),
        ChaosAction::Surge(_) => "surge".to_owned(),
        ChaosAction::Outage(domain) => format!("outage {domain:?}"),
        ChaosAction::Stop(set, _) => stations("stop", set),
        ChaosAction::Hang(set) => stations("hang", set),
        ChaosAction::Duplicate(set, _) => links("duplicate", set),
        ChaosAction::Reorder(set, ..) => links("reorder", set),
        ChaosAction::StopConsumers(set) => stations("consumer_stop", set),
        ChaosAction::Poison(set, _) => stations("poison", set),
        ChaosAction::FreezeScaling(set) => stations("autoscale_off", set),
        ChaosAction::Quota(set) => stations("quota", set),
        ChaosAction::Heal(healed) => {
            format!("heal {}", healed.as_ref().map_or(String::new(), |h| paths(architecture, h)))
        }
    }
}

/// Elements that are healed, sources behind the others.
fn paths(architecture: &Architecture, healed: &Healed) -> String {
    let stations = healed.stations.stations.iter().map(|id| &*architecture.station(*id).path);
    let sources = healed.sources.iter().map(|id| &*architecture.sources[id.index()].path);
    stations.chain(sources).collect::<Vec<_>>().join(" ")
}

/// Makes the random choices of an action; returns what was drawn, for the report.
fn draw(architecture: &Architecture, action: &ChaosAction, rng: &mut Rng) -> (ChaosAction, Option<String>) {
    let mut action = action.clone();
    let drawn = match &mut action {
        ChaosAction::Kill(set)
        | ChaosAction::Restart(set, _)
        | ChaosAction::Pause(set)
        | ChaosAction::Slow(set, _)
        | ChaosAction::Fail(set, _)
        | ChaosAction::Throttle(set, _)
        | ChaosAction::Scale(set, _)
        | ChaosAction::Stop(set, _)
        | ChaosAction::Hang(set)
        | ChaosAction::StopConsumers(set)
        | ChaosAction::Poison(set, _)
        | ChaosAction::FreezeScaling(set)
        | ChaosAction::Quota(set)
        | ChaosAction::Heal(Some(Healed { stations: set, .. }))
        | ChaosAction::ClearCache(set)
        | ChaosAction::Failover(set)
        | ChaosAction::HotKey(set, _)
        | ChaosAction::FillMemory(set)
        | ChaosAction::FillDisk(set)
        | ChaosAction::Leak(set, _)
        | ChaosAction::Deploy(set, _) => draw_stations(architecture, set, rng),
        ChaosAction::Cut(links, _)
        | ChaosAction::Delay(links, ..)
        | ChaosAction::Duplicate(links, _)
        | ChaosAction::Reorder(links, ..)
        | ChaosAction::DrainPool(links) => draw_links(architecture, links, rng),
        ChaosAction::Set(..)
        | ChaosAction::Multiply(..)
        | ChaosAction::Add(..)
        | ChaosAction::Surge(_)
        | ChaosAction::Heal(None)
        | ChaosAction::Outage(_) => None,
    };
    (action, drawn)
}

fn draw_stations(architecture: &Architecture, set: &mut ElementSet, rng: &mut Rng) -> Option<String> {
    let any = set.any?.of(set.stations.len());
    shuffle(&mut set.stations, rng);
    set.stations.truncate(any);
    set.stations.sort_unstable();
    let names: Vec<&str> = set.stations.iter().map(|id| &*architecture.station(*id).path).collect();
    Some(names.join(", "))
}

fn draw_links(architecture: &Architecture, set: &mut LinkSet, rng: &mut Rng) -> Option<String> {
    if !set.half {
        return None;
    }
    shuffle(&mut set.links, rng);
    set.links.truncate(set.links.len().div_ceil(2));
    set.links.sort_unstable();
    let names: Vec<&str> = set.links.iter().map(|(id, ..)| &*architecture.call(*id).path).collect();
    Some(names.join(", "))
}

fn shuffle<T>(list: &mut [T], rng: &mut Rng) {
    for n in (1..list.len()).rev() {
        list.swap(n, rng.below(n + 1));
    }
}
