//! A real Prometheus that scrapes two real workers, while they have all kinds of work.
//!
//! It takes in the repository's rules, and at the end every recorded series must be there and every
//! query of the dashboard must answer with series: none may be misspelt, or ask for what nobody
//! exports. The same run gives the picture in the README: `cargo xtask plot dashboard` makes it
//! longer, and has what the dashboard's own queries return written into a file.

mod picture;
mod server;
mod stage;
mod story;

use std::collections::BTreeSet;
use std::io::{Seek, Write};
use std::time::Duration;

use self::picture::Picture;
use self::server::Prometheus;
use self::stage::Stage;
use self::story::Story;
use super::rules::{alerts, recorded};
use super::run_promtool;
use crate::deploy::grafana::dashboard::Dashboard;
use crate::programs::Binaries;
use crate::world::{environment, patience};

/// As long as a rate needs here, where Prometheus scrapes every second.
const RATE_WINDOW: &str = "15s";
/// Generous: it is only used up by a failure.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_answers_every_rule_and_every_query_of_the_dashboard() {
    let suite = "queries to a real Prometheus";
    let Some(binaries) = Binaries::find(suite) else {
        return;
    };
    let Some(prometheus) = environment::needed("CLDSYNC_TEST_PROMETHEUS", suite) else {
        return;
    };
    let picture = Picture::wanted();
    let stage = Stage::set(&binaries).await;
    let prometheus = Prometheus::start(&prometheus, &stage.targets()).await;
    let story = Story::new(&stage, picture.is_some());
    let started = prometheus.now().await;

    // Whoever works on to the end keeps the rates from falling to nothing.
    tokio::select! {
        () = story.tell() => unreachable!("it has no end"),
        () = async {
            story.is_told().await;
            if let Some(picture) = &picture {
                picture.draw(&prometheus, started).await;
            }
            assert_rules_work(&prometheus).await;
            assert_dashboard_answers(&prometheus).await;
        } => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_finds_nothing_wrong_with_the_metrics_of_a_worker() {
    let suite = "promtool on the metrics of a worker";
    let Some(binaries) = Binaries::find(suite) else {
        return;
    };
    let stage = Stage::set(&binaries).await;
    let page = stage.metrics().await;
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(page.as_bytes()).expect("it is written");
    file.rewind().expect("it is read from the start");
    run_promtool(suite, |promtool| {
        promtool.args(["check", "metrics"]).stdin(file)
    });
}

/// Every rule is evaluated without an error, and everything that is recorded is there.
async fn assert_rules_work(prometheus: &Prometheus) {
    let recorded = recorded();
    assert_all_answer(prometheus, recorded.iter().cloned().collect()).await;
    let rules = prometheus.rules().await;
    let named: BTreeSet<_> = rules
        .iter()
        .filter_map(|rule| rule["name"].as_str())
        .collect();
    let alerts = alerts();
    let written = recorded.union(&alerts).map(String::as_str).collect();
    assert_eq!(named, written);
    for rule in &rules {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
}

async fn assert_dashboard_answers(prometheus: &Prometheus) {
    let queries = Dashboard::read().queries();
    let queries = queries
        .iter()
        .map(|query| query.for_everything(RATE_WINDOW));
    assert_all_answer(prometheus, queries.collect()).await;
}

/// Waits until each query has returned series.
async fn assert_all_answer(prometheus: &Prometheus, mut queries: Vec<String>) {
    patience::ask_until(PATIENCE, async || {
        let mut silent = Vec::new();
        for query in queries.drain(..) {
            if prometheus.query(&query).await.is_empty() {
                silent.push(query);
            }
        }
        queries = silent;
        queries.is_empty().then_some(())
    })
    .await;
    assert!(queries.is_empty(), "no series: {queries:#?}");
}
