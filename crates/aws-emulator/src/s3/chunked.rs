//! The `aws-chunked` content encoding: bytes in chunks with signatures, then trailers.
//!
//! SDKs send uploads this way by default. Signatures and trailing checksums are read over, not
//! checked: any credentials are good here.

use bytes::{Buf, Bytes, BytesMut};

/// A body that is not what its encoding claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed aws-chunked body")]
pub(crate) struct Malformed;

/// The bytes that were encoded.
pub(crate) fn decode(mut encoded: Bytes) -> Result<Bytes, Malformed> {
    let mut decoded = BytesMut::with_capacity(encoded.len());
    loop {
        let length = chunk_length(&take_line(&mut encoded)?)?;
        if length == 0 {
            return Ok(decoded.freeze());
        }
        if encoded.len() < length + 2 {
            return Err(Malformed);
        }
        decoded.extend_from_slice(&encoded.split_to(length));
        if encoded.split_to(2) != "\r\n" {
            return Err(Malformed);
        }
    }
}

/// A chunk's size line: hexadecimal, then extensions such as the signature.
fn chunk_length(line: &[u8]) -> Result<usize, Malformed> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let digits = std::str::from_utf8(digits).map_err(|_| Malformed)?;
    usize::from_str_radix(digits.trim(), 16)
        .map_err(|_| Malformed)
        .and_then(|length| {
            // Larger than anything that can be in memory; also keeps the sums below from overflowing.
            if length > isize::MAX.unsigned_abs() / 2 {
                Err(Malformed)
            } else {
                Ok(length)
            }
        })
}

fn take_line(bytes: &mut Bytes) -> Result<Bytes, Malformed> {
    let end = bytes
        .windows(2)
        .position(|pair| pair == b"\r\n")
        .ok_or(Malformed)?;
    let line = bytes.split_to(end);
    bytes.advance(2);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &'static str) -> Result<Bytes, Malformed> {
        decode(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn chunks_are_joined_and_trailers_dropped() {
        let unsigned = "4\r\nWiki\r\n5\r\npedia\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        assert_eq!(decoded(unsigned).unwrap(), "Wikipedia");
        let signed = "3;chunk-signature=abc\r\na\r\n\r\n0;chunk-signature=def\r\n\r\n";
        assert_eq!(decoded(signed).unwrap(), "a\r\n");
        assert_eq!(decoded("0\r\n\r\n").unwrap(), "");
    }

    #[test]
    fn a_body_that_breaks_off_or_lies_is_malformed() {
        for text in [
            "",
            "4",
            "4\r\nWi",
            "4\r\nWikiXX0\r\n\r\n",
            "zz\r\nWiki\r\n",
            "ffffffffffffffff\r\n",
            "-1\r\n",
        ] {
            assert_eq!(decoded(text), Err(Malformed), "{text:?}");
        }
    }
}
