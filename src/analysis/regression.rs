//! From one model of a history to the next: what got better or worse, and what of it is a regression.
//!
//! Neighbouring models run the same scenarios on common random numbers, so replication r of a run is held against
//! replication r of the same run before. The differences of replication r over all runs that both have are averaged;
//! the interval of their mean is that of a paired bootstrap, as in a ranking. The p-value is the share of the resampled
//! means on the far side of 0, twice; those of one commit, over its scenarios and metrics, are corrected together
//! (Benjamini and Hochberg: Controlling the false discovery rate, 1995), and what the correction does not keep cannot
//! be told. A regression is what is worse, and by more than a threshold.

use super::rank::{Interval, Verdict};
use super::run::mean;
use super::statistics::{RESAMPLES, interval, widened_means};
use std::sync::Arc;

/// Expected share of false alarms among what is told of a commit.
const FALSE_DISCOVERIES: f64 = 0.05;

/// By how much a metric must get worse for a regression, unless somebody says otherwise: a share of what it was.
pub const THRESHOLD: f64 = 0.05;

/// A number that is followed through a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// The score, 0 to 100.
    Score,
    /// 95th percentile of response times, seconds.
    P95,
    /// Share of requests that did not succeed.
    ErrorRate,
    /// USD an hour.
    Cost,
}

impl Figure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Score, Self::P95, Self::ErrorRate, Self::Cost];

    /// As in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::P95 => "p95",
            Self::ErrorRate => "error_rate",
            Self::Cost => "cost",
        }
    }

    /// The difference as a gain: only the score is better when it is higher.
    fn gain(self, [low, high]: Interval) -> Interval {
        if self == Self::Score { [low, high] } else { [-high, -low] }
    }

    /// The least that shares of it are taken of: below it any change is a large share, and none matters.
    fn floor(self) -> f64 {
        match self {
            Self::Score => 1.0,
            Self::P95 => 1e-6,
            Self::ErrorRate => 1e-3,
            Self::Cost => 1e-6,
        }
    }
}

/// A run of one model as a history follows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// What pairs it with the run of another model: its swept values.
    pub key: Arc<str>,
    /// By [`Figure::ALL`]: the value of the run, and that of each replication; `None` where there is none.
    pub figures: [Option<(f64, Vec<f64>)>; 4],
}

/// How one figure changed from a model to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// Which.
    pub figure: Figure,
    /// After less before, in its unit: mean over the runs that both have.
    pub difference: f64,
    /// The difference over what it was; `None` where it was 0.
    pub relative: Option<f64>,
    /// Of the difference; `None` for fewer than two pairs of replications.
    pub ci95: Option<Interval>,
    /// Whether it got better or worse, corrected for everything else that is told of this commit.
    pub verdict: Verdict,
    /// Worse, and by more than the threshold.
    pub is_regression: bool,
}

/// A shift before the correction.
struct Raw {
    figure: Figure,
    difference: f64,
    before: f64,
    ci95: Option<Interval>,
    p: f64,
}

/// One model held against the one before it, for each of its scenarios: figures in the order of [`Figure::ALL`], those
/// left out that the two have no run of in common.
pub fn shifts(scenarios: &[(&[Observed], &[Observed])], threshold: f64) -> Vec<Vec<Shift>> {
    let raw: Vec<Vec<Raw>> = scenarios
        .iter()
        .map(|(before, after)| Figure::ALL.iter().filter_map(|figure| raw(*figure, before, after)).collect())
        .collect();
    let p: Vec<f64> = raw.iter().flatten().map(|raw| raw.p).collect();
    let mut kept = benjamini_hochberg(&p, FALSE_DISCOVERIES).into_iter();
    let mut shift = |raw: &Raw| raw.judged(kept.next().unwrap_or(false), threshold);
    raw.iter().map(|raw| raw.iter().map(&mut shift).collect()).collect()
}

