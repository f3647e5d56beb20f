//! What stands in the rule files and their tests, read line by line: names only.
//!
//! promtool reads them as YAML; what it accepts has one `alert:`, `record:` and `alertname:` to a
//! line.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::folder;

/// Every file of a folder of `deploy/prometheus`, sorted.
pub(super) fn files(name: &str) -> Vec<PathBuf> {
    let entries = folder().join(name).read_dir().expect("the folder is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{name} holds no YAML");
    files
}

/// Their paths and texts.
pub(super) fn sources(name: &str) -> Vec<(String, String)> {
    let files = files(name).into_iter();
    files
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a rule file");
            (path.display().to_string(), text)
        })
        .collect()
}

/// The names of all alerts.
pub(super) fn alerts() -> BTreeSet<String> {
    declared("- alert: ")
}

/// The names of all recorded series.
pub(super) fn recorded() -> BTreeSet<String> {
    declared("- record: ")
}

/// The text without lines that are comments.
pub(super) fn without_comments(text: &str) -> String {
    let lines = text.lines();
    lines
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| [line, "\n"])
        .collect()
}

fn declared(key: &str) -> BTreeSet<String> {
    let sources = sources("rules");
    let lines = sources.iter().flat_map(|(_, text)| text.lines());
    lines
        .filter_map(|line| line.trim_start().strip_prefix(key))
        .map(str::to_owned)
        .collect()
}

/// Which alerts are expected to fire, and which are expected not to.
#[derive(Default)]
pub(super) struct AlertTests {
    pub(super) fires: BTreeSet<String>,
    pub(super) silent: BTreeSet<String>,
}

impl AlertTests {
    /// Adds what one file of tests expects.
    pub(super) fn read(&mut self, text: &str) {
        let mut alert = String::new();
        for line in text.lines().map(str::trim_start) {
            if let Some(name) = line.strip_prefix("- alertname: ") {
                name.clone_into(&mut alert);
            } else if let Some(expected) = line.strip_prefix("exp_alerts:") {
                let is_silent = expected.trim() == "[]";
                let names = if is_silent {
                    &mut self.silent
                } else {
                    &mut self.fires
                };
                names.insert(alert.clone());
            }
        }
    }
}

#[test]
fn alert_tests_are_told_apart_by_what_they_expect() {
    let mut tests = AlertTests::default();
    tests.read(
        "- alertname: A\n  exp_alerts: []\n- alertname: B\n  exp_alerts:\n    - exp_labels:\n",
    );
    assert!(tests.silent.contains("A") && !tests.silent.contains("B"));
    assert!(tests.fires.contains("B") && !tests.fires.contains("A"));
}
