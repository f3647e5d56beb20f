//! The retry and timeout policy of every kind of call, one constructor each.
//!
//! The engine retries inside the lease and counts what it does, so the SDK retries only where
//! the engine does not: the looks at S3. The clients share one connection pool.

use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    RequestChecksumCalculation, ResponseChecksumValidation, StalledStreamProtectionConfig,
};

use crate::s3_store::S3Options;
use crate::sdk_config::Aws;
use crate::sqs_queue::SqsOptions;

/// The same for all clients: the pool is kept per connect timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// For `ReceiveMessage`. Never retried: the next poll is the retry. No timeout of the SDK's,
/// because it depends on the wait; `receive` sets it per call. Stalled-stream protection would
/// take the silence of a long poll for a stall.
pub(crate) fn receiving(aws: &Aws) -> aws_sdk_sqs::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .build();
    sqs_without_retries(aws, timeouts)
}

/// For the other calls to SQS. Never retried: the engine retries single entries as long as their
/// lease lasts.
pub(crate) fn settling(aws: &Aws, options: &SqsOptions) -> aws_sdk_sqs::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(options.call_timeout)
        .build();
    sqs_without_retries(aws, timeouts)
}

fn sqs_without_retries(aws: &Aws, timeouts: TimeoutConfig) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::config::Builder::from(aws.sdk())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    aws_sdk_sqs::Client::from_conf(config)
}

/// For `HeadObject`, `ListObjectsV2` and signing. Small and harmless to repeat, and every
/// reconcile waits for them: short attempts, a few of them, an upper bound on the sum.
pub(crate) fn looking(aws: &Aws, options: &S3Options) -> aws_sdk_s3::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(options.look_attempt_timeout)
        .operation_timeout(options.look_timeout)
        .build();
    let config = s3(aws, options)
        .retry_config(RetryConfig::standard().with_max_attempts(options.look_attempts))
        .timeout_config(timeouts)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

/// For `GetObject`. Never retried: bytes that were passed on cannot be taken back. The timeout
/// ends with the response's head; stalled-stream protection watches the body.
pub(crate) fn reading(aws: &Aws, options: &S3Options) -> aws_sdk_s3::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(options.read_timeout)
        .build();
    let config = s3(aws, options)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().build())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

/// Without the features that are not used here: checksums beyond what S3 requires, and the
/// sessions of directory buckets.
fn s3(aws: &Aws, options: &S3Options) -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::from(aws.sdk())
        .force_path_style(
            options
                .path_style
                .unwrap_or_else(|| aws.has_own_s3_endpoint()),
        )
        .disable_s3_express_session_auth(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
}
