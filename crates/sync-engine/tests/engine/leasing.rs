//! A message is kept as long as its work takes, and not longer than the queue allows.

use std::time::Duration;

use sync_engine::testkit::notification;
use sync_engine::{Observation, Poll};
use tokio::time::sleep;

use crate::world::{World, object};

#[tokio::test(start_paused = true)]
async fn a_long_upload_keeps_its_message() {
    let world = World::new();
    world.library.set_latency(Duration::from_mins(20));
    world.store.put(&object("film.mp4"), "long");
    let report = world.run().await;
    assert_eq!(report.deleted, 1);
    assert_eq!(
        world.library.calls().len(),
        1,
        "nobody else got it meanwhile"
    );
    assert_eq!(world.count(&Observation::LeaseLost), 0);
    assert!(world.count(&Observation::LeasesExtended(1)) >= 19);
}

#[tokio::test(start_paused = true)]
async fn no_lease_is_extended_past_twelve_hours() {
    let world = World::new();
    world.library.set_latency(Duration::from_hours(14));
    world.store.put(&object("film.mp4"), "endless");
    let member = world.start();
    let receives = || world.count(&Observation::Polled(Poll::Messages(1)));
    sleep(Duration::from_hours(12) - Duration::from_mins(1)).await;
    assert_eq!(receives(), 1);
    sleep(Duration::from_mins(2)).await;
    assert_eq!(receives(), 2, "the queue hands it out again");
    drop(member);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_again_while_it_is_worked_on_replaces_the_handle() {
    // No lease lasts that long, so the only member there is receives its own message again.
    let world = World::new();
    world.library.set_latency(Duration::from_hours(13));
    world.store.put(&object("film.mp4"), "endless");
    let report = world.run().await;
    assert_eq!(world.count(&Observation::Polled(Poll::Messages(1))), 2);
    assert_eq!(
        world.library.calls().len(),
        1,
        "the work went on under the newer handle"
    );
    assert_eq!(report.deleted, 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_lease_is_lost_is_not_acknowledged() {
    let world = World::new();
    world.library.set_latency(Duration::from_mins(5));
    world.store.put(&object("film.mp4"), "long");
    let member = world.start();
    sleep(Duration::from_secs(30)).await;
    world.queue.hand_to_others(Duration::from_hours(1));
    sleep(Duration::from_mins(10)).await;
    assert_eq!(
        world.stored("film"),
        world.held("film.mp4"),
        "it is finished"
    );
    assert_eq!(world.count(&Observation::LeaseLost), 1);
    assert_eq!(member.stop().await.deleted, 0);
    assert_eq!(world.queue.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_held_messages_are_renewed_in_batches() {
    let mut world = World::new();
    world.settings.messages_in_flight = std::num::NonZeroUsize::new(1000).unwrap();
    world.library.set_latency(Duration::from_mins(3));
    for n in 0..100 {
        world.queue.send(notification(
            &object(&format!("{n}.jpg")),
            "ObjectCreated:Put",
        ));
        world.store.put(&object(&format!("{n}.jpg")), "x");
    }
    world.run().await;
    let renewals =
        world.facts(|fact| matches!(fact, Observation::LeasesExtended(n) if *n > 0).then_some(()));
    let extended: usize = world
        .facts(|fact| match fact {
            Observation::LeasesExtended(n) => Some(*n),
            _ => None,
        })
        .into_iter()
        .sum();
    assert!(
        extended > 5 * renewals.len(),
        "{extended} extensions in {} calls",
        renewals.len()
    );
}
