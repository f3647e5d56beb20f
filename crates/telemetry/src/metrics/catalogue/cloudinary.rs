//! Metrics about requests to Cloudinary, its throttling and its quota.

use super::super::spec::{Label, MetricSpec, Values};
use super::work::RECONCILE;

/// One exchange: a HEAD takes milliseconds, a pull of a large video minutes.
pub(super) const EXCHANGE: &[f64] = &[
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// Requests to Cloudinary.
pub static CLOUDINARY_REQUESTS: MetricSpec = MetricSpec::counter(
    "cldsync_cloudinary_requests_total",
    "requests",
    "Requests to Cloudinary, by operation and how they ended.",
    &[
        Label::new("operation", OPERATIONS),
        Label::described(
            "code",
            "`ok`, else the HTTP status, else what went wrong before there was one, for \
                 example `connect`, `timeout_after_send`",
        ),
    ],
);

/// Time of one request to Cloudinary.
pub static CLOUDINARY_REQUEST_SECONDS: MetricSpec = MetricSpec::histogram(
    EXCHANGE,
    "cldsync_cloudinary_request_duration_seconds",
    "From the start of a request to Cloudinary to the end of its answer.",
    &[Label::new("operation", OPERATIONS)],
);

/// Requests that Cloudinary throttled.
pub static CLOUDINARY_THROTTLED: MetricSpec = MetricSpec::counter(
    "cldsync_cloudinary_throttled_total",
    "requests",
    "Requests that Cloudinary refused because there were too many. The message stays with \
           the worker and is tried again.",
    &[Label::listed(
        "kind",
        &["concurrency_420", "rate_429", "quota"],
    )],
);

/// Waits after throttling.
pub static CLOUDINARY_THROTTLE_WAIT_SECONDS: MetricSpec = MetricSpec::histogram(
    RECONCILE,
    "cldsync_cloudinary_throttle_wait_seconds",
    "How long throttled calls wait before they are tried again.",
    &[],
);

/// Calls to Cloudinary in flight now.
pub static CLOUDINARY_IN_FLIGHT: MetricSpec = MetricSpec::gauge(
    "cldsync_cloudinary_in_flight",
    "requests",
    "Calls to Cloudinary in flight now.",
    &[],
);

/// Calls to Cloudinary in flight at most.
pub static CLOUDINARY_LIMIT: MetricSpec = MetricSpec::gauge(
    "cldsync_cloudinary_limit",
    "requests",
    "Calls to Cloudinary that may be in flight now.",
    &[],
);

/// Calls to Cloudinary that may start per second.
pub static CLOUDINARY_PACE: MetricSpec = MetricSpec::gauge(
    "cldsync_cloudinary_pace",
    "requests per second",
    "Calls to Cloudinary that may start per second (CLDSYNC_OPERATIONS_PER_SECOND). Absent without \
           that cap; then only the calls in flight are limited.",
    &[],
);

/// What the quota is.
pub static QUOTA_LIMIT: MetricSpec = MetricSpec::gauge(
    "cldsync_quota_limit",
    "requests",
    "The hourly quota, as Cloudinary last told it.",
    &[API],
);

/// What is left of the quota.
pub static QUOTA_REMAINING: MetricSpec = MetricSpec::gauge(
    "cldsync_quota_remaining",
    "requests",
    "What is left of the hourly quota, as Cloudinary last told it. Shared with everybody \
           who uses the account.",
    &[API],
);

/// When the quota is full again.
pub static QUOTA_RESET: MetricSpec = MetricSpec::gauge(
    "cldsync_quota_reset_timestamp_seconds",
    "seconds since 1970",
    "When the hourly quota is full again.",
    &[API],
);

const API: Label = Label::described("api", "`admin`, the API with a quota");

const OPERATIONS: Values = Values::Listed(&["upload", "destroy", "etag", "ping", "config"]);
