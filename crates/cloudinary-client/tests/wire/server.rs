//! A server that answers from a script and remembers what it was asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Listens until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<Script>>,
    _tasks: JoinSet<()>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An answer to give.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: String,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    seen: Vec<Seen>,
}

impl Server {
    /// Gives these answers, one per request, then 500 for ever.
    pub(crate) async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let script = Script {
            answers: answers.into_iter().collect(),
            seen: Vec::new(),
        };
        let state = Arc::new(Mutex::new(script));
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&state));
        let (listener, address) = listen().await;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.expect("serving") });
        Self {
            address,
            state,
            _tasks: tasks,
        }
    }

    /// Reads each request's head and some of its body, writes `bytes`, then closes or stays silent.
    pub(crate) async fn raw(bytes: &'static str, then: Then) -> Self {
        let (listener, address) = listen().await;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                read_some(&mut stream).await;
                stream.write_all(bytes.as_bytes()).await.expect("writing");
                if then == Then::StaySilent {
                    silent.push(stream);
                }
            }
        });
        Self {
            address,
            state: Arc::default(),
            _tasks: tasks,
        }
    }

    /// An address where nobody listens.
    pub(crate) async fn gone() -> Self {
        let (_, address) = listen().await;
        Self {
            address,
            state: Arc::default(),
            _tasks: JoinSet::new(),
        }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .seen
            .clone()
    }

    /// The only request there was.
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

/// What a raw server does after its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Close,
    StaySilent,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("text"))
    }

    /// The parameters of a URL-encoded body.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        assert_eq!(
            self.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }

    /// The parts of a multipart body: the text of each header block, and the content.
    pub(crate) fn parts(&self) -> Vec<(String, Vec<u8>)> {
        let content_type = self.header("content-type").expect("content type");
        let boundary = content_type
            .strip_prefix("multipart/form-data; boundary=")
            .expect("form");
        let length = self.header("content-length").expect("exact length");
        assert_eq!(length, self.body.len().to_string());
        let start = format!("--{boundary}\r\n");
        let mut rest = self.body.strip_prefix(start.as_bytes()).expect("start");
        let separator = format!("\r\n--{boundary}");
        let mut parts = Vec::new();
        while let Some(end) = find(rest, separator.as_bytes()) {
            let part = &rest[..end];
            let head = find(part, b"\r\n\r\n").expect("part with a head");
            let text = String::from_utf8(part[..head].to_vec()).expect("text");
            parts.push((text, part[head + 4..].to_vec()));
            rest = &rest[end + separator.len()..];
            rest = rest.strip_prefix(b"\r\n").unwrap_or(rest);
        }
        assert_eq!(rest, b"--\r\n", "the end of the form");
        parts
    }
}

pub(crate) fn answer_with(status: u16, body: impl Into<String>) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        body: body.into(),
    }
}

async fn answer(State(state): State<Arc<Mutex<Script>>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Response::builder()
            .status(400)
            .body(Body::empty())
            .expect("valid");
    };
    let target = head.uri.to_string();
    let seen = Seen {
        method: head.method.to_string(),
        target,
        headers: head.headers,
        body,
    };
    let mut script = state.lock().unwrap_or_else(PoisonError::into_inner);
    script.seen.push(seen);
    let answer = script
        .answers
        .pop_front()
        .unwrap_or_else(|| answer_with(500, "end of script"));
    let status = StatusCode::from_u16(answer.status).expect("valid status");
    let mut response = Response::builder().status(status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).expect("valid")
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("free port");
    let address = listener.local_addr().expect("address");
    (listener, address)
}

async fn read_some(stream: &mut TcpStream) {
    let mut buffer = vec![0; 64 * 1024];
    let read = stream.read(&mut buffer).await.expect("reading");
    assert!(read > 0, "a request was expected");
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes
        .windows(pattern.len())
        .position(|window| window == pattern)
}
