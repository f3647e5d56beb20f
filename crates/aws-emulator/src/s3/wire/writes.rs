//! Writing objects: put, copy, delete, tags, restore.

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Response, S3Result};

use super::convert::{
    answer, conditions, encryption, managed_algorithm, quoted, read, storage_class, tags_of_header,
    tags_of_set,
};
use crate::s3::bucket::Deleted;
use crate::s3::conditions::Conditions;
use crate::s3::error::S3Failure;
use crate::s3::events;
use crate::s3::object::{Encryption, Object, Properties};
use crate::s3::service::{S3, Source};

const MAX_DELETES: usize = 1000;

pub(super) async fn put(s3: &S3, input: PutObjectInput) -> S3Result<S3Response<PutObjectOutput>> {
    s3.lock().bucket(&input.bucket)?;
    let limit = s3.lock().limits().object_bytes;
    let body = read(input.body, limit, input.content_md5.as_deref()).await?;
    let encryption = encryption(
        input
            .server_side_encryption
            .as_ref()
            .map(ServerSideEncryption::as_str),
        input.ssekms_key_id,
        input.sse_customer_algorithm,
        input.sse_customer_key_md5,
    );
    let mut object = Object::new(
        body,
        Properties {
            content_type: input.content_type,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            expires: input.expires.map(Into::into),
            metadata: input.metadata.into_iter().flatten().collect(),
            storage_class: storage_class(input.storage_class.as_ref().map(StorageClass::as_str)),
            encryption: encryption.clone(),
        },
    );
    object.tags = tags_of_header(input.tagging.as_deref());
    let conditions = conditions(input.if_match, input.if_none_match);
    let written = s3.put(
        &input.bucket,
        &input.key,
        object,
        &conditions,
        events::Event::CreatedPut,
    )?;
    let mut output = PutObjectOutput {
        e_tag: Some(quoted(&written.etag)),
        version_id: written.version_id,
        server_side_encryption: managed_algorithm(&encryption).map(Into::into),
        ..PutObjectOutput::default()
    };
    match encryption {
        Encryption::Managed => {}
        Encryption::Kms { key_id, .. } => output.ssekms_key_id = key_id,
        Encryption::Customer { algorithm, key_md5 } => {
            output.sse_customer_algorithm = Some(algorithm);
            output.sse_customer_key_md5 = key_md5;
        }
    }
    answer(output)
}

/// An upload by an HTML form. Without this, `s3s` would have it done, and told, as a put.
pub(super) fn post(_: &S3, _: PostObjectInput) -> S3Result<S3Response<PostObjectOutput>> {
    Err(S3Failure::NotImplemented("uploads by form").into())
}

pub(super) fn copy(s3: &S3, input: CopyObjectInput) -> S3Result<S3Response<CopyObjectOutput>> {
    let CopySource::Bucket {
        bucket,
        key,
        version_id,
    } = &input.copy_source
    else {
        return Err(S3Failure::NotImplemented("copies from access points").into());
    };
    let source = Source {
        bucket,
        key,
        version_id: version_id.as_deref(),
    };
    check_source(s3, &source, &input)?;
    let replaces = input
        .metadata_directive
        .as_ref()
        .is_some_and(|d| d.as_str() == MetadataDirective::REPLACE);
    let class = storage_class(input.storage_class.as_ref().map(StorageClass::as_str));
    let managed = input
        .server_side_encryption
        .as_ref()
        .map(ServerSideEncryption::as_str);
    let onto_itself = **bucket == *input.bucket && **key == *input.key && version_id.is_none();
    if onto_itself && !replaces && input.storage_class.is_none() && managed.is_none() {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing \
                       the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(S3Failure::InvalidRequest(message.to_owned()).into());
    }
    let encryption = encryption(
        managed,
        input.ssekms_key_id,
        input.sse_customer_algorithm,
        input.sse_customer_key_md5,
    );
    let replacement = Properties {
        content_type: input.content_type,
        cache_control: input.cache_control,
        content_disposition: input.content_disposition,
        content_encoding: input.content_encoding,
        content_language: input.content_language,
        expires: input.expires.map(Into::into),
        metadata: input.metadata.into_iter().flatten().collect(),
        storage_class: class,
        encryption,
    };
    let tags = input
        .tagging_directive
        .is_some_and(|d| d.as_str() == TaggingDirective::REPLACE);
    let tags = tags.then(|| tags_of_header(input.tagging.as_deref()));
    let written = s3.copy(&source, &input.bucket, &input.key, |original| {
        let mut copy = original.clone();
        copy.properties = if replaces {
            replacement
        } else {
            inherited(&original.properties, replacement)
        };
        copy.tags = tags.unwrap_or(copy.tags);
        copy
    })?;
    answer(CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            e_tag: Some(quoted(&written.etag)),
            last_modified: Some(s3.clock.now().into()),
            ..CopyObjectResult::default()
        }),
        copy_source_version_id: version_id.as_deref().map(str::to_owned),
        version_id: written.version_id,
        ..CopyObjectOutput::default()
    })
}

