//! A station under its offered traffic: which formula applies, and what it says.

use super::answer::{Basis, Source, Why};
use super::bursts::{Batch, Modulated};
use super::moments::Moments;
use super::queue::{self, Gaps, Offer, Waiting};
use crate::model::{Balance, Discipline, Dist, Limit, ShedRule, Station, StationBehavior};
use std::sync::LazyLock;

/// Arrivals that deviate from a Poisson process by no more than this are taken as one.
pub(super) const NEARLY_POISSON: f64 = 0.05;
/// A chance of waiting below which a station disturbs nobody.
pub(super) const HARDLY_WAITS: f64 = 1e-3;

/// A process of arrivals that comes undivided and undisturbed from one source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stream {
    /// Independent gaps.
    Renewal(Gaps),
    /// Poisson batches.
    Batches(Batch),
    /// A Poisson process whose rate changes with a hidden state.
    Modulated(Modulated),
}

/// What arrives at a station, gathered over the calls to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Inflow {
    /// Attempts that arrive, 1/s; messages handed over included.
    pub rate: f64,
    /// Messages handed over by queues, 1/s.
    pub handed: f64,
    /// The relation that hands them over, and whether it is the only one.
    pub from: Option<(usize, bool)>,
    /// Sum of rate × squared coefficient of variation of gaps.
    pub gaps: f64,
    /// Deviation from a Poisson process: 0 for none, 1 for any.
    pub deviation: f64,
    /// The only stream, when there is one.
    pub stream: Option<Stream>,
    /// Calls that lead here.
    pub calls: u32,
    /// Why nothing is known of the arrivals.
    pub unknown: Option<Why>,
    /// Why not even their rate is known.
    pub flow: Option<Why>,
    /// How far their rate may be off, relative.
    pub doubt: f64,
    /// A call that needs a connection, and whether its relation is the only one that leads here.
    pub via: Option<(usize, bool)>,
}

impl Inflow {
    /// Nothing.
    pub const NONE: Self = Self {
        rate: 0.0,
        handed: 0.0,
        from: None,
        gaps: 0.0,
        deviation: 0.0,
        stream: None,
        calls: 0,
        unknown: None,
        flow: None,
        doubt: 0.0,
        via: None,
    };

    /// Squared coefficient of variation of the gaps.
    pub fn scv(&self) -> f64 {
        if self.rate > 0.0 { self.gaps / self.rate } else { 1.0 }
    }
}

/// The work of one priority at a station.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Demand {
    /// Arrivals, 1/s.
    pub rate: f64,
    /// Time for which a worker is held.
    pub held: Moments,
}

/// A station in the course of an evaluation.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub behavior: &'a StationBehavior,
    pub number: u32,
    pub is_queue: bool,
    pub inflow: Inflow,
    /// By priority, the lowest first.
    pub demands: Vec<Demand>,
    /// Whether a worker is held for an exponential time.
    pub is_exponential: bool,
    /// Whether workers are held during calls.
    pub holds: bool,
    /// Wait by priority.
    pub waits: Vec<Waiting>,
    /// Busy over available workers.
    pub utilization: f64,
    /// Processor sharing: how much longer work takes for the others.
    pub stretch: f64,
    /// Why there is no closed form of its waits.
    pub why: Option<Why>,
    /// Why nothing is known of its cache.
    pub cold: Option<Why>,
    /// Something about it that never has a closed form.
    objection: Option<Why>,
    /// Waiting places, where they are limited.
    places: Option<u32>,
}

impl<'a> Place<'a> {
    pub fn new(number: usize, station: &'a Station, ranks: usize) -> Self {
        Self::of(number, &station.behavior, station.is_queue, ranks)
    }

    fn of(number: usize, behavior: &'a StationBehavior, is_queue: bool, ranks: usize) -> Self {
        let number = number as u32;
        Self {
            behavior,
            number,
            is_queue,
            inflow: Inflow::NONE,
            demands: vec![Demand::default(); ranks],
            is_exponential: false,
            holds: false,
            waits: vec![Waiting::NONE; ranks],
            utilization: 0.0,
            stretch: 1.0,
            why: None,
            cold: None,
            objection: objection(behavior, is_queue).map(|what| Why::Station(number, what)),
            places: places(behavior),
        }
    }

