//! The contract of `Queue`, check by check. Every check has a queue of its own and needs no other
//! to have run, so they run side by side.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::Action;
use crate::ports::{
    DeadLetter, Delivery, EntryFailure, EntryFailureKind, MAX_BATCH, MessageId, Queue,
    QueueErrorKind, Receipt, ReceiptHandle, ReceiveRequest, VisibilityChange,
};

/// A lease that ends while a check waits. SQS counts whole seconds.
const SHORT: Duration = Duration::from_secs(2);
/// A lease that outlives every check.
const LONG: Duration = Duration::from_mins(2);
/// A poll that must find nothing: longer than [`SHORT`], so that an ended lease would show.
const QUIET: Duration = Duration::from_secs(3);
/// A poll that must find something: far shorter than [`LONG`].
const PATIENT: Duration = Duration::from_secs(15);

/// How a runner makes what the checks need.
#[expect(missing_debug_implementations, reason = "holds closures")]
pub struct QueueHarness {
    /// Makes an empty queue with an empty dead-letter queue.
    pub fresh: Action<(), QueueUnderTest>,
    /// A queue that does not exist.
    pub missing: Arc<dyn Queue>,
    /// What this queue does with a delete by the handle of an earlier receive.
    pub stale_delete: StaleDelete,
}

/// One queue, and what the port cannot do to it.
#[expect(missing_debug_implementations, reason = "holds closures")]
pub struct QueueUnderTest {
    /// The queue.
    pub queue: Arc<dyn Queue>,
    /// Puts a message with this body into it.
    pub send: Action<String, ()>,
    /// Reads its dead-letter queue, without any order.
    pub dead_letters: Action<(), Vec<StoredLetter>>,
}

/// A message in the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLetter {
    /// The body, decoded if it was encoded.
    pub body: String,
    /// The reason given.
    pub reason: String,
}

/// SQS answers a delete by a stale handle with success and leaves open what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaleDelete {
    /// The message stays. What the fakes do, being the harder case for the engine.
    IsIgnored,
    /// The message may be gone.
    MayDelete,
}

/// Runs every check.
///
/// # Panics
/// When the queue does not keep the contract.
pub async fn queue_conformance(harness: &QueueHarness) {
    let fresh = || (harness.fresh)(());
    tokio::join!(
        a_message_arrives_as_it_was_sent(fresh().await),
        a_leased_message_is_invisible(fresh().await),
        an_ended_lease_delivers_again_under_a_new_handle(fresh().await),
        an_extended_lease_keeps_the_message_away(fresh().await),
        a_released_message_is_there_at_once(fresh().await),
        a_deleted_message_stays_away(fresh().await),
        a_stale_handle_does_no_harm(fresh().await, harness.stale_delete),
        a_refused_entry_is_named_and_the_others_are_done(fresh().await),
        empty_batches_are_no_ops(fresh().await),
        a_poll_returns_when_a_message_comes(fresh().await),
        a_poll_of_an_empty_queue_returns_empty(fresh().await),
        a_receive_gives_no_more_than_asked_for(fresh().await),
        full_batches_are_taken(fresh().await),
        a_dead_letter_is_stored_with_its_reason(fresh().await),
        a_missing_queue_is_said_to_be_missing(harness),
    );
}

async fn a_message_arrives_as_it_was_sent(test: QueueUnderTest) {
    let mut bodies = vec![
        r#"{"Records":[{"s3":{"object":{"key":"a+b"}}}]}"#.to_owned(),
        "Grüße, 世界 \u{1F388} \"quoted\" <&> \\ tab\tnewline\n".to_owned(),
        "x".repeat(256 * 1024),
    ];
    for body in &bodies {
        (test.send)(body.clone()).await;
    }
    let deliveries = test.gather(bodies.len(), LONG).await;
    for delivery in &deliveries {
        assert_eq!(delivery.receive_count, 1, "the first receive counts as one");
        assert!(
            delivery.leased_at <= Instant::now(),
            "a lease cannot start in the future"
        );
    }
    let mut arrived: Vec<String> = deliveries.into_iter().map(|it| it.body).collect();
    bodies.sort();
    arrived.sort();
    assert!(bodies == arrived, "bodies must arrive unchanged");
}

async fn a_leased_message_is_invisible(test: QueueUnderTest) {
    (test.send)("leased".into()).await;
    test.one(LONG).await;
    test.nothing().await;
}

