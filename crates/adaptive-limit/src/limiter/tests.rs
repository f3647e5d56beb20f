//! The limiter on made-up time.

use std::num::NonZeroUsize;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::Start;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn limiter(initial: usize, max: usize) -> Limiter {
    Limiter::new(Settings::new(count(initial), count(max)), 0.5)
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn started(limiter: &mut Limiter, now: Duration) -> Vec<Call> {
    let mut calls = Vec::new();
    while let Decision::Start(call) = limiter.start(now) {
        calls.push(call);
    }
    calls
}

fn next_start(limiter: &mut Limiter, now: Duration) -> Option<Duration> {
    match limiter.start(now) {
        Decision::Start(_) => panic!("it started"),
        Decision::Wait(until) => until,
    }
}

/// Lets `calls` start, and all but the first `let_in` be refused.
fn refused_beyond(limiter: &mut Limiter, let_in: usize, now: Duration) -> Vec<Call> {
    let mut calls = started(limiter, now);
    for call in calls.split_off(let_in) {
        limiter.refused(call, now, 0.5);
    }
    calls
}

#[test]
fn no_more_than_the_first_window_start_at_once() {
    let mut limiter = limiter(10, 50);
    assert_eq!(started(&mut limiter, seconds(0)).len(), 10);
    assert!(limiter.is_saturated(seconds(0)) && !limiter.is_pacing(seconds(0)));
    assert_eq!(next_start(&mut limiter, seconds(0)), None);
}

#[test]
fn until_the_first_refusal_every_full_round_doubles_the_window() {
    let mut limiter = limiter(3, 50);
    for expected in [3, 6, 12, 24, 48, 50, 50] {
        let now = limiter.now + seconds(2);
        let calls = started(&mut limiter, now);
        assert_eq!(calls.len(), expected);
        for call in calls {
            limiter.answered(call, now + seconds(1), 0.5);
        }
    }
}

#[test]
fn a_window_that_is_not_used_does_not_grow() {
    let mut limiter = limiter(10, 50);
    for second in 0..100 {
        let Decision::Start(call) = limiter.start(seconds(second)) else {
            panic!("there is room");
        };
        limiter.answered(call, seconds(second + 1), 0.5);
    }
    assert_eq!(limiter.limit(), 10);
}

#[test]
fn what_is_refused_is_given_up_and_what_is_let_in_is_kept() {
    let mut limiter = limiter(10, 50);
    let calls = refused_beyond(&mut limiter, 4, seconds(0));
    assert_eq!((limiter.limit(), limiter.in_flight()), (4, 4));
    for call in calls {
        limiter.answered(call, seconds(2), 0.5);
    }
    assert_eq!(started(&mut limiter, seconds(2)).len(), 4);
}

#[test]
fn after_a_refusal_the_next_ask_comes_by_time_however_many_calls_succeed() {
    let mut limiter = limiter(10, 50);
    let mut calls = refused_beyond(&mut limiter, 4, seconds(0));
    // 130 calls of 2 s, 4 at a time.
    let ask = seconds(65);
    for _ in 0..1000 {
        limiter.answered(calls.remove(0), seconds(2), 0.5);
        calls.extend(started(&mut limiter, seconds(2)));
        assert_eq!(calls.len(), 4);
    }
    let next = next_start(&mut limiter, seconds(2));
    assert!(next.is_some_and(|next| next <= ask), "{next:?}");
    calls.extend(started(&mut limiter, ask));
    assert_eq!(calls.len(), 5);
}

#[test]
fn refusals_that_others_cause_do_not_put_the_next_ask_off() {
    let mut limiter = limiter(10, 50);
    let mut calls = refused_beyond(&mut limiter, 8, seconds(0));
    let ask = next_start(&mut limiter, seconds(0)).unwrap();
    limiter.refused(calls.remove(0), seconds(20), 0.5);
    limiter.refused(calls.remove(0), seconds(25), 0.5);
    // The wait is that of six slots now, but still from the last ask on.
    let later = next_start(&mut limiter, seconds(25)).unwrap();
    assert!(
        later > ask && later < seconds(25) + ask,
        "{ask:?}, then {later:?}"
    );
}

#[test]
fn a_granted_ask_is_followed_by_a_larger_one() {
    let mut limiter = limiter(10, 50);
    let mut calls = refused_beyond(&mut limiter, 8, seconds(0));
    let mut now = seconds(0);
    let mut windows = Vec::new();
    for _ in 0..60 {
        now += seconds(2);
        for call in calls.drain(..) {
            limiter.answered(call, now, 0.5);
        }
        calls = started(&mut limiter, now);
        windows.push(calls.len());
    }
    windows.dedup();
    assert_eq!(windows, [8, 9, 11, 15, 23, 39, 50]);
}

#[test]
fn a_worker_without_a_slot_asks_with_one_call_and_ever_more_rarely() {
    let mut limiter = limiter(1, 50);
    let mut now = seconds(0);
    let mut waits = Vec::new();
    for _ in 0..7 {
        assert!(refused_beyond(&mut limiter, 0, now).is_empty());
        assert!(limiter.window() < 1.0 && limiter.is_pacing(now) && limiter.is_saturated(now));
        let next = next_start(&mut limiter, now).unwrap();
        waits.push(next.saturating_sub(now).as_secs());
        now = next;
        assert!(!limiter.is_saturated(now));
    }
    assert_eq!(waits, [8, 32, 128, 512, 1040, 1040, 1040]);
    let calls = started(&mut limiter, now);
    assert_eq!(calls.len(), 1, "one ask at a time");
    for call in calls {
        limiter.answered(call, now + seconds(2), 0.5);
    }
    assert!((limiter.window() - 1.0).abs() < f64::EPSILON && !limiter.is_pacing(now));
}

#[test]
fn what_an_outage_took_is_asked_back_at_once() {
    let mut limiter = limiter(16, 16);
    let round = |limiter: &mut Limiter, now: Duration| {
        let calls = started(limiter, now);
        let width = calls.len();
        for call in calls {
            limiter.answered(call, now + seconds(2), 0.5);
        }
        width
    };
    assert_eq!(round(&mut limiter, seconds(0)), 16);
    let mut now = seconds(2);
    while now < seconds(1800) {
        refused_beyond(&mut limiter, 0, now);
        let next = next_start(&mut limiter, now).unwrap();
        assert!(next < now + seconds(30), "asks at the rate of what it held");
        now = next;
    }
    let widths: Vec<_> = (0..5)
        .map(|n| round(&mut limiter, now + seconds(2 * n)))
        .collect();
    assert_eq!(widths, [1, 2, 4, 8, 16]);
}

#[test]
fn a_known_fleet_starts_with_its_share_of_the_account() {
    let share = |workers| {
        let mut settings = Settings::new(count(10), count(50));
        settings.start = Start::Share {
            account: count(20),
            workers: count(workers),
        };
        Limiter::new(settings, 0.5)
    };
    assert_eq!(started(&mut share(4), seconds(0)).len(), 4);
    let mut small = share(64);
    assert!((small.window() - 0.281_25).abs() < 1e-9);
    let first = next_start(&mut small, seconds(0)).unwrap();
    assert!(
        first > seconds(3) && first < seconds(4),
        "spread over {first:?}"
    );
    assert_eq!(started(&mut small, first).len(), 1);
}

#[test]
fn a_wait_that_the_service_asked_for_holds_every_call() {
    let mut limiter = limiter(10, 50);
    limiter.hold_until(seconds(100), seconds(0), 0.5);
    limiter.hold_until(seconds(10), seconds(0), 0.5);
    assert!(limiter.is_pacing(seconds(104)) && limiter.is_saturated(seconds(104)));
    assert_eq!(next_start(&mut limiter, seconds(104)), Some(seconds(105)));
    assert_eq!(started(&mut limiter, seconds(105)).len(), 10);
}

#[test]
fn a_wait_until_next_month_is_asked_about_every_hour() {
    let mut limiter = limiter(10, 50);
    limiter.hold_until(Duration::MAX, seconds(60), 0.0);
    assert_eq!(next_start(&mut limiter, seconds(60)), Some(seconds(3660)));
}

#[test]
fn a_call_without_an_answer_changes_nothing() {
    let mut limiter = limiter(10, 50);
    for call in started(&mut limiter, seconds(0)) {
        limiter.failed(call);
    }
    assert_eq!((limiter.limit(), limiter.in_flight()), (10, 0));
    assert_eq!(started(&mut limiter, seconds(1)).len(), 10);
}

#[derive(Debug, Clone)]
enum Step {
    Start,
    Answer(prop::sample::Index),
    Refuse(prop::sample::Index),
    Fail(prop::sample::Index),
    Clock(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => Just(Step::Start),
        3 => index().prop_map(Step::Answer),
        2 => index().prop_map(Step::Refuse),
        1 => index().prop_map(Step::Fail),
        // Any moment of two hours: the clock goes back as often as it goes on.
        2 => (0_u64..7_200_000).prop_map(Step::Clock),
    ]
}

proptest! {
    #[test]
    fn the_window_keeps_its_bounds_whatever_happens(
        steps in prop::collection::vec(step(), 1..400),
        initial in 1_usize..60,
        max in 1_usize..60,
        random in 0.0..1.0_f64,
    ) {
        let mut limiter = limiter(initial, max);
        let mut calls = Vec::new();
        let mut now = Duration::ZERO;
        for step in steps {
            let (window, in_flight) = (limiter.window(), limiter.in_flight());
            match step {
                Step::Clock(ms) => now = Duration::from_millis(ms),
                Step::Start => {
                    let saturated = limiter.is_saturated(now);
                    match limiter.start(now) {
                        Decision::Start(call) => {
                            prop_assert!(!saturated);
                            calls.push(call);
                        }
                        Decision::Wait(until) => {
                            prop_assert!(saturated);
                            prop_assert!(until.is_none_or(|until| until > now));
                            prop_assert!(until.is_some() || in_flight > 0, "nobody would wake it");
                        }
                    }
                }
                _ if calls.is_empty() => {}
                Step::Answer(index) => {
                    limiter.answered(calls.remove(index.index(calls.len())), now, random);
                    prop_assert!(limiter.window() >= window, "an answer takes nothing");
                }
                Step::Refuse(index) => {
                    limiter.refused(calls.remove(index.index(calls.len())), now, random);
                    prop_assert!(limiter.window() <= window, "a refusal gives nothing");
                    prop_assert!(limiter.limit() >= calls.len(), "what goes on is kept");
                }
                Step::Fail(index) => limiter.failed(calls.remove(index.index(calls.len()))),
            }
            prop_assert_eq!(limiter.in_flight(), calls.len());
            prop_assert!(calls.len() <= limiter.limit());
            prop_assert!(limiter.limit() <= max && limiter.window() <= crate::settings::to_f64(limiter.limit()));
            prop_assert!(limiter.window() >= 1.0 / (4.0 * 130.0) - 1e-9);
        }
    }

    #[test]
    fn below_one_the_window_falls_at_most_once_in_each_wait(
        pauses in prop::collection::vec(0_u64..400_000, 1..200),
        random in 0.0..1.0_f64,
    ) {
        let mut limiter = limiter(1, 50);
        let mut now = Duration::ZERO;
        let mut next = Duration::ZERO;
        for pause in pauses {
            now += Duration::from_millis(pause);
            let asked = started(&mut limiter, now);
            prop_assert_eq!(asked.len(), usize::from(now >= next));
            for call in asked {
                limiter.refused(call, now, random);
                next = next_start(&mut limiter, now).unwrap();
                prop_assert!(next > now);
            }
        }
    }
}
