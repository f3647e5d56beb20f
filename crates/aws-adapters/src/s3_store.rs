//! The `ObjectStore` port on S3: looks, which the SDK may repeat, and reads, which it may not.
//!
//! Each of the four methods has its file; this one holds the store together.

mod body;
mod head;
mod listing;
mod presign;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use event_mapper::ObjectRef;
use secrecy::SecretString;
use sync_engine::ports::{ListPage, ObjectBody, ObjectState, ObjectStore, StoreError};

use crate::clients;
use crate::sdk_config::Aws;

/// S3, for every bucket that the credentials open.
#[derive(Debug, Clone)]
pub struct S3Store {
    looking: Client,
    reading: Client,
    page_size: Option<i32>,
}

/// How S3 is asked, and for how long.
#[derive(Debug, Clone)]
pub struct S3Options {
    /// How often a HEAD or a listing is tried.
    pub look_attempts: u32,
    /// How long one such try may take.
    pub look_attempt_timeout: Duration,
    /// How long all tries may take together, pauses included.
    pub look_timeout: Duration,
    /// How long a read may take until the first byte is on its way.
    pub read_timeout: Duration,
    /// Keys per page of a listing, 1 to 1000; S3's own choice is 1000.
    pub page_size: Option<i32>,
    /// Bucket in the path instead of in the host name. Left open, it is on when S3's endpoint
    /// was set by the user.
    pub path_style: Option<bool>,
}

impl Default for S3Options {
    fn default() -> Self {
        Self {
            look_attempts: 3,
            look_attempt_timeout: Duration::from_secs(5),
            look_timeout: Duration::from_secs(15),
            read_timeout: Duration::from_secs(30),
            page_size: None,
            path_style: None,
        }
    }
}

impl S3Store {
    /// Nothing is sent until it is used.
    pub fn new(aws: &Aws, options: &S3Options) -> Self {
        Self {
            looking: clients::looking(aws, options),
            reading: clients::reading(aws, options),
            page_size: options.page_size,
        }
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectState>, StoreError> {
        head::head(&self.looking, object).await
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        token: Option<&str>,
    ) -> Result<ListPage, StoreError> {
        let place = ObjectRef::new(bucket, prefix);
        listing::list(&self.looking, &place, token, self.page_size).await
    }

    async fn presign(
        &self,
        object: &ObjectRef,
        version_id: Option<&str>,
        valid_for: Duration,
    ) -> Result<SecretString, StoreError> {
        presign::presign(&self.looking, object, version_id, valid_for).await
    }

    async fn read(
        &self,
        object: &ObjectRef,
        state: &ObjectState,
    ) -> Result<ObjectBody, StoreError> {
        body::read(&self.reading, object, state).await
    }
}
