//! What is told to the person who waits.

/// Prints one line of progress.
#[expect(
    clippy::print_stderr,
    reason = "progress, beside the report on standard output"
)]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// Prints the report.
#[expect(clippy::print_stdout, reason = "the report is what was asked for")]
pub(crate) fn print(text: &str) {
    println!("{text}");
}
