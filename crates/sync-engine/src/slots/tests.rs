//! Slots on paused time, in front of a library that takes so many calls at once.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::*;

const CALL: Duration = Duration::from_secs(2);

struct Library {
    slots: Slots,
    room: AtomicUsize,
    calls: AtomicUsize,
    refused: AtomicUsize,
}

fn library(initial: usize, max: usize, room: usize) -> Arc<Library> {
    let count = |n| NonZeroUsize::new(n).unwrap();
    let settings = Settings::new(count(initial), count(max));
    Arc::new(Library {
        slots: Slots::new(settings, None, 7, Observer::silent()),
        room: AtomicUsize::new(room),
        calls: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
    })
}

fn error(disposition: Disposition, retry_after: Option<Duration>) -> LibraryError {
    LibraryError {
        operation: "upload",
        asset: "cat".to_owned(),
        disposition,
        retry_after,
        source: "scripted".into(),
    }
}

impl Library {
    /// One call, tried until it is let in.
    async fn call(&self, kind: CallKind) {
        loop {
            let slot = self.slots.acquire(kind).await;
            self.calls.fetch_add(1, Ordering::Relaxed);
            if self.take_room() {
                sleep(CALL).await;
                self.room.fetch_add(1, Ordering::Relaxed);
                return slot.end(None);
            }
            self.refused.fetch_add(1, Ordering::Relaxed);
            slot.end(Some(&error(Disposition::Throttled, None)));
            sleep(CALL).await;
        }
    }

    fn take_room(&self) -> bool {
        self.room
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |room| {
                room.checked_sub(1)
            })
            .is_ok()
    }

    /// So many calls, all wanted at once. Returns how long they took together.
    async fn calls(self: &Arc<Self>, count: usize) -> Duration {
        let start = Instant::now();
        let mut calls = JoinSet::new();
        for _ in 0..count {
            let library = Arc::clone(self);
            calls.spawn(async move { library.call(CallKind::Upload).await });
        }
        calls.join_all().await;
        start.elapsed()
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_that_ends_makes_way_for_all_that_fit() {
    // 1, 2, 4, 8, 16 and 19 calls, in rounds of 2 s.
    let took = library(1, 50, 100).calls(50).await;
    assert_eq!(took, 6 * CALL);
}

#[tokio::test(start_paused = true)]
async fn the_calls_at_once_follow_what_the_library_takes() {
    let library = library(10, 50, 20);
    let took = library.calls(2000).await;
    assert!(took < 105 * CALL, "100 rounds of 20 calls took {took:?}");
    let refused = library.refused.load(Ordering::Relaxed);
    assert!((1..60).contains(&refused), "{refused} refused");
}

#[tokio::test(start_paused = true)]
async fn a_call_in_line_starts_when_it_is_time_to_ask_again() {
    let library = library(10, 50, 0);
    let mut calls = JoinSet::new();
    for _ in 0..3 {
        let library = Arc::clone(&library);
        calls.spawn(async move { library.call(CallKind::Upload).await });
    }
    sleep(Duration::from_mins(10)).await;
    let asked = library.calls.load(Ordering::Relaxed);
    assert!(
        (5..9).contains(&asked),
        "three at once, then ever more rarely: {asked}"
    );
    library.room.store(20, Ordering::Relaxed);
    calls.join_all().await;
    assert_eq!(library.slots.state().gate.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn work_is_taken_in_unless_calls_wait_for_a_library_without_room() {
    let library = library(10, 50, 0);
    library.slots.caught_up().await;
    let slot = library.slots.acquire(CallKind::Upload).await;
    slot.end(Some(&error(Disposition::Throttled, None)));
    assert!(!library.slots.is_backed_up(), "nothing is in line");
    let waiting = library.slots.acquire(CallKind::Upload);
    let mut waiting = pin!(waiting);
    assert!(timeout_at(Instant::now(), waiting.as_mut()).await.is_err());
    assert!(library.slots.is_backed_up());
    assert!(
        timeout_at(Instant::now() + CALL, library.slots.caught_up())
            .await
            .is_err()
    );
    waiting.await.end(None);
    library.slots.caught_up().await;
}

#[tokio::test(start_paused = true)]
async fn refused_uploads_do_not_keep_destroys_waiting() {
    let library = library(1, 50, 0);
    let upload = library.slots.acquire(CallKind::Upload).await;
    upload.end(Some(&error(Disposition::Throttled, None)));
    let start = Instant::now();
    library.slots.acquire(CallKind::Destroy).await.end(None);
    assert_eq!(start.elapsed(), Duration::ZERO);
    library.slots.acquire(CallKind::Upload).await.end(None);
    assert!(start.elapsed() > CALL);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_library_asked_for_holds_the_calls() {
    let library = library(10, 50, 50);
    let others = library.slots.acquire(CallKind::Upload).await;
    let refused = library.slots.acquire(CallKind::Upload).await;
    let wait = Duration::from_mins(5);
    refused.end(Some(&error(Disposition::Throttled, Some(wait))));
    let start = Instant::now();
    library.slots.acquire(CallKind::Upload).await.end(None);
    assert!(
        (wait..wait + wait / 9).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );
    others.end(None);
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_is_dropped_goes_to_the_next_in_line() {
    let library = library(1, 1, 1);
    let slot = library.slots.acquire(CallKind::Upload).await;
    let next = async {
        library.slots.acquire(CallKind::Destroy).await.end(None);
        Instant::now()
    };
    let dropped = async {
        sleep(CALL).await;
        drop(slot);
        Instant::now()
    };
    let (next, dropped) = tokio::join!(next, dropped);
    assert_eq!(next, dropped);
}

#[tokio::test(start_paused = true)]
async fn only_refusals_shrink_the_limit() {
    let library = library(10, 50, 50);
    for disposition in [
        Disposition::Transient,
        Disposition::Unclear,
        Disposition::Refused,
    ] {
        let slot = library.slots.acquire(CallKind::Upload).await;
        slot.end(Some(&error(disposition, None)));
    }
    assert!(library.slots.state().gate.window(CallKind::Upload) > 9.0);
    let slot = library.slots.acquire(CallKind::Upload).await;
    slot.end(Some(&error(Disposition::Throttled, None)));
    assert!(library.slots.state().gate.window(CallKind::Upload) < 1.0);
}
