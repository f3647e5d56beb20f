//! The `Queue` port on SQS and the `ObjectStore` port on S3.
//!
//! The only room that talks to AWS. It turns SDK answers into the engine's types and SDK errors
//! into the engine's error kinds, and sets on purpose which calls the SDK may retry and how long
//! they may take. What to do about an answer or an error is left to the engine.

mod clients;
mod errors;
mod http_client;
mod inspect;
mod s3_store;
mod sdk_config;
mod sqs_queue;
mod task_protection;

pub use errors::AwsError;
pub use inspect::{
    BucketEncryption, InspectError, InspectErrorKind, Inspector, NotificationTarget, Notifications,
    QueueSettings, TargetKind, Versioning,
};
pub use s3_store::{S3Options, S3Store};
pub use sdk_config::{Aws, EndpointOverride};
pub use sqs_queue::{QueueAttributes, QueueDepth, SqsOptions, SqsQueue};
pub use task_protection::{TaskProtection, TaskProtectionError};