async fn an_ended_lease_delivers_again_under_a_new_handle(test: QueueUnderTest) {
    (test.send)("again".into()).await;
    let first = test.one(SHORT).await;
    let second = test.one(LONG).await;
    assert_eq!(second.id, first.id, "it is the same message");
    assert_eq!(second.receive_count, 2, "the second receive counts");
    assert_ne!(
        second.receipt, first.receipt,
        "each receive has its own handle"
    );
}

async fn an_extended_lease_keeps_the_message_away(test: QueueUnderTest) {
    (test.send)("extended".into()).await;
    let held = test.one(SHORT).await;
    let failures = test.set_visibility(&[(&held, LONG)]).await;
    assert_eq!(failures, [], "a lease that lasts can be extended");
    test.nothing().await;
}

async fn a_released_message_is_there_at_once(test: QueueUnderTest) {
    (test.send)("released".into()).await;
    let held = test.one(LONG).await;
    let failures = test.set_visibility(&[(&held, Duration::ZERO)]).await;
    assert_eq!(failures, [], "a lease that lasts can be given back");
    assert_eq!(test.one(LONG).await.id, held.id);
}

async fn a_deleted_message_stays_away(test: QueueUnderTest) {
    (test.send)("deleted".into()).await;
    let held = test.one(SHORT).await;
    assert_eq!(
        test.delete(&[&held]).await,
        [],
        "a lease that lasts allows a delete"
    );
    test.nothing().await;
}

/// Deleting or extending by it may succeed or lose the lease; it must not fail the call, nor
/// take the message from the one who holds it now.
async fn a_stale_handle_does_no_harm(test: QueueUnderTest, stale_delete: StaleDelete) {
    (test.send)("stale".into()).await;
    let stale = test.one(SHORT).await;
    let held = test.one(LONG).await;
    let failures = test.delete(&[&stale]).await;
    assert_lease_lost_or_nothing(&failures, &stale);
    if stale_delete == StaleDelete::IsIgnored {
        let failures = test.set_visibility(&[(&held, Duration::ZERO)]).await;
        assert_eq!(failures, [], "the newer handle is still good");
        assert_eq!(
            test.one(LONG).await.id,
            stale.id,
            "the message is still there"
        );
    }
}

fn assert_lease_lost_or_nothing(failures: &[EntryFailure], stale: &Delivery) {
    for failure in failures {
        assert_eq!(failure.kind, EntryFailureKind::LeaseLost);
        assert_eq!(failure.id, stale.id);
    }
}

async fn a_refused_entry_is_named_and_the_others_are_done(test: QueueUnderTest) {
    (test.send)("good".into()).await;
    let good = test.one(LONG).await;
    let bad = Delivery {
        id: MessageId("00000000-bad".into()),
        receipt: ReceiptHandle("no-handle-at-all".into()),
        ..good.clone()
    };
    let expected = (&bad.id, EntryFailureKind::LeaseLost);

    let failures = test.set_visibility(&[(&bad, LONG), (&good, SHORT)]).await;
    assert_eq!(named(&failures), [expected]);
    let good = test.one(SHORT).await;

    let failures = test.delete(&[&bad, &good]).await;
    assert_eq!(named(&failures), [expected]);
    test.nothing().await;
}

fn named(failures: &[EntryFailure]) -> Vec<(&MessageId, EntryFailureKind)> {
    failures
        .iter()
        .map(|failure| (&failure.id, failure.kind))
        .collect()
}

async fn empty_batches_are_no_ops(test: QueueUnderTest) {
    assert_eq!(test.delete(&[]).await, []);
    assert_eq!(test.set_visibility(&[]).await, []);
}

async fn a_poll_returns_when_a_message_comes(test: QueueUnderTest) {
    let request = ReceiveRequest {
        wait: Duration::from_secs(20),
        ..asking_for(MAX_BATCH, LONG)
    };
    let poll = timeout(PATIENT, test.queue.receive(request));
    let send = async {
        // Long enough for the poll to be parked; if it is not, the check is only weaker.
        sleep(Duration::from_millis(500)).await;
        (test.send)("early".into()).await;
    };
    let (answer, ()) = tokio::join!(poll, send);
    let deliveries = answer
        .expect("the poll ends before its wait")
        .expect("receive");
    assert_eq!(
        deliveries.len(),
        1,
        "the poll brings the message that ended it"
    );
}

async fn a_poll_of_an_empty_queue_returns_empty(test: QueueUnderTest) {
    assert_eq!(test.poll(MAX_BATCH, Duration::ZERO, LONG).await, []);
    assert_eq!(test.poll(MAX_BATCH, Duration::from_secs(1), LONG).await, []);
}

