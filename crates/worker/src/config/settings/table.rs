//! The rows of the table.

use std::time::Duration;

use super::Setting;
use crate::config::kind::Kind;

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
            &OPERATIONS_PER_SECOND,
            &MAX_DESTROYS_PER_MINUTE,
        ],
    ),
    ("Time", &[&VISIBILITY_TIMEOUT, &WAIT_TIME, &DRAIN_TIMEOUT]),
    (
        "The worker",
        &[&ADMIN_ADDR, &LOG_FORMAT, &LOG_FILTER, &CONFIG],
    ),
];

pub(crate) static CLOUDINARY_URL: Setting = Setting::new(
    "CLDSYNC_CLOUDINARY_URL",
    Kind::Text("cloudinary://<api key>:<api secret>@<cloud name>"),
    "The Cloudinary account: `cloudinary://key:secret@cloud[/host][?upload_prefix=…]`.",
)
.also("CLOUDINARY_URL")
.required()
.secret()
.advice(
    "Holds a secret, so there is no flag for it (the arguments of a process are visible) and it \
     may not stand in the configuration file. This, or `CLDSYNC_CLOUDINARY_URL_FILE`. \
     `timeout` and `upload_timeout` in its query are seconds: 30 for calls without a file, 1800 \
     for an upload with the time Cloudinary needs to fetch it.",
);

pub(crate) static CLOUDINARY_URL_FILE: Setting = Setting::new(
    "CLDSYNC_CLOUDINARY_URL_FILE",
    Kind::Path,
    "A file that holds the `CLOUDINARY_URL`, such as a mounted secret. Read once at the start.",
);

pub(crate) static QUEUE_URL: Setting = Setting::new(
    "CLDSYNC_QUEUE_URL",
    Kind::HttpUrl,
    "The SQS queue that S3 notifies.",
)
.required();

pub(crate) static DEAD_LETTER_QUEUE_URL: Setting = Setting::new(
    "CLDSYNC_DEAD_LETTER_QUEUE_URL",
    Kind::HttpUrl,
    "The SQS queue for messages that can never succeed, with their reason.",
)
.advice(
    "Without it such a message is given back until the queue's own redrive policy takes it, \
     without a reason.",
);

pub(crate) static BUCKET: Setting = Setting::new(
    "CLDSYNC_BUCKET",
    Kind::Text("the name of a bucket"),
    "Only events of this bucket are synced.",
)
.advice(
    "Without it whichever bucket an event names is synced. Set it to have mistakes found at the \
     start. Several buckets are several routes in the configuration file.",
);

pub(crate) static S3_SYNC_ROOT: Setting = Setting::new(
    "CLDSYNC_S3_SYNC_ROOT",
    Kind::Text("the beginning of keys, up to a slash"),
    "Only keys below this folder are synced. Empty is the whole bucket.",
)
.also("s3_sync_root")
.advice("Ends at a folder boundary: `sync` does not match `syncother/x`.");

pub(crate) static CLD_SYNC_ROOT: Setting = Setting::new(
    "CLDSYNC_CLD_SYNC_ROOT",
    Kind::Text("the beginning of public IDs, up to a slash"),
    "What the folder in S3 becomes in public IDs. Empty is the root.",
)
.also("cld_sync_root")
.advice("A change moves nothing: assets that exist keep their public IDs.");

pub(crate) static INCLUDE: Setting = Setting::new(
    "CLDSYNC_INCLUDE",
    Kind::List("glob patterns"),
    "If given, only keys below the root that match one of these are synced.",
)
.advice(
    "`*` stops at a slash, `**` does not; a pattern without a slash matches at any depth. A \
     comma inside `{a,b}` does not separate.",
);

pub(crate) static EXCLUDE: Setting = Setting::new(
    "CLDSYNC_EXCLUDE",
    Kind::List("glob patterns"),
    "Keys below the root that match one of these are left alone. Beats the include patterns.",
);

pub(crate) static UPLOAD_ONLY_MODE: Setting = Setting::new(
    "CLDSYNC_UPLOAD_ONLY_MODE",
    Kind::Bool,
    "`true`: deletes in S3 do not reach Cloudinary.",
)
.also("upload_only_mode")
.default("false");

pub(crate) static SKIP_RELOAD_SAME_ETAG: Setting = Setting::new(
    "CLDSYNC_SKIP_RELOAD_SAME_ETAG",
    Kind::Bool,
    "`true`: what Cloudinary already holds byte for byte is not uploaded again.",
)
.also("skip_reload_same_etag")
.default("false")
.advice(
    "Costs one HEAD of the delivered original per upload, and helps only where S3's ETag is an \
     MD5: objects written in one part and not encrypted with KMS or SSE-C.",
);

