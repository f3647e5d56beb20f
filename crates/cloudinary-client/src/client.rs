//! The client of one account: one pooled HTTP client, and the calls that carry no file.
//!
//! Uploads are in `upload`, looks at the CDN in `delivery`. Every call is sent once.

use std::fmt;

use cloudinary_core::{
    Account, ApiError, AssetId, BaseUrl, Credentials, DeliveryUrls, DestroyParams, DestroyResponse,
    FolderMode, RateLimit, UnreadableBody, Usage,
};
use reqwest::redirect::Policy;
use reqwest::{Proxy, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::Value;
use url::{Host, Url};

use crate::endpoints::Endpoints;
use crate::exchange::{self, Answer, Effect};
use crate::form;
use crate::settings::{BuildError, ClientSettings};
use crate::tls;

/// Makes calls for one account. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) account: Account,
    pub(crate) settings: ClientSettings,
    pub(crate) endpoints: Endpoints,
    pub(crate) delivery: DeliveryUrls,
}

impl Client {
    /// Sets up connections and URLs. Nothing is sent.
    pub fn new(account: Account, settings: ClientSettings) -> Result<Self, BuildError> {
        let settings = settings.for_account(&account)?;
        let endpoints = Endpoints::of(&account).map_err(BuildError::UploadPrefix)?;
        let delivery = match &settings.delivery_base {
            None => DeliveryUrls::of(&account),
            Some(url) => {
                let base = BaseUrl::try_from(url).map_err(BuildError::DeliveryBase)?;
                DeliveryUrls::at(&account, &base)
            }
        };
        let http = http_client(&account, &settings, &endpoints)?;
        Ok(Self {
            http,
            account,
            settings,
            endpoints,
            delivery,
        })
    }

    /// Deletes an asset. That it was not there is a success too.
    pub async fn destroy(
        &self,
        asset: &AssetId,
        invalidate: bool,
    ) -> Result<DestroyResponse, ApiError> {
        let public_id = asset.public_id.clone();
        let delivery_type = asset.delivery_type;
        let params = DestroyParams {
            public_id,
            delivery_type,
            invalidate,
        }
        .wire();
        let params = form::authenticated(&self.account, params, exchange::now());
        let request = self.http.post(self.endpoints.destroy(asset.resource_type));
        let request = request.timeout(self.settings.read_timeout);
        let request = form::with_token(form::encoded(request, &params, None), &self.account);
        exchange::send(request, Effect::Write)
            .await?
            .parse(DestroyResponse::parse)
    }

    /// Asks whether credentials and service are well, at the price of one Admin call.
    pub async fn ping(&self) -> Result<Ping, ApiError> {
        let answer = self.admin_get(&self.endpoints.ping).await?;
        answer.parse(ok_status)?;
        let limits = RateLimit::from_headers(&answer.header_texts());
        Ok(Ping {
            rate_limit: limits.into_iter().next(),
        })
    }

    /// Asks how the account relates folders to public IDs, at the price of one Admin call.
    pub async fn folder_mode(&self) -> Result<FolderMode, ApiError> {
        let (mode, _) = self.folder_mode_and_quota().await?;
        Ok(mode)
    }

    /// The same, with what the answer tells of the hourly quota.
    pub async fn folder_mode_and_quota(&self) -> Result<(FolderMode, Option<RateLimit>), ApiError> {
        let answer = self.admin_get(&self.endpoints.config).await?;
        let limits = RateLimit::from_headers(&answer.header_texts());
        let mode = answer.parse(FolderMode::parse)?;
        Ok((mode, limits.into_iter().next()))
    }

    /// Asks what the plan allows and how much of it is used, at the price of one Admin call.
    pub async fn usage(&self) -> Result<Usage, ApiError> {
        self.admin_get(&self.endpoints.usage)
            .await?
            .parse(Usage::parse)
    }

    async fn admin_get(&self, url: &Url) -> Result<Answer, ApiError> {
        let request = self
            .http
            .get(url.clone())
            .timeout(self.settings.read_timeout);
        exchange::send(with_admin_credentials(request, &self.account), Effect::Read).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// The answer to a ping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// The hourly quota of Admin calls, where the answer spoke of it.
    pub rate_limit: Option<RateLimit>,
}

fn http_client(
    account: &Account,
    settings: &ClientSettings,
    endpoints: &Endpoints,
) -> Result<reqwest::Client, BuildError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::client_config().map_err(BuildError::Tls)?)
        .connect_timeout(settings.connect_timeout)
        .pool_max_idle_per_host(settings.pool_max_idle)
        .pool_idle_timeout(settings.pool_idle_timeout)
        .user_agent(settings.user_agent.as_str())
        // Whoever calls counts attempts; a repeated write must never be made in here.
        .retry(reqwest::retry::never())
        .redirect(Policy::none());
    let builder = match &account.api_proxy {
        Some(url) => builder.proxy(Proxy::all(url.expose_secret()).map_err(|_| BuildError::Proxy)?),
        // An emulator on this machine is out of reach for a proxy elsewhere.
        None if is_loopback(&endpoints.ping) => builder.no_proxy(),
        None => builder,
    };
    builder.build().map_err(BuildError::Http)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn with_admin_credentials(request: RequestBuilder, account: &Account) -> RequestBuilder {
    match &account.credentials {
        Credentials::KeyPair(pair) => {
            request.basic_auth(&pair.api_key, Some(pair.api_secret.expose_secret()))
        }
        Credentials::OAuth { .. } => form::with_token(request, account),
    }
}

fn ok_status(body: &[u8]) -> Result<(), UnreadableBody> {
    let answer: Value = serde_json::from_slice(body).map_err(|_| UnreadableBody)?;
    if answer["status"] == "ok" {
        Ok(())
    } else {
        Err(UnreadableBody)
    }
}
