//! Turns what the engine tells into metrics and health. One arm per fact, no decisions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use sync_engine::{Observation, PauseReason, Poll};
use telemetry::{Health, Metrics};
use time::OffsetDateTime;

/// The check that fails while the queue cannot be used.
pub(crate) const QUEUE: &str = "queue";
/// The check that fails while Cloudinary cannot be used.
pub(crate) const CLOUDINARY: &str = "cloudinary";
/// The check that fails while S3 refuses us.
const S3: &str = "s3";
/// The check that fails while S3 refuses Cloudinary.
const SOURCE: &str = "source";
/// The check that fails while the brake on mass deletes holds messages back. The worker works on;
/// being not ready is how it calls for somebody to look.
const DESTROYS: &str = "destroys";

const PAUSED: &str = "paused";
const FULL: &str = "as many messages are held as may be";

/// Where the engine's facts go.
#[derive(Debug)]
pub(crate) struct Recorder {
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    messages_in_flight: usize,
    /// A pause over the queue is on, and what single receives say does not count.
    queue_paused: AtomicBool,
}

impl Recorder {
    /// Records into these; at `messages_in_flight` messages there is nothing to poll for.
    pub(crate) fn new(
        metrics: Arc<Metrics>,
        health: Arc<Health>,
        messages_in_flight: usize,
    ) -> Self {
        metrics
            .messages_in_flight_limit
            .set(gauge(messages_in_flight));
        Self {
            metrics,
            health,
            messages_in_flight,
            queue_paused: AtomicBool::new(false),
        }
    }

    pub(crate) fn record(&self, observation: &Observation) {
        let m = &self.metrics;
        match observation {
            Observation::Polled(poll) => self.polled(*poll),
            Observation::MessagesInFlight(now) => self.in_flight(*now),
            Observation::Held { sent_at } => {
                if let Some(sent_at) = *sent_at {
                    m.oldest_message.held(sent_at.into());
                }
            }
            Observation::LetGo { sent_at } => {
                if let Some(sent_at) = *sent_at {
                    m.oldest_message.let_go(sent_at.into());
                }
            }
            Observation::Traced { span, trace_header } => {
                telemetry::traces::continue_from(span, trace_header);
            }
            Observation::CallsInFlight { now, limit } => {
                m.cloudinary_in_flight.set(gauge(*now));
                m.cloudinary_limit.set(gauge(*limit));
            }
            Observation::Record {
                envelope,
                event,
                outcome,
            } => {
                m.records.with([envelope, event, outcome]).inc();
            }
            Observation::Reconciled {
                action,
                outcome,
                took,
            } => {
                m.reconciles.with([action, outcome]).inc();
                m.reconcile_seconds
                    .with([action])
                    .observe(took.as_secs_f64());
            }
            Observation::Rerun { cause } => m.reconcile_reruns.with([cause.as_str()]).inc(),
            Observation::SizeMismatch => m.size_mismatches.inc(),
            Observation::Converged { event_time } => {
                m.convergence_seconds.observe(seconds_since(*event_time));
            }
            Observation::Throttled { wait } => {
                m.cloudinary_throttle_wait_seconds
                    .observe(wait.as_secs_f64());
            }
            Observation::Deleted(count) => m.messages_deleted.inc_by(counter(*count)),
            Observation::DeleteFailed => m.message_delete_failures.inc(),
            Observation::Released { reason } => m.messages_released.with([reason]).inc(),
            Observation::DeadLettered { reason } => m.messages_dead_lettered.with([reason]).inc(),
            Observation::LeasesExtended(count) => {
                m.lease_extensions.with(["ok"]).inc_by(counter(*count));
            }
            Observation::LeaseExtensionFailed(count) => {
                m.lease_extensions.with(["error"]).inc_by(counter(*count));
            }
            Observation::LeaseLost => m.leases_lost.inc(),
            Observation::Paused { reason, why } => self.paused(*reason, why),
            Observation::Resumed => self.resumed(),
            Observation::DestroysHeld(held) => self.destroys_held(*held),
            Observation::Draining => {
                m.draining.set(1.0);
                self.health.drain_started();
            }
        }
    }

