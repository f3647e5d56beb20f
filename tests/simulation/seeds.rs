//! Which seeds are run, on how many threads, and how a failure is told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::run::Report;

/// What a change must pass.
const CI_SEEDS: u64 = 2_000;
const FEW_SEEDS: u64 = 50;

/// A range of seeds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seeds {
    start: u64,
    count: u64,
}

impl Seeds {
    /// Those that the environment names, or those of CI.
    pub(crate) fn asked_for() -> Self {
        if let Some(start) = number("CLDSYNC_SIM_SEED") {
            return Self { start, count: 1 };
        }
        Self {
            start: number("CLDSYNC_SIM_SEED_START").unwrap_or(0),
            count: number("CLDSYNC_SIM_SEEDS").unwrap_or(CI_SEEDS),
        }
    }

    pub(crate) fn of_ci() -> Self {
        Self {
            start: 0,
            count: CI_SEEDS,
        }
    }

    pub(crate) fn few() -> std::ops::Range<u64> {
        0..FEW_SEEDS
    }

    /// The seed, if it is only one.
    pub(crate) fn single(self) -> Option<u64> {
        (self.count == 1).then_some(self.start)
    }

    /// The lowest seed, or nearly, for which `is_wanted` holds. Each run has a thread to itself.
    pub(crate) fn first(self, is_wanted: impl Fn(u64) -> bool + Sync) -> Option<u64> {
        let next = AtomicU64::new(self.start);
        let found = AtomicU64::new(u64::MAX);
        let end = self.start + self.count;
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= end || found.load(Ordering::Relaxed) < seed {
                    return;
                }
                if is_wanted(seed) {
                    found.fetch_min(seed, Ordering::Relaxed);
                }
            }
        };
        let threads = thread::available_parallelism().map_or(1, Into::into);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
        Some(found.into_inner()).filter(|seed| *seed < end)
    }
}

/// The run, for people.
#[expect(
    clippy::print_stderr,
    reason = "shown with a failure, or when one seed was asked for"
)]
pub(crate) fn print(seed: u64, report: &Report) {
    eprintln!("seed {seed}, hash {:016x}", report.hash);
    for line in &report.lines {
        eprintln!("{line}");
    }
    if let Some(violation) = &report.violation {
        eprintln!("broken: {violation}");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration to read it from"
)]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} must be a number, not `{text}`")))
}
