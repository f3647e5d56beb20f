//! Asks SQS how many messages there are, for gauges.
//!
//! Every worker asks: workers share nothing but the queue, so there is nobody to elect one, and one
//! call or two per worker and interval cost next to nothing. Nothing else depends on the answers.
//! A value that is too old is taken away, since a queue that seems to stand still misleads.

use std::time::Duration;

use aws_adapters::{QueueDepth, SqsQueue};
use sync_engine::ports::QueueError;
use telemetry::metrics::Reading;
use telemetry::{Metrics, error_chain};

/// The first answers come within this time of the start; a fleet does not ask all at once.
const FIRST_WITHIN: Duration = Duration::from_secs(2);
/// Intervals differ by up to this share, so that workers do not stay in step.
const JITTER: f64 = 0.1;
/// After so many failures in a row, what was told last is too old to show.
const MISSES_MAX: u32 = 3;

/// The two queues and where their depths go.
pub(crate) struct DepthWatch<'a> {
    pub(crate) queue: &'a SqsQueue,
    pub(crate) dead_letters: Option<&'a SqsQueue>,
    pub(crate) metrics: &'a Metrics,
    pub(crate) every: Duration,
}

impl DepthWatch<'_> {
    /// Asks until dropped.
    pub(crate) async fn watch(self) {
        let (mut queue, mut dead_letters) = (Misses(0), Misses(0));
        tokio::time::sleep(FIRST_WITHIN.mul_f64(fastrand::f64())).await;
        loop {
            queue
                .look("queue", self.ask_queue(), &self.metrics.queue_messages)
                .await;
            if let Some(letters) = self.dead_letters {
                let gauge = &self.metrics.dead_letter_queue_messages;
                let ask = self.ask_dead_letters(letters);
                dead_letters.look("dead-letter queue", ask, gauge).await;
            }
            tokio::time::sleep(jittered(self.every, fastrand::f64())).await;
        }
    }

    async fn ask_queue(&self) -> Result<(), QueueError> {
        let QueueDepth {
            visible,
            in_flight,
            delayed,
        } = self.queue.depth().await?;
        let messages = &self.metrics.queue_messages;
        messages.tell(["visible"], gauge(visible));
        messages.tell(["in_flight"], gauge(in_flight));
        messages.tell(["delayed"], gauge(delayed));
        Ok(())
    }

    async fn ask_dead_letters(&self, letters: &SqsQueue) -> Result<(), QueueError> {
        let depth = letters.depth().await?;
        let messages = &self.metrics.dead_letter_queue_messages;
        messages.tell([], gauge(depth.total()));
        Ok(())
    }
}

/// Failures in a row.
struct Misses(u32);

impl Misses {
    async fn look<const N: usize>(
        &mut self,
        what: &'static str,
        ask: impl Future<Output = Result<(), QueueError>>,
        reading: &Reading<N>,
    ) {
        let Err(error) = ask.await else {
            self.0 = 0;
            return;
        };
        self.0 = self.0.saturating_add(1);
        if self.0 == 1 {
            // Once until it works again: a right that is missing stays so for long.
            let error = error_chain(&error);
            tracing::warn!(%error, "No depth of the {what} for the metrics");
        }
        if self.0 >= MISSES_MAX {
            reading.forget();
        }
    }
}

/// An interval that differs from `every` by what `random`, from `0.0..1.0`, says.
fn jittered(every: Duration, random: f64) -> Duration {
    every.mul_f64(1.0 + JITTER * (2.0 * random - 1.0))
}

fn gauge(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use sync_engine::ports::QueueErrorKind;
    use telemetry::BuildInfo;

    use super::*;

    const BUILD: BuildInfo = BuildInfo {
        version: "0",
        commit: "0",
    };

    fn refused() -> Result<(), QueueError> {
        Err(QueueError {
            operation: "GetQueueAttributes",
            kind: QueueErrorKind::Denied,
            source: "not you".into(),
        })
    }

    #[tokio::test]
    async fn a_depth_outlasts_two_failures_and_is_taken_away_after_three() {
        let metrics = Metrics::new(BUILD, 0.0);
        let reading = &metrics.dead_letter_queue_messages;
        let is_shown = || {
            let text = metrics.render();
            text.contains("\ncldsync_dead_letter_queue_messages 4\n")
        };
        let mut misses = Misses(0);
        for _ in 0..2 {
            reading.tell([], 4.0);
            misses.look("queue", ready(Ok(())), reading).await;
            for _ in 1..MISSES_MAX {
                misses.look("queue", ready(refused()), reading).await;
                assert!(is_shown(), "a single failure says little");
            }
        }
        misses.look("queue", ready(refused()), reading).await;
        assert!(!is_shown(), "it is too old");
    }

    #[test]
    fn intervals_differ_by_a_tenth_at_most() {
        let every = Duration::from_mins(1);
        assert_eq!(jittered(every, 0.0), Duration::from_secs(54));
        assert_eq!(jittered(every, 0.5), every);
        assert!(jittered(every, 0.999) < Duration::from_secs(66));
    }
}
