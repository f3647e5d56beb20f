//! `HeadObject`: what a key holds now, or a proven absence.
//!
//! A refused HEAD has no body, so it does not say whether the object or the caller is refused.
//! Before the engine is told, the same permission is tried with a GET, whose answer has a code.
//! A 404 stands for itself: S3 gives it only to those who may list the bucket. It also comes for
//! a bucket that is not there; only an empty bucket can be deleted, so the absence is true.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ServerSideEncryption, StorageClass};
use event_mapper::ObjectRef;
use sync_engine::ports::{Encryption, ObjectState, StoreError, StoreErrorKind};

use super::listing::point_in_time;
use crate::errors::AwsError;
use crate::errors::store::{kind, store_error};

const OPERATION: &str = "HeadObject";

pub(super) async fn head(
    client: &Client,
    object: &ObjectRef,
) -> Result<Option<ObjectState>, StoreError> {
    match client
        .head_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .send()
        .await
    {
        Ok(output) => state(output)
            .map(Some)
            .map_err(|error| store_error(OPERATION, object, error)),
        Err(error) => match AwsError::from_sdk(&error) {
            error if error.status == Some(404) => Ok(None),
            error if matches!(error.status, Some(400 | 403)) => {
                Err(refusal(client, object, error).await)
            }
            error => Err(store_error(OPERATION, object, error)),
        },
    }
}

/// Why a HEAD was refused: what a GET of the first byte is told. If the GET is not refused, the
/// HEAD may not be next time either.
async fn refusal(client: &Client, object: &ObjectRef, bare: AwsError) -> StoreError {
    let probe = client
        .get_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .range("bytes=0-0");
    match probe
        .send()
        .await
        .map_err(|error| AwsError::from_sdk(&error))
    {
        Err(told) if kind(&told) != StoreErrorKind::Changed => store_error(OPERATION, object, told),
        _ => StoreError {
            kind: StoreErrorKind::Transient,
            ..store_error(OPERATION, object, bare)
        },
    }
}

fn state(output: HeadObjectOutput) -> Result<ObjectState, AwsError> {
    let encryption = encryption(&output);
    let archived = is_archived(&output);
    let size = output
        .content_length
        .and_then(|length| u64::try_from(length).ok());
    Ok(ObjectState {
        etag: without_quotes(output.e_tag).ok_or_else(|| AwsError::answer("no ETag"))?,
        size: size.ok_or_else(|| AwsError::answer("no Content-Length"))?,
        version_id: output.version_id,
        last_modified: point_in_time(output.last_modified.as_ref())?,
        encryption,
        archived,
        metadata: output
            .metadata
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect(),
    })
}

pub(super) fn without_quotes(etag: Option<String>) -> Option<String> {
    Some(etag?.trim_matches('"').to_owned())
}

/// A kind of encryption that is not known here is taken for one that hides the MD5.
fn encryption(output: &HeadObjectOutput) -> Encryption {
    if output.sse_customer_algorithm.is_some() {
        return Encryption::Customer;
    }
    match output.server_side_encryption {
        None => Encryption::None,
        Some(ServerSideEncryption::Aes256) => Encryption::S3Managed,
        Some(_) => Encryption::Kms,
    }
}

/// `GLACIER_IR` is read at once; a restored copy says `ongoing-request="false"` until it expires.
fn is_archived(output: &HeadObjectOutput) -> bool {
    let in_archive = match output.storage_class {
        Some(StorageClass::Glacier | StorageClass::DeepArchive) => true,
        Some(StorageClass::IntelligentTiering) => output.archive_status.is_some(),
        _ => false,
    };
    let restored = output
        .restore
        .as_deref()
        .is_some_and(|it| it.contains("ongoing-request=\"false\""));
    in_archive && !restored
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::operation::head_object::builders::HeadObjectOutputBuilder;
    use aws_sdk_s3::primitives::DateTime;
    use aws_sdk_s3::types::ArchiveStatus;
    use time::macros::datetime;

    fn answer() -> HeadObjectOutputBuilder {
        HeadObjectOutput::builder()
            .e_tag("\"9b2cf535f27731c974343645a3985328\"")
            .content_length(5)
            .last_modified(DateTime::from_secs(1_760_000_000))
    }

    #[test]
    fn an_answer_becomes_a_state() {
        let output = answer().version_id("null").metadata("Owner", "Ann").build();
        let state = state(output).unwrap();
        assert_eq!(state.etag, "9b2cf535f27731c974343645a3985328");
        assert_eq!(state.size, 5);
        assert_eq!(state.version_id.as_deref(), Some("null"));
        assert_eq!(state.last_modified, datetime!(2025-10-09 8:53:20 UTC));
        assert_eq!(state.encryption, Encryption::None);
        assert!(!state.archived);
        assert_eq!(state.metadata.get("owner").map(String::as_str), Some("Ann"));
    }

    #[test]
    fn an_answer_without_its_essentials_is_an_error_and_not_an_absence() {
        for output in [
            HeadObjectOutput::builder().build(),
            HeadObjectOutput::builder().e_tag("\"x\"").build(),
            answer().content_length(-1).build(),
        ] {
            assert!(state(output).is_err());
        }
    }

    #[test]
    fn only_archived_and_not_restored_objects_are_archived() {
        let restored = "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2035 00:00:00 GMT\"";
        let class = |class| answer().storage_class(class);
        for (output, archived) in [
            (answer(), false),
            (class(StorageClass::StandardIa), false),
            (class(StorageClass::GlacierIr), false),
            (class(StorageClass::Glacier), true),
            (class(StorageClass::DeepArchive), true),
            (
                class(StorageClass::Glacier).restore("ongoing-request=\"true\""),
                true,
            ),
            (class(StorageClass::Glacier).restore(restored), false),
            (class(StorageClass::IntelligentTiering), false),
            (
                class(StorageClass::IntelligentTiering)
                    .archive_status(ArchiveStatus::ArchiveAccess),
                true,
            ),
        ] {
            let output = output.build();
            assert_eq!(is_archived(&output), archived, "{output:?}");
        }
    }

    #[test]
    fn encryption_decides_whether_the_entity_tag_is_an_md5() {
        let sse = |sse| answer().server_side_encryption(sse);
        for (output, expected) in [
            (answer(), Encryption::None),
            (sse(ServerSideEncryption::Aes256), Encryption::S3Managed),
            (sse(ServerSideEncryption::AwsKms), Encryption::Kms),
            (sse(ServerSideEncryption::AwsKmsDsse), Encryption::Kms),
            (sse(ServerSideEncryption::from("aws:new")), Encryption::Kms),
            (
                answer().sse_customer_algorithm("AES256"),
                Encryption::Customer,
            ),
        ] {
            assert_eq!(encryption(&output.build()), expected);
        }
    }
}
