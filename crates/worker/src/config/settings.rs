//! The table of all settings: the one place where a setting's names, default, allowed values and
//! meaning stand.
//!
//! The flags, the help text, the readers of environment and file, the error messages and
//! `docs/configuration.md` are all made from it. What a setting does when it is smaller or larger
//! is part of it, for the person on call.

mod table;

use super::kind::Kind;

pub(crate) use table::*;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// Another variable of the same meaning, which `name` wins over.
    pub also: Option<&'static str>,
    /// What the value may be.
    pub kind: Kind,
    /// The value when none is given.
    pub default: Option<&'static str>,
    /// Whether the worker cannot start without it.
    pub required: bool,
    /// Whether its value may never be shown, nor given as a flag, nor written into the file.
    pub secret: bool,
    /// What it does.
    pub about: &'static str,
    /// What smaller and larger values cause, or what to know before changing it.
    pub advice: &'static str,
    /// Whether it may stand in the configuration file.
    in_file: bool,
}

impl Setting {
    /// The flag without its dashes; secrets have none, since arguments of a process are visible.
    pub fn flag(&self) -> Option<String> {
        (!self.secret).then(|| self.key().replace('_', "-"))
    }

    /// The key in the configuration file.
    pub fn file_key(&self) -> Option<String> {
        (self.in_file && !self.secret).then(|| self.key())
    }

    fn key(&self) -> String {
        self.name.trim_start_matches("CLDSYNC_").to_lowercase()
    }

    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self {
            name,
            also: None,
            kind,
            default: None,
            required: false,
            secret: false,
            about,
            advice: "",
            in_file: true,
        }
    }

    const fn also(self, name: &'static str) -> Self {
        Self {
            also: Some(name),
            ..self
        }
    }

    const fn default(self, value: &'static str) -> Self {
        Self {
            default: Some(value),
            ..self
        }
    }

    const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    const fn secret(self) -> Self {
        Self {
            secret: true,
            ..self
        }
    }

    const fn advice(self, text: &'static str) -> Self {
        Self {
            advice: text,
            ..self
        }
    }

    const fn not_in_file(self) -> Self {
        Self {
            in_file: false,
            ..self
        }
    }
}

/// Every setting.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    SECTIONS
        .iter()
        .flat_map(|(_, settings)| settings.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_used_once() {
        let names: Vec<_> = all()
            .flat_map(|s| [Some(s.name), s.also])
            .flatten()
            .collect();
        let different: BTreeSet<_> = names.iter().collect();
        assert_eq!(names.len(), different.len());
    }

    #[test]
    fn flags_and_keys_are_the_name_in_other_spellings() {
        assert_eq!(WAIT_TIME.flag().as_deref(), Some("wait-time"));
        assert_eq!(WAIT_TIME.file_key().as_deref(), Some("wait_time"));
        assert_eq!(S3_SYNC_ROOT.flag().as_deref(), Some("s3-sync-root"));
    }

    #[test]
    fn a_secret_has_neither_flag_nor_key() {
        assert_eq!(CLOUDINARY_URL.flag(), None);
        assert_eq!(CLOUDINARY_URL.file_key(), None);
    }
}
