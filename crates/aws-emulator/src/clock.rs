//! Wall-clock time, read at the edge and passed inwards.
//!
//! Sits between the services (which ask for `now`) and the pure state machines (which are told).
//! Promises time that never runs backwards: the wall clock is read once, the rest is elapsed time.

use time::OffsetDateTime;
use tokio::time::Instant;

/// Milliseconds since the Unix epoch, the unit of every SQS timestamp.
pub(crate) type Millis = u64;

/// A monotonic clock that shows wall time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    wall: OffsetDateTime,
    anchor: Instant,
}

impl Clock {
    /// Starts at the present wall time.
    pub(crate) fn start() -> Self {
        Self {
            wall: OffsetDateTime::now_utc(),
            anchor: Instant::now(),
        }
    }

    /// The present moment.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.wall + self.anchor.elapsed()
    }

    /// The present moment as SQS counts it.
    pub(crate) fn millis(&self) -> Millis {
        millis_of(self.now())
    }
}

/// A moment as SQS counts it; times before 1970 count as 1970.
pub(crate) fn millis_of(moment: OffsetDateTime) -> Millis {
    u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)
}
