//! Programs that a machine has or has not; nothing here installs them.

use std::path::PathBuf;

use anyhow::{Result, anyhow};

use crate::workspace::variable;

/// Where `PATH` has this program.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .ok_or_else(|| anyhow!("{name} not found"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_on_the_path_is_found_with_its_folder() {
        let shell = find("sh").unwrap();
        assert!(shell.is_absolute() && shell.ends_with("sh"));
    }

    #[test]
    fn an_absent_program_is_named() {
        let error = find("no-such-program-here").unwrap_err();
        assert_eq!(error.to_string(), "no-such-program-here not found");
    }
}
