//! Traces of a real worker, as a real receiver of OTLP gets them: what belongs to what, what the
//! spans say and do not say, and that no collector, whatever its state, is in the way of the work.

mod collector;
mod stage;

use std::collections::BTreeSet;
use std::net::TcpListener;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::Value;

use self::collector::{Collector, Traced};
use self::stage::{API_SECRET, AWS_SECRET_KEY, Stage, TOKEN};

const TRACE: &str = "58406520a006649127e371903a2de979";
const PARENT: &str = "4c721bf33e3caf8f";
const SAMPLED: &str = "Root=1-58406520-a006649127e371903a2de979;Parent=4c721bf33e3caf8f;Sampled=1";
const NOT_SAMPLED: &str =
    "Root=1-58406521-a006649127e371903a2de979;Parent=4c721bf33e3caf8f;Sampled=0";

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_from_the_trace_header_to_the_calls() {
    let Some(stage) = Stage::set("traces").await else {
        return;
    };
    let collector = Collector::start().await;
    let worker = stage.start_worker(&collector.endpoint);
    for key in ["cat.jpg", "unseen.jpg"] {
        stage.put(key).await;
    }
    let id = stage.notify("cat.jpg", Some(SAMPLED)).await;
    stage.notify("unseen.jpg", Some(NOT_SAMPLED)).await;
    stage.wait_until_done().await;
    let log = stage.stop(worker).await;

    let spans = collector.spans();
    let message = only(&spans, "message");
    assert_eq!(message.trace(), TRACE);
    assert_eq!(message.parent(), PARENT);
    assert_eq!(message.kind(), SpanKind::Consumer);
    for (name, value) in [
        ("messaging.message.id", id.as_str()),
        ("messaging.operation.type", "process"),
        ("cldsync.receive_count", "1"),
        ("cldsync.envelope", "s3"),
        ("cldsync.settlement", "acknowledge"),
    ] {
        assert_eq!(message.attribute(name), value, "{name}");
    }
    let reconcile = only(&spans, "reconcile");
    assert_eq!(reconcile.parent(), message.id());
    for (name, value) in [
        ("cldsync.public_id", "cat"),
        ("cldsync.resource_type", "image"),
        ("cldsync.action", "upload"),
        ("cldsync.outcome", "uploaded"),
    ] {
        assert_eq!(reconcile.attribute(name), value, "{name}");
    }
    assert_calls(&spans, &reconcile);
    assert_logged(&log, &message);

    let resource = collector.resource();
    assert_eq!(resource["service.name"], "cldsync-worker");
    assert_eq!(resource["deployment"], "test");
    let exports = collector.exports();
    assert!(exports.iter().all(|export| export.token == TOKEN));
    let told = exports.iter().map(|export| format!("{:?}", export.request));
    for secret in [API_SECRET, AWS_SECRET_KEY, TOKEN, "X-Amz-Signature"] {
        assert!(!told.clone().any(|text| text.contains(secret)), "{secret}");
        assert!(!log.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconcile_is_linked_to_every_message_that_it_answers() {
    let Some(stage) = Stage::set("links of traces").await else {
        return;
    };
    let collector = Collector::start().await;
    stage.put("cat.jpg").await;
    for _ in 0..8 {
        stage.notify("cat.jpg", None).await;
    }
    let worker = stage.start_worker(&collector.endpoint);
    stage.wait_until_done().await;
    stage.stop(worker).await;

    let spans = collector.spans();
    let ids = |name: &str| -> BTreeSet<String> { named(&spans, name).map(Traced::id).collect() };
    let messages = ids("message");
    assert_eq!(messages.len(), 8);
    let runs: Vec<_> = named(&spans, "reconcile").collect();
    assert!(runs.len() < 8, "some run answers several messages");
    let answered = runs.iter().flat_map(|run| {
        let mut of = run.links();
        of.push(run.parent());
        of
    });
    let mut answered: Vec<_> = answered.collect();
    answered.sort_unstable();
    let expected: Vec<_> = messages.into_iter().collect();
    assert_eq!(answered, expected, "each message is answered by one run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_says_so_in_its_span() {
    let Some(stage) = Stage::set("failed calls in traces").await else {
        return;
    };
    let collector = Collector::start().await;
    stage.put("cat.jpg").await;
    stage.throttle_one_upload().await;
    let worker = stage.start_worker(&collector.endpoint);
    stage.notify("cat.jpg", Some(SAMPLED)).await;
    stage.wait_until_done().await;
    stage.stop(worker).await;

    let spans = collector.spans();
    let uploads: Vec<_> = named(&spans, "Cloudinary upload").collect();
    let failed: Vec<_> = uploads.iter().filter(|call| call.has_failed()).collect();
    assert_eq!((uploads.len(), failed.len()), (2, 1));
    assert_eq!(failed[0].attribute("http.response.status_code"), "420");
    assert_eq!(failed[0].attribute("error.type"), "rate_limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_refuses_or_hangs_is_not_in_the_way_of_the_work() {
    let Some(stage) = Stage::set("collectors that are down").await else {
        return;
    };
    let refusing = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let hanging = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = |listener: &TcpListener| {
        let address = listener.local_addr().expect("its number");
        format!("http://{address}")
    };
    let endpoints = [url(&refusing), url(&hanging)];
    // Nobody listens any more; to the other one connections are made, and never an answer.
    drop(refusing);
    for (endpoint, told) in endpoints.iter().zip([
        "Traces are not exported",
        "The last traces were not exported",
    ]) {
        let worker = stage.start_worker(endpoint);
        stage.put("cat.jpg").await;
        stage.notify("cat.jpg", Some(SAMPLED)).await;
        stage.wait_until_done().await;
        let log = stage.stop(worker).await;
        assert!(log.contains("Stopped, nothing was left"), "{log}");
        assert!(log.contains(told), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_endpoint_nothing_is_traced() {
    let Some(stage) = Stage::set("no traces").await else {
        return;
    };
    let worker = stage.start_worker("");
    stage.put("cat.jpg").await;
    stage.notify("cat.jpg", Some(SAMPLED)).await;
    stage.wait_until_done().await;
    let log = stage.stop(worker).await;
    assert!(log.contains("Worked on a record"), "{log}");
    assert!(!log.contains("trace_id"), "{log}");
}

/// The calls belong to the reconcile, and each says what it was and how it ended.
fn assert_calls(spans: &[Traced], reconcile: &Traced) {
    for name in ["S3 head", "S3 presign", "Cloudinary upload"] {
        let call = named(spans, name).next();
        let call = call.unwrap_or_else(|| panic!("no span of {name}"));
        assert_eq!(call.parent(), reconcile.id(), "{name}");
        assert_eq!(call.kind(), SpanKind::Client, "{name}");
        assert!(!call.has_failed(), "{name}");
        let operation = name.rsplit(' ').next().unwrap_or_default();
        assert_eq!(call.attribute("cldsync.operation"), operation);
    }
    for name in ["S3 head", "Cloudinary upload"] {
        let status = |call: &Traced| call.attribute("http.response.status_code");
        assert!(
            named(spans, name).all(|call| status(call) == "200"),
            "{name}"
        );
    }
}

/// What is logged about a message leads to its trace.
fn assert_logged(log: &str, message: &Traced) {
    let id = message.attribute("messaging.message.id");
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let line = lines
        .filter(|line: &Value| line["message"] == "Worked on a record")
        .find(|line| line["message_id"] == id.as_str());
    let line = line.expect("a line about the message");
    assert_eq!(line["trace_id"], message.trace());
}

fn named<'a>(spans: &'a [Traced], name: &str) -> impl Iterator<Item = &'a Traced> {
    spans.iter().filter(move |span| span.name() == name)
}

/// The only span of that name within the trace that the test has begun.
fn only(spans: &[Traced], name: &str) -> Traced {
    let ours: Vec<_> = named(spans, name)
        .filter(|span| span.trace() == TRACE)
        .collect();
    assert_eq!(ours.len(), 1, "{name}: {ours:?}");
    ours[0].clone()
}
