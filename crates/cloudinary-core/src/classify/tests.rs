//! The table of answers, as data: status, message, kind, disposition.

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;
use crate::error::Disposition as D;
use crate::error::ErrorKind as K;

const TABLE: &[(u16, &str, K, D)] = &[
    (420, "Rate limit", K::RateLimited, D::Throttled),
    (429, "", K::RateLimited, D::Throttled),
    (
        420,
        "Rate Limit Exceeded. Limit of 500 api operations reached. Try again on 2026-09-08 10:00:00 UTC",
        K::QuotaExhausted,
        D::Throttled,
    ),
    (
        420,
        "Limit of 50 adv_ocr operations reached. Try again on the next monthly billing usage date.",
        K::PlanExhausted,
        D::Ours,
    ),
    (
        420,
        "You don't have an active subscription for that add-on",
        K::PlanExhausted,
        D::Ours,
    ),
    (402, "", K::PlanExhausted, D::Ours),
    (408, "", K::RequestTimeout, D::Transient),
    (423, "still processing", K::Processing, D::Transient),
    (500, "Internal error", K::ServerError, D::Transient),
    (
        503,
        "Error in loading https://x - 404 Not Found",
        K::ServerError,
        D::Transient,
    ),
    (599, "", K::ServerError, D::Transient),
    (413, "Request entity too large", K::TooLarge, D::Refused),
    (
        400,
        "File size too large. Got 20. Maximum is 10.",
        K::TooLarge,
        D::Refused,
    ),
    (
        400,
        "Missing required parameter - public_id",
        K::BadRequest,
        D::Refused,
    ),
    (
        400,
        "Image file format png not allowed",
        K::BadRequest,
        D::Refused,
    ),
    (
        400,
        "Display name cannot contain slashes",
        K::BadRequest,
        D::Refused,
    ),
    (415, "", K::BadRequest, D::Refused),
    (
        409,
        "to_public_id x already exists",
        K::AlreadyExists,
        D::Refused,
    ),
    (
        404,
        "Can't find folder with path x",
        K::NotFound,
        D::Refused,
    ),
    (
        400,
        "Stale request - reported time is 2026-01-01",
        K::StaleRequest,
        D::Transient,
    ),
    (
        401,
        "Stale request - reported time is 2026-01-01",
        K::StaleRequest,
        D::Transient,
    ),
    (
        400,
        "Upload preset must be specified when using unsigned upload",
        K::TruncatedRequest,
        D::Transient,
    ),
    (
        400,
        "Missing required parameter - file",
        K::TruncatedRequest,
        D::Transient,
    ),
    (400, "Upload preset not found", K::UnusablePreset, D::Ours),
    (
        401,
        "Invalid Signature abc. String to sign - 'public_id=Stale request'.",
        K::InvalidSignature,
        D::Ours,
    ),
    (401, "unknown api_key", K::Unauthorized, D::Ours),
    (401, "Invalid cloud_name x", K::Unauthorized, D::Ours),
    (400, "Invalid cloud_name x", K::Unauthorized, D::Ours),
    (400, "cloud_name x is disabled", K::Unauthorized, D::Ours),
    (401, "anything", K::Unauthorized, D::Ours),
    (403, "not allowed", K::Forbidden, D::Ours),
    (302, "", K::WrongEndpoint, D::Ours),
    (
        400,
        "Error in loading https://x/y - 404 Not Found",
        K::SourceNotFound,
        D::SourceGone,
    ),
    (
        404,
        "Error in loading s3://b/k - 404 Not Found",
        K::SourceNotFound,
        D::SourceGone,
    ),
    (
        404,
        "Resource not found - https://x/y",
        K::SourceNotFound,
        D::SourceGone,
    ),
    (
        400,
        "Error in loading s3://b/k - The specified key does not exist.",
        K::SourceNotFound,
        D::SourceGone,
    ),
    (
        400,
        "Error in loading s3://b/k - Access Denied",
        K::SourceDenied,
        D::SourceDenied,
    ),
    (
        400,
        "Error in loading https://x/y - 403 Forbidden",
        K::SourceDenied,
        D::SourceDenied,
    ),
    (
        400,
        "Error in loading s3://b/k - The specified bucket does not exist",
        K::SourceDenied,
        D::SourceDenied,
    ),
    (
        400,
        "Error in loading https://x/Access Denied - Timed out reading data from server",
        K::SourceUnavailable,
        D::Transient,
    ),
    (
        400,
        "Error in loading https://x - Server broke connection",
        K::SourceUnavailable,
        D::Transient,
    ),
    (
        400,
        "Error in loading https://x - partial download",
        K::SourceUnavailable,
        D::Transient,
    ),
    (
        400,
        "Error in loading https://x - ERR_DNS_FAIL 0",
        K::SourceUnavailable,
        D::Transient,
    ),
    (
        400,
        "Error in loading https://x - 503 Slow Down",
        K::SourceUnavailable,
        D::Transient,
    ),
    (
        400,
        "Error in loading https://x - 429 Too Many Requests",
        K::SourceUnavailable,
        D::Transient,
    ),
    (
        400,
        "Error in loading https://x - 400 Bad Request",
        K::BadRequest,
        D::Refused,
    ),
];

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_000_000)
}

