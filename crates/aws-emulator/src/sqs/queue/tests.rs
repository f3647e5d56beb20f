//! Facts about a queue, told without a clock, a lock or a socket.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const T0: Millis = 1_000_000;

fn content(body: &str, at: Millis) -> Arc<Content> {
    Arc::new(Content::new(body.to_owned(), BTreeMap::new(), at))
}

fn queue_with(bodies: &[&str]) -> Queue {
    let mut queue = Queue::new(Attributes::default());
    for body in bodies {
        queue.send(T0, content(body, T0), None);
    }
    queue
}

fn ask(max: usize) -> Ask {
    Ask {
        max,
        visibility: None,
        max_receives: None,
    }
}

fn bodies(received: &Received) -> Vec<&str> {
    received
        .deliveries
        .iter()
        .map(|d| d.content.body.as_str())
        .collect()
}

#[test]
fn a_received_message_is_invisible_until_its_timeout_ends() {
    let mut queue = queue_with(&["a"]);
    assert_eq!(bodies(&queue.receive(T0, &ask(10))), ["a"]);
    assert!(queue.receive(T0 + 29_999, &ask(10)).deliveries.is_empty());
    let again = queue.receive(T0 + 30_000, &ask(10));
    assert_eq!(again.deliveries[0].receive_count, 2);
    assert_eq!(again.deliveries[0].first_received_at, T0);
}

#[test]
fn a_delayed_message_appears_when_its_delay_has_passed() {
    let mut queue = queue_with(&[]);
    queue.send(T0, content("later", T0), Some(5));
    assert_eq!(
        queue.depth(T0),
        QueueDepth {
            visible: 0,
            in_flight: 0,
            delayed: 1
        }
    );
    assert_eq!(queue.next_deadline(), Some(T0 + 5000));
    assert_eq!(bodies(&queue.receive(T0 + 5000, &ask(1))), ["later"]);
}

#[test]
fn an_old_handle_deletes_nothing_once_the_message_was_received_again() {
    let mut queue = queue_with(&["a"]);
    let old = queue.receive(T0, &ask(1)).deliveries.remove(0).handle;
    let new = queue
        .receive(T0 + 30_000, &ask(1))
        .deliveries
        .remove(0)
        .handle;
    queue.delete(T0 + 30_001, &old).unwrap();
    assert_eq!(queue.len(), 1);
    queue.delete(T0 + 30_002, &new).unwrap();
    assert_eq!(queue.len(), 0);
    queue.delete(T0 + 30_003, &new).unwrap();
}

#[test]
fn the_newest_handle_deletes_even_after_the_timeout() {
    let mut queue = queue_with(&["a", "b"]);
    let handle = queue.receive(T0, &ask(1)).deliveries.remove(0).handle;
    queue.delete(T0 + 60_000, &handle).unwrap();
    assert_eq!(
        queue.depth(T0 + 60_000),
        QueueDepth {
            visible: 1,
            in_flight: 0,
            delayed: 0
        }
    );
    assert_eq!(bodies(&queue.receive(T0 + 60_000, &ask(10))), ["b"]);
}

#[test]
fn a_foreign_handle_is_invalid() {
    let mut queue = queue_with(&["a"]);
    let foreign = queue_with(&["x"])
        .receive(T0, &ask(1))
        .deliveries
        .remove(0)
        .handle;
    assert_eq!(
        queue.delete(T0, &foreign).unwrap_err().kind,
        Kind::ReceiptHandleIsInvalid
    );
}

#[test]
fn visibility_counts_from_the_call_but_never_passes_twelve_hours_from_the_receive() {
    let mut queue = queue_with(&["a"]);
    let handle = queue.receive(T0, &ask(1)).deliveries.remove(0).handle;
    queue.change_visibility(T0 + 10_000, &handle, 60).unwrap();
    assert!(queue.receive(T0 + 69_999, &ask(1)).deliveries.is_empty());
    let beyond = queue
        .change_visibility(T0 + 60_000, &handle, 43_200)
        .unwrap_err();
    assert_eq!(beyond.kind, Kind::InvalidParameterValue);
    queue
        .change_visibility(T0 + 60_000, &handle, 43_140)
        .unwrap();
}

#[test]
fn visibility_zero_returns_a_message_at_once() {
    let mut queue = queue_with(&["a"]);
    let handle = queue.receive(T0, &ask(1)).deliveries.remove(0).handle;
    queue.change_visibility(T0, &handle, 0).unwrap();
    assert_eq!(queue.depth(T0).visible, 1);
    let error = queue.change_visibility(T0, &handle, 10).unwrap_err();
    assert_eq!(error.kind, Kind::MessageNotInflight);
}

#[test]
fn visibility_out_of_range_or_of_a_deleted_message_is_refused() {
    let mut queue = queue_with(&["a"]);
    let handle = queue.receive(T0, &ask(1)).deliveries.remove(0).handle;
    for seconds in [-1, 43_201] {
        assert_eq!(
            queue
                .change_visibility(T0, &handle, seconds)
                .unwrap_err()
                .kind,
            Kind::InvalidParameterValue
        );
    }
    queue.delete(T0, &handle).unwrap();
    assert_eq!(
        queue.change_visibility(T0, &handle, 10).unwrap_err().kind,
        Kind::InvalidParameterValue
    );
}

