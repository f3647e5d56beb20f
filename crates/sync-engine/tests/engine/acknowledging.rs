//! A message is deleted only after proof, and never lost.

use std::time::Duration;

use cloudinary_core::Disposition;
use sync_engine::Observation;
use sync_engine::ports::{MessageId, Queue, Receipt, ReceiptHandle};
use sync_engine::testkit::Script;
use tokio::time::sleep;

use crate::world::{World, object};

#[tokio::test(start_paused = true)]
async fn a_member_that_crashes_in_the_middle_loses_nothing() {
    // However long the member lives, what it leaves behind is finished by the next one.
    for lifetime_ms in (0..3_000).step_by(50) {
        let world = World::new();
        world.library.set_latency(Duration::from_secs(1));
        for n in 0..12 {
            world
                .store
                .put(&object(&format!("{n}.jpg")), format!("{n}"));
        }
        let member = world.start();
        sleep(Duration::from_millis(lifetime_ms)).await;
        drop(member);
        world.run().await;
        for n in 0..12 {
            assert_eq!(
                world.stored(&n.to_string()),
                world.held(&format!("{n}.jpg")),
                "after a crash at {lifetime_ms} ms"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unclear_write_keeps_its_message_and_is_written_again() {
    for script in [
        Script::Fail(Disposition::Unclear),
        Script::ApplyThenFail(Disposition::Unclear),
    ] {
        let world = World::new();
        world.store.put(&object("cat.jpg"), "meow");
        world.library.script([script]);
        let member = world.start();
        sleep(Duration::from_mins(1)).await;
        assert_eq!(world.queue.len(), 1, "the message waits");
        world.calm().await;
        member.stop().await;
        assert_eq!(world.stored("cat"), world.held("cat.jpg"));
        assert_eq!(world.library.calls().len(), 2);
        assert_eq!(world.count(&Observation::Released { reason: "unclear" }), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unclear_write_is_repeated_even_if_somebody_else_deletes_the_message() {
    // The queue gave the message to another member too, which found nothing wrong.
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world.library.script([Script::Fail(Disposition::Unclear)]);
    let member = world.start();
    sleep(Duration::from_mins(1)).await;
    let receipt = Receipt {
        id: MessageId("0".to_owned()),
        handle: ReceiptHandle("0#1".to_owned()),
    };
    world.queue.delete(&[receipt]).await.expect("deleted");
    assert!(world.queue.is_empty());
    sleep(Duration::from_mins(2)).await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    member.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_write_that_stays_unclear_goes_back_to_the_queue() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    let unclear = || Script::Fail(Disposition::Unclear);
    world.library.script((0..3).map(|_| unclear()));
    world.run().await;
    assert_eq!(world.library.calls().len(), 4);
    assert_eq!(world.count(&Observation::Released { reason: "unclear" }), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_takes_the_proof_away_from_the_one_before() {
    // The object disappears during its upload; the destroy is applied, but answered with an
    // error; then the very same version is visible again.
    let world = World::new();
    world.store.keep_versions();
    world.store.put(&object("cat.jpg"), "meow");
    let (store, restored) = (world.store.clone(), world.store.clone());
    let marker = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let marker_set = std::sync::Arc::clone(&marker);
    world.library.script([
        Script::Meanwhile(Box::new(move || {
            *marker_set.lock().unwrap() = store.delete(&object("cat.jpg"));
        })),
        Script::ApplyThenFail(Disposition::Transient),
    ]);
    let member = world.start();
    while world.library.calls().len() < 2 {
        sleep(Duration::from_millis(1)).await;
    }
    restored.delete_version(&object("cat.jpg"), &marker.lock().unwrap());
    world.calm().await;
    member.stop().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
}

#[tokio::test(start_paused = true)]
async fn transient_failures_are_ridden_out_within_the_lease() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world
        .library
        .script((0..3).map(|_| Script::Fail(Disposition::Transient)));
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    assert_eq!(
        world.facts(|fact| matches!(fact, Observation::Released { .. }).then_some(())),
        []
    );
}

#[tokio::test(start_paused = true)]
async fn lasting_failures_give_the_message_back_to_the_queue() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world
        .library
        .script((0..10).map(|_| Script::Fail(Disposition::Transient)));
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    assert!(
        world.count(&Observation::Released {
            reason: "transient"
        }) >= 2
    );
}

#[tokio::test(start_paused = true)]
async fn a_proven_event_is_reported_with_its_own_time() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    let converged = world.facts(|fact| match fact {
        Observation::Converged { event_time } => Some(event_time.unix_timestamp()),
        _ => None,
    });
    assert_eq!(converged, [1_767_323_045]);
}
