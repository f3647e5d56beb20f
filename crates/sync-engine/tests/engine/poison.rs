//! A message that can never succeed is kept safe elsewhere, and stops nobody.

use cloudinary_core::Disposition;
use sync_engine::Observation;
use sync_engine::testkit::{Script, notification};

use crate::world::{World, object};

#[tokio::test(start_paused = true)]
async fn a_bad_message_is_dead_lettered_with_its_reason_and_stops_no_neighbour() {
    let world = World::new();
    world.queue.send("{not json");
    world.store.put(&object("cat.jpg"), "meow");
    world
        .queue
        .send(r#"{"Type":"SubscriptionConfirmation","SubscribeURL":"https://x"}"#);
    let report = world.run().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    let letters = world.queue.dead_letters();
    let reasons: Vec<_> = letters.iter().map(|letter| letter.reason).collect();
    assert_eq!(reasons, ["not_json", "subscription_message"]);
    assert_eq!(letters[0].body, "{not json");
    assert_eq!((report.deleted, report.dead_lettered), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn good_records_beside_a_bad_one_are_done_first() {
    let world = World::new();
    world.store.put(&object("cat.jpg"), "meow");
    world.run().await;
    world.store.put(&object("dog.jpg"), "woof");
    let good = notification(&object("dog.jpg"), "ObjectCreated:Put");
    let mixed = good.replace(r#"{"Records":["#, r#"{"Records":[{"s3":{}},"#);
    world.queue.send(mixed);
    world.run().await;
    assert_eq!(world.stored("dog"), world.held("dog.jpg"));
    assert_eq!(world.queue.dead_letters().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_dead_letter_queue_the_redrive_policy_decides() {
    let mut world = World::new();
    world.queue = world.queue.clone().with_redrive_only(3);
    world.queue.send("{not json");
    let report = world.run().await;
    assert_eq!(world.queue.redriven(), ["{not json"]);
    assert_eq!(report.deleted, 0);
    assert_eq!(
        world.count(&Observation::Released {
            reason: "no_dead_letter_queue"
        }),
        3
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cloudinary_refuses_is_dead_lettered() {
    for (disposition, reason) in [
        (Disposition::Refused, "refused"),
        (Disposition::SourceDenied, "source_denied"),
    ] {
        let world = World::new();
        world.store.put(&object("cat.jpg"), "not a cat");
        world
            .library
            .script([Script::Fail(disposition), Script::Fail(disposition)]);
        world.run().await;
        assert_eq!(world.queue.dead_letters()[0].reason, reason);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_can_have_no_public_id_is_dead_lettered_unsent() {
    let world = World::new();
    world.store.put(&object("../etc/passwd.jpg"), "x");
    world.run().await;
    assert_eq!(world.queue.dead_letters()[0].reason, "dot_segment");
    assert_eq!(world.library.calls(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_bucket_with_a_dot_cannot_be_pulled_from() {
    let world = World::new();
    world.store.put(
        &event_mapper::ObjectRef::new("my.bucket", "cat.jpg"),
        "meow",
    );
    world.run().await;
    assert_eq!(world.queue.dead_letters()[0].reason, "dotted_bucket");
}

#[tokio::test(start_paused = true)]
async fn greetings_and_empty_messages_are_acknowledged() {
    let world = World::new();
    world
        .queue
        .send(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"bucket"}"#);
    world.queue.send(r#"{"Records":[]}"#);
    let report = world.run().await;
    assert_eq!((report.deleted, report.dead_lettered), (2, 0));
}
