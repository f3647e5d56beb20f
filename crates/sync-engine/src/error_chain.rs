//! An error with everything that caused it, on one line.

use std::error::Error;

/// The error and its sources, joined by colons.
pub(crate) fn error_chain(error: &(dyn Error + Sync)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
