//! Workers that go while there is work.

use super::{World, picture};
use crate::world::{Cloud, Mirror, PATIENCE, Wiring, patience};

/// Enough for several seconds at the pace below.
const BURST: usize = 60;

pub(crate) async fn all(cloud: &Cloud) {
    World::run(
        cloud,
        Wiring::Direct,
        "SIGTERM in a burst",
        sigterm_in_a_burst,
    )
    .await;
}

/// The first worker is asked to stop in the middle; what it leaves, a second one finishes.
async fn sigterm_in_a_burst(world: &mut World) {
    world
        .restart_worker_with("CLDSYNC_OPERATIONS_PER_SECOND", "10")
        .await;
    let names: Vec<(String, String)> = (0..BURST)
        .map(|n| (format!("burst/{n}.jpg"), format!("burst/{n}")))
        .collect();
    for (key, _) in &names {
        world.bucket.put(key, picture(key)).await;
    }
    patience::within(PATIENCE, "the burst has begun", async || {
        (!world.cloudinary.handle().assets().is_empty()).then_some(())
    })
    .await;

    world.stop_worker().await;
    let done = world.cloudinary.handle().assets().len();
    assert!(
        done < BURST,
        "the worker was stopped in the middle of the burst"
    );
    world.variables.remove("CLDSYNC_OPERATIONS_PER_SECOND");
    world.start_worker().await;

    let mirrored: Vec<Mirror<'_>> = names
        .iter()
        .map(|(key, id)| Mirror::As(key, "image", id))
        .collect();
    world.assert_equal(&mirrored).await;
}
