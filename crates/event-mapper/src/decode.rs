//! From the bytes of a message body to [`Decoded`]: takes off the envelopes and tells
//! notifications from everything else.
//!
//! The shape is judged by the members that are there, never by a strict schema: S3 adds members
//! without notice, and every emulator leaves others out. What one record says is read in
//! `decode/record.rs`.

mod fields;
mod record;

use serde_json::{Map, Value};

use self::fields::{excerpt, text};
use crate::{BadRecord, Content, Decoded, Defect, Envelope, Record};

/// Envelopes that may stand around each other. EventBridge, SNS and a queue that feeds a queue
/// make two; three leaves room, and nobody can make a message cost more than its length.
const MAX_ENVELOPES: usize = 3;

type Object = Map<String, Value>;

/// Says what a queue message body is. Never panics, whatever the bytes.
pub fn decode(body: &[u8]) -> Decoded {
    match std::str::from_utf8(body) {
        Ok(body) => decode_text(body, 0),
        Err(_) => malformed(Defect::BodyNotUtf8),
    }
}

fn decode_text(body: &str, depth: usize) -> Decoded {
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    match serde_json::from_str(body) {
        Ok(Value::Object(object)) => decode_object(&object, depth),
        Ok(_) => malformed(Defect::NotAnObject),
        Err(error) => malformed(Defect::NotJson(error.to_string())),
    }
}

fn decode_object(object: &Object, depth: usize) -> Decoded {
    if let Some(records) = object.get("Records") {
        return match records {
            Value::Array(records) => decode_records(records, depth),
            _ => malformed(Defect::RecordsNotAList),
        };
    }
    if text(object, "Event").is_some_and(|event| event.trim_start_matches("s3:") == "TestEvent") {
        return Decoded {
            envelope: Some(Envelope::S3),
            content: Content::TestEvent,
        };
    }
    if let Some(decoded) = decode_sns(object, depth) {
        return decoded;
    }
    if let Some(Value::Object(detail)) = object.get("detail") {
        return decode_eventbridge(object, detail);
    }
    if is_sqs_message(object) {
        return open(object.get("Body"), depth);
    }
    Decoded {
        envelope: None,
        content: Content::Foreign(Defect::NotANotification),
    }
}

fn decode_sns(object: &Object, depth: usize) -> Option<Decoded> {
    let inside = match text(object, "Type")? {
        "Notification" => open(object.get("Message"), depth).content,
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
            Content::Foreign(Defect::SubscriptionMessage)
        }
        _ => return None,
    };
    Some(Decoded {
        envelope: Some(Envelope::Sns),
        content: inside,
    })
}

fn decode_eventbridge(object: &Object, detail: &Object) -> Decoded {
    let content = match text(object, "source") {
        Some(source) if source != "aws.s3" => {
            Content::Foreign(Defect::OtherService(excerpt(source)))
        }
        _ => Content::Changes(vec![record::from_eventbridge(object, detail)]),
    };
    Decoded {
        envelope: Some(Envelope::EventBridge),
        content,
    }
}

/// A whole entry of a `ReceiveMessage` answer, as people paste it or forwarders pass it on.
fn is_sqs_message(object: &Object) -> bool {
    object.contains_key("Body")
        && ["MessageId", "ReceiptHandle", "MD5OfBody"]
            .iter()
            .any(|name| object.contains_key(*name))
}

/// Decodes the text inside an envelope.
fn open(inside: Option<&Value>, depth: usize) -> Decoded {
    match inside {
        _ if depth == MAX_ENVELOPES => malformed(Defect::TooManyEnvelopes),
        Some(Value::String(inside)) => decode_text(inside, depth + 1),
        _ => malformed(Defect::EnvelopeWithoutText),
    }
}

fn decode_records(items: &[Value], depth: usize) -> Decoded {
    let bodies = items.iter().filter_map(lambda_body).count();
    let envelope = Some(if bodies > 0 {
        Envelope::Lambda
    } else {
        Envelope::S3
    });
    if let [item] = items
        && let Some(body) = lambda_body(item)
    {
        return Decoded {
            envelope,
            content: open(Some(body), depth).content,
        };
    }
    let mut gathered = Gathered::default();
    for item in items {
        match lambda_body(item) {
            Some(body) => gathered.add(open(Some(body), depth).content),
            None => gathered.records.push(record::from_classic(item)),
        }
    }
    Decoded {
        envelope,
        content: gathered.into_content(),
    }
}

/// The text that one record of a Lambda event carries: a queue's message or a topic's.
fn lambda_body(item: &Value) -> Option<&Value> {
    let item = item.as_object()?;
    let source = text(item, "eventSource").or_else(|| text(item, "EventSource"))?;
    match source {
        "aws:sqs" => Some(item.get("body").unwrap_or(&Value::Null)),
        "aws:sns" => Some(
            item.get("Sns")
                .and_then(|sns| sns.get("Message"))
                .unwrap_or(&Value::Null),
        ),
        _ => None,
    }
}

/// What the elements of `Records` amount to together.
#[derive(Default)]
struct Gathered {
    records: Vec<Record>,
    saw_test_event: bool,
}

impl Gathered {
    fn add(&mut self, content: Content) {
        match content {
            Content::Changes(records) => self.records.extend(records),
            Content::TestEvent => self.saw_test_event = true,
            Content::Empty => {}
            Content::Foreign(defect) | Content::Malformed(defect) => {
                self.records.push(Record::Bad(BadRecord::new(defect)));
            }
            Content::UnsupportedMajor { records, .. } => {
                self.records.extend(records.into_iter().map(Record::Bad));
            }
        }
    }

    fn into_content(self) -> Content {
        if self.records.is_empty() {
            return if self.saw_test_event {
                Content::TestEvent
            } else {
                Content::Empty
            };
        }
        let Some(bad) = all_bad(&self.records) else {
            return Content::Changes(self.records);
        };
        match &bad[0].defect {
            Defect::UnsupportedMajor(version) if same_defect(&bad, "unsupported_major") => {
                Content::UnsupportedMajor {
                    version: version.clone(),
                    records: bad,
                }
            }
            defect @ Defect::OtherService(_) if same_defect(&bad, "other_service") => {
                Content::Foreign(defect.clone())
            }
            _ => Content::Changes(self.records),
        }
    }
}

fn all_bad(records: &[Record]) -> Option<Vec<BadRecord>> {
    records
        .iter()
        .map(|record| match record {
            Record::Bad(bad) => Some(bad.clone()),
            Record::Change(_) => None,
        })
        .collect()
}

fn same_defect(records: &[BadRecord], label: &str) -> bool {
    records.iter().all(|record| record.defect.as_str() == label)
}

fn malformed(defect: Defect) -> Decoded {
    Decoded {
        envelope: None,
        content: Content::Malformed(defect),
    }
}
