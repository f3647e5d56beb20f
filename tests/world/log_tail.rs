//! What a failed test prints of the processes it ran.

use std::path::Path;

const LINES: usize = 60;

/// Prints the last lines of a log file.
pub(crate) fn print(whose: &str, file: &Path) {
    let text = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let tail = &lines[lines.len().saturating_sub(LINES)..];
    say(&format!(
        "--- last lines of {whose}\n{}\n---",
        tail.join("\n")
    ));
}

/// Prints a line beside the panic message.
#[expect(clippy::print_stderr, reason = "the report of a failed test")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}