async fn a_receive_gives_no_more_than_asked_for(test: QueueUnderTest) {
    for number in 0..4 {
        (test.send)(number.to_string()).await;
    }
    let few = test.poll(2, PATIENT, LONG).await;
    assert!(
        (1..=2).contains(&few.len()),
        "asked for two, got {}",
        few.len()
    );
}

async fn full_batches_are_taken(test: QueueUnderTest) {
    for number in 0..MAX_BATCH {
        (test.send)(number.to_string()).await;
    }
    let held = test.gather(MAX_BATCH, LONG).await;
    let extended: Vec<_> = held.iter().map(|delivery| (delivery, SHORT)).collect();
    assert_eq!(test.set_visibility(&extended).await, []);
    let held = test.gather(MAX_BATCH, LONG).await;
    assert_eq!(test.delete(&held.iter().collect::<Vec<_>>()).await, []);
    test.nothing().await;
}

async fn a_dead_letter_is_stored_with_its_reason(test: QueueUnderTest) {
    assert!(test.queue.has_dead_letter_queue());
    (test.send)("hopeless \u{1F388}".into()).await;
    let held = test.one(LONG).await;
    let letter = DeadLetter {
        id: held.id.clone(),
        body: held.body.clone(),
        reason: "malformed",
        detail: "not JSON".into(),
        first_received_at: held.first_received_at,
        receive_count: held.receive_count,
    };
    test.queue.dead_letter(&letter).await.expect("dead-letter");
    let stored = (test.dead_letters)(()).await;
    assert!(
        !stored.is_empty(),
        "the letter is stored when the call returns"
    );
    for letter in stored {
        assert_eq!(
            (letter.body.as_str(), letter.reason.as_str()),
            (&*held.body, "malformed")
        );
    }
}

async fn a_missing_queue_is_said_to_be_missing(harness: &QueueHarness) {
    (harness.fresh)(())
        .await
        .queue
        .check()
        .await
        .expect("a queue that exists");
    let error = harness
        .missing
        .check()
        .await
        .expect_err("the queue does not exist");
    assert_eq!(error.kind, QueueErrorKind::Missing, "{error:?}");
    let error = harness
        .missing
        .receive(asking_for(1, LONG))
        .await
        .expect_err("neither here");
    assert_eq!(error.kind, QueueErrorKind::Missing, "{error:?}");
}

impl QueueUnderTest {
    async fn poll(&self, max: usize, wait: Duration, lease: Duration) -> Vec<Delivery> {
        let request = ReceiveRequest {
            wait,
            ..asking_for(max, lease)
        };
        self.queue.receive(request).await.expect("receive")
    }

    /// The only message.
    async fn one(&self, lease: Duration) -> Delivery {
        self.gather(1, lease).await.remove(0)
    }

    /// As many messages, in as many receives as it takes: a queue may give fewer than it has.
    async fn gather(&self, count: usize, lease: Duration) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while deliveries.len() < count {
            let more = self
                .poll((count - deliveries.len()).min(MAX_BATCH), PATIENT, lease)
                .await;
            assert!(
                !more.is_empty(),
                "expected {count} messages, got {}",
                deliveries.len()
            );
            deliveries.extend(more);
        }
        deliveries
    }

    async fn nothing(&self) {
        assert_eq!(
            self.poll(MAX_BATCH, QUIET, LONG).await,
            [],
            "nothing may come"
        );
    }

    async fn delete(&self, deliveries: &[&Delivery]) -> Vec<EntryFailure> {
        let receipts: Vec<_> = deliveries
            .iter()
            .map(|delivery| receipt(delivery))
            .collect();
        self.queue.delete(&receipts).await.expect("delete")
    }

    async fn set_visibility(&self, changes: &[(&Delivery, Duration)]) -> Vec<EntryFailure> {
        let changes: Vec<_> = changes
            .iter()
            .map(|&(delivery, timeout)| VisibilityChange {
                receipt: receipt(delivery),
                timeout,
            })
            .collect();
        self.queue
            .change_visibility(&changes)
            .await
            .expect("change visibility")
    }
}

fn asking_for(max: usize, visibility_timeout: Duration) -> ReceiveRequest {
    ReceiveRequest {
        max,
        wait: Duration::ZERO,
        visibility_timeout,
    }
}

fn receipt(delivery: &Delivery) -> Receipt {
    Receipt {
        id: delivery.id.clone(),
        handle: delivery.receipt.clone(),
    }
}
