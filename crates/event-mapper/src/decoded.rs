//! What one queue message body turned out to be.
//!
//! Defects are told apart by message and by record: a message that cannot be read at all is one
//! defect, while a bad record stands beside its good neighbours, which are still to be done.

use std::fmt;

use crate::{EventName, ObjectChange};

/// A message body, understood as far as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The outermost wrapping; `None` where the body is not a notification of any kind.
    pub envelope: Option<Envelope>,
    /// What is inside.
    pub content: Content,
}

/// The contents of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// At least one record, good or bad, in the order of the message.
    Changes(Vec<Record>),
    /// S3's `s3:TestEvent`, sent when a bucket's configuration is saved.
    TestEvent,
    /// A notification without records.
    Empty,
    /// Well-formed, but not about S3 objects.
    Foreign(Defect),
    /// Not readable.
    Malformed(Defect),
    /// Every record is of a major version that is not known here.
    UnsupportedMajor {
        /// The version of the first record.
        version: String,
        /// All of them, to show and to count.
        records: Vec<BadRecord>,
    },
}

impl Content {
    /// The word for this class in metrics and in `explain`.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Changes(_) => "s3",
            Self::TestEvent => "test_event",
            Self::Empty => "empty",
            Self::Foreign(_) => "foreign",
            Self::Malformed(_) => "malformed",
            Self::UnsupportedMajor { .. } => "unsupported_major",
        }
    }
}

/// One record of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An object to look at.
    Change(ObjectChange),
    /// To be set aside, with its reason.
    Bad(BadRecord),
}

/// A record that can never be acted upon, with whatever could be read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRecord {
    /// What is wrong.
    pub defect: Defect,
    /// The event's name, if there is one.
    pub event: Option<EventName>,
    /// The bucket's name, if there is one.
    pub bucket: Option<String>,
    /// The key as it stands in the message, still encoded, if there is one.
    pub raw_key: Option<String>,
}

impl BadRecord {
    /// A record of which nothing but its defect is known.
    pub(crate) fn new(defect: Defect) -> Self {
        Self {
            defect,
            event: None,
            bucket: None,
            raw_key: None,
        }
    }
}

/// How the notification travelled.
///
/// Where several are wrapped into each other this is the outermost: SNS around EventBridge is
/// [`Envelope::Sns`]. A whole SQS message pasted as a body (`Body`, `ReceiptHandle`, …) is
/// looked through and has no word of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Envelope {
    /// S3 straight to the queue, or through SNS with raw delivery.
    S3,
    /// SNS without raw delivery.
    Sns,
    /// An EventBridge rule.
    EventBridge,
    /// The event that Lambda hands to a function, put on a queue again.
    Lambda,
}

impl Envelope {
    /// The word used in metrics and in `explain`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::EventBridge => "eventbridge",
            Self::Lambda => "lambda",
        }
    }
}

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a message or a record is set aside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// The body is not text.
    #[error("body is not UTF-8")]
    BodyNotUtf8,
    /// The body, or the text inside an envelope, does not parse. Nesting beyond the parser's
    /// limit is here too.
    #[error("body is not JSON: {0}")]
    NotJson(String),
    /// A number, a string, a list.
    #[error("body is JSON, but not an object")]
    NotAnObject,
    /// `Records` is there and is no list.
    #[error("`Records` is not a list")]
    RecordsNotAList,
    /// SNS's `Message`, Lambda's or SQS's body is not text.
    #[error("envelope carries no text")]
    EnvelopeWithoutText,
    /// Envelope in envelope in envelope, and another one.
    #[error("more than three envelopes around each other")]
    TooManyEnvelopes,
    /// Nothing that says S3.
    #[error("neither `Records` nor an EventBridge `detail` nor a test event")]
    NotANotification,
    /// SNS asks to confirm or says that it unsubscribed. The link in it is never followed.
    #[error("SNS subscription message, which is never confirmed from here")]
    SubscriptionMessage,
    /// A notification of another service.
    #[error("event source is `{0}`, not S3")]
    OtherService(String),
    /// `eventVersion` with another major number than 2.
    #[error("event version `{0}` has an unknown major number")]
    UnsupportedMajor(String),
    /// An element of `Records` is no object.
    #[error("record is not a JSON object")]
    RecordNotAnObject,
    /// No bucket name.
    #[error("record has no bucket name")]
    NoBucket,
    /// No key, or one that is not text.
    #[error("record has no object key")]
    NoKey,
    /// The key is the empty text.
    #[error("object key is empty")]
    EmptyKey,
    /// The decoded bytes are not UTF-8, which S3 keys always are.
    #[error("key is not UTF-8")]
    KeyNotUtf8,
}

impl Defect {
    /// A word from a fixed list, for metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::BodyNotUtf8 => "body_not_utf8",
            Self::NotJson(_) => "not_json",
            Self::NotAnObject => "not_an_object",
            Self::RecordsNotAList => "records_not_a_list",
            Self::EnvelopeWithoutText => "envelope_without_text",
            Self::TooManyEnvelopes => "too_many_envelopes",
            Self::NotANotification => "not_a_notification",
            Self::SubscriptionMessage => "subscription_message",
            Self::OtherService(_) => "other_service",
            Self::UnsupportedMajor(_) => "unsupported_major",
            Self::RecordNotAnObject => "record_not_an_object",
            Self::NoBucket => "no_bucket",
            Self::NoKey => "no_key",
            Self::EmptyKey => "empty_key",
            Self::KeyNotUtf8 => "key_not_utf8",
        }
    }
}