    /// A source that makes calls itself: it takes no time and nobody waits there.
    pub fn source(number: usize, ranks: usize) -> Self {
        static SOURCE: LazyLock<StationBehavior> = LazyLock::new(|| StationBehavior {
            service_time: Dist::ZERO,
            concurrency: Limit::Unbounded,
            ..StationBehavior::default()
        });
        Self::of(number, &SOURCE, false, ranks)
    }

    /// Replicas, at least 1.
    pub fn replicas(&self) -> u32 {
        self.behavior.replicas.max(1)
    }

    /// Workers of a replica; `None`: no limit.
    pub fn workers(&self) -> Option<u32> {
        match self.behavior.concurrency {
            Limit::At(n) if !self.is_queue => Some(n.max(1)),
            _ => None,
        }
    }

    /// Whether all present share the workers.
    pub fn shares(&self) -> bool {
        self.behavior.discipline == Discipline::ProcessorSharing && !self.is_queue
    }

    /// Whether a call there holds a worker while it waits for its own calls.
    pub fn is_blocking(&self) -> bool {
        self.behavior.blocking && !self.shares() && self.workers().is_some()
    }

    /// Whether what it lets through is unknown too.
    pub fn hides_its_rate(&self) -> bool {
        let may_lose = self.objection.is_some() || self.places.is_some() || self.behavior.rate_limit.is_some();
        match self.why {
            None => false,
            Some(Why::Saturated(..)) => true,
            Some(_) => may_lose || self.inflow.flow.or(self.cold).is_some() || self.patience().is_some(),
        }
    }

    /// Why only the mean of its wait is known.
    pub fn tail(&self) -> Option<Why> {
        let several = self.workers().is_some_and(|workers| workers > 1);
        let vague = match self.stream() {
            Some(Stream::Modulated(_)) => self.waits.iter().any(|waiting| waiting.shape.is_none()),
            Some(Stream::Batches(_)) => !self.is_exponential && (several || self.demand().held.scv() > 1.0),
            _ => false,
        };
        let what = match self.behavior.discipline {
            _ if vague => "of bursts with other than exponential service only means are known",
            Discipline::Lifo => "of last come first served only means are known",
            Discipline::Priority if self.waits.len() > 1 => "of priorities only means are known",
            _ => return None,
        };
        self.is_contended().then_some(Why::Station(self.number, what))
    }

    /// Share of those let in who wait, over all priorities.
    pub fn contention(&self) -> f64 {
        let weighted = |(w, d): (&Waiting, &Demand)| w.share_waiting() * d.rate;
        let rate: f64 = self.demands.iter().map(|d| d.rate).sum();
        let sum: f64 = self.waits.iter().zip(&self.demands).map(weighted).sum();
        let waiting = if rate > 0.0 { sum / rate } else { 0.0 };
        if self.shares() && self.stretch > 1.0 { 1.0 - self.stretch.recip() } else { waiting }
    }

    /// Whether it disturbs what passes through.
    pub fn is_contended(&self) -> bool {
        self.contention() > HARDLY_WAITS
    }

    /// How far what leaves it deviates from a Poisson process.
    pub fn deviation(&self) -> f64 {
        let waiting = self.contention();
        let lost = self.waits.iter().map(|w| w.refused + w.given_up).fold(0.0, f64::max);
        let own = if self.is_reversible() { 20.0 * lost } else { waiting.max(20.0 * lost) };
        let own = if own > NEARLY_POISSON { 1.0 } else { own };
        self.inflow.deviation.max(own)
    }

    /// Whether departures of a Poisson inflow are a Poisson process (Burke, 1956; Kelly, 1979).
    fn is_reversible(&self) -> bool {
        let markov = self.is_exponential && !self.holds && self.behavior.discipline != Discipline::Priority;
        let single = self.replicas() == 1 || matches!(self.behavior.balance, Balance::Random | Balance::ConsistentHash);
        self.workers().is_none() || (single && (self.shares() || markov))
    }

