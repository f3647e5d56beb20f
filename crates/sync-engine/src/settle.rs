//! From the outcomes of all records of a message to what happens to the message. Pure, and the
//! only place that decides it.
//!
//! A message is acknowledged when every record is done, given back when any record must be looked
//! at again, and dead-lettered when the rest is done and at least one record can never succeed.
//! Giving back comes first: a message that is dead-lettered does not return.

use std::time::Duration;

use adaptive_limit::backoff::Backoff;

use crate::outcome::{Hold, Outcome, Rejection};

/// The wait before a message comes again, by how often it was received.
const RETRY: Backoff = Backoff {
    base: Duration::from_secs(10),
    cap: Duration::from_mins(15),
};

/// The same for a destroy that the brake holds back, of which at least half is waited. Whoever has
/// to release the brake needs hours, and a queue that moves messages away after 20 receives leaves
/// about half a day so.
const BRAKED: Backoff = Backoff {
    base: Duration::from_mins(2),
    cap: Duration::from_hours(1),
};

/// A write that we gave up on may be applied until the library itself gives up on it. Looking
/// again earlier than this could prove a state that the late write then undoes.
pub(crate) const UNCLEAR_WAIT: Duration = Duration::from_mins(2);

/// What happens to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Delete it: every record is proven done or needs nothing.
    Acknowledge,
    /// Make it visible again after this long.
    RetryAfter {
        /// How long.
        wait: Duration,
        /// Why, for metrics.
        reason: &'static str,
    },
    /// Store it in the dead-letter queue, then delete it.
    DeadLetter(Rejection),
}

/// Decides what happens to a message that was received `receive_count` times; `random` is drawn
/// evenly from `0.0..1.0`.
pub fn settle(outcomes: &[Outcome], receive_count: u32, random: f64) -> Settlement {
    if outcomes.contains(&Outcome::Unclear) {
        let wait = UNCLEAR_WAIT + retry_wait(receive_count, random);
        return Settlement::RetryAfter {
            wait,
            reason: "unclear",
        };
    }
    if outcomes.contains(&Outcome::Held(Hold::Stopping)) {
        return Settlement::RetryAfter {
            wait: Duration::ZERO,
            reason: Hold::Stopping.as_str(),
        };
    }
    let holds = outcomes.iter().filter_map(held);
    let waits = holds.map(|hold| (hold_wait(hold, receive_count, random), hold));
    if let Some((wait, hold)) = waits.max_by_key(|(wait, _)| *wait) {
        let reason = hold.as_str();
        return Settlement::RetryAfter { wait, reason };
    }
    match outcomes.iter().find_map(rejected) {
        Some(first) => Settlement::DeadLetter(first.clone()),
        None => Settlement::Acknowledge,
    }
}

/// The wait before a message that was received `receive_count` times is worth another try.
pub(crate) fn retry_wait(receive_count: u32, random: f64) -> Duration {
    RETRY.wait(receive_count, random)
}

fn hold_wait(hold: Hold, receive_count: u32, random: f64) -> Duration {
    match hold {
        Hold::MassDelete => BRAKED.ceiling(receive_count).mul_f64(0.5 + random / 2.0),
        Hold::Stopping | Hold::Transient | Hold::KeepsChanging | Hold::Denied | Hold::Throttled => {
            retry_wait(receive_count, random)
        }
    }
}

fn held(outcome: &Outcome) -> Option<Hold> {
    match outcome {
        Outcome::Held(hold) => Some(*hold),
        Outcome::Uploaded
        | Outcome::Destroyed
        | Outcome::AlreadyTrue
        | Outcome::Skipped(_)
        | Outcome::Unclear
        | Outcome::Rejected(_) => None,
    }
}

