//! What went wrong with a call, and what that means for whoever made it.
//!
//! [`ErrorKind`] names the cause, [`Disposition`] what to do about it; the table between them is
//! [`ErrorKind::disposition`] and nowhere else. Kinds come from answers ([`crate::classify()`]) or
//! from the client, when there was no answer. Nobody downstream reads message texts.

use std::error::Error;
use std::fmt;
use std::time::SystemTime;

/// What the engine should do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Wait as told and slow down; nothing was done and nothing is wrong.
    Throttled,
    /// Do it again after a pause.
    Transient,
    /// It may have been done, or may still be; look again before believing anything.
    Unclear,
    /// The source is not there any more.
    SourceGone,
    /// Cloudinary may not read the source.
    SourceDenied,
    /// Doing it again will not help.
    Refused,
    /// Our credentials, plan or settings are wrong; every other call will fail too.
    Ours,
}

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// 420 or 429: too many calls at once, or too fast.
    RateLimited,
    /// 420: the calls of this hour are used up.
    QuotaExhausted,
    /// 402, or 420 without an end in sight: the plan or an add-on is used up or missing.
    PlanExhausted,
    /// 423: the asset is still being processed.
    Processing,
    /// 408: the server waited too long for the request.
    RequestTimeout,
    /// 400 and other 4xx: the request cannot be fulfilled as it is.
    BadRequest,
    /// The request or the file is larger than allowed.
    TooLarge,
    /// 409: something of that name exists.
    AlreadyExists,
    /// 404: something the request names does not exist.
    NotFound,
    /// The timestamp is more than an hour old; the next attempt is signed anew.
    StaleRequest,
    /// Parameters that every request carries did not arrive, so the body was cut short.
    TruncatedRequest,
    /// The signature does not match; the secret or the algorithm is wrong.
    InvalidSignature,
    /// 401: key, secret, token or cloud name is wrong.
    Unauthorized,
    /// 403: known, but not allowed.
    Forbidden,
    /// A preset that all uploads name does not exist or cannot be used.
    UnusablePreset,
    /// Not the API: a web page or a redirect, as from a wrong host or path.
    WrongEndpoint,
    /// The source to fetch does not exist.
    SourceNotFound,
    /// The source to fetch refused Cloudinary.
    SourceDenied,
    /// The source to fetch did not deliver this time.
    SourceUnavailable,
    /// Our own source stream failed or had another length than announced.
    SourceRead,
    /// 5xx. A write may or may not have happened; it is repeated and proven either way.
    ServerError,
    /// No connection, so nothing was sent.
    Connect,
    /// No connection in time, so nothing was sent.
    TimeoutBeforeSend,
    /// No answer in time to a write that may have arrived.
    TimeoutAfterSend,
    /// The connection broke after a write may have arrived.
    ConnectionReset,
    /// A call that changes nothing got no answer, or half of one.
    ReadInterrupted,
    /// A write was answered with success, but the answer makes no sense.
    UnreadableResponse,
    /// The request could not be put together.
    Unsendable,
}

impl ErrorKind {
    /// What to do about it.
    pub fn disposition(self) -> Disposition {
        match self {
            Self::RateLimited | Self::QuotaExhausted => Disposition::Throttled,
            Self::Processing
            | Self::RequestTimeout
            | Self::StaleRequest
            | Self::TruncatedRequest
            | Self::SourceUnavailable
            | Self::SourceRead
            | Self::ServerError
            | Self::Connect
            | Self::TimeoutBeforeSend
            | Self::ReadInterrupted => Disposition::Transient,
            Self::TimeoutAfterSend | Self::ConnectionReset | Self::UnreadableResponse => {
                Disposition::Unclear
            }
            Self::SourceNotFound => Disposition::SourceGone,
            Self::SourceDenied => Disposition::SourceDenied,
            Self::BadRequest
            | Self::TooLarge
            | Self::AlreadyExists
            | Self::NotFound
            | Self::Unsendable => Disposition::Refused,
            Self::PlanExhausted
            | Self::InvalidSignature
            | Self::Unauthorized
            | Self::Forbidden
            | Self::UnusablePreset
            | Self::WrongEndpoint => Disposition::Ours,
        }
    }

    /// A short fixed word for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::QuotaExhausted => "quota_exhausted",
            Self::PlanExhausted => "plan_exhausted",
            Self::Processing => "processing",
            Self::RequestTimeout => "request_timeout",
            Self::BadRequest => "bad_request",
            Self::TooLarge => "too_large",
            Self::AlreadyExists => "already_exists",
            Self::NotFound => "not_found",
            Self::StaleRequest => "stale_request",
            Self::TruncatedRequest => "truncated_request",
            Self::InvalidSignature => "invalid_signature",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::UnusablePreset => "unusable_preset",
            Self::WrongEndpoint => "wrong_endpoint",
            Self::SourceNotFound => "source_not_found",
            Self::SourceDenied => "source_denied",
            Self::SourceUnavailable => "source_unavailable",
            Self::SourceRead => "source_read",
            Self::ServerError => "server_error",
            Self::Connect => "connect",
            Self::TimeoutBeforeSend => "timeout_before_send",
            Self::TimeoutAfterSend => "timeout_after_send",
            Self::ConnectionReset => "connection_reset",
            Self::ReadInterrupted => "read_interrupted",
            Self::UnreadableResponse => "unreadable_response",
            Self::Unsendable => "unsendable",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed call.
#[derive(Debug, thiserror::Error)]
#[error("{message}{}", Details(self))]
pub struct ApiError {
    /// The cause.
    pub kind: ErrorKind,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// Cloudinary's words, or ours when there was no answer; cleaned, bounded, without secrets.
    pub message: String,
    /// What Cloudinary's support asks for.
    pub request_id: Option<String>,
    /// Not before this moment, when the answer said so.
    pub retry_at: Option<SystemTime>,
    /// What the network or the file said.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// An error without an answer.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            kind,
            status: None,
            message,
            request_id: None,
            retry_at: None,
            source: None,
        }
    }

    /// The same, with what caused it.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    /// What to do about it.
    pub fn disposition(&self) -> Disposition {
        self.kind.disposition()
    }
}

/// ` (kind, status 420, request abc)`.
struct Details<'a>(&'a ApiError);

impl fmt::Display for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " ({}", self.0.kind)?;
        if let Some(status) = self.0.status {
            write!(f, ", status {status}")?;
        }
        if let Some(id) = &self.0.request_id {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_message_kind_status_and_request_but_not_its_source() {
        let error = ApiError {
            status: Some(500),
            request_id: Some("r1".to_owned()),
            ..ApiError::new(ErrorKind::ServerError, "oops").with_source("inner")
        };
        assert_eq!(
            error.to_string(),
            "oops (server_error, status 500, request r1)"
        );
        assert_eq!(
            error.source().map(ToString::to_string).as_deref(),
            Some("inner")
        );
        let bare = ApiError::new(ErrorKind::Connect, "no connection");
        assert_eq!(bare.to_string(), "no connection (connect)");
    }
}
