//! What happened in a run: printed, and written to a file where one is asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::equality::Equality;
use super::plan::Plan;
use super::worker_log::WorkerLog;
use crate::world::log_tail;

/// The counts of a run.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) chaos_seconds: u64,
    pub(super) operations: BTreeMap<&'static str, u64>,
    pub(super) kills: u64,
    pub(super) terms: u64,
    pub(super) faults: BTreeMap<&'static str, u64>,
    pub(super) network: BTreeMap<String, u64>,
    pub(super) looks: u64,
    pub(super) missed: BTreeSet<String>,
    pub(super) log: WorkerLog,
    pub(super) cloudinary_calls: Value,
    pub(super) aws_calls: Value,
    pub(super) dead_letters: u64,
    pub(super) seconds_to_calm: u64,
    pub(super) equality: Equality,
    /// What happened to each asset that differs.
    pub(super) stories: String,
}

impl Report {
    /// Prints the report, and writes it to the file that the plan names.
    pub(super) fn publish(&self, plan: &Plan) {
        let report = self.to_json(plan.seed);
        let text = serde_json::to_string_pretty(&report).expect("a report in JSON");
        log_tail::say(&format!("chaos report:\n{text}"));
        if let Some(file) = &plan.report {
            std::fs::write(file, text + "\n")
                .unwrap_or_else(|error| panic!("cannot write the report to {file}: {error}"));
        }
    }

    /// Fails if anything came out that must not.
    pub(super) fn assert_promises_kept(&self) {
        let differences = &self.equality.differences;
        assert!(
            differences.is_empty(),
            "Cloudinary does not equal S3: {differences:?}\n{}",
            self.stories
        );
        assert_eq!(self.dead_letters, 0, "no message was bad");
        assert!(
            self.missed.is_empty(),
            "assets were missing whose objects were always there: {:?}",
            self.missed
        );
        let disturbed = self.kills > 0 && self.terms > 0 && !self.faults.is_empty();
        assert!(disturbed, "a run without trouble proves nothing");
        assert!(
            self.log.tells_of_work(),
            "the workers' logs are not understood"
        );
    }

    fn to_json(&self, seed: u64) -> Value {
        json!({
            "seed": seed,
            "chaos_seconds": self.chaos_seconds,
            "operations": {"total": self.operations.values().sum::<u64>(), "by_kind": self.operations},
            "workers": {"kills": self.kills, "terms": self.terms},
            "fault_bursts": {"total": self.faults.values().sum::<u64>(), "by_kind": self.faults},
            "network": self.network,
            "work": self.log.summary(),
            "cloudinary_calls": self.cloudinary_calls,
            "aws_calls": self.aws_calls,
            "looks_for_steady_assets": self.looks,
            "steady_assets_missed": self.missed,
            "dead_letters": self.dead_letters,
            "seconds_to_calm": self.seconds_to_calm,
            "objects": self.equality.objects,
            "assets": self.equality.assets,
            "differences": self.equality.differences,
            "equal": self.equality.differences.is_empty(),
        })
    }
}
