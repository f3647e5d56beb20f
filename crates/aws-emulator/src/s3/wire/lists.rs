//! Listings on the wire: pages, tokens and the optional url encoding of keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3Response, S3Result};

use super::convert::{answer, quoted};
use crate::s3::bucket::Version;
use crate::s3::error::S3Failure;
use crate::s3::listing::{self, Query};
use crate::s3::service::S3;

const MAX_KEYS: i32 = 1000;
/// Spaces become `%20`, which readers of both ways of decoding understand.
const URL_SAFE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'/')
    .remove(b'*');

/// How keys are written: as they are, or url-encoded for names that XML cannot hold.
#[derive(Clone, Copy)]
struct Spelling {
    encoded: bool,
}

impl Spelling {
    fn of(encoding: Option<&EncodingType>) -> Self {
        Self {
            encoded: encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL),
        }
    }

    fn spell(self, text: &str) -> String {
        if self.encoded {
            utf8_percent_encode(text, URL_SAFE).to_string()
        } else {
            text.to_owned()
        }
    }
}

pub(super) fn objects_v2(
    s3: &S3,
    input: ListObjectsV2Input,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let max = page_size(input.max_keys)?;
    let spelling = Spelling::of(input.encoding_type.as_ref());
    let after = match &input.continuation_token {
        Some(token) => read_token(token)?,
        None => input.start_after.clone().unwrap_or_default(),
    };
    let query = Query {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after,
        max: usize::try_from(max).unwrap_or(0),
    };
    let store = s3.lock();
    let page = listing::objects(store.bucket(&input.bucket)?, &query);
    let contents: Vec<_> = page
        .objects
        .iter()
        .map(|(key, version)| object_entry(key, version, spelling))
        .collect();
    answer(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(spelling.spell(&query.prefix)),
        max_keys: Some(max),
        key_count: i32::try_from(contents.len() + page.common_prefixes.len()).ok(),
        contents: Some(contents),
        common_prefixes: Some(prefixes(&page.common_prefixes, spelling)),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.map(|next| URL_SAFE_NO_PAD.encode(next)),
        continuation_token: input.continuation_token,
        delimiter: input.delimiter.map(|delimiter| spelling.spell(&delimiter)),
        encoding_type: input.encoding_type,
        start_after: input.start_after.map(|start| spelling.spell(&start)),
        ..ListObjectsV2Output::default()
    })
}

pub(super) fn objects_v1(
    s3: &S3,
    input: ListObjectsInput,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let max = page_size(input.max_keys)?;
    let spelling = Spelling::of(input.encoding_type.as_ref());
    let query = Query {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: input.marker.clone().unwrap_or_default(),
        max: usize::try_from(max).unwrap_or(0),
    };
    let store = s3.lock();
    let page = listing::objects(store.bucket(&input.bucket)?, &query);
    answer(ListObjectsOutput {
        contents: Some(
            page.objects
                .iter()
                .map(|(key, version)| object_entry(key, version, spelling))
                .collect(),
        ),
        common_prefixes: Some(prefixes(&page.common_prefixes, spelling)),
        is_truncated: Some(page.next.is_some()),
        next_marker: page.next.map(|next| spelling.spell(&next)),
        marker: Some(spelling.spell(&query.after)),
        max_keys: Some(max),
        name: Some(input.bucket),
        prefix: Some(spelling.spell(&query.prefix)),
        delimiter: input.delimiter.map(|delimiter| spelling.spell(&delimiter)),
        encoding_type: input.encoding_type,
        ..ListObjectsOutput::default()
    })
}

pub(super) fn versions(
    s3: &S3,
    input: ListObjectVersionsInput,
) -> S3Result<S3Response<ListObjectVersionsOutput>> {
    let max = page_size(input.max_keys)?;
    let spelling = Spelling::of(input.encoding_type.as_ref());
    let query = Query {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: input.key_marker.clone().unwrap_or_default(),
        max: usize::try_from(max).unwrap_or(0),
    };
    let store = s3.lock();
    let page = listing::versions(
        store.bucket(&input.bucket)?,
        &query,
        input.version_id_marker.as_deref(),
    );
    let (objects, markers): (Vec<_>, Vec<_>) = page
        .versions
        .iter()
        .partition(|(_, version, _)| version.object().is_some());
    let (next_key, next_version) = page.next.unzip();
    answer(ListObjectVersionsOutput {
        versions: Some(
            objects
                .into_iter()
                .map(|(key, version, newest)| version_entry(key, version, newest, spelling))
                .collect(),
        ),
        delete_markers: Some(
            markers
                .into_iter()
                .map(|(key, version, newest)| marker_entry(key, version, newest, spelling))
                .collect(),
        ),
        common_prefixes: Some(prefixes(&page.common_prefixes, spelling)),
        is_truncated: Some(next_key.is_some()),
        next_key_marker: next_key.map(|key| spelling.spell(&key)),
        next_version_id_marker: next_version.flatten(),
        key_marker: input.key_marker.map(|marker| spelling.spell(&marker)),
        version_id_marker: input.version_id_marker,
        max_keys: Some(max),
        name: Some(input.bucket),
        prefix: Some(spelling.spell(&query.prefix)),
        delimiter: input.delimiter.map(|delimiter| spelling.spell(&delimiter)),
        encoding_type: input.encoding_type,
        ..ListObjectVersionsOutput::default()
    })
}

fn object_entry(key: &str, version: &Version, spelling: Spelling) -> Object {
    let object = version.object();
    Object {
        e_tag: object.map(|object| quoted(&object.etag)),
        key: Some(spelling.spell(key)),
        last_modified: Some(version.modified.into()),
        size: object.and_then(|object| i64::try_from(object.size()).ok()),
        storage_class: Some(class_of(version).into()),
        ..Object::default()
    }
}

fn version_entry(key: &str, version: &Version, newest: bool, spelling: Spelling) -> ObjectVersion {
    let object = version.object();
    ObjectVersion {
        e_tag: object.map(|object| quoted(&object.etag)),
        is_latest: Some(newest),
        key: Some(spelling.spell(key)),
        last_modified: Some(version.modified.into()),
        size: object.and_then(|object| i64::try_from(object.size()).ok()),
        storage_class: Some(class_of(version).into()),
        version_id: Some(version.shown_id()),
        ..ObjectVersion::default()
    }
}

fn marker_entry(
    key: &str,
    version: &Version,
    newest: bool,
    spelling: Spelling,
) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(newest),
        key: Some(spelling.spell(key)),
        last_modified: Some(version.modified.into()),
        owner: None,
        version_id: Some(version.shown_id()),
    }
}

fn class_of(version: &Version) -> String {
    let class = version
        .object()
        .and_then(|object| object.properties.storage_class.clone());
    class.unwrap_or_else(|| "STANDARD".to_owned())
}

fn prefixes(found: &[String], spelling: Spelling) -> Vec<CommonPrefix> {
    found
        .iter()
        .map(|prefix| CommonPrefix {
            prefix: Some(spelling.spell(prefix)),
        })
        .collect()
}

fn page_size(asked: Option<i32>) -> Result<i32, S3Failure> {
    let asked = asked.unwrap_or(MAX_KEYS);
    if asked < 0 {
        return Err(S3Failure::InvalidArgument(
            "Argument max-keys must be an integer between 0 and 2147483647".to_owned(),
        ));
    }
    Ok(asked.min(MAX_KEYS))
}

fn read_token(token: &str) -> Result<String, S3Failure> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| {
        S3Failure::InvalidArgument("The continuation token provided is incorrect".to_owned())
    })
}