fn of(status: u16, headers: &[(&str, &str)], body: &str) -> ApiError {
    classify(
        &Reply {
            status,
            headers,
            body: body.as_bytes(),
        },
        now(),
    )
}

#[test]
fn every_known_answer_has_its_kind_and_disposition() {
    for (status, message, kind, disposition) in TABLE {
        let body = serde_json::json!({"error": {"message": message}}).to_string();
        let by_body = of(*status, &[], &body);
        let by_header = of(*status, &[("X-Cld-Error", message)], "");
        assert_eq!(by_body.kind, *kind, "{status} {message}");
        assert_eq!(by_body.disposition(), *disposition, "{status} {message}");
        assert_eq!(by_header.kind, *kind, "{status} {message} in the header");
    }
}

#[test]
fn a_web_page_is_a_wrong_endpoint_where_the_api_would_say_not_found() {
    let page = "<html><title>404 Not Found</title></html>";
    assert_eq!(of(404, &[], page).kind, K::WrongEndpoint);
    assert_eq!(of(502, &[], page).kind, K::ServerError);
    assert_eq!(of(404, &[], page).message, "web page: 404 Not Found");
}

#[test]
fn success_without_sense_is_unclear_unless_it_says_error() {
    assert_eq!(of(200, &[], "<html>").disposition(), D::Unclear);
    assert_eq!(of(200, &[], "").disposition(), D::Unclear);
    assert_eq!(
        of(200, &[], r#"{"error":{"message":"no"}}"#).disposition(),
        D::Refused
    );
}

#[test]
fn status_message_and_request_id_are_kept() {
    let error = of(
        400,
        &[("X-Request-Id", "r1")],
        r#"{"error":{"message":"m"}}"#,
    );
    assert_eq!((error.status, error.message.as_str()), (Some(400), "m"));
    assert_eq!(error.request_id.as_deref(), Some("r1"));
}

#[test]
fn the_moment_to_come_back_is_taken_from_the_best_source() {
    let reset = ("X-FeatureRateLimit-Reset", "Wed, 01 Jun 2016 20:00:00 GMT");
    let used_up = ("X-FeatureRateLimit-Remaining", "0");
    let some_left = ("X-FeatureRateLimit-Remaining", "7");
    let at = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
    let text = "Rate Limit Exceeded. Try again on 2016-06-01 21:00:00 UTC";
    assert_eq!(
        of(420, &[("Retry-After", "30"), reset, used_up], text).retry_at,
        at(1_000_030)
    );
    assert_eq!(of(420, &[reset, used_up], text).retry_at, at(1_464_814_800));
    assert_eq!(of(420, &[reset, used_up], "").retry_at, at(1_464_811_200));
    assert_eq!(
        of(420, &[reset, some_left], "").retry_at,
        None,
        "not what was exceeded"
    );
    assert_eq!(
        of(503, &[("retry-after", "5"), reset, used_up], "").retry_at,
        at(1_000_005)
    );
    assert_eq!(of(500, &[reset, used_up], "").retry_at, None);
}

proptest! {
    #[test]
    fn no_answer_makes_classification_panic(
        status in any::<u16>(),
        name in "(retry-after|x-cld-error|x-featureratelimit-reset|x-feature)",
        value in ".{0,40}",
        body in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let headers = [(name.as_str(), value.as_str())];
        classify(&Reply { status, headers: &headers, body: &body }, now());
    }

    #[test]
    fn no_source_url_is_mistaken_for_the_reason(key in "[ -~]{0,40}") {
        let message = format!("Error in loading s3://b/{key} - 404 Not Found");
        prop_assert_eq!(of(400, &[("x-cld-error", &message)], "").kind, K::SourceNotFound);
    }
}
