//! Reading objects: GET with ranges, HEAD, tags, and the conditions readers set.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{Body, S3Response, S3Result};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::convert::{answer, conditions, managed_algorithm, quoted};
use crate::s3::conditions::Conditions;
use crate::s3::error::S3Failure;
use crate::s3::object::{Encryption, Object};
use crate::s3::service::S3;
use crate::s3::store::shown;

const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// An object as a reader found it.
struct Found {
    object: Arc<Object>,
    modified: OffsetDateTime,
    version_id: Option<String>,
}

/// What a reader demands of an object.
struct Demands {
    conditions: Conditions,
    modified_since: Option<OffsetDateTime>,
    unmodified_since: Option<OffsetDateTime>,
    customer_key_md5: Option<String>,
    part_number: Option<i32>,
}

pub(super) fn get(s3: &S3, input: GetObjectInput) -> S3Result<S3Response<GetObjectOutput>> {
    let found = find(s3, &input.bucket, &input.key, input.version_id.as_deref())?;
    Demands {
        conditions: conditions(input.if_match, input.if_none_match),
        modified_since: input.if_modified_since.map(Into::into),
        unmodified_since: input.if_unmodified_since.map(Into::into),
        customer_key_md5: input.sse_customer_key_md5,
        part_number: input.part_number,
    }
    .check(&found)?;
    found.object.check_readable(s3.clock.now())?;
    let (body, content_range) = match input.range {
        Some(range) => {
            let span = range.check(found.object.size())?;
            let shown = format!(
                "bytes {}-{}/{}",
                span.start,
                span.end - 1,
                found.object.size()
            );
            let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            (
                found.object.body.slice(index(span.start)..index(span.end)),
                Some(shown),
            )
        }
        None => (found.object.body.clone(), None),
    };
    let head = describe(&found);
    answer(GetObjectOutput {
        accept_ranges: head.accept_ranges,
        cache_control: input.response_cache_control.or(head.cache_control),
        content_disposition: input
            .response_content_disposition
            .or(head.content_disposition),
        content_encoding: input.response_content_encoding.or(head.content_encoding),
        content_language: input.response_content_language.or(head.content_language),
        content_length: i64::try_from(body.len()).ok(),
        content_range,
        content_type: input.response_content_type.or(head.content_type),
        e_tag: head.e_tag,
        expires: input.response_expires.or(head.expires),
        last_modified: head.last_modified,
        metadata: head.metadata,
        restore: head.restore,
        sse_customer_algorithm: head.sse_customer_algorithm,
        sse_customer_key_md5: head.sse_customer_key_md5,
        ssekms_key_id: head.ssekms_key_id,
        server_side_encryption: head.server_side_encryption,
        storage_class: head.storage_class,
        tag_count: i32::try_from(found.object.tags.len())
            .ok()
            .filter(|count| *count > 0),
        version_id: head.version_id,
        body: Some(StreamingBlob::from(Body::from(body))),
        ..GetObjectOutput::default()
    })
}

pub(super) fn head(s3: &S3, input: HeadObjectInput) -> S3Result<S3Response<HeadObjectOutput>> {
    let found = find(s3, &input.bucket, &input.key, input.version_id.as_deref())?;
    Demands {
        conditions: conditions(input.if_match, input.if_none_match),
        modified_since: input.if_modified_since.map(Into::into),
        unmodified_since: input.if_unmodified_since.map(Into::into),
        customer_key_md5: input.sse_customer_key_md5,
        part_number: input.part_number,
    }
    .check(&found)?;
    answer(describe(&found))
}

pub(super) fn get_tagging(
    s3: &S3,
    input: GetObjectTaggingInput,
) -> S3Result<S3Response<GetObjectTaggingOutput>> {
    let found = find(s3, &input.bucket, &input.key, input.version_id.as_deref())?;
    let tags = found.object.tags.iter();
    let tag_set = tags
        .map(|(key, value)| Tag {
            key: Some(key.clone()),
            value: Some(value.clone()),
        })
        .collect();
    answer(GetObjectTaggingOutput {
        tag_set,
        version_id: found.version_id,
    })
}

fn find(s3: &S3, bucket: &str, key: &str, version_id: Option<&str>) -> Result<Found, S3Failure> {
    let store = s3.lock();
    let bucket = store.bucket(bucket)?;
    let (version, object) = bucket.find(key, version_id)?;
    Ok(Found {
        object: Arc::clone(object),
        modified: version.modified,
        version_id: shown(bucket, version.id.as_ref()),
    })
}

impl Demands {
    /// The order and precedence of RFC 9110: `ETags` decide before dates.
    fn check(&self, found: &Found) -> Result<(), S3Failure> {
        if self.part_number.is_some() {
            return Err(S3Failure::NotImplemented("reading by part number"));
        }
        if let Encryption::Customer { key_md5, .. } = &found.object.properties.encryption
            && *key_md5 != self.customer_key_md5
        {
            let message = "The object was stored using a form of Server Side Encryption. The correct parameters must \
                           be provided to retrieve the object.";
            return Err(S3Failure::InvalidRequest(message.to_owned()));
        }
        self.conditions.check_read(&found.object)?;
        // Dates in headers have whole seconds.
        let modified = found.modified.unix_timestamp();
        let after = |moment: &OffsetDateTime| modified > moment.unix_timestamp();
        if self.conditions.if_match.is_none() && self.unmodified_since.as_ref().is_some_and(after) {
            return Err(S3Failure::PreconditionFailed);
        }
        let stale = self.modified_since.as_ref().is_none_or(after);
        if self.conditions.if_none_match.is_none() && !stale {
            Err(S3Failure::NotModified)
        } else {
            Ok(())
        }
    }
}

/// The headers of an object.
fn describe(found: &Found) -> HeadObjectOutput {
    let object = &found.object;
    let properties = &object.properties;
    let mut head = HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: properties.cache_control.clone(),
        content_disposition: properties.content_disposition.clone(),
        content_encoding: properties.content_encoding.clone(),
        content_language: properties.content_language.clone(),
        content_length: i64::try_from(object.size()).ok(),
        content_type: Some(
            properties
                .content_type
                .clone()
                .unwrap_or_else(|| "binary/octet-stream".to_owned()),
        ),
        e_tag: Some(quoted(&object.etag)),
        expires: properties.expires.map(Into::into),
        last_modified: Some(found.modified.into()),
        metadata: Some(properties.metadata.clone().into_iter().collect()),
        restore: object.restored_until.map(restore_header),
        server_side_encryption: managed_algorithm(&properties.encryption).map(Into::into),
        storage_class: properties.storage_class.clone().map(Into::into),
        version_id: found.version_id.clone(),
        ..HeadObjectOutput::default()
    };
    match &properties.encryption {
        Encryption::Managed => {}
        Encryption::Kms { key_id, .. } => head.ssekms_key_id.clone_from(key_id),
        Encryption::Customer { algorithm, key_md5 } => {
            head.sse_customer_algorithm = Some(algorithm.clone());
            head.sse_customer_key_md5.clone_from(key_md5);
        }
    }
    head
}

fn restore_header(until: OffsetDateTime) -> String {
    let date = until.format(HTTP_DATE).unwrap_or_default();
    format!("ongoing-request=\"false\", expiry-date=\"{date}\"")
}
