//! The emulator's own calls, under `/_emulator/`: looking in, arming faults, starting over.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, StatusCode, header};
use s3s::Body;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::emulator::Inner;
use crate::faults::Fault;
use crate::server::{Answer, plain};

/// A fault, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Faults {
    Many(Vec<Fault>),
    One(Box<Fault>),
}

#[derive(Deserialize)]
struct Expire {
    bucket: String,
    key: String,
}

/// Answers one control call.
pub(crate) fn handle(inner: &Inner, method: &Method, call: &str, body: &Bytes) -> Answer {
    match (method, call) {
        (&Method::GET, "health") => plain(StatusCode::OK, "ok\n"),
        (&Method::GET, "stats") => as_json(&stats(inner)),
        (&Method::PUT, "faults") => arm(inner, body),
        (&Method::DELETE, "faults") => {
            inner.gate.arm(Vec::new());
            plain(StatusCode::NO_CONTENT, "")
        }
        (&Method::POST, "reset") => {
            inner.reset();
            plain(StatusCode::NO_CONTENT, "")
        }
        (&Method::POST, "expire") => expire(inner, body),
        _ => plain(
            StatusCode::NOT_FOUND,
            "No such control call: see /_emulator/{health,stats,faults,reset,expire}.\n",
        ),
    }
}

fn stats(inner: &Inner) -> Value {
    let now = inner.sqs.clock.millis();
    let queues: BTreeMap<_, _> = inner
        .sqs
        .all()
        .iter()
        .map(|queue| (queue.name.clone(), queue.depth(now)))
        .collect();
    let calls = inner.gate.calls();
    let store = inner.s3.lock();
    let buckets: BTreeMap<_, _> = store
        .buckets()
        .map(|(name, bucket)| (name, bucket.keys.len()))
        .collect();
    json!({
        "calls": {"s3": calls.get("s3").cloned().unwrap_or_default(), "sqs": calls.get("sqs").cloned().unwrap_or_default()},
        "queues": queues,
        "buckets": buckets,
        "bytes": store.used(),
    })
}

fn arm(inner: &Inner, body: &Bytes) -> Answer {
    match serde_json::from_slice(body) {
        Ok(Faults::Many(faults)) => inner.gate.arm(faults),
        Ok(Faults::One(fault)) => inner.gate.arm(vec![*fault]),
        Err(error) => return invalid(&error),
    }
    plain(StatusCode::NO_CONTENT, "")
}

fn expire(inner: &Inner, body: &Bytes) -> Answer {
    let expire: Expire = match serde_json::from_slice(body) {
        Ok(expire) => expire,
        Err(error) => return invalid(&error),
    };
    match inner.s3.change(&expire.bucket, |store, now| {
        store.expire(&expire.bucket, &expire.key, now)
    }) {
        Ok(_) => plain(StatusCode::NO_CONTENT, ""),
        Err(failure) => with_status(
            StatusCode::NOT_FOUND,
            &json!({"error": failure.to_string()}),
        ),
    }
}

fn invalid(error: &serde_json::Error) -> Answer {
    with_status(
        StatusCode::BAD_REQUEST,
        &json!({"error": error.to_string()}),
    )
}

fn as_json(value: &Value) -> Answer {
    with_status(StatusCode::OK, value)
}

fn with_status(status: StatusCode, value: &Value) -> Answer {
    let mut answer = Answer::new(Body::from(value.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    answer
}
