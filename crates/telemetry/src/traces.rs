//! Traces: the spans of this workspace, sent to a collector as OTLP over HTTP with protobuf.
//!
//! Only there when an endpoint is configured. Without one nothing here runs, and every span is
//! disabled where it would be made, because no layer wants it (see `logs`).
//! Export is never in the way: finished spans wait in a bounded buffer that a thread of its own
//! empties, and what does not fit, or what the collector does not take, is dropped.
//! Only spans leave the process, with the attributes that our own code gives them; log lines do
//! not. Sampling, resource attributes, headers and batch sizes follow OpenTelemetry's own
//! variables, which the SDK reads.

mod carrier;

use std::collections::HashMap;
use std::time::Duration;

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceId, TracerProvider};
use opentelemetry::{Context, Key, KeyValue};
use opentelemetry_aws::trace::XrayPropagator;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::{Level, Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use self::carrier::Carrier;
use crate::logs::is_ours;

/// A collector that does not answer keeps a stopping process waiting this long, not longer.
const FLUSH_TIME: Duration = Duration::from_secs(2);
/// The name of the service when neither `OTEL_SERVICE_NAME` nor `OTEL_RESOURCE_ATTRIBUTES` has one.
const SERVICE_NAME: &str = "cldsync-worker";
/// What the header is called on its way over HTTP.
const X_RAY_HEADER: &str = "x-amzn-trace-id";
/// X-Ray's `Sampled=?`, or no `Sampled` at all: whoever comes next decides.
const DEFERRED: TraceFlags = TraceFlags::new(0x02);

/// Where spans go.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

/// Traces could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// No HTTP client can be made.
    #[error("HTTP client for traces")]
    Http(#[source] reqwest::Error),
    /// The endpoint or one of the SDK's variables does not do.
    #[error("export of traces")]
    Exporter(#[source] ExporterBuildError),
}

impl Traces {
    /// Exports to the URL that takes spans, with this TLS. Requests are made on `runtime`, which
    /// must live until [`Traces::flush`] has returned.
    pub fn export_to(
        endpoint: &str,
        tls: rustls::ClientConfig,
        version: &'static str,
        runtime: Handle,
    ) -> Result<Self, TracesError> {
        let carrier = Carrier::new(endpoint, tls, runtime).map_err(TracesError::Http)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(carrier)
            .with_endpoint(endpoint)
            .build()
            .map_err(TracesError::Exporter)?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource(version))
            .build();
        Ok(Self { provider })
    }

    /// Exports what is left, within two seconds. Blocks; must not be called on a task.
    pub fn flush(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(FLUSH_TIME) {
            tracing::warn!(%error, "The last traces were not exported");
        }
    }

    /// The layer that turns spans into traces.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(env!("CARGO_PKG_NAME")))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_traced))
    }
}

/// Makes a span, which must not have been entered yet, a part of the trace that a message's
/// `AWSTraceHeader` tells of. A header that tells of none changes nothing.
pub fn continue_from(span: &Span, trace_header: &str) {
    let Some(parent) = parent(trace_header) else {
        tracing::debug!(trace_header, "A trace header that cannot be continued");
        return;
    };
    // Fails only when nobody exports traces.
    let _ = span.set_parent(Context::new().with_remote_span_context(parent));
}

/// The trace that the running code is in; `None` when traces are not exported.
pub(crate) fn current_trace_id() -> Option<TraceId> {
    let context = Context::current();
    let id = context.span().span_context().trace_id();
    (id != TraceId::INVALID).then_some(id)
}

/// A header without a parent names a trace, but no place in it.
fn parent(trace_header: &str) -> Option<SpanContext> {
    let carried = HashMap::from([(X_RAY_HEADER.to_owned(), trace_header.to_owned())]);
    let context = XrayPropagator::new().extract_with_context(&Context::new(), &carried);
    let told = context.span().span_context().clone();
    if !told.is_valid() {
        return None;
    }
    if told.trace_flags() & DEFERRED != DEFERRED {
        return Some(told);
    }
    // The decision is ours, and we have nothing against it.
    Some(SpanContext::new(
        told.trace_id(),
        told.span_id(),
        TraceFlags::SAMPLED,
        true,
        told.trace_state().clone(),
    ))
}

fn is_traced(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= Level::INFO && is_ours(metadata)
}

/// What the variables say, and a name if they give none.
fn resource(version: &'static str) -> Resource {
    let version = KeyValue::new("service.version", version);
    let given = Resource::builder().with_attribute(version.clone()).build();
    let name = given.get(&Key::from_static_str("service.name"));
    if name.is_some_and(|name| !name.as_str().starts_with("unknown_service")) {
        return given;
    }
    Resource::builder()
        .with_attribute(version)
        .with_service_name(SERVICE_NAME)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "Root=1-58406520-a006649127e371903a2de979";

    #[test]
    fn a_trace_header_is_a_parent_with_its_decision() {
        for (rest, is_sampled) in [
            ("Parent=4c721bf33e3caf8f;Sampled=1", true),
            ("Parent=4c721bf33e3caf8f;Sampled=0", false),
            ("Parent=4c721bf33e3caf8f;Sampled=?", true),
            ("Parent=4c721bf33e3caf8f", true),
            (
                "Parent=4c721bf33e3caf8f;Sampled=1;Lineage=1:a87bd80c:0",
                true,
            ),
        ] {
            let parent = parent(&format!("{TRACE};{rest}")).expect(rest);
            let id = parent.trace_id().to_string();
            assert_eq!(id, "58406520a006649127e371903a2de979");
            assert_eq!(parent.span_id().to_string(), "4c721bf33e3caf8f");
            assert_eq!(parent.is_sampled(), is_sampled, "{rest}");
            assert!(parent.is_remote());
        }
    }

    #[test]
    fn a_header_that_names_no_place_in_a_trace_is_no_parent() {
        let alone = format!("{TRACE};Sampled=1");
        for header in [
            "",
            "Root=1-bogus",
            "nonsense",
            "Parent=4c721bf33e3caf8f",
            &alone,
        ] {
            assert_eq!(parent(header), None, "{header}");
        }
    }

    #[test]
    fn without_traces_nothing_is_current() {
        assert_eq!(current_trace_id(), None);
    }
}
