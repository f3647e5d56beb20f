//! A mistake of ours stops the polling, not the messages.

use std::time::Duration;

use cloudinary_core::Disposition;
use sync_engine::testkit::Script;
use sync_engine::{Observation, PauseReason};
use tokio::time::sleep;

use crate::world::{World, object};

#[tokio::test(start_paused = true)]
async fn refused_credentials_burn_no_message() {
    let mut world = World::new();
    world.queue = world.queue.clone().with_redrive_only(2);
    for n in 0..30 {
        world
            .store
            .put(&object(&format!("{n}.jpg")), format!("{n}"));
    }
    world
        .library
        .script((0..200).map(|_| Script::Fail(Disposition::Ours)));
    world.run().await;
    assert_eq!(world.library.assets().len(), 30);
    assert_eq!(world.queue.redriven(), Vec::<String>::new());
    assert!(
        world.count(&Observation::Paused {
            reason: PauseReason::Library
        }) > 0
    );
    assert!(world.count(&Observation::Resumed) > 0);
}

#[tokio::test(start_paused = true)]
async fn a_missing_queue_pauses_until_it_is_there() {
    let world = World::new();
    world.queue.set_missing(true);
    let member = world.start();
    sleep(Duration::from_mins(10)).await;
    assert_eq!(
        world.count(&Observation::Paused {
            reason: PauseReason::Queue
        }),
        1
    );
    assert_eq!(world.count(&Observation::Resumed), 0);
    world.queue.set_missing(false);
    world.store.put(&object("cat.jpg"), "meow");
    world.calm().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    member.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_member_stops_when_told_to() {
    let world = World::new();
    world.queue.set_missing(true);
    let member = world.start();
    sleep(Duration::from_mins(1)).await;
    assert!(member.stop().await.is_clean());
}
