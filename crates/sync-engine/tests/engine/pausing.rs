//! A mistake of ours stops the work, and burns no message; a mistake of one object does not.

use std::time::Duration;

use cloudinary_core::Disposition;
use sync_engine::ports::StoreErrorKind;
use sync_engine::testkit::{MemoryStore, Script};
use sync_engine::{Observation, PauseReason};
use tokio::time::sleep;

use crate::log_lines::LogLines;
use crate::world::{World, object};

/// A world in which a message that is received thrice is lost to us.
fn strict_world(objects: usize) -> World {
    let mut world = World::new();
    world.queue = world.queue.clone().with_redrive_only(2);
    put(&world.store, 0..objects);
    world
}

fn put(store: &MemoryStore, numbers: std::ops::Range<usize>) {
    for n in numbers {
        store.put(&object(&format!("{n}.jpg")), format!("{n}"));
    }
}

/// Why the member paused, each time.
fn pauses(world: &World) -> Vec<PauseReason> {
    world.facts(|fact| match fact {
        Observation::Paused { reason, .. } => Some(*reason),
        _ => None,
    })
}

fn assert_nothing_burnt(world: &World) {
    assert_eq!(world.queue.redriven(), Vec::<String>::new());
    assert_eq!(world.queue.dead_letters(), []);
}

fn refuse_everything(world: &World) {
    world.library.refuse(|_| Some(Disposition::Ours));
}

