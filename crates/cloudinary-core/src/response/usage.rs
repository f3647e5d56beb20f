//! The answer to `GET usage`: what the plan allows and how much of it is used.

use serde_json::{Map, Value};

use super::{UnreadableBody, number, object, text};

/// A plan and its use in the current period.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    /// The plan's name.
    pub plan: Option<String>,
    /// Plans that count credits tell them.
    pub credits: Option<Credits>,
    /// How large a file may be.
    pub media_limits: MediaLimits,
}

/// Credits of the current period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Credits {
    /// Used so far.
    pub used: f64,
    /// How many there are; plans without an end have none.
    pub limit: Option<f64>,
}

/// The largest file of each resource type, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MediaLimits {
    /// Images.
    pub image: Option<u64>,
    /// Videos and audio.
    pub video: Option<u64>,
    /// Everything else.
    pub raw: Option<u64>,
}

impl Usage {
    /// Reads the body of a successful answer.
    pub fn parse(body: &[u8]) -> Result<Self, UnreadableBody> {
        let fields = object(body)?;
        Ok(Self {
            plan: text(&fields, "plan"),
            credits: fields.get("credits").and_then(credits),
            media_limits: fields
                .get("media_limits")
                .and_then(Value::as_object)
                .map(media_limits)
                .unwrap_or_default(),
        })
    }
}

impl Credits {
    /// The share that is used, in percent, where there is a limit.
    pub fn percent(&self) -> Option<f64> {
        self.limit
            .filter(|limit| *limit > 0.0)
            .map(|limit| self.used / limit * 100.0)
    }
}

fn credits(value: &Value) -> Option<Credits> {
    Some(Credits {
        used: value.get("usage")?.as_f64()?,
        limit: value.get("limit").and_then(Value::as_f64),
    })
}

fn media_limits(fields: &Map<String, Value>) -> MediaLimits {
    MediaLimits {
        image: number(fields, "image_max_size_bytes"),
        video: number(fields, "video_max_size_bytes"),
        raw: number(fields, "raw_max_size_bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_credits_and_limits_are_read() {
        let body = br#"{"plan":"Free","credits":{"usage":20.0,"limit":25.0,"used_percent":80.0},
            "media_limits":{"image_max_size_bytes":10485760,"video_max_size_bytes":104857600,
            "raw_max_size_bytes":10485760,"image_max_px":25000000},"requests":7}"#;
        let usage = Usage::parse(body).expect("a usage");
        assert_eq!(usage.plan.as_deref(), Some("Free"));
        assert_eq!(usage.media_limits.video, Some(104_857_600));
        let percent = usage.credits.and_then(|credits| credits.percent());
        assert!(percent.is_some_and(|percent| (percent - 80.0).abs() < 1e-9));
    }

    #[test]
    fn plans_without_credits_or_limits_are_read_too() {
        let usage = Usage::parse(br#"{"plan":"Custom"}"#).expect("a usage");
        assert_eq!(usage.credits, None);
        assert_eq!(usage.media_limits, MediaLimits::default());
        let endless = Usage::parse(br#"{"credits":{"usage":3}}"#).expect("a usage");
        assert_eq!(endless.credits.and_then(|credits| credits.percent()), None);
    }

    #[test]
    fn what_is_no_object_is_unreadable() {
        assert_eq!(Usage::parse(b"<html>"), Err(UnreadableBody));
        assert_eq!(
            Usage::parse(br#"{"error":{"message":"no"}}"#),
            Err(UnreadableBody)
        );
    }
}
