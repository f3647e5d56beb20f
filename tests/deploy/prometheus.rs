//! `deploy/prometheus`: checked by promtool, and run by a real Prometheus.
//!
//! What can be wrong without either noticing is checked here: an alert without a test, a runbook
//! without an alert, a metric that nobody exports. `live` has the real Prometheus, which answers
//! the dashboard's queries too.

mod live;
pub(super) mod names;
mod rules;

use std::path::PathBuf;
use std::process::Command;

use self::rules::{AlertTests, alerts, sources};
use super::checkout;
use super::grafana::dashboard::Dashboard;
use crate::world::environment;

#[test]
fn promtool_accepts_the_configuration() {
    run_promtool("the Prometheus configuration", |promtool| {
        promtool.args(["check", "config", "prometheus.yml"])
    });
}

#[test]
fn promtool_sees_every_alert_fire_when_it_should_and_not_otherwise() {
    run_promtool("the tests of Prometheus alerts", |promtool| {
        let tests = rules::files("tests");
        promtool.args(["test", "rules"]).args(tests)
    });
}

#[test]
fn every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() {
    let mut tests = AlertTests::default();
    for (_, text) in sources("tests") {
        tests.read(&text);
    }
    let alerts = alerts();
    for alert in &alerts {
        assert!(tests.fires.contains(alert), "{alert} never fires in a test");
        assert!(
            tests.silent.contains(alert),
            "{alert} is never silent in a test"
        );
    }
    for tested in tests.fires.union(&tests.silent) {
        assert!(
            alerts.contains(tested),
            "{tested} is tested but is no alert"
        );
    }
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let sections: Vec<_> = runbooks()
        .iter()
        .filter_map(|runbook| runbook.lines().next().map(str::to_owned))
        .collect();
    let rules: String = sources("rules").into_iter().map(|(_, text)| text).collect();
    for alert in alerts() {
        assert!(sections.contains(&alert), "{alert} has no section");
        let link = format!("docs/operations.md#{}\n", alert.to_lowercase());
        assert!(
            rules.contains(&link),
            "{alert} does not link to its section"
        );
    }
    assert_eq!(sections.len(), alerts().len(), "{sections:?}");
}

#[test]
fn every_runbook_says_what_it_means_what_to_look_at_and_when_to_stop() {
    for runbook in runbooks() {
        let name = runbook.lines().next().unwrap_or_default();
        for part in ["Means", "Users notice", "Look at", "Do", "Stop worrying"] {
            let opens = format!("\n**{part}**");
            assert!(runbook.contains(&opens), "{name} lacks `{part}`");
        }
    }
}

#[test]
fn every_panel_that_a_runbook_names_is_on_the_dashboard() {
    let dashboard = Dashboard::read();
    let titles = dashboard.titles();
    for runbook in runbooks() {
        let plain = runbook.replace("**", "");
        let named = plain.split('*').skip(1).step_by(2);
        for panel in named {
            assert!(titles.contains(&panel), "no panel `{panel}`");
        }
    }
}

#[test]
fn every_metric_in_a_rule_is_exported_or_recorded() {
    for (file, text) in sources("rules") {
        let unknown = names::unknown(&rules::without_comments(&text));
        assert!(unknown.is_empty(), "{file} uses {unknown:?}");
    }
}

/// The sections about alerts, each from its heading to the next.
fn runbooks() -> Vec<String> {
    let page = checkout::read("docs/operations.md");
    let sections = page.split("\n## ").flat_map(|part| part.split("\n### "));
    sections
        .filter(|section| section.starts_with("Cldsync"))
        .map(str::to_owned)
        .collect()
}

fn folder() -> PathBuf {
    checkout::path("deploy/prometheus")
}

/// Runs promtool in the folder; it must find nothing wrong.
fn run_promtool(suite: &str, arguments: impl FnOnce(&mut Command) -> &mut Command) {
    let Some(promtool) = environment::needed("CLDSYNC_TEST_PROMTOOL", suite) else {
        return;
    };
    let mut command = Command::new(promtool);
    let output = arguments(command.current_dir(folder())).output();
    let output = output.expect("promtool runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let printed = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{printed}");
}
