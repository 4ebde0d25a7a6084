//! A run is a value: stepped, saved and resumed anywhere, it ends as it would have.

use super::random_models::random_model;
use super::*;
use crate::sim::rng::Streams;

/// Everything that a replication yields, to the last bit.
fn bits(run: &crate::sim::Replication) -> Vec<u8> {
    postcard::to_stdvec(run).unwrap()
}

fn resumed<'a>(model: &'a Architecture, config: &'a RunConfig, state: &[u8]) -> Simulation<'a> {
    Simulation::resume(model, config, state).unwrap()
}

#[test]
fn resumed_at_any_of_a_hundred_points_the_result_is_the_same() {
    let mut rng = Streams::new(11, 0).of("resume", "points");
    for seed in 0..20 {
        let (model, config) = random_model(seed);
        let whole = replicate(&model, &config, 0, &|_| {});
        for _ in 0..5 {
            let mut first = Simulation::new(&model, &config, 0);
            let events = rng.below(whole.events as usize + 1) as u64;
            while first.events() < events && first.step() {}
            let state = first.save();
            let again = resumed(&model, &config, &state);
            assert_eq!(again.save(), state, "seed {seed}: a state that was read is written alike");
            assert!(bits(&again.finish(&|_| {})) == bits(&whole), "seed {seed} at event {events}");
        }
    }
}

#[test]
fn at_every_event_of_a_small_run() {
    let model = single(station(exp(0.01), 2), Arrivals::Poisson);
    let config = run_for(150.0, 1.0, 0.1);
    let whole = bits(&replicate(&model, &config, 3, &|_| {}));
    let mut run = Simulation::new(&model, &config, 3);
    let mut points = 0;
    while run.step() {
        assert!(bits(&resumed(&model, &config, &run.save()).finish(&|_| {})) == whole, "after {}", run.events());
        points += 1;
    }
    assert!(run.is_over() && points > 200);
    assert!(bits(&run.finish(&|_| {})) == whole);
}

#[test]
fn stepping_by_time_stops_where_it_should() {
    let model = single(station(Dist::Constant(0.3), 1), Arrivals::Constant);
    let config = run_for(1.0, 10.0, 0.0);
    let mut run = Simulation::new(&model, &config, 0);
    run.run_until(at(4.0));
    assert_eq!(run.now(), at(4.0));
    run.run_until(at(4.2));
    assert_eq!(run.now(), at(4.0));
    run.run_until(at(4.3));
    assert_eq!(run.now(), at(4.3));
    assert!(!run.is_over());
    assert_eq!(run.finish(&|_| {}).traffic.succeeded, 10);
}

#[test]
fn a_state_follows_what_is_in_flight_and_not_the_time() {
    let (model, config) = (reference::model(), reference::config(400));
    let size = |seconds| {
        let mut run = Simulation::new(&model, &config, 0);
        run.run_until(at(seconds));
        run.save().len()
    };
    let (early, late) = (size(200.0), size(395.0));
    assert!(late < early + early / 4, "{early} bytes after 200 s, {late} after 395 s");
}

#[test]
fn damage_is_found() {
    let model = single(station(exp(0.01), 1), Arrivals::Poisson);
    let config = run_for(50.0, 2.0, 0.0);
    let mut run = Simulation::new(&model, &config, 0);
    run.run_until(at(1.0));
    let state = run.save();
    let resume = |state: &[u8]| Simulation::resume(&model, &config, state).err();
    for at in 0..state.len() {
        let mut broken = state.clone();
        broken[at] ^= 4;
        assert!(resume(&broken).is_some(), "a bit of byte {at} was flipped");
        assert!(resume(&state[..at]).is_some(), "cut after {at} bytes");
    }
    let other = run_for(51.0, 2.0, 0.0);
    assert_eq!(Simulation::resume(&model, &other, &state).err(), Some(StateError::OtherRun));
    let mut future = state.clone();
    future[8] = 9;
    assert_eq!(resume(&future), Some(StateError::OtherEngine(9)));
}
