//! The Queue port on SQS and the ObjectStore port on S3.