impl Raw {
    fn judged(&self, is_kept: bool, threshold: f64) -> Shift {
        let scale = self.before.abs().max(self.figure.floor());
        let verdict = match Verdict::within(self.ci95.map(|ci| self.figure.gain(ci)), threshold * scale) {
            Verdict::Better | Verdict::Worse if !is_kept => Verdict::CannotTell,
            verdict => verdict,
        };
        Shift {
            figure: self.figure,
            difference: self.difference,
            relative: (self.before != 0.0).then(|| self.difference / self.before.abs()),
            ci95: self.ci95,
            verdict,
            is_regression: verdict == Verdict::Worse && self.difference.abs() > threshold * scale,
        }
    }
}

fn raw(figure: Figure, before: &[Observed], after: &[Observed]) -> Option<Raw> {
    let of = |run: &Observed| run.figures[figure as usize].clone();
    let partner = |run: &Observed| before.iter().find(|other| other.key == run.key);
    let pairs: Vec<_> = after.iter().filter_map(|run| Some((of(partner(run)?)?, of(run)?))).collect();
    let length = pairs.iter().map(|((_, old), (_, new))| old.len().min(new.len())).min()?;
    let at = |r: usize| mean(pairs.iter().map(|((_, old), (_, new))| new[r] - old[r]));
    let series: Vec<f64> = (0..length).map(at).collect();
    Some(Raw {
        figure,
        difference: mean(pairs.iter().map(|((old, _), (new, _))| new - old)),
        before: mean(pairs.iter().map(|((old, _), _)| *old)),
        ci95: interval(&series),
        p: p_value(&series),
    })
}

/// Twice the share of resampled means on the far side of 0, at least one resample; 1 for fewer than two pairs.
fn p_value(series: &[f64]) -> f64 {
    if series.len() < 2 {
        return 1.0;
    }
    let means = widened_means(series);
    let share = |is_far: fn(&f64) -> bool| means.iter().filter(|m| is_far(m)).count().max(1) as f64 / RESAMPLES as f64;
    (2.0 * share(|m| *m <= 0.0).min(share(|m| *m >= 0.0))).min(1.0)
}

