//! What queues and buckets are set up for, as `cldsync doctor` wants to know it.
//!
//! Each look is one read-only call with an end in time. It gives the facts as they are, or says
//! why they could not be seen; what is good or bad about them is decided by those who ask.

mod bucket;
mod error;
mod notifications;
mod queue;

use std::time::Duration;

pub use self::bucket::{BucketEncryption, Versioning};
pub use self::error::{InspectError, InspectErrorKind};
pub use self::notifications::{NotificationTarget, Notifications, TargetKind};
pub use self::queue::QueueSettings;

use crate::clients;
use crate::s3_store::S3Options;
use crate::sdk_config::Aws;
use crate::sqs_queue::SqsOptions;

/// How long a look may take, all tries together.
const LIMIT: Duration = Duration::from_secs(8);

/// Looks at queues and buckets.
#[derive(Debug, Clone)]
pub struct Inspector {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    region: Option<String>,
}

impl Inspector {
    /// Nothing is sent until it is used.
    pub fn new(aws: &Aws) -> Self {
        let s3 = S3Options {
            look_attempts: 2,
            look_attempt_timeout: LIMIT / 2,
            look_timeout: LIMIT,
            ..S3Options::default()
        };
        let sqs = SqsOptions {
            call_timeout: LIMIT,
            ..SqsOptions::default()
        };
        Self {
            s3: clients::looking(aws, &s3),
            sqs: clients::settling(aws, &sqs),
            region: aws.sdk().region().map(ToString::to_string),
        }
    }

    /// The region that calls are made to.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Everything that a queue is set up for.
    pub async fn queue(&self, url: &str) -> Result<QueueSettings, InspectError> {
        queue::settings(&self.sqs, url).await
    }

    /// The region of a bucket, where S3 tells it; an error where the bucket cannot be used at all.
    pub async fn bucket_region(&self, bucket: &str) -> Result<Option<String>, InspectError> {
        bucket::region(&self.s3, bucket).await
    }

    /// Whether keys under a prefix may be listed.
    pub async fn list(&self, bucket: &str, prefix: &str) -> Result<(), InspectError> {
        bucket::list(&self.s3, bucket, prefix).await
    }

    /// Whether there is an object. `false` is a proven absence; whoever may not list the bucket
    /// gets an error instead.
    pub async fn has_object(&self, bucket: &str, key: &str) -> Result<bool, InspectError> {
        bucket::has_object(&self.s3, bucket, key).await
    }

    /// Whom a bucket tells what changed.
    pub async fn notifications(&self, bucket: &str) -> Result<Notifications, InspectError> {
        notifications::read(&self.s3, bucket).await
    }

    /// The bucket policy as JSON, if there is one.
    pub async fn bucket_policy(&self, bucket: &str) -> Result<Option<String>, InspectError> {
        bucket::policy(&self.s3, bucket).await
    }

    /// How new objects are encrypted.
    pub async fn encryption(&self, bucket: &str) -> Result<BucketEncryption, InspectError> {
        bucket::encryption(&self.s3, bucket).await
    }

    /// Whether deletes keep what they delete.
    pub async fn versioning(&self, bucket: &str) -> Result<Versioning, InspectError> {
        bucket::versioning(&self.s3, bucket).await
    }
}
