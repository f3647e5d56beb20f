//! A message: what was sent, shared and immutable, and what happens to it in one queue.
//!
//! Knows the digests SDKs check and the contents SQS refuses; knows no queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use md5::{Digest, Md5};

use crate::clock::Millis;

/// What a sender sent. Never changes, so deliveries share it.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) body_md5: String,
    pub(crate) attributes: BTreeMap<String, AttributeValue>,
    pub(crate) trace_header: Option<String>,
    pub(crate) sent_at: Millis,
}

/// The value of one message attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttributeValue {
    pub(crate) data_type: String,
    pub(crate) payload: Payload,
}

/// Text or bytes, which SQS digests differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Payload {
    Text(String),
    Binary(Vec<u8>),
}

/// A message in a queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) content: Arc<Content>,
    pub(crate) state: State,
    /// Counted across queues: a dead-letter queue continues its source's count.
    pub(crate) receive_count: u32,
    pub(crate) first_received_at: Option<Millis>,
    /// The queue this message was dead-lettered from.
    pub(crate) dead_letter_source: Option<Arc<str>>,
}

/// Where a message is on its way through a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Visible,
    Delayed { until: Millis },
    InFlight { until: Millis, received_at: Millis },
}

impl Content {
    /// A message as it is sent now.
    pub(crate) fn new(
        body: String,
        attributes: BTreeMap<String, AttributeValue>,
        sent_at: Millis,
    ) -> Self {
        let body_md5 = hex::encode(Md5::digest(body.as_bytes()));
        Self {
            id: crate::ids::uuid(),
            body,
            body_md5,
            attributes,
            trace_header: None,
            sent_at,
        }
    }

    /// The size SQS bills and limits: body plus names, types and values of the attributes.
    pub(crate) fn size(&self) -> usize {
        self.body.len()
            + self
                .attributes
                .iter()
                .map(|(name, value)| name.len() + value.size())
                .sum::<usize>()
    }
}

impl From<Arc<Content>> for Message {
    fn from(content: Arc<Content>) -> Self {
        Self {
            content,
            state: State::Visible,
            receive_count: 0,
            first_received_at: None,
            dead_letter_source: None,
        }
    }
}

impl AttributeValue {
    fn size(&self) -> usize {
        self.data_type.len() + self.payload.bytes().len()
    }
}

impl Payload {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    fn transport_type(&self) -> u8 {
        match self {
            Self::Text(_) => 1,
            Self::Binary(_) => 2,
        }
    }
}

/// `MD5OfMessageAttributes`: every name, type and value with its length, sorted by name.
pub(crate) fn attributes_md5<'a>(
    attributes: impl Iterator<Item = (&'a String, &'a AttributeValue)>,
) -> Option<String> {
    let mut digest = Md5::new();
    let mut any = false;
    for (name, value) in attributes {
        any = true;
        digest_field(&mut digest, name.as_bytes());
        digest_field(&mut digest, value.data_type.as_bytes());
        digest.update([value.payload.transport_type()]);
        digest_field(&mut digest, value.payload.bytes());
    }
    any.then(|| hex::encode(digest.finalize()))
}

fn digest_field(digest: &mut Md5, bytes: &[u8]) {
    digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    digest.update(bytes);
}

/// Whether SQS accepts this text: the characters of XML 1.0, so no controls but tab and newlines.
pub(crate) fn has_legal_characters(text: &str) -> bool {
    !text.chars().any(|c| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attribute_digest_covers_name_type_and_value_with_their_lengths() {
        let value = AttributeValue {
            data_type: "String".to_owned(),
            payload: Payload::Text("v".to_owned()),
        };
        let attributes = BTreeMap::from([("n".to_owned(), value)]);
        let expected = Md5::digest(b"\0\0\0\x01n\0\0\0\x06String\x01\0\0\0\x01v");
        assert_eq!(
            attributes_md5(attributes.iter()),
            Some(hex::encode(expected))
        );
        assert_eq!(attributes_md5(BTreeMap::new().iter()), None);
    }

    #[test]
    fn control_characters_are_refused_but_line_breaks_are_not() {
        assert!(has_legal_characters("a\tb\r\nc \u{1f600}"));
        assert!(!has_legal_characters("a\u{1}b"));
        assert!(!has_legal_characters("a\u{ffff}"));
    }
}
