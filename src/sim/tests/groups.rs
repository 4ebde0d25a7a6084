//! What a source does by itself: steps in turn, forks, quorums, loops; and requests that interrupt others.

use super::*;

/// A station for each of `times`, and a source that calls them by `steps`.
fn journey(times: &[f64], steps: impl Fn(&[CallId]) -> Vec<Step>) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0]));
    let free = |time| StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(time), 1) };
    let ids: Vec<StationId> = times.iter().enumerate().map(|(n, t)| b.station(&format!("S{n}"), free(*t))).collect();
    let calls: Vec<CallId> = ids.iter().map(|id| b.request(source, *id, 1.0, CallBehavior::default())).collect();
    b.architecture.request_types.truncate(1);
    b.architecture.request_types[0].path = Path::Flow { steps: steps(&calls), from_source: true };
    b.architecture
}

fn plain(call: CallId) -> Step {
    Step::plain(call, None)
}

#[test]
fn a_source_calls_in_turn_side_by_side_and_for_a_quorum() {
    let times = [0.1, 0.2, 0.3];
    let config = run_for(0.0, 2.0, 0.0);
    let ends = |steps: &dyn Fn(&[CallId]) -> Vec<Step>| responses(&journey(&times, steps), &config);
    assert_eq!(ends(&|calls| calls.iter().map(|c| plain(*c)).collect()), [0.6]);
    assert_eq!(ends(&|calls| calls.iter().map(|c| Step { parallel: true, ..plain(*c) }).collect()), [0.3]);
    for (needed, exact) in [(1, 0.1), (2, 0.2), (3, 0.3)] {
        let quorum = |calls: &[CallId]| {
            let mut steps: Vec<Step> = calls.iter().map(|c| plain(*c)).collect();
            steps[0].quorum = Some(Quorum { members: 3, needed });
            steps
        };
        assert_eq!(ends(&quorum), [exact]);
    }
}

#[test]
fn a_quorum_fails_when_it_can_no_longer_be_reached() {
    let two_of_three = |calls: &[CallId]| {
        let mut steps: Vec<Step> = calls.iter().map(|c| plain(*c)).collect();
        steps[0].quorum = Some(Quorum { members: 3, needed: 2 });
        steps
    };
    let config = run_for(0.0, 2.0, 0.0);
    for (broken, end) in [(vec![0], (0.0, 0.3, true)), (vec![0, 1], (0.0, 0.2, false)), (vec![1, 2], (0.0, 0.3, false))]
    {
        let mut model = journey(&[0.1, 0.2, 0.3], two_of_three);
        broken.iter().for_each(|n: &usize| model.stations[*n].behavior.errors = 1.0);
        assert_eq!(log_of(&model, &config), [end], "{broken:?}");
        assert_eq!(simulate(&model, &config).metrics.offered, 1);
    }
}

/// A source fails as the call did that it could not do without.
#[test]
fn a_journey_ends_as_its_call_did() {
    let mut model = journey(&[0.1, 0.2], |calls| calls.iter().map(|c| plain(*c)).collect());
    model.calls[1].behavior.timeout = Some(s(0.05));
    let measures = simulate(&model, &run_for(0.0, 2.0, 0.0));
    assert_eq!((measures.metrics.timed_out, measures.metrics.latency_failed.max), (1, 0.15));
}

#[test]
fn a_step_can_be_followed_by_another_than_the_next() {
    // S0, then S1 and back to S0 with probability 0.75, then S2: a geometric number of rounds of mean 3.
    let steps = |calls: &[CallId]| {
        let back = Step { goto: Some(0), probability: 0.75, ..plain(calls[1]) };
        vec![plain(calls[0]), back, plain(calls[2])]
    };
    let mut model = journey(&[0.001, 0.01, 0.1], steps);
    model.sources[0].arrivals = Arrivals::Poisson;
    let measures = simulate(&model, &requests_at(100.0, 50_000.0));
    near("goto", measures.metrics.latency.mean, 0.001 * 4.0 + 0.01 * 3.0 + 0.1, 0.0009);
    let rounds = element(&measures, "S1").arrivals as f64 / measures.metrics.offered as f64;
    near("rounds", rounds, 3.0, 0.07);
}

