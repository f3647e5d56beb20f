//! The parts of a delivery path: `<rt>/<type>/[s--SIG--/][transformation/][v1/]<source>`.

use cloudinary_core::{DeliveryType, ResourceType};
use percent_encoding::{percent_decode_str, utf8_percent_encode};

use crate::describe::SOURCE;

/// What a delivery URL asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) resource_type: ResourceType,
    pub(crate) delivery_type: DeliveryType,
    pub(crate) signature: Option<String>,
    pub(crate) transformation: Option<String>,
    /// Public ID and perhaps a format, percent-decoded once.
    pub(crate) source: String,
    raw_source: String,
}

impl Wanted {
    /// Reads a path below the cloud name.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let mut parts = path.splitn(3, '/');
        let resource_type = parts.next()?.parse().ok()?;
        let delivery_type = parts.next()?.parse().ok()?;
        let mut rest = parts.next()?;
        let signature = marker(rest).map(|(signature, after)| {
            rest = after;
            signature.to_owned()
        });
        let mut steps = Vec::new();
        while let Some((step, after)) = rest
            .split_once('/')
            .filter(|(step, _)| is_transformation(step))
        {
            steps.push(step);
            rest = after;
        }
        let raw_source = rest
            .split_once('/')
            .filter(|(v, _)| is_version(v))
            .map_or(rest, |(_, s)| s);
        let source = percent_decode_str(raw_source)
            .decode_utf8()
            .ok()?
            .into_owned();
        Some(Self {
            resource_type,
            delivery_type,
            signature,
            transformation: (!steps.is_empty()).then(|| steps.join("/")),
            source,
            raw_source: raw_source.to_owned(),
        })
    }

    /// SDKs disagree on the escaping they sign, so each of these is accepted.
    pub(crate) fn to_sign(&self) -> [String; 3] {
        let canonical = utf8_percent_encode(&self.source, SOURCE).to_string();
        let steps = self
            .transformation
            .as_deref()
            .map(|steps| format!("{steps}/"))
            .unwrap_or_default();
        [&self.raw_source, &self.source, &canonical].map(|source| format!("{steps}{source}"))
    }
}

/// `s--SIG--/`; the signature may itself hold dashes, so it is cut by length.
fn marker(path: &str) -> Option<(&str, &str)> {
    let inner = path.strip_prefix("s--")?;
    [8, 32].into_iter().find_map(|length| {
        let after = inner.get(length..)?.strip_prefix("--/")?;
        Some((&inner[..length], after))
    })
}

fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix('v').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Every comma-separated part is a known name, an underscore and a value.
fn is_transformation(segment: &str) -> bool {
    const NAMES: &[&str] = &[
        "a", "ac", "af", "ar", "b", "bo", "br", "c", "co", "d", "dl", "dn", "dpr", "du", "e", "eo",
        "f", "fl", "fn", "fps", "g", "h", "ki", "l", "o", "p", "pg", "q", "r", "so", "sp", "t",
        "u", "vc", "vs", "w", "x", "y", "z",
    ];
    let known = |part: &str| {
        part.split_once('_')
            .is_some_and(|(name, v)| NAMES.contains(&name) && !v.is_empty())
    };
    segment.split(',').all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_into_its_parts() {
        let wanted =
            Wanted::parse("image/authenticated/s----SjmNDA--/c_fill,w_10/v12/a%20b/c_d/x.jpg");
        let wanted = wanted.expect("a delivery path");
        assert_eq!(wanted.signature.as_deref(), Some("--SjmNDA"));
        assert_eq!(wanted.transformation.as_deref(), Some("c_fill,w_10"));
        assert_eq!(wanted.source, "a b/c_d/x.jpg");
        assert_eq!(wanted.to_sign()[0], "c_fill,w_10/a%20b/c_d/x.jpg");
    }

    #[test]
    fn a_signature_has_8_or_32_characters() {
        let signature = |length: usize| {
            let path = format!("image/upload/s--{}--/v1/a", "-".repeat(length));
            Wanted::parse(&path).and_then(|wanted| wanted.signature)
        };
        assert_eq!(signature(8), Some("-".repeat(8)));
        assert_eq!(signature(32), Some("-".repeat(32)));
        assert_eq!(signature(9), None);
    }

    #[test]
    fn only_the_first_version_is_one() {
        let source = |path| Wanted::parse(path).map(|wanted| wanted.source);
        assert_eq!(
            source("raw/upload/v1/v2/a.txt").as_deref(),
            Some("v2/a.txt")
        );
        assert_eq!(source("raw/upload/v1").as_deref(), Some("v1"));
        assert_eq!(
            source("raw/upload/my_photos/a").as_deref(),
            Some("my_photos/a")
        );
        assert_eq!(source("raw/fetch/v1/a"), None);
        assert_eq!(source("raw/upload/%ff"), None);
    }
}