    /// Squared coefficient of variation of the gaps between departures (Whitt, QNA, 1983, eq. 39).
    pub fn departures(&self) -> f64 {
        let Some(workers) = self.workers() else { return self.inflow.scv() };
        let (rho, all) = (self.utilization.min(1.0), f64::from(workers) * f64::from(self.replicas()));
        let work = self.demand().held.scv().max(0.2);
        1.0 + (1.0 - rho * rho) * (self.inflow.scv() - 1.0) + rho * rho / all.sqrt() * (work - 1.0)
    }

    /// Of all priorities together.
    pub fn demand(&self) -> Demand {
        if let [only] = self.demands.as_slice() {
            return *only;
        }
        let rate: f64 = self.demands.iter().map(|d| d.rate).sum();
        let mut held = Moments::ZERO;
        self.demands.iter().for_each(|d| held.mix(d.rate, d.held));
        Demand { rate, held: held.normalised(rate) }
    }

    /// Works out waits and utilisation from demands and inflow.
    pub fn settle(&mut self) {
        let demand = self.demand();
        (self.why, self.stretch) = (None, 1.0);
        self.waits.fill(Waiting::NONE);
        let all = self.workers().map_or(f64::INFINITY, |n| f64::from(n) * f64::from(self.replicas()));
        self.utilization = demand.rate * demand.held.mean / all;
        if demand.rate <= 0.0 {
            return;
        }
        match self.settled(&demand) {
            Ok(()) => {}
            Err(why) => self.why = Some(why),
        }
    }

    /// Nobody waits, whatever was thought of its load.
    pub fn calm(&mut self) {
        self.why = None;
        self.waits.fill(Waiting::NONE);
    }

    fn settled(&mut self, demand: &Demand) -> Result<(), Why> {
        if let Some(why) = self.inflow.flow.or(self.objection).or(self.cold) {
            return Err(why);
        }
        self.limited(demand)?;
        let Some(workers) = self.workers() else { return Ok(()) };
        if self.inflow.handed > 0.0 {
            return self.hands(demand, workers);
        }
        let offer = self.offer(demand, workers);
        self.saturates(&offer)?;
        self.counts(&offer)?;
        if !offer.work.second.is_finite() {
            return Err(Why::Station(self.number, "its service has no finite variance"));
        }
        if self.shares() {
            return self.shared(&offer);
        }
        if let Some(why) = self.inflow.unknown.filter(|_| self.stream().is_none()) {
            return Err(why);
        }
        if self.behavior.discipline == Discipline::Priority && self.waits.len() > 1 {
            return self.by_priority(&offer);
        }
        let waiting = self.queue(&offer)?;
        let waiting = self.in_doubt(self.with_held(waiting, offer.utilization()), offer.utilization());
        self.waits.fill(waiting);
        Ok(())
    }

    /// A wait grows as 1 / (1 - ρ): what its rate may be off counts so much more.
    pub fn in_doubt(&self, waiting: Waiting, rho: f64) -> Waiting {
        if self.inflow.doubt <= 0.0 {
            return waiting;
        }
        let error = (self.inflow.doubt / (1.0 - rho).max(0.02)).min(1.0);
        Waiting { basis: waiting.basis.and(Basis::within(Source::Che, waiting.basis.error + error)), ..waiting }
    }

    /// What one replica is offered.
    fn offer(&self, demand: &Demand, workers: u32) -> Offer {
        let replicas = f64::from(self.replicas());
        let scv = self.inflow.scv();
        let several = self.replicas() > 1;
        let (gaps, in_turn) = match self.behavior.balance {
            Balance::RoundRobin | Balance::Weighted if several => (scv / replicas, true),
            Balance::Random | Balance::ConsistentHash if several => (1.0 + (scv - 1.0) / replicas, false),
            _ => (scv, false),
        };
        Offer {
            rate: demand.rate / replicas,
            gaps,
            is_poisson: self.inflow.deviation <= NEARLY_POISSON && !in_turn,
            work: demand.held,
            is_exponential: self.is_exponential && !self.holds,
            workers,
        }
    }

    fn saturates(&self, offer: &Offer) -> Result<(), Why> {
        let bounded = self.places.is_some() || self.patience().is_some();
        let rho = offer.utilization();
        // Just short of it, rounding decides.
        if bounded && !self.shares() || rho < 1.0 - 1e-9 {
            return Ok(());
        }
        let offered = offer.rate * f64::from(self.replicas());
        Err(Why::Saturated(self.number, offered, offered / rho))
    }

