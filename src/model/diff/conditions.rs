//! Conditions of a run on one model, for another model with the same names.

use super::index::{Index, Remap};
use crate::model::{
    Architecture, ChaosAction, ChaosEvent, ElementSet, Expectation, Healed, LinkSet, Place, RunConfig, Trigger,
    Workload,
};

/// The conditions of a run of `from`, as `to` has them. What hits parts that `to` does not have hits the rest alone;
/// `None` when an event, an expectation or a part of the traffic has nothing left.
pub fn conditions(from: &Architecture, to: &Architecture, config: &RunConfig) -> Option<RunConfig> {
    let (from, to) = (Index::of(from), Index::of(to));
    Remap { from: &from, to: &to }.conditions(config)
}

impl Remap<'_> {
    fn conditions(&self, config: &RunConfig) -> Option<RunConfig> {
        Some(RunConfig {
            workload: self.workload(&config.workload)?,
            chaos: config.chaos.iter().map(|event| self.event(event)).collect::<Option<_>>()?,
            expectations: config.expectations.iter().map(|e| self.slo(e)).collect::<Option<Vec<Expectation>>>()?,
            ..config.clone()
        })
    }

    fn workload(&self, workload: &Workload) -> Option<Workload> {
        let share = |(id, share): &(_, f64)| Some((self.request_id(*id)?, *share));
        Some(Workload { mix: workload.mix.iter().map(share).collect::<Option<_>>()?, ..workload.clone() })
    }

    fn event(&self, event: &ChaosEvent) -> Option<ChaosEvent> {
        let mut out = event.clone();
        if let Trigger::When { condition, .. } = &mut out.timing.trigger {
            *condition = self.condition(condition)?;
        }
        out.action = self.action(&event.action)?;
        Some(out)
    }

    fn action(&self, action: &ChaosAction) -> Option<ChaosAction> {
        use ChaosAction as A;
        let mut out = action.clone();
        match &mut out {
            A::Kill(set)
            | A::Restart(set, _)
            | A::Pause(set)
            | A::Slow(set, _)
            | A::Fail(set, _)
            | A::Throttle(set, _)
            | A::Scale(set, _)
            | A::ClearCache(set)
            | A::Failover(set)
            | A::HotKey(set, _)
            | A::FillMemory(set)
            | A::FillDisk(set)
            | A::Leak(set, _)
            | A::Stop(set, _)
            | A::Hang(set)
            | A::StopConsumers(set)
            | A::Poison(set, _)
            | A::FreezeScaling(set)
            | A::Quota(set) => self.elements(set)?,
            A::Cut(links, _)
            | A::Delay(links, _, _)
            | A::DrainPool(links)
            | A::Duplicate(links, _)
            | A::Reorder(links, _, _) => self.links(links)?,
            A::Set(place, ..) | A::Multiply(place, ..) | A::Add(place, ..) => *place = self.place(*place)?,
            A::Deploy(set, values) => {
                self.elements(set)?;
                for (place, ..) in values {
                    *place = self.place(*place)?;
                }
            }
            A::Outage(domain) => *domain = self.domain_id(*domain)?,
            A::Heal(Some(healed)) => self.healed(healed)?,
            A::Surge(_) | A::Heal(None) => {}
        }
        Some(out)
    }

    /// What is left of a set; `None`: nothing.
    fn elements(&self, set: &mut ElementSet) -> Option<()> {
        set.stations = set.stations.iter().filter_map(|id| self.station_id(*id)).collect();
        (!set.stations.is_empty()).then_some(())
    }

    fn links(&self, set: &mut LinkSet) -> Option<()> {
        set.links = set.links.iter().filter_map(|(id, to, back)| Some((self.call_id(*id)?, *to, *back))).collect();
        (!set.links.is_empty()).then_some(())
    }

    fn healed(&self, healed: &mut Healed) -> Option<()> {
        healed.sources = healed.sources.iter().filter_map(|id| self.source_id(*id)).collect();
        let (elements, links) = (self.elements(&mut healed.stations), self.links(&mut healed.links));
        elements.or(links).or((!healed.sources.is_empty()).then_some(()))
    }

    fn place(&self, place: Place) -> Option<Place> {
        Some(match place {
            Place::Station(id) => Place::Station(self.station_id(id)?),
            Place::Call(id) => Place::Call(self.call_id(id)?),
            Place::Request(id) => Place::Request(self.request_id(id)?),
            Place::Source(id) => Place::Source(self.source_id(id)?),
        })
    }
}
