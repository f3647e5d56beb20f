//! The HTTP client below the SDK: rustls with ring, trusting the machine's root certificates and
//! Mozilla's.
//!
//! An image without CA files is normal for a static binary. Then only the bundled roots are used;
//! asking for the native ones regardless makes the SDK's client panic in debug builds.

use aws_sdk_s3::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Whether requests go through the proxy that the environment names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// `HTTPS_PROXY`, `NO_PROXY` and their kin.
    FromEnvironment,
    /// Straight to the endpoint.
    None,
}

/// One connection pool for all clients of a process.
pub(crate) fn http_client(proxy: Proxy) -> SharedHttpClient {
    let tls = TlsContext::builder()
        .with_trust_store(trust_store(has_native_roots()))
        .build()
        .expect("a context of nothing but a trust store is always valid");
    // The builder that makes its own connectors has no place for a proxy.
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .proxy_config(proxy_config(proxy));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    })
}

fn proxy_config(proxy: Proxy) -> ProxyConfig {
    match proxy {
        Proxy::FromEnvironment => ProxyConfig::from_env(),
        Proxy::None => ProxyConfig::disabled(),
    }
}

fn has_native_roots() -> bool {
    let found = rustls_native_certs::load_native_certs();
    rustls::RootCertStore::empty()
        .add_parsable_certificates(found.certs)
        .0
        > 0
}

fn trust_store(native: bool) -> TrustStore {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().fold(
        TrustStore::empty().with_native_roots(native),
        |store, certificate| store.with_pem_certificate(pem(certificate)),
    )
}

fn pem(der: &[u8]) -> String {
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        BASE64.encode(der)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_native_roots_a_connector_is_built_from_the_bundled_ones() {
        let tls = TlsContext::builder()
            .with_trust_store(trust_store(false))
            .build()
            .unwrap();
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls)
            .build();
        assert!(!webpki_root_certs::TLS_SERVER_ROOT_CERTS.is_empty());
        drop(connector);
    }
}
