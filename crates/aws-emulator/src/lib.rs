//! The S3 and SQS that a demo, a test or a benchmark needs, over HTTP, with real notifications.
