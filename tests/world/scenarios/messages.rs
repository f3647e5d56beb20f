//! Messages that nobody can carry out, alone and beside good ones.

use aws_sdk_sqs::types::Message;
use serde_json::{Value, json};

use super::{World, picture};
use crate::world::{Cloud, Mirror, Wiring};

pub(crate) async fn all(cloud: &Cloud) {
    World::run(cloud, Wiring::Direct, "poison message", poison_message).await;
    World::run(cloud, Wiring::Direct, "mixed message", mixed_message).await;
}

async fn poison_message(world: &mut World) {
    world.queue.send("this is not JSON").await;
    world
        .bucket
        .put("good.jpg", picture("a good neighbour"))
        .await;

    let dead = world.dead_letters.take().await;
    assert_eq!(
        dead.body(),
        Some("this is not JSON"),
        "the dead letter is the message as it came"
    );
    assert_reason(&dead);
    world
        .assert_equal(&[Mirror::As("good.jpg", "image", "good")])
        .await;
}

/// One message with a record that can be carried out and one that cannot: the object comes to
/// Cloudinary, and the message is kept where people look.
async fn mixed_message(world: &mut World) {
    // The bucket's own notification is taken away, so that only the mixed message can bring it.
    world
        .while_nobody_receives(0, async |world: &World| {
            world.bucket.put("good.jpg", picture("a good record")).await;
            world.queue.take().await;
        })
        .await;
    let records = [
        record(world, &json!({"key": "good.jpg"})),
        record(world, &json!({})),
    ];
    let body = json!({ "Records": records }).to_string();
    world.queue.send(&body).await;

    world
        .assert_equal(&[Mirror::As("good.jpg", "image", "good")])
        .await;
    let dead = world.dead_letters.take().await;
    assert_eq!(
        dead.body(),
        Some(body.as_str()),
        "the dead letter is the message as it came"
    );
    assert_reason(&dead);
}

fn record(world: &World, object: &Value) -> Value {
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": world.bucket.name()}, "object": object},
    })
}

fn assert_reason(dead: &Message) {
    let reason = dead
        .message_attributes()
        .and_then(|attributes| attributes.get("reason"));
    let reason = reason
        .and_then(|reason| reason.string_value())
        .unwrap_or_default();
    assert!(
        !reason.is_empty(),
        "a dead letter says why it is dead: {dead:?}"
    );
}
