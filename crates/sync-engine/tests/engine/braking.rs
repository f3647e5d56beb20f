//! The brake on mass deletes: destroys wait in the queue, uploads go on, nothing is lost.

use std::num::NonZeroU32;
use std::time::Duration;

use sync_engine::Observation;
use tokio::time::sleep;

use crate::world::{World, object};

/// A world whose library holds this many assets, and whose member may destroy five a minute.
async fn world(assets: usize) -> World {
    let mut world = World::new();
    for n in 0..assets {
        world
            .store
            .put(&object(&format!("{n}.jpg")), format!("{n}"));
    }
    world.run().await;
    world.settings.destroys_per_minute = NonZeroU32::new(5);
    world
}

fn delete_all(world: &World, assets: usize) {
    for n in 0..assets {
        world.store.delete(&object(&format!("{n}.jpg")));
    }
}

fn destroys(world: &World) -> usize {
    let calls = world.library.calls();
    calls
        .iter()
        .filter(|call| call.starts_with("destroy"))
        .count()
}

fn held(world: &World) -> Vec<usize> {
    world.facts(|fact| match fact {
        Observation::DestroysHeld(held) => Some(*held),
        _ => None,
    })
}

#[tokio::test(start_paused = true)]
async fn no_more_is_destroyed_than_a_minute_allows() {
    let world = world(40).await;
    delete_all(&world, 40);
    let member = world.start();
    let mut before = 0;
    for minute in 0..60 {
        sleep(Duration::from_mins(1)).await;
        let now = destroys(&world);
        assert!(now - before <= 5, "{} in minute {minute}", now - before);
        before = now;
    }
    drop(member);
}

#[tokio::test(start_paused = true)]
async fn uploads_go_on_while_destroys_are_held() {
    let world = world(200).await;
    delete_all(&world, 200);
    for n in 0..50 {
        world
            .store
            .put(&object(&format!("new/{n}.jpg")), format!("{n}"));
    }
    let member = world.start();
    sleep(Duration::from_secs(50)).await;
    for n in 0..50 {
        let asset = world.stored(&format!("new/{n}"));
        assert_eq!(asset, world.held(&format!("new/{n}.jpg")));
        assert!(asset.is_some());
    }
    assert_eq!(destroys(&world), 5);
    drop(member);
}

#[tokio::test(start_paused = true)]
async fn what_was_held_is_destroyed_in_the_end_and_no_message_is_lost() {
    let mut world = world(60).await;
    world.queue = world.queue.clone().with_redrive_only(20);
    delete_all(&world, 60);
    world.run().await;
    assert_eq!(world.library.assets().len(), 0);
    assert_eq!(world.queue.redriven(), Vec::<String>::new());
    assert!(
        world.count(&Observation::Released {
            reason: "mass_delete"
        }) >= 55
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_put_back_while_its_destroy_is_held_keeps_its_asset() {
    let world = world(20).await;
    delete_all(&world, 20);
    let member = world.start();
    sleep(Duration::from_secs(30)).await;
    for n in 0..20 {
        world
            .store
            .put(&object(&format!("{n}.jpg")), format!("{n}"));
    }
    world.calm().await;
    member.stop().await;
    assert_eq!(world.library.assets().len(), 20);
    assert_eq!(destroys(&world), 5);
}

#[tokio::test(start_paused = true)]
async fn held_messages_are_told_until_none_is_held() {
    let world = world(20).await;
    delete_all(&world, 20);
    let member = world.start();
    world.calm().await;
    sleep(Duration::from_mins(3)).await;
    let told = held(&world);
    assert!(told.iter().max() > Some(&10), "{told:?}");
    assert_eq!(told.last(), Some(&0), "{told:?}");
    member.stop().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_everything_is_destroyed_at_once() {
    let mut world = world(100).await;
    world.settings.destroys_per_minute = None;
    delete_all(&world, 100);
    let member = world.start();
    sleep(Duration::from_secs(30)).await;
    assert_eq!(destroys(&world), 100);
    assert_eq!(held(&world), Vec::<usize>::new());
    member.stop().await;
}
