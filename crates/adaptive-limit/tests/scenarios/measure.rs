//! What is measured of a run, and how the runs of a scenario are held against its ranges.

use std::time::Duration;

use crate::scenario::{Expect, Scenario};
use crate::simulation::seconds;

/// The account counts as recovered when this share of its slots has been busy for `RECOVERED_FOR`.
const RECOVERED: f64 = 0.95;
const RECOVERED_FOR: Duration = Duration::from_secs(5);

/// Adds up while the run goes on.
pub(crate) struct Measure {
    from: Duration,
    last: Duration,
    total: Areas,
    answered: u32,
    refused: u32,
    /// Since the last change: slots busy and slots there, second by second.
    seconds: Vec<Areas>,
    changed: Option<Duration>,
}

/// Slots and calls, times seconds.
#[derive(Debug, Default, Clone, Copy)]
struct Areas {
    busy: f64,
    slots: f64,
    in_flight: f64,
    time: f64,
}

/// One run.
pub(crate) struct Run {
    goodput: f64,
    refused: f64,
    in_flight: f64,
    recovery: Option<f64>,
}

impl Measure {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self {
            from: seconds(scenario.warm_up),
            last: Duration::ZERO,
            total: Areas::default(),
            answered: 0,
            refused: 0,
            seconds: Vec::new(),
            changed: scenario.changes.last().map(|change| seconds(change.at)),
        }
    }

    /// Nothing has changed since the last call, up to `now`.
    pub(crate) fn until(&mut self, now: Duration, busy: usize, slots: usize, in_flight: usize) {
        while self.last < now {
            let next_second = seconds(whole(self.last)) + Duration::from_secs(1);
            let end = next_second.min(now);
            let area = Areas::of(end.saturating_sub(self.last), busy, slots, in_flight);
            if self.last >= self.from {
                self.total.add(area);
            }
            if let Some(since) = self
                .changed
                .and_then(|moment| self.last.checked_sub(moment))
            {
                let second = whole(since) as usize;
                self.seconds.resize(second + 1, Areas::default());
                self.seconds[second].add(area);
            }
            self.last = end;
        }
    }

    pub(crate) fn ended(&mut self, now: Duration, let_in: bool) {
        if now >= self.from {
            self.answered += u32::from(let_in);
            self.refused += u32::from(!let_in);
        }
    }

    pub(crate) fn finish(self) -> Run {
        let calls = f64::from((self.answered + self.refused).max(1));
        Run {
            goodput: self.total.goodput(),
            refused: f64::from(self.refused) / calls,
            in_flight: self.total.in_flight / self.total.time,
            recovery: self.changed.map(|_| self.recovery()),
        }
    }

    /// Seconds from the last change until the account is full; infinite: not within the run.
    fn recovery(&self) -> f64 {
        let length = whole(RECOVERED_FOR) as usize;
        let full = self.seconds.windows(length).position(|seconds| {
            let mut sum = Areas::default();
            for second in seconds {
                sum.add(*second);
            }
            sum.goodput() >= RECOVERED
        });
        full.map_or(f64::INFINITY, |at| {
            f64::from(u32::try_from(at + length).unwrap())
        })
    }
}

impl Areas {
    fn of(time: Duration, busy: usize, slots: usize, in_flight: usize) -> Self {
        let time = time.as_secs_f64();
        let area = |count: usize| f64::from(u32::try_from(count).unwrap()) * time;
        Self {
            busy: area(busy),
            slots: area(slots),
            in_flight: area(in_flight),
            time,
        }
    }

    fn add(&mut self, other: Self) {
        self.busy += other.busy;
        self.slots += other.slots;
        self.in_flight += other.in_flight;
        self.time += other.time;
    }

    fn goodput(&self) -> f64 {
        if self.slots > 0.0 {
            self.busy / self.slots
        } else {
            0.0
        }
    }
}

/// All runs of one scenario.
pub(crate) struct Summary {
    goodput: f64,
    refused: f64,
    in_flight: f64,
    recovery: Option<(f64, f64)>,
}

impl Summary {
    pub(crate) const HEADER: &str = "\
        | scenario | goodput | refused | in flight | recovery, median (slowest) |\n\
        |---|---|---|---|---|";

    pub(crate) fn of(runs: &[Run]) -> Self {
        let count = f64::from(u32::try_from(runs.len()).unwrap());
        let mean = |value: fn(&Run) -> f64| runs.iter().map(value).sum::<f64>() / count;
        let mut recoveries: Vec<_> = runs.iter().filter_map(|run| run.recovery).collect();
        recoveries.sort_by(f64::total_cmp);
        Self {
            goodput: mean(|run| run.goodput),
            refused: mean(|run| run.refused),
            in_flight: mean(|run| run.in_flight),
            recovery: recoveries
                .last()
                .map(|slowest| (recoveries[recoveries.len() / 2], *slowest)),
        }
    }

    pub(crate) fn row(&self, name: &str) -> String {
        let recovery = self.recovery.map_or("–".to_owned(), |(median, slowest)| {
            format!("{median:.0} s ({slowest:.0} s)")
        });
        format!(
            "| {name} | {:.1} % | {:.1} % | {:.1} | {recovery} |",
            self.goodput * 100.0,
            self.refused * 100.0,
            self.in_flight
        )
    }

    pub(crate) fn violations(&self, name: &str, expect: &Expect) -> Vec<String> {
        let (median, slowest) = self.recovery.unzip();
        let checks = [
            ("goodput", Some(self.goodput), Some(expect.goodput)),
            ("refused", Some(self.refused), Some(expect.refused)),
            ("in_flight", Some(self.in_flight), Some(expect.in_flight)),
            ("recovery", median, expect.recovery),
            ("recovery_slowest", slowest, expect.recovery_slowest),
        ];
        checks
            .into_iter()
            .filter_map(|(what, value, range)| violation(name, what, value?, range?))
            .collect()
    }
}

/// What to say if a value is not in its range.
pub(crate) fn violation(name: &str, what: &str, value: f64, range: [f64; 2]) -> Option<String> {
    let inside = (range[0]..=range[1]).contains(&value);
    (!inside).then(|| format!("{name}: {what} is {value:.3}, not in {range:?}"))
}

fn whole(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap()
}