fn rejected(outcome: &Outcome) -> Option<&Rejection> {
    match outcome {
        Outcome::Rejected(rejection) => Some(rejection),
        Outcome::Uploaded
        | Outcome::Destroyed
        | Outcome::AlreadyTrue
        | Outcome::Skipped(_)
        | Outcome::Unclear
        | Outcome::Held(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Skip;

    fn rejected() -> Outcome {
        Outcome::Rejected(Rejection::new("refused", "Cloudinary refuses it"))
    }

    #[test]
    fn a_message_is_acknowledged_when_every_record_is_done() {
        let done = [
            Outcome::Uploaded,
            Outcome::Destroyed,
            Outcome::AlreadyTrue,
            Outcome::Skipped(Skip::Archived),
        ];
        assert_eq!(settle(&done, 1, 0.5), Settlement::Acknowledge);
        assert_eq!(settle(&[], 1, 0.5), Settlement::Acknowledge);
    }

    #[test]
    fn one_record_that_must_be_looked_at_again_keeps_the_message() {
        for kept in [
            Outcome::Unclear,
            Outcome::Held(Hold::Transient),
            Outcome::Held(Hold::Denied),
        ] {
            let outcomes = [Outcome::Uploaded, kept, rejected()];
            assert!(matches!(
                settle(&outcomes, 1, 0.5),
                Settlement::RetryAfter { .. }
            ));
        }
    }

    #[test]
    fn a_rejected_record_is_dead_lettered_once_its_neighbours_are_done() {
        let Settlement::DeadLetter(why) = settle(&[Outcome::Uploaded, rejected()], 1, 0.5) else {
            panic!("not dead-lettered");
        };
        assert_eq!(why.reason, "refused");
    }

    #[test]
    fn an_unclear_write_is_not_looked_at_before_it_must_have_landed_or_failed() {
        let Settlement::RetryAfter { wait, reason } = settle(&[Outcome::Unclear], 1, 0.0) else {
            panic!("not kept");
        };
        assert_eq!((wait, reason), (UNCLEAR_WAIT, "unclear"));
    }

    #[test]
    fn a_stopping_worker_gives_messages_back_at_once() {
        let outcomes = [
            Outcome::Held(Hold::Transient),
            Outcome::Held(Hold::Stopping),
        ];
        assert_eq!(
            settle(&outcomes, 9, 1.0),
            Settlement::RetryAfter {
                wait: Duration::ZERO,
                reason: "stopping"
            }
        );
    }

    #[test]
    fn an_unclear_write_is_waited_for_even_when_the_worker_stops() {
        let outcomes = [Outcome::Held(Hold::Stopping), Outcome::Unclear];
        let Settlement::RetryAfter { wait, .. } = settle(&outcomes, 1, 0.0) else {
            panic!("not kept");
        };
        assert_eq!(wait, UNCLEAR_WAIT);
    }

    #[test]
    fn twenty_receives_of_a_held_destroy_last_half_a_day() {
        let wait = |count| match settle(&[Outcome::Held(Hold::MassDelete)], count, 0.5) {
            Settlement::RetryAfter { wait, reason } => {
                assert_eq!(reason, "mass_delete");
                wait
            }
            other => panic!("{other:?}"),
        };
        let total: Duration = (1..=20).map(wait).sum();
        assert!(total > Duration::from_hours(12), "{total:?}");
        assert!(wait(1) >= Duration::from_mins(1));
    }

    #[test]
    fn a_held_destroy_waits_between_half_and_all_of_its_ceiling() {
        let wait = |count, random| {
            let Settlement::RetryAfter { wait, .. } =
                settle(&[Outcome::Held(Hold::MassDelete)], count, random)
            else {
                panic!("not kept");
            };
            wait
        };
        let minutes = Duration::from_mins;
        assert_eq!([wait(1, 0.0), wait(1, 1.0)], [minutes(1), minutes(2)]);
        assert_eq!([wait(50, 0.0), wait(50, 1.0)], [minutes(30), minutes(60)]);
    }

    #[test]
    fn of_several_holds_the_longest_wait_counts() {
        for outcomes in [
            [
                Outcome::Held(Hold::Transient),
                Outcome::Held(Hold::MassDelete),
            ],
            [
                Outcome::Held(Hold::MassDelete),
                Outcome::Held(Hold::Transient),
            ],
        ] {
            let Settlement::RetryAfter { reason, .. } = settle(&outcomes, 1, 0.5) else {
                panic!("not kept");
            };
            assert_eq!(reason, "mass_delete");
        }
    }

    #[test]
    fn the_wait_grows_with_the_receive_count_up_to_fifteen_minutes() {
        let wait = |count| match settle(&[Outcome::Held(Hold::Transient)], count, 1.0) {
            Settlement::RetryAfter { wait, .. } => wait.as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!([wait(1), wait(2), wait(5), wait(50)], [10, 20, 160, 900]);
    }
}
