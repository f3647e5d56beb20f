//! Every limit and choice of the engine, with a name. Nothing here reads an environment: the
//! worker validates and passes it in.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use adaptive_limit::Start;
use event_mapper::Rules;

const MESSAGES_IN_FLIGHT: NonZeroUsize = NonZeroUsize::new(100).expect("not zero");
const CALLS_IN_FLIGHT: NonZeroUsize = NonZeroUsize::new(50).expect("not zero");
const CALLS_AT_START: NonZeroUsize = NonZeroUsize::new(10).expect("not zero");

/// How one fleet member behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// From key to asset.
    pub rules: Rules,
    /// Messages held at once, those that wait to be deleted included.
    pub messages_in_flight: NonZeroUsize,
    /// The lease asked for at receive and at each extension.
    pub visibility_timeout: Duration,
    /// The long poll.
    pub wait_time: Duration,
    /// From the stop signal to the return of [`crate::Engine::run`].
    pub drain_timeout: Duration,
    /// Library calls in flight at most, whatever the library allows.
    pub calls_in_flight: NonZeroUsize,
    /// Library calls in flight at first. From there on the limit follows what the library refuses.
    pub calls_at_start: Start,
    /// Library calls started per second, if capped.
    pub operations_per_second: Option<NonZeroU32>,
    /// How the bytes reach the library.
    pub transfer: Transfer,
    /// What is sent along with every upload.
    pub upload: UploadOptions,
    /// Objects that disappear keep their assets.
    pub upload_only: bool,
    /// Ask what is delivered before an upload, and skip it when it is the same bytes.
    pub skip_same_etag: bool,
    /// Destroys that may begin within a minute, if capped.
    pub destroys_per_minute: Option<NonZeroU32>,
    /// Seeds all jitter, so that a run can be repeated.
    pub seed: u64,
}

impl Settings {
    /// The documented defaults.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            messages_in_flight: MESSAGES_IN_FLIGHT,
            visibility_timeout: Duration::from_mins(2),
            wait_time: Duration::from_secs(20),
            drain_timeout: Duration::from_secs(25),
            calls_in_flight: CALLS_IN_FLIGHT,
            calls_at_start: Start::Slots(CALLS_AT_START),
            operations_per_second: None,
            transfer: Transfer::S3,
            upload: UploadOptions::default(),
            upload_only: false,
            skip_same_etag: false,
            destroys_per_minute: None,
            seed: 0,
        }
    }
}

/// How the bytes reach the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// Cloudinary pulls `s3://bucket/key` by its grant on the bucket.
    S3,
    /// Cloudinary pulls a short-lived HTTPS URL.
    Presigned,
    /// The worker streams the bytes.
    Stream,
}

/// What is sent along with every upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadOptions {
    /// Remove cached copies of the asset that is replaced.
    pub invalidate: bool,
    /// Where Cloudinary reports the upload to.
    pub notification_url: Option<String>,
    /// The upload preset to apply.
    pub upload_preset: Option<String>,
    /// Tags for every asset.
    pub tags: Vec<String>,
    /// Eager transformations, as Cloudinary writes them.
    pub eager: Option<String>,
    /// Names of S3 user metadata that become context of the asset.
    pub context_metadata: Vec<String>,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            invalidate: true,
            notification_url: None,
            upload_preset: None,
            tags: Vec::new(),
            eager: None,
            context_metadata: Vec::new(),
        }
    }
}
