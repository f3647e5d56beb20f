//! The rows of the table, by section of the page. The rows themselves are in one file a section.

mod accounts;
mod load;
mod names;
mod process;
mod scope;
mod timing;
mod uploads;

pub(crate) use accounts::*;
pub(crate) use load::*;
pub(crate) use names::*;
pub(crate) use process::*;
pub(crate) use scope::*;
pub(crate) use timing::*;
pub(crate) use uploads::*;

use super::Setting;

/// Every setting, by section of the page.
pub(crate) static SECTIONS: &[(&str, &[&Setting])] = &[
    (
        "Accounts and queues",
        &[
            &CLOUDINARY_URL,
            &CLOUDINARY_URL_FILE,
            &QUEUE_URL,
            &DEAD_LETTER_QUEUE_URL,
        ],
    ),
    (
        "What is synced, and to where",
        &[
            &BUCKET,
            &S3_SYNC_ROOT,
            &CLD_SYNC_ROOT,
            &INCLUDE,
            &EXCLUDE,
            &UPLOAD_ONLY_MODE,
            &SKIP_RELOAD_SAME_ETAG,
        ],
    ),
    (
        "Names of assets",
        &[
            &DELIVERY_TYPE,
            &FOLDER_MODE,
            &EXTENSION_TABLE,
            &CHARACTERS,
            &COLLISIONS,
        ],
    ),
    (
        "Uploads",
        &[
            &TRANSFER,
            &NOTIFICATION_URL,
            &UPLOAD_PRESET,
            &TAGS,
            &EAGER,
            &CONTEXT_METADATA,
            &INVALIDATE,
        ],
    ),
    (
        "Load",
        &[
            &MESSAGES_IN_FLIGHT,
            &CONCURRENCY_INITIAL,
            &CONCURRENCY_MAX,
            &FLEET_SIZE,
            &ACCOUNT_SLOTS,
            &OPERATIONS_PER_SECOND,
            &MAX_DESTROYS_PER_MINUTE,
        ],
    ),
    (
        "Time",
        &[
            &VISIBILITY_TIMEOUT,
            &WAIT_TIME,
            &DRAIN_TIMEOUT,
            &QUEUE_DEPTH_INTERVAL,
        ],
    ),
    (
        "The worker",
        &[
            &ADMIN_ADDR,
            &LOG_FORMAT,
            &LOG_FILTER,
            &OTLP_ENDPOINT,
            &OTLP_TRACES_ENDPOINT,
            &CONFIG,
        ],
    ),
];
