//! Settings of what is synced, and to where.

use crate::config::kind::Kind;
use crate::config::settings::Setting;

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
