//! A server that gives one prepared answer after the other and remembers what it was asked: for
//! the answers that no well-behaved server gives on request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_adapters::{Aws, EndpointOverride};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// One answer.
#[derive(Clone)]
pub(crate) enum Answer {
    /// A whole response.
    Http {
        status: u16,
        headers: &'static [(&'static str, &'static str)],
        body: &'static str,
    },
    /// The head of a response that promises more than comes.
    CutShort { promised: usize, body: &'static str },
    /// Nothing, for ever.
    Silence,
}

/// An answer with a body and nothing else.
pub(crate) fn http(status: u16, body: &'static str) -> Answer {
    Answer::Http {
        status,
        headers: &[],
        body,
    }
}

/// The server; it ends when it is dropped.
pub(crate) struct Scripted {
    url: String,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<String>>,
}

impl Scripted {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            answers: Mutex::new(answers.into_iter().collect()),
            requests: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        Self {
            url,
            shared,
            _tasks: tasks,
        }
    }

    /// An SDK configuration that leads here.
    pub(crate) async fn aws(&self) -> Aws {
        aws_at(&self.url).await
    }

    /// A queue URL that leads here.
    pub(crate) fn queue_url(&self) -> String {
        format!("{}/000000000000/events", self.url)
    }

    /// Heads and bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }
}

pub(crate) async fn aws_at(url: &str) -> Aws {
    let given = EndpointOverride {
        endpoint_url: url.to_owned(),
        region: "us-east-1".into(),
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI".into(),
    };
    Aws::from_env(Some(given)).await
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((connection, _)) = listener.accept().await {
        connections.spawn(serve(connection, Arc::clone(&shared)));
    }
}

async fn serve(mut connection: TcpStream, shared: Arc<Shared>) {
    while let Some(request) = read_request(&mut connection).await {
        let is_head = request.starts_with("HEAD ");
        shared.requests.lock().unwrap().push(request);
        let answer = shared.answers.lock().unwrap().pop_front();
        match answer.unwrap_or_else(|| http(599, "the script has ended")) {
            Answer::Http {
                status,
                headers,
                body,
            } => {
                let head = head(status, headers, body.len());
                let body = if is_head { "" } else { body };
                connection
                    .write_all(format!("{head}{body}").as_bytes())
                    .await
                    .unwrap();
            }
            Answer::CutShort { promised, body } => {
                let head = head(200, &[], promised);
                connection
                    .write_all(format!("{head}{body}").as_bytes())
                    .await
                    .unwrap();
                return;
            }
            Answer::Silence => std::future::pending().await,
        }
    }
}

fn head(status: u16, headers: &[(&str, &str)], length: usize) -> String {
    let mut lines = vec![format!("HTTP/1.1 {status} Scripted")];
    lines.extend(
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    if !headers.iter().any(|(name, _)| *name == "content-length") {
        lines.push(format!("content-length: {length}"));
    }
    lines.join("\r\n") + "\r\n\r\n"
}

async fn read_request(connection: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Some(text.into_owned());
        }
        let mut piece = [0; 4096];
        match connection.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
    }
}

fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap())
}
