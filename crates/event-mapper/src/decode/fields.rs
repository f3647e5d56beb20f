//! Lenient reading of single members: a member of the wrong type is an absent member.
//!
//! Emitters disagree about types (Ceph writes sizes as text, moto writes times as numbers), and
//! none of these facts is worth losing a notification for.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Object;

/// Numbers above this are milliseconds: as seconds they would be past the year 5000.
const LAST_PLAUSIBLE_SECOND: i64 = 100_000_000_000;

/// Text that is not empty.
pub(super) fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The object under a name.
pub(super) fn object<'a>(parent: &'a Object, name: &str) -> Option<&'a Object> {
    parent.get(name)?.as_object()
}

/// A size in bytes, as a number or as text.
pub(super) fn size(object: &Object) -> Option<u64> {
    match object.get("size")? {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// An `ETag` without the quotes that HTTP puts around it.
pub(super) fn etag(object: &Object) -> Option<String> {
    let etag = text(object, "eTag")
        .or_else(|| text(object, "etag"))?
        .trim_matches('"');
    (!etag.is_empty()).then(|| etag.to_owned())
}

/// A version ID. `null` is S3's name for the version that has none.
pub(super) fn version_id(object: &Object) -> Option<String> {
    text(object, "versionId")
        .or_else(|| text(object, "version-id"))
        .filter(|version| *version != "null")
        .map(str::to_owned)
}

/// A time: RFC 3339 text, or seconds or milliseconds since 1970 as a number or as text.
pub(super) fn time(value: &Value) -> Option<OffsetDateTime> {
    match value {
        Value::String(text) => OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .or_else(|| from_epoch(text.parse().ok()?)),
        Value::Number(number) => from_epoch(number.as_i64().or_else(|| whole(number.as_f64()?))?),
        _ => None,
    }
}

/// The beginning of a text, short enough to be part of a reason.
pub(super) fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    text.chars().take(MAX_CHARS).collect()
}

fn from_epoch(number: i64) -> Option<OffsetDateTime> {
    let milliseconds = if number.saturating_abs() > LAST_PLAUSIBLE_SECOND {
        number
    } else {
        number.saturating_mul(1000)
    };
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, the caller checks the range"
)]
fn whole(seconds: f64) -> Option<i64> {
    seconds.is_finite().then_some(seconds as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn object_of(value: Value) -> Object {
        match value {
            Value::Object(object) => object,
            other => panic!("{other} is not an object"),
        }
    }

    #[test]
    fn sizes_are_numbers_or_text_and_nothing_else() {
        let table = [
            (json!(1024), Some(1024)),
            (json!("1024"), Some(1024)),
            (json!(0), Some(0)),
            (json!(u64::MAX), Some(u64::MAX)),
            (json!(-1), None),
            (json!(1.5), None),
            (json!("-1"), None),
            (json!(""), None),
            (json!("99999999999999999999"), None),
            (json!(null), None),
            (json!([1]), None),
        ];
        for (written, size_read) in table {
            let object = object_of(json!({ "size": written }));
            assert_eq!(size(&object), size_read, "{object:?}");
        }
    }

    #[test]
    fn times_are_rfc_3339_or_epoch_numbers() {
        let expected = Some(datetime!(2024-05-01 10:00:00 UTC));
        for written in [
            json!("2024-05-01T10:00:00.000Z"),
            json!("2024-05-01T12:00:00+02:00"),
            json!(1_714_557_600),
            json!(1_714_557_600.25),
            json!("1714557600"),
            json!(1_714_557_600_000_i64),
        ] {
            assert_eq!(time(&written), expected, "{written}");
        }
        for written in [
            json!("yesterday"),
            json!(""),
            json!(i64::MAX),
            json!(1e300),
            json!({}),
        ] {
            assert_eq!(time(&written), None, "{written}");
        }
    }

    #[test]
    fn etags_lose_their_quotes_and_the_null_version_is_no_version() {
        let object = object_of(json!({ "etag": "\"abc\"", "version-id": "null" }));
        assert_eq!(etag(&object).as_deref(), Some("abc"));
        assert_eq!(version_id(&object), None);
        let object = object_of(json!({ "eTag": "abc-2", "versionId": "v1" }));
        assert_eq!(etag(&object).as_deref(), Some("abc-2"));
        assert_eq!(version_id(&object).as_deref(), Some("v1"));
    }
}
