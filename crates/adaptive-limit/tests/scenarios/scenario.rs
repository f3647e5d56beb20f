//! One scenario, as its file says it: the fleet, the account, the calls, what changes when, and the
//! ranges that the result has to stay in.

use std::num::NonZeroUsize;
use std::time::Duration;

use adaptive_limit::{Settings, Start};
use serde::Deserialize;

/// What a file beside this one holds.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum File {
    Calls(Scenario),
    Quota(QuotaScenario),
}

/// A fleet in front of an account that takes so many calls at once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Length of the run.
    pub(crate) seconds: u32,
    /// Left out of the measures, except of the recovery.
    pub(crate) warm_up: u32,
    /// Runs, each with another seed.
    pub(crate) seeds: u64,
    pub(crate) fleet: Fleet,
    pub(crate) account: Account,
    /// Kinds of calls; a worker always has one more to make.
    pub(crate) calls: Vec<CallKind>,
    #[serde(default)]
    pub(crate) changes: Vec<Change>,
    pub(crate) expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fleet {
    pub(crate) workers: usize,
    /// Workers know the account's size and each other's number.
    #[serde(default)]
    pub(crate) size_is_known: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    /// Calls at once; the rest is refused at the door.
    pub(crate) slots: usize,
    /// From a worker to the account and back.
    pub(crate) round_trip_ms: u64,
    /// Share of the calls that is refused although there is room.
    #[serde(default)]
    pub(crate) stray: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallKind {
    /// Weight among the kinds.
    pub(crate) share: f64,
    /// Mean of a lognormal distribution.
    pub(crate) seconds: f64,
    pub(crate) sigma: f64,
}

/// At a moment, the account or the fleet gets another size.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    pub(crate) at: u32,
    pub(crate) slots: Option<usize>,
    pub(crate) workers: Option<usize>,
}

/// Ranges, both ends included. Shares are of one, not of a hundred.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// Of the account's slots, over time. The mean of the runs.
    pub(crate) goodput: [f64; 2],
    /// Calls refused, of all calls. The mean of the runs.
    pub(crate) refused: [f64; 2],
    /// Calls in flight of the whole fleet, over time. The mean of the runs.
    pub(crate) in_flight: [f64; 2],
    /// Seconds from the last change to 95 % of the slots: the median of the runs.
    pub(crate) recovery: Option<[f64; 2]>,
    /// The same: the slowest run.
    pub(crate) recovery_slowest: Option<[f64; 2]>,
}

/// A fleet with more optional calls to make than an hourly quota allows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaScenario {
    pub(crate) seconds: u32,
    pub(crate) seeds: u64,
    pub(crate) workers: usize,
    /// Calls of the account in an hour.
    pub(crate) hourly: u32,
    /// Calls an hour by somebody else.
    pub(crate) others_per_hour: f64,
    /// Calls an hour of the fleet that cannot wait.
    pub(crate) essential_per_hour: f64,
    pub(crate) expect: QuotaExpect,
}

/// Ranges, as in [`Expect`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaExpect {
    /// Of the quota, reserve included.
    pub(crate) used: [f64; 2],
    /// Optional calls refused, of all optional calls.
    pub(crate) refused: [f64; 2],
    /// The same for essential calls, those that a worker did not even send included.
    pub(crate) essential_refused: [f64; 2],
}

impl Scenario {
    pub(crate) fn settings(&self) -> Settings {
        let count = |n| NonZeroUsize::new(n).unwrap();
        let mut settings = Settings::new(count(10), count(50));
        if self.fleet.size_is_known {
            settings.start = Start::Share {
                account: count(self.account.slots),
                workers: count(self.fleet.workers),
            };
        }
        settings
    }

    pub(crate) fn one_way(&self) -> Duration {
        Duration::from_millis(self.account.round_trip_ms) / 2
    }
}
