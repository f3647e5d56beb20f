//! Metrics about the worker itself and its process.

use super::super::spec::{Label, MetricSpec};

/// Whether polling has stopped, and why.
pub static PAUSED: MetricSpec = MetricSpec::gauge(
    "cldsync_paused",
    "0 or 1",
    "1 while polling has stopped because of a mistake that a person must put right: Cloudinary, \
           the queue or S3 refuses us, or (`source`) S3 refuses Cloudinary.",
    &[Label::listed(
        "reason",
        &["cloudinary", "queue", "s3", "source"],
    )],
);

/// Messages that the brake on mass deletes holds back.
pub static MASS_DELETE_HELD: MetricSpec = MetricSpec::gauge(
    "cldsync_mass_delete_held",
    "messages",
    "Messages that this worker gave back to the queue because more destroys were due than \
           CLDSYNC_MAX_DESTROYS_PER_MINUTE allows, and whose time has not come again. Above 0 \
           somebody should look whether the deletes are wanted.",
    &[],
);

/// Whether the worker is stopping.
pub static DRAINING: MetricSpec = MetricSpec::gauge(
    "cldsync_draining",
    "0 or 1",
    "1 from the stop signal on.",
    &[],
);

/// What is running.
pub static BUILD_INFO: MetricSpec = MetricSpec::gauge(
    "cldsync_build_info",
    "always 1",
    "What is running, in its labels.",
    &[
        Label::described("version", "the version"),
        Label::described("commit", "the commit, or `unknown`"),
    ],
);

/// When the process started.
pub static PROCESS_START_TIME: MetricSpec = MetricSpec::gauge(
    "process_start_time_seconds",
    "seconds since 1970",
    "When the process started.",
    &[],
);

/// Memory of the process.
pub static PROCESS_RESIDENT_MEMORY: MetricSpec = MetricSpec::gauge(
    "process_resident_memory_bytes",
    "bytes",
    "Memory of the process that is not swapped out.",
    &[],
);

/// Files and sockets of the process.
pub static PROCESS_OPEN_FDS: MetricSpec = MetricSpec::gauge(
    "process_open_fds",
    "files",
    "Open files and sockets of the process.",
    &[],
);
