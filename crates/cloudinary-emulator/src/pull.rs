//! Fetches sources that an upload names by URL: `http(s)://`, and `s3://` through one endpoint.
//!
//! Promises bounded memory: the hash is taken while the bytes stream by, and bytes of a source
//! above the limit are not kept. Every failure is worded as the service words it.

mod outbound;

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Uri, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::asset::Content;
use crate::options::Options;
use crate::reply::Refusal;
use crate::source::HEAD;

pub(crate) use outbound::{Outbound, SendError};

const READ_WITHIN: Duration = Duration::from_mins(2);
const DENIED: &str = "Access Denied";
const MISSING: &str = "404 Not Found";
const MOST_REDIRECTS: usize = 5;
const S3_KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The fetching side of one emulator.
#[derive(Debug)]
pub(crate) struct Puller {
    outbound: Outbound,
    s3_endpoint: Option<String>,
    /// The cloud whose `.wellknown` object a bucket must have.
    wellknown: Option<String>,
    /// A missing object looks like a denied one.
    hides_missing: bool,
    keep_up_to: u64,
}

/// A fetched source.
#[derive(Debug)]
pub(crate) struct Pulled {
    pub(crate) content: Content,
    pub(crate) head: Bytes,
}

impl Puller {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            outbound: Outbound::default(),
            s3_endpoint: options
                .s3_endpoint
                .as_deref()
                .map(|url| url.trim_end_matches('/').to_owned()),
            wellknown: options.require_wellknown.then(|| options.cloud.clone()),
            hides_missing: options.s3_hides_missing,
            keep_up_to: options.keep_bytes_up_to,
        }
    }

    /// Fetches `url` to its end.
    pub(crate) async fn pull(&self, url: &str) -> Result<Pulled, Refusal> {
        let failed =
            |reason: &str| Refusal::bad_request(format!("Error in loading {url} - {reason}"));
        let fetch = async {
            let address = self.address(url).await?;
            let response = self.get(address).await.map_err(|reason| {
                let hidden = self.hides_missing && url.starts_with("s3://") && reason == MISSING;
                if hidden { DENIED.to_owned() } else { reason }
            })?;
            self.read(response).await
        };
        match tokio::time::timeout(READ_WITHIN, fetch).await {
            Ok(pulled) => pulled.map_err(|reason| failed(&reason)),
            Err(_) => Err(failed("Timed out reading data from server")),
        }
    }

    /// Where a source really is.
    async fn address(&self, url: &str) -> Result<Uri, String> {
        if url.starts_with("http://") || url.starts_with("https://") {
            return url.parse().map_err(|_| "Invalid URL".to_owned());
        }
        let Some((bucket, key)) = url
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
        else {
            return Err("Unsupported source URL".to_owned());
        };
        // The service's documentation rules these out: their TLS names would not match.
        if bucket.contains('.') {
            return Err("Bucket names that contain a dot are not supported".to_owned());
        }
        let denied = || DENIED.to_owned();
        let endpoint = self.s3_endpoint.as_deref().ok_or_else(denied)?;
        if let Some(cloud) = &self.wellknown {
            let proof = object(endpoint, bucket, &format!(".wellknown/cloudinary/{cloud}"))?;
            self.get(proof).await.map_err(|_| denied())?;
        }
        object(endpoint, bucket, key)
    }

    async fn get(&self, mut address: Uri) -> Result<Response, String> {
        for _ in 0..=MOST_REDIRECTS {
            let mut request = Request::new(Body::empty());
            *request.method_mut() = Method::GET;
            *request.uri_mut() = address;
            let response = self.outbound.send(request).await.map_err(reason)?;
            match response.status().as_u16() {
                200..=299 => return Ok(response),
                301 | 302 | 303 | 307 | 308 => address = location(response.headers())?,
                403 => return Err(DENIED.to_owned()),
                404 => return Err(MISSING.to_owned()),
                _ => return Err(response.status().to_string()),
            }
        }
        Err("Too many redirects".to_owned())
    }

    async fn read(&self, response: Response) -> Result<Pulled, String> {
        let mut frames = response.into_body().into_data_stream();
        let (mut hash, mut len, mut head) = (Md5::new(), 0, BytesMut::new());
        let mut kept = Some(BytesMut::new());
        while let Some(frame) = frames.next().await {
            let frame = frame.map_err(|_| "partial download".to_owned())?;
            hash.update(&frame);
            len += frame.len() as u64;
            let room = HEAD.saturating_sub(head.len());
            head.extend_from_slice(&frame[..frame.len().min(room)]);
            if len > self.keep_up_to {
                kept = None;
            }
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(&frame);
            }
        }
        let etag = hex::encode(hash.finalize());
        let content = Content {
            bytes: kept.map(BytesMut::freeze),
            len,
            etag,
        };
        Ok(Pulled {
            content,
            head: head.freeze(),
        })
    }
}

fn object(endpoint: &str, bucket: &str, key: &str) -> Result<Uri, String> {
    let key = utf8_percent_encode(key, S3_KEY);
    format!("{endpoint}/{bucket}/{key}")
        .parse()
        .map_err(|_| "Invalid URL".to_owned())
}

fn location(headers: &HeaderMap) -> Result<Uri, String> {
    let target = headers
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok());
    let target: Option<Uri> = target.and_then(|text| text.parse().ok());
    target
        .filter(|uri| uri.host().is_some())
        .ok_or_else(|| "Invalid redirect".to_owned())
}

fn reason(error: SendError) -> String {
    match error {
        SendError::Unresolved => "ERR_DNS_FAIL 0",
        SendError::Broken => "Server broke connection",
        SendError::TimedOut => "Timed out reading data from server",
    }
    .to_owned()
}
