//! What answers say about limits: the hourly quota of the Admin API and when to come back.
//!
//! Three sources: `X-FeatureRateLimit-*` headers, `Retry-After`, and the words `Try again on …`.
//! Reads only; waiting is the business of the limiter.

use std::time::{Duration, SystemTime};

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// The state of one hourly quota.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// Which one, when it is not the general one: `Foo` of `X-FeatureFooRateLimit-Limit`.
    pub feature: Option<String>,
    /// Calls per hour.
    pub limit: Option<u64>,
    /// Calls left.
    pub remaining: Option<u64>,
    /// When it is filled up again.
    pub reset: Option<SystemTime>,
}

impl RateLimit {
    /// Every quota that the headers speak of, in the order of their first mention.
    pub fn from_headers(headers: &[(&str, &str)]) -> Vec<Self> {
        let mut limits: Vec<Self> = Vec::new();
        for (name, value) in headers {
            if let Some((feature, field)) = split_name(name) {
                let limit = entry(&mut limits, feature);
                limit.set(&field, value.trim());
            }
        }
        limits
    }

    /// When the first used-up quota is filled up again.
    pub fn exhausted_until(headers: &[(&str, &str)]) -> Option<SystemTime> {
        let limits = Self::from_headers(headers);
        limits
            .into_iter()
            .filter(|limit| limit.remaining == Some(0))
            .find_map(|limit| limit.reset)
    }

    fn set(&mut self, field: &str, value: &str) {
        match field {
            "limit" => self.limit = value.parse().ok(),
            "remaining" => self.remaining = value.parse().ok(),
            "reset" => self.reset = httpdate::parse_http_date(value).ok(),
            _ => {}
        }
    }
}

/// The moment that a `Retry-After` header names, in seconds from `now` or as a date.
pub fn retry_after(text: &str, now: SystemTime) -> Option<SystemTime> {
    let text = text.trim();
    match text.parse() {
        Ok(seconds) => now.checked_add(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok(),
    }
}

/// The moment in `… Try again on 2026-09-08 10:00:00 UTC`.
pub fn try_again_on(message: &str) -> Option<SystemTime> {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let (_, rest) = message.split_once("Try again on ")?;
    let date = rest.get(.."2026-09-08 10:00:00".len())?;
    let moment = PrimitiveDateTime::parse(date, FORMAT).ok()?.assume_utc();
    (moment >= OffsetDateTime::UNIX_EPOCH).then(|| moment.into())
}

/// `X-Feature<Name>RateLimit-<Field>`, with the field in lower case.
fn split_name(name: &str) -> Option<(Option<&str>, String)> {
    let (feature, field) = name.rsplit_once('-')?;
    let feature = strip_prefix_ignoring_case(feature, "x-feature")?;
    let end = feature.len().checked_sub("ratelimit".len())?;
    let (feature, marker) = feature.split_at_checked(end)?;
    let feature = Some(feature).filter(|feature| !feature.is_empty());
    marker
        .eq_ignore_ascii_case("ratelimit")
        .then(|| (feature, field.to_ascii_lowercase()))
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn entry<'a>(limits: &'a mut Vec<RateLimit>, feature: Option<&str>) -> &'a mut RateLimit {
    let index = limits
        .iter()
        .position(|limit| limit.feature.as_deref() == feature);
    let index = index.unwrap_or_else(|| {
        limits.push(RateLimit {
            feature: feature.map(str::to_owned),
            ..RateLimit::default()
        });
        limits.len() - 1
    });
    &mut limits[index]
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_general_quota_is_read_in_any_case() {
        let headers = [
            ("X-FeatureRateLimit-Limit", "5000"),
            ("x-featureratelimit-remaining", " 4931 "),
            ("X-FeatureRateLimit-Reset", "Wed, 01 Jun 2016 20:00:00 GMT"),
            ("Content-Type", "application/json"),
        ];
        let expected = RateLimit {
            feature: None,
            limit: Some(5000),
            remaining: Some(4931),
            reset: Some(at(1_464_811_200)),
        };
        assert_eq!(RateLimit::from_headers(&headers), [expected]);
        assert_eq!(RateLimit::exhausted_until(&headers), None);
    }

    #[test]
    fn named_quotas_are_kept_apart() {
        let headers = [
            ("x-featureratelimit-remaining", "3"),
            ("x-featureFooratelimit-remaining", "0"),
            (
                "x-featureFooratelimit-reset",
                "Wed, 01 Jun 2016 20:00:00 GMT",
            ),
        ];
        let limits = RateLimit::from_headers(&headers);
        assert_eq!(limits.len(), 2);
        assert_eq!(limits[1].feature.as_deref(), Some("Foo"));
        assert_eq!(
            RateLimit::exhausted_until(&headers),
            Some(at(1_464_811_200))
        );
    }

    #[test]
    fn headers_without_sense_are_absent() {
        let headers = [
            ("x-featureratelimit-limit", "many"),
            ("x-featureratelimit-reset", "soon"),
        ];
        assert_eq!(RateLimit::from_headers(&headers), [RateLimit::default()]);
        assert_eq!(
            RateLimit::from_headers(&[("x-feature-limit", "1"), ("limit", "1")]),
            []
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("30", at(1000)), Some(at(1030)));
        let date = "Wed, 01 Jun 2016 20:00:00 GMT";
        assert_eq!(retry_after(date, at(1000)), Some(at(1_464_811_200)));
        for text in ["", "-1", "1.5", "soon", &u64::MAX.to_string()] {
            assert_eq!(retry_after(text, at(1000)), None, "{text}");
        }
    }

    #[test]
    fn the_moment_is_found_in_the_words() {
        let message = "Limit of 500 api operations reached. Try again on 2026-09-08 10:00:00 UTC";
        assert_eq!(try_again_on(message), Some(at(1_788_861_600)));
        for text in [
            "Try again on the next monthly billing usage date.",
            "Try again on 2026-09-08",
            "Try again on 2026-13-08 10:00:00 UTC",
            "Try again on 1900-01-01 00:00:00 UTC",
            "later",
        ] {
            assert_eq!(try_again_on(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_reading_panic(name in "(?i)(x-feature)?.{0,20}(ratelimit)?-?.{0,9}",
                                         value in ".{0,40}") {
            RateLimit::from_headers(&[(&name, &value)]);
            retry_after(&value, at(1));
            try_again_on(&format!("Try again on {value}"));
        }
    }
}
