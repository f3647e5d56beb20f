//! The URL under which an original is delivered, for looking at it with HEAD.
//!
//! Only originals: a derived picture has other bytes, so its `ETag` says nothing about the asset.
//! Private and authenticated originals get a signature. Escaping is Python's, because the
//! signature covers the escaped text and Cloudinary accepts that form.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::account::Account;
use crate::asset::{AssetId, DeliveryType};
use crate::base_url::BaseUrl;
use crate::signing::SigningKey;

/// Everything outside `a-zA-Z0-9_.-/:` is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'/')
    .remove(b':');

/// Makes delivery URLs of one account.
#[derive(Debug, Clone)]
pub struct DeliveryUrls {
    base: BaseUrl,
    key: Option<SigningKey>,
}

impl DeliveryUrls {
    /// On the host that the account names.
    pub fn of(account: &Account) -> Self {
        Self {
            base: account.delivery_base.clone(),
            key: account.signing_key(),
        }
    }

    /// On another host, such as an emulator's, that expects the cloud name in the path.
    pub fn at(account: &Account, host: &BaseUrl) -> Self {
        Self {
            base: host.with_cloud(&account.cloud_name),
            key: account.signing_key(),
        }
    }

    /// The URL of the original, with `extension` appended where one is given.
    ///
    /// The version is not checked by Cloudinary; a new one gets past copies held by the CDN.
    pub fn original(
        &self,
        asset: &AssetId,
        extension: Option<&str>,
        version: u64,
    ) -> Result<String, UnsignableUrl> {
        let source = source(asset, extension);
        let signature = self.signature(asset.delivery_type, &source)?;
        let (base, kind, delivery) = (&self.base, asset.resource_type, asset.delivery_type);
        Ok(format!(
            "{base}/{kind}/{delivery}/{signature}v{version}/{source}"
        ))
    }

    /// With its slash, or nothing for public assets.
    fn signature(&self, delivery: DeliveryType, source: &str) -> Result<String, UnsignableUrl> {
        match (delivery, &self.key) {
            (DeliveryType::Upload, _) => Ok(String::new()),
            (_, Some(key)) => Ok(format!("{}/", key.url_signature(source))),
            (_, None) => Err(UnsignableUrl(delivery)),
        }
    }
}

/// The original is not public, and without an API secret its URL cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no API secret to sign the URL of a `{0}` asset with")]
pub struct UnsignableUrl(DeliveryType);

fn source(asset: &AssetId, extension: Option<&str>) -> String {
    let id = asset.public_id.as_str();
    match extension {
        Some(extension) => utf8_percent_encode(&format!("{id}.{extension}"), ESCAPED).to_string(),
        None => utf8_percent_encode(id, ESCAPED).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::{PublicId, ResourceType};

    fn urls(url: &str) -> DeliveryUrls {
        DeliveryUrls::of(&url.parse().expect(url))
    }

    fn asset(resource_type: ResourceType, delivery_type: DeliveryType, public_id: &str) -> AssetId {
        let public_id = PublicId::new(public_id).expect(public_id);
        AssetId {
            resource_type,
            delivery_type,
            public_id,
        }
    }

    #[test]
    fn a_public_original_is_not_signed() {
        let asset = asset(ResourceType::Raw, DeliveryType::Upload, "docs/report.csv");
        let url = urls("cloudinary://a:b@test123").original(&asset, None, 77);
        let expected = "https://res.cloudinary.com/test123/raw/upload/v77/docs/report.csv";
        assert_eq!(url.as_deref(), Ok(expected));
    }

    #[test]
    fn private_and_authenticated_originals_are_signed_over_id_and_extension() {
        let urls = urls("cloudinary://a:b@test123?private_cdn=true");
        let private = asset(ResourceType::Image, DeliveryType::Private, "image");
        assert_eq!(
            urls.original(&private, Some("jpg"), 1234).as_deref(),
            Ok("https://test123-res.cloudinary.com/image/private/s----SjmNDA--/v1234/image.jpg")
        );
        let authenticated = asset(
            ResourceType::Video,
            DeliveryType::Authenticated,
            "sample.jpg",
        );
        assert_eq!(
            urls.original(&authenticated, None, 1).as_deref(),
            Ok(
                "https://test123-res.cloudinary.com/video/authenticated/s--v2fTPYTu--/v1/sample.jpg"
            )
        );
    }

    #[test]
    fn the_id_is_escaped_as_the_python_sdk_does() {
        let urls = urls("cloudinary://a:b@test123");
        let specials = asset(ResourceType::Image, DeliveryType::Private, "it's (1)!~*");
        assert_eq!(
            urls.original(&specials, None, 1).as_deref(),
            Ok(
                "https://res.cloudinary.com/test123/image/private/s--t0LMN394--/v1/\
                it%27s%20%281%29%21%7E%2A"
            )
        );
        let unicode = asset(ResourceType::Image, DeliveryType::Upload, "a:b/ß_c-d.e");
        let url = urls.original(&unicode, None, 1).expect("public");
        assert!(url.ends_with("/v1/a:b/%C3%9F_c-d.e"), "{url}");
    }

    #[test]
    fn without_a_secret_only_public_originals_have_a_url() {
        let urls = urls("cloudinary://demo?oauth_token=t");
        let id = |delivery| asset(ResourceType::Image, delivery, "a");
        assert!(urls.original(&id(DeliveryType::Upload), None, 1).is_ok());
        assert!(
            urls.original(&id(DeliveryType::Authenticated), None, 1)
                .is_err()
        );
    }

    #[test]
    fn another_host_replaces_the_delivery_host() {
        let account = "cloudinary://a:b@demo?private_cdn=true"
            .parse()
            .expect("valid");
        let host = "http://127.0.0.1:9400".parse().expect("valid");
        let asset = asset(ResourceType::Image, DeliveryType::Upload, "x");
        assert_eq!(
            DeliveryUrls::at(&account, &host)
                .original(&asset, None, 5)
                .as_deref(),
            Ok("http://127.0.0.1:9400/demo/image/upload/v5/x")
        );
    }
}
