//! Multipart uploads in the store: their parts count as stored bytes until they end.

use time::OffsetDateTime;

use super::{Store, Written, check_key};
use crate::s3::conditions::Conditions;
use crate::s3::error::S3Failure;
use crate::s3::events::{Change, Event};
use crate::s3::multipart::{Part, Upload};

impl Store {
    /// Starts an upload and names it.
    pub(crate) fn start_upload(
        &mut self,
        bucket: &str,
        upload: Upload,
    ) -> Result<String, S3Failure> {
        check_key(&upload.key)?;
        let id = crate::ids::upload_id();
        self.bucket_mut(bucket)?.uploads.insert(id.clone(), upload);
        Ok(id)
    }

    /// The upload of this name and key.
    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<&Upload, S3Failure> {
        let upload = self.bucket(bucket)?.uploads.get(id);
        upload
            .filter(|upload| upload.key == key)
            .ok_or(S3Failure::NoSuchUpload)
    }

    /// Stores a part, replacing an earlier one of its number, and tells its `ETag`.
    pub(crate) fn put_part(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
        number: i32,
        part: Part,
    ) -> Result<String, S3Failure> {
        if !(1..=10_000).contains(&number) {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            return Err(S3Failure::InvalidArgument(message.to_owned()));
        }
        let replaced = self
            .upload(bucket, key, id)?
            .parts
            .get(&number)
            .map_or(0, |part| part.body.len() as u64);
        self.charge(part.body.len() as u64, replaced)?;
        let etag = part.etag.clone();
        let upload = self
            .bucket_mut(bucket)?
            .uploads
            .get_mut(id)
            .ok_or(S3Failure::NoSuchUpload)?;
        upload.parts.insert(number, part);
        Ok(etag)
    }

    /// Makes an object of the listed parts. A refused list leaves the upload as it was.
    pub(crate) fn complete_upload(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
        parts: &[(i32, String)],
        conditions: &Conditions,
        now: OffsetDateTime,
    ) -> Result<(Written, Change), S3Failure> {
        let object = self.upload(bucket, key, id)?.assemble(parts)?;
        let upload = self.abort_upload(bucket, key, id)?;
        let bytes = upload.bytes();
        let result = self.put(
            bucket,
            key,
            object,
            conditions,
            Event::CreatedMultipart,
            now,
        );
        if result.is_err() {
            self.used += bytes;
            self.bucket_mut(bucket)?
                .uploads
                .insert(id.to_owned(), upload);
        }
        result
    }

    /// Forgets an upload and its parts.
    pub(crate) fn abort_upload(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<Upload, S3Failure> {
        self.upload(bucket, key, id)?;
        let upload = self
            .bucket_mut(bucket)?
            .uploads
            .remove(id)
            .ok_or(S3Failure::NoSuchUpload)?;
        self.used -= upload.bytes();
        Ok(upload)
    }
}
