//! The front part of a URL: scheme, host and perhaps a path, ready to be extended.
//!
//! Promises an `http` or `https` URL with a host, without credentials, query or trailing slash,
//! so `format!("{base}/v1_1/…")` is always a URL. What is appended is the business of others.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::account::CloudName;

/// A checked front part of URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Cloudinary's API for accounts in the default region.
    pub fn public_api() -> Self {
        Self("https://api.cloudinary.com".to_owned())
    }

    /// The delivery host that accounts share, so the cloud name is part of the path.
    pub fn shared_delivery(cloud: &CloudName) -> Self {
        Self(format!("https://res.cloudinary.com/{cloud}"))
    }

    /// The delivery host of an account that has its own.
    pub fn private_delivery(cloud: &CloudName) -> Self {
        Self(format!("https://{cloud}-res.cloudinary.com"))
    }

    /// Accepts `host`, `host:port` (both mean `https`) or a whole URL.
    pub fn from_host(text: &str) -> Result<Self, BaseUrlError> {
        if text.contains("://") {
            text.parse()
        } else {
            format!("https://{text}").parse()
        }
    }

    /// One path segment further. The segment must not need escaping, as a cloud name never does.
    #[must_use]
    pub fn with_cloud(&self, cloud: &CloudName) -> Self {
        Self(format!("{}/{cloud}", self.0))
    }

    /// Whether it is plain `http`, which Cloudinary itself does not serve its API on.
    pub fn is_plain_http(&self) -> bool {
        self.0.starts_with("http://")
    }

    /// The text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&Url> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(url: &Url) -> Result<Self, Self::Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::Query);
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(&Url::parse(text)?)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why text is not the front part of a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not a URL at all.
    #[error("malformed URL")]
    Malformed(#[from] url::ParseError),
    /// Neither `http` nor `https`.
    #[error("scheme other than http and https")]
    Scheme,
    /// A user name or password, which would end up in logs.
    #[error("user name or password in the URL")]
    Credentials,
    /// Something after `?` or `#`.
    #[error("query or fragment in the URL")]
    Query,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_is_dropped_and_a_path_is_kept() {
        let text = |t: &str| t.parse::<BaseUrl>().map(|base| base.to_string());
        assert_eq!(
            text("http://127.0.0.1:9400/").as_deref(),
            Ok("http://127.0.0.1:9400")
        );
        assert_eq!(
            text("https://proxy.test/cld/").as_deref(),
            Ok("https://proxy.test/cld")
        );
    }

    #[test]
    fn a_bare_host_means_https() {
        let host = BaseUrl::from_host("cdn.example.com:8443").expect("valid");
        assert_eq!(host.as_str(), "https://cdn.example.com:8443");
        let url = BaseUrl::from_host("http://localhost:1").expect("valid");
        assert_eq!(url.as_str(), "http://localhost:1");
    }

    #[test]
    fn what_cannot_be_extended_or_would_leak_is_rejected() {
        let reason = |t: &str| t.parse::<BaseUrl>().expect_err(t);
        assert!(matches!(reason("nonsense"), BaseUrlError::Malformed(_)));
        assert!(matches!(reason("http://"), BaseUrlError::Malformed(_)));
        assert_eq!(reason("ftp://host"), BaseUrlError::Scheme);
        assert_eq!(reason("https://u:p@host"), BaseUrlError::Credentials);
        assert_eq!(reason("https://host/?a=b"), BaseUrlError::Query);
    }
}
