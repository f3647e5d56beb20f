//! Any header lines: quotas, `Retry-After` and the words `Try again on …`.
//!
//! Input: header lines. Each value is also read as a `Retry-After` and as a message.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloudinary_core::RateLimit;
use cloudinary_core::rate_limit::{retry_after, try_again_on};

use super::answer::header_lines;

/// Reads the input in all three ways.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let headers = header_lines(text);
    check_quotas(&headers);
    for (_, value) in headers {
        check_retry_after(value);
        check_words(value);
    }
}

fn check_quotas(headers: &[(&str, &str)]) {
    let limits = RateLimit::from_headers(headers);
    assert!(limits.len() <= headers.len());
    let names: HashSet<_> = limits.iter().map(|limit| &limit.feature).collect();
    assert_eq!(names.len(), limits.len(), "one entry for each quota");
    if let Some(until) = RateLimit::exhausted_until(headers) {
        let names_it = |limit: &RateLimit| limit.remaining == Some(0) && limit.reset == Some(until);
        assert!(limits.iter().any(names_it), "{limits:?}");
    }
}

fn check_retry_after(value: &str) {
    let now = UNIX_EPOCH + Duration::from_hours(500_000);
    let moment = retry_after(value, now);
    if let Ok(seconds) = value.parse::<u32>() {
        let expected = now + Duration::from_secs(seconds.into());
        assert_eq!(moment, Some(expected));
    }
    // A clock that is far ahead leaves no room to add to.
    retry_after(value, last_moment());
}

fn check_words(value: &str) {
    let message = format!("Limit reached. Try again on {value}");
    let moment = try_again_on(&message);
    assert!(moment.is_none_or(|moment| moment >= UNIX_EPOCH));
    let longer = format!("Rate Limit Exceeded. {message}");
    assert_eq!(try_again_on(&longer), moment, "{longer}");
    try_again_on(value);
}

fn last_moment() -> SystemTime {
    let most = Duration::from_secs(i64::MAX.unsigned_abs());
    UNIX_EPOCH.checked_add(most).unwrap_or(UNIX_EPOCH)
}
