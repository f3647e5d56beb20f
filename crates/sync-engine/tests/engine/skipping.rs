//! Work that is not done, and why.

use cloudinary_core::Disposition;
use sync_engine::testkit::{Script, notification};

use crate::world::{World, object};

#[tokio::test(start_paused = true)]
async fn an_object_of_zero_bytes_is_left_alone() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "");
    let report = world.run().await;
    assert_eq!(world.library.calls(), Vec::<String>::new());
    assert_eq!(report.deleted, 1);
}

#[tokio::test(start_paused = true)]
async fn an_asset_survives_its_object_becoming_empty() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    world.store.put(&object("cat.jpg"), "");
    world.run().await;
    assert!(world.stored("cat").is_some());
}

#[tokio::test(start_paused = true)]
async fn an_archived_object_waits_for_its_restore() {
    let world = World::new();
    world
        .store
        .put_with(&object("cat.jpg"), "meow", |state| state.archived = true);
    world.run().await;
    assert_eq!(world.stored("cat"), None);
    world.store.put_with(&object("cat.jpg"), "meow", |_| {});
    world
        .queue
        .send(notification(&object("cat.jpg"), "ObjectRestore:Completed"));
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
}

#[tokio::test(start_paused = true)]
async fn in_upload_only_mode_deletes_do_not_reach_the_library() {
    let mut world = World::new();
    world.settings.upload_only = true;
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    world.store.delete(&object("cat.jpg"));
    let report = world.run().await;
    assert!(world.stored("cat").is_some());
    assert_eq!(report.deleted, 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_bytes_are_not_uploaded_twice_when_asked_not_to() {
    let mut world = World::new();
    world.settings.skip_same_etag = true;
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    assert_eq!(world.library.calls().len(), 1);
    world.store.put(&object("cat.jpg"), "purr");
    world.run().await;
    assert_eq!(world.library.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn bytes_that_cannot_be_compared_are_uploaded() {
    let mut world = World::new();
    world.settings.skip_same_etag = true;
    for _ in 0..2 {
        world.store.put_with(&object("cat.jpg"), "meow", |state| {
            state.etag.push_str("-2");
        });
        world.run().await;
    }
    assert_eq!(world.library.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_again_is_not_skipped_on_the_word_of_the_library() {
    // The first write is unclear; what is delivered when its message comes again may be the
    // work of a newer write that the unclear one is still about to undo.
    let mut world = World::new();
    world.settings.skip_same_etag = true;
    world.store.put(&object("cat.jpg"), "meow");
    world
        .library
        .script([Script::ApplyThenFail(Disposition::Unclear)]);
    world.run().await;
    assert_eq!(world.library.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn events_that_change_no_content_are_acknowledged() {
    let world = World::new();
    for event in [
        "ObjectAcl:Put",
        "ObjectTagging:Put",
        "LifecycleTransition",
        "Whatever:New",
    ] {
        world.queue.send(notification(&object("cat.jpg"), event));
    }
    let report = world.run().await;
    assert_eq!(report.deleted, 4);
    assert_eq!(world.library.calls(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn bytes_that_the_same_run_uploaded_are_no_reason_to_skip() {
    // Told of the older sibling only, the run uploads it, finds the newer one, and fails once.
    let mut world = World::new();
    world.settings.skip_same_etag = true;
    world.store.put(&object("cat.jpg"), "older");
    world.store.put(&object("cat.png"), "newer");
    world.run().await;
    let hint = notification(&object("cat.jpg"), "ObjectCreated:Put");
    world.queue.send(hint);
    let older = Script::Meanwhile(Box::new(|| {}));
    world
        .library
        .script([older, Script::Fail(Disposition::Transient)]);
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.png"));
}

#[tokio::test(start_paused = true)]
async fn equal_bytes_of_an_object_that_is_no_longer_the_newest_are_no_reason_to_skip() {
    // The newest version of the JPEG goes; the one below it has the same bytes, but is older than
    // the WebP.
    let mut world = World::new();
    world.settings.skip_same_etag = true;
    world.store.keep_versions();
    world.store.put(&object("cat.jpg"), "jpeg");
    world.store.put(&object("cat.webp"), "webp");
    let newest = world.store.put(&object("cat.jpg"), "jpeg");
    world.run().await;
    world.store.delete_version(&object("cat.jpg"), &newest);
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.webp"));
}
