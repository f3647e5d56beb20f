//! What was seen over time, and what follows from it.

use std::fmt;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::SLOTS;
use super::fleet::Fleet;
use super::stage::{Look, Stage};

/// Short beside a call, so that a mean of the looks is the mean of the time.
const ACCOUNT_EVERY: Duration = Duration::from_millis(20);
const WORKERS_EVERY: Duration = Duration::from_millis(500);

/// The limits of the workers at one moment.
pub(super) struct Limits {
    pub(super) seconds: f64,
    pub(super) each: Vec<f64>,
}

/// A part of a run.
pub(super) struct Measured {
    looks: Vec<Look>,
}

/// Looks at the account again and again.
pub(super) async fn account(stage: &Stage, until: &CancellationToken) -> Vec<Look> {
    let mut looks = Vec::new();
    let mut ticks = interval(ACCOUNT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while until.run_until_cancelled(ticks.tick()).await.is_some() {
        looks.push(stage.look());
    }
    looks
}

/// Asks the workers for their limits again and again.
pub(super) async fn workers(
    stage: &Stage,
    fleet: &Fleet,
    until: &CancellationToken,
) -> Vec<Limits> {
    let mut limits = Vec::new();
    let mut ticks = interval(WORKERS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while until.run_until_cancelled(ticks.tick()).await.is_some() {
        let each = fleet.limits().await;
        let seconds = stage.seconds();
        limits.push(Limits { seconds, each });
    }
    limits
}

/// Looks at the account for as long as `part` takes.
pub(super) async fn measure(stage: &Stage, part: impl Future<Output = ()>) -> Measured {
    let over = CancellationToken::new();
    let (looks, ()) = tokio::join!(account(stage, &over), async {
        part.await;
        over.cancel();
    });
    Measured { looks }
}

impl Measured {
    /// The mean share of the slots that were busy.
    pub(super) fn share_used(&self) -> f64 {
        let busy: usize = self.looks.iter().map(|look| look.in_flight).sum();
        ratio(busy as u64, (self.looks.len() * SLOTS) as u64)
    }

    /// The share of the calls that were refused.
    pub(super) fn share_refused(&self) -> f64 {
        let (answered, refused) = self.calls();
        ratio(refused, answered + refused)
    }

    /// Whether the looks came much later than they should have.
    pub(super) fn is_starved(&self) -> bool {
        let (Some(first), Some(last)) = (self.looks.first(), self.looks.last()) else {
            return false;
        };
        let looks = u32::try_from(self.looks.len()).unwrap_or(u32::MAX);
        last.seconds - first.seconds > 1.5 * (ACCOUNT_EVERY * looks).as_secs_f64()
    }

    fn calls(&self) -> (u64, u64) {
        let (Some(first), Some(last)) = (self.looks.first(), self.looks.last()) else {
            return (0, 0);
        };
        (last.answered - first.answered, last.refused - first.refused)
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answered, refused) = self.calls();
        let used = self.share_used();
        let machine = if self.is_starved() { "busy" } else { "idle" };
        write!(
            f,
            "{answered} calls answered, {refused} refused, {used:.3} of the slots used, \
             on a machine that was {machine}"
        )
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    let exact = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    exact(part) / exact(whole.max(1))
}
