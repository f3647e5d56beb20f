//! `cldsync doctor`: whether an installation will work, before the first event comes.
//!
//! `examine` looks at the queue, the buckets and Cloudinary; pure functions, one file per
//! subject, turn what was seen into findings; `report` shows them. Nothing is changed anywhere,
//! and what would have to be changed is printed as the command that does it.

mod bucket;
mod cloudinary;
mod command;
mod dead_letters;
mod examine;
mod finding;
mod grant;
mod notification;
mod policy;
mod queue;
mod report;
mod sending;
#[cfg(test)]
mod testkit;
mod unseen;

use std::io::{IsTerminal, stdout};

use tokio::runtime::Runtime;

use self::finding::Diagnosis;
use self::report::Palette;
use crate::command_line::Doctor;
use crate::exit_code::ExitCode;
use crate::{output, settings};

/// Resolves the settings, looks at everything they name, and prints what was found.
pub(crate) fn run(arguments: &Doctor) -> ExitCode {
    let config = match settings::config(&arguments.worker.0) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(ExitCode::Software, "start a runtime", &error),
    };
    let diagnosis = Diagnosis::new(runtime.block_on(examine::everything(&config)));
    let printed = if arguments.json {
        output::print_json(&diagnosis)
    } else {
        output::print(&report::text(&diagnosis, palette()))
    };
    match printed {
        ExitCode::Success if !diagnosis.ok => ExitCode::Different,
        printed => printed,
    }
}

/// Colours are for people in front of a terminal who did not ask for none (no-color.org).
fn palette() -> Palette {
    let plain = settings::is_set("NO_COLOR");
    if stdout().is_terminal() && !plain {
        Palette::Colours
    } else {
        Palette::Plain
    }
}
