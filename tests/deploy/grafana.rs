//! `deploy/grafana`: the dashboard, held against Grafana's published types and our own rules.
//!
//! Grafana itself is not run. Whether the queries answer is shown by the real Prometheus of
//! [`super::prometheus`].

pub(super) mod dashboard;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use self::dashboard::{Dashboard, GridPos};
use super::checkout;
use super::prometheus::names;
use crate::world::environment;

#[test]
fn the_dashboard_is_what_grafanas_published_types_ask_for() {
    let suite = "the dashboard against Grafana's types";
    let Some(modules) = environment::needed("CLDSYNC_TEST_DEPLOY_NODE_MODULES", suite) else {
        return;
    };
    let errors = |text: &str| type_errors(&modules, text);
    let dashboard = Dashboard::text();
    assert_eq!(errors(&dashboard), "");
    // A check that passes everything would prove nothing.
    for (good, bad) in [
        (r#""refresh": "30s""#, r#""refresh": 30"#),
        (r#""mode": "absolute""#, r#""mode": "relative""#),
        (r#""gridPos": {"#, r#""position": {"#),
    ] {
        let broken = dashboard.replacen(good, bad, 1);
        assert_ne!(errors(&broken), "", "{bad} is accepted");
    }
}

#[test]
fn every_panel_has_an_id_of_its_own() {
    let mut ids = BTreeSet::new();
    for panel in Dashboard::read().panels {
        let id = panel["id"].as_u64().expect("an id");
        assert!(ids.insert(id), "two panels have the id {id}");
    }
}

#[test]
fn panels_do_not_overlap_and_stay_on_the_grid() {
    let panels = Dashboard::read().panels;
    let places: Vec<_> = panels.iter().map(GridPos::of).collect();
    for (number, place) in places.iter().enumerate() {
        assert!(place.fits(), "{place:?} leaves the grid");
        for other in &places[..number] {
            assert!(!place.overlaps(other), "{place:?} overlaps {other:?}");
        }
    }
}

#[test]
fn every_panel_says_what_it_shows_in_which_unit_and_from_where() {
    for panel in Dashboard::read().graphs() {
        let title = panel["title"].as_str().unwrap_or_default();
        let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
        assert!(!title.is_empty(), "panel {} has no title", panel["id"]);
        assert!(is_text(&panel["description"]), "{title}: no description");
        let unit = &panel["fieldConfig"]["defaults"]["unit"];
        assert!(is_text(unit), "{title}: no unit");
        let targets = panel["targets"].as_array().expect("targets");
        assert!(!targets.is_empty(), "{title}: no query");
        for source in targets.iter().chain([panel]) {
            let uid = &source["datasource"]["uid"];
            assert_eq!(uid, "${datasource}", "{title}");
        }
    }
}

#[test]
fn every_query_keeps_to_the_chosen_job_and_to_metrics_that_exist() {
    for query in Dashboard::read().queries() {
        let text = &query.text;
        let unknown = names::unknown(text);
        assert!(unknown.is_empty(), "{}: {unknown:?}", query.panel);
        let is_about_alerts = text.contains("ALERTS{");
        assert!(text.contains(r#"job=~"$job""#) || is_about_alerts, "{text}");
    }
}

#[test]
fn one_can_choose_source_job_and_worker() {
    let dashboard = Dashboard::read();
    let names: Vec<_> = dashboard.variables().collect();
    assert_eq!(names, ["datasource", "job", "instance"]);
}

#[test]
fn provisioning_finds_what_compose_runs_and_mounts() {
    let yaml = |path: &str| checkout::documents(&checkout::read(path)).remove(0);
    let compose = yaml("docker-compose.yml");
    let sources = yaml("deploy/grafana/provisioning/datasources/prometheus.yml");
    let url = sources["datasources"][0]["url"].as_str().expect("a URL");
    let url = url::Url::parse(url).expect("a URL");
    let service = &compose["services"][url.host_str().expect("a host")];
    let image = service["image"].as_str().expect("a service of that name");
    assert!(image.starts_with("prom/prometheus:"), "{image}");

    let dashboards = yaml("deploy/grafana/provisioning/dashboards/cldsync.yml");
    let path = dashboards["providers"][0]["options"]["path"].as_str();
    let mount = format!("./deploy/grafana/dashboards:{}:ro", path.expect("a path"));
    let mounts = compose["services"]["grafana"]["volumes"].as_array();
    assert!(mounts.expect("volumes").contains(&Value::from(mount)));
}

/// What TypeScript has to say about a dashboard.
fn type_errors(modules: &str, dashboard: &str) -> String {
    let directory = TempDir::with_prefix("cldsync-grafana-").expect("a temporary directory");
    let path = |name: &str| directory.path().join(name);
    std::os::unix::fs::symlink(modules, path("node_modules")).expect("a link to the modules");
    let schema = checkout::read("tests/deploy/grafana/schema.ts");
    fs::write(path("schema.ts"), schema).expect("the types are written");
    let import = "import type { DashboardJson } from \"./schema.js\";";
    let typed = format!("{import}\nexport const dashboard: DashboardJson = {dashboard};\n");
    fs::write(path("dashboard.ts"), typed).expect("the dashboard is written");
    let output = Command::new("node")
        .arg(path("node_modules/typescript/bin/tsc"))
        .args([
            "--noEmit",
            "--skipLibCheck",
            "--strict",
            "--module",
            "nodenext",
        ])
        .arg("dashboard.ts")
        .current_dir(directory.path())
        .output()
        .expect("node runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.success(), printed.is_empty(), "{output:?}");
    printed
}