    /// What has to be counted one by one must not be beyond counting.
    fn counts(&self, offer: &Offer) -> Result<(), Why> {
        let load = offer.rate * offer.work.mean;
        let workers = offer.workers > queue::COUNTED && f64::from(offer.workers) < 2.0 * load + 90.0;
        let places = self.places.is_some_and(|places| places > queue::COUNTED && self.is_crowded(offer, places));
        // Beyond the length at which as many give up as arrive, the queue soon ends.
        let mean = self.patience().map_or(0.0, Dist::mean);
        let patient = self.places.is_none() && offer.rate * mean > f64::from(queue::COUNTED);
        let objection = Err(Why::Station(self.number, "more workers or waiting places than are counted one by one"));
        if workers || places || patient { objection } else { Ok(()) }
    }

    /// Whether it may refuse, or be left by those who wait.
    pub fn is_limited(&self) -> bool {
        self.places.is_some()
            || self.objection.is_some()
            || self.patience().is_some()
            || self.behavior.rate_limit.is_some()
    }

    fn patience(&self) -> Option<&Dist> {
        self.behavior.patience.as_ref()
    }

    /// A token bucket is without effect when a queue of its rate is practically never longer than it is deep: in
    /// M/D/1 the chance falls as e^(-ηb) with λ(e^η - 1) = rη, and η is at least ln(r/λ).
    fn limited(&self, demand: &Demand) -> Result<(), Why> {
        let Some(limit) = self.behavior.rate_limit else { return Ok(()) };
        let load = demand.rate / limit.rate;
        if load < 1.0 && self.inflow.deviation <= NEARLY_POISSON && load.powf(limit.burst) < 1e-5 {
            return Ok(());
        }
        Err(Why::Station(self.number, "its rate limit binds"))
    }

    /// Work shared by all present: means are those of M/M/c, whatever the distribution of work.
    fn shared(&mut self, offer: &Offer) -> Result<(), Why> {
        if let Some(why) = self.inflow.unknown {
            return Err(why);
        }
        let basis = match () {
            () if !offer.is_poisson => Basis::within(Source::Sharing, 0.2),
            () if self.inflow.deviation > 0.0 => Basis::within(Source::Sharing, 0.05),
            () => Basis::exact(Source::Sharing),
        };
        let work = Moments::exponential(offer.work.mean);
        let gaps = if offer.is_poisson { 1.0 } else { offer.gaps };
        let like = Offer { work, is_exponential: true, gaps, ..*offer };
        let waiting = match self.places {
            Some(places) if self.is_crowded(&like, places) => queue::birth_death(&like, Some(places), 0.0),
            _ => like.unlimited(),
        };
        self.stretch = 1.0 + waiting.mean() / offer.work.mean;
        let waiting = Waiting { refused: waiting.refused, basis, ..Waiting::NONE };
        let waiting = self.in_doubt(waiting, offer.utilization());
        self.waits.fill(waiting);
        Ok(())
    }

    /// Whether a limit on waiting shows at all.
    fn is_crowded(&self, offer: &Offer, places: u32) -> bool {
        let rho = offer.utilization();
        let spread = (offer.gaps + offer.work.scv()).max(0.1);
        let decay = 2.0 * (1.0 - rho) / spread;
        rho >= 1.0
            || queue::erlang_c(offer.workers, offer.rate * offer.work.mean) * (-decay * f64::from(places)).exp() > 1e-5
    }

