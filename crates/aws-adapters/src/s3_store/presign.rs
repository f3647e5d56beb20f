//! A URL that carries the right to read one object, made without asking S3.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use event_mapper::ObjectRef;
use secrecy::SecretString;
use sync_engine::ports::StoreError;

use crate::errors::AwsError;
use crate::errors::store::store_error;

const OPERATION: &str = "presigned GetObject";

/// S3 takes no signature that is valid for longer.
const MAX_VALIDITY: Duration = Duration::from_hours(7 * 24);

pub(super) async fn presign(
    client: &Client,
    object: &ObjectRef,
    version_id: Option<&str>,
    valid_for: Duration,
) -> Result<SecretString, StoreError> {
    let validity = PresigningConfig::expires_in(valid_for.min(MAX_VALIDITY))
        .map_err(|error| store_error(OPERATION, object, AwsError::request(error.to_string())))?;
    let request = client
        .get_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .set_version_id(version_id.map(str::to_owned))
        .presigned(validity)
        .await
        .map_err(|error| store_error(OPERATION, object, AwsError::from_sdk(&error)))?;
    Ok(request.uri().into())
}
