//! Reads a `CLOUDINARY_URL`: `cloudinary://key:secret@cloud[/host][?setting=value&…]`.
//!
//! Takes every form the SDKs take, including `cloudinary://cloud?oauth_token=…`, and ignores
//! settings it does not know, nested ones (`a[b]=c`) too, because the same URL serves other tools.
//! No error ever shows a part of the URL: any part may hold the secret when the URL is misshapen.

use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Url, form_urlencoded};

use crate::account::{Account, CloudName, CloudNameError, Credentials, KeyPair};
use crate::base_url::BaseUrl;
use crate::signing::{SignatureAlgorithm, SignatureVersion};

const SCHEME: &str = "cloudinary://";

impl FromStr for Account {
    type Err = CloudinaryUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = Parts::split(text.trim())?;
        let settings = Settings::read(parts.query)?;
        let cloud_name = parts.cloud_name()?;
        let credentials = credentials(parts.key_pair()?, settings.oauth_token.clone())?;
        let mut account = Account::new(cloud_name, credentials);
        settings.apply(&mut account, parts.host)?;
        Ok(account)
    }
}

/// What is wrong with a `CLOUDINARY_URL`, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudinaryUrlError {
    /// Nothing but white space.
    #[error("empty text, `cloudinary://<api key>:<api secret>@<cloud name>` is expected")]
    Empty,
    /// Another scheme, or none.
    #[error("wrong scheme, text that starts with `cloudinary://` is expected")]
    Scheme,
    /// Nothing before the `:`.
    #[error("no API key between `cloudinary://` and `:`")]
    MissingApiKey,
    /// Nothing between `:` and `@`.
    #[error("no API secret between `:` and `@`")]
    MissingApiSecret,
    /// No `@`, and no token either.
    #[error("no `<api key>:<api secret>@` before the cloud name and no `oauth_token` after it")]
    MissingCredentials,
    /// What follows the `@` is not a cloud name.
    #[error("invalid cloud name after `@`")]
    CloudName(#[source] CloudNameError),
    /// The sample text was copied with its angle brackets.
    #[error("placeholder in angle brackets in place of the {0}")]
    Placeholder(&'static str),
    /// Percent-encoding that does not give UTF-8 text.
    #[error("percent-encoding of the {0} is not UTF-8 text")]
    Encoding(&'static str),
    /// A known setting with a value that cannot be.
    #[error("invalid setting `{key}`, {allowed} is expected")]
    Setting {
        /// Its name after the `?`.
        key: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
}

/// The URL cut at its separators, nothing decoded yet.
struct Parts<'a> {
    user_info: Option<&'a str>,
    cloud: &'a str,
    host: Option<&'a str>,
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, CloudinaryUrlError> {
        if text.is_empty() {
            return Err(CloudinaryUrlError::Empty);
        }
        let rest = without_scheme(text)?;
        let (location, query) = rest.split_once('?').unwrap_or((rest, ""));
        // The last `@`, so that a secret with an unescaped `@` or `/` still works.
        let (user_info, place) = match location.rsplit_once('@') {
            Some((user_info, place)) => (Some(user_info), place),
            None => (None, location),
        };
        let (cloud, path) = place.split_once('/').unwrap_or((place, ""));
        let host = Some(path.trim_matches('/')).filter(|host| !host.is_empty());
        Ok(Self {
            user_info,
            cloud,
            host,
            query,
        })
    }

    fn cloud_name(&self) -> Result<CloudName, CloudinaryUrlError> {
        let text = decode(self.cloud, "cloud name")?;
        CloudName::new(text).map_err(CloudinaryUrlError::CloudName)
    }

    fn key_pair(&self) -> Result<Option<KeyPair>, CloudinaryUrlError> {
        let Some(user_info) = self.user_info else {
            return Ok(None);
        };
        let (key, secret) = user_info.split_once(':').unwrap_or((user_info, ""));
        let api_key = decode(key, "API key")?;
        let api_secret = decode(secret, "API secret")?;
        match (api_key.is_empty(), api_secret.is_empty()) {
            (true, _) => Err(CloudinaryUrlError::MissingApiKey),
            (_, true) => Err(CloudinaryUrlError::MissingApiSecret),
            _ => Ok(Some(KeyPair {
                api_key,
                api_secret: api_secret.into(),
            })),
        }
    }
}

fn without_scheme(text: &str) -> Result<&str, CloudinaryUrlError> {
    match text.get(..SCHEME.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => Ok(&text[SCHEME.len()..]),
        _ => Err(CloudinaryUrlError::Scheme),
    }
}

fn decode(text: &str, part: &'static str) -> Result<String, CloudinaryUrlError> {
    if text.starts_with('<') && text.ends_with('>') {
        return Err(CloudinaryUrlError::Placeholder(part));
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(CloudinaryUrlError::Encoding(part)),
    }
}

fn credentials(
    key_pair: Option<KeyPair>,
    token: Option<SecretString>,
) -> Result<Credentials, CloudinaryUrlError> {
    match (token, key_pair) {
        (Some(token), key_pair) => Ok(Credentials::OAuth { token, key_pair }),
        (None, Some(pair)) => Ok(Credentials::KeyPair(pair)),
        (None, None) => Err(CloudinaryUrlError::MissingCredentials),
    }
}

/// The settings after the `?` that mean something to us; the last of a name wins.
#[derive(Default)]
struct Settings {
    upload_prefix: Option<BaseUrl>,
    secure_distribution: Option<BaseUrl>,
    private_cdn: Option<bool>,
    signature_algorithm: Option<SignatureAlgorithm>,
    signature_version: Option<SignatureVersion>,
    oauth_token: Option<SecretString>,
    api_proxy: Option<SecretString>,
    timeout: Option<Duration>,
    upload_timeout: Option<Duration>,
    chunk_size: Option<u64>,
}

impl Settings {
    fn read(query: &str) -> Result<Self, CloudinaryUrlError> {
        let mut settings = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            settings.set(&key, &value)?;
        }
        Ok(settings)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), CloudinaryUrlError> {
        match key {
            "upload_prefix" => {
                let allowed = "an http or https URL without user name, password and query";
                self.upload_prefix = Some(parsed("upload_prefix", allowed, value.parse().ok())?);
            }
            "secure_distribution" => {
                self.secure_distribution = Some(delivery_host(value)?);
            }
            "private_cdn" => {
                self.private_cdn = Some(parsed("private_cdn", "true or false", boolean(value))?);
            }
            "signature_algorithm" => {
                let algorithm = parsed("signature_algorithm", "sha1 or sha256", value.parse().ok());
                self.signature_algorithm = Some(algorithm?);
            }
            "signature_version" => {
                let version = parsed("signature_version", "1 or 2", value.parse().ok());
                self.signature_version = Some(version?);
            }
            "oauth_token" if !value.is_empty() => self.oauth_token = Some(value.into()),
            "api_proxy" if !value.is_empty() => {
                let url = Url::parse(value).ok().filter(Url::has_host);
                parsed("api_proxy", "the URL of a proxy", url)?;
                self.api_proxy = Some(value.into());
            }
            "timeout" => self.timeout = Some(seconds("timeout", value)?),
            "upload_timeout" => self.upload_timeout = Some(seconds("upload_timeout", value)?),
            "chunk_size" => {
                let bytes = value.parse().ok();
                self.chunk_size = Some(parsed("chunk_size", "a number of bytes", bytes)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn apply(self, account: &mut Account, host: Option<&str>) -> Result<(), CloudinaryUrlError> {
        account.delivery_base = self.delivery_base(&account.cloud_name, host)?;
        if let Some(prefix) = self.upload_prefix {
            account.upload_prefix = prefix;
        }
        account.signature_algorithm = self.signature_algorithm.unwrap_or_default();
        account.signature_version = self.signature_version.unwrap_or_default();
        account.api_proxy = self.api_proxy;
        account.timeout = self.timeout;
        account.upload_timeout = self.upload_timeout;
        account.chunk_size = self.chunk_size;
        Ok(())
    }

    /// A host in the path means a private CDN; the query may say otherwise.
    fn delivery_base(
        &self,
        cloud: &CloudName,
        host: Option<&str>,
    ) -> Result<BaseUrl, CloudinaryUrlError> {
        let in_path = host.map(delivery_host).transpose()?;
        let private_cdn = self.private_cdn.unwrap_or(in_path.is_some());
        let base = self.secure_distribution.clone().or(in_path);
        Ok(match (base, private_cdn, &self.upload_prefix) {
            (Some(base), true, _) => base,
            (Some(base), false, _) => base.with_cloud(cloud),
            (None, true, _) => BaseUrl::private_delivery(cloud),
            // Plain http is an emulator, and that serves API and delivery from one address.
            (None, false, Some(prefix)) if prefix.is_plain_http() => prefix.with_cloud(cloud),
            (None, false, _) => BaseUrl::shared_delivery(cloud),
        })
    }
}

fn delivery_host(text: &str) -> Result<BaseUrl, CloudinaryUrlError> {
    parsed(
        "secure_distribution",
        "a host name or its URL",
        BaseUrl::from_host(text).ok(),
    )
}

fn parsed<T>(
    key: &'static str,
    allowed: &'static str,
    value: Option<T>,
) -> Result<T, CloudinaryUrlError> {
    value.ok_or(CloudinaryUrlError::Setting { key, allowed })
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

fn seconds(key: &'static str, text: &str) -> Result<Duration, CloudinaryUrlError> {
    let number = text.parse::<f64>().ok();
    let duration = number.and_then(|n| Duration::try_from_secs_f64(n).ok());
    parsed(
        key,
        "a number of seconds above 0",
        duration.filter(|d| !d.is_zero()),
    )
}

#[cfg(test)]
mod tests;