#[test]
fn a_message_is_dead_when_one_more_receive_would_exceed_the_maximum() {
    let mut queue = queue_with(&["poison"]);
    let ask = Ask {
        visibility: Some(0),
        max_receives: Some(2),
        ..ask(1)
    };
    assert_eq!(queue.receive(T0, &ask).deliveries.len(), 1);
    assert_eq!(queue.receive(T0, &ask).deliveries.len(), 1);
    let third = queue.receive(T0, &ask);
    assert!(third.deliveries.is_empty());
    assert_eq!(third.dead[0].receive_count, 2);
    assert_eq!(queue.len(), 0);
}

#[test]
fn a_dead_message_does_not_use_up_the_batch() {
    let mut queue = queue_with(&["poison"]);
    queue.receive(
        T0,
        &Ask {
            visibility: Some(0),
            ..ask(1)
        },
    );
    // Time passes: the message is visible again before the next one is sent.
    assert_eq!(queue.depth(T0).visible, 1);
    queue.send(T0, content("fine", T0), None);
    let received = queue.receive(
        T0,
        &Ask {
            max_receives: Some(1),
            ..ask(1)
        },
    );
    assert_eq!((bodies(&received), received.dead.len()), (vec!["fine"], 1));
}

#[test]
fn messages_past_the_retention_period_vanish_in_every_state() {
    let mut queue = queue_with(&["flying", "waiting"]);
    queue.receive(
        T0,
        &Ask {
            visibility: Some(43_200),
            ..ask(1)
        },
    );
    let end = T0 + 345_600 * 1000;
    assert_eq!(queue.len(), 2);
    assert_eq!(
        queue.depth(end),
        QueueDepth {
            visible: 0,
            in_flight: 0,
            delayed: 0
        }
    );
    assert_eq!(queue.len(), 0);
}

#[test]
fn no_more_than_the_limit_is_ever_in_flight() {
    let mut queue = queue_with(&[]);
    let shared = content("same", T0);
    for _ in 0..=IN_FLIGHT_LIMIT {
        queue.send(T0, Arc::clone(&shared), None);
    }
    while !queue.receive(T0, &ask(10)).over_limit {}
    assert_eq!(
        queue.depth(T0),
        QueueDepth {
            visible: 1,
            in_flight: IN_FLIGHT_LIMIT,
            delayed: 0
        }
    );
}

#[test]
fn taking_visible_messages_leaves_those_in_flight() {
    let mut queue = queue_with(&["a", "b", "c"]);
    queue.receive(T0, &ask(1));
    assert_eq!(queue.take_visible(T0, 10).len(), 2);
    assert_eq!(
        queue.depth(T0),
        QueueDepth {
            visible: 0,
            in_flight: 1,
            delayed: 0
        }
    );
}

#[derive(Debug, Clone)]
enum Step {
    Send { delay: u64 },
    Receive { max: usize, visibility: u64 },
    Delete(prop::sample::Index),
    Change(prop::sample::Index, i64),
    Wait(u64),
    Purge,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3u64).prop_map(|delay| Step::Send { delay }),
        4 => (1..4usize, 0..5u64).prop_map(|(max, visibility)| Step::Receive { max, visibility }),
        3 => any::<prop::sample::Index>().prop_map(Step::Delete),
        2 => (any::<prop::sample::Index>(), 0..5i64).prop_map(|(at, seconds)| Step::Change(at, seconds)),
        3 => (0..4000u64).prop_map(Step::Wait),
        1 => Just(Step::Purge),
    ]
}

proptest! {
    /// Whatever happens, the counts of the three states add up to the messages that exist, a visible
    /// message can be received, and nothing is handed out twice at the same time.
    #[test]
    fn counts_always_agree_with_messages(steps in prop::collection::vec(step(), 1..80)) {
        let mut queue = queue_with(&[]);
        let mut now = T0;
        let mut handles: Vec<String> = Vec::new();
        for step in steps {
            match step {
                Step::Send { delay } => queue.send(now, content("m", now), Some(delay)),
                Step::Receive { max, visibility } => {
                    let received = queue.receive(now, &Ask { visibility: Some(visibility), ..ask(max) });
                    handles.extend(received.deliveries.into_iter().map(|d| d.handle));
                }
                Step::Delete(at) if !handles.is_empty() => queue.delete(now, at.get::<String>(&handles)).unwrap(),
                Step::Change(at, seconds) if !handles.is_empty() => {
                    drop(queue.change_visibility(now, at.get::<String>(&handles), seconds));
                }
                Step::Wait(millis) => now += millis,
                Step::Purge => queue.purge(),
                Step::Delete(_) | Step::Change(..) => {}
            }
            let depth = queue.depth(now);
            prop_assert_eq!(depth.visible + depth.in_flight + depth.delayed, queue.len());
            prop_assert!(queue.next_deadline().is_none_or(|at| at > now));
        }
        let depth = queue.depth(now);
        let mut drained = 0;
        loop {
            let received = queue.receive(now, &Ask { visibility: Some(100), ..ask(10) });
            if received.deliveries.is_empty() { break }
            drained += received.deliveries.len();
        }
        prop_assert_eq!(drained, depth.visible);
    }
}
