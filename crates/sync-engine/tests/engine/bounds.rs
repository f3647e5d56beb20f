//! Everything has a limit with a name.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use sync_engine::{Observation, Poll};
use tokio::time::sleep;

use crate::world::{World, object, timed};

fn busy_world(objects: usize) -> World {
    let world = World::new();
    world.library.set_latency(Duration::from_secs(1));
    for n in 0..objects {
        world
            .store
            .put(&object(&format!("{n}.jpg")), format!("{n}"));
    }
    world
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_in_flight_than_allowed() {
    let mut world = busy_world(40);
    world.settings.calls_in_flight = NonZeroUsize::new(7).unwrap();
    world.run().await;
    assert_eq!(world.library.peak(), 7);
}

#[tokio::test(start_paused = true)]
async fn no_more_messages_are_held_than_allowed() {
    for places in [1, 5, 10, 23] {
        let mut world = busy_world(40);
        world.settings.messages_in_flight = NonZeroUsize::new(places).unwrap();
        let member = world.start();
        for _ in 0..40 {
            sleep(Duration::from_millis(250)).await;
            let held = world.queue.len() - world.queue.visible();
            assert!(held <= places, "{held} held with {places} places");
        }
        world.calm().await;
        member.stop().await;
        assert_eq!(world.library.assets().len(), 40);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_cap_spaces_the_calls() {
    let mut world = busy_world(21);
    world.settings.operations_per_second = NonZeroU32::new(2);
    let took = timed(async {
        world.run().await;
    })
    .await;
    assert!(took >= Duration::from_secs(10), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_queue_has_one_poller_and_a_busy_one_more() {
    let world = World::new();
    let member = world.start();
    sleep(Duration::from_mins(10)).await;
    let idle = world.count(&Observation::Polled(Poll::Empty));
    assert!(
        (29..=31).contains(&idle),
        "{idle} polls of 20 s in 10 minutes"
    );
    member.stop().await;

    let world = busy_world(100);
    let first_second = async {
        let member = world.start();
        sleep(Duration::from_millis(500)).await;
        member
    };
    let member = first_second.await;
    assert_eq!(world.queue.visible(), 0, "one poller would still be at it");
    world.calm().await;
    member.stop().await;
}
