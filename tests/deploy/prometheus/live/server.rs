//! Prometheus as a process of its own, with the repository's rules and a database that is thrown
//! away.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use url::form_urlencoded::Serializer;

use crate::deploy::checkout;
use crate::programs::{Program, Variables};
use crate::world::{free_address, http, patience};

const READY: Duration = Duration::from_mins(1);

/// A running Prometheus. Dropping it ends it.
pub(super) struct Prometheus {
    url: String,
    _program: Program,
    _directory: TempDir,
}

impl Prometheus {
    /// Starts it with these addresses to scrape, and waits until it is ready.
    pub(super) async fn start(binary: &str, targets: &[String]) -> Self {
        let directory = TempDir::with_prefix("cldsync-prometheus-").expect("a directory");
        let path = |name: &str| directory.path().join(name).display().to_string();
        // JSON is YAML.
        let configuration = configuration(targets).to_string();
        std::fs::write(path("prometheus.yml"), configuration).expect("the configuration");
        let address = free_address();
        let arguments = [
            format!("--config.file={}", path("prometheus.yml")),
            format!("--storage.tsdb.path={}", path("data")),
            format!("--web.listen-address={address}"),
            "--log.level=warn".to_owned(),
        ];
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut program = Program::start(Path::new(binary), &arguments, &Variables::new());
        let url = format!("http://{address}");
        let ready = format!("{url}/-/ready");
        patience::within(READY, "Prometheus is ready", async || {
            let ended = program.ended();
            assert!(ended.is_none(), "ended while it started: {ended:?}");
            http::is_ok(&ready).await.then_some(())
        })
        .await;
        Self {
            url,
            _program: program,
            _directory: directory,
        }
    }

    /// The series that a query returns now.
    pub(super) async fn query(&self, query: &str) -> Vec<Value> {
        list(self.get("query", &[("query", query)]).await, "result")
    }

    /// The series that a query returns between two times, in steps of a second.
    pub(super) async fn range(&self, query: &str, (from, to): (f64, f64)) -> Vec<Value> {
        let (from, to) = (from.to_string(), to.to_string());
        let fields = [
            ("query", query),
            ("start", &from),
            ("end", &to),
            ("step", "1"),
        ];
        list(self.get("query_range", &fields).await, "result")
    }

    /// What it makes of the rules.
    pub(super) async fn rules(&self) -> Vec<Value> {
        let groups = list(self.get("rules", &[]).await, "groups");
        groups
            .into_iter()
            .flat_map(|group| list(group, "rules"))
            .collect()
    }

    /// Its own time, in seconds since 1970.
    pub(super) async fn now(&self) -> f64 {
        let answer = self.get("query", &[("query", "time()")]).await;
        answer["result"][0].as_f64().expect("a time")
    }

    async fn get(&self, call: &str, fields: &[(&str, &str)]) -> Value {
        let fields = Serializer::new(String::new()).extend_pairs(fields).finish();
        let url = format!("{}/api/v1/{call}?{fields}", self.url);
        let mut answer = http::get_json(&url).await.unwrap_or_default();
        assert_eq!(answer["status"], "success", "{url}: {answer}");
        answer["data"].take()
    }
}

fn configuration(targets: &[String]) -> Value {
    let rules = checkout::path("deploy/prometheus/rules/*.yml");
    json!({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [rules.display().to_string()],
        "scrape_configs": [{"job_name": "cldsync", "static_configs": [{"targets": targets}]}],
    })
}

fn list(mut json: Value, name: &str) -> Vec<Value> {
    match json[name].take() {
        Value::Array(list) => list,
        other => panic!("{name} is no list but {other}"),
    }
}
