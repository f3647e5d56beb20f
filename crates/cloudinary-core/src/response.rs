//! What Cloudinary answers when it did what it was asked.
//!
//! Reads the few fields that matter here and forgives the rest: fields come and go with account,
//! asset and API version. A missing or odd field is `None`; a body that is no JSON object, or says
//! `error`, is [`UnreadableBody`] and left to [`crate::classify()`].

mod usage;

use serde_json::{Map, Value};

pub use self::usage::{Credits, MediaLimits, Usage};

/// The answer to an upload, or to one chunk of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadResponse {
    /// Stays the same when the asset is renamed or replaced.
    pub asset_id: Option<String>,
    /// The name it was stored under.
    pub public_id: Option<String>,
    /// Unix seconds of the upload; grows with each.
    pub version: Option<u64>,
    /// MD5 of the stored bytes in hexadecimal.
    pub etag: Option<String>,
    /// Stored bytes; of a partial answer, bytes received so far.
    pub bytes: Option<u64>,
    /// `image`, `video` or `raw`.
    pub resource_type: Option<String>,
    /// `upload`, `private` or `authenticated`.
    pub delivery_type: Option<String>,
    /// When the asset was first stored, as text.
    pub created_at: Option<String>,
    /// The asset was there before and the file was not stored.
    pub existing: bool,
    /// The asset was there before and was replaced.
    pub overwritten: bool,
    /// `false` in the answer to a chunk that is not the last.
    pub done: Option<bool>,
    /// `pending` when the upload continues in the background.
    pub status: Option<String>,
    /// Cloudinary's signature over `public_id` and `version`.
    pub signature: Option<String>,
}

impl UploadResponse {
    /// Reads the body of a successful answer.
    pub fn parse(body: &[u8]) -> Result<Self, UnreadableBody> {
        let fields = object(body)?;
        let text = |name| text(&fields, name);
        Ok(Self {
            asset_id: text("asset_id"),
            public_id: text("public_id"),
            version: number(&fields, "version"),
            etag: text("etag"),
            bytes: number(&fields, "bytes"),
            resource_type: text("resource_type"),
            // Partial answers name it `kind`.
            delivery_type: text("type").or_else(|| text("kind")),
            created_at: text("created_at"),
            existing: flag(&fields, "existing").unwrap_or_default(),
            overwritten: flag(&fields, "overwritten").unwrap_or_default(),
            done: flag(&fields, "done"),
            status: text("status"),
            signature: text("signature"),
        })
    }

    /// More chunks are expected; nothing is stored yet.
    pub fn is_partial(&self) -> bool {
        self.done == Some(false)
    }

    /// Accepted, but not stored yet: the upload goes on in the background.
    pub fn is_pending(&self) -> bool {
        self.status.as_deref() == Some("pending")
    }
}

/// The answer to a destroy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DestroyResponse {
    /// It was there and is gone.
    Ok,
    /// It was not there.
    NotFound,
    /// Some other word.
    Other(String),
}

impl DestroyResponse {
    /// Reads the body of a successful answer.
    pub fn parse(body: &[u8]) -> Result<Self, UnreadableBody> {
        match text(&object(body)?, "result") {
            None => Err(UnreadableBody),
            Some(word) if word == "ok" => Ok(Self::Ok),
            Some(word) if word == "not found" => Ok(Self::NotFound),
            Some(word) => Ok(Self::Other(word)),
        }
    }
}

/// How an account relates folders to public IDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderMode {
    /// The path in the public ID is the folder.
    Fixed,
    /// Folder and display name are properties of their own.
    Dynamic,
}

impl FolderMode {
    /// Reads the body of `GET config?settings=true`.
    pub fn parse(body: &[u8]) -> Result<Self, UnreadableBody> {
        let fields = object(body)?;
        match fields
            .get("settings")
            .and_then(|settings| settings["folder_mode"].as_str())
        {
            Some("fixed") => Ok(Self::Fixed),
            Some("dynamic") => Ok(Self::Dynamic),
            _ => Err(UnreadableBody),
        }
    }
}

/// A body that is not the answer that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unexpected answer body")]
pub struct UnreadableBody;

