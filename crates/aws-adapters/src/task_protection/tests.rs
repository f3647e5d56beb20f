//! The call against a small stand-in of the ECS agent, with answers as AWS documents them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::put;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;

/// An agent that gives one answer to everything and remembers what it was asked.
struct Agent {
    uri: String,
    asked: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Agent {
    async fn answering(status: u16, answer: &Value) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let status = http::StatusCode::from_u16(status).expect("a status");
        let answer = answer.to_string();
        let handler = async move |State(asked): State<Arc<Mutex<Vec<String>>>>, body: String| {
            asked.lock().expect("no panic").push(body);
            (status, answer)
        };
        let path = format!("/api/0123-task{PATH}");
        let router = Router::new().route(&path, put(handler));
        let router = router.with_state(Arc::clone(&asked));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its number");
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            uri: format!("http://{address}/api/0123-task"),
            asked,
            _serving: serving,
        }
    }

    fn asked(&self) -> Vec<Value> {
        let asked = self.asked.lock().expect("no panic");
        let json = |body: &String| serde_json::from_str(body).expect("JSON");
        asked.iter().map(json).collect()
    }

    fn protection(&self) -> TaskProtection {
        TaskProtection::at(&self.uri).expect("a usable address")
    }
}

fn state(enabled: bool) -> Value {
    json!({"protection": {
        "ExpirationDate": enabled.then_some("2026-10-06T02:29:16Z"),
        "ProtectionEnabled": enabled,
        "TaskArn": "arn:aws:ecs:us-west-2:111122223333:task/1234567890abcdef0",
    }})
}

#[tokio::test]
async fn protection_is_asked_for_with_its_end() {
    let agent = Agent::answering(200, &state(true)).await;
    agent.protection().protect(10).await.unwrap();
    let wanted = json!({"ProtectionEnabled": true, "ExpiresInMinutes": 10});
    assert_eq!(agent.asked(), [wanted]);
}

#[tokio::test]
async fn release_is_asked_for_without_one() {
    let agent = Agent::answering(200, &state(false)).await;
    agent.protection().release().await.unwrap();
    assert_eq!(agent.asked(), [json!({"ProtectionEnabled": false})]);
}

#[tokio::test]
async fn a_failure_with_status_200_is_a_refusal() {
    let answer =
        json!({"failure": {"Arn": "arn:task", "Detail": null, "Reason": "TASK_NOT_VALID"}});
    let agent = Agent::answering(200, &answer).await;
    let refused = agent.protection().protect(10).await.unwrap_err();
    assert_eq!(refused.to_string(), "ECS refuses: TASK_NOT_VALID");
}

#[tokio::test]
async fn an_error_tells_its_code_and_message() {
    let answer = json!({"requestID": "1", "error": {
        "Arn": "arn:task", "Code": "AccessDeniedException", "Message": "not authorized",
    }});
    let agent = Agent::answering(400, &answer).await;
    let refused = agent.protection().release().await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "ECS refuses: AccessDeniedException, not authorized"
    );
}

#[tokio::test]
async fn the_opposite_of_what_was_asked_is_a_refusal() {
    let agent = Agent::answering(200, &state(false)).await;
    let refused = agent.protection().protect(10).await;
    assert!(matches!(refused, Err(TaskProtectionError::Refused(_))));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let answer = json!({"protection": "x".repeat(LONGEST_ANSWER)});
    let agent = Agent::answering(200, &answer).await;
    let broken = agent.protection().protect(10).await;
    assert!(matches!(broken, Err(TaskProtectionError::Answer(_))));
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_an_error() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = free.local_addr().expect("its number");
    drop(free);
    let protection = TaskProtection::at(&format!("http://{address}")).expect("a usable address");
    let failed = protection.protect(10).await;
    assert!(matches!(failed, Err(TaskProtectionError::Request(_))));
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_never_answers_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = silent.local_addr().expect("its number");
    let protection = TaskProtection::at(&format!("http://{address}")).expect("a usable address");
    let failed = protection.protect(10).await;
    assert!(matches!(failed, Err(TaskProtectionError::Timeout)));
}

#[test]
fn an_address_that_is_empty_or_no_url_protects_nothing() {
    assert!(TaskProtection::at("").is_none());
    assert!(TaskProtection::at("http://exa mple").is_none());
}

#[test]
fn debug_does_not_show_the_address() {
    let protection = TaskProtection::at("http://169.254.170.2/api/0123-task").unwrap();
    assert!(!format!("{protection:?}").contains("0123"));
}