    fn queue(&self, offer: &Offer) -> Result<Waiting, Why> {
        let station = |what| Why::Station(self.number, what);
        let markov = offer.is_poisson && offer.is_exponential;
        let crowded = self.places.filter(|places| self.is_crowded(offer, *places));
        if let Some(patience) = self.patience() {
            return self.impatient(offer, patience, crowded);
        }
        if let Some(places) = crowded {
            let insensitive = offer.is_poisson && places == 0 && !self.holds;
            if !self.splits_independently() || !(markov || insensitive) {
                return Err(station("its queue is bounded and its service or its arrivals are not exponential"));
            }
            return Ok(self.nearly(queue::birth_death(offer, Some(places), 0.0)));
        }
        match (self.stream(), self.behavior.balance) {
            (Some(Stream::Batches(batch)), _) => self.batches(offer, batch),
            (Some(Stream::Modulated(bursts)), _) => self.modulated(offer, bursts),
            (_, Balance::LeastConnections) if self.replicas() > 1 => self.pooled(offer),
            (_, Balance::PowerOfTwo) if self.replicas() > 1 => self.two_choices(offer),
            (Some(Stream::Renewal(gaps)), _) if offer.workers == 1 && offer.is_exponential && self.splits_in_turn() => {
                Ok(queue::renewal(gaps, self.replicas(), offer.rate, offer.work.mean))
            }
            _ if self.arrives_in_turn() && offer.workers == 1 && offer.is_exponential => {
                Ok(self.nearly(queue::renewal(Gaps::Erlang(1.0), self.replicas(), offer.rate, offer.work.mean)))
            }
            _ => Ok(self.nearly(offer.unlimited())),
        }
    }

    /// The only stream that arrives, undisturbed.
    pub fn stream(&self) -> Option<Stream> {
        self.inflow.stream.filter(|_| self.inflow.calls == 1)
    }

    fn splits_in_turn(&self) -> bool {
        self.replicas() == 1 || matches!(self.behavior.balance, Balance::RoundRobin | Balance::Weighted)
    }

    fn splits_independently(&self) -> bool {
        self.replicas() == 1 || matches!(self.behavior.balance, Balance::Random | Balance::ConsistentHash)
    }

    /// Every r-th of a Poisson process.
    fn arrives_in_turn(&self) -> bool {
        self.replicas() > 1 && self.splits_in_turn() && self.inflow.deviation <= NEARLY_POISSON
    }

    /// What it rests on when its arrivals are not quite those that the formula takes.
    fn nearly(&self, waiting: Waiting) -> Waiting {
        let deviation = self.inflow.deviation;
        if deviation == 0.0 {
            return waiting;
        }
        let error = if deviation <= NEARLY_POISSON { 0.05 } else { 0.2 };
        Waiting { basis: waiting.basis.and(Basis::within(waiting.basis.source, error)), ..waiting }
    }

    /// Workers held during calls: their times depend on the load below, and callers are few.
    fn with_held(&self, waiting: Waiting, rho: f64) -> Waiting {
        let error = if waiting.probability < HARDLY_WAITS { 0.01 } else { 0.15 + 0.25 * rho };
        let basis = if self.holds { waiting.basis.and(Basis::within(Source::Held, error)) } else { waiting.basis };
        // Where hardly anybody waits, it hardly matters how well the wait is known.
        let error = if waiting.probability < HARDLY_WAITS { basis.error.min(0.01) } else { basis.error };
        Waiting { basis: Basis { error, ..basis }, ..waiting }
    }

    fn impatient(&self, offer: &Offer, patience: &Dist, crowded: Option<u32>) -> Result<Waiting, Why> {
        let markov = offer.is_poisson && offer.is_exponential && self.splits_independently();
        match patience {
            Dist::Exponential { mean } if markov => Ok(self.nearly(queue::birth_death(offer, crowded, mean.recip()))),
            Dist::Constant(limit) if markov && crowded.is_none() => Ok(self.nearly(queue::deadline(offer, *limit))),
            _ => Err(Why::Station(self.number, "requests give up waiting, and not everything is exponential")),
        }
    }

    fn batches(&self, offer: &Offer, batch: Batch) -> Result<Waiting, Why> {
        const MOST: u32 = 512;
        if self.replicas() > 1 || offer.workers > MOST {
            return Err(Why::Station(self.number, "batches of arrivals meet several replicas or very many workers"));
        }
        Ok(batch.wait(offer))
    }

