//! The shapes of answers: JSON, refusals as Cloudinary words them, and the headers both carry.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use crate::clock;
use crate::quota::QuotaState;
use crate::store::random_id;

const X_CLD_ERROR: HeaderName = HeaderName::from_static("x-cld-error");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A 200 with a JSON body.
pub(crate) fn ok(body: &impl Serialize) -> Response {
    json_response(200, body)
}

/// An error answer: `{"error":{"message":…}}` and the same text in `X-Cld-Error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    message: String,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, message)
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        Self::bad_request(format!("Missing required parameter - {name}"))
    }

    pub(crate) fn no_resource(public_id: &str) -> Self {
        Self::new(404, format!("Resource not found - {public_id}"))
    }

    pub(crate) fn body_too_large(got: u64, most: u64) -> Self {
        Self::new(
            413,
            format!("File size too large. Got {got}. Maximum is {most}."),
        )
    }

    /// The text is a guess: nobody has published what Cloudinary says here.
    pub(crate) fn too_many_in_flight() -> Self {
        Self::new(420, "Too many concurrent upload_api operations")
    }

    pub(crate) fn quota_exhausted(quota: &QuotaState) -> Self {
        let (limit, until) = (quota.limit, clock::plain(quota.reset));
        Self::new(
            420,
            format!(
                "Rate Limit Exceeded. Limit of {limit} api operations reached. Try again on {until} UTC"
            ),
        )
    }

    /// An injected failure; without a text, the one that usually comes with the status.
    pub(crate) fn injected(status: u16, message: Option<&str>, retry_after: Option<u64>) -> Self {
        let usual = match status {
            400 => "Invalid request",
            401 => "Invalid credentials",
            403 => "Action is not allowed",
            404 => "Resource not found",
            409 => "Resource already exists",
            413 => "Request entity too large",
            420 => "Rate Limit Exceeded",
            423 => "Resource is locked: still processing",
            429 => "Too many requests",
            503 => "Service unavailable",
            504 => "Gateway timeout",
            _ => "General Error",
        };
        Self {
            retry_after,
            ..Self::new(status, message.unwrap_or(usual))
        }
    }

    /// The answer to an API call.
    pub(crate) fn answer(&self) -> Response {
        let mut response = json_response(self.status, &json!({"error": {"message": self.message}}));
        self.mark(&mut response);
        response
    }

    /// The answer to a delivery request: the text is only in the header.
    pub(crate) fn empty_answer(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status(self.status);
        self.mark(&mut response);
        response
    }

    fn mark(&self, response: &mut Response) {
        let text: String = self.message.replace(|c: char| c.is_control(), " ");
        if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
            response.headers_mut().insert(X_CLD_ERROR, value);
        }
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

/// Gives a finished answer the id that every answer has.
pub(crate) fn with_request_id(mut response: Response) -> Response {
    if let Ok(value) = HeaderValue::from_str(&random_id()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// Adds what is left of the Admin API's quota.
pub(crate) fn with_quota(mut response: Response, quota: &QuotaState) -> Response {
    let headers = response.headers_mut();
    let name = HeaderName::from_static;
    headers.insert(
        name("x-featureratelimit-limit"),
        HeaderValue::from(quota.limit),
    );
    headers.insert(
        name("x-featureratelimit-remaining"),
        HeaderValue::from(quota.remaining),
    );
    if let Ok(reset) = HeaderValue::from_str(&clock::http(quota.reset)) {
        headers.insert(name("x-featureratelimit-reset"), reset);
    }
    response
}

fn json_response(code: u16, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status(code);
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

// 420 is in no registry; any number from 100 to 999 is a status all the same.
fn status(code: u16) -> axum::http::StatusCode {
    axum::http::StatusCode::from_u16(code).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR)
}
