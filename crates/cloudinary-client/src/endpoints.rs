//! The URLs of the API, put together once per client.

use cloudinary_core::{Account, ResourceType};
use url::{ParseError, Url};

/// Where each operation of one account lives.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    uploads: PerType,
    destroys: PerType,
    pub(crate) ping: Url,
    pub(crate) config: Url,
    pub(crate) usage: Url,
}

impl Endpoints {
    pub(crate) fn of(account: &Account) -> Result<Self, ParseError> {
        let base = format!("{}/v1_1/{}", account.upload_prefix, account.cloud_name);
        Ok(Self {
            uploads: PerType::of(&base, "upload")?,
            destroys: PerType::of(&base, "destroy")?,
            ping: Url::parse(&format!("{base}/ping"))?,
            config: Url::parse(&format!("{base}/config?settings=true"))?,
            usage: Url::parse(&format!("{base}/usage"))?,
        })
    }

    pub(crate) fn upload(&self, resource_type: ResourceType) -> Url {
        self.uploads.get(resource_type).clone()
    }

    pub(crate) fn destroy(&self, resource_type: ResourceType) -> Url {
        self.destroys.get(resource_type).clone()
    }
}

/// One operation for each resource type.
#[derive(Debug, Clone)]
struct PerType {
    image: Url,
    video: Url,
    raw: Url,
}

impl PerType {
    fn of(base: &str, operation: &str) -> Result<Self, ParseError> {
        let url = |kind: ResourceType| Url::parse(&format!("{base}/{kind}/{operation}"));
        Ok(Self {
            image: url(ResourceType::Image)?,
            video: url(ResourceType::Video)?,
            raw: url(ResourceType::Raw)?,
        })
    }

    fn get(&self, resource_type: ResourceType) -> &Url {
        match resource_type {
            ResourceType::Image => &self.image,
            ResourceType::Video => &self.video,
            ResourceType::Raw => &self.raw,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_its_url() {
        let account = "cloudinary://k:s@demo?upload_prefix=http://localhost:9400/proxy/";
        let endpoints = Endpoints::of(&account.parse().expect("valid")).expect("valid");
        let base = "http://localhost:9400/proxy/v1_1/demo";
        assert_eq!(
            endpoints.upload(ResourceType::Video).as_str(),
            format!("{base}/video/upload")
        );
        assert_eq!(
            endpoints.upload(ResourceType::Image).as_str(),
            format!("{base}/image/upload")
        );
        assert_eq!(
            endpoints.destroy(ResourceType::Raw).as_str(),
            format!("{base}/raw/destroy")
        );
        assert_eq!(endpoints.ping.as_str(), format!("{base}/ping"));
        assert_eq!(
            endpoints.config.as_str(),
            format!("{base}/config?settings=true")
        );
        assert_eq!(endpoints.usage.as_str(), format!("{base}/usage"));
    }
}
