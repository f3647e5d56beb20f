//! The wall clock and the shapes Cloudinary writes it in. The only reader of the clock here.

use std::time::{Duration, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// Seconds since 1970.
pub(crate) fn unix_now() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the emulator is an edge: it stamps versions"
    )]
    let now = std::time::SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// `2024-06-25T08:40:54Z`, as in asset descriptions.
pub(crate) fn iso(unix: u64) -> String {
    moment(unix).format(&Rfc3339).unwrap_or_default()
}

/// `2024-06-25 08:40:54`, as in error texts.
pub(crate) fn plain(unix: u64) -> String {
    let shape = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    moment(unix).format(&shape).unwrap_or_default()
}

/// `Wed, 01 Jun 2016 20:00:00 GMT`, as in headers.
pub(crate) fn http(unix: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix.min(MAX_UNIX)))
}

// The end of the year 9999: text forms beyond it do not exist.
const MAX_UNIX: u64 = 253_402_300_799;

fn moment(unix: u64) -> OffsetDateTime {
    let seconds = i64::try_from(unix.min(MAX_UNIX)).unwrap_or_default();
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_has_three_spellings() {
        assert_eq!(iso(1_464_811_200), "2016-06-01T20:00:00Z");
        assert_eq!(plain(1_464_811_200), "2016-06-01 20:00:00");
        assert_eq!(http(1_464_811_200), "Wed, 01 Jun 2016 20:00:00 GMT");
    }

    #[test]
    fn a_time_beyond_the_calendar_does_not_panic() {
        assert!(iso(u64::MAX).starts_with("9999"));
        assert!(http(u64::MAX).contains("9999"));
    }
}
