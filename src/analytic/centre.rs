//! A station of a closed network, where as many come as leave: exact mean value analysis of one.

/// Beyond so many steps of the recursion it would not be done in microseconds.
pub(super) const MOST_STEPS: u64 = 1_000_000;

/// One queueing station of a closed network.
pub(super) struct Centre {
    pub station: usize,
    /// Visits of one replica for one request.
    pub visits: f64,
    pub replicas: f64,
    pub service: f64,
    pub workers: u32,
    /// Chance of n present, n below the workers.
    pub marginal: Vec<f64>,
    /// Mean number present.
    pub present: f64,
    /// Time there of one visit.
    pub residence: f64,
}

impl Centre {
    /// One that every customer visits once a round.
    pub fn alone(service: f64, workers: u32) -> Self {
        let marginal = (0..workers).map(|n| if n == 0 { 1.0 } else { 0.0 }).collect();
        Self { station: 0, visits: 1.0, replicas: 1.0, service, workers, marginal, present: 0.0, residence: 0.0 }
    }

    /// Chance that all workers are busy.
    pub fn busy(&self) -> f64 {
        (1.0 - self.marginal.iter().sum::<f64>()).clamp(0.0, 1.0)
    }

    /// Time there of one more customer.
    pub fn residence(&mut self) -> f64 {
        self.ask();
        self.residence
    }

    /// What a request finds there is what is there with one user fewer.
    pub fn ask(&mut self) {
        let c = f64::from(self.workers);
        let spare: f64 = self
            .marginal
            .iter()
            .enumerate()
            .take(self.workers as usize - 1)
            .map(|(n, p)| (c - 1.0 - n as f64) * p)
            .sum();
        self.residence = self.service / c * (1.0 + self.present + spare);
    }

    /// Brings numbers present to a rate of requests.
    pub fn take(&mut self, rate: f64) {
        let (c, busy) = (f64::from(self.workers), rate * self.visits * self.service);
        self.present = rate * self.visits * self.residence;
        let mut weighted = 0.0;
        for n in (1..self.workers as usize).rev() {
            self.marginal[n] = busy / n as f64 * self.marginal[n - 1];
            weighted += (c - n as f64) * self.marginal[n];
        }
        self.marginal[0] = (1.0 - (busy + weighted) / c).max(0.0);
    }
}
