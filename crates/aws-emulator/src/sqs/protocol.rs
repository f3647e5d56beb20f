//! The JSON shapes of SQS requests and answers, named as AWS names them.
//!
//! Reading is lenient (unknown members are ignored, absent ones get a default that the service
//! checks); writing borrows, so that a message body is copied once, into the answer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::sqs::attributes::AttributeMap;
use crate::sqs::error::{SqsError, invalid_parameter};
use crate::sqs::message::{AttributeValue, Payload};

/// Members of every request but those about a single message, each operation using its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    pub(crate) queue_url: Cow<'a, str>,
    pub(crate) queue_name: String,
    pub(crate) queue_name_prefix: String,
    pub(crate) attributes: AttributeMap,
    pub(crate) attribute_names: Vec<String>,
    pub(crate) message_system_attribute_names: Vec<String>,
    pub(crate) message_attribute_names: Vec<String>,
    pub(crate) max_number_of_messages: Option<i64>,
    pub(crate) wait_time_seconds: Option<i64>,
    pub(crate) max_results: Option<i64>,
    pub(crate) next_token: Option<String>,
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) source_arn: String,
    pub(crate) destination_arn: Option<String>,
    pub(crate) max_number_of_messages_per_second: Option<i64>,
    pub(crate) task_handle: String,
    pub(crate) visibility_timeout: Option<i64>,
}

/// What is said about one message: an entry of a batch, or the top level of a single request.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Entry<'a> {
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) receipt_handle: Cow<'a, str>,
    pub(crate) visibility_timeout: Option<i64>,
    pub(crate) message_body: Option<String>,
    pub(crate) delay_seconds: Option<i64>,
    pub(crate) message_attributes: BTreeMap<String, WireAttribute>,
    pub(crate) message_system_attributes: BTreeMap<String, WireAttribute>,
}

/// A message attribute on the wire.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct WireAttribute {
    pub(crate) data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) binary_value: Option<String>,
}

/// A received message on the wire.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireMessage<'a> {
    pub(crate) message_id: &'a str,
    pub(crate) receipt_handle: &'a str,
    #[serde(rename = "MD5OfBody")]
    pub(crate) md5_of_body: &'a str,
    pub(crate) body: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: BTreeMap<&'static str, Cow<'a, str>>,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) md5_of_message_attributes: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) message_attributes: BTreeMap<&'a str, WireAttribute>,
}

/// The answer to a receive; without messages it is empty.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Messages<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) messages: Vec<WireMessage<'a>>,
}

/// What is told about an accepted message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Sent {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    pub(crate) md5_of_message_body: String,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) md5_of_message_attributes: Option<String>,
}

impl TryFrom<WireAttribute> for AttributeValue {
    type Error = SqsError;

    fn try_from(wire: WireAttribute) -> Result<Self, SqsError> {
        let kind = wire.data_type.split('.').next().unwrap_or_default();
        let payload = match (kind, wire.string_value, wire.binary_value) {
            ("String" | "Number", Some(text), _) if !text.is_empty() => Payload::Text(text),
            ("Binary", _, Some(encoded)) => Payload::Binary(
                STANDARD
                    .decode(encoded)
                    .map_err(|_| invalid_parameter("The binary value is not base64."))?,
            ),
            _ => {
                let message = format!(
                    "The message attribute has an invalid type or value: {}.",
                    wire.data_type
                );
                return Err(invalid_parameter(message));
            }
        };
        Ok(Self {
            data_type: wire.data_type,
            payload,
        })
    }
}

impl From<&AttributeValue> for WireAttribute {
    fn from(value: &AttributeValue) -> Self {
        let data_type = value.data_type.clone();
        match &value.payload {
            Payload::Text(text) => Self {
                data_type,
                string_value: Some(text.clone()),
                binary_value: None,
            },
            Payload::Binary(bytes) => Self {
                data_type,
                string_value: None,
                binary_value: Some(STANDARD.encode(bytes)),
            },
        }
    }
}
