//! The TLS side of the client: rustls with ring, and whom it trusts.
//!
//! The machine's own certificates come first, so that a company's CA works. A container without
//! any gets the bundled Mozilla roots instead of a client that trusts nobody.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// TLS for HTTP/2 and HTTP/1.1, offered in this order. Other clients of the process may use it, so
/// that whom it trusts is decided once.
pub fn client_config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // Files that cannot be read are skipped; what could be read counts.
    let native = rustls_native_certs::load_native_certs().certs;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(native))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(native: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(native);
    if roots.is_empty() {
        let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned();
        roots.add_parsable_certificates(bundled);
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_certificates_gets_the_bundled_ones() {
        let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
        assert_eq!(roots(Vec::new()).len(), bundled.len());
        assert_eq!(
            roots(vec![CertificateDer::from(vec![0])]).len(),
            bundled.len()
        );
    }

    #[test]
    fn the_machines_own_certificates_are_the_only_ones_where_there_are_any() {
        let own = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].clone();
        assert_eq!(roots(vec![own]).len(), 1);
    }
}
