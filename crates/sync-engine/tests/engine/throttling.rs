//! A 420 is a request to wait, not a failure.

use std::time::Duration;

use cloudinary_core::Disposition;
use sync_engine::Observation;
use sync_engine::testkit::Script;

use crate::world::{World, object};

#[tokio::test(start_paused = true)]
async fn throttling_never_spends_a_redrive_attempt() {
    // 20 refusals take hours, and far longer than the lease; with two receives the queue would
    // redrive.
    let mut world = World::new();
    world.queue = world.queue.clone().with_redrive_only(2);
    world.store.put(&object("cat.jpg"), "meow");
    world
        .library
        .script((0..20).map(|_| Script::Fail(Disposition::Throttled)));
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    assert_eq!(world.queue.redriven(), Vec::<String>::new());
    assert_eq!(
        world.facts(|fact| matches!(fact, Observation::Released { .. }).then_some(())),
        []
    );
    assert_eq!(world.count(&Observation::LeaseLost), 0);
}

#[tokio::test(start_paused = true)]
async fn the_wait_after_a_refusal_grows() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world
        .library
        .script((0..40).map(|_| Script::Fail(Disposition::Throttled)));
    world.run().await;
    let waits = world.facts(|fact| match fact {
        Observation::Throttled { wait } => Some(*wait),
        _ => None,
    });
    assert_eq!(waits.len(), 40);
    assert!(waits[0] <= Duration::from_millis(500));
    assert!(waits.iter().max() > Some(&Duration::from_secs(10)));
    assert!(waits.iter().max() <= Some(&Duration::from_secs(20)));
}
