//! Other numbers of replicas: by a fault, or by the autoscaler.

use super::{Kind, World, payload};
use crate::model::Autoscale;

/// The Kubernetes HPA rule: no change while the ratio is within a tenth of 1.
pub(super) fn desired(current: u32, metric: f64, target: f64) -> u32 {
    if target <= 0.0 || current == 0 {
        return current;
    }
    let ratio = metric / target;
    if (ratio - 1.0).abs() <= 0.1 + 1e-12 {
        return current;
    }
    // Within a billionth of a whole number it is that number, whatever doubles say.
    (f64::from(current) * ratio - 1e-9).ceil().max(0.0) as u32
}

impl World<'_> {
    /// Replicas of each shard that are wanted, started or not.
    pub(super) fn wanted(&self, s: usize) -> u32 {
        let station = &self.stations[s];
        let kept = station.replicas.iter().filter(|r| !self.replicas[**r as usize].retired).count() as u32;
        kept / station.params.shards
    }

    /// Changes the number of replicas of each shard; further ones need their startup, surplus ones end what they have.
    pub(super) fn set_replicas(&mut self, s: usize, wanted: u32) {
        let startup = self.stations[s].params.startup;
        let wanted = wanted.saturating_mul(self.stations[s].params.shards);
        let ids = self.stations[s].replicas.clone();
        let ready_at = self.now.saturating_add(startup);
        for (n, id) in ids.iter().enumerate() {
            let retired = n as u32 >= wanted;
            let was_retired = std::mem::replace(&mut self.replicas[*id as usize].retired, retired);
            if was_retired && !retired {
                self.starts_at(s, *id, ready_at);
                self.heap.push(ready_at, payload(Kind::Replica, *id));
            }
        }
        for _ in ids.len() as u32..wanted {
            let id = self.add_replica(s, startup);
            self.starts_at(s, id, ready_at);
        }
        self.refresh(s);
    }

    pub(super) fn schedule_autoscale(&mut self, s: usize) {
        let Some(rule) = self.stations[s].scaling else { return };
        self.stations[s].look = (0, self.now);
        self.plan_look(s, self.now.saturating_add(interval(&rule)));
    }

    fn plan_look(&mut self, s: usize, time: u64) {
        if time < self.until {
            self.stations[s].look.0 = self.heap.push(time, payload(Kind::Scale, s as u32));
        }
    }

    /// Another autoscaler from now on, or none: it goes on from the replicas that there are. One that was there looks again
    /// one interval after its last look, a new one an interval from now.
    pub(super) fn change_scaling(&mut self, s: usize, rule: Option<Autoscale>) {
        let (now, station) = (self.now, &mut self.stations[s]);
        let before = std::mem::replace(&mut station.scaling, rule);
        match (before, rule) {
            (None, Some(_)) => {
                (station.scaled.0, station.scaled.1) = (station.busy.total(now), station.capacity.total(now));
                self.schedule_autoscale(s);
            }
            (Some(before), Some(rule)) if before.interval != rule.interval => {
                let next = station.look.1.saturating_add(interval(&rule)).max(now);
                station.look.0 = 0;
                self.plan_look(s, next);
            }
            (_, None) => station.look.0 = 0,
            _ => {}
        }
    }

    /// The autoscaler compares the utilisation since its last look with its target.
    pub(super) fn autoscale(&mut self, index: u32, sequence: u32) {
        let s = index as usize;
        let Some(rule) = self.stations[s].scaling.filter(|_| self.stations[s].look.0 == sequence) else { return };
        let now = self.now;
        let station = &mut self.stations[s];
        let (busy, capacity, no_removal_before) = station.scaled;
        let (used, had) = (station.busy.total(now) - busy, station.capacity.total(now) - capacity);
        station.scaled = (station.busy.total(now), station.capacity.total(now), no_removal_before);
        let current = self.wanted(s);
        let metric = if had == 0 { 0.0 } else { used as f64 / had as f64 };
        let wanted = desired(current, metric, rule.target).clamp(rule.min, rule.max.max(rule.min));
        let faults = &self.stations[s].faults;
        let wanted = if faults.full { wanted.min(current) } else { wanted };
        let frozen = faults.frozen || wanted < current && now < no_removal_before;
        if wanted != current && !frozen {
            self.stations[s].scaled.2 = now.saturating_add(rule.cooldown.0);
            self.set_replicas(s, wanted);
        }
        self.schedule_autoscale(s);
    }
}

/// Between two looks, ns.
fn interval(rule: &Autoscale) -> u64 {
    rule.interval.0.max(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::desired;

    /// Case D11.
    #[test]
    fn the_rule_is_that_of_kubernetes() {
        let cases = [(4, 200.0, 100.0, 8), (4, 50.0, 100.0, 2), (3, 109.0, 100.0, 3), (3, 111.0, 100.0, 4)];
        for (current, metric, target, wanted) in cases {
            assert_eq!(desired(current, metric, target), wanted);
        }
        assert_eq!(desired(5, 90.0, 50.0), 9);
    }
}