pub(crate) static DELIVERY_TYPE: Setting = Setting::new(
    "CLDSYNC_DELIVERY_TYPE",
    Kind::Word(&["upload", "private", "authenticated"]),
    "The delivery type of every asset.",
)
.default("upload")
.advice("A change moves nothing: assets of the former type stay, and are no longer destroyed.");

pub(crate) static FOLDER_MODE: Setting = Setting::new(
    "CLDSYNC_FOLDER_MODE",
    Kind::Word(&["auto", "fixed", "dynamic"]),
    "`fixed`: the path in the public ID is the folder. `dynamic`: folder and display name are \
     sent too. `auto`: Cloudinary is asked once at the start.",
)
.default("auto")
.advice("`auto` costs one Admin API call per start.");

pub(crate) static EXTENSION_TABLE: Setting = Setting::new(
    "CLDSYNC_EXTENSION_TABLE",
    Kind::Word(&["current", "ftp2cld"]),
    "`current`: the formats that Cloudinary documents today. `ftp2cld`: the list of the FTP-API \
     Lambda, so that its public IDs stay what they are.",
)
.default("current");

pub(crate) static CHARACTERS: Setting = Setting::new(
    "CLDSYNC_CHARACTERS",
    Kind::Word(&["fullwidth", "underscore", "reject"]),
    "What becomes of characters that Cloudinary refuses in a public ID: reversible look-alikes, \
     `_`, or the object is dead-lettered.",
)
.default("fullwidth")
.advice("With `underscore` two keys can become one public ID.");

pub(crate) static COLLISIONS: Setting = Setting::new(
    "CLDSYNC_COLLISIONS",
    Kind::Word(&["newest", "keep-extension"]),
    "What becomes of `a.jpg` beside `a.png`: one asset that follows the newest of them, or one \
     asset each, whose public ID keeps the extension.",
)
.default("newest")
.advice("With `keep-extension` an image is delivered as `a.jpg.jpg`.");

pub(crate) static TRANSFER: Setting = Setting::new(
    "CLDSYNC_TRANSFER",
    Kind::Word(&["s3", "presigned", "stream"]),
    "`s3`: Cloudinary pulls `s3://bucket/key` by its grant on the bucket. `presigned`: it pulls a \
     short-lived HTTPS URL. `stream`: the worker sends the bytes.",
)
.default("s3")
.advice(
    "`s3` needs the grant, and bucket names without a dot. `stream` costs the worker's network; \
     its memory stays bounded.",
);

pub(crate) static NOTIFICATION_URL: Setting = Setting::new(
    "CLDSYNC_NOTIFICATION_URL",
    Kind::HttpUrl,
    "Passed to Cloudinary with uploads, which reports each to it.",
)
.also("notification_url");

pub(crate) static UPLOAD_PRESET: Setting = Setting::new(
    "CLDSYNC_UPLOAD_PRESET",
    Kind::Text("the name of an upload preset"),
    "Sent with uploads.",
);

pub(crate) static TAGS: Setting = Setting::new(
    "CLDSYNC_TAGS",
    Kind::List("tags"),
    "Given to every asset that is uploaded.",
);

pub(crate) static EAGER: Setting = Setting::new(
    "CLDSYNC_EAGER",
    Kind::Text("transformations as Cloudinary writes them, separated by `|`"),
    "Transformations that Cloudinary makes right after the upload.",
);

pub(crate) static CONTEXT_METADATA: Setting = Setting::new(
    "CLDSYNC_CONTEXT_METADATA",
    Kind::List("names of S3 user metadata, without `x-amz-meta-`"),
    "User metadata of the object that becomes context of the asset, beside `s3_key`, `s3_etag` \
     and `s3_version_id`.",
);

pub(crate) static INVALIDATE: Setting = Setting::new(
    "CLDSYNC_INVALIDATE",
    Kind::Bool,
    "Whether an upload removes cached copies of what it replaces from the CDN. A destroy always \
     does.",
)
.default("true");

pub(crate) static MESSAGES_IN_FLIGHT: Setting = Setting::new(
    "CLDSYNC_MESSAGES_IN_FLIGHT",
    Kind::Count {
        min: 1,
        max: 10_000,
    },
    "Messages held at once.",
)
.default("100")
.advice(
    "Smaller: less is done twice after a crash. Larger: more events of one asset are answered by \
     one upload, at some 10 KiB of memory each. Should be well above the calls in flight.",
);

