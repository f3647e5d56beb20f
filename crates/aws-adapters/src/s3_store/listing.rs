//! `ListObjectsV2`, one page.
//!
//! Keys may hold characters that XML cannot, so S3 is asked to URL-encode them. The SDK does not
//! decode; S3 writes a space as `+`, others as `%20`, and nobody writes `+` for a plus.

use std::borrow::Cow;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{EncodingType, Object};
use event_mapper::ObjectRef;
use percent_encoding::percent_decode_str;
use sync_engine::ports::{ListPage, ListedObject, StoreError};
use time::OffsetDateTime;

use crate::errors::AwsError;
use crate::errors::store::store_error;
use crate::s3_store::head::without_quotes;

const OPERATION: &str = "ListObjectsV2";

pub(super) async fn list(
    client: &Client,
    place: &ObjectRef,
    token: Option<&str>,
    page_size: Option<i32>,
) -> Result<ListPage, StoreError> {
    let output = client
        .list_objects_v2()
        .bucket(&place.bucket)
        .prefix(&place.key)
        .encoding_type(EncodingType::Url)
        .set_max_keys(page_size)
        .set_continuation_token(token.map(str::to_owned))
        .send()
        .await
        .map_err(|error| store_error(OPERATION, place, AwsError::from_sdk(&error)))?;
    // Asking is not getting: only an answer that says so is encoded.
    let encoded = output.encoding_type == Some(EncodingType::Url);
    let objects = output
        .contents
        .unwrap_or_default()
        .into_iter()
        .map(|object| listed(object, encoded))
        .collect::<Result<_, _>>()
        .map_err(|error| store_error(OPERATION, place, error))?;
    Ok(ListPage {
        objects,
        next: output.next_continuation_token,
    })
}

fn listed(object: Object, encoded: bool) -> Result<ListedObject, AwsError> {
    let key = object.key.ok_or_else(|| AwsError::answer("no Key"))?;
    let size = object.size.and_then(|size| u64::try_from(size).ok());
    Ok(ListedObject {
        key: if encoded { decoded(&key)? } else { key },
        etag: without_quotes(object.e_tag),
        size: size.ok_or_else(|| AwsError::answer("no Size"))?,
        last_modified: point_in_time(object.last_modified.as_ref())?,
    })
}

fn decoded(key: &str) -> Result<String, AwsError> {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| AwsError::answer(format!("a key that is not UTF-8: {key}")))
}

/// To the second: a HEAD says no more, and both must be comparable.
pub(super) fn point_in_time(at: Option<&DateTime>) -> Result<OffsetDateTime, AwsError> {
    at.and_then(|at| OffsetDateTime::from_unix_timestamp(at.secs()).ok())
        .ok_or_else(|| AwsError::answer("no Last-Modified"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_once() {
        for (encoded, key) in [
            ("plain.jpg", "plain.jpg"),
            ("a+b%20c", "a b c"),
            ("a%2Bb", "a+b"),
            ("100%25", "100%"),
            ("%252B", "%2B"),
            ("%01%E2%82%AC", "\u{1}€"),
            ("d%2Ff/g", "d/f/g"),
        ] {
            assert_eq!(decoded(encoded).as_deref(), Ok(key));
        }
    }

    #[test]
    fn a_key_that_is_not_utf_8_is_an_error() {
        assert!(decoded("%FF").is_err());
    }

    #[test]
    fn a_key_is_taken_as_it_is_unless_the_answer_says_that_it_is_encoded() {
        let object = Object::builder()
            .key("a+b%20c")
            .size(1)
            .last_modified(DateTime::from_secs(0))
            .build();
        assert_eq!(listed(object.clone(), false).unwrap().key, "a+b%20c");
        assert_eq!(listed(object, true).unwrap().key, "a b c");
    }
}
