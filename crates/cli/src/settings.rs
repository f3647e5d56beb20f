//! The worker's own settings, read from this process's environment for commands that need them.

use event_mapper::Rules;
use worker::{Config, ConfigErrors, Environment, Flags};

use crate::exit_code::ExitCode;
use crate::output;

/// The mapping rules, without asking for a queue or an account.
/// A failure has been told when this returns.
pub(crate) fn rules() -> Result<Rules, ExitCode> {
    Config::resolve_rules(&Flags::default(), &environment()).map_err(|errors| refuse(&errors))
}

/// Everything that the worker would know.
/// A failure has been told when this returns.
pub(crate) fn config(flags: &Flags) -> Result<Config, ExitCode> {
    Config::resolve(flags, &environment()).map_err(|errors| refuse(&errors))
}

/// The environment of this process.
pub(crate) fn environment() -> Environment {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(|(name, value)| (lossy(name), lossy(value)))
        .collect()
}

/// Whether a variable that is not the worker's has a value.
pub(crate) fn is_set(name: &str) -> bool {
    std::env::vars_os().any(|(known, value)| known == name && !value.is_empty())
}

fn refuse(errors: &ConfigErrors) -> ExitCode {
    for error in errors.iter() {
        output::note(&format!("cldsync: {error}"));
    }
    ExitCode::Config
}
