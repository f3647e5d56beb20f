//! Keys that are easily misread, and keys that share an asset.

use super::{World, picture};
use crate::world::{Cloud, Mirror, Wiring};

/// Keys and what they are called in Cloudinary, with look-alikes for what it refuses.
const AWKWARD: [Mirror<'static>; 9] = [
    Mirror::As("a b+c é(1)&?.jpg", "image", "a b＋c é(1)＆？"),
    Mirror::As("100% sure.png", "image", "100％ sure"),
    Mirror::As("not%20a+space.jpg", "image", "not％20a＋space"),
    Mirror::As("party 🎉🎈.gif", "image", "party 🎉🎈"),
    Mirror::As("写真/東京.webp", "image", "写真/東京"),
    Mirror::As("cafe\u{301}.jpg", "image", "cafe\u{301}"),
    Mirror::As("double//inside.jpg", "image", "double/／inside"),
    Mirror::As("edge /space.jpg", "image", "edge␠/space"),
    Mirror::As("no extension", "raw", "no extension"),
];

pub(crate) async fn all(cloud: &Cloud, wiring: Wiring) {
    World::run(cloud, wiring, "awkward keys", awkward_keys).await;
    plain(cloud, wiring).await;
}

/// Without the awkward ones, for clouds that send them other than S3 does.
pub(crate) async fn plain(cloud: &Cloud, wiring: Wiring) {
    World::run(cloud, wiring, "keys that are not mirrored", not_mirrored).await;
    World::run(
        cloud,
        wiring,
        "two keys of one asset",
        two_keys_of_one_asset,
    )
    .await;
}

async fn awkward_keys(world: &mut World) {
    for mirror in &AWKWARD {
        world.bucket.put(mirror.key(), picture(mirror.key())).await;
    }
    world.assert_equal(&AWKWARD).await;
    for mirror in &AWKWARD {
        world.bucket.delete(mirror.key()).await;
    }
    world.assert_equal(&[]).await;
}

async fn not_mirrored(world: &mut World) {
    world.bucket.put("albums/", "").await;
    world.bucket.put("albums/empty.jpg", "").await;
    world.bucket.put(".wellknown/cloudinary/demo", "yes").await;
    world
        .bucket
        .put("albums/full.jpg", picture("an album"))
        .await;
    world
        .assert_equal(&[
            Mirror::Not("albums/"),
            Mirror::Not("albums/empty.jpg"),
            Mirror::Not(".wellknown/cloudinary/demo"),
            Mirror::As("albums/full.jpg", "image", "albums/full"),
        ])
        .await;
}

/// Whichever of the two goes, the asset stays with the other one.
async fn two_keys_of_one_asset(world: &mut World) {
    let pairs = [
        ("first.jpg", "first.png", "first"),
        ("second.png", "second.jpg", "second"),
    ];
    for (stays, goes, _) in pairs {
        world.bucket.put(stays, picture(stays)).await;
        world.bucket.put(goes, picture(goes)).await;
    }
    world.queue.wait_until_empty().await;
    for (_, goes, _) in pairs {
        world.bucket.delete(goes).await;
    }
    let mirrored = pairs.map(|(stays, _, public_id)| Mirror::As(stays, "image", public_id));
    world.assert_equal(&mirrored).await;

    for (stays, _, _) in pairs {
        world.bucket.delete(stays).await;
    }
    world.assert_equal(&[]).await;
}
