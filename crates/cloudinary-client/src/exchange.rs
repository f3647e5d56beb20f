//! Sends one request and says what came of it: a bounded answer, or a classified failure.
//!
//! The distinction that matters is whether a write may have arrived. Failing to connect proves
//! that it did not; everything later proves nothing. For calls that change nothing it is moot.

use std::time::SystemTime;

use cloudinary_core::{ApiError, ErrorKind, Reply, UnreadableBody, classify};
use reqwest::{RequestBuilder, Response};

/// More of an answer than this is not read. Answers have a few kilobytes.
const BODY_MAX_BYTES: usize = 1024 * 1024;

/// Whether a lost answer leaves a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It may have changed something.
    Write,
    /// It changes nothing.
    Read,
}

/// An answer, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    effect: Effect,
}

impl Answer {
    /// The success that was expected, or the error that this is.
    pub(crate) fn parse<T>(
        &self,
        parse: impl FnOnce(&[u8]) -> Result<T, UnreadableBody>,
    ) -> Result<T, ApiError> {
        if !(200..300).contains(&self.status) {
            return Err(self.to_error());
        }
        parse(&self.body).map_err(|_| self.to_error())
    }

    /// What this answer means as a failure.
    pub(crate) fn to_error(&self) -> ApiError {
        let headers = self.header_texts();
        let reply = Reply {
            status: self.status,
            headers: &headers,
            body: &self.body,
        };
        let error = classify(&reply, now());
        match (self.effect, error.kind) {
            (Effect::Read, ErrorKind::UnreadableResponse) => ApiError {
                kind: ErrorKind::ReadInterrupted,
                ..error
            },
            _ => error,
        }
    }

    pub(crate) fn header_texts(&self) -> Vec<(&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

/// Sends once.
pub(crate) async fn send(request: RequestBuilder, effect: Effect) -> Result<Answer, ApiError> {
    let response = request
        .send()
        .await
        .map_err(|error| lost(error, effect, None))?;
    let headers = header_texts(&response);
    let status = response.status().as_u16();
    // For whoever traces the call; a success without an error has nobody else to tell it.
    tracing::Span::current().record("http.response.status_code", status);
    let request_id = header(&headers, "x-request-id");
    let mut body = Vec::new();
    match read(response, &mut body).await {
        // A half-read success is no success; a half-read error is still that error.
        Err(error) if status < 300 => Err(ApiError {
            status: Some(status),
            ..lost(error, effect, request_id)
        }),
        _ => Ok(Answer {
            status,
            headers,
            body,
            effect,
        }),
    }
}

/// A request that could not even be built.
pub(crate) fn unsendable(error: reqwest::Error) -> ApiError {
    lost(error, Effect::Read, None)
}

/// The wall clock, read where requests are signed and answers name a moment to come back.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where this crate needs the time"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

async fn read(mut response: Response, body: &mut Vec<u8>) -> Result<(), reqwest::Error> {
    while body.len() < BODY_MAX_BYTES {
        let Some(piece) = response.chunk().await? else {
            break;
        };
        let room = BODY_MAX_BYTES - body.len();
        body.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    Ok(())
}

fn header_texts(response: &Response) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = response.headers().iter();
    headers
        .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
        .collect()
}

fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers
        .iter()
        .find(|(given, _)| given == name)
        .map(|(_, value)| value.clone())
}

fn lost(error: reqwest::Error, effect: Effect, request_id: Option<String>) -> ApiError {
    let (kind, message) = meaning(&error, effect);
    // The URL of a private original is signed, so it stays out.
    ApiError {
        request_id,
        ..ApiError::new(kind, message).with_source(error.without_url())
    }
}

fn meaning(error: &reqwest::Error, effect: Effect) -> (ErrorKind, &'static str) {
    if error.is_builder() {
        return (ErrorKind::Unsendable, "request that cannot be put together");
    }
    match (error.is_connect(), error.is_timeout(), effect) {
        (true, true, _) => (ErrorKind::TimeoutBeforeSend, "no connection in time"),
        (true, false, _) => (ErrorKind::Connect, "no connection"),
        (false, true, Effect::Write) => (ErrorKind::TimeoutAfterSend, "no answer in time"),
        (false, true, Effect::Read) => (ErrorKind::ReadInterrupted, "no answer in time"),
        (false, false, Effect::Write) => (ErrorKind::ConnectionReset, "connection lost"),
        (false, false, Effect::Read) => (ErrorKind::ReadInterrupted, "connection lost"),
    }
}
