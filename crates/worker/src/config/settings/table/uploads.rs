//! Settings of what an upload asks for.

use crate::config::kind::Kind;
use crate::config::settings::Setting;

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
