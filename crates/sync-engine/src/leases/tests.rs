//! Leases on paused time, without a queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const TIMEOUT: Duration = Duration::from_mins(2);

fn leases() -> Leases {
    Leases::new(TIMEOUT, Observer::silent())
}

fn delivery(handle: &str) -> Delivery {
    Delivery {
        id: MessageId("m".to_owned()),
        receipt: ReceiptHandle(handle.to_owned()),
        body: String::new(),
        receive_count: 1,
        first_received_at: None,
        sent_at: None,
        trace_header: None,
        leased_at: Instant::now(),
    }
}

fn id() -> MessageId {
    MessageId("m".to_owned())
}

fn handle_of(leases: &Leases) -> Option<String> {
    leases.receipt(&id()).map(|receipt| receipt.handle.0)
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_due_when_half_of_it_is_over() {
    let leases = leases();
    leases.hold(&delivery("h1"));
    let half = Instant::now() + TIMEOUT / 2;
    assert!(leases.due(half - Duration::from_millis(1)).is_empty());
    assert_eq!(leases.due(half)[0].timeout, TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_never_reaches_past_the_limit() {
    let leases = leases();
    leases.hold(&delivery("h1"));
    let late = Instant::now() + MAX_LEASE - Duration::from_secs(50);
    assert_eq!(leases.due(late)[0].timeout, Duration::from_secs(50));
    assert!(leases.due(Instant::now() + MAX_LEASE).is_empty());
    leases.renewed(&leases.due(late), &[], late);
    let later = late + Duration::from_secs(25);
    assert!(leases.due(later).is_empty(), "nothing to win any more");
}

#[tokio::test(start_paused = true)]
async fn a_newer_receive_replaces_the_handle_and_revives_a_lost_lease() {
    let leases = leases();
    assert!(leases.hold(&delivery("h1")));
    leases.lose(&id());
    assert_eq!(handle_of(&leases), None);
    assert!(!leases.hold(&delivery("h2")), "it is held already");
    assert_eq!(handle_of(&leases).as_deref(), Some("h2"));
}

#[tokio::test(start_paused = true)]
async fn the_refusal_of_an_old_handle_does_not_lose_the_new_one() {
    let leases = leases();
    leases.hold(&delivery("h1"));
    let stale = leases.due(Instant::now() + TIMEOUT);
    leases.hold(&delivery("h2"));
    let failure = EntryFailure {
        id: id(),
        kind: EntryFailureKind::LeaseLost,
        code: "ReceiptHandleIsInvalid".to_owned(),
    };
    leases.renewed(&stale, &[failure], Instant::now());
    assert_eq!(handle_of(&leases).as_deref(), Some("h2"));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_ended_is_lost() {
    let leases = leases();
    leases.hold(&delivery("h1"));
    tokio::time::sleep(TIMEOUT).await;
    leases.lose_ended();
    assert_eq!(handle_of(&leases), None);
}

#[tokio::test(start_paused = true)]
async fn a_retryable_refusal_leaves_the_lease_due() {
    let leases = leases();
    leases.hold(&delivery("h1"));
    let due = leases.due(Instant::now() + TIMEOUT / 2);
    let failure = EntryFailure {
        id: id(),
        kind: EntryFailureKind::Retryable,
        code: "Busy".to_owned(),
    };
    leases.renewed(&due, &[failure], Instant::now());
    assert_eq!(leases.due(Instant::now() + TIMEOUT / 2).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_moves_the_next_one_by_half_a_timeout() {
    let leases = leases();
    leases.hold(&delivery("h1"));
    let half = Instant::now() + TIMEOUT / 2;
    leases.renewed(&leases.due(half), &[], half);
    assert!(leases.due(half + Duration::from_secs(59)).is_empty());
    assert_eq!(leases.due(half + Duration::from_mins(1)).len(), 1);
    tokio::time::advance(TIMEOUT).await;
    leases.lose_ended();
    assert_eq!(handle_of(&leases).as_deref(), Some("h1"));
}

#[tokio::test(start_paused = true)]
async fn the_renewal_of_an_old_handle_does_not_put_off_the_new_one() {
    let leases = leases();
    let start = Instant::now();
    leases.hold(&delivery("h1"));
    let stale = leases.due(start + TIMEOUT / 2);
    leases.hold(&delivery("h2"));
    leases.renewed(&stale, &[], start + Duration::from_secs(40));
    assert_eq!(leases.due(start + TIMEOUT / 2).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_lost_once_and_not_renewed_any_more() {
    let losses = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&losses);
    let observer = Observer::new(move |observation| {
        if *observation == Observation::LeaseLost {
            heard.fetch_add(1, Ordering::Relaxed);
        }
    });
    let leases = Leases::new(TIMEOUT, observer);
    leases.hold(&delivery("h1"));
    leases.lose(&id());
    leases.lose(&id());
    assert!(leases.due(Instant::now() + TIMEOUT / 2).is_empty());
    tokio::time::advance(TIMEOUT).await;
    leases.lose_ended();
    leases.let_go(&id());
    leases.lose(&id());
    assert_eq!(losses.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_can_be_kept_invisible_until_the_limit_after_its_receive() {
    let leases = leases();
    leases.hold(&delivery("h1"));
    tokio::time::advance(TIMEOUT).await;
    assert_eq!(
        leases.longest_wait(&id()),
        MAX_LEASE.saturating_sub(TIMEOUT)
    );
    leases.let_go(&id());
    assert_eq!(leases.longest_wait(&id()), Duration::ZERO);
    assert_eq!(leases.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refused_renewal_loses_its_own_lease_alone() {
    let leases = leases();
    let other = MessageId("other".to_owned());
    leases.hold(&delivery("h1"));
    leases.hold(&Delivery {
        id: other.clone(),
        ..delivery("h2")
    });
    let half = Instant::now() + TIMEOUT / 2;
    let failure = EntryFailure {
        id: id(),
        kind: EntryFailureKind::LeaseLost,
        code: "ReceiptHandleIsInvalid".to_owned(),
    };
    leases.renewed(&leases.due(half), &[failure], half);
    assert_eq!(handle_of(&leases), None);
    assert!(leases.receipt(&other).is_some());
    assert!(leases.due(half).is_empty(), "the other one was renewed");
}

#[tokio::test(start_paused = true)]
async fn each_message_is_told_once_when_it_is_held_and_once_when_it_is_let_go() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let observer =
        Observer::new(move |fact| heard.lock().expect("not poisoned").push(fact.clone()));
    let leases = Leases::new(TIMEOUT, observer);
    let sent_at = Some(OffsetDateTime::UNIX_EPOCH);
    for handle in ["h1", "h2"] {
        leases.hold(&Delivery {
            sent_at,
            ..delivery(handle)
        });
    }
    leases.let_go(&id());
    leases.let_go(&id());
    let mut told = told.lock().expect("not poisoned").clone();
    told.retain(|fact| !matches!(fact, Observation::MessagesInFlight(_)));
    let expected = [
        Observation::Held { sent_at },
        Observation::LetGo { sent_at },
    ];
    assert_eq!(told, expected);
}
