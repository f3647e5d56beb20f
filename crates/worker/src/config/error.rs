//! Wrong settings: each is one line that names where it stands, its value, and what is allowed.
//!
//! No line ever holds a secret: values of secret settings are left out, and parsers of secrets
//! have errors that do not quote them.

use std::fmt;

use super::effective::shown;
use super::settings::Setting;
use super::sources::Given;

/// Everything that is wrong with the settings, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

/// One wrong setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigErrors {
    pub(super) fn new(errors: Vec<ConfigError>) -> Self {
        Self(errors)
    }

    /// Each wrong setting.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

impl ConfigError {
    /// Something that no single value is to blame for.
    pub(super) fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }

    /// A value that is not allowed.
    pub(super) fn not_allowed(setting: &Setting, given: &Given) -> Self {
        Self::wrong(setting, given, &format!("allowed: {}", setting.kind))
    }

    /// A value that is wrong for this reason, which must not quote it.
    pub(super) fn wrong(setting: &Setting, given: &Given, why: &str) -> Self {
        let value = shown(setting, given);
        Self(format!("{} is `{value}`; {why}", given.origin.of(setting)))
    }

    /// A setting without which nothing works.
    pub(super) fn missing(setting: &Setting) -> Self {
        let mut ways = vec![setting.name.to_owned()];
        ways.extend(setting.also.map(str::to_owned));
        ways.extend(setting.flag().map(|flag| format!("--{flag}")));
        ways.extend(
            setting
                .file_key()
                .map(|key| format!("`{key}` in the configuration file")),
        );
        let others = match ways.split_first() {
            Some((_, others)) if !others.is_empty() => format!(" (or {})", others.join(", ")),
            _ => String::new(),
        };
        Self(format!(
            "{}{others} is missing; allowed: {}",
            setting.name, setting.kind
        ))
    }

    /// A name that is no setting.
    pub(super) fn unknown(name: &str, place: &str, meant: Option<String>) -> Self {
        let hint = meant.map_or_else(
            || "docs/configuration.md lists every setting".to_owned(),
            |meant| format!("did you mean {meant}?"),
        );
        Self(format!("{name} {place} is no setting of cldsync; {hint}"))
    }
}
