//! The operations of S3 that exist here, between `s3s` (which speaks HTTP and XML) and [`S3`].
//!
//! Each operation is counted, may be made to fail by an armed fault, and is then done by the function
//! of its name in [`buckets`], [`reads`], [`writes`], [`uploads`] or [`lists`]. `s3s` answers every
//! other one with `NotImplemented`.

#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation is handed its whole input"
)]
#![cfg_attr(
    not(test),
    expect(
        clippy::wildcard_imports,
        reason = "one input and one output type per operation"
    )
)]

mod buckets;
mod convert;
mod lists;
mod reads;
mod uploads;
mod writes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{Extensions, StatusCode};
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use crate::faults::{Failure, Gate, Reset};
use crate::s3::service::S3;

/// S3 behind its protocol.
#[derive(Debug)]
pub(crate) struct Wire {
    s3: Arc<S3>,
    gate: Arc<Gate>,
}

/// Travels with a request so that a fault can have its connection closed.
#[derive(Debug, Clone, Default)]
pub(crate) struct CutFlag(Arc<AtomicBool>);

impl CutFlag {
    /// Whether the connection must be closed without an answer.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(extensions: &Extensions) {
        if let Some(flag) = extensions.get::<Self>() {
            flag.0.store(true, Ordering::Relaxed);
        }
    }
}

impl Wire {
    pub(crate) fn new(s3: Arc<S3>, gate: Arc<Gate>) -> Self {
        Self { s3, gate }
    }

    /// Lets a call through, or fails it because a test asked for that.
    async fn enter(&self, operation: &'static str, extensions: &Extensions) -> S3Result<()> {
        let verdict = self.gate.enter("s3", operation).await;
        if verdict.reset.is_some() {
            CutFlag::set(extensions);
        }
        match verdict.failure {
            Some(failure) => Err(injected(failure)),
            None if verdict.reset == Some(Reset::Before) => {
                Err(S3Error::new(S3ErrorCode::InternalError))
            }
            None => Ok(()),
        }
    }
}

fn injected(failure: Failure) -> S3Error {
    let code =
        S3ErrorCode::from_bytes(failure.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut error = S3Error::with_message(code, "This failure was asked for.");
    error.set_status_code(
        StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    );
    error
}

/// Writes the trait implementation: method, operation name, types, and the function that does it.
macro_rules! operations {
    (
        done { $($method:ident: $name:literal, $input:ident => $output:ident, $function:path;)* }
        read_first { $($read_method:ident: $read_name:literal, $read_input:ident => $read_output:ident, $read_function:path;)* }
    ) => {
        #[async_trait::async_trait]
        impl s3s::S3 for Wire {
            $(async fn $method(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                self.enter($name, &request.extensions).await?;
                $function(&self.s3, request.input)
            })*
            $(async fn $read_method(&self, request: S3Request<$read_input>) -> S3Result<S3Response<$read_output>> {
                self.enter($read_name, &request.extensions).await?;
                $read_function(&self.s3, request.input).await
            })*
        }
    };
}

operations! {
    done {
        create_bucket: "CreateBucket", CreateBucketInput => CreateBucketOutput, buckets::create;
        delete_bucket: "DeleteBucket", DeleteBucketInput => DeleteBucketOutput, buckets::delete;
        head_bucket: "HeadBucket", HeadBucketInput => HeadBucketOutput, buckets::head;
        list_buckets: "ListBuckets", ListBucketsInput => ListBucketsOutput, buckets::list;
        get_bucket_location: "GetBucketLocation", GetBucketLocationInput => GetBucketLocationOutput, buckets::location;
        get_bucket_versioning: "GetBucketVersioning", GetBucketVersioningInput => GetBucketVersioningOutput, buckets::get_versioning;
        put_bucket_versioning: "PutBucketVersioning", PutBucketVersioningInput => PutBucketVersioningOutput, buckets::put_versioning;
        get_bucket_notification_configuration: "GetBucketNotificationConfiguration",
            GetBucketNotificationConfigurationInput => GetBucketNotificationConfigurationOutput, buckets::get_notification;
        put_bucket_notification_configuration: "PutBucketNotificationConfiguration",
            PutBucketNotificationConfigurationInput => PutBucketNotificationConfigurationOutput, buckets::put_notification;
        head_object: "HeadObject", HeadObjectInput => HeadObjectOutput, reads::head;
        get_object: "GetObject", GetObjectInput => GetObjectOutput, reads::get;
        get_object_tagging: "GetObjectTagging", GetObjectTaggingInput => GetObjectTaggingOutput, reads::get_tagging;
        post_object: "PostObject", PostObjectInput => PostObjectOutput, writes::post;
        copy_object: "CopyObject", CopyObjectInput => CopyObjectOutput, writes::copy;
        delete_object: "DeleteObject", DeleteObjectInput => DeleteObjectOutput, writes::delete;
        delete_objects: "DeleteObjects", DeleteObjectsInput => DeleteObjectsOutput, writes::delete_many;
        put_object_tagging: "PutObjectTagging", PutObjectTaggingInput => PutObjectTaggingOutput, writes::put_tagging;
        delete_object_tagging: "DeleteObjectTagging", DeleteObjectTaggingInput => DeleteObjectTaggingOutput, writes::delete_tagging;
        restore_object: "RestoreObject", RestoreObjectInput => RestoreObjectOutput, writes::restore;
        create_multipart_upload: "CreateMultipartUpload", CreateMultipartUploadInput => CreateMultipartUploadOutput, uploads::create;
        upload_part_copy: "UploadPartCopy", UploadPartCopyInput => UploadPartCopyOutput, uploads::copy_part;
        complete_multipart_upload: "CompleteMultipartUpload", CompleteMultipartUploadInput => CompleteMultipartUploadOutput, uploads::complete;
        abort_multipart_upload: "AbortMultipartUpload", AbortMultipartUploadInput => AbortMultipartUploadOutput, uploads::abort;
        list_parts: "ListParts", ListPartsInput => ListPartsOutput, uploads::list_parts;
        list_objects: "ListObjects", ListObjectsInput => ListObjectsOutput, lists::objects_v1;
        list_objects_v2: "ListObjectsV2", ListObjectsV2Input => ListObjectsV2Output, lists::objects_v2;
        list_object_versions: "ListObjectVersions", ListObjectVersionsInput => ListObjectVersionsOutput, lists::versions;
    }
    read_first {
        put_object: "PutObject", PutObjectInput => PutObjectOutput, writes::put;
        upload_part: "UploadPart", UploadPartInput => UploadPartOutput, uploads::put_part;
    }
}
