//! An hourly quota on simulated time, second by second: workers with optional work without end, a
//! few calls that cannot wait, and somebody else who uses the same account.

use std::time::Duration;

use adaptive_limit::quota::{Need, Quota, QuotaSettings, Reading};

use crate::measure::violation;
use crate::scenario::QuotaScenario;
use crate::simulation::seconds;

const HOUR: u32 = 3600;

/// The account, as the service counts it.
struct Account {
    hourly: u32,
    remaining: u32,
    used: u32,
}

/// Calls of one kind.
#[derive(Default)]
struct Tally {
    made: f64,
    refused: f64,
}

/// Runs a scenario with all its seeds: its row of the table, and what is not in its range.
pub(crate) fn check(name: &str, scenario: &QuotaScenario) -> (String, Vec<String>) {
    let (mut used, mut optional, mut essential) = (0.0, Tally::default(), Tally::default());
    for seed in 1..=scenario.seeds {
        used += run(scenario, seed, &mut optional, &mut essential);
    }
    used /= f64::from(u32::try_from(scenario.seeds).unwrap());
    let expect = &scenario.expect;
    let refused = optional.share();
    let violations = [
        violation(name, "used", used, expect.used),
        violation(name, "refused", refused, expect.refused),
        violation(
            name,
            "essential_refused",
            essential.share(),
            expect.essential_refused,
        ),
    ];
    let row = format!(
        "| {name} | {:.1} % | {:.1} % | – | – |",
        used * 100.0,
        refused * 100.0
    );
    (row, violations.into_iter().flatten().collect())
}

/// One run. Returns the share of the quota that was used, by everybody.
fn run(scenario: &QuotaScenario, seed: u64, optional: &mut Tally, essential: &mut Tally) -> f64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let new = |_| Quota::new(QuotaSettings::default());
    let mut workers: Vec<_> = (0..scenario.workers).map(new).collect();
    let mut account = Account {
        hourly: scenario.hourly,
        remaining: scenario.hourly,
        used: 0,
    };
    for second in 0..scenario.seconds {
        if second % HOUR == 0 {
            account.remaining = account.hourly;
        }
        if random.f64() < per_second(scenario.others_per_hour) {
            account.take();
        }
        if random.f64() < per_second(scenario.essential_per_hour) {
            let worker = &mut workers[random.usize(..scenario.workers)];
            let sent = call(worker, Need::Essential, &mut account, second, &mut random);
            essential.count(sent == Some(true));
        }
        for worker in &mut workers {
            while let Some(answered) =
                call(worker, Need::Optional, &mut account, second, &mut random)
            {
                optional.count(answered);
            }
        }
    }
    let hours = scenario.seconds / HOUR;
    f64::from(account.used) / f64::from(scenario.hourly * hours)
}

/// One call, if it may start: whether it was answered or refused.
fn call(
    worker: &mut Quota,
    need: Need,
    account: &mut Account,
    second: u32,
    random: &mut fastrand::Rng,
) -> Option<bool> {
    let now = seconds(second);
    worker.start(need, now, random.f64()).ok()?;
    let answered = account.take();
    let reset = seconds((second / HOUR + 1) * HOUR);
    let remaining = account.remaining;
    worker.read(Reading { remaining, reset }, now + Duration::from_millis(1));
    Some(answered)
}

impl Account {
    fn take(&mut self) -> bool {
        let left = self.remaining.checked_sub(1);
        self.used += u32::from(left.is_some());
        self.remaining = left.unwrap_or(0);
        left.is_some()
    }
}

impl Tally {
    fn count(&mut self, answered: bool) {
        self.made += 1.0;
        self.refused += f64::from(u8::from(!answered));
    }

    fn share(&self) -> f64 {
        self.refused / self.made.max(1.0)
    }
}

fn per_second(per_hour: f64) -> f64 {
    per_hour / f64::from(HOUR)
}
