//! How a client talks: time limits, pool, chunk size. Whom it talks to is the account's business.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudinary_core::{Account, BaseUrlError};
use url::Url;

/// What may differ between deployments. Values in `CLOUDINARY_URL` win over these.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// To connect, including TLS. Nothing was sent when it runs out.
    pub connect_timeout: Duration,
    /// For a whole call that carries no file: destroy, ping, a look at the CDN.
    pub read_timeout: Duration,
    /// For a whole upload, or one chunk of it, including the time Cloudinary fetches the source.
    /// A large film takes many minutes; giving up on it only makes it start again.
    pub total_timeout: Duration,
    /// What servers are told about us.
    pub user_agent: String,
    /// Where originals are delivered from, when not where the account says.
    pub delivery_base: Option<Url>,
    /// Idle connections kept per host; as many as calls are made at once avoids new handshakes.
    pub pool_max_idle: usize,
    /// How long they are kept; shorter than servers do, so that none is closed under a request.
    pub pool_idle_timeout: Duration,
    /// Bytes per request of a streamed upload; larger files are sent in chunks of this size.
    pub chunk_size: u64,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_mins(30),
            user_agent: concat!("cldsync/", env!("CARGO_PKG_VERSION")).to_owned(),
            delivery_base: None,
            pool_max_idle: 64,
            pool_idle_timeout: Duration::from_secs(30),
            chunk_size: 20_000_000,
        }
    }
}

impl ClientSettings {
    /// Every chunk but the last must be larger than 5 MB, and no request larger than 100 MB.
    const CHUNK_SIZES: RangeInclusive<u64> = 5 * 1024 * 1024 + 1..=100_000_000;

    /// These settings with what the account's URL says.
    pub(crate) fn for_account(self, account: &Account) -> Result<Self, BuildError> {
        let chunk_size = account.chunk_size.unwrap_or(self.chunk_size);
        if !Self::CHUNK_SIZES.contains(&chunk_size) {
            return Err(BuildError::ChunkSize(chunk_size));
        }
        Ok(Self {
            read_timeout: account.timeout.unwrap_or(self.read_timeout),
            total_timeout: account.upload_timeout.unwrap_or(self.total_timeout),
            chunk_size,
            ..self
        })
    }
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cloudinary would refuse the chunks.
    #[error("chunk size of {0} bytes, 5242881 to 100000000 are allowed")]
    ChunkSize(u64),
    /// `delivery_base` cannot be the front of delivery URLs.
    #[error("unusable delivery base")]
    DeliveryBase(#[source] BaseUrlError),
    /// No URLs come out of the upload prefix.
    #[error("unusable upload prefix")]
    UploadPrefix(#[source] url::ParseError),
    /// The proxy's URL; not shown, because it may hold a password.
    #[error("unusable API proxy")]
    Proxy,
    /// The TLS library refused its own defaults.
    #[error("unusable TLS configuration")]
    Tls(#[source] rustls::Error),
    /// The HTTP library refused the settings.
    #[error("unusable HTTP settings")]
    Http(#[source] reqwest::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(url: &str) -> Account {
        url.parse().expect(url)
    }

    #[test]
    fn the_account_url_wins_over_the_settings() {
        let account =
            account("cloudinary://k:s@demo?timeout=3&upload_timeout=4&chunk_size=6000000");
        let settings = ClientSettings::default()
            .for_account(&account)
            .expect("valid");
        assert_eq!(settings.read_timeout, Duration::from_secs(3));
        assert_eq!(settings.total_timeout, Duration::from_secs(4));
        assert_eq!(settings.chunk_size, 6_000_000);
    }

    #[test]
    fn chunks_that_cloudinary_would_refuse_are_refused_at_the_start() {
        for size in [0, 5 * 1024 * 1024, 100_000_001] {
            let account = account(&format!("cloudinary://k:s@demo?chunk_size={size}"));
            let refused = ClientSettings::default().for_account(&account);
            assert!(matches!(refused, Err(BuildError::ChunkSize(given)) if given == size));
        }
    }
}
