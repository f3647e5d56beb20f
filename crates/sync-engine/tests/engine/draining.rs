//! The stop signal: finish what was begun, give back what was not, say what was left.

use std::num::NonZeroUsize;
use std::time::Duration;

use cloudinary_core::Disposition;
use sync_engine::testkit::Script;
use tokio::time::sleep;

use crate::world::{World, object, timed};

fn world(objects: usize, latency: Duration) -> World {
    let mut world = World::new();
    world.settings.calls_in_flight = NonZeroUsize::new(2).expect("not zero");
    world.library.set_latency(latency);
    for n in 0..objects {
        world
            .store
            .put(&object(&format!("{n}.jpg")), format!("{n}"));
    }
    world
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_is_finished_and_the_rest_goes_back_at_once() {
    let world = world(6, Duration::from_secs(10));
    let member = world.start();
    sleep(Duration::from_secs(5)).await;
    let report = member.stop().await;
    assert_eq!(
        (
            report.deleted,
            report.released,
            report.abandoned,
            report.left
        ),
        (2, 4, 0, 0)
    );
    assert_eq!(world.library.assets().len(), 2);
    assert_eq!(world.queue.visible(), 4, "others can have them now");
}

#[tokio::test(start_paused = true)]
async fn the_drain_ends_in_time_and_gives_back_what_it_could_not_finish() {
    let world = world(2, Duration::from_mins(10));
    let member = world.start();
    sleep(Duration::from_secs(5)).await;
    let took = timed(async {
        let report = member.stop().await;
        assert_eq!((report.deleted, report.abandoned), (0, 2));
        assert!(!report.is_clean());
    })
    .await;
    assert!(took <= world.settings.drain_timeout, "{took:?}");
    assert_eq!(
        (world.queue.len(), world.queue.visible()),
        (2, 0),
        "not before a late write landed"
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_member_stops_within_seconds_of_its_long_poll() {
    let world = World::new();
    let member = world.start();
    sleep(Duration::from_secs(1)).await;
    let took = timed(async {
        assert!(member.stop().await.is_clean());
    })
    .await;
    assert!(took <= Duration::from_secs(4), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_member_that_waits_out_a_throttle_stops_at_once() {
    let world = world(1, Duration::ZERO);
    world
        .library
        .script((0..1000).map(|_| Script::Fail(Disposition::Throttled)));
    let member = world.start();
    sleep(Duration::from_mins(5)).await;
    let report = member.stop().await;
    assert_eq!((report.released, report.abandoned), (1, 0));
    assert_eq!(world.queue.visible(), 1);
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_are_sent_before_the_end() {
    let world = world(2, Duration::from_secs(3));
    let member = world.start();
    sleep(Duration::from_secs(2)).await;
    let report = member.stop().await;
    assert_eq!(report.deleted, 2);
    assert!(world.queue.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_queue_does_not_take_back_at_once_is_given_back_again() {
    let world = world(1, Duration::from_mins(10));
    let member = world.start();
    sleep(Duration::from_secs(5)).await;
    let (queue, hiccup) = (world.queue.clone(), Duration::from_millis(20_200));
    let ((), report) = tokio::join!(
        async {
            queue.set_missing(true);
            sleep(hiccup).await;
            queue.set_missing(false);
        },
        member.stop()
    );
    assert_eq!((report.abandoned, report.left), (1, 0));
    // Received at 0 s; given back at 25 s, for two minutes.
    sleep(Duration::from_secs(100)).await;
    assert_eq!((world.queue.len(), world.queue.visible()), (1, 0));
}