/// Which of some p-values are kept when a share `q` of those kept may be false.
fn benjamini_hochberg(p: &[f64], q: f64) -> Vec<bool> {
    let mut sorted = p.to_vec();
    sorted.sort_by(f64::total_cmp);
    let bound = |rank: usize| (rank + 1) as f64 / p.len() as f64 * q;
    let limit = sorted.iter().enumerate().filter(|(rank, p)| **p <= bound(*rank)).map(|(_, p)| *p).next_back();
    p.iter().map(|p| limit.is_some_and(|limit| *p <= limit)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    fn normal(random: &mut Random) -> f64 {
        (0..12).map(|_| random.unit()).sum::<f64>() - 6.0
    }

    fn observed(key: &str, score: f64, p95: Vec<f64>) -> Observed {
        let value = mean(p95.iter().copied());
        let length = p95.len();
        let same = |value: f64| Some((value, vec![value; length]));
        Observed { key: key.into(), figures: [same(score), Some((value, p95)), same(0.0), None] }
    }

    fn of(figure: Figure, shifts: &[Shift]) -> &Shift {
        shifts.iter().find(|shift| shift.figure == figure).unwrap()
    }

    #[test]
    fn an_equal_model_is_proven_equal_in_every_figure() {
        let runs = [observed("", 80.0, vec![0.1, 0.2, 0.15])];
        let found = shifts(&[(&runs, &runs)], THRESHOLD);
        assert_eq!(
            found[0].iter().map(|s| s.figure).collect::<Vec<_>>(),
            [Figure::Score, Figure::P95, Figure::ErrorRate]
        );
        for shift in &found[0] {
            assert_eq!((shift.verdict, shift.difference, shift.ci95), (Verdict::ProvenEqual, 0.0, Some([0.0, 0.0])));
        }
    }

    #[test]
    fn a_figure_that_doubles_in_every_replication_is_a_regression() {
        let before = [observed("", 80.0, vec![0.1, 0.2, 0.15])];
        let after = [observed("", 60.0, vec![0.2, 0.4, 0.3])];
        let found = &shifts(&[(&before, &after)], THRESHOLD)[0];
        let p95 = of(Figure::P95, found);
        assert!(p95.is_regression && p95.verdict == Verdict::Worse);
        assert!((p95.difference - 0.15).abs() < 1e-12 && (p95.relative.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(of(Figure::Score, found).ci95, Some([-20.0, -20.0]));
        let back = &shifts(&[(&after, &before)], THRESHOLD)[0];
        assert_eq!(of(Figure::P95, back).verdict, Verdict::Better);
        assert!(back.iter().all(|shift| !shift.is_regression));
    }

    #[test]
    fn worse_by_less_than_the_threshold_is_no_regression() {
        let before = [observed("", 80.0, vec![0.1, 0.2, 0.15])];
        let after = [observed("", 80.0, vec![0.102, 0.204, 0.153])];
        let p95 = of(Figure::P95, &shifts(&[(&before, &after)], THRESHOLD)[0]).clone();
        assert_eq!((p95.verdict, p95.is_regression), (Verdict::Worse, false));
        assert!(of(Figure::P95, &shifts(&[(&before, &after)], 0.01)[0]).is_regression);
    }

    #[test]
    fn one_pair_tells_nothing_and_runs_without_a_partner_do_not_count() {
        let (before, after) = ([observed("", 80.0, vec![0.1])], [observed("", 10.0, vec![0.9])]);
        let found = &shifts(&[(&before, &after)], THRESHOLD)[0];
        assert!(found.iter().all(|s| s.verdict == Verdict::CannotTell && s.ci95.is_none() && !s.is_regression));
        assert!(shifts(&[(&before, &[observed("load=2", 1.0, vec![1.0])])], THRESHOLD)[0].is_empty());
    }

    #[test]
    fn the_correction_is_that_of_benjamini_and_hochberg() {
        // Their example (1995, section 3): of fifteen, the four smallest are kept.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0,
        ];
        let kept = benjamini_hochberg(&p, 0.05);
        assert_eq!(kept.iter().filter(|k| **k).count(), 4);
        assert!(kept[..4].iter().all(|k| *k));
    }

    /// Shares of commits that are called changed (at all, as a regression) when p95 moves by a share of itself.
    fn alarms(pairs: usize, shift: f64, noise: f64) -> (f64, f64) {
        let mut random = Random::new(7);
        let (mut told, mut flagged) = (0.0, 0.0);
        const COMMITS: usize = 300;
        for _ in 0..COMMITS {
            let common: Vec<f64> = (0..pairs).map(|_| 0.1 * (1.0 + 0.2 * normal(&mut random).abs())).collect();
            let moved: Vec<f64> =
                common.iter().map(|x| x * (1.0 + shift) * (1.0 + noise * normal(&mut random))).collect();
            let found = shifts(&[(&[observed("", 80.0, common)], &[observed("", 80.0, moved)])], THRESHOLD);
            let p95 = of(Figure::P95, &found[0]);
            told += f64::from(matches!(p95.verdict, Verdict::Better | Verdict::Worse));
            flagged += f64::from(p95.is_regression);
        }
        (told / COMMITS as f64, flagged / COMMITS as f64)
    }

    #[test]
    fn equal_models_raise_few_alarms_and_real_changes_are_found() {
        for pairs in [5, 20] {
            let (told, flagged) = alarms(pairs, 0.0, 0.03);
            assert!(told <= 0.06, "{pairs} pairs: {told} of equal models told apart");
            assert!(flagged <= 0.01, "{pairs} pairs: {flagged} of equal models flagged");
        }
        assert!(alarms(20, 0.10, 0.03).1 >= 0.95, "{:?}", alarms(20, 0.10, 0.03));
        assert!(alarms(5, 0.15, 0.03).1 >= 0.9, "{:?}", alarms(5, 0.15, 0.03));
        // On common random numbers small changes are told, too, and are no regressions.
        let (told, flagged) = alarms(20, 0.01, 0.003);
        assert!(told >= 0.95 && flagged == 0.0, "{told} {flagged}");
    }
}
