//! Flags: one for each setting that is no secret, for any command that takes the configuration.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::{Arg, ArgMatches, Command};

use super::kind::Kind;
use super::settings::{self, SECTIONS, Setting};

/// The settings that were given as flags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    /// Adds a flag for every setting to a command.
    pub fn add_to(command: Command) -> Command {
        SECTIONS
            .iter()
            .fold(command, |command, (section, settings)| {
                let flags = settings.iter().filter_map(|setting| flag(setting));
                command.args(flags.map(|flag| flag.help_heading(*section)))
            })
    }

    /// The flags of a command that [`Flags::add_to`] has prepared.
    pub fn from_matches(matches: &ArgMatches) -> Self {
        let given = settings::all()
            .filter(|setting| setting.flag().is_some())
            .filter_map(|s| {
                let text = matches.get_one::<String>(s.name)?;
                Some((s.name, text.clone()))
            });
        Self(given.collect())
    }

    pub(super) fn get(&self, setting: &Setting) -> Option<&str> {
        self.0
            .get(setting.name)
            .map(String::as_str)
            .filter(|text| !text.trim().is_empty())
    }
}

fn flag(setting: &'static Setting) -> Option<Arg> {
    let flag = Arg::new(setting.name)
        .long(setting.flag()?)
        .value_name(setting.kind.placeholder())
        .help(help(setting));
    Some(match setting.kind {
        // A bare flag turns it on; a value needs `=`, so that the next argument is not taken.
        Kind::Bool => flag
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        _ => flag,
    })
}

fn help(setting: &Setting) -> String {
    let mut text = setting.about.replace('`', "'");
    let _ = write!(text, " [env: {}]", setting.name);
    if let Some(default) = setting.default {
        let _ = write!(text, " [default: {default}]");
    }
    text
}
