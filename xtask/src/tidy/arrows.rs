//! Checks dependencies against the table of rooms.
//!
//! Reads what `cargo metadata` says each package declares. Dependencies of tests are free,
//! and so is the package that holds only tests: what a test looks at is no arrow of the house.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;
use super::rooms::{GUARDED, ROOMS, TESTS};

/// A workspace member and the dependencies that its product code declares.
pub(crate) struct Package {
    name: String,
    manifest: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    ours: bool,
    line: usize,
}

/// The workspace members, with manifest paths below `root`.
pub(crate) fn packages(metadata: &Value, root: &Path) -> Result<Vec<Package>> {
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata lists no packages")?;
    packages
        .iter()
        .map(|package| read_package(package, root))
        .collect()
}

/// Every arrow that the table does not have.
pub(crate) fn check(packages: &[Package]) -> Vec<Finding> {
    packages
        .iter()
        .filter(|package| package.name != TESTS)
        .flat_map(check_package)
        .collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let Some(room) = ROOMS.iter().find(|room| room.name == package.name) else {
        let what = format!(
            "`{}` is not in the table of rooms in ARCHITECTURE.md",
            package.name
        );
        return vec![Finding::new(&package.manifest, 1, what)];
    };
    let findings = package.dependencies.iter().filter_map(|dependency| {
        let what = if dependency.ours {
            wrong_arrow(room.name, room.may_use, &dependency.name)
        } else {
            wrong_room(room.name, &dependency.name)
        };
        what.map(|what| Finding::new(&package.manifest, dependency.line, what))
    });
    findings.collect()
}

fn wrong_arrow(room: &str, may_use: &[&str], used: &str) -> Option<String> {
    let allowed = if may_use.is_empty() {
        "none of ours".into()
    } else {
        may_use.join(", ")
    };
    (!may_use.contains(&used)).then(|| format!("`{room}` uses `{used}`, it may use {allowed}"))
}

fn wrong_room(room: &str, library: &str) -> Option<String> {
    let guarded = GUARDED.iter().find(|guarded| guarded.covers(library))?;
    let rooms = guarded.rooms.join(", ");
    (!guarded.rooms.contains(&room))
        .then(|| format!("`{room}` uses `{library}`, which belongs to {rooms} alone"))
}

fn read_package(package: &Value, root: &Path) -> Result<Package> {
    let text = |field: &str| {
        package[field]
            .as_str()
            .with_context(|| format!("a package in cargo metadata has no {field}"))
    };
    let path = Path::new(text("manifest_path")?);
    let manifest = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    Ok(Package {
        name: text("name")?.to_owned(),
        manifest: path
            .strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string(),
        dependencies: dependencies
            .filter_map(|value| read_dependency(value, &manifest))
            .collect(),
    })
}

/// Nothing for a dependency of tests.
fn read_dependency(dependency: &Value, manifest: &str) -> Option<Dependency> {
    if dependency["kind"] == "dev" {
        return None;
    }
    let name = dependency["name"].as_str()?;
    Some(Dependency {
        name: name.to_owned(),
        ours: dependency["path"].is_string(),
        line: line_of(manifest, name),
    })
}

/// Where a manifest declares a dependency; line 1 when it is written in an unusual way.
fn line_of(manifest: &str, name: &str) -> usize {
    let declares = |line: &str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    manifest
        .lines()
        .position(declares)
        .map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: &[(&str, bool)]) -> Package {
        let dependency = |&(name, ours): &(&str, bool)| Dependency {
            name: name.into(),
            ours,
            line: 7,
        };
        Package {
            name: name.into(),
            manifest: format!("crates/{name}/Cargo.toml"),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    fn findings(name: &str, dependencies: &[(&str, bool)]) -> Vec<String> {
        check(&[package(name, dependencies)])
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_arrow_of_the_table_is_allowed() {
        assert!(findings("sync-engine", &[("event-mapper", true), ("tokio", false)]).is_empty());
    }

    #[test]
    fn an_arrow_that_points_back_is_found() {
        assert_eq!(
            findings("event-mapper", &[("sync-engine", true)]),
            [
                "crates/event-mapper/Cargo.toml:7: `event-mapper` uses `sync-engine`, \
              it may use cloudinary-core"
            ]
        );
    }

    #[test]
    fn the_emulator_may_not_use_the_client() {
        assert_eq!(
            findings("cloudinary-emulator", &[("cloudinary-client", true)]).len(),
            1
        );
    }

    #[test]
    fn a_library_in_the_wrong_room_is_found() {
        assert_eq!(
            findings("sync-engine", &[("prometheus", false)]),
            [
                "crates/sync-engine/Cargo.toml:7: `sync-engine` uses `prometheus`, \
              which belongs to telemetry alone"
            ]
        );
    }

    #[test]
    fn a_crate_without_a_row_in_the_table_is_found() {
        assert_eq!(findings("attic", &[]).len(), 1);
    }

    #[test]
    fn the_package_of_tests_may_use_everything() {
        assert!(findings(TESTS, &[("worker", true), ("reqwest", false)]).is_empty());
    }

    #[test]
    fn a_dependency_of_tests_is_no_arrow() {
        assert!(read_dependency(&json!({"name": "reqwest", "kind": "dev"}), "").is_none());
        assert!(read_dependency(&json!({"name": "reqwest", "kind": null}), "").is_some());
        assert!(read_dependency(&json!({"name": "reqwest", "kind": "build"}), "").is_some());
    }

    #[test]
    fn a_dependency_is_found_on_the_line_that_declares_it() {
        let manifest = "[dependencies]\nhttp-body = \"1\"\nhttp.workspace = true\n";
        assert_eq!(line_of(manifest, "http"), 3);
        assert_eq!(line_of(manifest, "absent"), 1);
    }
}
