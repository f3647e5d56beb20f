//! One emulator per test, clients for it, and a minimal HTTP client for what SDKs do not send.

use std::time::Duration;

use aws_emulator::{Emulator, Options, Running};
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sqs::types::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than anything here takes; only a hang reaches it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running emulator with a client for each service.
pub(crate) struct Aws {
    pub(crate) running: Running,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
}

/// An answer to [`Aws::http`].
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Aws {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let running = Emulator::start(options).await.unwrap();
        let (s3, sqs) = (
            s3_client(&running.endpoint()),
            sqs_client(&running.endpoint()),
        );
        Self { running, s3, sqs }
    }

    /// An emulator with the bucket `media`.
    pub(crate) async fn with_bucket() -> Self {
        let aws = Self::start().await;
        aws.s3.create_bucket().bucket("media").send().await.unwrap();
        aws
    }

    pub(crate) fn handle(&self) -> &Emulator {
        self.running.handle()
    }

    /// Stores text and tells its quoted `ETag`.
    pub(crate) async fn put(&self, key: &str, text: &'static str) -> String {
        let body = ByteStream::from_static(text.as_bytes());
        let put = self.s3.put_object().bucket("media").key(key).body(body);
        put.send().await.unwrap().e_tag.unwrap()
    }

    pub(crate) async fn get(&self, key: &str) -> String {
        let got = self
            .s3
            .get_object()
            .bucket("media")
            .key(key)
            .send()
            .await
            .unwrap();
        String::from_utf8(got.body.collect().await.unwrap().to_vec()).unwrap()
    }

    pub(crate) async fn queue(&self, name: &str) -> String {
        self.sqs
            .create_queue()
            .queue_name(name)
            .send()
            .await
            .unwrap()
            .queue_url
            .unwrap()
    }

    /// Receives up to ten messages, without waiting.
    pub(crate) async fn receive(&self, url: &str) -> Vec<Message> {
        let receive = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10);
        receive.send().await.unwrap().messages.unwrap_or_default()
    }

    /// Receives a message that must be there.
    pub(crate) async fn receive_one(&self, url: &str) -> Message {
        self.receive(url).await.pop().unwrap()
    }

    pub(crate) async fn send(&self, url: &str, body: &str) {
        self.sqs
            .send_message()
            .queue_url(url)
            .message_body(body)
            .send()
            .await
            .unwrap();
    }

    /// One request over a connection of its own. Empty when the connection was closed unanswered.
    pub(crate) async fn http(&self, request: &str, headers: &str, body: &str) -> Option<Reply> {
        let address = self.running.endpoint().replace("http://", "");
        let host = if headers.contains("Host:") {
            String::new()
        } else {
            format!("Host: {address}\r\n")
        };
        let length = body.len();
        let text = format!(
            "{request} HTTP/1.1\r\n{host}{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Reply {
            status,
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }
}

/// The code of a failed call.
pub(crate) fn code<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(
    result: Result<T, SdkError<E, R>>,
) -> String {
    match result {
        Err(SdkError::ServiceError(error)) => error.err().code().unwrap_or_default().to_owned(),
        Err(_) => "no answer".to_owned(),
        Ok(answer) => panic!("succeeded: {answer:?}"),
    }
}

fn s3_client(endpoint: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

fn sqs_client(endpoint: &str) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(aws_sdk_sqs::config::Region::new("us-east-1"))
        .credentials_provider(credentials())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled());
    aws_sdk_sqs::Client::from_conf(config.build())
}

fn credentials() -> Credentials {
    Credentials::new("anybody", "anything", None, None, "test")
}
