//! Task scale-in protection of ECS: the one call by which a task says that it must not be ended now.
//!
//! Beside the ports, because the engine knows nothing of where it runs. One call is one exchange
//! with the ECS agent on this machine, which asks ECS; it is never repeated here. When to be
//! protected, and what a refusal means, is left to the worker.

use std::fmt;
use std::time::Duration;

use http::{Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

/// Where the agent is; ECS sets it for every container that can be protected.
const AGENT: &str = "ECS_AGENT_URI";
const PATH: &str = "/task-protection/v1/state";
/// The agent gives up on ECS after a few seconds of its own.
const PATIENCE: Duration = Duration::from_secs(10);
/// Far more than an answer needs.
const LONGEST_ANSWER: usize = 64 * 1024;

/// The agent of the task that this process runs in.
#[derive(Clone)]
pub struct TaskProtection {
    state: Uri,
    client: Client<HttpConnector, String>,
}

/// Why the task is not protected, or not free again.
#[derive(Debug, thiserror::Error)]
pub enum TaskProtectionError {
    /// The agent did not answer in time; ECS may have done it all the same.
    #[error("no answer of the ECS agent within {PATIENCE:?}")]
    Timeout,
    /// The agent cannot be asked.
    #[error("request to the ECS agent")]
    Request(#[source] hyper_util::client::legacy::Error),
    /// The answer broke off or is too long.
    #[error("answer of the ECS agent")]
    Answer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// ECS says no, or the agent says something else.
    #[error("ECS refuses: {0}")]
    Refused(String),
}

impl TaskProtection {
    /// The agent that `ECS_AGENT_URI` names; outside of ECS there is none.
    #[expect(
        clippy::disallowed_methods,
        reason = "like credentials, this comes from where the process runs and not from its settings"
    )]
    pub fn from_env() -> Option<Self> {
        Self::at(&std::env::var(AGENT).ok()?)
    }

    /// Protects the task for so many minutes from now on. ECS allows 1 to 2880.
    pub async fn protect(&self, minutes: u32) -> Result<(), TaskProtectionError> {
        let body = format!(r#"{{"ProtectionEnabled":true,"ExpiresInMinutes":{minutes}}}"#);
        self.put(body, true).await
    }

    /// Lets ECS end the task again.
    pub async fn release(&self) -> Result<(), TaskProtectionError> {
        self.put(r#"{"ProtectionEnabled":false}"#.to_owned(), false)
            .await
    }

    fn at(agent: &str) -> Option<Self> {
        let agent = agent.trim_end_matches('/');
        if agent.is_empty() {
            return None;
        }
        let state = format!("{agent}{PATH}").parse();
        let state = state.inspect_err(
            |error| tracing::warn!(%error, "{AGENT} is no URL; tasks are not protected"),
        );
        Some(Self {
            state: state.ok()?,
            client: Client::builder(TokioExecutor::new()).build_http(),
        })
    }

    async fn put(&self, body: String, wanted: bool) -> Result<(), TaskProtectionError> {
        let exchange = tokio::time::timeout(PATIENCE, self.exchange(body)).await;
        let answer = exchange.map_err(|_| TaskProtectionError::Timeout)??;
        verdict(&answer, wanted)
    }

    async fn exchange(&self, body: String) -> Result<Vec<u8>, TaskProtectionError> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::PUT;
        *request.uri_mut() = self.state.clone();
        let json = header::HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        let response = self.client.request(request).await;
        let body = response.map_err(TaskProtectionError::Request)?.into_body();
        let body = Limited::new(body, LONGEST_ANSWER).collect().await;
        Ok(body.map_err(TaskProtectionError::Answer)?.to_bytes().into())
    }
}

impl fmt::Debug for TaskProtection {
    /// Without the address, whose path is a key of this task.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskProtection").finish_non_exhaustive()
    }
}

/// What the agent answers, whatever the status: refusals of ECS come with 200.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    protection: Option<Protection>,
    failure: Option<Failure>,
    error: Option<AgentError>,
}

#[derive(Debug, Deserialize)]
struct Protection {
    #[serde(rename = "ProtectionEnabled", alias = "protectionEnabled")]
    enabled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    reason: Option<String>,
    detail: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AgentError {
    code: Option<String>,
    message: Option<String>,
}

fn verdict(answer: &[u8], wanted: bool) -> Result<(), TaskProtectionError> {
    let answer: Answer = serde_json::from_slice(answer).unwrap_or_default();
    let words = match answer {
        Answer {
            protection: Some(now),
            ..
        } if now.enabled == wanted => return Ok(()),
        Answer {
            failure: Some(failure),
            ..
        } => [failure.reason, failure.detail],
        Answer {
            error: Some(error), ..
        } => [error.code, error.message],
        Answer { .. } => [Some("an answer that is not understood".to_owned()), None],
    };
    let words: Vec<_> = words.into_iter().flatten().collect();
    Err(TaskProtectionError::Refused(words.join(", ")))
}

#[cfg(test)]
mod tests;
