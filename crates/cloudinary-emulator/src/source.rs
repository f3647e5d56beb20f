//! The `file` parameter → the bytes it stands for.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::asset::Content;
use crate::body::File;
use crate::reply::Refusal;
use crate::state::State;

/// What arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) content: Content,
    /// The first bytes, by which the format is recognised.
    pub(crate) head: Bytes,
    /// The name the file came with.
    pub(crate) name: Option<String>,
}

/// How much of a file is looked at to recognise its format.
pub(crate) const HEAD: usize = 64 * 1024;

/// Gets the bytes, wherever they are.
pub(crate) async fn load(state: &State, file: &File, delay: Duration) -> Result<Arrived, Refusal> {
    let arrived = match file {
        File::Bytes { name, bytes } => whole(bytes.clone(), Some(name.clone())),
        File::Text(text) => {
            let text = std::str::from_utf8(text)
                .map_err(|_| Refusal::bad_request("Invalid encoding of parameter file"))?;
            match text.strip_prefix("data:") {
                Some(data) => whole(data_uri(data)?, None),
                None if text.is_empty() => return Err(Refusal::missing_parameter("file")),
                None => {
                    tokio::time::sleep(delay).await;
                    pulled(state, text).await?
                }
            }
        }
    };
    state
        .counters
        .bytes
        .fetch_add(arrived.content.len, Ordering::Relaxed);
    Ok(arrived)
}

/// A file that is all there.
pub(crate) fn whole(bytes: Bytes, name: Option<String>) -> Arrived {
    Arrived {
        head: bytes.slice(..bytes.len().min(HEAD)),
        content: Content::of(bytes),
        name,
    }
}

async fn pulled(state: &State, url: &str) -> Result<Arrived, Refusal> {
    let pulled = state.puller.pull(url).await?;
    let path = url.split(['?', '#']).next().unwrap_or(url);
    // The key of an s3:// source is sent as it is, so only http paths are decoded.
    let last = if url.starts_with("s3://") { url } else { path }
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let name = match percent_decode_str(last).decode_utf8() {
        Ok(decoded) if !url.starts_with("s3://") => decoded.into_owned(),
        _ => last.to_owned(),
    };
    Ok(Arrived {
        content: pulled.content,
        head: pulled.head,
        name: Some(name),
    })
}

/// `<mime>;base64,<data>`.
fn data_uri(text: &str) -> Result<Bytes, Refusal> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let lenient = GeneralPurpose::new(&alphabet::STANDARD, config);
    let data = text.split_once(";base64,").map(|(_, data)| data);
    data.and_then(|data| lenient.decode(data.trim()).ok())
        .map(Bytes::from)
        .ok_or_else(|| Refusal::bad_request("Invalid data URI in parameter file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_uri_is_decoded_with_or_without_padding() {
        for text in [
            "text/plain;base64,aGk=",
            "text/plain;base64,aGk",
            ";base64,aGk=",
        ] {
            assert_eq!(data_uri(text).as_deref(), Ok(&b"hi"[..]), "{text}");
        }
        assert!(data_uri("text/plain,hi").is_err());
        assert!(data_uri("x;base64,*").is_err());
    }
}
