//! The identifiers AWS makes up: message ids, request ids, version ids, upload ids.
//!
//! Promises the shapes clients expect, not secrecy: nothing here protects anything.

const VERSION_ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// A random version-4 UUID, as SQS names messages.
pub(crate) fn uuid() -> String {
    let bits = fastrand::u128(..);
    let hex = format!("{bits:032x}");
    let variant = [b'8', b'9', b'a', b'b'][usize::from(fastrand::u8(0..4))] as char;
    format!(
        "{}-{}-4{}-{variant}{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    )
}

/// Sixteen upper-case hexadecimal digits, as S3 names requests.
pub(crate) fn request_id() -> String {
    format!("{:016X}", fastrand::u64(..))
}

/// The longer companion of a request id, `x-amz-id-2`.
pub(crate) fn host_id() -> String {
    random_text(75) + "="
}

/// A version id: 32 characters that sort in no particular order.
pub(crate) fn version_id() -> String {
    random_text(32)
}

/// A multipart upload id.
pub(crate) fn upload_id() -> String {
    random_text(64)
}

fn random_text(length: usize) -> String {
    (0..length)
        .map(|_| VERSION_ALPHABET[usize::from(fastrand::u8(0..64))] as char)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_the_version_4_shape() {
        let id = uuid();
        let parts: Vec<&str> = id.split('-').collect();
        assert_eq!(
            parts.iter().map(|p| p.len()).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        assert!(parts[2].starts_with('4'));
        assert!(matches!(parts[3].as_bytes()[0], b'8' | b'9' | b'a' | b'b'));
    }
}
