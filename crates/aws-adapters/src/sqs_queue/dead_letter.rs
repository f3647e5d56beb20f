//! Putting a message that can never succeed where people look for it: the original body, and the
//! reason as message attributes.
//!
//! What is sent is made by a pure function, because SQS refuses more than one would think: bodies
//! and values with control characters, empty values, and anything above 1 MiB in sum.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::borrow::Cow;
use sync_engine::ports::{DeadLetter, QueueError};
use time::format_description::well_known::Rfc3339;

use crate::errors::AwsError;
use crate::errors::queue::queue_error;

const OPERATION: &str = "SendMessage";

/// SQS's limit for the body and all attributes together.
const MAX_MESSAGE: usize = 1024 * 1024;

const MAX_DETAIL: usize = 1024;

/// Sends the letter once.
pub(super) async fn send(
    client: &Client,
    dead_letter_queue_url: &str,
    letter: &DeadLetter,
) -> Result<(), QueueError> {
    let outgoing = Outgoing::new(letter);
    let mut call = client
        .send_message()
        .queue_url(dead_letter_queue_url)
        .message_body(outgoing.body);
    for attribute in outgoing.attributes {
        let value = MessageAttributeValue::builder()
            .data_type(attribute.data_type)
            .string_value(attribute.value)
            .build()
            .map_err(|error| queue_error(OPERATION, AwsError::request(error.to_string())))?;
        call = call.message_attributes(attribute.name, value);
    }
    call.send()
        .await
        .map(drop)
        .map_err(|error| queue_error(OPERATION, AwsError::from_sdk(&error)))
}

/// What goes over the wire.
#[derive(Debug, PartialEq, Eq)]
struct Outgoing<'a> {
    body: Cow<'a, str>,
    attributes: Vec<Attribute>,
}

#[derive(Debug, PartialEq, Eq)]
struct Attribute {
    name: &'static str,
    data_type: &'static str,
    value: String,
}

impl<'a> Outgoing<'a> {
    /// Attributes stand in the order in which they are worth having; when all is too much, the
    /// last go first. `detail` is the longest and the least needed, the encoding must stay.
    fn new(letter: &'a DeadLetter) -> Self {
        let legal = letter.body.chars().all(is_legal);
        let body = if legal {
            Cow::Borrowed(letter.body.as_str())
        } else {
            Cow::Owned(BASE64.encode(&letter.body))
        };
        let first_received = letter
            .first_received_at
            .and_then(|at| at.format(&Rfc3339).ok());
        let mut attributes: Vec<Attribute> = [
            (!legal).then(|| Attribute::text("body_encoding", "base64")),
            Some(Attribute::text("reason", letter.reason)),
            Some(Attribute::text(
                "original_message_id",
                legal_part(&letter.id.0, MAX_DETAIL),
            )),
            Some(Attribute::number("receive_count", letter.receive_count)),
            first_received.map(|at| Attribute::text("first_received", at)),
            Some(Attribute::text(
                "detail",
                legal_part(&letter.detail, MAX_DETAIL),
            )),
        ]
        .into_iter()
        .flatten()
        .filter(|attribute| !attribute.value.is_empty())
        .collect();
        let kept_at_least = usize::from(!legal);
        while attributes.len() > kept_at_least && size(&body, &attributes) > MAX_MESSAGE {
            attributes.pop();
        }
        Self { body, attributes }
    }
}

impl Attribute {
    fn text(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            data_type: "String",
            value: value.into(),
        }
    }

    fn number(name: &'static str, value: u32) -> Self {
        Self {
            name,
            data_type: "Number",
            value: value.to_string(),
        }
    }
}

fn size(body: &str, attributes: &[Attribute]) -> usize {
    let of = |it: &Attribute| it.name.len() + it.data_type.len() + it.value.len();
    body.len() + attributes.iter().map(of).sum::<usize>()
}

/// The legal characters of `text`, in at most `limit` bytes.
fn legal_part(text: &str, limit: usize) -> String {
    let mut part: String = text.chars().filter(|&char| is_legal(char)).collect();
    part.truncate(part.floor_char_boundary(limit));
    part
}

/// `#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF`, says SQS.
fn is_legal(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_engine::ports::MessageId;
    use time::macros::datetime;

    fn letter(body: &str) -> DeadLetter {
        DeadLetter {
            id: MessageId("m-1".into()),
            body: body.into(),
            reason: "malformed",
            detail: "no Records".into(),
            first_received_at: Some(datetime!(2026-02-03 4:05:06 UTC)),
            receive_count: 2,
        }
    }

    fn names(outgoing: &Outgoing<'_>) -> Vec<&'static str> {
        outgoing
            .attributes
            .iter()
            .map(|attribute| attribute.name)
            .collect()
    }

    fn value<'a>(outgoing: &'a Outgoing<'_>, name: &str) -> &'a str {
        &outgoing
            .attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .unwrap()
            .value
    }

    #[test]
    fn a_letter_carries_the_body_unchanged_and_the_reason_beside_it() {
        let letter = letter("{\"a\":\t\"ü🎈\"}\r\n");
        let outgoing = Outgoing::new(&letter);
        assert_eq!(outgoing.body, letter.body);
        assert_eq!(
            names(&outgoing),
            [
                "reason",
                "original_message_id",
                "receive_count",
                "first_received",
                "detail"
            ]
        );
        assert_eq!(value(&outgoing, "reason"), "malformed");
        assert_eq!(value(&outgoing, "receive_count"), "2");
        assert_eq!(value(&outgoing, "first_received"), "2026-02-03T04:05:06Z");
    }

    #[test]
    fn a_body_that_sqs_refuses_travels_as_base64() {
        for body in ["\u{0}", "a\u{1f}", "\u{fffe}", "\u{ffff}"] {
            let letter = letter(body);
            let outgoing = Outgoing::new(&letter);
            assert_eq!(
                BASE64.decode(outgoing.body.as_bytes()).unwrap(),
                body.as_bytes()
            );
            assert_eq!(value(&outgoing, "body_encoding"), "base64");
        }
    }

    #[test]
    fn the_detail_is_cleaned_and_cut_at_a_character() {
        let mut letter = letter("{}");
        letter.detail = format!("bad\u{0} {}", "ü".repeat(MAX_DETAIL));
        let outgoing = Outgoing::new(&letter);
        let detail = value(&outgoing, "detail");
        assert!(
            detail.starts_with("bad ü") && detail.len() == MAX_DETAIL,
            "{detail}"
        );
    }

    #[test]
    fn an_empty_detail_is_left_out() {
        let mut letter = letter("{}");
        letter.detail = "\u{7}".into();
        assert!(!names(&Outgoing::new(&letter)).contains(&"detail"));
    }

    #[test]
    fn the_detail_goes_first_when_the_letter_is_too_big() {
        let letter = letter(&"x".repeat(MAX_MESSAGE - 120));
        let outgoing = Outgoing::new(&letter);
        assert_eq!(
            names(&outgoing),
            [
                "reason",
                "original_message_id",
                "receive_count",
                "first_received"
            ]
        );
        assert!(size(&outgoing.body, &outgoing.attributes) <= MAX_MESSAGE);
    }

    #[test]
    fn a_body_of_the_full_size_travels_alone() {
        let letter = letter(&"x".repeat(MAX_MESSAGE));
        let outgoing = Outgoing::new(&letter);
        assert_eq!(
            (outgoing.body.len(), outgoing.attributes.len()),
            (MAX_MESSAGE, 0)
        );
    }
}
