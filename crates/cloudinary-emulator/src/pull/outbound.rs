//! The one HTTP client for requests that the emulator itself makes: pulls and notifications.

use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};

const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// A pooled client, made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Outbound {
    client: OnceLock<Client<HttpsConnector<HttpConnector>, Body>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    #[error("unresolved host name")]
    Unresolved,
    #[error("connection refused or broken")]
    Broken,
    #[error("no answer in time")]
    TimedOut,
}

impl Outbound {
    /// Sends one request and waits for the head of its answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response, SendError> {
        let client = self.client.get_or_init(client);
        match tokio::time::timeout(ANSWER_WITHIN, client.request(request)).await {
            Ok(Ok(response)) => Ok(response.map(Body::new)),
            Ok(Err(error)) if is_dns(&error) => Err(SendError::Unresolved),
            Ok(Err(_)) => Err(SendError::Broken),
            Err(_) => Err(SendError::TimedOut),
        }
    }
}

fn client() -> Client<HttpsConnector<HttpConnector>, Body> {
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(TLS.clone())
        .https_or_http()
        .enable_http1()
        .build();
    // Some receivers of notifications look for `X-Cld-Signature` in just this spelling.
    let mut builder = Client::builder(TokioExecutor::new());
    builder.http1_title_case_headers(true).build(connector)
}

// A machine without certificates can still pull over plain HTTP.
static TLS: LazyLock<ClientConfig> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
});

// The connector's own error type is private; its text is all there is.
fn is_dns(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(|error| error.to_string().starts_with("dns error"))
}