pub(super) fn delete(
    s3: &S3,
    input: DeleteObjectInput,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    if input.if_match.is_some() {
        return Err(S3Failure::NotImplemented("conditional deletes").into());
    }
    let id = input.version_id.as_deref();
    let deleted = s3.change(&input.bucket, |store, now| {
        store.delete(&input.bucket, &input.key, id, now)
    })?;
    let (delete_marker, version_id) = told(&deleted, id);
    answer(DeleteObjectOutput {
        delete_marker: delete_marker.then_some(true),
        version_id,
        ..DeleteObjectOutput::default()
    })
}

pub(super) fn delete_many(
    s3: &S3,
    input: DeleteObjectsInput,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    s3.lock().bucket(&input.bucket)?;
    if input.delete.objects.is_empty() || input.delete.objects.len() > MAX_DELETES {
        return Err(S3Error::new(S3ErrorCode::MalformedXML));
    }
    let mut done = Vec::new();
    for ObjectIdentifier {
        key, version_id, ..
    } in input.delete.objects
    {
        let id = version_id.as_deref();
        let deleted = s3.change(&input.bucket, |store, now| {
            store.delete(&input.bucket, &key, id, now)
        })?;
        let (delete_marker, marker_id) = told(&deleted, id);
        done.push(DeletedObject {
            delete_marker: delete_marker.then_some(true),
            delete_marker_version_id: marker_id.filter(|_| delete_marker),
            key: Some(key),
            version_id,
        });
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    answer(DeleteObjectsOutput {
        deleted: (!quiet).then_some(done),
        ..DeleteObjectsOutput::default()
    })
}

pub(super) fn put_tagging(
    s3: &S3,
    input: PutObjectTaggingInput,
) -> S3Result<S3Response<PutObjectTaggingOutput>> {
    let tags = tags_of_set(input.tagging.tag_set)?;
    let version_id = s3.change(&input.bucket, |store, _| {
        let (id, change) = store.tag(
            &input.bucket,
            &input.key,
            input.version_id.as_deref(),
            Some(tags),
        )?;
        Ok((id, [change]))
    })?;
    answer(PutObjectTaggingOutput { version_id })
}

pub(super) fn delete_tagging(
    s3: &S3,
    input: DeleteObjectTaggingInput,
) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
    let version_id = s3.change(&input.bucket, |store, _| {
        let (id, change) =
            store.tag(&input.bucket, &input.key, input.version_id.as_deref(), None)?;
        Ok((id, [change]))
    })?;
    answer(DeleteObjectTaggingOutput { version_id })
}

/// A restore here takes no time: the object is readable when the answer comes.
pub(super) fn restore(
    s3: &S3,
    input: RestoreObjectInput,
) -> S3Result<S3Response<RestoreObjectOutput>> {
    let request = input.restore_request.unwrap_or_default();
    if request.select_parameters.is_some() || request.output_location.is_some() {
        return Err(S3Failure::NotImplemented("restores with a selection").into());
    }
    let days = request.days.filter(|days| *days > 0);
    let days = days
        .ok_or_else(|| S3Failure::InvalidArgument("Days must be a positive number.".to_owned()))?;
    let id = input.version_id.as_deref();
    let already = s3.change(&input.bucket, |store, now| {
        store.restore(&input.bucket, &input.key, id, days, now)
    })?;
    let mut response = S3Response::new(RestoreObjectOutput::default());
    response.status = Some(if already {
        http::StatusCode::OK
    } else {
        http::StatusCode::ACCEPTED
    });
    Ok(response)
}

/// The conditions a copy sets on its source; having it already is no reason not to copy, but fails too.
fn check_source(s3: &S3, source: &Source<'_>, input: &CopyObjectInput) -> Result<(), S3Failure> {
    let wanted: Conditions = conditions(
        input.copy_source_if_match.clone(),
        input.copy_source_if_none_match.clone(),
    );
    wanted
        .check_read(&*s3.readable(source)?)
        .map_err(|failure| match failure {
            S3Failure::NotModified => S3Failure::PreconditionFailed,
            other => other,
        })
}

/// What a copy takes over: everything but storage class and encryption, which a request says anew.
fn inherited(original: &Properties, request: Properties) -> Properties {
    Properties {
        storage_class: request.storage_class,
        encryption: request.encryption,
        ..original.clone()
    }
}

/// Whether a delete marker was made or removed, and the version to name in the answer.
fn told(deleted: &Deleted, asked: Option<&str>) -> (bool, Option<String>) {
    let asked = asked.map(str::to_owned);
    match deleted {
        Deleted::Nothing => (false, asked),
        Deleted::Marked { version_id } => (
            true,
            Some(version_id.clone().unwrap_or_else(|| "null".to_owned())),
        ),
        Deleted::Removed { was_marker, .. } => (*was_marker, asked),
    }
}
