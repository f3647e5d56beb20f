//! A collector as the worker's exporter sees one: takes OTLP over HTTP and keeps the spans.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A collector on a free port. Dropping it ends it.
pub(super) struct Collector {
    pub(super) endpoint: String,
    received: Received,
    _server: JoinSet<()>,
}

type Received = Arc<Mutex<Vec<Export>>>;

/// One request of an exporter.
#[derive(Debug, Clone)]
pub(super) struct Export {
    /// The header that the test has the exporter send.
    pub(super) token: String,
    pub(super) request: ExportTraceServiceRequest,
}

impl Collector {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its number"));
        let received = Received::default();
        let routes = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&received));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, routes).await.expect("it serves") });
        Self {
            endpoint,
            received,
            _server: server,
        }
    }

    pub(super) fn exports(&self) -> Vec<Export> {
        self.received.lock().expect("not poisoned").clone()
    }

    /// Every span that was exported, in any order.
    pub(super) fn spans(&self) -> Vec<Traced> {
        let exports = self.exports();
        let resources = exports.into_iter().flat_map(|it| it.request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).map(Traced).collect()
    }

    /// The attributes of the process that exported.
    pub(super) fn resource(&self) -> BTreeMap<String, String> {
        let exports = self.exports();
        let first = exports.first().expect("something was exported");
        let resource = &first.request.resource_spans[0].resource;
        texts(&resource.as_ref().expect("a resource").attributes)
    }
}

async fn take(State(received): State<Received>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("content-type") != Some("application/x-protobuf") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let token = text("x-token").unwrap_or_default().to_owned();
    let export = Export { token, request };
    received.lock().expect("not poisoned").push(export);
    StatusCode::OK
}

/// A span that was exported.
#[derive(Debug, Clone)]
pub(super) struct Traced(Span);

impl Traced {
    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    pub(super) fn kind(&self) -> SpanKind {
        self.0.kind()
    }

    pub(super) fn id(&self) -> String {
        hex(&self.0.span_id)
    }

    pub(super) fn parent(&self) -> String {
        hex(&self.0.parent_span_id)
    }

    pub(super) fn trace(&self) -> String {
        hex(&self.0.trace_id)
    }

    pub(super) fn links(&self) -> Vec<String> {
        self.0.links.iter().map(|link| hex(&link.span_id)).collect()
    }

    /// Whether it is said to have failed.
    pub(super) fn has_failed(&self) -> bool {
        self.0
            .status
            .as_ref()
            .is_some_and(|status| status.code == 2)
    }

    /// The text of an attribute; empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> String {
        texts(&self.0.attributes).remove(name).unwrap_or_default()
    }
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|it| it.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    let pairs = attributes.iter();
    pairs
        .map(|pair| (pair.key.clone(), text(&pair.value)))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