pub(crate) static CONCURRENCY_INITIAL: Setting = Setting::new(
    "CLDSYNC_CONCURRENCY_INITIAL",
    Kind::Count { min: 1, max: 1000 },
    "Calls to Cloudinary that may be in flight when the worker starts.",
)
.default("10")
.advice("Smaller: a slower start. Larger: a storm of refused calls when many workers start.");

pub(crate) static CONCURRENCY_MAX: Setting = Setting::new(
    "CLDSYNC_CONCURRENCY_MAX",
    Kind::Count { min: 1, max: 1000 },
    "Calls to Cloudinary that may ever be in flight, per worker.",
)
.default("50")
.advice("The account's limit is shared by the whole fleet and by everybody else who uses it.");

pub(crate) static OPERATIONS_PER_SECOND: Setting = Setting::new(
    "CLDSYNC_OPERATIONS_PER_SECOND",
    Kind::Count {
        min: 1,
        max: 10_000,
    },
    "Calls to Cloudinary that may start per second, per worker. Without it there is no such cap.",
);

pub(crate) static MAX_DESTROYS_PER_MINUTE: Setting = Setting::new(
    "CLDSYNC_MAX_DESTROYS_PER_MINUTE",
    Kind::Count {
        min: 1,
        max: 100_000,
    },
    "The brake on mass deletes: assets that may be destroyed within a minute, per worker. Without \
     it there is no such brake.",
)
.advice(
    "Above it, deletes wait in the queue while uploads go on: a message comes again after a minute \
     at first and an hour at last, so that 20 receives last about half a day. Meanwhile `/readyz` \
     answers 503 with the check `destroys` failing, and `cldsync_mass_delete_held` is above 0. \
     That stops no work: a worker that is not ready only leaves the load balancer, and no work \
     comes through one. A fleet destroys as many as its workers together. Smaller: a mistake is noticed before much is gone. \
     Larger: wanted deletes are not slowed down.",
);

pub(crate) static VISIBILITY_TIMEOUT: Setting = Setting::new(
    "CLDSYNC_VISIBILITY_TIMEOUT",
    Kind::Seconds {
        min: 10,
        max: 12 * 60 * 60,
    },
    "For how long a message that is held stays invisible to others; asked for at receive, \
     extended at half.",
)
.default("120s")
.advice(
    "Smaller: messages of a worker that died come back sooner, at more extension calls. Larger: \
     fewer calls, later recovery.",
);

pub(crate) static WAIT_TIME: Setting = Setting::new(
    "CLDSYNC_WAIT_TIME",
    Kind::Seconds { min: 1, max: 20 },
    "For how long a receive waits for the first message.",
)
.default("20s")
.advice("Smaller: more calls when idle, which SQS charges for. Never later arrivals.");

pub(crate) static DRAIN_TIMEOUT: Setting = Setting::new(
    "CLDSYNC_DRAIN_TIMEOUT",
    Kind::Duration {
        min: Duration::from_secs(1),
        max: Duration::from_hours(1),
    },
    "From the stop signal to the exit: started work is finished, the rest is given back.",
)
.default("25s")
.advice(
    "Must be below what the platform allows before it kills: 30s is the default of ECS \
     (`stopTimeout`) and Kubernetes (`terminationGracePeriodSeconds`).",
);

pub(crate) static ADMIN_ADDR: Setting = Setting::new(
    "CLDSYNC_ADMIN_ADDR",
    Kind::Address,
    "Where `/metrics`, `/livez` and `/readyz` are served. Port 0 takes any free port and logs it.",
)
.default("0.0.0.0:9090");

pub(crate) static LOG_FORMAT: Setting = Setting::new(
    "CLDSYNC_LOG_FORMAT",
    Kind::Word(&["json", "text"]),
    "How log lines look: one JSON object each, or text for people.",
)
.default("json");

pub(crate) static LOG_FILTER: Setting = Setting::new(
    "CLDSYNC_LOG_FILTER",
    Kind::Text("a filter such as `info` or `warn,sync_engine=debug`"),
    "Which log lines are written.",
)
.also("RUST_LOG")
.default("info")
.advice(
    "Libraries from outside never write below `info`, whatever the filter says, because their \
     debug output holds credentials.",
);

pub(crate) static CONFIG: Setting = Setting::new(
    "CLDSYNC_CONFIG",
    Kind::Path,
    "A configuration file in TOML, for several routes or for settings beside the environment.",
)
.not_in_file();
