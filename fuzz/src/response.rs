//! Any answer of Cloudinary, or of a proxy in its place: read or classified, never believed.
//!
//! Input: an answer as in `answer.rs`.

use std::time::{Duration, UNIX_EPOCH};

use cloudinary_core::{
    ApiError, DestroyResponse, Disposition, FolderMode, Reply, UnreadableBody, UploadResponse,
    classify,
};
use serde_json::Value;

use super::answer::Answer;

/// A message longer than this has not been cut.
const MAX_CHARS: usize = 601;

/// Reads the input as the answer to every call.
pub fn run(input: &[u8]) {
    let Some(answer) = Answer::read(input) else {
        return;
    };
    let reply = Reply {
        status: answer.status,
        headers: &answer.headers,
        body: answer.body,
    };
    let error = classify(&reply, UNIX_EPOCH + Duration::from_hours(500_000));
    assert_eq!(error.status, Some(answer.status));
    check_message(&error.message);
    check_meaning(&reply, &error);
    check_success(answer.body);
}

/// Messages go to logs and to the dead-letter queue.
fn check_message(message: &str) {
    assert!(!message.is_empty());
    assert!(message.chars().count() <= MAX_CHARS, "{message}");
    let in_one_line = |c: char| c == ' ' || !(c.is_control() || c.is_whitespace());
    assert!(message.chars().all(in_one_line), "{message:?}");
    let mut words = message.split(' ').filter_map(|word| word.split_once('?'));
    assert!(
        !words.any(|(url, query)| url.contains("://") && is_credential(query)),
        "a credential is shown: {message}"
    );
}

fn is_credential(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    let marks = ["signature=", "x-amz-", "token=", "sig="];
    marks.iter().any(|mark| query.contains(mark))
}

fn check_meaning(reply: &Reply<'_>, error: &ApiError) {
    let disposition = error.disposition();
    match reply.status {
        // A paid feature that is used up is ours to put right.
        420 | 429 => assert!(matches!(
            disposition,
            Disposition::Throttled | Disposition::Ours
        )),
        408 | 423 | 500..=599 => assert_eq!(disposition, Disposition::Transient),
        _ => {
            assert_ne!(disposition, Disposition::Throttled);
            if reply.header("retry-after").is_none() {
                assert_eq!(error.retry_at, None, "nobody said when");
            }
        }
    }
    assert!(error.to_string().starts_with(&error.message));
}

fn check_success(body: &[u8]) {
    let fields = match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) if !fields.contains_key("error") => fields,
        _ => {
            assert_eq!(UploadResponse::parse(body), Err(UnreadableBody));
            assert_eq!(DestroyResponse::parse(body), Err(UnreadableBody));
            assert_eq!(FolderMode::parse(body), Err(UnreadableBody));
            return;
        }
    };
    let upload = UploadResponse::parse(body).expect("an object without `error` is an answer");
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    assert_eq!(upload.etag.as_deref(), text("etag"));
    assert_eq!(upload.is_pending(), text("status") == Some("pending"));
    let destroyed = DestroyResponse::parse(body);
    assert_eq!(destroyed.is_ok(), text("result").is_some());
    assert_eq!(
        destroyed == Ok(DestroyResponse::Ok),
        text("result") == Some("ok"),
        "only one word proves a destroy"
    );
}
