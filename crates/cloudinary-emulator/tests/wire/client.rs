//! A small HTTP client for these tests, and the calls they make most.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cloudinary_emulator::{Emulator, Options, Running};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An emulator with these options on a free port.
pub(crate) async fn start(options: Options) -> (Running, Client) {
    let listen = Options::on_free_port().listen;
    let running = Emulator::start(Options { listen, ..options })
        .await
        .expect("starts");
    let client = Client::to(running.endpoint());
    (running, client)
}

/// One client of one emulator; sends Basic credentials unless told otherwise.
#[derive(Clone)]
pub(crate) struct Client {
    http: HyperClient<HttpConnector, Body>,
    endpoint: String,
    authorization: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// The error text, which must be the same in body and header.
    pub(crate) fn error(&self) -> String {
        let json = self.json();
        let text = json["error"]["message"]
            .as_str()
            .expect("an error text")
            .to_owned();
        assert_eq!(self.header("x-cld-error"), text);
        text
    }
}

impl Client {
    pub(crate) fn to(endpoint: &str) -> Self {
        let credentials = STANDARD.encode("key:secret");
        Self {
            http: HyperClient::builder(TokioExecutor::new()).build_http(),
            endpoint: endpoint.to_owned(),
            authorization: Some(format!("Basic {credentials}")),
        }
    }

    pub(crate) fn authorized_by(&self, authorization: Option<&str>) -> Self {
        Self {
            authorization: authorization.map(str::to_owned),
            ..self.clone()
        }
    }

    /// One exchange; `Err` when the connection ended without an answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Result<Answer, hyper_util::client::legacy::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.endpoint));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .http
            .request(request.body(body.into()).expect("a request"))
            .await?;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(Body::new(body), usize::MAX)
            .await
            .expect("a whole body");
        assert_eq!(parts.headers["x-request-id"].len(), 32);
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty())
            .await
            .expect("an answer")
    }

    /// An urlencoded Upload API call without a Content-Type, as Go sends it.
    pub(crate) async fn post(&self, call: &str, form: &str) -> Answer {
        self.try_post(call, form).await.expect("an answer")
    }

    pub(crate) async fn try_post(
        &self,
        call: &str,
        form: &str,
    ) -> Result<Answer, hyper_util::client::legacy::Error> {
        self.send(
            Method::POST,
            &format!("/v1_1/demo/{call}"),
            &[],
            form.to_owned(),
        )
        .await
    }

    /// Uploads `hello` under a name.
    pub(crate) async fn upload(&self, public_id: &str) -> Answer {
        self.post("image/upload", &hello(public_id)).await
    }
}

/// The form that uploads `hello` under a name.
pub(crate) fn hello(public_id: &str) -> String {
    format!("public_id={public_id}&file=data:text/plain;base64,aGVsbG8%3D")
}

/// Waits until `done` says so, for at most ten seconds.
pub(crate) async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain: {what}");
}
