//! Whole fleets on simulated time: every `*.toml` beside this file is one scenario with the ranges
//! it has to stay in. All are run, over several seeds, before the first violation fails the test.
//!
//! `cargo test -p adaptive-limit --test scenarios -- --nocapture` prints the table that
//! `docs/rate-control.md` shows.

#![expect(clippy::unwrap_used, reason = "a test stops where something is wrong")]

mod measure;
mod quota;
mod scenario;
mod simulation;
mod worker;

use std::fs;
use std::path::{Path, PathBuf};

use measure::Summary;
use scenario::{File, Scenario};

#[test]
fn every_scenario_stays_in_its_ranges() {
    let mut violations = Vec::new();
    let mut rows = vec![Summary::HEADER.to_owned()];
    for path in scenario_files() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let (row, wrong) = match read(&path) {
            File::Calls(scenario) => calls(&name, &scenario),
            File::Quota(scenario) => quota::check(&name, &scenario),
        };
        rows.push(row);
        violations.extend(wrong);
    }
    show(&rows.join("\n"));
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

fn calls(name: &str, scenario: &Scenario) -> (String, Vec<String>) {
    let runs: Vec<_> = (1..=scenario.seeds)
        .map(|seed| simulation::run(scenario, seed))
        .collect();
    let summary = Summary::of(&runs);
    let violations = summary.violations(name, &scenario.expect);
    (summary.row(name), violations)
}

fn scenario_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "the scenarios are beside this file");
    files
}

fn read(path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(
    clippy::print_stdout,
    reason = "shown on request: the table for the page about it"
)]
fn show(table: &str) {
    println!("{table}");
}
