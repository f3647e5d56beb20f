//! Metrics about requests to S3.

use super::super::spec::{Label, MetricSpec, Values};
use super::cloudinary::EXCHANGE;

/// Requests to S3.
pub static S3_REQUESTS: MetricSpec = MetricSpec::counter(
    "cldsync_s3_requests_total",
    "requests",
    "Requests to S3, by operation and how they ended. The AWS SDK's own retries are in one \
           request.",
    &[
        Label::new("operation", S3_OPERATIONS),
        Label::listed(
            "outcome",
            &[
                "ok",
                "absent",
                "transient",
                "denied",
                "credentials",
                "no_bucket",
                "changed",
            ],
        ),
    ],
);

/// Time of one request to S3.
pub static S3_REQUEST_SECONDS: MetricSpec = MetricSpec::histogram(
    EXCHANGE,
    "cldsync_s3_request_duration_seconds",
    "From the start of a request to S3 to its answer; of a read, to the first byte.",
    &[Label::new("operation", S3_OPERATIONS)],
);

const S3_OPERATIONS: Values = Values::Listed(&["head", "list", "presign", "read"]);
