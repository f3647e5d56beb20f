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
