//! Looks at an original through the CDN, which costs no Admin call and has no hourly limit.

use cloudinary_core::{ApiError, AssetId};

use crate::client::Client;
use crate::exchange::{self, Answer, Effect};

impl Client {
    /// The `ETag` of the stored original: the MD5 of its bytes. A URL without extension delivers
    /// the original as it is stored.
    ///
    /// A random version gets past copies that the CDN holds. `None` means that nothing is shown
    /// there: the asset does not exist, or the account does not deliver it, or the URL cannot be
    /// signed. That is no proof of anything; it only means that the comparison is not possible.
    pub async fn delivery_etag(
        &self,
        asset: &AssetId,
        extension: Option<&str>,
        random_version: u64,
    ) -> Result<Option<String>, ApiError> {
        let Ok(url) = self.delivery.original(asset, extension, random_version) else {
            return Ok(None);
        };
        let request = self.http.head(url).timeout(self.settings.read_timeout);
        let answer = exchange::send(request, Effect::Read).await?;
        match answer.status {
            200 => Ok(etag(&answer)),
            // Trouble that passes. Anything else is the CDN's way of not showing the asset.
            408 | 420 | 423 | 429 | 500..=599 => Err(answer.to_error()),
            _ => Ok(None),
        }
    }
}

/// Without its quotes. A weak one says nothing about bytes.
fn etag(answer: &Answer) -> Option<String> {
    let (_, value) = answer.headers.iter().find(|(name, _)| name == "etag")?;
    let value = value.trim();
    let unquoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let etag = unquoted.unwrap_or(value);
    (!etag.is_empty() && !etag.starts_with("W/")).then(|| etag.to_owned())
}
