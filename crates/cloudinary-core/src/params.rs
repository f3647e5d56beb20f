//! What an upload and a destroy send, and its exact form on the wire.
//!
//! `wire` gives names and values in a fixed order, before timestamp, key and signature are added.
//! Empty values are not sent: Cloudinary would not sign them. The file is not a parameter.

use std::collections::BTreeMap;

use crate::asset::{DeliveryType, PublicId};

/// Parameters of `POST <resource type>/upload`.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadParams {
    /// The name to store under.
    pub public_id: PublicId,
    /// Who may fetch it unsigned.
    pub delivery_type: DeliveryType,
    /// Drops copies that the CDN holds.
    pub invalidate: bool,
    /// Where the asset is shown, for accounts with dynamic folders.
    pub asset_folder: Option<String>,
    /// What the asset is called there.
    pub display_name: Option<String>,
    /// Who is told about the upload.
    pub notification_url: Option<String>,
    /// A named set of further parameters.
    pub upload_preset: Option<String>,
    /// Tags; they replace those of an overwritten asset.
    pub tags: Vec<String>,
    /// Transformations to make at once, in URL syntax, joined with `|`.
    pub eager: Option<String>,
    /// Names and values kept with the asset.
    pub context: BTreeMap<String, String>,
}

impl UploadParams {
    /// An upload that overwrites and invalidates, and sends nothing else.
    pub fn new(public_id: PublicId, delivery_type: DeliveryType) -> Self {
        Self {
            public_id,
            delivery_type,
            invalidate: true,
            asset_folder: None,
            display_name: None,
            notification_url: None,
            upload_preset: None,
            tags: Vec::new(),
            eager: None,
            context: BTreeMap::new(),
        }
    }

    /// Names and values as sent.
    pub fn wire(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut params = vec![
            ("public_id", self.public_id.to_string()),
            ("type", self.delivery_type.to_string()),
            // Always said: left out, an existing asset may be kept and the file dropped.
            ("overwrite", true.to_string()),
            ("invalidate", self.invalidate.to_string()),
            ("asset_folder", text(&self.asset_folder)),
            ("display_name", text(&self.display_name)),
            ("notification_url", text(&self.notification_url)),
            ("upload_preset", text(&self.upload_preset)),
            ("tags", joined_tags(&self.tags)),
            ("eager", text(&self.eager)),
            ("context", joined_context(&self.context)),
        ];
        params.retain(|(_, value)| !value.is_empty());
        params
    }
}

/// Parameters of `POST <resource type>/destroy`.
#[derive(Debug, Clone, PartialEq)]
pub struct DestroyParams {
    /// The name it is stored under.
    pub public_id: PublicId,
    /// Half of that name: the same public ID may exist once per delivery type.
    pub delivery_type: DeliveryType,
    /// Drops copies that the CDN holds.
    pub invalidate: bool,
}

impl DestroyParams {
    /// Names and values as sent.
    pub fn wire(&self) -> Vec<(&'static str, String)> {
        vec![
            ("public_id", self.public_id.to_string()),
            ("type", self.delivery_type.to_string()),
            ("invalidate", self.invalidate.to_string()),
        ]
    }
}

fn joined_tags(tags: &[String]) -> String {
    let tags: Vec<_> = tags
        .iter()
        .map(String::as_str)
        .filter(|tag| !tag.is_empty())
        .collect();
    tags.join(",")
}

fn joined_context(context: &BTreeMap<String, String>) -> String {
    let filled = context
        .iter()
        .filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let pairs: Vec<_> = filled
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    pairs.join("|")
}

/// As all SDKs do it: `=` and `|` get a backslash, a backslash does not.
fn escaped(text: &str) -> String {
    text.replace('=', "\\=").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> UploadParams {
        UploadParams::new(
            PublicId::new("a/b c").expect("valid"),
            DeliveryType::Private,
        )
    }

    fn as_text(wire: &[(&str, String)]) -> Vec<String> {
        wire.iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    #[test]
    fn overwrite_is_sent_even_when_nothing_else_is() {
        assert_eq!(
            as_text(&params().wire()),
            [
                "public_id=a/b c",
                "type=private",
                "overwrite=true",
                "invalidate=true"
            ]
        );
    }

    #[test]
    fn everything_that_is_set_is_sent_in_order() {
        let full = UploadParams {
            invalidate: false,
            asset_folder: Some("a".to_owned()),
            display_name: Some("b c".to_owned()),
            notification_url: Some("https://n.test/?a=1&b=2".to_owned()),
            upload_preset: Some("preset".to_owned()),
            tags: vec!["one".to_owned(), String::new(), "two".to_owned()],
            eager: Some("w_100|h_50/jpg".to_owned()),
            context: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
            ..params()
        };
        assert_eq!(
            as_text(&full.wire())[3..],
            [
                "invalidate=false",
                "asset_folder=a",
                "display_name=b c",
                "notification_url=https://n.test/?a=1&b=2",
                "upload_preset=preset",
                "tags=one,two",
                "eager=w_100|h_50/jpg",
                "context=k=v",
            ]
        );
    }

    #[test]
    fn empty_values_are_not_sent() {
        let empty = UploadParams {
            asset_folder: Some(String::new()),
            tags: vec![String::new()],
            context: BTreeMap::from([("k".to_owned(), String::new())]),
            ..params()
        };
        assert_eq!(empty.wire(), params().wire());
    }

    #[test]
    fn context_escapes_its_separators() {
        let context = BTreeMap::from([
            ("alt".to_owned(), "a=b".to_owned()),
            ("caption".to_owned(), "x|y".to_owned()),
        ]);
        let wire = UploadParams {
            context,
            ..params()
        }
        .wire();
        assert_eq!(
            wire.last(),
            Some(&("context", "alt=a\\=b|caption=x\\|y".to_owned()))
        );
    }

    #[test]
    fn a_destroy_names_the_delivery_type() {
        let destroy = DestroyParams {
            public_id: PublicId::new("x").expect("valid"),
            delivery_type: DeliveryType::Authenticated,
            invalidate: true,
        };
        let expected = ["public_id=x", "type=authenticated", "invalidate=true"];
        assert_eq!(as_text(&destroy.wire()), expected);
    }
}
