//! How often the bucket is asked: no more than the proof needs, and no less.

use event_mapper::{Collisions, RulesConfig};
use sync_engine::testkit::Script;
use sync_engine::{Observation, RerunCause};

use crate::world::{World, object};

const HEAD: &str = "HeadObject";
const LIST: &str = "ListObjectsV2";

#[tokio::test(start_paused = true)]
async fn an_image_is_proven_by_the_listing_alone() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    assert_eq!(world.store.looks(), [HEAD, LIST]);
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
}

#[tokio::test(start_paused = true)]
async fn an_object_without_siblings_is_proven_by_a_head() {
    let world = World::new();
    world.store.put(&object("notes.txt"), "text");
    world.run().await;
    assert_eq!(world.store.looks(), [HEAD, HEAD]);

    let world = World::with_rules(&RulesConfig {
        collisions: Collisions::KeepExtension,
        ..RulesConfig::default()
    });
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    assert_eq!(world.store.looks(), [HEAD, HEAD]);
}

#[tokio::test(start_paused = true)]
async fn a_version_is_proven_by_a_head_after_the_listing() {
    let world = World::new();
    world.store.keep_versions();
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    assert_eq!(world.store.looks(), [HEAD, LIST, HEAD]);
}

#[tokio::test(start_paused = true)]
async fn a_destroy_is_proven_by_the_listing_alone_and_begun_only_on_a_404() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world.store.delete(&object("cat.jpg"));
    world.run().await;
    assert_eq!(world.store.looks(), [HEAD, LIST, LIST]);
    assert_eq!(world.library.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_disagrees_with_the_write_is_followed_by_a_head() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "old");
    let store = world.store.clone();
    world.library.script([Script::Meanwhile(Box::new(move || {
        store.put(&object("cat.jpg"), "new");
    }))]);
    let member = world.start();
    world.calm().await;
    member.stop().await;
    assert_eq!(world.store.looks()[..4], [HEAD, LIST, HEAD, LIST]);
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
}

#[tokio::test(start_paused = true)]
async fn other_bytes_of_the_same_length_and_second_are_seen_in_the_listing() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "old");
    let written = world.store.current()[&object("cat.jpg")].last_modified;
    let store = world.store.clone();
    world.library.script([Script::Meanwhile(Box::new(move || {
        store.put_with(&object("cat.jpg"), "new", |state| {
            state.last_modified = written;
        });
    }))]);
    world.run().await;
    let cause = RerunCause::Changed;
    assert_eq!(world.count(&Observation::Rerun { cause }), 1);
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_back_empty_after_its_destroy_is_looked_at() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    world.store.delete(&object("cat.jpg"));
    let store = world.store.clone();
    world.library.script([Script::Meanwhile(Box::new(move || {
        store.put(&object("cat.jpg"), "");
    }))]);
    let before = world.store.looks().len();
    world.run().await;
    assert_eq!(world.store.looks()[before..][..4], [HEAD, LIST, LIST, HEAD]);
}
