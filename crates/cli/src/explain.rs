//! `cldsync explain`: how one queue message is understood, without touching anything.
//!
//! What it says comes from `event_mapper::explain`, under the mapping settings that the worker
//! would read from the same environment. Here it is only printed, for people or as JSON.

use std::fmt::Write;

use event_mapper::{AssetExplanation, Explanation, RecordExplanation, explain};

use crate::command_line::Explain;
use crate::exit_code::ExitCode;
use crate::{input, output, settings};

/// Explains the message body in a file or on standard input.
pub(crate) fn run(arguments: &Explain) -> ExitCode {
    let rules = match settings::rules() {
        Ok(rules) => rules,
        Err(code) => return code,
    };
    let body = match input::read(arguments.file.as_deref()) {
        Ok(body) => body,
        Err(code) => return code,
    };
    let explanation = explain(&body, &rules);
    let printed = if arguments.json {
        output::print_json(&explanation)
    } else {
        output::print(&for_people(&explanation))
    };
    match printed {
        ExitCode::Success if !explanation.is_understood() => ExitCode::Data,
        printed => printed,
    }
}

fn for_people(explanation: &Explanation) -> String {
    let mut text = class(explanation);
    for (number, record) in (1..).zip(&explanation.records) {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "\nrecord {number}: {}", visible(&subject(record)));
        for (name, value) in details(record) {
            let _ = writeln!(text, "  {name:<13} {}", visible(&value));
        }
    }
    text
}

fn class(explanation: &Explanation) -> String {
    let class = match explanation.class {
        "s3" => "a notification of S3",
        "test_event" => "the test event that S3 sends when notifications are set up",
        "empty" => "a notification without records",
        "foreign" => "no notification of S3",
        "unsupported_major" => "a notification in a version that is not supported",
        _ => "malformed",
    };
    let envelope = match explanation.envelope {
        Some("sns") => ", wrapped by SNS",
        Some("eventbridge") => ", through EventBridge",
        Some("lambda") => ", wrapped for Lambda",
        _ => "",
    };
    let reason = explanation
        .reason
        .as_ref()
        .map(|reason| format!(": {reason}"));
    format!(
        "{class}{envelope}{}\n",
        visible(&reason.unwrap_or_default())
    )
}

fn subject(record: &RecordExplanation) -> String {
    let event = record.event.as_deref().unwrap_or("no event name");
    let meaning = match record.hint {
        "created" => "look at the object",
        "removed" => "look whether the object is gone",
        "restored" => "look at the object, it can be read again",
        "tagging" => "tags changed",
        "ignored" => "nothing to do",
        other => other,
    };
    format!("{event} ({meaning})")
}

fn details(record: &RecordExplanation) -> Vec<(&'static str, String)> {
    let size = record.size.map(|size| format!("{size} bytes"));
    let details = [
        ("bucket", record.bucket.clone()),
        ("key", record.key.clone()),
        ("size", size),
        ("etag", record.etag.clone()),
        ("version", record.version_id.clone()),
        ("sequencer", record.sequencer.clone()),
        ("event time", record.event_time.clone()),
        ("asset", record.asset.as_ref().map(asset)),
        (
            "asset folder",
            record
                .asset
                .as_ref()
                .and_then(|asset| asset.asset_folder.clone()),
        ),
        (
            "display name",
            record
                .asset
                .as_ref()
                .and_then(|asset| asset.display_name.clone()),
        ),
        ("no asset", record.skip.clone()),
    ];
    details
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// Control characters as escapes: a key may hold what a terminal would obey.
fn visible(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_control() {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}

fn asset(asset: &AssetExplanation) -> String {
    format!(
        "{}/{}/{}",
        asset.resource_type, asset.delivery_type, asset.public_id
    )
}
