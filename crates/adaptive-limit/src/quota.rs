//! A quota that a whole account shares until it is filled up again: Cloudinary's hourly limit of
//! Admin calls (`X-FeatureRateLimit-Remaining` and `-Reset` on every answer).
//!
//! Every answer tells every worker how fast all of them together use the quota up. Each brings its
//! own pace closer to what would make the quota last, so that nobody needs to know how many they
//! are. A reserve is kept for calls that cannot wait. Pure, as the rest of this crate.

use std::time::Duration;

/// The use of the account is measured over at least this time.
const MEASURED_OVER: Duration = Duration::from_secs(10);
/// One measurement changes a worker's pace by no more than this, down and up.
const STEP: (f64, f64) = (0.5, 1.25);
/// A worker starts with this part of what the account could bear: it is hardly ever alone.
const FIRST_SHARE: f64 = 0.25;
/// A pace this much slower than the account's still notices when the others have gone.
const LEAST_SHARE: f64 = 0.001;
/// Workers that waited for the quota to be filled come back spread over this time.
const SPREAD: Duration = Duration::from_secs(30);

/// How a quota is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaSettings {
    /// Calls of the account that optional calls leave alone. Smaller: more optional work gets done.
    /// Larger: more is left for calls that cannot wait, and for people.
    pub reserve: u32,
    /// Calls that a worker may make at once after a pause.
    pub burst: u16,
}

impl Default for QuotaSettings {
    fn default() -> Self {
        Self {
            reserve: 50,
            burst: 5,
        }
    }
}

/// What an answer says about the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Calls left to the whole account.
    pub remaining: u32,
    /// When the quota is filled up again.
    pub reset: Duration,
}

/// How much a call matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Takes from the reserve too, and is not paced.
    Essential,
    /// Waits for its turn, and leaves the reserve alone.
    Optional,
}

/// One worker's part of the quota.
#[derive(Debug)]
pub struct Quota {
    settings: QuotaSettings,
    latest: Option<Reading>,
    /// Where the current measurement of the account's use began.
    measured: (Duration, u32),
    /// Optional calls per second.
    pace: f64,
    /// Optional calls that may start now.
    turns: f64,
    now: Duration,
}

impl Quota {
    /// Nothing is known yet, and nothing refused: the first answer tells.
    pub fn new(settings: QuotaSettings) -> Self {
        Self {
            settings,
            latest: None,
            measured: (Duration::ZERO, 0),
            pace: 0.0,
            turns: settings.burst.into(),
            now: Duration::ZERO,
        }
    }

    /// Takes a call, or says when to come back; sooner if a new reading arrives.
    pub fn start(&mut self, need: Need, now: Duration, random: f64) -> Result<(), Duration> {
        self.pass(now);
        let Some(reading) = self.latest else {
            return Ok(());
        };
        let kept = match need {
            Need::Essential => 0,
            Need::Optional => self.settings.reserve,
        };
        if reading.remaining <= kept {
            return Err(reading.reset + SPREAD.mul_f64(random.clamp(0.0, 1.0)));
        }
        if need == Need::Optional {
            self.take_turn()?;
        }
        // Counted until the next answer tells, so that a burst cannot run past the reserve.
        self.latest = Some(Reading {
            remaining: reading.remaining - 1,
            ..reading
        });
        Ok(())
    }

    /// An answer of the service, at `now`.
    pub fn read(&mut self, reading: Reading, now: Duration) {
        self.pass(now);
        let target = self.target(reading);
        match self.latest {
            Some(latest) if reading.reset <= latest.reset => {
                // Answers overtake each other: the least that was heard is the newest.
                let remaining = reading.remaining.min(latest.remaining);
                self.latest = Some(Reading {
                    remaining,
                    ..reading
                });
                self.adjust(remaining, target);
            }
            _ => {
                self.latest = Some(reading);
                self.measured = (self.now, reading.remaining);
                if self.pace <= 0.0 {
                    self.pace = target * FIRST_SHARE;
                }
            }
        }
        self.pace = self.pace.clamp(target * LEAST_SHARE, target);
    }

    /// Calls left to the whole account, as far as is known.
    pub fn remaining(&self) -> Option<u32> {
        self.latest.map(|reading| reading.remaining)
    }

    /// When the quota is filled up again, as far as is known.
    pub fn resets_at(&self) -> Option<Duration> {
        self.latest.map(|reading| reading.reset)
    }

    /// Optional calls per second that would use up everything but the reserve until the reset.
    fn target(&self, reading: Reading) -> f64 {
        let left = reading.remaining.saturating_sub(self.settings.reserve);
        let time = reading.reset.saturating_sub(self.now).as_secs_f64();
        f64::from(left) / time.max(1.0)
    }

    fn adjust(&mut self, remaining: u32, target: f64) {
        let (since, before) = self.measured;
        let time = self.now.saturating_sub(since);
        if time < MEASURED_OVER {
            return;
        }
        let used = f64::from(before.saturating_sub(remaining)) / time.as_secs_f64();
        let change = if used > 0.0 { target / used } else { STEP.1 };
        self.pace *= change.clamp(STEP.0, STEP.1);
        self.measured = (self.now, remaining);
    }

    fn take_turn(&mut self) -> Result<(), Duration> {
        if self.turns >= 1.0 {
            self.turns -= 1.0;
            return Ok(());
        }
        let wait = Duration::try_from_secs_f64((1.0 - self.turns) / self.pace);
        let reset = self.latest.map_or(Duration::MAX, |reading| reading.reset);
        let moment = wait.map_or(reset, |wait| self.now.saturating_add(wait));
        Err(moment.min(reset).max(self.now + Duration::from_millis(1)))
    }

    /// Lets time pass: turns come, and at the reset all that was known is over.
    fn pass(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.now);
        self.now += passed;
        let turns = self.turns + passed.as_secs_f64() * self.pace;
        self.turns = turns.min(f64::from(self.settings.burst).max(1.0));
        self.latest.take_if(|reading| reading.reset <= self.now);
    }
}

#[cfg(test)]
mod tests;
