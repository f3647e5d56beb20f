//! Names of series in queries, held against the catalogue of metrics and the recorded rules.

use std::collections::BTreeSet;

use telemetry::metrics::Kind;
use telemetry::metrics::catalogue::catalogue;

use super::rules::recorded;

/// Names in a query that look like ours, or like those of every process, and that nobody exports or
/// records.
pub(crate) fn unknown(queries: &str) -> BTreeSet<String> {
    let known = known();
    let words = queries.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
    words
        .filter(|word| is_series(word) && !known.contains(*word))
        .map(str::to_owned)
        .collect()
}

fn is_series(word: &str) -> bool {
    let is_recorded = word.contains(":cldsync_");
    is_recorded || word.starts_with("cldsync_") || word.starts_with("process_")
}

fn known() -> BTreeSet<String> {
    let mut known = recorded();
    for spec in catalogue() {
        match spec.kind {
            Kind::Histogram(_) => {
                known
                    .extend(["bucket", "sum", "count"].map(|part| format!("{}_{part}", spec.name)));
            }
            Kind::Counter | Kind::Gauge => {
                known.insert(spec.name.to_owned());
            }
        }
    }
    known
}

#[test]
fn a_renamed_metric_is_noticed() {
    let query = "sum(rate(cldsync_receives_total[5m])) / job:cldsync_workers:count
        + cldsync_receive_total + job:cldsync_nothing:sum + cldsync_event_convergence_seconds";
    let unknown = unknown(query);
    let expected = [
        "cldsync_event_convergence_seconds",
        "cldsync_receive_total",
        "job:cldsync_nothing:sum",
    ];
    assert_eq!(unknown, expected.map(str::to_owned).into());
}
