//! `GetObject` under the condition that the object is still the one that was looked at.

use std::io;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream as SdkStream;
use event_mapper::ObjectRef;
use futures_util::StreamExt as _;
use futures_util::stream;
use sync_engine::ports::{ByteStream, ObjectBody, ObjectState, StoreError};

use crate::errors::AwsError;
use crate::errors::store::store_error;

pub(super) async fn read(
    client: &Client,
    object: &ObjectRef,
    state: &ObjectState,
) -> Result<ObjectBody, StoreError> {
    let output = client
        .get_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .if_match(format!("\"{}\"", state.etag))
        .send()
        .await
        .map_err(|error| store_error("GetObject", object, AwsError::from_sdk(&error)))?;
    let length = output
        .content_length
        .and_then(|length| u64::try_from(length).ok());
    Ok(ObjectBody {
        length: length.unwrap_or(state.size),
        stream: pieces(output.body),
    })
}

/// The pieces as they came off the connection. A broken body repeats its error for as long as it
/// is asked, so the stream ends with the first one.
fn pieces(body: SdkStream) -> ByteStream {
    stream::unfold(Some(body), |body| async {
        let mut body = body?;
        match body.next().await? {
            Ok(piece) => Some((Ok(piece), Some(body))),
            Err(error) => Some((Err(io::Error::other(error)), None)),
        }
    })
    .boxed()
}
