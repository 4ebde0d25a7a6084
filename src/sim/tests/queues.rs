//! Asynchronous elements.

use super::*;

fn behind_queue(kind: &str, rules: QueueBehavior, consumers: &[StationBehavior], arrivals: Arrivals) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", arrivals);
    let queue = b.queue("Q", kind, StationBehavior { queue_behavior: rules, ..StationBehavior::default() });
    b.request(source, queue, 1.0, CallBehavior::default());
    for (n, consumer) in consumers.iter().enumerate() {
        let consumer = b.station(&format!("C{n}"), consumer.clone());
        b.call(queue, consumer, CallBehavior::default());
    }
    b.architecture
}

fn rules() -> QueueBehavior {
    StationBehavior::default().queue_behavior
}

#[test]
fn d14_redelivery_to_the_tail() {
    // Fails at every station until 6 s: the first two deliveries of three messages of 1 s each.
    let consumer = station(Dist::Constant(1.0), 1);
    let limited = QueueBehavior { max_deliveries: 3, ..rules() };
    let model = behind_queue("queue", limited, &[consumer], trace(&[0.0, 0.0, 0.0]));
    let mut config = run_for(0.0, 20.0, 0.0);
    let set = ElementSet { stations: vec![StationId(1)], replicas: None, any: None };
    config.chaos = vec![super::traces::fault(ChaosAction::Fail(set, 1.0), 0.0, Some(6.5))];
    let measures = simulate(&model, &config);
    let queue = element(&measures, "Q");
    assert_eq!((element(&measures, "C0").arrivals, queue.dead_letters), (9, 0));
    near("D14 mean time to success", queue.response_mean, 8.0, 1e-9);
    assert_eq!(measures.metrics.succeeded, 3, "producers are done at once");
    let stubborn = behind_queue("queue", limited, &[station(Dist::Constant(1.0), 1)], trace(&[0.0]));
    config.chaos = vec![super::traces::fault(
        ChaosAction::Fail(ElementSet { stations: vec![StationId(1)], replicas: None, any: None }, 1.0),
        0.0,
        None,
    )];
    assert_eq!(element(&simulate(&stubborn, &config), "Q").dead_letters, 1);
}

#[test]
fn the_backlog_stays_in_the_queue() {
    let model = behind_queue("queue", rules(), &[station(exp(0.01), 1)], Arrivals::Poisson);
    let measures = simulate(&model, &requests_at(80.0, 200_000.0));
    near("M/M/1 behind a queue", element(&measures, "Q").queue_mean, 3.2, 0.4);
    near("its time", element(&measures, "Q").response_mean, 0.05, 0.0047);
    assert_eq!(element(&measures, "C0").queue_max, 0);
}

#[test]
fn queues_compete_and_topics_fan_out() {
    let consumers = vec![station(Dist::Constant(0.001), 1); 3];
    for (kind, each) in [("queue", 1000), ("topic", 3000)] {
        let model = behind_queue(kind, rules(), &consumers, Arrivals::Constant);
        let measures = simulate(&model, &run_for(300.0, 10.0, 0.0));
        for n in 0..3 {
            assert_eq!(element(&measures, &format!("C{n}")).arrivals, each, "{kind}");
        }
    }
}

#[test]
fn capacity_lag_and_visibility() {
    let slow = station(Dist::Constant(1.0), 1);
    let full = QueueBehavior { capacity: Limit::At(2), ..rules() };
    let model = behind_queue("queue", full, std::slice::from_ref(&slow), trace(&[0.0, 0.0, 0.0, 0.0]));
    assert_eq!(simulate(&model, &run_for(0.0, 5.0, 0.0)).metrics.shed, 2);
    let late = QueueBehavior { lag: s(0.25), ..rules() };
    let model = behind_queue("queue", late, std::slice::from_ref(&slow), trace(&[0.0]));
    near("lag", element(&simulate(&model, &run_for(0.0, 5.0, 0.0)), "Q").response_mean, 1.25, 1e-9);
    // Hidden for 0.4 s, processed in 1 s: delivered three times, then dead, and all the work is wasted.
    let impatient = QueueBehavior { visibility: s(0.4), max_deliveries: 3, ..rules() };
    let free = StationBehavior { concurrency: Limit::Unbounded, ..slow };
    let model = behind_queue("queue", impatient, &[free], trace(&[0.0]));
    let measures = simulate(&model, &run_for(0.0, 5.0, 0.0));
    assert_eq!((element(&measures, "C0").arrivals, element(&measures, "Q").dead_letters), (3, 1));
    near("all wasted", element(&measures, "C0").wasted, 3.0, 1e-9);
}

#[test]
fn messages_survive_the_death_of_their_consumer() {
    let model = behind_queue("queue", rules(), &[station(Dist::Constant(0.01), 1)], Arrivals::Constant);
    let mut config = run_for(50.0, 20.0, 0.0);
    let set = ElementSet { stations: vec![StationId(1)], replicas: None, any: None };
    config.chaos = vec![super::traces::fault(ChaosAction::Kill(set), 5.005, Some(5.0))];
    let measures = simulate(&model, &config);
    let queue = element(&measures, "Q");
    assert_eq!((measures.metrics.succeeded, queue.dead_letters), (1000, 0));
    assert!((queue.queue_max as i64 - 250).abs() <= 2, "{}", queue.queue_max);
    assert_eq!(element(&measures, "C0").arrivals, 1001, "one was redelivered");
}

#[test]
fn dead_letters_go_where_they_should() {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0, 1.0]));
    let grave = b.queue("Grave", "queue", StationBehavior::default());
    let deadly = QueueBehavior { dead_letter: Some(grave), max_deliveries: 2, ..rules() };
    let queue = b.queue("Q", "queue", StationBehavior { queue_behavior: deadly, ..StationBehavior::default() });
    let consumer = b.station("C", StationBehavior { errors: 1.0, ..station(Dist::Constant(0.1), 1) });
    b.request(source, queue, 1.0, CallBehavior::default());
    b.call(queue, consumer, CallBehavior::default());
    let measures = simulate(&b.architecture, &run_for(0.0, 5.0, 0.0));
    assert_eq!((element(&measures, "Grave").arrivals, element(&measures, "Q").dead_letters), (2, 2));
}
