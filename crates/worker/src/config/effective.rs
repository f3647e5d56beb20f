//! The configuration as it came out, for `check-config` and for the first line of the log.
//! Never holds a secret.

use serde::Serialize;

use super::kind::Kind;
use super::settings::{self, Setting};
use super::sources::{Given, Origin, Sources, Written};

const HIDDEN: &str = "(hidden)";

/// A setting with the value that won.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectiveSetting {
    /// The environment variable.
    pub name: &'static str,
    /// The value, or a note in its place.
    pub value: String,
    /// Where it was given.
    pub origin: String,
}

/// Every setting that has a value.
pub(super) fn effective(sources: &Sources) -> Vec<EffectiveSetting> {
    settings::all()
        .filter_map(|setting| {
            let given = sources.given.get(setting.name)?;
            let origin = match given.origin {
                Origin::Default => "default".to_owned(),
                _ => given.origin.of(setting),
            };
            Some(EffectiveSetting {
                name: setting.name,
                value: shown(setting, given),
                origin,
            })
        })
        .collect()
}

/// A value for people: on one line, not longer than they read, without secrets.
pub(super) fn shown(setting: &Setting, given: &Given) -> String {
    const LONGEST: usize = 120;
    let text = match &given.value {
        _ if setting.secret => return HIDDEN.to_owned(),
        Written::Text(text) if matches!(setting.kind, Kind::HttpUrl) => without_secrets(text),
        // An account in the wrong place.
        Written::Text(text) if text.contains("cloudinary://") => return HIDDEN.to_owned(),
        Written::Text(text) => text.clone(),
        Written::List(items) => items.join(", "),
    };
    let cut: String = text.chars().take(LONGEST).collect();
    let rest = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{rest}", cut.escape_debug())
}

/// Cuts off what people put tokens into: the user before the host, and the query.
fn without_secrets(url: &str) -> String {
    let (url, query) = match url.split_once('?') {
        Some((url, _)) => (url, "?…"),
        None => (url, ""),
    };
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}{query}"),
        (None, Some((_, host))) => format!("…@{host}{query}"),
        (_, None) => format!("{url}{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_queries_of_urls_are_hidden() {
        assert_eq!(without_secrets("https://h.test/x"), "https://h.test/x");
        assert_eq!(
            without_secrets("https://u:p@h.test/x?token=t"),
            "https://…@h.test/x?…"
        );
        assert_eq!(without_secrets("u:p@h.test"), "…@h.test");
    }

    #[test]
    fn an_account_in_the_place_of_another_setting_is_hidden() {
        let given = Given::text("cloudinary://key:s3cret@demo", Origin::Flag);
        assert_eq!(shown(&settings::LOG_FORMAT, &given), "(hidden)");
    }

    #[test]
    fn long_and_broken_values_are_shown_short_and_on_one_line() {
        let given = Given::text(format!("a\n{}", "b".repeat(500)), Origin::Flag);
        let shown = shown(&settings::UPLOAD_PRESET, &given);
        assert!(
            shown.starts_with("a\\nbbb") && shown.ends_with("b…"),
            "{shown}"
        );
        assert!(shown.chars().count() < 130);
    }
}
