//! Where traces go, by OpenTelemetry's own variables.

use super::{environment, with};
use crate::config::{Config, Flags};

#[test]
fn nothing_is_traced_unless_an_endpoint_is_given() {
    assert_eq!(with(&[]).traces_endpoint, None);
    assert_eq!(
        with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]).traces_endpoint,
        None
    );
    assert_eq!(with(&[("OTEL_SERVICE_NAME", "x")]).traces_endpoint, None);
}

#[test]
fn spans_go_below_the_endpoint_for_all_signals_or_exactly_to_their_own() {
    let all = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    for base in ["http://127.0.0.1:4318", "http://127.0.0.1:4318/"] {
        let config = with(&[(all, base)]);
        let endpoint = config.traces_endpoint.as_deref();
        assert_eq!(endpoint, Some("http://127.0.0.1:4318/v1/traces"));
    }
    let config = with(&[(all, "http://a:4318"), (traces, "https://b/spans")]);
    assert_eq!(config.traces_endpoint.as_deref(), Some("https://b/spans"));
}

#[test]
fn an_endpoint_that_is_no_url_is_refused_without_its_credentials() {
    let given = [("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")];
    let errors = Config::resolve(&Flags::default(), &environment(&given));
    let told = errors.expect_err("not a URL of HTTP").to_string();
    assert!(
        told.contains("OTEL_EXPORTER_OTLP_ENDPOINT is `collector:4318`"),
        "{told}"
    );

    let given = [(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "https://user:t0ken@collector?key=t0ken",
    )];
    let shown = with(&given).changed_settings();
    assert!(shown.contains("OTEL_EXPORTER_OTLP_ENDPOINT="), "{shown}");
    assert!(!shown.contains("t0ken"), "{shown}");
}
