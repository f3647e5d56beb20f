//! Nothing is destroyed without evidence, and nothing that the bucket still has.

use std::num::NonZeroUsize;
use std::time::Duration;

use cloudinary_core::Disposition;
use sync_engine::ports::StoreErrorKind;
use sync_engine::testkit::{Script, notification};
use tokio::time::sleep;

use crate::world::{World, object};

#[tokio::test(start_paused = true)]
async fn a_deleted_object_takes_its_asset_along() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    world.store.delete(&object("cat.jpg"));
    world.run().await;
    assert_eq!(world.stored("cat"), None);
}

#[tokio::test(start_paused = true)]
async fn deleting_an_old_version_leaves_the_asset_alone() {
    let world = World::new();
    world.store.keep_versions();
    let old = world.store.put(&object("cat.jpg"), "old");
    world.store.put(&object("cat.jpg"), "new");
    world.run().await;
    world.store.delete_version(&object("cat.jpg"), &old);
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    assert!(
        world
            .library
            .calls()
            .iter()
            .all(|call| call.starts_with("upload"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_delete_marker_destroys_and_its_removal_brings_the_asset_back() {
    let world = World::new();
    world.store.keep_versions();
    world.store.put(&object("cat.jpg"), "meow");
    let marker = world.store.delete(&object("cat.jpg"));
    world.run().await;
    assert_eq!(world.stored("cat"), None);
    world.store.delete_version(&object("cat.jpg"), &marker);
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    assert!(world.stored("cat").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_stale_removal_event_does_not_destroy() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world
        .queue
        .send(notification(&object("cat.jpg"), "ObjectRemoved:Delete"));
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_to_look_is_no_absence() {
    for kind in [
        StoreErrorKind::Denied,
        StoreErrorKind::Transient,
        StoreErrorKind::NoBucket,
    ] {
        let world = World::new();
        world.store.put(&object("cat.jpg"), "meow");
        world.run().await;
        world.store.delete(&object("cat.jpg"));
        world.store.refuse(&object("cat.jpg"), Some(kind));
        let member = world.start();
        sleep(Duration::from_mins(5)).await;
        assert!(
            world.stored("cat").is_some(),
            "{kind:?} was taken for a 404"
        );
        assert_eq!(world.queue.len(), 1, "{kind:?}: the message is kept");
        world.store.refuse(&object("cat.jpg"), None);
        world.calm().await;
        assert_eq!(world.stored("cat"), None);
        member.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_asset_of_two_objects_lives_until_both_are_gone() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "a jpeg");
    world.store.put(&object("cat.png"), "a png");
    world.run().await;
    assert_eq!(
        world.stored("cat"),
        world.held("cat.png"),
        "the newest owns the asset"
    );
    world.store.delete(&object("cat.png"));
    world.run().await;
    assert_eq!(
        world.stored("cat"),
        world.held("cat.jpg"),
        "the other one takes it over"
    );
    world.store.delete(&object("cat.jpg"));
    world.run().await;
    assert_eq!(world.stored("cat"), None);
}

#[tokio::test(start_paused = true)]
async fn a_late_event_of_the_older_sibling_does_not_take_the_asset() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "older");
    world.store.put(&object("cat.png"), "newer");
    world.run().await;
    world
        .queue
        .send(notification(&object("cat.jpg"), "ObjectCreated:Put"));
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.png"));
}

#[tokio::test(start_paused = true)]
async fn siblings_are_found_on_every_page_of_the_listing() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "a jpeg");
    for n in 0..7 {
        world.store.put(&object(&format!("cat.{n}.txt")), "between");
    }
    world
        .store
        .put(&object("cat.webp"), "a webp, last in key order");
    world.store.delete(&object("cat.jpg"));
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.webp"));
}

#[tokio::test(start_paused = true)]
async fn destroying_what_is_not_there_is_a_success() {
    let world = World::new();
    world
        .queue
        .send(notification(&object("never.jpg"), "ObjectRemoved:Delete"));
    let report = world.run().await;
    assert_eq!((report.deleted, report.dead_lettered), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_refused_because_it_is_gone_is_no_poison() {
    // Cloudinary may read the bucket but not list it, so it is told 403 for a missing key.
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    let store = world.store.clone();
    world.library.script([Script::MeanwhileThenFail(
        Box::new(move || {
            store.delete(&object("cat.jpg"));
        }),
        Disposition::SourceDenied,
    )]);
    world.run().await;
    assert_eq!(world.stored("cat"), None);
    assert_eq!(world.queue.dead_letters(), []);
}

#[tokio::test(start_paused = true)]
async fn no_destroy_rests_on_a_look_from_before_a_long_wait_for_a_slot() {
    let mut world = World::new();
    world.settings.calls_in_flight = NonZeroUsize::MIN;
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    world.library.set_latency(Duration::from_mins(1));
    world.store.put(&object("film.mp4"), "long");
    let member = world.start();
    sleep(Duration::from_secs(5)).await;
    world.store.delete(&object("cat.jpg"));
    sleep(Duration::from_secs(5)).await;
    world.store.put(&object("cat.jpg"), "meow again");
    world.calm().await;
    member.stop().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    let destroys = world
        .library
        .calls()
        .into_iter()
        .filter(|call| call.starts_with("destroy"));
    assert_eq!(
        destroys.count(),
        0,
        "it was there again for most of the wait"
    );
}
