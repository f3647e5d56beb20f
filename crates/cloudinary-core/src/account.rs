//! Whose library it is, how we prove it, and where its servers are.
//!
//! An [`Account`] usually comes out of a `CLOUDINARY_URL` (see [`crate::cloudinary_url`]).
//! Every field is valid by its type, and `Debug` never shows a secret.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

use crate::base_url::BaseUrl;
use crate::signing::{SignatureAlgorithm, SignatureVersion, SigningKey};

/// One Cloudinary product environment, with what is needed to call it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The name in every path.
    pub cloud_name: CloudName,
    /// What calls are authenticated with.
    pub credentials: Credentials,
    /// Where the Upload and Admin API live; `https://api.cloudinary.com` unless told.
    pub upload_prefix: BaseUrl,
    /// Where assets are delivered from, with the cloud name where the host needs one.
    pub delivery_base: BaseUrl,
    /// The hash of signatures. The account decides it, so it is never sent.
    pub signature_algorithm: SignatureAlgorithm,
    /// The form of the string to sign.
    pub signature_version: SignatureVersion,
    /// A proxy for API calls, as a URL that may carry a password.
    pub api_proxy: Option<SecretString>,
    /// How long a call without a file may take, where the URL says so.
    pub timeout: Option<Duration>,
    /// How long an upload may take, where the URL says so.
    pub upload_timeout: Option<Duration>,
    /// Bytes per chunk of a large upload, where the URL says so.
    pub chunk_size: Option<u64>,
}

impl Account {
    /// An account on Cloudinary's public hosts, with the defaults of the SDKs.
    pub fn new(cloud_name: CloudName, credentials: Credentials) -> Self {
        Self {
            delivery_base: BaseUrl::shared_delivery(&cloud_name),
            upload_prefix: BaseUrl::public_api(),
            cloud_name,
            credentials,
            signature_algorithm: SignatureAlgorithm::default(),
            signature_version: SignatureVersion::default(),
            api_proxy: None,
            timeout: None,
            upload_timeout: None,
            chunk_size: None,
        }
    }

    /// What signs requests and delivery URLs; an OAuth token alone cannot.
    pub fn signing_key(&self) -> Option<SigningKey> {
        let pair = self.credentials.key_pair()?;
        Some(SigningKey::new(
            pair.api_secret.clone(),
            self.signature_algorithm,
        ))
    }
}

/// How calls are authenticated.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Uploads are signed with the secret, Admin calls use HTTP Basic.
    KeyPair(KeyPair),
    /// Every call carries the token. The key, where known, still signs delivery URLs.
    OAuth {
        /// The bearer token.
        token: SecretString,
        /// A key and secret given beside the token.
        key_pair: Option<KeyPair>,
    },
}

impl Credentials {
    /// The key and secret, where there are any.
    pub fn key_pair(&self) -> Option<&KeyPair> {
        match self {
            Self::KeyPair(pair) => Some(pair),
            Self::OAuth { key_pair, .. } => key_pair.as_ref(),
        }
    }
}

/// An API key with its secret.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// Names the key; sent with every signed call.
    pub api_key: String,
    /// Proves it; never sent by signed calls.
    pub api_secret: SecretString,
}

/// 2 to 128 letters, digits and hyphens, starting with a letter; case is kept as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CloudName(String);

impl CloudName {
    /// Accepts text of that form.
    pub fn new(text: impl Into<String>) -> Result<Self, CloudNameError> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CloudName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why text is not a cloud name.
///
/// The text itself is left out: in a URL with a missing `@`, the secret stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudNameError {
    /// Shorter than 2 or longer than 128 characters.
    #[error("{0} characters long, 2 to 128 are allowed")]
    Length(usize),
    /// The first character is not a letter.
    #[error("first character is not a letter")]
    FirstCharacter,
    /// Something other than letters, digits and hyphens.
    #[error("a character other than letters, digits and hyphens")]
    Character,
}

fn check(text: &str) -> Result<(), CloudNameError> {
    let chars = text.chars().count();
    if !(2..=128).contains(&chars) {
        return Err(CloudNameError::Length(chars));
    }
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(CloudNameError::FirstCharacter);
    }
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(CloudNameError::Character);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_name_keeps_its_case() {
        for name in ["demo", "My-Cloud-2", "ab", &"a".repeat(128)] {
            assert_eq!(CloudName::new(name).expect(name).as_str(), name);
        }
    }

    #[test]
    fn a_cloud_name_of_another_form_is_rejected_with_the_reason() {
        let reason = |text: &str| CloudName::new(text).expect_err(text);
        assert_eq!(reason(""), CloudNameError::Length(0));
        assert_eq!(reason(&"a".repeat(129)), CloudNameError::Length(129));
        assert_eq!(reason("1cloud"), CloudNameError::FirstCharacter);
        assert_eq!(reason("my_cloud"), CloudNameError::Character);
        assert_eq!(reason("key:secret"), CloudNameError::Character);
    }

    #[test]
    fn debug_shows_neither_secret_nor_token() {
        let pair = KeyPair {
            api_key: "1234".to_owned(),
            api_secret: "s3cr3t".into(),
        };
        let credentials = Credentials::OAuth {
            token: "t0ken".into(),
            key_pair: Some(pair),
        };
        let account = Account::new(CloudName::new("demo").expect("valid"), credentials);
        let shown = format!("{account:?}");
        assert!(shown.contains("demo") && shown.contains("1234"), "{shown}");
        assert!(
            !shown.contains("s3cr3t") && !shown.contains("t0ken"),
            "{shown}"
        );
    }
}
