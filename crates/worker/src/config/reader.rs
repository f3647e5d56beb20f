//! Reads the text of settings as what they are, and collects everything that is wrong.
//!
//! A reader goes on after a mistake, so that one start shows them all. What it returns for a
//! wrong setting is [`Bad`]: the message is already noted.

use std::num::{NonZeroU32, NonZeroUsize};
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use super::duration;
use super::error::ConfigError;
use super::file::FileRoute;
use super::kind::Kind;
use super::settings::Setting;
use super::sources::{Given, Origin, Sources, Written};

/// A value that is wrong or missing; what and why is in the reader's errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bad;

/// Reads settings out of their sources.
pub(super) struct Reader {
    sources: Sources,
}

impl Reader {
    pub(super) fn new(sources: Sources) -> Self {
        Self { sources }
    }

    pub(super) fn into_errors(self) -> Vec<ConfigError> {
        self.sources.errors
    }

    /// Notes something wrong that no single value is to blame for.
    pub(super) fn note(&mut self, error: ConfigError) -> Bad {
        self.sources.errors.push(error);
        Bad
    }

    /// What was given for a setting, its default included.
    pub(super) fn given(&self, setting: &Setting) -> Option<&Given> {
        self.sources.given.get(setting.name)
    }

    /// Whether somebody has set it.
    pub(super) fn is_set(&self, setting: &Setting) -> bool {
        self.given(setting)
            .is_some_and(|given| given.origin != Origin::Default)
    }

    /// The setting as the person wrote it, for messages.
    pub(super) fn place(&self, setting: &Setting) -> String {
        self.given(setting)
            .map_or_else(|| setting.name.to_owned(), |given| given.origin.of(setting))
    }

    pub(super) fn routes(&self) -> &[FileRoute] {
        &self.sources.routes
    }

    pub(super) fn bool(&mut self, setting: &Setting) -> Result<bool, Bad> {
        self.required(setting, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        })
    }

    pub(super) fn count(&mut self, setting: &Setting) -> Result<NonZeroUsize, Bad> {
        let count = self.required(setting, |text| read_count(setting.kind, text))?;
        NonZeroUsize::try_from(count).map_err(|_| Bad)
    }

    pub(super) fn optional_count(&mut self, setting: &Setting) -> Result<Option<NonZeroU32>, Bad> {
        self.optional(setting, |text| read_count(setting.kind, text))
    }

    pub(super) fn duration(&mut self, setting: &Setting) -> Result<Duration, Bad> {
        self.required(setting, |text| read_duration(setting.kind, text))
    }

    pub(super) fn parsed<T: FromStr>(&mut self, setting: &Setting) -> Result<T, Bad> {
        self.required(setting, |text| text.parse().ok())
    }

    /// Text as it was written, spaces included; empty when not given.
    pub(super) fn text(&mut self, setting: &Setting) -> Result<String, Bad> {
        Ok(self.optional_text(setting)?.unwrap_or_default())
    }

    pub(super) fn optional_text(&mut self, setting: &Setting) -> Result<Option<String>, Bad> {
        let Some(given) = self.given(setting).cloned() else {
            return Ok(None);
        };
        match given.value {
            Written::Text(text) => Ok(Some(text)),
            Written::List(_) => Err(self.note(ConfigError::not_allowed(setting, &given))),
        }
    }

    /// A URL as it was written: a queue is found by its exact text.
    pub(super) fn url(&mut self, setting: &Setting) -> Result<String, Bad> {
        self.required(setting, read_http_url)
    }

    pub(super) fn optional_url(&mut self, setting: &Setting) -> Result<Option<String>, Bad> {
        self.optional(setting, read_http_url)
    }

    pub(super) fn list(&mut self, setting: &Setting) -> Vec<String> {
        match self.given(setting).map(|given| &given.value) {
            Some(Written::Text(text)) => split(text),
            Some(Written::List(items)) => items.clone(),
            None => Vec::new(),
        }
    }

    fn required<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Bad> {
        match self.optional(setting, parse)? {
            Some(value) => Ok(value),
            None => Err(self.note(ConfigError::missing(setting))),
        }
    }

    fn optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Bad> {
        let Some(given) = self.given(setting).cloned() else {
            return Ok(None);
        };
        let value = match &given.value {
            Written::Text(text) => parse(text.trim()),
            Written::List(_) => None,
        };
        match value {
            Some(value) => Ok(Some(value)),
            None => Err(self.note(ConfigError::not_allowed(setting, &given))),
        }
    }
}

fn read_count(kind: Kind, text: &str) -> Option<NonZeroU32> {
    let Kind::Count { min, max } = kind else {
        return None;
    };
    let number: u32 = text.parse().ok()?;
    NonZeroU32::new(number).filter(|_| (min..=max).contains(&number))
}

fn read_duration(kind: Kind, text: &str) -> Option<Duration> {
    let read = duration::parse(text)?;
    let allowed = match kind {
        Kind::Duration { min, max } => (min..=max).contains(&read),
        Kind::Seconds { min, max } => {
            read.subsec_nanos() == 0 && (min..=max).contains(&read.as_secs())
        }
        _ => false,
    };
    allowed.then_some(read)
}

fn read_http_url(text: &str) -> Option<String> {
    let url: Url = text.parse().ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| text.to_owned())
}

/// Splits at commas that are not inside braces, since `{a,b}` is one glob.
fn split(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == ',' && depth == 0 {
            items.push(String::new());
        } else if let Some(item) = items.last_mut() {
            item.push(c);
        }
    }
    let trimmed = items
        .iter()
        .map(|item| item.trim())
        .filter(|item| !item.is_empty());
    trimmed.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_at_commas_outside_of_braces() {
        assert_eq!(
            split("*.jpg, *.{png,gif} ,,drafts/"),
            ["*.jpg", "*.{png,gif}", "drafts/"]
        );
        assert_eq!(split("a}b,c"), ["a}b", "c"]);
        assert_eq!(split(" , "), [""; 0]);
    }
}
