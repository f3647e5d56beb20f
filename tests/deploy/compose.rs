//! `docker-compose.yml`: read by the schema that Compose publishes, and compared with what it puts
//! together: the worker's settings, the emulator's, the images, and the files that it mounts.
//!
//! Each check is tried on a broken copy too. That the whole really starts takes a Docker Engine and
//! a registry, so it is not tested here.

mod checks;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::breakage::Breakage;
use super::checkout::{self, documents, with};
use super::containers;

const FILE: &str = "docker-compose.yml";

fn compose() -> Value {
    documents(&checkout::read(FILE)).remove(0)
}

fn check_schema(programs: &str, file: &Path) -> Output {
    let mut check = Command::new(Path::new(programs).join("check-jsonschema"));
    check.args(["--builtin-schema", "vendor.compose-spec"]);
    checkout::run(check.arg(file))
}

#[test]
fn compose_files_follow_the_published_schema() {
    let Some(programs) = containers::programs("the schema of Compose files") else {
        return;
    };
    let output = check_schema(&programs, &checkout::path(FILE));
    assert!(output.status.success(), "{}", checkout::printed(&output));

    let folder = TempDir::new().expect("a temporary directory");
    let broken = folder.path().join("compose.json");
    let text = with(&compose(), "/services/cldsync-worker/replicas", json!(2)).to_string();
    fs::write(&broken, text).expect("a broken copy");
    assert!(!check_schema(&programs, &broken).status.success());
}

#[test]
fn compose_fits_what_it_puts_together() {
    assert_eq!(checks::problems(&compose()), Vec::<String>::new());
}

#[test]
fn whatever_is_broken_in_compose_is_found() {
    let compose = compose();
    let breakages = Breakage::all(include_str!("compose/broken.txt"));
    let missed = breakages
        .iter()
        .filter_map(|breakage| breakage.missed(&checks::problems(&breakage.apply(&compose))));
    assert_eq!(missed.collect::<Vec<_>>(), Vec::<String>::new());
}
