//! The ways in which the bytes travel.

use super::{World, large_picture, picture};
use crate::world::{Cloud, Mirror, Wiring};

/// Above what the worker sends in one piece.
const LARGE: usize = 21_000_000;

pub(crate) async fn all(cloud: &Cloud) {
    World::run(cloud, Wiring::Direct, "transfer by s3 URL", s3).await;
    World::run(
        cloud,
        Wiring::Direct,
        "transfer by presigned URL",
        presigned,
    )
    .await;
    World::run(cloud, Wiring::Direct, "transfer by stream", stream).await;
}

async fn s3(world: &mut World) {
    one_object(world, "s3").await;
}

async fn presigned(world: &mut World) {
    one_object(world, "presigned").await;
}

async fn stream(world: &mut World) {
    one_object(world, "stream").await;
    world.bucket.put("large.mp4", large_picture(LARGE)).await;
    world
        .assert_equal(&[
            Mirror::As("by stream, 100%.jpg", "image", "by stream, 100％"),
            Mirror::As("large.mp4", "video", "large"),
        ])
        .await;
}

async fn one_object(world: &mut World, mode: &str) {
    world.restart_worker_with("CLDSYNC_TRANSFER", mode).await;
    let key = format!("by {mode}, 100%.jpg");
    world.bucket.put(&key, picture("a traveller")).await;
    world
        .assert_equal(&[Mirror::As(&key, "image", &format!("by {mode}, 100％"))])
        .await;
}
