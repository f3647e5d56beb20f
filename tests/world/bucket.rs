//! A bucket, and what people do to one.

use aws_sdk_s3::types::{
    BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, VersioningConfiguration,
};
use aws_sdk_s3::{Client, primitives::ByteStream};

use super::Cloud;

/// S3 refuses smaller parts, except for the last one.
pub(crate) const SMALLEST_PART: usize = 5 * 1024 * 1024;

/// One bucket on some cloud.
pub(crate) struct Bucket {
    pub(super) client: Client,
    name: String,
}

impl Bucket {
    pub(super) async fn create(cloud: &Cloud, name: &str) -> Self {
        let client = cloud.s3();
        client
            .create_bucket()
            .bucket(name)
            .send()
            .await
            .expect("the bucket is created");
        Self {
            client,
            name: name.to_owned(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Stores an object and returns its version, where the bucket has versions.
    pub(crate) async fn put(&self, key: &str, content: impl Into<Vec<u8>>) -> Option<String> {
        let request = self.client.put_object().bucket(&self.name).key(key);
        let body = ByteStream::from(content.into());
        let put = request.body(body).send().await;
        put.unwrap_or_else(|error| panic!("put {key}: {error:?}"))
            .version_id
    }

    /// Deletes an object; where the bucket has versions, this adds a delete marker.
    /// Returns the marker's version.
    pub(crate) async fn delete(&self, key: &str) -> Option<String> {
        let deleted = self
            .client
            .delete_object()
            .bucket(&self.name)
            .key(key)
            .send()
            .await;
        deleted
            .unwrap_or_else(|error| panic!("delete {key}: {error:?}"))
            .version_id
    }

    /// Deletes one version for good.
    pub(crate) async fn delete_version(&self, key: &str, version: &str) {
        let request = self.client.delete_object().bucket(&self.name).key(key);
        let deleted = request.version_id(version).send().await;
        deleted.unwrap_or_else(|error| panic!("delete {key} version {version}: {error:?}"));
    }

    /// Copies an object within the bucket.
    pub(crate) async fn copy(&self, from: &str, to: &str) {
        let request = self.client.copy_object().bucket(&self.name).key(to);
        let copied = request
            .copy_source(format!("{}/{from}", self.name))
            .send()
            .await;
        copied.unwrap_or_else(|error| panic!("copy {from} to {to}: {error:?}"));
    }

    /// Uploads an object in parts.
    pub(crate) async fn put_in_parts(&self, key: &str, parts: Vec<Vec<u8>>) {
        let request = self
            .client
            .create_multipart_upload()
            .bucket(&self.name)
            .key(key);
        let upload = request.send().await.expect("a multipart upload begins");
        let id = upload.upload_id().expect("it has an ID").to_owned();
        let mut completed = CompletedMultipartUpload::builder();
        for (number, part) in (1..).zip(parts) {
            completed = completed.parts(self.put_part(key, &id, number, part).await);
        }
        let request = self
            .client
            .complete_multipart_upload()
            .bucket(&self.name)
            .key(key);
        let request = request.upload_id(id).multipart_upload(completed.build());
        request
            .send()
            .await
            .expect("the multipart upload completes");
    }

    /// From now on, deletes keep what they delete.
    pub(crate) async fn enable_versions(&self) {
        let versioning = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::Enabled)
            .build();
        let request = self.client.put_bucket_versioning().bucket(&self.name);
        let enabled = request.versioning_configuration(versioning).send().await;
        enabled.expect("versions are enabled");
    }

    /// The keys that the bucket holds now.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let list = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .send()
            .await;
        let list = list.expect("the bucket lists its objects");
        assert_ne!(
            list.is_truncated,
            Some(true),
            "scenarios stay below one page of keys"
        );
        list.contents()
            .iter()
            .filter_map(|object| object.key().map(str::to_owned))
            .collect()
    }

    /// The bytes of an object.
    pub(crate) async fn content(&self, key: &str) -> Vec<u8> {
        let got = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key)
            .send()
            .await;
        let got = got.unwrap_or_else(|error| panic!("get {key}: {error:?}"));
        got.body.collect().await.expect("the whole object").to_vec()
    }

    async fn put_part(&self, key: &str, upload: &str, number: i32, part: Vec<u8>) -> CompletedPart {
        let request = self
            .client
            .upload_part()
            .bucket(&self.name)
            .key(key)
            .upload_id(upload);
        let part = request
            .part_number(number)
            .body(ByteStream::from(part))
            .send()
            .await;
        let part = part.unwrap_or_else(|error| panic!("part {number} of {key}: {error:?}"));
        CompletedPart::builder()
            .part_number(number)
            .set_e_tag(part.e_tag)
            .build()
    }
}
