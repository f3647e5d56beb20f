//! Spans of calls to Cloudinary and S3: which operation, and how it ended.
//!
//! They hold no key, URL or error text; what is wrong is said by a status and a word from a
//! bounded list. Whose call it was is said by the span around it.

use tracing::Span;
use tracing::field::Empty;

/// A call to Cloudinary. The client adds the status of the answer.
pub(crate) fn cloudinary(operation: &str) -> Span {
    tracing::info_span!(
        "cloudinary",
        otel.name = format!("Cloudinary {operation}"),
        otel.kind = "client",
        peer.service = "cloudinary",
        cldsync.operation = operation,
        http.response.status_code = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

/// A call to S3.
pub(crate) fn s3(operation: &str) -> Span {
    tracing::info_span!(
        "s3",
        otel.name = format!("S3 {operation}"),
        otel.kind = "client",
        peer.service = "s3",
        cldsync.operation = operation,
        cldsync.outcome = Empty,
        http.response.status_code = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

/// The call was answered with this status.
pub(crate) fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
}

/// The call has failed, in these words.
pub(crate) fn failed(span: &Span, kind: &str, status: Option<u16>) {
    span.record("http.response.status_code", status)
        .record("error.type", kind)
        .record("otel.status_code", "ERROR");
}
