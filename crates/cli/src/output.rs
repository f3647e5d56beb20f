//! Standard output and standard error: the one place where this program writes to them.
//!
//! A reader that has gone away, as in `cldsync explain | head -1`, ends the output and not the
//! program: whoever closed the pipe has seen what they wanted.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::exit_code::ExitCode;

/// Prints text as it is.
pub(crate) fn print(text: &str) -> ExitCode {
    written(
        io::stdout()
            .lock()
            .write_all(text.as_bytes())
            .and_then(|()| io::stdout().flush()),
    )
}

/// Prints a value as indented JSON.
pub(crate) fn print_json(value: &impl Serialize) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&format!("{text}\n")),
        Err(error) => fail(ExitCode::Software, "cannot write JSON", &error),
    }
}

/// Says something to the person, beside the output.
pub(crate) fn note(line: &dyn Display) {
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Says what went wrong, with its causes, and gives the code to end with.
pub(crate) fn fail(code: ExitCode, what: &str, error: &dyn std::error::Error) -> ExitCode {
    let mut line = format!("cldsync: {what}: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    note(&line);
    code
}

fn written(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::Success,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::Success,
        Err(error) => fail(
            ExitCode::Software,
            "cannot write to standard output",
            &error,
        ),
    }
}