    /// Each replica gets a share of the bursts; in turn, a little more evenly.
    fn modulated(&self, offer: &Offer, bursts: Modulated) -> Result<Waiting, Why> {
        let (balance, several) = (self.behavior.balance, self.replicas() > 1);
        let as_one = several && balance == Balance::LeastConnections;
        let (replicas, error) = match balance {
            _ if !several || self.splits_independently() => (1, 0.0),
            Balance::RoundRobin | Balance::Weighted => (1, 0.2),
            Balance::LeastConnections => (self.replicas(), 0.25),
            _ => return Err(Why::Station(self.number, "bursts meet replicas of which the better of two is chosen")),
        };
        let (rate, workers) = (offer.rate * f64::from(replicas), offer.workers.saturating_mul(replicas));
        let offer = Offer { rate, workers, ..*offer };
        self.counts(&offer)?;
        let waiting = bursts.wait(&offer);
        let all = f64::from(workers) / offer.work.mean;
        let full = |places: u32| -> f64 {
            let places = f64::from(places);
            waiting
                .shape
                .map_or(1.0, |shape| shape.iter().map(|(a, r)| a * (1.0 - r / all).max(0.0).powf(places)).sum())
        };
        if self.places.is_some_and(|places| full(places) > 1e-5) {
            return Err(Why::Station(self.number, "its queue is bounded and its arrivals come in bursts"));
        }
        let source = if as_one { Source::SharedQueue } else { Source::Modulated };
        Ok(Waiting { basis: waiting.basis.and(Basis::within(source, error)), ..waiting })
    }

    /// The emptiest replica: nearly one queue for all workers.
    fn pooled(&self, offer: &Offer) -> Result<Waiting, Why> {
        let replicas = self.replicas();
        let (rate, workers) = (offer.rate * f64::from(replicas), offer.workers.saturating_mul(replicas));
        let pool = Offer { rate, workers, ..*offer };
        self.counts(&pool)?;
        let waiting = pool.unlimited();
        Ok(self.nearly(Waiting { basis: waiting.basis.and(Basis::within(Source::SharedQueue, 0.25)), ..waiting }))
    }

    /// The better of two of many single workers: a share ρ^(2^k - 1) has at least k present.
    fn two_choices(&self, offer: &Offer) -> Result<Waiting, Why> {
        let rho = offer.utilization();
        let fits =
            offer.workers == 1 && offer.is_exponential && offer.is_poisson && self.replicas() >= 10 && rho <= 0.95;
        if !fits {
            return Err(Why::Station(self.number, "two choices among few, busy or other than exponential replicas"));
        }
        let present: f64 = (1..32).map(|k: i32| rho.powf(f64::from(k).exp2() - 2.0)).sum();
        let wait = offer.work.mean * (present - 1.0);
        let probability = rho * rho;
        let delay = Moments::exponential(wait / probability);
        let basis = Basis::within(Source::PowerOfTwo, if rho > 0.8 && self.replicas() < 50 { 0.2 } else { 0.1 });
        Ok(self.nearly(Waiting { probability, delay, basis, ..Waiting::NONE }))
    }

    /// Cobham: W(k) = W0 / ((1 - σ(k+1)) (1 - σ(k))), the σ over all of at least that priority.
    fn by_priority(&mut self, offer: &Offer) -> Result<(), Why> {
        let station = |what| Err(Why::Station(self.number, what));
        if !offer.is_poisson || self.holds || !self.splits_independently() {
            return station("priorities with workers held, other arrivals or another balance");
        }
        if self.places.is_some_and(|places| self.is_crowded(offer, places)) || self.patience().is_some() {
            return station("priorities with a bounded queue");
        }
        let per_worker = f64::from(offer.workers) * f64::from(self.replicas());
        let residual = Offer { ..*offer }.unlimited().mean() * (1.0 - offer.utilization());
        let probability = queue::erlang_c(offer.workers, offer.rate * offer.work.mean);
        let basis = if offer.workers == 1 || self.has_one_service() {
            Basis::exact(Source::Cobham)
        } else {
            Basis::within(Source::Cobham, 0.15)
        };
        let basis = self.in_doubt(Waiting { basis, ..Waiting::NONE }, offer.utilization()).basis;
        let mut above = 0.0;
        for (waiting, demand) in self.waits.iter_mut().zip(&self.demands).rev() {
            let with = above + demand.rate * demand.held.mean / per_worker;
            let wait = residual / ((1.0 - above) * (1.0 - with));
            above = with;
            // Only the mean is known; the others are those of an exponential wait.
            let delay = Moments::exponential(wait / probability.max(1e-300));
            *waiting = Waiting { probability, delay, basis, ..Waiting::NONE };
        }
        Ok(())
    }

