//! How old the oldest of the held messages is, worked out at each scrape.
//!
//! Knows when each held message was sent, not which message it is. A gauge that is only set when
//! something changes would stand still while a stuck message grows old.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use prometheus::Gauge;

/// The times at which the held messages were sent.
#[derive(Debug)]
pub struct OldestMessage {
    /// How many were sent at the same time.
    sent: Mutex<BTreeMap<SystemTime, usize>>,
    age: Gauge,
}

impl OldestMessage {
    pub(super) fn new(age: Gauge) -> Self {
        Self {
            sent: Mutex::default(),
            age,
        }
    }

    /// A message that was sent then is held from now on.
    pub fn held(&self, sent_at: SystemTime) {
        *self.sent().entry(sent_at).or_default() += 1;
    }

    /// A message that was sent then is held no longer.
    pub fn let_go(&self, sent_at: SystemTime) {
        let mut sent = self.sent();
        if let Some(count) = sent.get_mut(&sent_at) {
            *count -= 1;
            if *count == 0 {
                sent.remove(&sent_at);
            }
        }
    }

    pub(super) fn refresh(&self, now: SystemTime) {
        let oldest = self.sent().keys().next().copied();
        // A sender whose clock is ahead of ours makes no message younger than new.
        let age = oldest.and_then(|oldest| now.duration_since(oldest).ok());
        self.age.set(age.map_or(0.0, |age| age.as_secs_f64()));
    }

    fn sent(&self) -> MutexGuard<'_, BTreeMap<SystemTime, usize>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_age_is_that_of_the_oldest_message_that_is_still_held() {
        let gauge = Gauge::new("age", "age").expect("a legal name");
        let oldest = OldestMessage::new(gauge.clone());
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let age = |now| {
            oldest.refresh(at(now));
            gauge.get().to_string()
        };
        assert_eq!(age(100), "0", "none is held");
        for sent_at in [40, 10, 10] {
            oldest.held(at(sent_at));
        }
        assert_eq!(age(100), "90");
        oldest.let_go(at(10));
        assert_eq!(age(101), "91", "another one of the same age is held");
        oldest.let_go(at(10));
        assert_eq!(age(101), "61");
        assert_eq!(age(39), "0", "sent in the future, by our clock");
        oldest.let_go(at(40));
        oldest.let_go(at(40));
        assert_eq!(age(1000), "0");
    }
}
