//! The quota on made-up time.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const HOUR: Duration = Duration::from_hours(1);
const SETTINGS: QuotaSettings = QuotaSettings {
    reserve: 100,
    burst: 2,
};

fn quota(remaining: u32) -> Quota {
    let mut quota = Quota::new(SETTINGS);
    quota.read(
        Reading {
            remaining,
            reset: HOUR,
        },
        Duration::ZERO,
    );
    quota
}

fn take_all_turns(quota: &mut Quota, now: Duration) -> u32 {
    let mut taken = 0;
    while quota.start(Need::Optional, now, 0.5).is_ok() {
        taken += 1;
    }
    taken
}

#[test]
fn nothing_is_held_back_before_the_first_answer() {
    let mut quota = Quota::new(SETTINGS);
    assert_eq!(quota.start(Need::Optional, Duration::ZERO, 0.5), Ok(()));
}

#[test]
fn optional_calls_come_at_the_pace_that_makes_the_quota_last() {
    let mut quota = quota(100 + 3600 * 4);
    assert_eq!(take_all_turns(&mut quota, Duration::ZERO), 2);
    let next = quota.start(Need::Optional, Duration::ZERO, 0.5);
    assert_eq!(
        next,
        Err(Duration::from_secs(1)),
        "a quarter of 4 per second at first"
    );
    assert_eq!(take_all_turns(&mut quota, Duration::from_secs(2)), 2);
}

#[test]
fn the_reserve_is_for_essential_calls() {
    let mut quota = quota(100);
    let back = quota.start(Need::Optional, Duration::ZERO, 0.5);
    assert_eq!(back, Err(HOUR + Duration::from_secs(15)));
    for _ in 0..100 {
        assert_eq!(quota.start(Need::Essential, Duration::ZERO, 0.5), Ok(()));
    }
    assert!(quota.start(Need::Essential, Duration::ZERO, 0.5).is_err());
}

#[test]
fn essential_calls_are_not_paced() {
    let mut quota = quota(2000);
    for _ in 0..500 {
        assert_eq!(quota.start(Need::Essential, Duration::ZERO, 0.5), Ok(()));
    }
}

#[test]
fn after_the_reset_nothing_is_held_against_anybody() {
    let mut quota = quota(0);
    assert!(
        quota
            .start(Need::Essential, Duration::from_secs(3599), 0.0)
            .is_err()
    );
    assert_eq!(quota.start(Need::Essential, HOUR, 0.0), Ok(()));
}

#[test]
fn others_that_use_the_quota_slow_this_worker_down() {
    let (mut alone, mut crowded) = (quota(3700), quota(3700));
    let later = Duration::from_secs(20);
    alone.read(
        Reading {
            remaining: 3695,
            reset: HOUR,
        },
        later,
    );
    crowded.read(
        Reading {
            remaining: 3000,
            reset: HOUR,
        },
        later,
    );
    assert!(alone.pace > 0.25 && alone.pace < 0.35, "{}", alone.pace);
    assert!(
        crowded.pace > 0.12 && crowded.pace < 0.13,
        "{}",
        crowded.pace
    );
}

#[test]
fn an_answer_that_was_overtaken_gives_nothing_back() {
    let mut quota = quota(500);
    quota.read(
        Reading {
            remaining: 499,
            reset: HOUR,
        },
        Duration::ZERO,
    );
    quota.read(
        Reading {
            remaining: 500,
            reset: HOUR,
        },
        Duration::ZERO,
    );
    assert_eq!(quota.remaining(), Some(499));
}

proptest! {
    #[test]
    fn no_reading_leads_to_a_panic_or_a_moment_in_the_past(
        steps in prop::collection::vec((0_u64..100_000, any::<u32>(), 0_u64..10_000_000), 1..100),
    ) {
        let mut quota = Quota::new(SETTINGS);
        for (now_ms, remaining, reset_ms) in steps {
            let now = Duration::from_millis(now_ms);
            quota.read(Reading { remaining, reset: Duration::from_millis(reset_ms) }, now);
            if let Err(moment) = quota.start(Need::Optional, now, 0.5) {
                prop_assert!(moment > quota.now);
            }
        }
    }

    #[test]
    fn optional_calls_never_touch_the_reserve(remaining in 0_u32..400, seconds in 1_u64..3600) {
        let mut quota = quota(remaining);
        let mut taken = 0;
        for second in 0..seconds {
            taken += take_all_turns(&mut quota, Duration::from_secs(second));
        }
        prop_assert!(taken <= remaining.saturating_sub(SETTINGS.reserve));
    }
}
