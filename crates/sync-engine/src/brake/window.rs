//! Counts destroys within the last minute, and messages that are held back. Pure: `now` is the
//! time since a start of the caller's choosing.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

/// The last minute of one member.
#[derive(Debug)]
pub(super) struct Window {
    limit: usize,
    /// When the destroys of the last minute began; no more than the limit.
    begun: VecDeque<Duration>,
    /// Messages held back, by the minute in which they come again. Waits are bounded, so there
    /// are few of these.
    held: BTreeMap<u64, usize>,
}

impl Window {
    pub(super) fn new(limit: NonZeroU32) -> Self {
        Self {
            limit: usize::try_from(limit.get()).unwrap_or(usize::MAX),
            begun: VecDeque::new(),
            held: BTreeMap::new(),
        }
    }

    /// Counts one more destroy, if the last minute has room for it.
    pub(super) fn take(&mut self, now: Duration) -> bool {
        while self
            .begun
            .front()
            .is_some_and(|begun| *begun + MINUTE <= now)
        {
            self.begun.pop_front();
        }
        let has_room = self.begun.len() < self.limit;
        if has_room {
            self.begun.push_back(now);
        }
        has_room
    }

    /// A message is held back until it is `due`.
    pub(super) fn hold(&mut self, due: Duration) {
        *self.held.entry(minute(due)).or_default() += 1;
    }

    /// Messages whose time has not come yet, to the minute.
    pub(super) fn held(&mut self, now: Duration) -> usize {
        self.held = self.held.split_off(&minute(now));
        self.held.values().sum()
    }
}

fn minute(moment: Duration) -> u64 {
    moment.as_secs() / MINUTE.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(limit: u32) -> Window {
        Window::new(NonZeroU32::new(limit).expect("not zero"))
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn no_minute_has_more_destroys_than_the_limit() {
        let mut window = window(3);
        let begun: Vec<u64> = (0..300).filter(|at| window.take(seconds(*at))).collect();
        for start in 0..240 {
            let within = begun.iter().filter(|at| (start..start + 60).contains(*at));
            assert!(within.count() <= 3, "in the minute from {start} s");
        }
        assert_eq!(begun.len(), 15, "and none is refused without need");
    }

    #[test]
    fn what_is_refused_does_not_count() {
        let mut window = window(1);
        assert!(window.take(seconds(0)));
        assert!(!window.take(seconds(59)));
        assert!(window.take(seconds(60)));
    }

    #[test]
    fn held_messages_count_until_they_are_due() {
        let mut window = window(1);
        window.hold(seconds(90));
        window.hold(seconds(200));
        assert_eq!(window.held(seconds(30)), 2);
        assert_eq!(window.held(seconds(119)), 2, "to the minute");
        assert_eq!(window.held(seconds(120)), 1);
        assert_eq!(window.held(seconds(240)), 0);
        assert!(window.held.is_empty(), "nothing piles up");
    }
}
