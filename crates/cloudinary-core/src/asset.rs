//! What names an asset in Cloudinary: resource type, delivery type and public ID together.
//!
//! A public ID alone is not a name: `image/upload/cat` and `raw/upload/cat` are two assets.
//! [`PublicId`] can only be made of text that Cloudinary stores as it was sent, so nothing
//! downstream needs to ask again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The full name of one asset.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssetId {
    /// `image`, `video` or `raw`.
    pub resource_type: ResourceType,
    /// `upload`, `private` or `authenticated`.
    pub delivery_type: DeliveryType,
    /// The name within those two.
    pub public_id: PublicId,
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}",
            self.resource_type, self.delivery_type, self.public_id
        )
    }
}

/// What Cloudinary takes a file for. `auto` is deliberately absent: a destroy must name the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceType {
    /// Pictures, documents with pages and 3D models.
    Image,
    /// Video and audio.
    Video,
    /// Everything else, stored as it is.
    Raw,
}

impl ResourceType {
    /// The word used in paths and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Raw => "raw",
        }
    }
}

/// Who may fetch an asset without a signature.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryType {
    /// Public.
    #[default]
    Upload,
    /// The original needs a signed URL; derived assets are public.
    Private,
    /// Original and derived assets need a signed URL.
    Authenticated,
}

impl DeliveryType {
    /// The word used in paths and in the `type` parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Private => "private",
            Self::Authenticated => "authenticated",
        }
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for DeliveryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is none of the expected ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not one of {allowed}")]
pub struct UnknownWord {
    word: String,
    allowed: &'static str,
}

impl FromStr for ResourceType {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "image" => Ok(Self::Image),
            "video" => Ok(Self::Video),
            "raw" => Ok(Self::Raw),
            _ => Err(UnknownWord {
                word: word.to_owned(),
                allowed: "image, video, raw",
            }),
        }
    }
}

impl FromStr for DeliveryType {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "upload" => Ok(Self::Upload),
            "private" => Ok(Self::Private),
            "authenticated" => Ok(Self::Authenticated),
            _ => Err(UnknownWord {
                word: word.to_owned(),
                allowed: "upload, private, authenticated",
            }),
        }
    }
}

/// Text that Cloudinary keeps as a public ID exactly as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct PublicId(String);

impl PublicId {
    /// The longest public ID Cloudinary takes, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Accepts text that Cloudinary would store unchanged.
    pub fn new(text: impl Into<String>) -> Result<Self, PublicIdError> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether Cloudinary refuses this character anywhere in a public ID.
pub fn is_refused_char(c: char) -> bool {
    matches!(c, '?' | '&' | '#' | '\\' | '%' | '<' | '>' | '+') || c.is_control()
}

/// Why text cannot be a public ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicIdError {
    /// Nothing left to name the asset.
    #[error("public ID is empty")]
    Empty,
    /// Longer than Cloudinary takes.
    #[error("public ID has {0} characters, at most 255 are allowed")]
    TooLong(usize),
    /// `?`, `&`, `#`, `\`, `%`, `<`, `>`, `+` or a control character.
    #[error("public ID contains {0:?}, which Cloudinary refuses")]
    RefusedCharacter(char),
    /// A leading, trailing or doubled slash.
    #[error("public ID has an empty path segment")]
    EmptySegment,
    /// A path segment that starts or ends with a space.
    #[error("public ID has a path segment that starts or ends with a space")]
    EdgeSpace,
    /// `.` or `..` as a path segment.
    #[error("public ID has a `{0}` path segment")]
    DotSegment(&'static str),
}

fn check(text: &str) -> Result<(), PublicIdError> {
    if text.is_empty() {
        return Err(PublicIdError::Empty);
    }
    let chars = text.chars().count();
    if chars > PublicId::MAX_CHARS {
        return Err(PublicIdError::TooLong(chars));
    }
    if let Some(refused) = text.chars().find(|c| is_refused_char(*c)) {
        return Err(PublicIdError::RefusedCharacter(refused));
    }
    text.split('/').try_for_each(check_segment)
}

fn check_segment(segment: &str) -> Result<(), PublicIdError> {
    match segment {
        "" => Err(PublicIdError::EmptySegment),
        "." => Err(PublicIdError::DotSegment(".")),
        ".." => Err(PublicIdError::DotSegment("..")),
        _ if segment.starts_with(' ') || segment.ends_with(' ') => Err(PublicIdError::EdgeSpace),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> PublicIdError {
        PublicId::new(text).expect_err(text)
    }

    #[test]
    fn text_that_cloudinary_keeps_is_accepted() {
        for text in [
            "a",
            "a/b c/d.tar.gz",
            "été/日本語 📷",
            "v1/x",
            "a..b/.hidden",
        ] {
            assert_eq!(PublicId::new(text).expect(text).as_str(), text);
        }
    }

    #[test]
    fn text_that_cloudinary_would_change_or_refuse_is_rejected() {
        assert_eq!(reason(""), PublicIdError::Empty);
        assert_eq!(reason("/a"), PublicIdError::EmptySegment);
        assert_eq!(reason("a//b"), PublicIdError::EmptySegment);
        assert_eq!(reason("a/"), PublicIdError::EmptySegment);
        assert_eq!(reason("a/../b"), PublicIdError::DotSegment(".."));
        assert_eq!(reason("./b"), PublicIdError::DotSegment("."));
        assert_eq!(reason("a/ b"), PublicIdError::EdgeSpace);
        assert_eq!(reason("a&b"), PublicIdError::RefusedCharacter('&'));
        assert_eq!(reason("a\u{7f}"), PublicIdError::RefusedCharacter('\u{7f}'));
    }

    #[test]
    fn length_is_counted_in_characters_not_bytes() {
        assert!(PublicId::new("é".repeat(255)).is_ok());
        assert_eq!(reason(&"é".repeat(256)), PublicIdError::TooLong(256));
    }

    #[test]
    fn an_asset_prints_as_its_delivery_path() {
        let asset = AssetId {
            resource_type: ResourceType::Video,
            delivery_type: DeliveryType::Private,
            public_id: PublicId::new("a/b").expect("valid"),
        };
        assert_eq!(asset.to_string(), "video/private/a/b");
    }
}
