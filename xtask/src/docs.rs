//! `cargo xtask docs`: the pages in `docs/` that the binaries write about themselves.
//!
//! The binary is the source, the page is a copy that a reader finds on the web.
//! With `--check` nothing is written, and a stale page fails with its first different line.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{binaries, process};

/// One generated page.
struct Page {
    path: &'static str,
    binary: &'static str,
    topic: &'static str,
}

const PAGES: [Page; 3] = [
    Page {
        path: "docs/configuration.md",
        binary: "cldsync-worker",
        topic: "configuration",
    },
    Page {
        path: "docs/metrics.md",
        binary: "cldsync-worker",
        topic: "metrics",
    },
    Page {
        path: "docs/cli.md",
        binary: "cldsync",
        topic: "cli",
    },
];

/// Writes every page, or with `check` compares each with what its binary says now.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let directory = binaries::build(workspace)?;
    let mut stale = Vec::new();
    for page in &PAGES {
        let generated = page.generate(&directory)?;
        let file = workspace.root.join(page.path);
        let present = fs::read_to_string(&file).unwrap_or_default();
        match first_difference(&present, &generated) {
            None => println!("    {}: up to date", page.path),
            Some(difference) if check => {
                eprintln!("{}:{difference}", page.path);
                stale.push(page.path);
            }
            Some(_) => {
                fs::write(&file, generated).with_context(|| format!("write {}", page.path))?;
                println!("    {}: renewed", page.path);
            }
        }
    }
    if !stale.is_empty() {
        bail!("stale: {}; renew with `cargo xtask docs`", stale.join(", "));
    }
    Ok(())
}

impl Page {
    fn generate(&self, directory: &Path) -> Result<String> {
        let text = process::output(
            Command::new(directory.join(self.binary)).args(["--generate", self.topic]),
        )?;
        Ok(format!("{}\n", text.trim_end()))
    }
}

/// The first line where the page and its source part, as `line: found, expected`.
fn first_difference(present: &str, generated: &str) -> Option<String> {
    if present == generated {
        return None;
    }
    let mut present = present.lines();
    let mut generated = generated.lines();
    let mut number = 1;
    loop {
        match (present.next(), generated.next()) {
            (Some(left), Some(right)) if left == right => number += 1,
            (None, None) => return Some(format!("{number}: the line ends differ")),
            (left, right) => {
                let shown =
                    |line: Option<&str>| line.map_or("nothing".into(), |l| format!("`{l}`"));
                return Some(format!(
                    "{number}: is {}, should be {}",
                    shown(left),
                    shown(right)
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pages_have_no_difference() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    }

    #[test]
    fn a_stale_line_is_shown_with_its_number() {
        let difference = first_difference("# Page\nold\n", "# Page\nnew\n");
        assert_eq!(difference.as_deref(), Some("2: is `old`, should be `new`"));
    }

    #[test]
    fn a_page_that_was_never_written_is_stale() {
        let difference = first_difference("", "# Page\n");
        assert_eq!(
            difference.as_deref(),
            Some("1: is nothing, should be `# Page`")
        );
    }

    #[test]
    fn a_lost_final_line_end_is_stale() {
        assert!(first_difference("a", "a\n").is_some());
    }
}
