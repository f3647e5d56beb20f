//! Durations as people write them: `500ms`, `25s`, `1m30s`, `12h`.
//!
//! The unit is required: `25` has been read as minutes by too many programs already.

use std::fmt::Write;
use std::time::Duration;

const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Reads numbers with their units, the larger units first, each unit once.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let (_, milliseconds) = units.find(|(name, _)| *name == unit)?;
        let part = number.parse::<u64>().ok()?.checked_mul(*milliseconds)?;
        total = total.checked_add(part)?;
        rest = after;
    }
    (!text.is_empty()).then(|| Duration::from_millis(total))
}

/// Writes what [`parse`] reads; less than a millisecond is left out.
pub(super) fn show(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, milliseconds) in UNITS {
        let (count, left) = (rest / milliseconds, rest % milliseconds);
        if count > 0 {
            let _ = write!(text, "{count}{unit}");
        }
        rest = left;
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units_from_large_to_small() {
        let read = |text| parse(text).map(|duration| duration.as_millis());
        assert_eq!(read("25s"), Some(25_000));
        assert_eq!(read("2m"), Some(120_000));
        assert_eq!(read("1m30s"), Some(90_000));
        assert_eq!(read("500ms"), Some(500));
        assert_eq!(read("1h1s1ms"), Some(3_601_001));
        assert_eq!(read("0s"), Some(0));
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "", "25", "s", "1.5s", "-1s", "1 m", "30s1m", "1s1s", "1d", "é", "1s ",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse(&format!("{}h", u64::MAX)), None);
    }

    #[test]
    fn what_is_shown_can_be_read() {
        for text in ["0s", "25s", "1m30s", "12h", "1ms", "1h2m3s4ms"] {
            assert_eq!(show(parse(text).expect(text)), text);
        }
    }
}