    fn polled(&self, poll: Poll) {
        self.health.poll_completed();
        let outcome = match poll {
            Poll::Messages(count) => {
                self.metrics.messages_received.inc_by(counter(count));
                "messages"
            }
            Poll::Empty => "empty",
            Poll::Failed => "error",
        };
        self.metrics.receives.with([outcome]).inc();
        if self.queue_paused.load(Ordering::Relaxed) {
            return;
        }
        match poll {
            Poll::Messages(_) | Poll::Empty => self.health.pass(QUEUE),
            Poll::Failed => self
                .health
                .fail(QUEUE, "the last receive failed; the log tells why"),
        }
    }

    fn in_flight(&self, now: usize) {
        self.metrics.messages_in_flight.set(gauge(now));
        if now >= self.messages_in_flight {
            self.health.excuse_polls(FULL);
        } else {
            self.health.expect_polls(FULL);
        }
    }

    fn paused(&self, reason: PauseReason, why: &str) {
        let is_queue = reason == PauseReason::Queue;
        self.queue_paused.store(is_queue, Ordering::Relaxed);
        self.metrics.paused.with([reason.as_str()]).set(1.0);
        self.health.excuse_polls(PAUSED);
        self.health.fail(check_of(reason), paused_because(why));
    }

    fn resumed(&self) {
        self.queue_paused.store(false, Ordering::Relaxed);
        for reason in PauseReason::ALL {
            self.metrics.paused.with([reason.as_str()]).set(0.0);
            self.health.pass(check_of(reason));
        }
        self.health.expect_polls(PAUSED);
    }

    fn destroys_held(&self, held: usize) {
        self.metrics.mass_delete_held.set(gauge(held));
        if held == 0 {
            return self.health.pass(DESTROYS);
        }
        let why = format!(
            "{held} deletes wait in the queue, because CLDSYNC_MAX_DESTROYS_PER_MINUTE is reached; \
             uploads go on"
        );
        self.health.fail(DESTROYS, why);
    }
}

/// The words of `/readyz` while access is refused, at the start and later.
pub(crate) fn paused_because(why: &str) -> String {
    format!("paused: {why}")
}

/// How long ago this was by our clock; never negative.
#[expect(clippy::disallowed_methods, reason = "events carry wall-clock times")]
fn seconds_since(event_time: OffsetDateTime) -> f64 {
    let now = OffsetDateTime::from(SystemTime::now());
    (now - event_time).as_seconds_f64().max(0.0)
}

fn check_of(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Library => CLOUDINARY,
        PauseReason::Queue => QUEUE,
        PauseReason::Store => S3,
        PauseReason::Source => SOURCE,
    }
}

