//! The catalogue: the one place where a metric's name, help, unit and labels stand.
//!
//! `docs/metrics.md` is rendered from it and the registry is built from it. Durations are in
//! seconds, sizes in bytes. Labels are bounded; see [`Values`](super::Values).

mod cloudinary;
mod queue;
mod store;
mod work;
mod worker;

pub use cloudinary::*;
pub use queue::*;
pub use store::*;
pub use work::*;
pub use worker::*;

use super::spec::MetricSpec;

/// Every metric, by section of the page.
pub static SECTIONS: &[(&str, &[&MetricSpec])] = &[
    ("The number that matters", &[&CONVERGENCE_SECONDS]),
    (
        "Queue",
        &[
            &RECEIVES,
            &MESSAGES_RECEIVED,
            &MESSAGES_DELETED,
            &MESSAGE_DELETE_FAILURES,
            &MESSAGES_RELEASED,
            &MESSAGES_DEAD_LETTERED,
            &MESSAGES_IN_FLIGHT,
            &MESSAGES_IN_FLIGHT_LIMIT,
            &OLDEST_MESSAGE_AGE_SECONDS,
            &QUEUE_MESSAGES,
            &DEAD_LETTER_QUEUE_MESSAGES,
            &LEASE_EXTENSIONS,
            &LEASES_LOST,
        ],
    ),
    (
        "Work",
        &[
            &RECORDS,
            &RECONCILES,
            &RECONCILE_SECONDS,
            &RECONCILE_RERUNS,
            &SIZE_MISMATCHES,
        ],
    ),
    (
        "Cloudinary",
        &[
            &CLOUDINARY_REQUESTS,
            &CLOUDINARY_REQUEST_SECONDS,
            &CLOUDINARY_THROTTLED,
            &CLOUDINARY_THROTTLE_WAIT_SECONDS,
            &CLOUDINARY_IN_FLIGHT,
            &CLOUDINARY_LIMIT,
            &CLOUDINARY_PACE,
            &QUOTA_LIMIT,
            &QUOTA_REMAINING,
            &QUOTA_RESET,
        ],
    ),
    ("S3", &[&S3_REQUESTS, &S3_REQUEST_SECONDS]),
    (
        "Worker",
        &[
            &PAUSED,
            &MASS_DELETE_HELD,
            &DRAINING,
            &BUILD_INFO,
            &PROCESS_START_TIME,
            &PROCESS_RESIDENT_MEMORY,
            &PROCESS_OPEN_FDS,
        ],
    ),
];

/// Every metric.
pub fn catalogue() -> impl Iterator<Item = &'static MetricSpec> {
    SECTIONS.iter().flat_map(|(_, specs)| specs.iter().copied())
}
