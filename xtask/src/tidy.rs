//! `cargo xtask tidy`: the layout rules that neither the compiler nor clippy knows.
//!
//! Gathers the facts (`cargo metadata`, the files Git knows, test vectors beside the checkout)
//! and hands them to checks that are pure functions. Every finding is one line,
//! `path:line: what is wrong, what is allowed`.

mod arrows;
mod corpus;
mod manifests;
mod rooms;
mod sources;

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// A broken rule, where it is broken, and what would be right.
#[derive(Debug, PartialEq)]
struct Finding {
    path: String,
    line: usize,
    what: String,
}

/// A text file of the repository, by its path below the root.
struct Source {
    path: String,
    text: String,
}

/// Runs every check and fails when one found something.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let sources = sources_known_to_git(&workspace.root)?;
    let packages = arrows::packages(&workspace.metadata, &workspace.root)?;

    let mut findings = arrows::check(&packages);
    findings.extend(sources.iter().flat_map(sources::check));
    findings.extend(sources.iter().filter_map(manifests::check));
    findings.extend(corpus::check(
        &sources,
        &corpus::read(&workspace.shared.join("vectors")),
    ));

    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} finding(s)", findings.len());
    }
    println!(
        "    tidy: {} files, {} packages",
        sources.len(),
        packages.len()
    );
    Ok(())
}

/// Tracked files, and new ones that are not ignored; those that are not text are left out.
fn sources_known_to_git(root: &Path) -> Result<Vec<Source>> {
    let listing = process::output(Command::new("git").current_dir(root).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--deduplicate",
        "-z",
    ]))
    .context("list the files of the repository")?;
    let paths = listing.split_terminator('\0');
    Ok(paths
        .filter_map(|path| {
            let text = fs::read_to_string(root.join(path)).ok()?;
            Some(Source {
                path: path.to_owned(),
                text,
            })
        })
        .collect())
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.what)
    }
}

impl Source {
    /// Whether the file's name ends with one of these, each written with its dot.
    fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }

    /// The file's lines with their numbers, from 1.
    fn numbered(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_an_editor_can_open() {
        let finding = Finding::new("crates/x/src/lib.rs", 3, "too much, less is allowed");
        assert_eq!(
            finding.to_string(),
            "crates/x/src/lib.rs:3: too much, less is allowed"
        );
    }
}