fn gauge(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn counter(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use telemetry::BuildInfo;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(90);

    fn recorder() -> Recorder {
        let metrics = Metrics::new(
            BuildInfo {
                version: "0",
                commit: "0",
            },
            0.0,
        );
        Recorder::new(
            Arc::new(metrics),
            Arc::new(Health::new(&[QUEUE], LIMIT)),
            10,
        )
    }

    fn metric(recorder: &Recorder, line: &str) -> bool {
        recorder
            .metrics
            .render()
            .lines()
            .any(|written| written == line)
    }

    #[tokio::test(start_paused = true)]
    async fn polls_are_counted_and_decide_the_queue_check() {
        let recorder = recorder();
        recorder.record(&Observation::Polled(Poll::Messages(7)));
        assert!(metric(&recorder, "cldsync_messages_received_total 7"));
        assert!(recorder.health.readiness().ok);
        recorder.record(&Observation::Polled(Poll::Failed));
        assert!(metric(
            &recorder,
            "cldsync_receives_total{outcome=\"error\"} 1"
        ));
        assert_eq!(recorder.health.readiness().failing, [QUEUE]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_worker_is_not_dead_and_must_poll_again_once_it_is_not_full() {
        let recorder = recorder();
        recorder.record(&Observation::Polled(Poll::Empty));
        recorder.record(&Observation::MessagesInFlight(10));
        tokio::time::advance(LIMIT * 3).await;
        assert!(recorder.health.liveness().ok);
        recorder.record(&Observation::MessagesInFlight(9));
        tokio::time::advance(LIMIT * 3).await;
        assert!(!recorder.health.liveness().ok);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_seen_in_metrics_and_readiness_until_it_ends() {
        let recorder = recorder();
        recorder.record(&Observation::Polled(Poll::Empty));
        recorder.record(&Observation::Paused {
            reason: PauseReason::Library,
            why: "unknown api_key".to_owned(),
        });
        assert!(metric(&recorder, "cldsync_paused{reason=\"cloudinary\"} 1"));
        let readiness = recorder.health.readiness();
        assert_eq!(readiness.failing, [CLOUDINARY]);
        assert_eq!(readiness.checks[CLOUDINARY], "paused: unknown api_key");
        tokio::time::advance(LIMIT * 3).await;
        assert!(recorder.health.liveness().ok, "a restart would not help");
        recorder.record(&Observation::Resumed);
        assert!(metric(&recorder, "cldsync_paused{reason=\"cloudinary\"} 0"));
        assert!(recorder.health.readiness().ok);
    }

    #[tokio::test(start_paused = true)]
    async fn each_reason_to_pause_fails_a_check_of_its_own() {
        let recorder = recorder();
        recorder.record(&Observation::Polled(Poll::Empty));
        for reason in PauseReason::ALL {
            let why = String::new();
            recorder.record(&Observation::Paused { reason, why });
            assert_eq!(recorder.health.readiness().failing, [reason.as_str()]);
            recorder.record(&Observation::Resumed);
            assert!(recorder.health.readiness().ok);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_receives_of_a_paused_worker_do_not_change_why_it_is_not_ready() {
        let recorder = recorder();
        recorder.record(&Observation::Paused {
            reason: PauseReason::Queue,
            why: "not you".to_owned(),
        });
        for poll in [Poll::Failed, Poll::Empty] {
            recorder.record(&Observation::Polled(poll));
            let readiness = recorder.health.readiness();
            assert_eq!(readiness.checks[QUEUE], "paused: not you", "{poll:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn held_destroys_make_the_worker_not_ready_until_none_is_held() {
        let recorder = recorder();
        recorder.record(&Observation::Polled(Poll::Empty));
        recorder.record(&Observation::DestroysHeld(12));
        assert!(metric(&recorder, "cldsync_mass_delete_held 12"));
        assert_eq!(recorder.health.readiness().failing, [DESTROYS]);
        assert!(recorder.health.liveness().ok, "a restart would not help");
        recorder.record(&Observation::DestroysHeld(0));
        assert!(metric(&recorder, "cldsync_mass_delete_held 0"));
        assert!(recorder.health.readiness().ok);
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_message_counts_as_long_as_it_is_held() {
        let recorder = recorder();
        let sent_at = Some(OffsetDateTime::UNIX_EPOCH);
        let is_old = |line: &str| {
            let age = line.strip_prefix("cldsync_oldest_message_age_seconds ");
            age.and_then(|age| age.parse().ok())
                .is_some_and(|age: f64| age > 1e9)
        };
        let has_old = || recorder.metrics.render().lines().any(is_old);
        recorder.record(&Observation::Held { sent_at: None });
        recorder.record(&Observation::Held { sent_at });
        assert!(has_old());
        recorder.record(&Observation::LetGo { sent_at: None });
        assert!(has_old());
        recorder.record(&Observation::LetGo { sent_at });
        assert!(!has_old());
    }

    #[tokio::test(start_paused = true)]
    async fn a_drain_ends_readiness_for_good() {
        let recorder = recorder();
        recorder.record(&Observation::Polled(Poll::Empty));
        recorder.record(&Observation::Draining);
        assert!(metric(&recorder, "cldsync_draining 1"));
        assert_eq!(recorder.health.readiness().failing, ["draining"]);
    }

    #[test]
    fn an_event_from_the_future_converged_at_once() {
        assert!(seconds_since(OffsetDateTime::UNIX_EPOCH) > 1e9);
        let future = OffsetDateTime::UNIX_EPOCH + time::Duration::weeks(52 * 500);
        assert!(seconds_since(future) <= 0.0);
    }
}
