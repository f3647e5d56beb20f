//! What the library holds becomes what the bucket holds.

use event_mapper::ObjectRef;
use sync_engine::testkit::{Script, notification};
use sync_engine::{Observation, RerunCause, Transfer};

use crate::world::{World, object};

#[tokio::test(start_paused = true)]
async fn a_new_object_becomes_an_asset() {
    let world = World::new();
    world.store.put(&object("photos/cat.jpg"), "meow");
    let report = world.run().await;
    assert_eq!(world.stored("photos/cat"), world.held("photos/cat.jpg"));
    assert_eq!((report.deleted, report.is_clean()), (1, true));
}

#[tokio::test(start_paused = true)]
async fn an_overwritten_object_replaces_the_asset() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "old");
    world.run().await;
    world.store.put(&object("cat.jpg"), "new");
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
}

#[tokio::test(start_paused = true)]
async fn every_transfer_brings_the_same_bytes() {
    for transfer in [Transfer::S3, Transfer::Presigned, Transfer::Stream] {
        let mut world = World::new();
        world.settings.transfer = transfer;
        world.store.put(&object("a b.jpg"), "bytes");
        world.run().await;
        assert_eq!(world.stored("a b"), world.held("a b.jpg"), "{transfer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_during_the_upload_is_uploaded_too() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "old");
    let store = world.store.clone();
    world.library.script([Script::Meanwhile(Box::new(move || {
        store.put(&object("cat.jpg"), "new");
    }))]);
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    assert_eq!(
        world.count(&Observation::Rerun {
            cause: RerunCause::Changed
        }),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_deleted_during_its_upload_does_not_stay() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "bytes");
    let store = world.store.clone();
    world.library.script([Script::Meanwhile(Box::new(move || {
        store.delete(&object("cat.jpg"));
    }))]);
    world.run().await;
    assert_eq!(world.stored("cat"), None);
}

#[tokio::test(start_paused = true)]
async fn an_object_restored_during_its_destroy_comes_back() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "bytes");
    world.run().await;
    world.store.delete(&object("cat.jpg"));
    let store = world.store.clone();
    world.library.script([Script::Meanwhile(Box::new(move || {
        store.put(&object("cat.jpg"), "bytes");
    }))]);
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
}

#[tokio::test(start_paused = true)]
async fn many_hints_for_one_object_need_few_uploads() {
    let world = World::new();
    for n in 0..60 {
        world.store.put(&object("cat.jpg"), format!("version {n}"));
    }
    world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    let uploads = world.library.calls().len();
    assert!(uploads <= 3, "{uploads} uploads");
}

#[tokio::test(start_paused = true)]
async fn one_asset_is_never_written_twice_at_once() {
    let world = World::new();
    world.library.set_latency(std::time::Duration::from_secs(1));
    for n in 0..25 {
        world.store.put(&object("cat.jpg"), format!("version {n}"));
    }
    world.run().await;
    assert_eq!(world.library.peak(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_record_of_a_message_is_worked_on() {
    let world = World::new();
    let keys: Vec<_> = (0..30).map(|n| format!("{n}.jpg")).collect();
    for key in &keys {
        world.store.put(&object(key), key.clone());
    }
    world.run().await;
    for key in &keys {
        world.store.delete(&object(key));
    }
    // One message with many records stands for all the single ones.
    let records: Vec<_> = keys.iter().map(|key| record(&object(key))).collect();
    world
        .queue
        .send(format!(r#"{{"Records":[{}]}}"#, records.join(",")));
    world.run().await;
    assert_eq!(world.library.assets().len(), 0);
}

fn record(object: &ObjectRef) -> String {
    let body = notification(object, "ObjectRemoved:Delete");
    let body = body
        .strip_prefix(r#"{"Records":["#)
        .and_then(|body| body.strip_suffix("]}"));
    body.expect("a list of one record").to_owned()
}

#[tokio::test(start_paused = true)]
async fn what_comes_along_names_the_object_it_was_made_from() {
    let mut world = World::new();
    world.settings.upload.tags = vec!["from-s3".to_owned()];
    world.settings.upload.context_metadata = vec!["author".to_owned()];
    world.store.put_with(&object("cat.jpg"), "bytes", |state| {
        state.metadata.insert("author".to_owned(), "Ada".to_owned());
        state.metadata.insert("private".to_owned(), "no".to_owned());
    });
    world.run().await;
    let stored = world
        .library
        .assets()
        .into_values()
        .next()
        .expect("an asset");
    let context = &stored.params.context;
    assert_eq!(context["s3_key"], "cat.jpg");
    assert_eq!(context["s3_etag"], stored.etag);
    assert_eq!(context["author"], "Ada");
    assert_eq!(context.get("private"), None);
    assert_eq!(stored.params.tags, ["from-s3"]);
}

#[tokio::test(start_paused = true)]
async fn bytes_that_differ_from_the_bucket_are_uploaded_again() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "right");
    // Something else was pulled, then the object came back as it was.
    let stale = world.held("cat.jpg");
    world.library.alter_bytes();
    world.run().await;
    assert_eq!(
        world.count(&Observation::Rerun {
            cause: RerunCause::Mismatch
        }),
        1
    );
    assert_eq!(
        world.library.calls().len(),
        2,
        "twice the same other bytes is the account's doing"
    );
    assert_ne!(world.stored("cat"), stale);
}

#[tokio::test(start_paused = true)]
async fn with_a_preset_other_bytes_are_expected() {
    let mut world = World::new();
    world.settings.upload.upload_preset = Some("resize".to_owned());
    world.store.put(&object("cat.jpg"), "bytes");
    world.library.alter_bytes();
    world.run().await;
    assert_eq!(world.library.calls().len(), 1);
}
