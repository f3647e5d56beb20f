//! Objects that come, change and go.

use super::{World, large_picture, picture};
use crate::world::bucket::SMALLEST_PART;
use crate::world::{Cloud, Mirror, Wiring};

pub(crate) async fn all(cloud: &Cloud, wiring: Wiring) {
    World::run(
        cloud,
        wiring,
        "put, overwrite and delete",
        put_overwrite_delete,
    )
    .await;
    World::run(cloud, wiring, "multipart upload", multipart_upload).await;
    World::run(cloud, wiring, "copy", copy).await;
}

async fn put_overwrite_delete(world: &mut World) {
    let mirrored = [
        Mirror::As("photos/beach.jpg", "image", "photos/beach"),
        Mirror::As("films/waves.mp4", "video", "films/waves"),
        Mirror::As("notes/beach.txt", "raw", "notes/beach.txt"),
    ];
    world
        .bucket
        .put("photos/beach.jpg", picture("a beach"))
        .await;
    world
        .bucket
        .put("films/waves.mp4", picture("some waves"))
        .await;
    world.bucket.put("notes/beach.txt", "it was warm").await;
    world.assert_equal(&mirrored).await;

    world
        .bucket
        .put("photos/beach.jpg", picture("the same beach in winter"))
        .await;
    world.assert_equal(&mirrored).await;

    world.bucket.delete("photos/beach.jpg").await;
    world.assert_equal(&mirrored[1..]).await;
    world.bucket.delete("films/waves.mp4").await;
    world.bucket.delete("notes/beach.txt").await;
    world.assert_equal(&[]).await;
}

async fn multipart_upload(world: &mut World) {
    let parts = vec![large_picture(SMALLEST_PART), large_picture(1024)];
    world.bucket.put_in_parts("large.png", parts).await;
    world
        .assert_equal(&[Mirror::As("large.png", "image", "large")])
        .await;
}

async fn copy(world: &mut World) {
    world
        .bucket
        .put("original.jpg", picture("an original"))
        .await;
    world.bucket.copy("original.jpg", "albums/copy.jpg").await;
    world
        .assert_equal(&[
            Mirror::As("original.jpg", "image", "original"),
            Mirror::As("albums/copy.jpg", "image", "albums/copy"),
        ])
        .await;
}
