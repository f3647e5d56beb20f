//! Whether a prepared directory still fits its inputs.
//!
//! The stamp holds the inputs themselves and is written last, so an interrupted or outdated
//! preparation is never mistaken for a finished one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const NAME: &str = ".inputs";

/// Runs `build` in a new, empty directory unless the stamp says that `inputs` are built already.
pub(crate) fn unless_fresh(
    directory: &Path,
    inputs: &str,
    build: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = directory.join(NAME);
    if fs::read_to_string(&stamp).is_ok_and(|present| present == inputs) {
        return Ok(());
    }
    if directory.exists() {
        fs::remove_dir_all(directory)
            .with_context(|| format!("remove outdated {}", directory.display()))?;
    }
    fs::create_dir_all(directory).with_context(|| format!("create {}", directory.display()))?;
    build()?;
    fs::write(&stamp, inputs).with_context(|| format!("write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use anyhow::bail;

    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let unique = format!("cldsync-stamp-{name}-{}", std::process::id());
        let directory = std::env::temp_dir().join(unique);
        fs::remove_dir_all(&directory).ok();
        directory
    }

    /// Builds with these inputs and tells whether anything had to be done.
    fn builds(directory: &Path, inputs: &str) -> bool {
        let mut built = false;
        unless_fresh(directory, inputs, || {
            built = true;
            Ok(())
        })
        .unwrap();
        built
    }

    #[test]
    fn the_same_inputs_build_once() {
        let directory = scratch("once");
        assert!(builds(&directory, "boto3==1"));
        assert!(!builds(&directory, "boto3==1"));
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn changed_inputs_start_from_an_empty_directory() {
        let directory = scratch("changed");
        builds(&directory, "boto3==1");
        fs::write(directory.join("leftover"), "").unwrap();
        assert!(builds(&directory, "boto3==2"));
        assert!(!directory.join("leftover").exists());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_failed_build_is_tried_again() {
        let directory = scratch("failed");
        unless_fresh(&directory, "boto3==1", || bail!("no network")).unwrap_err();
        assert!(builds(&directory, "boto3==1"));
        fs::remove_dir_all(directory).unwrap();
    }
}