    /// Whether all priorities take the same exponential time.
    fn has_one_service(&self) -> bool {
        self.is_exponential
    }

    /// Messages are handed over when a worker is free: they wait in their queue, not here.
    fn hands(&mut self, demand: &Demand, workers: u32) -> Result<(), Why> {
        let only = self.inflow.from.is_some_and(|(_, only)| only) && self.inflow.handed >= demand.rate * (1.0 - 1e-9);
        let plain = !self.shares() && self.patience().is_none() && self.demands.len() == 1;
        if !only || !plain {
            return Err(Why::Station(self.number, "it takes messages beside calls, or from several queues"));
        }
        let all = f64::from(workers) * f64::from(self.replicas());
        if self.utilization >= 1.0 - 1e-9 {
            return Err(Why::Saturated(self.number, demand.rate, all / demand.held.mean));
        }
        Ok(())
    }

    /// The wait of messages for a worker here; `inbound` is what a worker is kept for on top.
    pub fn handed_wait(&self, inbound: Moments) -> Result<Waiting, Why> {
        if let Some(why) = self.why.or(self.inflow.unknown) {
            return Err(why);
        }
        let Some(workers) = self.workers() else { return Ok(Waiting::NONE) };
        let demand = self.demand();
        let workers = workers.saturating_mul(self.replicas());
        let offer = Offer {
            rate: demand.rate,
            gaps: self.inflow.scv(),
            is_poisson: self.inflow.deviation <= NEARLY_POISSON,
            work: inbound.plus(demand.held),
            is_exponential: self.is_exponential && !self.holds && inbound.mean == 0.0,
            workers,
        };
        if offer.utilization() >= 1.0 - 1e-9 {
            return Err(Why::Saturated(self.number, offer.rate, offer.rate / offer.utilization()));
        }
        if !offer.work.second.is_finite() {
            return Err(Why::Station(self.number, "its service has no finite variance"));
        }
        self.counts(&offer)?;
        let rho = offer.utilization();
        let waiting = self.in_doubt(self.with_held(self.nearly(offer.unlimited()), rho), rho);
        let error = waiting.basis.error;
        let basis = if error > 0.0 { Basis::within(Source::Delivery, error) } else { Basis::exact(Source::Delivery) };
        Ok(Waiting { basis, ..waiting })
    }
}

/// Waiting places of a replica where they are limited; early refusal by length is a limit too.
fn places(b: &StationBehavior) -> Option<u32> {
    let own = match b.queue {
        Limit::At(n) => Some(n),
        Limit::Unbounded => None,
    };
    let shed = match b.shed {
        // It refuses when more than so many wait.
        Some(ShedRule::QueueLength(n)) => Some(n.saturating_add(1)),
        Some(ShedRule::QueueShare(share)) => own.map(|places| (share * f64::from(places)).floor() as u32 + 1),
        _ => None,
    };
    match (own, shed) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// What about a station never has a closed form.
fn objection(b: &StationBehavior, is_queue: bool) -> Option<&'static str> {
    let elastic = b.autoscale.is_some_and(|scale| scale.min != b.replicas || scale.max != b.replicas);
    Some(match () {
        () if b.failures.is_some() => "its replicas fail at random",
        () if elastic => "it is scaled automatically",
        () if b.replicas == 0 => "it has no replica",
        () if b.shard_count() > 1 => "each of its shards has replicas of its own",
        () if b.replication.is_some() => "its writes go to one replica only",
        () if b.slowdown.is_some() => "its service slows down with what is in flight",
        () if b.discipline == Discipline::Codel => "it drops what has waited long (CoDel)",
        () if matches!(b.shed, Some(ShedRule::Utilization(_))) => "it sheds by utilisation",
        () if b.shed.is_some() && b.replicas > 1 => "it sheds by the queues of all replicas together",
        () if is_queue && b.queue_behavior.capacity != Limit::Unbounded => "its capacity is bounded",
        () if is_queue && b.rate_limit.is_some() => "messages are limited by rate",
        () => return None,
    })
}
