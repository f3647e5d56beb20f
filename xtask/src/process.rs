//! Running other programs, and saying which one failed and how.
//!
//! The only module that starts a process. Output of a step goes straight to the terminal,
//! so that colors, progress and the test runner's summary arrive as they were written.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs to the end with our own output streams and no input.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", line(command));
    }
    Ok(())
}

/// Runs to the end and returns what was printed; what went to standard error stays visible.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("start `{}`", line(command)))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", line(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("the output of `{}` is not UTF-8", line(command)))
}

/// What a program prints, or nothing if it is absent or fails. Silent either way.
pub(crate) fn probe(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Announces a step, runs it, and says how long it took.
pub(crate) fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    announce(name);
    #[expect(
        clippy::disallowed_types,
        reason = "a stopwatch for a person; no test depends on it"
    )]
    let start = std::time::Instant::now();
    work().with_context(|| format!("step `{name}`"))?;
    println!("    {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Names the step that starts now.
pub(crate) fn announce(name: &str) {
    println!("==> {name}");
    // The programs that follow write to the same terminal, past our buffer.
    std::io::stdout().flush().ok();
}

/// The command as a person would type it.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` failed: exit status: 3");
    }

    #[test]
    fn a_probe_of_an_absent_program_is_nothing() {
        assert_eq!(probe(&mut Command::new("no-such-program-here")), None);
    }

    #[test]
    fn a_failing_step_keeps_its_name() {
        let error = step("paint", || bail!("no color")).unwrap_err();
        assert_eq!(format!("{error:#}"), "step `paint`: no color");
    }
}
