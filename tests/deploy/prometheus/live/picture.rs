//! What the dashboard shows of a run, as data for `cargo xtask plot`.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::server::Prometheus;
use crate::deploy::grafana::dashboard::{Dashboard, Query};

/// Panels that tell the story, from the dashboard as it is.
const PANELS: [&str; 6] = [
    "From event to proof",
    "Messages in the queue",
    "Messages per second",
    "Calls in flight",
    "Share of refused calls",
    "Memory",
];
const RATE_WINDOW: &str = "10s";

/// A file that somebody has asked for.
pub(super) struct Picture(PathBuf);

impl Picture {
    /// `cargo xtask plot dashboard` asks for one.
    pub(super) fn wanted() -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the variable of `cargo xtask plot dashboard` is read here and nowhere else"
        )]
        let path = std::env::var("CLDSYNC_DASHBOARD_DATA").ok()?;
        Some(Self(PathBuf::from(path)))
    }

    /// Writes what the panels show from a time until now.
    pub(super) async fn draw(&self, prometheus: &Prometheus, from: f64) {
        let time = (from, prometheus.now().await);
        let dashboard = Dashboard::read();
        let mut charts = Vec::new();
        for title in PANELS {
            let (unit, queries) = dashboard.panel(title);
            let (unit, factor) = for_people(&unit);
            let mut lines = Vec::new();
            for query in queries {
                let text = query.for_everything(RATE_WINDOW);
                let found = prometheus.range(&text, time).await;
                lines.extend(
                    found
                        .iter()
                        .map(|series| line(&query, series, from, factor)),
                );
            }
            charts.push(json!({"title": title, "unit": unit, "series": lines}));
        }
        let figure =
            json!({"title": "Calm, too much at once, calm, an outage, calm", "charts": charts});
        fs::write(&self.0, figure.to_string()).expect("the data are written");
    }
}

/// A unit as Grafana names it in words, and what values have to be multiplied with for it.
fn for_people(unit: &str) -> (&str, f64) {
    match unit {
        "s" => ("seconds", 1.0),
        "percentunit" => ("%", 100.0),
        "bytes" => ("MiB", 1.0 / (1024.0 * 1024.0)),
        "mps" => ("messages/s", 1.0),
        "short" => ("", 1.0),
        other => panic!("the picture has no words for the unit {other}"),
    }
}

fn line(query: &Query, series: &Value, from: f64, factor: f64) -> Value {
    let points = series["values"].as_array().into_iter().flatten();
    let points = points.filter_map(|point| at(point, from));
    let points: Vec<_> = points.map(|(at, value)| (at, value * factor)).collect();
    json!({"name": legend(query, &series["metric"]), "points": points})
}

/// Seconds since the start, and the value; nothing where there was no value.
fn at(point: &Value, from: f64) -> Option<(f64, f64)> {
    let value: f64 = point[1].as_str()?.parse().ok()?;
    value
        .is_finite()
        .then_some((point[0].as_f64()? - from, value))
}

/// The legend as Grafana would write it.
fn legend(query: &Query, labels: &Value) -> String {
    let mut legend = query.legend.clone();
    for (name, value) in labels.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        legend = legend.replace(&format!("{{{{{name}}}}}"), value);
    }
    legend
}
