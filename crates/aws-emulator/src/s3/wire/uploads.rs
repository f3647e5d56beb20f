//! Multipart uploads.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3Response, S3Result};

use super::convert::{
    answer, conditions, encryption, managed_algorithm, quoted, read, storage_class, tags_of_header,
};
use crate::s3::error::S3Failure;
use crate::s3::multipart::{Part as StoredPart, Upload};
use crate::s3::object::Properties;
use crate::s3::service::{S3, Source};

pub(super) fn create(
    s3: &S3,
    input: CreateMultipartUploadInput,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let encryption = encryption(
        input
            .server_side_encryption
            .as_ref()
            .map(ServerSideEncryption::as_str),
        input.ssekms_key_id,
        input.sse_customer_algorithm,
        input.sse_customer_key_md5,
    );
    let server_side_encryption = managed_algorithm(&encryption).map(Into::into);
    let upload = Upload {
        key: input.key.clone(),
        properties: Properties {
            content_type: input.content_type,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            expires: input.expires.map(Into::into),
            metadata: input.metadata.into_iter().flatten().collect(),
            storage_class: storage_class(input.storage_class.as_ref().map(StorageClass::as_str)),
            encryption,
        },
        tags: tags_of_header(input.tagging.as_deref()),
        parts: BTreeMap::new(),
    };
    let id = s3.lock().start_upload(&input.bucket, upload)?;
    answer(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        server_side_encryption,
        ..CreateMultipartUploadOutput::default()
    })
}

pub(super) async fn put_part(
    s3: &S3,
    input: UploadPartInput,
) -> S3Result<S3Response<UploadPartOutput>> {
    s3.lock()
        .upload(&input.bucket, &input.key, &input.upload_id)?;
    let limit = s3.lock().limits().object_bytes;
    let body = read(input.body, limit, input.content_md5.as_deref()).await?;
    let part = StoredPart::new(body, s3.clock.now());
    let etag = s3.lock().put_part(
        &input.bucket,
        &input.key,
        &input.upload_id,
        input.part_number,
        part,
    )?;
    answer(UploadPartOutput {
        e_tag: Some(quoted(&etag)),
        ..UploadPartOutput::default()
    })
}

pub(super) fn copy_part(
    s3: &S3,
    input: UploadPartCopyInput,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let CopySource::Bucket {
        bucket,
        key,
        version_id,
    } = &input.copy_source
    else {
        return Err(S3Failure::NotImplemented("copies from access points").into());
    };
    let object = s3.readable(&Source {
        bucket,
        key,
        version_id: version_id.as_deref(),
    })?;
    let body = match input.copy_source_range.as_deref() {
        Some(text) => {
            let invalid =
                || S3Failure::InvalidArgument(format!("The range {text} is not satisfiable."));
            let span = Range::parse(text)
                .map_err(|_| invalid())?
                .check(object.size())
                .map_err(|_| invalid())?;
            let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            object.body.slice(index(span.start)..index(span.end))
        }
        None => object.body.clone(),
    };
    let now = s3.clock.now();
    let part = StoredPart::new(body, now);
    let etag = s3.lock().put_part(
        &input.bucket,
        &input.key,
        &input.upload_id,
        input.part_number,
        part,
    )?;
    answer(UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult {
            e_tag: Some(quoted(&etag)),
            last_modified: Some(now.into()),
            ..CopyPartResult::default()
        }),
        ..UploadPartCopyOutput::default()
    })
}

pub(super) fn complete(
    s3: &S3,
    input: CompleteMultipartUploadInput,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let listed = input
        .multipart_upload
        .and_then(|upload| upload.parts)
        .unwrap_or_default();
    let number_and_etag = |part: CompletedPart| Some((part.part_number?, part.e_tag?.into_value()));
    let parts: Option<Vec<_>> = listed.into_iter().map(number_and_etag).collect();
    let parts = parts.ok_or(S3Failure::InvalidPart)?;
    let conditions = conditions(input.if_match, input.if_none_match);
    let written = s3.change(&input.bucket, |store, now| {
        let done = store.complete_upload(
            &input.bucket,
            &input.key,
            &input.upload_id,
            &parts,
            &conditions,
            now,
        );
        done.map(|(written, change)| (written, [change]))
    })?;
    answer(CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(quoted(&written.etag)),
        version_id: written.version_id,
        ..CompleteMultipartUploadOutput::default()
    })
}

pub(super) fn abort(
    s3: &S3,
    input: AbortMultipartUploadInput,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    s3.lock()
        .abort_upload(&input.bucket, &input.key, &input.upload_id)?;
    answer(AbortMultipartUploadOutput::default())
}

pub(super) fn list_parts(s3: &S3, input: ListPartsInput) -> S3Result<S3Response<ListPartsOutput>> {
    let max = usize::try_from(input.max_parts.unwrap_or(1000))
        .unwrap_or(0)
        .min(1000);
    let after = input.part_number_marker.unwrap_or(0).max(0);
    let store = s3.lock();
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let mut rest = upload.parts.range(after.saturating_add(1)..);
    let parts: Vec<_> = rest
        .by_ref()
        .take(max)
        .map(|(number, part)| part_entry(*number, part))
        .collect();
    let last = parts.last().and_then(|part| part.part_number);
    let truncated = rest.next().is_some();
    answer(ListPartsOutput {
        is_truncated: Some(truncated),
        next_part_number_marker: last.filter(|_| truncated),
        part_number_marker: Some(after),
        max_parts: i32::try_from(max).ok(),
        parts: Some(parts),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        ..ListPartsOutput::default()
    })
}

fn part_entry(number: i32, part: &StoredPart) -> Part {
    Part {
        e_tag: Some(quoted(&part.etag)),
        last_modified: Some(part.modified.into()),
        part_number: Some(number),
        size: i64::try_from(part.body.len()).ok(),
        ..Part::default()
    }
}