fn object(body: &[u8]) -> Result<Map<String, Value>, UnreadableBody> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) if !fields.contains_key("error") => Ok(fields),
        _ => Err(UnreadableBody),
    }
}

fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name)?.as_str().map(str::to_owned)
}

/// A number, or a number written as text.
fn number(fields: &Map<String, Value>, name: &str) -> Option<u64> {
    let value = fields.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn flag(fields: &Map<String, Value>, name: &str) -> Option<bool> {
    fields.get(name)?.as_bool()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(body: &str) -> UploadResponse {
        UploadResponse::parse(body.as_bytes()).expect(body)
    }

    #[test]
    fn a_full_answer_is_read_and_unknown_fields_are_ignored() {
        let answer = upload(
            r#"{"asset_id":"a1","public_id":"x/y","version":1719304854,"etag":"e","bytes":7,
                "resource_type":"image","type":"upload","created_at":"2024-06-25T08:40:54Z",
                "overwritten":true,"width":10,"new_field":{"a":[1]},"signature":"s"}"#,
        );
        assert_eq!(answer.asset_id.as_deref(), Some("a1"));
        assert_eq!(answer.version, Some(1_719_304_854));
        assert_eq!((answer.etag.as_deref(), answer.bytes), (Some("e"), Some(7)));
        assert_eq!(answer.delivery_type.as_deref(), Some("upload"));
        assert!(answer.overwritten && !answer.existing);
        assert!(!answer.is_partial() && !answer.is_pending());
    }

    #[test]
    fn missing_and_odd_fields_are_absent() {
        assert_eq!(upload("{}"), UploadResponse::default());
        let odd = upload(r#"{"version":"12","bytes":-1,"etag":null,"public_id":5}"#);
        assert_eq!(
            (odd.version, odd.bytes, odd.etag, odd.public_id),
            (Some(12), None, None, None)
        );
    }

    #[test]
    fn partial_pending_and_existing_answers_are_told_apart() {
        let partial = upload(r#"{"done":false,"bytes":5,"kind":"private"}"#);
        assert!(partial.is_partial());
        assert_eq!(partial.delivery_type.as_deref(), Some("private"));
        assert!(upload(r#"{"status":"pending","batch_id":"b"}"#).is_pending());
        assert!(upload(r#"{"existing":true,"etag":"old"}"#).existing);
        assert!(!upload(r#"{"done":true}"#).is_partial());
    }

    #[test]
    fn what_is_no_success_is_unreadable() {
        for body in [
            "",
            "<html></html>",
            "[]",
            "null",
            r#"{"error":{"message":"m"}}"#,
            "{\"a\":",
        ] {
            assert_eq!(
                UploadResponse::parse(body.as_bytes()),
                Err(UnreadableBody),
                "{body}"
            );
            assert_eq!(
                DestroyResponse::parse(body.as_bytes()),
                Err(UnreadableBody),
                "{body}"
            );
        }
    }

    #[test]
    fn a_destroy_answers_with_a_word() {
        let word = |body: &str| DestroyResponse::parse(body.as_bytes());
        assert_eq!(word(r#"{"result":"ok"}"#), Ok(DestroyResponse::Ok));
        assert_eq!(
            word(r#"{"result":"not found"}"#),
            Ok(DestroyResponse::NotFound)
        );
        assert_eq!(
            word(r#"{"result":"held"}"#),
            Ok(DestroyResponse::Other("held".to_owned()))
        );
        assert_eq!(word("{}"), Err(UnreadableBody));
    }

    #[test]
    fn the_folder_mode_is_a_setting_of_the_account() {
        let mode = |body: &str| FolderMode::parse(body.as_bytes());
        let fixed = r#"{"cloud_name":"demo","settings":{"folder_mode":"fixed"}}"#;
        assert_eq!(mode(fixed), Ok(FolderMode::Fixed));
        let dynamic = r#"{"settings":{"folder_mode":"dynamic"}}"#;
        assert_eq!(mode(dynamic), Ok(FolderMode::Dynamic));
        assert_eq!(mode(r#"{"settings":{}}"#), Err(UnreadableBody));
        assert_eq!(mode("{}"), Err(UnreadableBody));
    }
}
