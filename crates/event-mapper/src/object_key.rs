//! Object keys as notifications write them.
//!
//! S3, `MinIO`, Ceph and moto write keys in `application/x-www-form-urlencoded` form; EventBridge
//! writes them as they are and does not come here. Decoding happens exactly once and never
//! normalises: `é` in one code point and `é` in two are two keys.

use percent_encoding::percent_decode_str;

use crate::Defect;

/// Decodes a key: `+` is a space, then `%XX` is a byte, then the bytes must be UTF-8.
///
/// A `%` that two hexadecimal digits do not follow stands for itself.
pub(crate) fn decode_key(encoded: &str) -> Result<String, Defect> {
    let spaced = encoded.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(key) if key.is_empty() => Err(Defect::EmptyKey),
        Ok(key) => Ok(key.into_owned()),
        Err(_) => Err(Defect::KeyNotUtf8),
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plus_is_a_space_and_percent_2b_is_a_plus() {
        assert_eq!(
            decode_key("red+flower.jpg").as_deref(),
            Ok("red flower.jpg")
        );
        assert_eq!(decode_key("a%2Bb%2bc+d%20e").as_deref(), Ok("a+b+c d e"));
    }

    #[test]
    fn keys_are_decoded_once() {
        assert_eq!(decode_key("100%2525.jpg").as_deref(), Ok("100%25.jpg"));
    }

    #[test]
    fn a_percent_without_digits_stands_for_itself() {
        assert_eq!(decode_key("a%zz%4").as_deref(), Ok("a%zz%4"));
    }

    #[test]
    fn keys_are_not_normalised() {
        assert_eq!(decode_key("e%CC%81").as_deref(), Ok("e\u{301}"));
        assert_eq!(decode_key("%C3%A9").as_deref(), Ok("\u{e9}"));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_a_defect() {
        assert_eq!(decode_key("a%FF"), Err(Defect::KeyNotUtf8));
        assert_eq!(decode_key("%ED%A0%80"), Err(Defect::KeyNotUtf8));
    }

    #[test]
    fn an_empty_key_is_a_defect() {
        assert_eq!(decode_key(""), Err(Defect::EmptyKey));
    }

    proptest! {
        #[test]
        fn decoding_undoes_the_encoding_of_s3(key in "\\PC{1,40}|[\\x00-\\x7f]{1,40}") {
            // S3 leaves these alone and writes a space as `+`.
            const ENCODED: &AsciiSet =
                &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*').remove(b'/');
            let encoded = utf8_percent_encode(&key, ENCODED).to_string().replace("%20", "+");
            prop_assert_eq!(decode_key(&encoded), Ok(key));
        }
    }
}
