//! Every recorded or documented payload of the corpus beside the checkout reads as expected.

use std::fs;
use std::path::PathBuf;

use event_mapper::{RecordExplanation, Rules, RulesConfig, explain};
use serde_json::Value;

#[test]
fn every_payload_of_the_corpus_reads_as_expected() {
    let Some(corpus) = corpus() else { return };
    let expected = fs::read(corpus.join("expected.json")).expect("expected.json");
    let expected: Value = serde_json::from_slice(&expected).expect("JSON");
    let rules = Rules::new(&RulesConfig::default()).expect("default rules");
    let files = expected.as_object().expect("an object of files");
    assert!(files.len() >= 50, "{} files", files.len());
    for (name, expected) in files {
        check(
            name,
            &fs::read(corpus.join(name)).expect(name),
            expected,
            &rules,
        );
    }
}

fn check(name: &str, body: &[u8], expected: &Value, rules: &Rules) {
    let read = explain(body, rules);
    let no_records = Vec::new();
    let records = expected["records"].as_array().unwrap_or(&no_records);
    // The corpus tells an unknown major version by the record, not by the message.
    let all_quarantined =
        !records.is_empty() && records.iter().all(|record| record["op"] == "quarantine");
    let class = if all_quarantined {
        "unsupported_major"
    } else {
        text(&expected["class"])
    };
    assert_eq!(read.class, class, "{name}: {:?}", read.reason);
    if let Some(via) = expected["via"][0].as_str() {
        assert_eq!(read.envelope, Some(via), "{name}");
    }
    assert_eq!(read.records.len(), records.len(), "{name}");
    for (read, expected) in read.records.iter().zip(records) {
        check_record(name, read, expected);
    }
}

fn check_record(name: &str, read: &RecordExplanation, expected: &Value) {
    let hints: &[&str] = match text(&expected["op"]) {
        "upsert_hint" | "reconcile_hint" => &["created"],
        "remove_hint" => &["removed"],
        "restore_hint" => &["restored"],
        "ignore" => &["ignored", "tagging"],
        "quarantine" => &["malformed"],
        other => panic!("{name}: no word for {other}"),
    };
    assert!(
        hints.contains(&read.hint),
        "{name}: {} is none of {hints:?}",
        read.hint
    );
    if read.hint == "malformed" {
        assert!(read.skip.is_some(), "{name}");
        return;
    }
    let event = expected["event"]
        .as_str()
        .map(|event| event.trim_start_matches("s3:"));
    assert_eq!(read.event.as_deref(), event, "{name}");
    assert_eq!(
        read.bucket.as_deref(),
        expected["bucket"].as_str(),
        "{name}"
    );
    assert_eq!(read.key.as_deref(), expected["key"].as_str(), "{name}");
    assert_eq!(read.size, expected["size"].as_u64(), "{name}");
    assert_eq!(read.etag.as_deref(), expected["etag"].as_str(), "{name}");
    assert_eq!(
        read.version_id.as_deref(),
        expected["version_id"].as_str(),
        "{name}"
    );
    assert_eq!(
        read.sequencer.as_deref(),
        expected["sequencer"].as_str(),
        "{name}"
    );
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The corpus is not part of this repository. Where it must be there, its absence is a failure.
#[expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a skipped test says so"
)]
fn corpus() -> Option<PathBuf> {
    let corpus =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/s3_events");
    if corpus.join("expected.json").is_file() {
        return Some(corpus);
    }
    assert_ne!(
        std::env::var("CI").as_deref(),
        Ok("true"),
        "{} is missing",
        corpus.display()
    );
    eprintln!(
        "skipped: every_payload_of_the_corpus_reads_as_expected, no {}",
        corpus.display()
    );
    None
}
