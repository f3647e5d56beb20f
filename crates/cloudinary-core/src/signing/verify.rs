//! Whether an answer or a webhook was really signed by Cloudinary.
//!
//! Signatures are compared in constant time. The clock is the caller's: `now` is an argument.

use std::hint::black_box;

use super::{SignatureVersion, SigningKey};

/// A webhook call, as it was received.
#[derive(Debug, Clone, Copy)]
pub struct Notification<'a> {
    /// The raw body. Parsed and printed again it would hash to something else.
    pub body: &'a str,
    /// `X-Cld-Timestamp`, in Unix seconds.
    pub timestamp: i64,
    /// `X-Cld-Signature`.
    pub signature: &'a str,
}

impl SigningKey {
    /// Checks the `signature` of an upload answer. Always version 1, whatever requests use.
    pub fn verify_api_response_signature(
        &self,
        public_id: &str,
        version: u64,
        signature: &str,
    ) -> bool {
        let version = version.to_string();
        let params = [("public_id", public_id), ("version", version.as_str())];
        let expected = self.sign(params, SignatureVersion::V1).signature;
        equal_in_constant_time(&expected, signature)
    }

    /// Checks a webhook call that may be at most `valid_for` seconds old at `now`.
    pub fn verify_notification_signature(
        &self,
        notification: &Notification<'_>,
        now: i64,
        valid_for: u32,
    ) -> bool {
        let Notification {
            body,
            timestamp,
            signature,
        } = *notification;
        let fresh = timestamp >= now.saturating_sub(i64::from(valid_for));
        let expected = self.hash_hex(&format!("{body}{timestamp}"));
        fresh && equal_in_constant_time(&expected, signature)
    }
}

fn equal_in_constant_time(expected: &str, given: &str) -> bool {
    let bytes = expected.bytes().zip(given.bytes());
    // `black_box` keeps the optimizer from leaving the loop at the first difference.
    let difference = bytes.fold(0, |seen, (a, b)| black_box(seen | (a ^ b)));
    expected.len() == given.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::SignatureAlgorithm;

    fn key(algorithm: SignatureAlgorithm) -> SigningKey {
        SigningKey::new("someApiSecret".into(), algorithm)
    }

    const EMPTY: Notification<'_> = Notification {
        body: "{}",
        timestamp: 0,
        signature: "d5497e1a206ad0ba29ad09a7c0c5f22e939682d15009c15ab3199f62fefbd14b",
    };

    #[test]
    fn a_webhook_is_accepted_until_it_is_too_old() {
        let key = key(SignatureAlgorithm::Sha256);
        assert!(key.verify_notification_signature(&EMPTY, 60, 60));
        assert!(!key.verify_notification_signature(&EMPTY, 61, 60));
        assert!(!key.verify_notification_signature(&EMPTY, i64::MAX, u32::MAX));
    }

    #[test]
    fn a_changed_body_timestamp_signature_or_algorithm_is_rejected() {
        let key256 = key(SignatureAlgorithm::Sha256);
        let rejected = |n: Notification<'_>| !key256.verify_notification_signature(&n, 0, 60);
        assert!(rejected(Notification {
            body: "{ }",
            ..EMPTY
        }));
        assert!(rejected(Notification {
            timestamp: 1,
            ..EMPTY
        }));
        assert!(rejected(Notification {
            signature: "",
            ..EMPTY
        }));
        assert!(rejected(Notification {
            signature: &EMPTY.signature[1..],
            ..EMPTY
        }));
        let key1 = key(SignatureAlgorithm::Sha1);
        assert!(!key1.verify_notification_signature(&EMPTY, 0, 60));
    }

    #[test]
    fn an_answer_is_verified_by_id_and_version() {
        let key = SigningKey::new(
            "X7qLTrsES31MzxxkxPPA-pAGGfU".into(),
            SignatureAlgorithm::Sha1,
        );
        let signature = "08d3107a5b2ad82e7d82c0b972218fbf20b5b1e0";
        assert!(key.verify_api_response_signature("tests/logo.png", 1, signature));
        assert!(!key.verify_api_response_signature("tests/logo.png", 2, signature));
    }
}
