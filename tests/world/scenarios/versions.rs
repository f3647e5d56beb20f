//! Buckets that keep what is deleted.

use super::{World, picture};
use crate::world::{Cloud, Mirror, Wiring};

const MIRRORED: [Mirror<'static>; 1] = [Mirror::As("cat.jpg", "image", "cat")];

pub(crate) async fn all(cloud: &Cloud, wiring: Wiring) {
    World::run(
        cloud,
        wiring,
        "delete marker set and removed",
        delete_marker,
    )
    .await;
    World::run(cloud, wiring, "old version deleted", old_version_deleted).await;
}

async fn delete_marker(world: &mut World) {
    world.bucket.enable_versions().await;
    world.bucket.put("cat.jpg", picture("a cat")).await;
    world.assert_equal(&MIRRORED).await;

    let marker = world
        .bucket
        .delete("cat.jpg")
        .await
        .expect("a delete marker has a version");
    world.assert_equal(&[]).await;

    world.bucket.delete_version("cat.jpg", &marker).await;
    world.assert_equal(&MIRRORED).await;
}

async fn old_version_deleted(world: &mut World) {
    world.bucket.enable_versions().await;
    let kitten = world.bucket.put("cat.jpg", picture("a kitten")).await;
    let kitten = kitten.expect("an object has a version");
    world.assert_equal(&MIRRORED).await;
    world.bucket.put("cat.jpg", picture("a cat")).await;
    world.assert_equal(&MIRRORED).await;

    let delete = async |world: &World| world.bucket.delete_version("cat.jpg", &kitten).await;
    world.while_nobody_receives(1, delete).await;
    world.assert_equal(&MIRRORED).await;
    let destroyed = world.cloudinary.handle().stats().calls_of("destroy");
    assert_eq!(
        destroyed, 0,
        "the event of an old version must not destroy the live asset"
    );
}
