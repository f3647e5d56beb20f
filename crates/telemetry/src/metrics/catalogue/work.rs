//! Metrics about what was done, and how soon after the event it was proven.

use super::super::spec::{Label, MetricSpec, Values};

/// From milliseconds to a working day: an idle fleet converges in under a second, a backlog
/// after an outage in hours, and both must be visible on one graph.
const CONVERGENCE: &[f64] = &[
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
    7200.0, 21_600.0, 43_200.0,
];

/// Several exchanges with waits between them.
pub(super) const RECONCILE: &[f64] = &[
    0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0,
];

const OUTCOMES: Values = Values::Listed(&[
    "already_true",
    "destroyed",
    "held",
    "rejected",
    "skipped",
    "unclear",
    "uploaded",
]);

/// From S3's time of an event to the proof that Cloudinary agrees with the bucket.
pub static CONVERGENCE_SECONDS: MetricSpec = MetricSpec::histogram(
    CONVERGENCE,
    "cldsync_event_convergence_seconds",
    "From the time S3 gives an event to the proof that Cloudinary agrees with the bucket. \
           S3's clock against ours, so differences between the clocks are in it.",
    &[],
);

/// Records, by what became of them.
pub static RECORDS: MetricSpec = MetricSpec::counter(
    "cldsync_records_total",
    "records",
    "Records of messages, by what became of them.",
    &[
        Label::listed("envelope", &["s3", "sns", "eventbridge", "lambda", "none"]),
        Label::described(
            "event",
            "the event's name without `s3:`, EventBridge's detail type, `other` for a name \
             that is not documented, or what a message without records is: `test_event`, \
             `empty`, `foreign`, `malformed`, `unsupported_major`",
        ),
        Label::new("outcome", OUTCOMES),
    ],
);

/// Reconciles, by what they did.
pub static RECONCILES: MetricSpec = MetricSpec::counter(
    "cldsync_reconciles_total",
    "reconciles",
    "Reconciles of one asset, by what was done and how it ended. One reconcile answers \
           every record that waits for the asset.",
    &[
        Label::listed("action", &["upload", "destroy", "none"]),
        Label::new("outcome", OUTCOMES),
    ],
);

/// Time of a reconcile.
pub static RECONCILE_SECONDS: MetricSpec = MetricSpec::histogram(
    RECONCILE,
    "cldsync_reconcile_duration_seconds",
    "From the first look at the bucket to the last, waits for throttling included.",
    &[Label::listed("action", &["upload", "destroy", "none"])],
);

/// Reconciles that had to look or write again.
pub static RECONCILE_RERUNS: MetricSpec = MetricSpec::counter(
    "cldsync_reconcile_reruns_total",
    "reruns",
    "Times a reconcile had to look or write again.",
    &[Label::listed(
        "cause",
        &["changed", "mismatch", "source_gone"],
    )],
);

/// Stored sizes that differ.
pub static SIZE_MISMATCHES: MetricSpec = MetricSpec::counter(
    "cldsync_size_mismatches_total",
    "uploads",
    "Uploads after which Cloudinary holds another number of bytes than the bucket. A \
           warning: incoming transformations do this on purpose.",
    &[],
);
