//! What the engine tells the outside while it works: facts, one at a time, without knowing who
//! listens. The worker turns them into metrics and readiness; tests turn them into assertions.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tracing::Span;

/// A listener for facts. Called on the engine's own tasks, so it must be quick and never block.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&Observation) + Send + Sync>);

impl Observer {
    /// Calls `listen` with every fact.
    pub fn new(listen: impl Fn(&Observation) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listen))
    }

    /// Nobody listens.
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    pub(crate) fn tell(&self, observation: &Observation) {
        (self.0)(observation);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// One fact. Every `&'static str` in here comes from a bounded list, fit for a metric label.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// A receive was answered.
    Polled(Poll),
    /// The number of messages held changed.
    MessagesInFlight(usize),
    /// A message is held from now on.
    Held {
        /// When it was put into the queue, where the queue says so.
        sent_at: Option<OffsetDateTime>,
    },
    /// A message is held no longer.
    LetGo {
        /// What was told when it was taken.
        sent_at: Option<OffsetDateTime>,
    },
    /// The number of library calls in flight changed, and their limit.
    CallsInFlight {
        /// Calls now.
        now: usize,
        /// The most there may be.
        limit: usize,
    },
    /// A message has come with the trace that its sender was in, and its span is about to begin.
    /// Who exports traces makes the span a part of that one.
    Traced {
        /// Not entered yet.
        span: Span,
        /// As the queue passes it on.
        trace_header: String,
    },
    /// A record of a message was read and dealt with.
    Record {
        /// `s3`, `sns`, `eventbridge`, `lambda`, or `none` for a body without one.
        envelope: &'static str,
        /// The event, without the `s3:` prefix.
        event: &'static str,
        /// The label of its [`crate::Outcome`].
        outcome: &'static str,
    },
    /// A lane finished a reconcile.
    Reconciled {
        /// `upload`, `destroy` or `none`.
        action: &'static str,
        /// The label of its [`crate::Outcome`].
        outcome: &'static str,
        /// From the first look to the last.
        took: Duration,
    },
    /// A reconcile had to look or write again.
    Rerun {
        /// Why.
        cause: RerunCause,
    },
    /// The library stored another number of bytes than the bucket holds.
    SizeMismatch,
    /// A record is proven done; the event happened at this time.
    Converged {
        /// S3's own time of the event.
        event_time: OffsetDateTime,
    },
    /// The library refused a call because there are too many.
    Throttled {
        /// How long this call waits before it tries again.
        wait: Duration,
    },
    /// Messages were deleted from the queue after proof.
    Deleted(usize),
    /// A delete was refused by the queue.
    DeleteFailed,
    /// A message was given back to the queue.
    Released {
        /// Why.
        reason: &'static str,
    },
    /// A message was put into the dead-letter queue and then deleted.
    DeadLettered {
        /// Why.
        reason: &'static str,
    },
    /// Leases were extended.
    LeasesExtended(usize),
    /// Lease extensions failed and will be tried again.
    LeaseExtensionFailed(usize),
    /// A lease ended while its message was held.
    LeaseLost,
    /// The worker stopped polling until a mistake of ours is put right.
    Paused {
        /// What is wrong.
        reason: PauseReason,
        /// What the refusal said; for people, not for labels.
        why: String,
    },
    /// It goes on.
    Resumed,
    /// So many messages are held back by the brake on mass deletes.
    DestroysHeld(usize),
    /// The stop signal arrived.
    Draining,
}

/// How a receive ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poll {
    /// With this many messages.
    Messages(usize),
    /// With none.
    Empty,
    /// With an error.
    Failed,
}

/// Why a reconcile looked or wrote again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RerunCause {
    /// The bucket changed while we wrote.
    Changed,
    /// The library stored other bytes than the bucket holds.
    Mismatch,
    /// The source disappeared under the library's hands.
    SourceGone,
}

impl RerunCause {
    /// The metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Mismatch => "mismatch",
            Self::SourceGone => "source_gone",
        }
    }
}

/// Which mistake of ours stopped the polling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PauseReason {
    /// Cloudinary refuses our credentials or our rights.
    Library,
    /// The queue does not exist or refuses us.
    Queue,
    /// S3 refuses our credentials or our rights.
    Store,
    /// S3 refuses Cloudinary, one object after the other.
    Source,
}

impl PauseReason {
    /// Every reason, for metrics that list them all.
    pub const ALL: [Self; 4] = [Self::Library, Self::Queue, Self::Store, Self::Source];

    /// The metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Library => "cloudinary",
            Self::Queue => "queue",
            Self::Store => "s3",
            Self::Source => "source",
        }
    }
}
