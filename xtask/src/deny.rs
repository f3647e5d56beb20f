//! `cargo xtask deny`, the supply-chain check: cargo-deny over licenses, sources, bans and advisories.
//!
//! The rules are in `deny.toml`. Where the live advisory database cannot be reached, a snapshot
//! beside the checkout stands in: unpacked, made a Git repository, and put in the way of the
//! database's address by Git's own `insteadOf`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{process, tools};

const LIVE_DATABASE: &str = "https://github.com/RustSec/advisory-db";

/// Runs the check, or names why it is skipped.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let program = match tools::DENY.find_or_install(workspace) {
        Ok(program) => program,
        Err(reason) => return workspace.leave_out("supply-chain check", &reason),
    };
    let mut command = Command::new(program);
    command.current_dir(&workspace.root).args([
        "deny",
        "--all-features",
        "--locked",
        "check",
        "--hide-inclusion-graph",
    ]);
    let archive = workspace.shared.join("data/rustsec-advisory-db.tar.gz");
    if archive.is_file() {
        println!("    advisories: from the snapshot beside the checkout");
        let directory = workspace.target.join("advisories");
        command.env("GIT_CONFIG_GLOBAL", unpack(&archive, &directory)?);
        // Apart from the caller's own clone, whose history is the live database's.
        command.env("CLDSYNC_ADVISORY_DBS", directory.join("clones"));
    } else {
        println!("    advisories: from {LIVE_DATABASE}");
    }
    process::run(&mut command)
}

/// Makes the snapshot a repository and returns the Git configuration that points to it.
fn unpack(archive: &Path, directory: &Path) -> Result<PathBuf> {
    let configuration = directory.join("gitconfig");
    let database = directory.join("advisory-db");
    fs::remove_dir_all(directory).ok();
    fs::create_dir_all(&database).context("create the directory of the advisory snapshot")?;
    fs::write(&configuration, redirect(&database)).context("write the Git configuration")?;

    process::run(
        Command::new("tar")
            .arg("-xzf")
            .arg(archive)
            .arg("-C")
            .arg(&database),
    )?;
    for arguments in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", "Advisory snapshot"],
    ] {
        process::run(
            Command::new("git")
                .current_dir(&database)
                .args(arguments)
                .env("GIT_CONFIG_GLOBAL", &configuration),
        )?;
    }
    Ok(configuration)
}

fn redirect(database: &Path) -> String {
    format!(
        "[user]\n\tname = snapshot\n\temail = snapshot@localhost\n\
         [url \"file://{}\"]\n\tinsteadOf = {LIVE_DATABASE}\n",
        database.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_is_sent_to_the_snapshot_instead_of_the_live_database() {
        let configuration = redirect(Path::new("/snapshots/advisory-db"));
        assert!(configuration.contains("[url \"file:///snapshots/advisory-db\"]"));
        assert!(configuration.contains("insteadOf = https://github.com/RustSec/advisory-db"));
    }
}
