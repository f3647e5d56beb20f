//! Metrics about the queue and the leases on its messages.

use super::super::spec::{Label, MetricSpec};

/// Receives, by how they ended.
pub static RECEIVES: MetricSpec = MetricSpec::counter(
    "cldsync_receives_total",
    "requests",
    "ReceiveMessage calls that ended, by how.",
    &[Label::listed("outcome", &["messages", "empty", "error"])],
);

/// Messages received.
pub static MESSAGES_RECEIVED: MetricSpec = MetricSpec::counter(
    "cldsync_messages_received_total",
    "messages",
    "Messages received, each time a message comes.",
    &[],
);

/// Messages deleted.
pub static MESSAGES_DELETED: MetricSpec = MetricSpec::counter(
    "cldsync_messages_deleted_total",
    "messages",
    "Messages deleted from the queue: done and proven, or stored in the dead-letter queue.",
    &[],
);

/// Deletes that the queue refused.
pub static MESSAGE_DELETE_FAILURES: MetricSpec = MetricSpec::counter(
    "cldsync_message_delete_failures_total",
    "messages",
    "Deletes that the queue refused. They are tried again while the lease lasts; after that \
           the message comes again and is found done.",
    &[],
);

/// Messages given back.
pub static MESSAGES_RELEASED: MetricSpec = MetricSpec::counter(
    "cldsync_messages_released_total",
    "messages",
    "Messages given back to the queue, to be received again.",
    &[Label::described(
        "reason",
        "why it could not be finished now, for example `transient`, `unclear`, `throttled`, \
             `denied`, `mass_delete`, `stopping`",
    )],
);

/// Messages put into the dead-letter queue.
pub static MESSAGES_DEAD_LETTERED: MetricSpec = MetricSpec::counter(
    "cldsync_messages_dead_lettered_total",
    "messages",
    "Messages that can never succeed, stored in the dead-letter queue and then deleted. \
           Each needs a person.",
    &[Label::described(
        "reason",
        "the same word as the message attribute `reason`",
    )],
);

/// Messages held now.
pub static MESSAGES_IN_FLIGHT: MetricSpec = MetricSpec::gauge(
    "cldsync_messages_in_flight",
    "messages",
    "Messages held now, those that wait to be deleted included.",
    &[],
);

/// Messages held at most.
pub static MESSAGES_IN_FLIGHT_LIMIT: MetricSpec = MetricSpec::gauge(
    "cldsync_messages_in_flight_limit",
    "messages",
    "Messages held at most (CLDSYNC_MESSAGES_IN_FLIGHT). At this limit nothing is received.",
    &[],
);

/// Age of the oldest message held.
pub static OLDEST_MESSAGE_AGE_SECONDS: MetricSpec = MetricSpec::gauge(
    "cldsync_oldest_message_age_seconds",
    "seconds",
    "How long ago the oldest of the messages held now was put into the queue, by SQS's own time \
           of that; 0 when none is held. Messages that wait in the queue are not in it.",
    &[],
);

/// What is in the queue.
pub static QUEUE_MESSAGES: MetricSpec = MetricSpec::gauge(
    "cldsync_queue_messages",
    "messages",
    "Messages in the queue, about, as SQS counts them: waiting, held by some worker, or sent \
           with a delay. Every worker asks once per CLDSYNC_QUEUE_DEPTH_INTERVAL and all get the \
           same answer, so take the maximum over workers, not the sum. Absent while SQS does not \
           say.",
    &[Label::described(
        "state",
        "`visible`, `in_flight`, `delayed`",
    )],
);

/// What is in the dead-letter queue.
pub static DEAD_LETTER_QUEUE_MESSAGES: MetricSpec = MetricSpec::gauge(
    "cldsync_dead_letter_queue_messages",
    "messages",
    "Messages in the dead-letter queue, about, whoever put them there and in whatever state. \
           Each needs a person. The maximum over workers counts, not the sum. Absent without \
           CLDSYNC_DEAD_LETTER_QUEUE_URL, and while the worker may not ask (it needs \
           `sqs:GetQueueAttributes` on that queue).",
    &[],
);

/// Lease extensions.
pub static LEASE_EXTENSIONS: MetricSpec = MetricSpec::counter(
    "cldsync_lease_extensions_total",
    "messages",
    "Extensions of visibility timeouts of messages that are held.",
    &[Label::listed("outcome", &["ok", "error"])],
);

/// Leases that ended too early.
pub static LEASES_LOST: MetricSpec = MetricSpec::counter(
    "cldsync_leases_lost_total",
    "messages",
    "Leases that ended while the message was held; another worker may hold it now. \
           Harmless for the result, but work is done twice.",
    &[],
);