fn accept_everything(world: &World) {
    world.library.refuse(|_| None);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_burn_no_message() {
    let world = strict_world(30);
    refuse_everything(&world);
    let member = world.start();
    sleep(Duration::from_hours(8)).await;
    assert_eq!(pauses(&world), [PauseReason::Library]);
    assert_eq!(world.queue.len(), 30);
    accept_everything(&world);
    world.calm().await;
    member.stop().await;
    assert_eq!(world.library.assets().len(), 30);
    assert_eq!(world.count(&Observation::Resumed), 1);
    assert_nothing_burnt(&world);
}

#[tokio::test(start_paused = true)]
async fn during_a_pause_one_write_at_a_time_asks_with_backoff() {
    // A ping would succeed all the time: what is refused is an upload preset.
    let world = strict_world(30);
    refuse_everything(&world);
    let member = world.start();
    sleep(Duration::from_mins(1)).await;
    let first = world.library.calls().len();
    // Those in flight when the first was refused, and rounds after 1, 2, 4, 8, 16, 32 s at most.
    assert!(first <= 4 + 11, "{first} writes in the first minute");
    sleep(Duration::from_hours(1)).await;
    let next = world.library.calls().len() - first;
    assert!((60..=121).contains(&next), "{next} writes in an hour");
    assert_eq!(
        pauses(&world),
        [PauseReason::Library],
        "it never seemed to be over"
    );
    drop(member);
}

#[tokio::test(start_paused = true)]
async fn a_long_upload_that_asks_is_the_only_one() {
    let world = strict_world(10);
    world.library.script([Script::Fail(Disposition::Ours)]);
    let member = world.start();
    while pauses(&world).is_empty() {
        sleep(Duration::from_millis(10)).await;
    }
    world.library.set_latency(Duration::from_mins(20));
    sleep(Duration::from_mins(15)).await;
    assert_eq!(world.library.calls().len(), 1 + 1);
    world.calm().await;
    member.stop().await;
    assert_nothing_burnt(&world);
}

#[tokio::test(start_paused = true)]
async fn one_asset_that_is_refused_stops_nobody_for_good() {
    // It is the first and at first the only one, so the member has to fetch others to compare.
    let world = World::new();
    world
        .library
        .refuse(|call| call.ends_with("/odd").then_some(Disposition::Ours));
    world.store.put(&object("odd.jpg"), "odd");
    let member = world.start();
    sleep(Duration::from_hours(1)).await;
    assert_eq!(pauses(&world), [PauseReason::Library], "it could be ours");
    for n in 0..10 {
        put(&world.store, n..n + 1);
        sleep(Duration::from_mins(10)).await;
        assert_eq!(world.library.assets().len(), n + 1);
    }
    let letters = world.queue.dead_letters();
    let reasons: Vec<_> = letters.iter().map(|letter| letter.reason).collect();
    assert_eq!(reasons, ["refused_alone"]);
    assert!(world.queue.is_empty());
    assert_eq!(world.count(&Observation::Resumed), pauses(&world).len());
    member.stop().await;
}

#[tokio::test(start_paused = true)]
async fn assets_that_are_refused_for_what_they_are_go_while_others_work() {
    let world = World::new();
    world
        .library
        .refuse(|call| call.contains("/odd").then_some(Disposition::Ours));
    for n in 0..20 {
        world.store.put(&object(&format!("odd{n}.jpg")), "odd");
    }
    let member = world.start();
    for n in 0..200 {
        put(&world.store, n..n + 1);
        sleep(Duration::from_secs(20)).await;
    }
    assert_eq!(world.queue.dead_letters().len(), 20);
    world.calm().await;
    assert_eq!(world.library.assets().len(), 200);
    member.stop().await;
}

#[tokio::test(start_paused = true)]
async fn access_that_comes_and_goes_is_not_taken_for_the_fault_of_one_asset() {
    // As while a new key spreads: for three minutes, half of the calls are refused.
    let world = World::new();
    put(&world.store, 0..40);
    let calls = std::sync::atomic::AtomicUsize::new(0);
    world.library.refuse(move |_| {
        let odd = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2 == 1;
        odd.then_some(Disposition::Ours)
    });
    let member = world.start();
    sleep(Duration::from_mins(3)).await;
    accept_everything(&world);
    world.calm().await;
    member.stop().await;
    assert_eq!(world.library.assets().len(), 40);
    assert_nothing_burnt(&world);
}

#[tokio::test(start_paused = true)]
async fn destroys_that_are_accepted_do_not_end_a_pause_over_uploads() {
    let world = World::new();
    put(&world.store, 0..10);
    world.run().await;
    world
        .library
        .refuse(|call| call.starts_with("upload").then_some(Disposition::Ours));
    put(&world.store, 10..15);
    for n in 0..10 {
        world.store.delete(&object(&format!("{n}.jpg")));
    }
    put(&world.store, 15..20);
    let member = world.start();
    sleep(Duration::from_hours(1)).await;
    assert_eq!(pauses(&world), [PauseReason::Library]);
    assert_eq!(world.count(&Observation::Resumed), 0);
    accept_everything(&world);
    world.calm().await;
    member.stop().await;
    assert_eq!(world.library.assets().len(), 10);
    assert_nothing_burnt(&world);
}

#[tokio::test(start_paused = true)]
async fn one_destroy_that_is_refused_waits_for_no_other_destroy() {
    let world = World::new();
    world.store.put(&object("odd.jpg"), "odd");
    world.run().await;
    world
        .library
        .refuse(|call| call.starts_with("destroy").then_some(Disposition::Ours));
    world.store.delete(&object("odd.jpg"));
    let member = world.start();
    sleep(Duration::from_mins(1)).await;
    assert_eq!(pauses(&world), [PauseReason::Library], "it could be ours");
    for n in 0..10 {
        put(&world.store, n..n + 1);
        sleep(Duration::from_mins(10)).await;
        assert!(world.stored(&n.to_string()).is_some());
    }
    let letters = world.queue.dead_letters();
    let reasons: Vec<_> = letters.iter().map(|letter| letter.reason).collect();
    assert_eq!(reasons, ["refused_alone"]);
    member.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_right_to_destroy_pauses_though_uploads_are_accepted() {
    let world = World::new();
    put(&world.store, 0..30);
    world.run().await;
    world
        .library
        .refuse(|call| call.starts_with("destroy").then_some(Disposition::Ours));
    for n in 0..30 {
        world.store.delete(&object(&format!("{n}.jpg")));
    }
    put(&world.store, 100..140);
    let member = world.start();
    sleep(Duration::from_hours(8)).await;
    assert_eq!(pauses(&world).last(), Some(&PauseReason::Library));
    accept_everything(&world);
    world.calm().await;
    member.stop().await;
    assert_eq!(world.library.assets().len(), 40);
    assert_nothing_burnt(&world);
}

#[tokio::test(start_paused = true)]
async fn one_object_that_may_not_be_looked_at_goes_back_alone() {
    let world = World::new();
    put(&world.store, 0..10);
    let closed = object("3.jpg");
    world.store.refuse(&closed, Some(StoreErrorKind::Denied));
    let member = world.start();
    sleep(Duration::from_mins(10)).await;
    assert_eq!(world.library.assets().len(), 9);
    assert_eq!(world.queue.len(), 1);
    assert_eq!(pauses(&world), []);
    member.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_permission_on_the_bucket_pauses_until_it_is_back() {
    for kind in [
        StoreErrorKind::Denied,
        StoreErrorKind::NoBucket,
        StoreErrorKind::Credentials,
    ] {
        let world = strict_world(30);
        world.store.refuse_all(Some(kind));
        let member = world.start();
        sleep(Duration::from_hours(8)).await;
        assert_eq!(pauses(&world), [PauseReason::Store], "{kind:?}");
        world.store.refuse_all(None);
        world.calm().await;
        member.stop().await;
        assert_eq!(world.library.assets().len(), 30, "{kind:?}");
        assert_nothing_burnt(&world);
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_to_list_pauses_though_every_head_succeeds() {
    let world = strict_world(30);
    world.store.refuse_listing(Some(StoreErrorKind::Denied));
    let member = world.start();
    sleep(Duration::from_hours(1)).await;
    assert_eq!(pauses(&world), [PauseReason::Store]);
    world.store.refuse_listing(None);
    world.calm().await;
    member.stop().await;
    assert_eq!(world.library.assets().len(), 30);
    assert_nothing_burnt(&world);
}

#[tokio::test(start_paused = true)]
async fn a_folder_of_closed_objects_does_not_stop_the_others_for_good() {
    let world = World::new();
    for n in 0..8 {
        let closed = object(&format!("closed/{n}.jpg"));
        world.store.refuse(&closed, Some(StoreErrorKind::Denied));
        world.store.put(&closed, "secret");
    }
    let member = world.start();
    sleep(Duration::from_mins(5)).await;
    assert_eq!(pauses(&world), [PauseReason::Store], "it could be ours");
    put(&world.store, 0..20);
    sleep(Duration::from_hours(2)).await;
    assert_eq!(world.library.assets().len(), 20);
    drop(member);
}

#[tokio::test(start_paused = true)]
async fn ten_sources_in_a_row_that_cloudinary_may_not_read_raise_the_alarm() {
    let world = World::new();
    put(&world.store, 0..40);
    world.library.refuse(|call| {
        call.starts_with("upload")
            .then_some(Disposition::SourceDenied)
    });
    let member = world.start();
    sleep(Duration::from_hours(1)).await;
    assert_eq!(pauses(&world), [PauseReason::Source]);
    assert_eq!(world.queue.dead_letters().len(), 9, "the others are kept");
    accept_everything(&world);
    world.calm().await;
    member.stop().await;
    assert_eq!(world.library.assets().len(), 40 - 9);
}

#[tokio::test(start_paused = true)]
async fn a_missing_queue_pauses_until_it_is_there() {
    let world = World::new();
    world.queue.set_missing(true);
    let member = world.start();
    sleep(Duration::from_mins(10)).await;
    assert_eq!(pauses(&world), [PauseReason::Queue]);
    assert_eq!(world.count(&Observation::Resumed), 0);
    world.queue.set_missing(false);
    world.store.put(&object("cat.jpg"), "meow");
    world.calm().await;
    assert_eq!(world.stored("cat"), world.held("cat.jpg"));
    assert_eq!(world.count(&Observation::Resumed), 1);
    member.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_to_delete_does_not_have_work_done_again_and_again() {
    let world = strict_world(30);
    world.queue.refuse_deletes(true);
    let member = world.start();
    sleep(Duration::from_hours(8)).await;
    assert_eq!(pauses(&world), [PauseReason::Queue]);
    assert_eq!(world.library.calls().len(), 30);
    world.queue.refuse_deletes(false);
    world.calm().await;
    assert_eq!(member.stop().await.deleted, 30);
    assert_eq!(world.count(&Observation::Resumed), 1);
    assert_nothing_burnt(&world);
}

#[tokio::test(start_paused = true)]
async fn a_pause_over_deletes_outlives_those_who_were_refused() {
    let world = World::new();
    put(&world.store, 0..5);
    world.queue.refuse_deletes(true);
    let member = world.start();
    sleep(Duration::from_mins(1)).await;
    // Their leases are lost, so none of them asks again.
    world.queue.hand_to_others(Duration::from_hours(11));
    sleep(Duration::from_mins(5)).await;
    assert_eq!(world.count(&Observation::LeaseLost), 5);
    world.queue.refuse_deletes(false);
    put(&world.store, 5..6);
    sleep(Duration::from_mins(5)).await;
    assert_eq!(world.count(&Observation::Resumed), 1);
    assert_eq!(member.stop().await.deleted, 1);
}

#[tokio::test(start_paused = true)]
async fn a_paused_member_stops_when_told_to_and_gives_back_what_it_holds() {
    let world = strict_world(5);
    refuse_everything(&world);
    let member = world.start();
    sleep(Duration::from_mins(1)).await;
    let report = member.stop().await;
    assert!(report.is_clean());
    assert_eq!((report.deleted, report.released), (0, 5));
    assert_eq!(world.queue.visible(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_member_without_a_queue_stops_when_told_to() {
    let world = World::new();
    world.queue.set_missing(true);
    let member = world.start();
    sleep(Duration::from_mins(1)).await;
    assert!(member.stop().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_pause_writes_one_line_a_minute_however_many_messages_wait() {
    let lines = LogLines::record();
    let world = strict_world(50);
    refuse_everything(&world);
    let member = world.start();
    sleep(Duration::from_secs(1)).await;
    let before = lines.count();
    sleep(Duration::from_hours(1)).await;
    let written = lines.count() - before;
    assert!((59..=60).contains(&written), "{written} lines in an hour");
    drop(member);
}
