//! `cargo xtask fuzz`: the fuzz targets for as long as one likes.
//!
//! With cargo-fuzz and a nightly compiler, libFuzzer searches, guided by coverage, and keeps what
//! it finds new in `fuzz/found`. Without them the tests that replay the corpus run again and
//! again with other seeds. Either way the first finding ends the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{process, tools};

/// Mutations in one run of the test; the slowest target takes about a minute for them.
const ITERATIONS: u64 = 20_000;

/// Runs `target`, or every target, each for so many minutes.
pub(crate) fn run(workspace: &Workspace, target: Option<&str>, minutes: u64) -> Result<()> {
    let all = targets(&workspace.root)?;
    let chosen = chosen(&all, target)?;
    let time = Duration::from_secs(minutes.saturating_mul(60));
    let libfuzzer = libfuzzer(workspace);
    if libfuzzer.is_none() {
        eprintln!("cargo-fuzz or a nightly compiler not found: mutating without coverage");
    }
    for target in chosen {
        process::step(target, || match &libfuzzer {
            Some(program) => search(workspace, program, target, time),
            None => repeat(workspace, target, time),
        })?;
    }
    Ok(())
}

/// Each has its binary in `fuzz/fuzz_targets`.
fn targets(root: &Path) -> Result<Vec<String>> {
    let directory = root.join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&directory).context("list the fuzz targets")?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let paths: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    let stems = paths.iter().filter_map(|path| path.file_stem());
    let mut names: Vec<_> = stems
        .map(|stem| stem.to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    Ok(names)
}

fn chosen<'a>(all: &'a [String], wanted: Option<&str>) -> Result<Vec<&'a str>> {
    let is_wanted = |name: &&str| wanted.is_none_or(|wanted| wanted == *name);
    let chosen: Vec<_> = all.iter().map(String::as_str).filter(is_wanted).collect();
    if chosen.is_empty() {
        let wanted = wanted.unwrap_or_default();
        bail!("no fuzz target `{wanted}`, there are {}", all.join(", "));
    }
    Ok(chosen)
}

/// cargo-fuzz, where there also is the compiler that it needs.
fn libfuzzer(workspace: &Workspace) -> Option<PathBuf> {
    let program = tools::FUZZ.find(workspace)?;
    process::probe(Command::new("rustc").args(["+nightly", "--version"]))?;
    Some(program)
}

fn search(workspace: &Workspace, program: &Path, target: &str, time: Duration) -> Result<()> {
    let fuzz = workspace.root.join("fuzz");
    let found = format!("found/{target}");
    fs::create_dir_all(fuzz.join(&found)).context("create the directory of new inputs")?;
    process::run(
        Command::new(program)
            .current_dir(&fuzz)
            .env("RUSTUP_TOOLCHAIN", "nightly")
            .args(["fuzz", "run", "--target-dir"])
            .arg(workspace.target.join("fuzz"))
            .args([target, &found, &format!("corpus/{target}"), "--"])
            .arg(format!("-dict=dictionaries/{target}.dict"))
            .arg(format!("-max_total_time={}", time.as_secs()))
            .args(["-timeout=60", "-print_final_stats=1"]),
    )
}

fn repeat(workspace: &Workspace, target: &str, time: Duration) -> Result<()> {
    #[expect(
        clippy::disallowed_types,
        reason = "a person said for how long; no test depends on it"
    )]
    let start = std::time::Instant::now();
    let mut seed = 0;
    while start.elapsed() < time {
        process::run(
            workspace
                .cargo()
                .args(["test", "--quiet", "--package", "fleet-tests"])
                .args(["--test", "fleet", "--", &format!("fuzz::{target}_")])
                .env("CLDSYNC_FUZZ_SEED", seed.to_string())
                .env("CLDSYNC_FUZZ_ITERATIONS", ITERATIONS.to_string()),
        )?;
        seed += ITERATIONS;
    }
    println!("    {target}: {seed} mutations");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["decode".to_owned(), "map".to_owned()]
    }

    #[test]
    fn without_a_wish_every_target_is_chosen() {
        assert_eq!(chosen(&names(), None).unwrap(), ["decode", "map"]);
        assert_eq!(chosen(&names(), Some("map")).unwrap(), ["map"]);
    }

    #[test]
    fn an_unknown_target_is_answered_with_those_that_there_are() {
        let error = chosen(&names(), Some("mop")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no fuzz target `mop`, there are decode, map"
        );
    }

    #[test]
    fn the_targets_are_the_files_beside_each_other() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let names = targets(&root).unwrap();
        assert!(names.contains(&"decode".to_owned()), "{names:?}");
    }
}
