//! What happens to an S3 request before `s3s` sees it: any credentials are accepted.
//!
//! `s3s` checks signatures or refuses signed requests, so signatures are taken off: the header, the
//! query of presigned URLs (whose expiry still counts) and the chunk framing of signed uploads.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Request, Uri};
use percent_encoding::percent_decode_str;
use s3s::host::{S3Host, VirtualHost};
use s3s::{Body, HttpRequest, S3Error, S3ErrorCode, S3Result};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use crate::s3::chunked;

/// Query parameters that sign a URL, in both versions of signing.
const SIGNING_PARAMETERS: [&str; 10] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "AWSAccessKeyId",
    "Signature",
    "x-amz-security-token",
];
const AMZ_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");
/// Chunk headers with signatures take at most this much of a body, in parts per body.
const FRAMING_SHARE: usize = 8;

/// The request without its credentials. `max_bytes` bounds a body that must be unframed in memory.
pub(crate) async fn admit(
    request: HttpRequest,
    max_bytes: u64,
    now: OffsetDateTime,
) -> S3Result<HttpRequest> {
    let (mut parts, body) = request.into_parts();
    check_expiry(&parts.uri, now)?;
    parts.headers.remove(AUTHORIZATION);
    parts.uri = unsigned(&parts.uri)?;
    let body = if is_chunked(&parts.headers) {
        unframe(&mut parts, body, max_bytes).await?
    } else {
        body
    };
    Ok(Request::from_parts(parts, body))
}

/// Finds the bucket in hosts like `bucket.localhost` and `bucket.s3.…`; others mean path style.
#[derive(Debug)]
pub(crate) struct BucketInHost;

impl S3Host for BucketInHost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let bucket = name
            .strip_suffix(".localhost")
            .or_else(|| name.split_once(".s3.").map(|(bucket, _)| bucket));
        // `s3.localhost` alone is the service itself.
        match bucket
            .map(|bucket| bucket.strip_suffix(".s3").unwrap_or(bucket))
            .filter(|bucket| *bucket != "s3")
        {
            Some(bucket) => Ok(VirtualHost::new(host).with_bucket(bucket)),
            None => Ok(VirtualHost::new(host)),
        }
    }
}

async fn unframe(parts: &mut Parts, mut body: Body, max_bytes: u64) -> S3Result<Body> {
    let max = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let limit = max
        .saturating_add(max / FRAMING_SHARE)
        .saturating_add(1 << 16);
    let framed = body
        .store_all_limited(limit)
        .await
        .map_err(|source| S3Error::with_source(S3ErrorCode::EntityTooLarge, source))?;
    let bytes = chunked::decode(framed)
        .map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, Box::new(error)))?;
    let declared = parts
        .headers
        .get("x-amz-decoded-content-length")
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length != bytes.len()) {
        return Err(S3Error::new(S3ErrorCode::IncompleteBody));
    }
    describe_unframed(&mut parts.headers, &bytes);
    Ok(Body::from(bytes))
}

fn describe_unframed(headers: &mut HeaderMap, bytes: &Bytes) {
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    headers.remove("x-amz-content-sha256");
    headers.remove("x-amz-trailer");
    headers.remove(http::header::TRANSFER_ENCODING);
    // What remains is the object's own encoding, such as gzip.
    let rest: Vec<String> = header_list(headers)
        .filter(|encoding| encoding != "aws-chunked")
        .collect();
    headers.remove(CONTENT_ENCODING);
    if let (false, Ok(value)) = (rest.is_empty(), HeaderValue::from_str(&rest.join(","))) {
        headers.insert(CONTENT_ENCODING, value);
    }
}

fn is_chunked(headers: &HeaderMap) -> bool {
    let streaming = headers
        .get("x-amz-content-sha256")
        .is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
    streaming || header_list(headers).any(|encoding| encoding == "aws-chunked")
}

fn header_list(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let values = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(|item| item.trim().to_owned())
}

/// The URI without signing parameters.
fn unsigned(uri: &Uri) -> S3Result<Uri> {
    let Some(query) = uri.query() else {
        return Ok(uri.clone());
    };
    let signed_v2 = parameter(query, "Signature").is_some();
    let signs = |name: &str| SIGNING_PARAMETERS.contains(&name) || (signed_v2 && name == "Expires");
    let kept = query
        .split('&')
        .filter(|pair| !signs(&decoded(pair.split('=').next().unwrap_or_default())));
    let kept = kept.collect::<Vec<_>>().join("&");
    let target = if kept.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{kept}", uri.path())
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(
        target
            .parse()
            .map_err(|_| S3Error::new(S3ErrorCode::InvalidURI))?,
    );
    Uri::from_parts(parts).map_err(|_| S3Error::new(S3ErrorCode::InvalidURI))
}

/// Refuses presigned URLs whose time is over.
fn check_expiry(uri: &Uri, now: OffsetDateTime) -> S3Result<()> {
    let Some(query) = uri.query() else {
        return Ok(());
    };
    let number = |name| parameter(query, name).and_then(|value| value.parse::<i64>().ok());
    let until = if let (Some(date), Some(seconds)) =
        (parameter(query, "X-Amz-Date"), number("X-Amz-Expires"))
    {
        let signed = PrimitiveDateTime::parse(&date, AMZ_DATE)
            .map(PrimitiveDateTime::assume_utc)
            .ok();
        signed.and_then(|signed| signed.checked_add(Duration::seconds(seconds)))
    } else if parameter(query, "Signature").is_some() {
        number("Expires").and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
    } else {
        return Ok(());
    };
    match until {
        Some(until) if until < now => Err(S3Error::with_message(
            S3ErrorCode::AccessDenied,
            "Request has expired",
        )),
        Some(_) => Ok(()),
        None => Err(S3Error::new(S3ErrorCode::AuthorizationQueryParametersError)),
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .map(|(key, value)| (decoded(key), value))
        .find(|(key, _)| key == name)
        .map(|(_, value)| decoded(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_uri_loses_its_signature_and_nothing_else() {
        let uri = "/b/a%20b?versionId=v%2B1&X-Amz-Signature=x&X-Amz-Credential=a%2Fb&x-id=GetObject&X-Amz-Date=d";
        let unsigned = unsigned(&uri.parse().unwrap()).unwrap();
        assert_eq!(unsigned, "/b/a%20b?versionId=v%2B1&x-id=GetObject");
    }

    #[test]
    fn a_presigned_url_ends_with_its_time() {
        let uri: Uri = "/b/k?X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-Signature=x"
            .parse()
            .unwrap();
        assert!(check_expiry(&uri, datetime!(2026-01-01 00:01 UTC)).is_ok());
        let late = check_expiry(&uri, datetime!(2026-01-01 00:01:01 UTC)).unwrap_err();
        assert_eq!(late.code(), &S3ErrorCode::AccessDenied);
    }

    #[test]
    fn a_bucket_is_found_in_the_host_where_it_is_one() {
        let bucket = |host| {
            BucketInHost
                .parse_host_header(host)
                .unwrap()
                .bucket()
                .map(str::to_owned)
        };
        assert_eq!(bucket("media.localhost:9401").as_deref(), Some("media"));
        assert_eq!(
            bucket("my.media.s3.localhost:9401").as_deref(),
            Some("my.media")
        );
        assert_eq!(
            bucket("media.s3.eu-west-1.amazonaws.com").as_deref(),
            Some("media")
        );
        assert_eq!(bucket("s3.localhost"), None);
        assert_eq!(bucket("localhost:9401"), None);
        assert_eq!(bucket("aws-emulator:9401"), None);
    }
}
