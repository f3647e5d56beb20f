//! Small translations between the types of `s3s` and ours, used by several operations.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;
use s3s::dto::{ETag, ETagCondition, StreamingBlob, TagSet};
use s3s::{S3Error, S3ErrorCode, S3Response, S3Result};

use crate::s3::conditions::{Conditions, Etag};
use crate::s3::error::S3Failure;
use crate::s3::object::Encryption;

/// An answer without special status or headers.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the last expression of functions that can fail earlier"
)]
pub(super) fn answer<T>(output: T) -> S3Result<S3Response<T>> {
    Ok(S3Response::new(output))
}

pub(super) fn quoted(etag: &str) -> ETag {
    ETag::Strong(etag.to_owned())
}

pub(super) fn conditions(
    if_match: Option<ETagCondition>,
    if_none_match: Option<ETagCondition>,
) -> Conditions {
    Conditions {
        if_match: if_match.map(etag_of),
        if_none_match: if_none_match.map(etag_of),
    }
}

/// What a writer says about encryption.
pub(super) fn encryption(
    managed: Option<&str>,
    key_id: Option<String>,
    customer: Option<String>,
    customer_key_md5: Option<String>,
) -> Encryption {
    match (customer, managed) {
        (Some(algorithm), _) => Encryption::Customer {
            algorithm,
            key_md5: customer_key_md5,
        },
        (None, Some(algorithm)) if algorithm.starts_with("aws:kms") => Encryption::Kms {
            algorithm: algorithm.to_owned(),
            key_id,
        },
        (None, _) => Encryption::Managed,
    }
}

/// The algorithm that answers name, where S3 holds the key.
pub(super) fn managed_algorithm(encryption: &Encryption) -> Option<String> {
    match encryption {
        Encryption::Managed => Some("AES256".to_owned()),
        Encryption::Kms { algorithm, .. } => Some(algorithm.clone()),
        Encryption::Customer { .. } => None,
    }
}

/// A storage class worth remembering: `STANDARD` is what its absence means.
pub(super) fn storage_class(class: Option<&str>) -> Option<String> {
    class
        .filter(|class| *class != "STANDARD")
        .map(str::to_owned)
}

/// Reads a body of bounded size and compares it with its `Content-MD5`.
pub(super) async fn read(
    body: Option<StreamingBlob>,
    limit: u64,
    md5: Option<&str>,
) -> S3Result<Bytes> {
    let mut bytes = BytesMut::new();
    if let Some(mut stream) = body {
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(
                &chunk
                    .map_err(|source| S3Error::with_source(S3ErrorCode::IncompleteBody, source))?,
            );
            if bytes.len() as u64 > limit {
                return Err(S3Failure::EntityTooLarge { limit }.into());
            }
        }
    }
    let wrong = md5.is_some_and(|md5| md5 != STANDARD.encode(Md5::digest(&bytes)));
    if wrong {
        Err(S3Error::new(S3ErrorCode::BadDigest))
    } else {
        Ok(bytes.freeze())
    }
}

/// Tags of the `x-amz-tagging` header: a form-encoded query.
pub(super) fn tags_of_header(header: Option<&str>) -> BTreeMap<String, String> {
    let pairs = header
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty());
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

/// Tags of an XML body, within S3's bounds.
pub(super) fn tags_of_set(set: TagSet) -> S3Result<BTreeMap<String, String>> {
    let count = set.len();
    let tags: BTreeMap<_, _> = set
        .into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect();
    if count > 10 || tags.len() != count {
        return Err(S3Error::new(S3ErrorCode::InvalidTag));
    }
    Ok(tags)
}

fn etag_of(condition: ETagCondition) -> Etag {
    match condition.into_etag() {
        Some(etag) => Etag::Is(etag.into_value()),
        None => Etag::Any,
    }
}
