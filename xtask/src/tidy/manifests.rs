//! Checks each crate's manifest: it takes the workspace's lints.
//!
//! A package that is a workspace of its own (the fuzz targets) has none to take.
//! A crate without them would silently allow what every other crate forbids.

use super::{Finding, Source};

/// What is wrong with this file, if it is the manifest of a package.
pub(crate) fn check(source: &Source) -> Option<Finding> {
    let manifest = source.path.rsplit('/').next() == Some("Cargo.toml");
    let has = |section: &str| source.text.lines().any(|line| line.trim() == section);
    if !manifest || !has("[package]") || has("[workspace]") {
        return None;
    }
    let what = "the workspace's lints are missing, add `[lints]` with `workspace = true`";
    (!takes_workspace_lints(&source.text)).then(|| Finding::new(&source.path, 1, what))
}

fn takes_workspace_lints(manifest: &str) -> bool {
    let mut section = "";
    manifest.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            section = line;
        }
        (section == "[lints]" && line == "workspace = true") || line == "lints.workspace = true"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(path: &str, text: &str) -> Option<Finding> {
        check(&Source {
            path: path.into(),
            text: text.into(),
        })
    }

    #[test]
    fn a_crate_that_takes_the_lints_passes() {
        let text = "[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n";
        assert_eq!(finding("crates/x/Cargo.toml", text), None);
    }

    #[test]
    fn a_crate_without_the_lints_is_found() {
        let text = "[package]\nname = \"x\"\n\n[lints.rust]\nunused = \"allow\"\n";
        assert!(finding("crates/x/Cargo.toml", text).is_some());
    }

    #[test]
    fn another_section_does_not_count() {
        let text = "[lints]\n\n[package]\nworkspace = true\n";
        assert!(finding("crates/x/Cargo.toml", text).is_some());
    }

    #[test]
    fn the_virtual_manifest_has_no_lints_to_take() {
        assert_eq!(finding("Cargo.toml", "[workspace]\n"), None);
    }

    #[test]
    fn a_package_outside_the_workspace_has_no_lints_to_take() {
        assert_eq!(
            finding(
                "fuzz/Cargo.toml",
                "[package]\nname = \"f\"\n\n[workspace]\n"
            ),
            None
        );
    }
}
