//! What S3 refuses, by the names S3 gives.

use s3s::{S3Error, S3ErrorCode};

/// A refusal of S3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum S3Failure {
    /// The bucket does not exist.
    #[error("no such bucket: {0}")]
    NoSuchBucket(String),
    /// The bucket exists already.
    #[error("the bucket exists already")]
    BucketAlreadyOwnedByYou,
    /// The bucket still holds objects, versions or markers.
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    /// The name is not one S3 allows.
    #[error("invalid bucket name")]
    InvalidBucketName,
    /// The key does not exist, or its newest version is a delete marker.
    #[error("no such key")]
    NoSuchKey {
        /// The delete marker that hides the key: its version id.
        delete_marker: Option<String>,
    },
    /// The key has no such version.
    #[error("no such version")]
    NoSuchVersion,
    /// The version is a delete marker, which cannot be read.
    #[error("the version is a delete marker")]
    IsDeleteMarker {
        /// Its version id.
        version_id: String,
    },
    /// A condition of the request does not hold.
    #[error("a precondition does not hold")]
    PreconditionFailed,
    /// The reader has this version already.
    #[error("not modified")]
    NotModified,
    /// The object is archived and not restored.
    #[error("the object is archived")]
    InvalidObjectState,
    /// The upload does not exist.
    #[error("no such upload")]
    NoSuchUpload,
    /// A part does not exist or has another `ETag`.
    #[error("invalid part")]
    InvalidPart,
    /// The parts are not in ascending order.
    #[error("parts out of order")]
    InvalidPartOrder,
    /// A part other than the last is below 5 MiB.
    #[error("a part is too small")]
    EntityTooSmall,
    /// The object is larger than this emulator allows.
    #[error("the object is larger than the {limit} bytes this emulator allows for one object")]
    EntityTooLarge {
        /// The limit.
        limit: u64,
    },
    /// All objects together would be larger than this emulator allows.
    #[error("the {limit} bytes this emulator may hold are used up")]
    StorageFull {
        /// The limit.
        limit: u64,
    },
    /// A parameter makes no sense.
    #[error("{0}")]
    InvalidArgument(String),
    /// The request as a whole makes no sense.
    #[error("{0}")]
    InvalidRequest(String),
    /// S3 has this, this emulator has not.
    #[error("not implemented by this emulator: {0}")]
    NotImplemented(&'static str),
}

impl From<S3Failure> for S3Error {
    fn from(failure: S3Failure) -> Self {
        let mut error = Self::with_message(code_of(&failure), failure.to_string());
        match failure {
            S3Failure::NoSuchKey {
                delete_marker: Some(version_id),
            }
            | S3Failure::IsDeleteMarker { version_id } => {
                error.set_headers(marker_headers(&version_id));
            }
            S3Failure::StorageFull { .. } => {
                error.set_status_code(http::StatusCode::INSUFFICIENT_STORAGE);
            }
            _ => {}
        }
        error
    }
}

fn code_of(failure: &S3Failure) -> S3ErrorCode {
    match failure {
        S3Failure::NoSuchBucket(_) => S3ErrorCode::NoSuchBucket,
        S3Failure::BucketAlreadyOwnedByYou => S3ErrorCode::BucketAlreadyOwnedByYou,
        S3Failure::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
        S3Failure::InvalidBucketName => S3ErrorCode::InvalidBucketName,
        S3Failure::NoSuchKey { .. } => S3ErrorCode::NoSuchKey,
        S3Failure::NoSuchVersion => S3ErrorCode::NoSuchVersion,
        S3Failure::IsDeleteMarker { .. } => S3ErrorCode::MethodNotAllowed,
        S3Failure::PreconditionFailed => S3ErrorCode::PreconditionFailed,
        S3Failure::NotModified => S3ErrorCode::NotModified,
        S3Failure::InvalidObjectState => S3ErrorCode::InvalidObjectState,
        S3Failure::NoSuchUpload => S3ErrorCode::NoSuchUpload,
        S3Failure::InvalidPart => S3ErrorCode::InvalidPart,
        S3Failure::InvalidPartOrder => S3ErrorCode::InvalidPartOrder,
        S3Failure::EntityTooSmall => S3ErrorCode::EntityTooSmall,
        S3Failure::EntityTooLarge { .. } => S3ErrorCode::EntityTooLarge,
        S3Failure::StorageFull { .. } => S3ErrorCode::Custom("InsufficientStorage".into()),
        S3Failure::InvalidArgument(_) => S3ErrorCode::InvalidArgument,
        S3Failure::InvalidRequest(_) => S3ErrorCode::InvalidRequest,
        S3Failure::NotImplemented(_) => S3ErrorCode::NotImplemented,
    }
}

/// The headers by which a reader tells a delete marker from a key that never was.
fn marker_headers(version_id: &str) -> http::HeaderMap {
    let mut headers = http::HeaderMap::new();
    headers.insert(
        "x-amz-delete-marker",
        http::HeaderValue::from_static("true"),
    );
    headers.insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/xml"),
    );
    if let Ok(id) = http::HeaderValue::from_str(version_id) {
        headers.insert("x-amz-version-id", id);
    }
    headers
}
