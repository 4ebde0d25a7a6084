//! Messages for elements whose replicas have data of their own.

use super::traces::fault;
use super::*;

/// U -> Q -> W by a delivery that may write; W has one worker a replica and needs 10 ms.
fn model(arrivals: Arrivals, w: StationBehavior, delivery: CallBehavior) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", arrivals);
    let q = b.queue("Q", "queue", StationBehavior::default());
    let w = b.station("W", w);
    b.request(source, q, 1.0, CallBehavior::default());
    b.call(q, w, delivery);
    b.architecture
}

fn one(replica: u32) -> ElementSet {
    let replicas = Some(crate::model::Part::Count(replica));
    ElementSet { stations: vec![StationId(1)], replicas, any: None }
}

/// Of two shards one stands still: its messages wait, and hold those of the other up in no way.
#[test]
fn a_message_goes_to_its_shard_and_waits_for_it_alone() {
    let shards = Some(Shards { count: 2, keys: KeyPopularity { exponent: 0.0, keys: 1000 } });
    for latency in [Dist::ZERO, Dist::Constant(0.005)] {
        let w = StationBehavior { shards, ..station(Dist::Constant(0.01), 1) };
        let delivery = CallBehavior { latency, ..CallBehavior::default() };
        let m = model(Arrivals::Poisson, w, delivery);
        let mut config = run_for(40.0, 100.0, 0.0);
        config.chaos = vec![fault(ChaosAction::Pause(one(1)), 50.0, Some(1000.0))];
        let measures = simulate(&m, &config);
        let (q, w) = (element(&measures, "Q"), element(&measures, "W"));
        // Half of 2000 in the second half.
        near("served", w.throughput * 100.0, 3000.0, 150.0);
        near("waiting", q.queue_max as f64, 1000.0, 120.0);
        assert_eq!(q.dead_letters, 0);
        assert_eq!(w.rejected, 0, "nothing waits at the consumer");
    }
}

/// All messages are for one key: one replica of four takes them.
#[test]
fn one_key_is_one_replica() {
    let shards = Some(Shards { count: 4, keys: KeyPopularity { exponent: 0.0, keys: 1 } });
    let w = StationBehavior { shards, ..station(Dist::Constant(0.01), 1) };
    let measures = simulate(&model(Arrivals::Poisson, w, CallBehavior::default()), &run_for(200.0, 50.0, 0.0));
    near("at work", element(&measures, "W").busy, 1.0, 0.01);
    // Messages of one batch are for different keys.
    let shards = Some(Shards { count: 4, keys: KeyPopularity { exponent: 0.0, keys: 1000 } });
    let w = StationBehavior { shards, ..station(Dist::Constant(0.01), 1) };
    let batches = model(Arrivals::BatchFixed(100), w, CallBehavior::default());
    let measures = simulate(&batches, &run_for(100.0, 200.0, 0.0));
    // 100 of them are 1 s of work for one replica, and about 0.3 s for four.
    assert!(element(&measures, "Q").wait_mean < 0.3, "{}", element(&measures, "Q").wait_mean);
}

/// Writes are taken by the primary; reads by all three. While one is elected, writes wait in the queue.
#[test]
fn writes_are_taken_by_the_primary() {
    let w = StationBehavior {
        replicas: 3,
        replication: Some(Replication { sync: 0, lag: s(0.1) }),
        ..station(Dist::Constant(0.01), 1)
    };
    let write = CallBehavior { write: true, ..CallBehavior::default() };
    let busy = |delivery: &CallBehavior| {
        let measures = simulate(&model(Arrivals::Poisson, w.clone(), delivery.clone()), &run_for(200.0, 50.0, 0.0));
        element(&measures, "W").busy
    };
    near("reads", busy(&CallBehavior::default()), 2.0, 0.1);
    near("writes", busy(&write), 1.0, 0.01);
    let mut config = run_for(20.0, 20.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Failover(one(1)), 5.005, Some(5.0))];
    let measures = simulate(&model(Arrivals::Constant, w.clone(), write), &config);
    assert_eq!(element(&measures, "Q").queue_max, 101, "with the one that was lost with the old primary");
    assert_eq!(element(&measures, "W").arrivals, 401);
}

/// A breaker that refuses deliveries keeps no worker from later ones.
#[test]
fn a_delivery_that_is_never_sent_holds_nothing() {
    let breaker = Breaker { trip: BreakerTrip::Consecutive(1), open: s(1.0), half_open: 1 };
    let delivery = CallBehavior { breaker: Some(breaker), ..CallBehavior::default() };
    let m = model(Arrivals::Constant, station(Dist::Constant(0.01), 1), delivery);
    let mut config = run_for(10.0, 20.0, 0.0);
    let failing = ElementSet { replicas: None, ..one(1) };
    config.chaos = vec![fault(ChaosAction::Fail(failing, 1.0), 5.0, Some(2.0))];
    let measures = simulate(&m, &config);
    let w = element(&measures, "W");
    assert!(w.throughput > 7.5, "{}", w.throughput);
}
