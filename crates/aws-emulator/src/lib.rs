//! The S3 and SQS that a demo, a test or a benchmark needs, over HTTP, with real notifications.
//!
//! One port serves both services, as LocalStack does, to any credentials; everything is kept in
//! memory and bounded. [`Emulator::start`] embeds it; the binary of the same name runs it alone.
//! S3's protocol comes from the `s3s` crate, SQS's JSON protocol is ours. What is not here answers
//! with the service's own "not implemented" error.

mod clock;
mod control;
mod emulator;
mod faults;
mod ids;
mod options;
mod s3;
mod server;
mod sqs;

pub use emulator::{
    DeleteResult, Emulator, Error, KeyFilter, NewObject, ObjectSummary, PutResult, QueuedMessage,
    Result, Running,
};
pub use faults::{Fault, Reset};
pub use options::Options;
pub use s3::bucket::Versioning;
pub use s3::error::S3Failure;
pub use sqs::error::SqsError;
pub use sqs::queue::QueueDepth;