#[test]
fn who_hands_a_request_on_is_free_at_once() {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0, 0.0]));
    let front = b.station("Front", station(Dist::Constant(0.1), 1));
    let back = b.station("Back", station(Dist::Constant(1.0), 2));
    b.request(source, front, 1.0, CallBehavior::default());
    let call = b.call(front, back, CallBehavior::default());
    for (forward, exact, there) in [(false, vec![1.1, 2.2], 2.2), (true, vec![1.1, 1.2], 0.2)] {
        let steps = vec![Step { forward, ..plain(call) }];
        b.architecture.request_types[0].path = Path::Flow { steps, from_source: false };
        let config = run_for(0.0, 3.0, 0.0);
        assert_eq!(responses(&b.architecture, &config), exact);
        near("at the front", element(&simulate(&b.architecture, &config), "Front").busy * 3.0, there, 1e-9);
    }
}

#[test]
fn a_quorum_of_relations_is_waited_for_by_every_request() {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0]));
    let front = b.station("Front", station(Dist::ZERO, 1));
    b.request(source, front, 1.0, CallBehavior::default());
    for (n, time) in [0.1, 0.2, 0.3].into_iter().enumerate() {
        let leaf = b.station(&format!("Leaf{n}"), station(Dist::Constant(time), 1));
        b.call(front, leaf, CallBehavior::default());
    }
    b.architecture.calls[1].quorum = Some(Quorum { members: 3, needed: 2 });
    assert_eq!(responses(&b.architecture, &run_for(0.0, 2.0, 0.0)), [0.2]);
}

/// Case Q23, and a trace: the low one works from 0 to 1 s and from 3 to 4 s.
#[test]
fn higher_priorities_interrupt_lower_ones() {
    let two = |first: Arrivals, second: Arrivals, work: [Dist; 2]| {
        let mut b = Builder::default();
        let a = b.station("A", StationBehavior { discipline: Discipline::Priority, ..station(Dist::ZERO, 1) });
        for (name, arrivals) in [("High", first), ("Low", second)] {
            let source = b.source(name, arrivals);
            b.request(source, a, if name == "High" { 3.0 } else { 5.0 }, CallBehavior::default());
        }
        for (request, work) in b.architecture.request_types.iter_mut().zip(work) {
            let steps = vec![Step { service_time: Some(work), ..plain(request.entry) }];
            request.path = Path::Flow { steps, from_source: true };
        }
        b.architecture.request_types[0].behavior = RequestBehavior { priority: 1, preempt: true };
        b.architecture
    };
    let model = two(trace(&[1.0]), trace(&[0.0, 0.5]), [Dist::Constant(2.0), Dist::Constant(2.0)]);
    let log = log_of(&model, &run_for(0.0, 10.0, 0.0));
    assert_eq!(log.iter().map(|e| e.1).collect::<Vec<_>>(), [4.0, 6.0, 3.0]);
    let model = two(Arrivals::Poisson, Arrivals::Poisson, [exp(0.01), exp(0.01)]);
    let measures = simulate(&model, &requests_at(80.0, 200_000.0));
    near("Q23 high", measures.request_types["High->A"].latency.mean, 0.014_285_7, 0.0004);
    near("Q23 low", measures.request_types["Low->A"].latency.mean, 0.071_428_6, 0.0061);
}

/// U -> [A, B] quorum 1, and B calls C: one request, answered by the faster of the two.
#[test]
fn a_source_waits_for_some_of_those_that_it_calls() {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Constant);
    let wide = |seconds| StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(seconds), 1) };
    let (a, c) = (b.station("A", wide(0.03)), b.station("B", wide(0.01)));
    let d = b.station("C", wide(0.005));
    b.request(source, a, 1.0, CallBehavior::default());
    b.request(source, c, 1.0, CallBehavior::default());
    b.call(c, d, CallBehavior::default());
    let mut model = b.architecture;
    model.request_types.truncate(1);
    let mut run = |needed| {
        model.calls[0].quorum = Some(Quorum { members: 2, needed });
        simulate(&model, &run_for(100.0, 10.0, 0.0))
    };
    let measures = run(1);
    near("first", measures.metrics.latency.mean, 0.015, 1e-9);
    assert_eq!((measures.metrics.offered, element(&measures, "C").arrivals), (1000, 999), "the last is still at B");
    near("both", run(2).metrics.latency.mean, 0.03, 1e-9);
}
