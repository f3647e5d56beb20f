//! Carries batches of spans to the collector, on the runtime of the process.
//!
//! The SDK exports from a thread without a runtime, which HTTP needs. It drops a failed batch
//! without a word, so what went wrong is logged here: once, until it works again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use reqwest::Url;
use reqwest::redirect::Policy;
use tokio::runtime::Handle;

use crate::error_chain::error_chain;

/// One batch, from the connection to the end of the answer.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Carrier {
    http: reqwest::Client,
    runtime: Handle,
    /// The last batch was not taken.
    is_failing: AtomicBool,
}

impl Carrier {
    pub(super) fn new(
        endpoint: &str,
        tls: rustls::ClientConfig,
        runtime: Handle,
    ) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(EXPORT_TIMEOUT)
            // The SDK repeats what is worth it.
            .retry(reqwest::retry::never())
            .redirect(Policy::none());
        // A collector beside us is out of reach for a proxy elsewhere.
        let builder = if is_loopback(endpoint) {
            builder.no_proxy()
        } else {
            builder
        };
        Ok(Self {
            http: builder.build()?,
            runtime,
            is_failing: AtomicBool::new(false),
        })
    }

    fn tell(&self, result: &Result<Response<Bytes>, HttpError>) {
        let why = match result {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("status {}", answer.status().as_u16())),
            Err(error) => Some(error_chain(error.as_ref()).to_string()),
        };
        let was_failing = self.is_failing.swap(why.is_some(), Ordering::Relaxed);
        match (why, was_failing) {
            (Some(error), false) => tracing::warn!(
                error,
                "Traces are not exported; what does not fit into the buffer meanwhile is dropped"
            ),
            (None, true) => tracing::info!("Traces are exported again"),
            (Some(_), true) | (None, false) => {}
        }
    }
}

#[async_trait]
impl HttpClient for Carrier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let exchange = exchange(self.http.clone(), request);
        // Fails only when the process ends, which says nothing about the collector.
        let result = self.runtime.spawn(exchange).await?;
        self.tell(&result);
        result
    }
}

/// An answer to OTLP says next to nothing, so its body is left unread but for an empty one.
async fn exchange(
    http: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let request = reqwest::Request::try_from(request)?;
    // Headers and URL may hold a token, so the error comes without them.
    let answer = http
        .execute(request)
        .await
        .map_err(reqwest::Error::without_url)?;
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = answer.status();
    response.headers_mut().clone_from(answer.headers());
    Ok(response)
}

fn is_loopback(endpoint: &str) -> bool {
    let url = Url::parse(endpoint).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        let address = host.parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for endpoint in [
            "http://localhost:4318",
            "http://127.0.0.1:1/v1",
            "http://[::1]:4318",
        ] {
            assert!(is_loopback(endpoint), "{endpoint}");
        }
        for endpoint in ["http://collector:4318", "https://10.0.0.1", "nonsense"] {
            assert!(!is_loopback(endpoint), "{endpoint}");
        }
    }
}
