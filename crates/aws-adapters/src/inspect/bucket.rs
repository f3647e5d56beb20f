//! A bucket's place, rights, policy, encryption and versioning, one call each.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_bucket_encryption::GetBucketEncryptionOutput;
use aws_sdk_s3::types::{BucketVersioningStatus, ServerSideEncryption};

use super::error::InspectError;
use crate::errors::AwsError;

/// How new objects are encrypted when they do not say so themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketEncryption {
    /// Not at all, or with keys that S3 manages: whoever may read may read.
    Open,
    /// With a KMS key; `None` is the one that AWS manages for S3.
    Kms(Option<String>),
}

/// Whether deletes keep what they delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// It has never been on.
    Off,
    /// Each write makes a version.
    Enabled,
    /// Old versions are kept, new ones are not made.
    Suspended,
}

/// A bucket of another region refuses, and says where it is.
pub(super) async fn region(client: &Client, bucket: &str) -> Result<Option<String>, InspectError> {
    match client.head_bucket().bucket(bucket).send().await {
        Ok(output) => Ok(output.bucket_region),
        Err(error) => match region_told(&error) {
            Some(region) => Ok(Some(region)),
            None => Err(refused("HeadBucket", &error)),
        },
    }
}

fn region_told<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let response = error.raw_response()?;
    let moved = matches!(response.status().as_u16(), 301 | 400);
    let region = response.headers().get("x-amz-bucket-region")?;
    moved.then(|| region.to_owned())
}

pub(super) async fn list(client: &Client, bucket: &str, prefix: &str) -> Result<(), InspectError> {
    let call = client
        .list_objects_v2()
        .bucket(bucket)
        .prefix(prefix)
        .max_keys(1);
    let answer = call.send().await;
    answer
        .map(drop)
        .map_err(|error| refused("ListObjectsV2", &error))
}

pub(super) async fn has_object(
    client: &Client,
    bucket: &str,
    key: &str,
) -> Result<bool, InspectError> {
    match client.head_object().bucket(bucket).key(key).send().await {
        Ok(_) => Ok(true),
        Err(error) => match AwsError::from_sdk(&error) {
            error if error.status == Some(404) => Ok(false),
            error => Err(InspectError::s3("HeadObject", error)),
        },
    }
}

pub(super) async fn policy(client: &Client, bucket: &str) -> Result<Option<String>, InspectError> {
    match client.get_bucket_policy().bucket(bucket).send().await {
        Ok(output) => Ok(output.policy.filter(|policy| !policy.is_empty())),
        Err(error) if code(&error) == Some("NoSuchBucketPolicy") => Ok(None),
        Err(error) => Err(refused("GetBucketPolicy", &error)),
    }
}

pub(super) async fn encryption(
    client: &Client,
    bucket: &str,
) -> Result<BucketEncryption, InspectError> {
    match client.get_bucket_encryption().bucket(bucket).send().await {
        Ok(output) => Ok(default_encryption(&output)),
        Err(error) if code(&error) == Some("ServerSideEncryptionConfigurationNotFoundError") => {
            Ok(BucketEncryption::Open)
        }
        Err(error) => Err(refused("GetBucketEncryption", &error)),
    }
}

/// An algorithm that is not known here is taken for one with a KMS key.
fn default_encryption(output: &GetBucketEncryptionOutput) -> BucketEncryption {
    let rules = output
        .server_side_encryption_configuration()
        .map(aws_sdk_s3::types::ServerSideEncryptionConfiguration::rules);
    let default = rules
        .unwrap_or_default()
        .iter()
        .find_map(|rule| rule.apply_server_side_encryption_by_default());
    match default {
        None => BucketEncryption::Open,
        Some(default) if default.sse_algorithm == ServerSideEncryption::Aes256 => {
            BucketEncryption::Open
        }
        Some(default) => BucketEncryption::Kms(default.kms_master_key_id.clone()),
    }
}

pub(super) async fn versioning(client: &Client, bucket: &str) -> Result<Versioning, InspectError> {
    let answer = client.get_bucket_versioning().bucket(bucket).send().await;
    let output = answer.map_err(|error| refused("GetBucketVersioning", &error))?;
    Ok(match output.status {
        None => Versioning::Off,
        Some(BucketVersioningStatus::Suspended) => Versioning::Suspended,
        Some(_) => Versioning::Enabled,
    })
}

pub(super) fn refused<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> InspectError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    InspectError::s3(operation, AwsError::from_sdk(error))
}

fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{
        ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    };

    use super::*;

    fn answer(algorithm: ServerSideEncryption, key: Option<&str>) -> GetBucketEncryptionOutput {
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(algorithm)
            .set_kms_master_key_id(key.map(str::to_owned))
            .build()
            .unwrap();
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default)
            .build();
        let rules = ServerSideEncryptionConfiguration::builder()
            .rules(rule)
            .build()
            .unwrap();
        GetBucketEncryptionOutput::builder()
            .server_side_encryption_configuration(rules)
            .build()
    }

    #[test]
    fn only_kms_keys_need_a_grant_of_their_own() {
        let read = |algorithm, key| default_encryption(&answer(algorithm, key));
        assert_eq!(
            read(ServerSideEncryption::Aes256, None),
            BucketEncryption::Open
        );
        assert_eq!(
            read(ServerSideEncryption::AwsKms, None),
            BucketEncryption::Kms(None)
        );
        assert_eq!(
            read(ServerSideEncryption::AwsKmsDsse, Some("arn:key")),
            BucketEncryption::Kms(Some("arn:key".into()))
        );
        assert_eq!(
            default_encryption(&GetBucketEncryptionOutput::builder().build()),
            BucketEncryption::Open
        );
    }
}
