//! Settings of the Cloudinary account and of the queues.

use crate::config::kind::Kind;
use crate::config::settings::Setting;

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
