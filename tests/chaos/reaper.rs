//! Ends workers, one at a time, with and without a warning, and starts others in their place.

use std::cmp::Ordering;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;

use super::fleet::Fleet;

/// Between the start of a worker and the end of the next.
const LIFE_MS: std::ops::Range<u64> = 2_000..7_000;
/// How long a seat stays empty.
const ABSENCE_MS: std::ops::Range<u64> = 0..2_500;

/// Does it, and counts.
pub(super) struct Reaper<'a> {
    fleet: &'a mut Fleet,
    rng: Rng,
    pub(super) kills: u64,
    pub(super) terms: u64,
}

impl<'a> Reaper<'a> {
    pub(super) fn new(fleet: &'a mut Fleet, seed: u64) -> Self {
        Self {
            fleet,
            rng: Rng::with_seed(seed ^ 0x5EA9),
            kills: 0,
            terms: 0,
        }
    }

    /// Goes on until the time is up; all seats are taken when it returns.
    pub(super) async fn run(&mut self, until: Instant) {
        while Instant::now() < until {
            self.pause(LIFE_MS).await;
            let seat = self.rng.usize(..self.fleet.len());
            if self.kills_next() {
                self.fleet.kill(seat);
                self.kills += 1;
            } else {
                self.fleet.terminate(seat).await;
                self.terms += 1;
            }
            self.pause(ABSENCE_MS).await;
            self.fleet.fill(seat);
        }
    }

    /// In balance, so that a short run has both.
    fn kills_next(&mut self) -> bool {
        match self.kills.cmp(&self.terms) {
            Ordering::Less => true,
            Ordering::Equal => self.rng.bool(),
            Ordering::Greater => false,
        }
    }

    async fn pause(&mut self, milliseconds: std::ops::Range<u64>) {
        let pause = self.rng.u64(milliseconds);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}
