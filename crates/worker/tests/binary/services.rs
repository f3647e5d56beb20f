//! The few answers of SQS and Cloudinary that a start and a stop need, on one loopback port.
//!
//! Scripted on purpose: faithful stand-ins are emulators of their own, and the worker is tested
//! against them elsewhere. A receive hangs until the client goes away, unless the script says
//! otherwise.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::process::eventually;

/// Both services. Their threads end with the test's process.
pub(crate) struct Services {
    address: SocketAddr,
    script: Arc<Script>,
}

#[derive(Default)]
struct Script {
    refuse_credentials: AtomicBool,
    refuse_receives: AtomicBool,
    /// Receives to be answered with no message.
    empty_receives: AtomicUsize,
    received: AtomicBool,
}

impl Services {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let script = Arc::new(Script::default());
        let shared = Arc::clone(&script);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let script = Arc::clone(&shared);
                thread::spawn(move || script.converse(&socket));
            }
        });
        Self { address, script }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether Cloudinary refuses everybody.
    pub(crate) fn refuse_credentials(&self, refuse: bool) {
        self.script
            .refuse_credentials
            .store(refuse, Ordering::SeqCst);
    }

    /// From now on SQS refuses receives.
    pub(crate) fn refuse_receives(&self) {
        self.script.refuse_receives.store(true, Ordering::SeqCst);
    }

    /// From now on SQS allows receives; the next one finds nothing.
    pub(crate) fn allow_receives(&self) {
        self.script.empty_receives.store(1, Ordering::SeqCst);
        self.script.refuse_receives.store(false, Ordering::SeqCst);
    }

    /// Waits until a receive hangs.
    pub(crate) fn wait_for_receive(&self) {
        eventually("a receive", || {
            self.script.received.load(Ordering::SeqCst).then_some(())
        });
    }
}

impl Script {
    fn converse(&self, socket: &TcpStream) {
        let mut reader = BufReader::new(socket);
        while let Some(request) = read_request(&mut reader) {
            let Some((status, body)) = self.answer(&request) else {
                // Hangs until the client closes the connection.
                let _ = reader.read(&mut [0; 1]);
                return;
            };
            let mut writer = socket;
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            if writer.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: &str) -> Option<(&'static str, &'static str)> {
        if request.contains("AmazonSQS.ReceiveMessage") {
            return self.answer_receive();
        }
        if request.contains("/123/missing") {
            return Some((
                "400 Bad Request",
                r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}"#,
            ));
        }
        if request.contains("/123/closed") {
            return Some(("400 Bad Request", DENIED));
        }
        if request.contains("AmazonSQS.GetQueueAttributes") {
            return Some(("200 OK", ATTRIBUTES));
        }
        if self.refuse_credentials.load(Ordering::SeqCst) {
            return Some((
                "401 Unauthorized",
                r#"{"error":{"message":"unknown api_key"}}"#,
            ));
        }
        Some(("200 OK", r#"{"status":"ok"}"#))
    }

    fn answer_receive(&self) -> Option<(&'static str, &'static str)> {
        if self.refuse_receives.load(Ordering::SeqCst) {
            return Some(("400 Bad Request", DENIED));
        }
        let one_less = |left: usize| left.checked_sub(1);
        let empty = &self.empty_receives;
        if empty
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
        {
            return Some(("200 OK", r#"{"Messages":[]}"#));
        }
        self.received.store(true, Ordering::SeqCst);
        None
    }
}

const DENIED: &str =
    r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"not you"}"#;

const ATTRIBUTES: &str = r#"{"Attributes":{"QueueArn":"arn:aws:sqs:eu-west-1:123:queue",
"VisibilityTimeout":"120","MaximumMessageSize":"1048576","ApproximateNumberOfMessages":"7",
"ApproximateNumberOfMessagesNotVisible":"2","ApproximateNumberOfMessagesDelayed":"1",
"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:123:dlq\",\"maxReceiveCount\":20}"}}"#;

/// Head and body of one request, or nothing when the client is done.
fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut request = String::new();
    let mut length = 0;
    loop {
        let start = request.len();
        if reader.read_line(&mut request).ok()? == 0 {
            return None;
        }
        let line = request[start..].trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.push_str(&String::from_utf8_lossy(&body));
    Some(request)
}
