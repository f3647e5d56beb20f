//! Signatures: what is hashed, with what, and whether a given signature is right.
//!
//! Requests are signed over their sorted parameters ([`sign_request`], [`SigningKey::sign`]),
//! delivery URLs over their path, answers and webhooks over their content (`verify`).
//! Signing is pure: the timestamp is a parameter like any other, put there by the caller.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use secrecy::{ExposeSecret, SecretString};
use sha1::{Digest, Sha1};
use sha2::Sha256;

mod request;
mod verify;

pub use request::{Signed, sign_request, string_to_sign};
pub use verify::Notification;

/// A secret together with the hash the account uses.
#[derive(Debug, Clone)]
pub struct SigningKey {
    secret: SecretString,
    algorithm: SignatureAlgorithm,
}

impl SigningKey {
    /// The key of an account.
    pub fn new(secret: SecretString, algorithm: SignatureAlgorithm) -> Self {
        Self { secret, algorithm }
    }

    /// Signs request parameters: `timestamp` and all others that will be sent, except `file`,
    /// `cloud_name`, `resource_type` and `api_key`, which Cloudinary leaves out.
    pub fn sign<'a>(
        &self,
        params: impl IntoIterator<Item = (&'a str, &'a str)>,
        version: SignatureVersion,
    ) -> Signed {
        let string_to_sign = string_to_sign(params, version);
        let signature = self.hash_hex(&string_to_sign);
        Signed {
            string_to_sign,
            signature,
        }
    }

    /// The hash of `text` followed by the secret, in lower-case hexadecimal.
    pub fn hash_hex(&self, text: &str) -> String {
        hex::encode(self.algorithm.hash(text, &self.secret))
    }

    /// The path segment `s--…--` that lets a delivery URL through.
    ///
    /// `path` is the transformation and the escaped public ID with its format, without version.
    pub fn url_signature(&self, path: &str) -> String {
        let mut encoded = URL_SAFE.encode(self.algorithm.hash(path, &self.secret));
        encoded.truncate(8);
        format!("s--{encoded}--")
    }
}

/// The hash of signatures. Accounts are set to one of them, requests do not say which.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// Cloudinary's default.
    #[default]
    Sha1,
    /// For accounts that were switched to it.
    Sha256,
}

impl SignatureAlgorithm {
    /// The word used in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    fn hash(self, text: &str, secret: &SecretString) -> Vec<u8> {
        let secret = secret.expose_secret();
        match self {
            Self::Sha1 => Sha1::new()
                .chain_update(text)
                .chain_update(secret)
                .finalize()
                .to_vec(),
            Self::Sha256 => Sha256::new()
                .chain_update(text)
                .chain_update(secret)
                .finalize()
                .to_vec(),
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SignatureAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.to_ascii_lowercase().as_str() {
            "sha1" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            _ => Err(UnknownAlgorithm),
        }
    }
}

/// A hash other than the two that Cloudinary knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown signature algorithm, sha1 or sha256 is expected")]
pub struct UnknownAlgorithm;

/// The form of the string to sign. Cloudinary accepts both and is not told which.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SignatureVersion {
    /// `&` stays, so a value can imitate further parameters.
    V1,
    /// `&` inside a parameter becomes `%26`; the default of all SDKs since June 2025.
    #[default]
    V2,
}

impl TryFrom<u64> for SignatureVersion {
    type Error = UnknownVersion;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::V1),
            2 => Ok(Self::V2),
            _ => Err(UnknownVersion),
        }
    }
}

impl FromStr for SignatureVersion {
    type Err = UnknownVersion;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        word.parse::<u64>().map_err(|_| UnknownVersion)?.try_into()
    }
}

/// A signature version other than 1 and 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown signature version, 1 or 2 is expected")]
pub struct UnknownVersion;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_of_the_documentation_comes_out() {
        let key = SigningKey::new("abcd".into(), SignatureAlgorithm::Sha1);
        let params = [("timestamp", "1315060510"), ("public_id", "sample_image")];
        let signed = key.sign(params, SignatureVersion::V2);
        assert_eq!(
            signed.string_to_sign,
            "public_id=sample_image&timestamp=1315060510"
        );
        assert_eq!(signed.signature, "b4ad47fb4e25c7bf5f92a20089f9db59bc302313");
    }

    #[test]
    fn a_url_signature_may_begin_with_hyphens() {
        let key = SigningKey::new("b".into(), SignatureAlgorithm::Sha1);
        assert_eq!(key.url_signature("image.jpg"), "s----SjmNDA--");
    }

    #[test]
    fn algorithms_and_versions_are_read_from_their_words() {
        assert_eq!("SHA256".parse(), Ok(SignatureAlgorithm::Sha256));
        assert_eq!("md5".parse::<SignatureAlgorithm>(), Err(UnknownAlgorithm));
        assert_eq!("1".parse(), Ok(SignatureVersion::V1));
        assert_eq!("3".parse::<SignatureVersion>(), Err(UnknownVersion));
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let key = SigningKey::new("s3cr3t".into(), SignatureAlgorithm::Sha1);
        assert!(!format!("{key:?}").contains("s3cr3t"));
    }
}
