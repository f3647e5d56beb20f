//! Where settings come from: flags, environment, configuration file. The first that gives one wins.
//!
//! Gathers text and its origin, and refuses names that are no settings. Reading the text is left
//! to the reader.

use std::collections::BTreeMap;

use super::did_you_mean::did_you_mean;
use super::environment::Environment;
use super::error::ConfigError;
use super::file::{File, FileRoute};
use super::flags::Flags;
use super::settings::{self, Setting};

/// A value as it was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) value: Written,
    pub(super) origin: Origin,
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Text(String),
    /// A list of the file, whose items need no separator.
    List(Vec<String>),
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Flag,
    Variable(&'static str),
    File(String),
    Default,
}

/// All that was given, by the name of its setting, and what was wrong on the way.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) given: BTreeMap<&'static str, Given>,
    pub(super) routes: Vec<FileRoute>,
    pub(super) errors: Vec<ConfigError>,
}

impl Sources {
    pub(super) fn gather(flags: &Flags, environment: &Environment) -> Self {
        let mut sources = Self::default();
        sources.refuse_unknown_variables(environment);
        let mut file = sources.read_file(flags, environment);
        for setting in settings::all() {
            let given = from_flag(setting, flags)
                .or_else(|| from_environment(setting, environment))
                .or_else(|| file.take(setting))
                .or_else(|| from_default(setting));
            if let Some(given) = given {
                sources.given.insert(setting.name, given);
            }
        }
        sources.routes = file.routes;
        sources
    }

    fn refuse_unknown_variables(&mut self, environment: &Environment) {
        let known = || settings::all().map(|setting| setting.name);
        for name in environment
            .ours()
            .filter(|name| !known().any(|known| known == *name))
        {
            let meant = did_you_mean(name, known()).map(str::to_owned);
            self.errors
                .push(ConfigError::unknown(name, "in the environment", meant));
        }
    }

    fn read_file(&mut self, flags: &Flags, environment: &Environment) -> File {
        let setting = &settings::CONFIG;
        let Some(given) =
            from_flag(setting, flags).or_else(|| from_environment(setting, environment))
        else {
            return File::default();
        };
        let (file, errors) = File::read(setting, &given);
        self.errors.extend(errors);
        file
    }
}

impl Given {
    pub(super) fn text(text: impl Into<String>, origin: Origin) -> Self {
        Self {
            value: Written::Text(text.into()),
            origin,
        }
    }
}

impl Origin {
    /// The setting as it is called there.
    pub(super) fn of(&self, setting: &Setting) -> String {
        match self {
            Self::Flag => format!("--{}", setting.flag().unwrap_or_default()),
            Self::Variable(name) => (*name).to_owned(),
            Self::File(path) => format!("`{}` in {path}", setting.file_key().unwrap_or_default()),
            Self::Default => format!("the default of {}", setting.name),
        }
    }
}

fn from_flag(setting: &Setting, flags: &Flags) -> Option<Given> {
    flags
        .get(setting)
        .map(|text| Given::text(text, Origin::Flag))
}

fn from_environment(setting: &Setting, environment: &Environment) -> Option<Given> {
    [Some(setting.name), setting.also]
        .into_iter()
        .flatten()
        .find_map(|name| {
            environment
                .get(name)
                .map(|text| Given::text(text, Origin::Variable(name)))
        })
}

fn from_default(setting: &Setting) -> Option<Given> {
    setting
        .default
        .map(|text| Given::text(text, Origin::Default))
}
