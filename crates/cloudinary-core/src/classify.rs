//! From an answer to an [`ApiError`]: the one place that knows Cloudinary's statuses and texts.
//!
//! The status decides where it can. Cloudinary uses 400 for nearly everything, so there the start
//! of the message decides; texts quote public IDs and URLs, so only fixed places are looked at.
//! Pure: the caller passes `now`, which turns relative waits into moments.

use std::time::SystemTime;

use crate::error::{ApiError, ErrorKind};
use crate::error_message;
use crate::rate_limit::{self, RateLimit};

/// A received answer.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// The HTTP status.
    pub status: u16,
    /// Names in any case, with their values.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, or as much of it as was read.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let found = self
            .headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    /// Cloudinary's id of the exchange.
    pub fn request_id(&self) -> Option<String> {
        self.header("x-request-id")
            .map(|id| id.chars().take(128).collect())
    }
}

/// Says what an answer that is not the expected success means.
///
/// A success status gives [`ErrorKind::UnreadableResponse`], unless the body says `error`.
pub fn classify(reply: &Reply<'_>, now: SystemTime) -> ApiError {
    let found = error_message::find(reply.header("x-cld-error"), reply.body);
    let message = found.unwrap_or_else(|| "answer without a message".to_owned());
    let kind = kind(reply, &message);
    ApiError {
        status: Some(reply.status),
        request_id: reply.request_id(),
        retry_at: retry_at(reply, &message, now),
        ..ApiError::new(kind, message)
    }
}

fn kind(reply: &Reply<'_>, message: &str) -> ErrorKind {
    match reply.status {
        420 | 429 => throttled(message),
        402 => ErrorKind::PlanExhausted,
        408 => ErrorKind::RequestTimeout,
        413 => ErrorKind::TooLarge,
        423 => ErrorKind::Processing,
        500..=599 => ErrorKind::ServerError,
        _ => by_message(message).unwrap_or_else(|| by_status(reply)),
    }
}

/// 420 also means that a paid feature is used up until next month, or was never bought.
fn throttled(message: &str) -> ErrorKind {
    let message = message.to_ascii_lowercase();
    if message.contains("billing") || message.contains("subscri") {
        ErrorKind::PlanExhausted
    } else if message.contains("operations reached") {
        ErrorKind::QuotaExhausted
    } else {
        ErrorKind::RateLimited
    }
}

/// Starts of messages that say more than their status.
const BY_START: [(&str, ErrorKind); 15] = [
    ("Stale request", ErrorKind::StaleRequest),
    ("Invalid Signature", ErrorKind::InvalidSignature),
    // We always sign: the unsigned path is only taken when the signature was lost on the way.
    (
        "Upload preset must be specified when using unsigned upload",
        ErrorKind::TruncatedRequest,
    ),
    (
        "Missing required parameter - file",
        ErrorKind::TruncatedRequest,
    ),
    (
        "Missing required parameter - api_key",
        ErrorKind::TruncatedRequest,
    ),
    (
        "Missing required parameter - signature",
        ErrorKind::TruncatedRequest,
    ),
    (
        "Missing required parameter - timestamp",
        ErrorKind::TruncatedRequest,
    ),
    ("Upload preset", ErrorKind::UnusablePreset),
    ("unknown api_key", ErrorKind::Unauthorized),
    ("Unknown API key", ErrorKind::Unauthorized),
    ("Invalid cloud_name", ErrorKind::Unauthorized),
    ("cloud_name mismatch", ErrorKind::Unauthorized),
    ("api_secret mismatch", ErrorKind::Unauthorized),
    ("File size too large", ErrorKind::TooLarge),
    // A destroy of a missing asset is a success, so only a source can be meant.
    ("Resource not found", ErrorKind::SourceNotFound),
];

fn by_message(message: &str) -> Option<ErrorKind> {
    if let Some(loading) = message.strip_prefix("Error in loading ") {
        return Some(source_trouble(loading));
    }
    if message.starts_with("cloud_name ") && message.ends_with(" is disabled") {
        return Some(ErrorKind::Unauthorized);
    }
    BY_START
        .iter()
        .find(|(start, _)| message.starts_with(start))
        .map(|(_, kind)| *kind)
}

/// `<url> - <reason>`; the URL may hold anything, so the last ` - ` counts.
fn source_trouble(loading: &str) -> ErrorKind {
    let reason = loading
        .rsplit_once(" - ")
        .map_or(loading, |(_, reason)| reason);
    let reason = reason.to_ascii_lowercase();
    let says = |text: &str| reason.contains(text);
    if says("denied") || says("forbidden") || says("unauthorized") || says("bucket") {
        ErrorKind::SourceDenied
    } else if says("not found") || says("does not exist") || says("nosuchkey") {
        ErrorKind::SourceNotFound
    } else {
        by_source_status(&reason)
    }
}

/// A reason often starts with the status that the source answered with.
fn by_source_status(reason: &str) -> ErrorKind {
    let status = reason
        .split(' ')
        .next()
        .and_then(|word| word.parse::<u16>().ok());
    match status {
        Some(401 | 403) => ErrorKind::SourceDenied,
        Some(404 | 410) => ErrorKind::SourceNotFound,
        Some(408 | 429) => ErrorKind::SourceUnavailable,
        Some(400..=499) => ErrorKind::BadRequest,
        // Time-outs, broken connections, name lookups and reasons not seen yet.
        _ => ErrorKind::SourceUnavailable,
    }
}

fn by_status(reply: &Reply<'_>) -> ErrorKind {
    match reply.status {
        300..=399 | 405 => ErrorKind::WrongEndpoint,
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 if error_message::is_web_page(reply.body) => ErrorKind::WrongEndpoint,
        404 => ErrorKind::NotFound,
        409 => ErrorKind::AlreadyExists,
        400..=499 => ErrorKind::BadRequest,
        _ if is_error_body(reply.body) => ErrorKind::BadRequest,
        _ => ErrorKind::UnreadableResponse,
    }
}

fn is_error_body(body: &[u8]) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    value.is_some_and(|value| value["error"].is_object() || value["error"].is_string())
}

fn retry_at(reply: &Reply<'_>, message: &str, now: SystemTime) -> Option<SystemTime> {
    let told = reply
        .header("retry-after")
        .and_then(|text| rate_limit::retry_after(text, now));
    match reply.status {
        420 | 429 => told
            .or_else(|| rate_limit::try_again_on(message))
            .or_else(|| RateLimit::exhausted_until(reply.headers)),
        _ => told,
    }
}

#[cfg(test)]
mod tests;
