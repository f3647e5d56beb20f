//! Where AWS is and who we are: the SDK's own default chain, or an endpoint given by the caller.
//!
//! Loaded once and shared by all clients, so that they share connections and cached credentials.
//! Retries and timeouts are not set here but per client, in `clients`.

use std::fmt;

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::IdentityCache;
use aws_types::service_config::ServiceConfigKey;
use secrecy::{ExposeSecret as _, SecretString};

use crate::http_client::{Proxy, http_client};

/// The AWS account, region and endpoint that all adapters of a process share.
#[derive(Clone)]
pub struct Aws {
    sdk: SdkConfig,
}

impl Aws {
    /// Loads the SDK's default chain (environment, profiles, web identity, ECS, EC2), which also
    /// honours `AWS_ENDPOINT_URL` and the proxy variables; or takes `overrides`, and then looks
    /// at nothing of the process's surroundings.
    ///
    /// Does not ask for credentials: missing ones show in the first call.
    pub async fn from_env(overrides: Option<EndpointOverride>) -> Self {
        let sdk = match overrides {
            None => {
                aws_config::defaults(BehaviorVersion::latest())
                    .app_name(app_name())
                    .http_client(http_client(Proxy::FromEnvironment))
                    .load()
                    .await
            }
            Some(given) => given.into_sdk_config(),
        };
        Self { sdk }
    }

    /// The SDK's own configuration, for set-up that is not the ports' business: queues and
    /// buckets of tests and tools. It has none of the adapters' retry and timeout policies.
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// Whether S3 is asked for at an endpoint of the user's choice (`AWS_ENDPOINT_URL`,
    /// `AWS_ENDPOINT_URL_S3`, a profile, an override). Such servers rarely resolve
    /// `bucket.host`, so buckets go into the path.
    pub(crate) fn has_own_s3_endpoint(&self) -> bool {
        self.sdk.endpoint_url().is_some() || self.s3_endpoint_setting().is_some()
    }

    fn s3_endpoint_setting(&self) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id("S3")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        self.sdk.service_config()?.load_config(key)
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws")
            .field("region", &self.sdk.region())
            .field("endpoint_url", &self.sdk.endpoint_url())
            .finish_non_exhaustive()
    }
}

/// A server to use in place of AWS, with the credentials it takes.
#[derive(Debug, Clone)]
pub struct EndpointOverride {
    /// For example `http://127.0.0.1:9401`.
    pub endpoint_url: String,
    /// The region to sign for.
    pub region: String,
    /// The access key ID.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: SecretString,
}

impl EndpointOverride {
    /// Built without the loader, which would also read profiles and the environment.
    fn into_sdk_config(self) -> SdkConfig {
        let credentials = Credentials::new(
            self.access_key_id,
            self.secret_access_key.expose_secret(),
            None,
            None,
            "endpoint override",
        );
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .app_name(app_name())
            .http_client(http_client(Proxy::None))
            .identity_cache(IdentityCache::lazy().build())
            .region(Region::new(self.region))
            .endpoint_url(self.endpoint_url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build()
    }
}

/// Stands in the user agent, where AWS's own logs show it.
fn app_name() -> AppName {
    AppName::new("cldsync").expect("the name is a valid token")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> EndpointOverride {
        EndpointOverride {
            endpoint_url: "http://127.0.0.1:9".into(),
            region: "eu-central-1".into(),
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI".to_owned().into(),
        }
    }

    #[tokio::test]
    async fn debug_shows_the_place_and_no_secret() {
        let aws = Aws::from_env(Some(given())).await;
        let text = format!("{aws:?} {:?}", given());
        assert!(
            text.contains("eu-central-1") && text.contains("http://127.0.0.1:9"),
            "{text}"
        );
        assert!(!text.contains("wJalrXUtnFEMI"), "{text}");
    }

    #[tokio::test]
    async fn an_endpoint_of_ones_own_puts_buckets_into_the_path() {
        assert!(Aws::from_env(Some(given())).await.has_own_s3_endpoint());
        let plain = Aws {
            sdk: SdkConfig::builder().build(),
        };
        assert!(!plain.has_own_s3_endpoint());
    }
}
